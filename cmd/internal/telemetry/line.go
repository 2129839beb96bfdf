package telemetry

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// header is what all lines of metrics have in common: JSON, ready to be written.
type header struct {
	// metrics is the directive up to its list of metrics, dimensions the members it names.
	metrics, dimensions string
	// level is the "level" of a line; "" for none.
	level string
}

// newHeader reads the namespace and the two dimensions, the service and the catalog.
func newHeader(service string, getenv func(string) string) header {
	namespace := cmp.Or(getenv("POWERTOOLS_METRICS_NAMESPACE"), "chunkaside")
	return header{
		metrics:    `,"CloudWatchMetrics":[{"Namespace":` + quote(namespace) + `,"Dimensions":[["service","catalog"]],"Metrics":[`,
		dimensions: `]}]},"service":` + quote(service) + `,"catalog":` + quote(cmp.Or(getenv("CHUNKASIDE_CATALOG"), "catalog")),
		level:      passing(getenv("AWS_LAMBDA_LOG_LEVEL")),
	}
}

// passing is a level that Lambda lets through. It takes a line without one for INFO, and would throw away the metrics where less is to be logged.
func passing(lambda string) string {
	level, known := levels[strings.ToUpper(lambda)]
	switch {
	case lambda == "":
		return ""
	case !known || level < slog.LevelInfo:
		return "INFO"
	}
	return strings.ToUpper(lambda)
}

func quote(text string) string {
	quoted, _ := json.Marshal(text) // a string cannot fail
	return string(quoted)
}

// line is a line of metrics in the making. It names what it has and nothing else: the format wants a value for each name.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type line struct{ names, values []byte }

func (l *line) name(m metric) {
	if len(l.names) > 0 {
		l.names = append(l.names, ',')
	}
	l.names = append(l.names, `{"Name":"`...)
	l.names = append(l.names, m.name...)
	l.names = append(l.names, `","Unit":"`...)
	l.names = append(l.names, m.unit...)
	l.names = append(l.names, `"}`...)
	l.values = append(l.values, `,"`...)
	l.values = append(l.values, m.name...)
	l.values = append(l.values, `":`...)
}

// add adds a value that is not 0.
func (l *line) add(m metric, value int64) {
	if value == 0 {
		return
	}
	l.name(m)
	l.values = strconv.AppendInt(l.values, value, 10)
}

// addAll adds several values of one metric, of which CloudWatch makes percentiles.
func (l *line) addAll(m metric, values []float64) {
	if len(values) == 0 {
		return
	}
	l.name(m)
	for i, value := range values {
		l.values = append(l.values, "[,"[min(i, 1)])
		l.values = strconv.AppendFloat(l.values, value, 'f', 3, 64)
	}
	l.values = append(l.values, ']')
}

// addAge adds a time in seconds; that of a version that another clock has announced in a moment is 0.
func (l *line) addAge(m metric, age time.Duration) {
	l.name(m)
	l.values = strconv.AppendFloat(l.values, max(age, 0).Seconds(), 'f', 3, 64)
}

// end is the whole line.
func (l *line) end(h header, i invocation, now time.Time) []byte {
	out := make([]byte, 0, 512+len(l.names)+len(l.values))
	out = append(out, `{"_aws":{"Timestamp":`...)
	out = strconv.AppendInt(out, now.UnixMilli(), 10)
	out = append(out, h.metrics...)
	out = append(out, l.names...)
	out = append(out, h.dimensions...)
	if h.level != "" {
		out = append(out, `,"level":"`+h.level+`","timestamp":"`...)
		out = now.UTC().AppendFormat(out, milliseconds)
		out = append(out, '"')
	}
	if i.request != "" {
		out = append(out, `,"function_request_id":`+quote(i.request)...)
	}
	out = append(out, l.values...)
	return append(out, "}\n"...)
}
