package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestInfraRender prints the template of the sample, and those of other shapes.
func TestInfraRender(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join(root, "infra", "sample.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if stdout, stderr, code := command(t, "infra", "render"); code != 0 || stdout != string(golden) || stderr != "" {
		t.Errorf("code %d, %s; printed is not infra/sample.yaml", code, stderr)
	}
	for _, shape := range []struct {
		args      []string
		has, lack string
	}{
		{[]string{"--api", "source"}, "AWS::AppSync::SourceApiAssociation", "ExistingApiId"},
		{[]string{"--api", "functions"}, "ExistingApiId", "AWS::AppSync::GraphQLApi"},
		{[]string{"--package", "image"}, "SnapStart:", "BuildMethod"},
		{[]string{"--tables"}, "AWS::DynamoDB::Table", "ProgramStreamArn"},
		{[]string{"--vpc"}, "AWS::EC2::VPCEndpoint", "CHUNKASIDE_ANNOUNCE"},
		{[]string{"--cache", "valkeys://cache.example.com:6379/0"}, "CacheSecret", "MOMENTO_API_KEY"},
	} {
		stdout, stderr, code := command(t, append([]string{"infra", "render"}, shape.args...)...)
		if code != 0 || !strings.Contains(stdout, shape.has) || strings.Contains(stdout, shape.lack) {
			t.Errorf("%s: code %d, %s; want %s, and not %s", shape.args, code, stderr, shape.has, shape.lack)
		}
	}
}

// TestInfraRefuses what cannot be deployed, before anything is printed.
func TestInfraRefuses(t *testing.T) {
	reserved := write(t, map[string]string{"c.graphql": "type Show @model { id: ID! } type AWSShow { id: ID } type Other @model { id: ID! show: AWSShow }"})
	clash := write(t, map[string]string{"c.graphql": "type Warmed @model { id: ID! name: String }"})
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--schema", filepath.Join(reserved, "c.graphql")}, 3, "AWSShow"},
		{[]string{"--schema", filepath.Join(clash, "c.graphql")}, 3, "Warmed"},
		{[]string{"--schema", filepath.Join(clash, "none.graphql")}, 2, "none.graphql"},
		{[]string{"--cache", "disk:"}, 2, "--cache"},
		{[]string{"--api", "half"}, 2, "--api"},
	} {
		stdout, stderr, code := command(t, append([]string{"infra", "render"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.says) || stdout != "" && code != 2 {
			t.Errorf("%s: code %d, want %d: %s", c.args, code, c.code, stderr)
		}
	}
}

// TestOperationsCommands: the program knows every command and flag that docs/operations.md tells to type at a deployment, and when an alarm rings.
func TestOperationsCommands(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "\n## Deploy\n")
	deploy, _, _ := strings.Cut(text, "\n## ")
	_, runbook, _ := strings.Cut(text, "\n## When an alarm rings\n")
	found := regexp.MustCompile("(?m)(?:`|^    (?:\\$ )?|^)(?:go run \\./cmd/)?chunkaside (infra|pin|unpin|warm|verify|versions|probe|rollback|schema|gc|diff|inspect)\\b([^`\n>#]*)").FindAllStringSubmatch(deploy+runbook, -1)
	if len(found) < 12 {
		t.Fatalf("found %d commands", len(found))
	}
	for _, m := range found {
		parses(t, m[0], append([]string{m[1]}, strings.Fields(m[2])...))
	}
}
