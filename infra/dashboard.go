package infra

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// row is a line of the dashboard: widgets beside each other, as wide as there is room.
type row struct {
	title, text string
	widgets     []widget
}

// widget is a graph, a number, or a list.
type widget struct {
	title string
	lines []query
	// whole: one number for 28 days, in place of a graph.
	whole bool
	// stacked puts the lines on top of each other.
	stacked bool
	// limit draws a line at a value, such as ${LatencyTarget}, with the name limitName.
	limit, limitName string
}

// The dashboard is 24 columns wide.
const (
	columns    = 24
	headHeight = 2
	height     = 6
)

// Dashboard is CloudWatch's body of a dashboard, a text of Fn::Sub.
func (d *deployment) Dashboard() (string, error) {
	var widgets []map[string]any
	y := 0
	place := func(kind string, x, width, high int, properties map[string]any) {
		widgets = append(widgets, map[string]any{"type": kind, "x": x, "y": y, "width": width, "height": high, "properties": properties})
	}
	place("alarm", 0, columns, 3, map[string]any{"title": "What rings", "alarms": d.notifying(), "sortBy": "stateUpdatedTimestamp"})
	y += 3
	for _, r := range d.rows() {
		place("text", 0, columns, headHeight, map[string]any{"markdown": "## " + r.title + "\n" + r.text})
		y += headHeight
		width := columns / len(r.widgets)
		for i, w := range r.widgets {
			place("metric", i*width, width, height, w.properties())
		}
		y += height
	}
	place("log", 0, columns, height, map[string]any{
		"title": "The last errors", "region": "${AWS::Region}", "view": "table",
		"query": "SOURCE '${ResolverLog}' | SOURCE '${WarmerLog}' | fields @timestamp, service, message, type, cause | filter level = 'ERROR' | sort @timestamp desc | limit 50",
	})
	return write(widgets)
}

// write puts each widget, and each line of a graph, on a line of its own.
func write(widgets []map[string]any) (string, error) {
	texts := make([]string, 0, len(widgets))
	for _, w := range widgets {
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(w); err != nil {
			return "", err
		}
		text := quotedNumber.ReplaceAllString(strings.TrimSpace(body.String()), "${1}${2}")
		texts = append(texts, strings.NewReplacer(`"metrics":[[`, "\"metrics\":[\n    [", "],[", "],\n    [").Replace(text))
	}
	return "{\"widgets\": [\n  " + strings.Join(texts, ",\n  ") + "\n]}\n", nil
}

// quotedNumber is where a number stands, which may be a parameter still.
var quotedNumber = regexp.MustCompile(`("value":)"([^"]+)"`)

// notifying are the alarms that tell somebody.
func (d *deployment) notifying() []string {
	var all []string
	for _, c := range d.Composites() {
		all = append(all, "${"+c.Name+".Arn}")
	}
	for _, a := range d.Alarms() {
		if a.Urgency != "" {
			all = append(all, "${"+a.Name+".Arn}")
		}
	}
	return all
}

// properties are the widget's, as CloudWatch reads them.
func (w widget) properties() map[string]any {
	p := map[string]any{"title": w.title, "region": "${AWS::Region}", "stacked": w.stacked, "view": "timeSeries", "metrics": lines(w.lines)}
	if w.whole {
		p["view"], p["setPeriodToTimeRange"], p["start"], p["end"] = "singleValue", true, "-P28D", "P0D"
	} else {
		p["yAxis"] = map[string]any{"left": map[string]any{"min": 0}}
	}
	if w.limit != "" {
		p["annotations"] = map[string]any{"horizontal": []any{map[string]any{"label": w.limitName, "value": w.limit}}}
	}
	return p
}

// lines are CloudWatch's arrays, in which a metric's dimensions follow its name.
func lines(queries []query) (all [][]any) {
	for i, q := range queries {
		options := map[string]any{"id": q.ID, "visible": q.Shown}
		if q.ID == "" {
			options["id"] = fmt.Sprintf("line%d", i)
		}
		if q.Label != "" {
			options["label"] = q.Label
		}
		if q.Expression != "" {
			options["expression"] = q.Expression
			all = append(all, []any{options})
			continue
		}
		line := []any{q.Metric.Namespace, q.Metric.Name}
		for _, d := range q.Metric.Dimensions {
			line = append(line, d.Name, d.Value)
		}
		options["stat"] = q.Statistic
		all = append(all, append(line, options))
	}
	return all
}
