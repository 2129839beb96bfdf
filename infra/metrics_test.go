package infra_test

import (
	"encoding/json"
	"go/ast"
	"regexp"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/infra"
)

// written are the names of the metrics that the functions write: those in the telemetry's code, and one for each type of error.
func written(t testing.TB) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, file := range source(t, "cmd/internal/telemetry", false) {
		ast.Inspect(file, func(n ast.Node) bool {
			made, ok := n.(*ast.CompositeLit)
			if !ok || len(made.Elts) != 2 {
				return true
			}
			name, isText := made.Elts[0].(*ast.BasicLit)
			if kind, ok := made.Type.(*ast.Ident); ok && kind.Name == "metric" && isText {
				names[strings.Trim(name.Value, `"`)] = true
			}
			return true
		})
	}
	if len(names) < 20 {
		t.Fatalf("found %d metrics in the code", len(names))
	}
	for _, folder := range []string{"resolver", "warmer"} {
		errors := 0
		for path, file := range source(t, folder, false) {
			if !strings.HasSuffix(path, "error.go") {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.ValueSpec); ok && len(s.Values) == 1 {
					if value, ok := s.Values[0].(*ast.BasicLit); ok && value.Value == `"`+s.Names[0].Name+`"` {
						names[s.Names[0].Name] = true
						errors++
					}
				}
				return true
			})
		}
		if errors < 5 {
			t.Fatalf("found %d types of errors in %s", errors, folder)
		}
	}
	return names
}

// dashboard is a dashboard's body.
type dashboard struct {
	Widgets []struct {
		Type                string
		X, Y, Width, Height int
		Properties          struct {
			Title, Markdown, Query string
			Alarms                 []string
			Metrics                [][]any
		}
	}
}

func (d document) dashboard(t testing.TB) (body dashboard) {
	t.Helper()
	raw := text(d.ofType("AWS::CloudWatch::Dashboard")["Dashboard"], "DashboardBody", "Fn::Sub")
	// CloudFormation replaces what is left of numbers before CloudWatch sees it.
	raw = regexp.MustCompile(`("value":)\$\{\w+\}`).ReplaceAllString(raw, "${1}1")
	if err := json.Unmarshal([]byte(raw), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// TestMetrics: alarms and dashboard look at metrics that the functions write, by the dimensions that these have.
func TestMetrics(t *testing.T) {
	known := written(t)
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		seen := 0
		check := func(where, namespace, name string, dimensions map[string]string) {
			if namespace != "chunkaside" {
				return
			}
			seen++
			if !known[name] {
				t.Errorf("%s: no function writes %s", where, name)
			}
			function, ok := strings.CutPrefix(dimensions["service"], "${AWS::StackName}-")
			if !ok || function != "resolver" && function != "warmer" || dimensions["catalog"] != "${Catalog}" || len(dimensions) != 2 {
				t.Errorf("%s: %s has the dimensions %v", where, name, dimensions)
			}
		}
		for name, a := range d.ofType("AWS::CloudWatch::Alarm") {
			for _, q := range list(a, "Metrics") {
				dimensions := map[string]string{}
				for _, pair := range list(q, "MetricStat", "Metric", "Dimensions") {
					dimensions[text(pair, "Name")] = text(pair, "Value", "Fn::Sub")
				}
				check(name, text(q, "MetricStat", "Metric", "Namespace"), text(q, "MetricStat", "Metric", "MetricName"), dimensions)
			}
		}
		for _, w := range d.dashboard(t).Widgets {
			for _, m := range w.Properties.Metrics {
				dimensions := map[string]string{}
				for i := 2; i+1 < len(m); i += 2 {
					dimensions[m[i].(string)] = m[i+1].(string)
				}
				if len(m) > 2 {
					check(w.Properties.Title, m[0].(string), m[1].(string), dimensions)
				}
			}
		}
		if seen < 50 {
			t.Errorf("%d uses of our metrics", seen)
		}
		for function, name := range map[string]string{"Resolver": "resolver", "Warmer": "warmer"} {
			if got := text(d.Resources[function], "Properties", "Environment", "Variables", "POWERTOOLS_SERVICE_NAME", "Fn::Sub"); got != "${AWS::StackName}-"+name {
				t.Errorf("%s writes metrics as %s", function, got)
			}
		}
	})
}

// TestExpressions: an expression names entries of its own alarm or graph, in words that CloudWatch takes for identifiers, and exactly one value is compared.
func TestExpressions(t *testing.T) {
	identifier := regexp.MustCompile(`^[a-z]\w*$`)
	words := regexp.MustCompile(`\b[a-z]\w*\b`)
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		for name, a := range d.ofType("AWS::CloudWatch::Alarm") {
			ids, shown, metrics := map[string]bool{}, 0, 0
			for _, q := range list(a, "Metrics") {
				ids[text(q, "Id")] = true
				if !identifier.MatchString(text(q, "Id")) {
					t.Errorf("%s: the identifier %s", name, text(q, "Id"))
				}
				if text(q, "ReturnData") == "" {
					shown++
				}
				if at(q, "MetricStat") != nil {
					metrics++
				}
			}
			for _, q := range list(a, "Metrics") {
				expression := text(q, "Expression", "Fn::Sub") + text(q, "Expression")
				for _, id := range words.FindAllString(placeholder.ReplaceAllString(expression, "1"), -1) {
					if !ids[id] {
						t.Errorf("%s: %s names %s", name, expression, id)
					}
				}
			}
			if len(ids) > 0 && (shown != 1 || metrics > 10) {
				t.Errorf("%s compares %d values of %d metrics; an alarm has one, of at most ten", name, shown, metrics)
			}
		}
	})
}

// TestDashboard: no widget lies over another, none has an empty graph, and every alarm that tells somebody is there.
func TestDashboard(t *testing.T) {
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		taken, body := map[[2]int]string{}, d.dashboard(t)
		rings := map[string]bool{}
		for _, w := range body.Widgets {
			for x := w.X; x < w.X+w.Width; x++ {
				for y := w.Y; y < w.Y+w.Height; y++ {
					if taken[[2]int{x, y}] != "" || x >= 24 {
						t.Fatalf("%s lies over %s, or out of the page", w.Properties.Title, taken[[2]int{x, y}])
					}
					taken[[2]int{x, y}] = w.Properties.Title + "."
				}
			}
			if w.Type == "metric" && len(w.Properties.Metrics) == 0 {
				t.Errorf("%s has no lines", w.Properties.Title)
			}
			for _, alarm := range w.Properties.Alarms {
				rings[strings.TrimSuffix(strings.TrimPrefix(alarm, "${"), ".Arn}")] = true
			}
		}
		for name, r := range d.Resources {
			if tells := at(r, "Properties", "AlarmActions") != nil; tells != rings[name] {
				t.Errorf("%s tells somebody: %v; it is on the dashboard: %v", name, tells, rings[name])
			}
		}
	})
}
