package infra_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/infra"
)

// TestRunbooks: each alarm names what to do, under a heading of docs/operations.md, and no such heading is left over.
func TestRunbooks(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, runbook, _ := strings.Cut(string(data), "\n## When an alarm rings\n")
	runbook, _, _ = strings.Cut(runbook, "\n## ")
	headings := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(runbook, -1) {
		headings[m[1]] = false
	}
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"} {
			for name, a := range d.ofType(kind) {
				described := text(a, "AlarmDescription") + text(a, "AlarmDescription", "Fn::Sub")
				_, heading, _ := strings.Cut(described, "Runbook: docs/operations.md, ")
				heading = strings.TrimSuffix(heading, ".")
				if _, there := headings[heading]; !there {
					t.Errorf("%s: docs/operations.md has no heading %q", name, heading)
				}
				headings[heading] = true
				if kind == "AWS::CloudWatch::CompositeAlarm" && strings.Count(text(a, "AlarmRule", "Fn::Sub"), "ALARM(") < 2 {
					t.Errorf("%s combines less than two alarms", name)
				}
			}
		}
	})
	for heading, used := range headings {
		if !used {
			t.Errorf("no alarm leads to the heading %q", heading)
		}
	}
}
