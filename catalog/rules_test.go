package catalog_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

func TestActions(t *testing.T) {
	if action := catalog.Action(0); action != catalog.Report {
		t.Errorf("the default is %v", action)
	}
	for action, text := range map[catalog.Action]string{catalog.Report: "report", catalog.Refuse: "refuse", catalog.Ignore: "ignore"} {
		var read catalog.Action
		if err := read.UnmarshalText([]byte(text)); err != nil || read != action || action.String() != text {
			t.Errorf("%q is read as %v, %v, and written as %q", text, read, err, action)
		}
	}
	read := catalog.Refuse
	if err := read.UnmarshalText([]byte("Report")); err == nil || read != catalog.Refuse || err.Error() != `"Report" is no action: give report, refuse or ignore` {
		t.Errorf("of an unknown text: %v, %v", read, err)
	}
	if text := catalog.Action(7).String(); text != "Action(7)" {
		t.Errorf("an unknown action is %q", text)
	}
}

func TestRulesCheck(t *testing.T) {
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		rules catalog.Rules
		want  string
	}{
		{catalog.Rules{}, ""},
		{catalog.Rules{Minimum: map[string]int{"Show": 1, "Episode": 0}, MaxShrink: 1, MaxGrowth: 20, MaxChange: -1, Dangling: catalog.Ignore}, ""},
		{catalog.Rules{Minimum: map[string]int{"Show": 1, "Shows": 1}}, "a minimum for Shows: the schema has no such model"},
		{catalog.Rules{Minimum: map[string]int{"Show": -1}}, "a minimum of -1 for Show: it cannot be negative"},
		{catalog.Rules{MaxShrink: 50}, "a MaxShrink of 50: give a share, 0.5 is half"},
		{catalog.Rules{MaxChange: 1.5}, "a MaxChange of 1.5: give a share, 0.5 is half"},
		{catalog.Rules{MaxGrowth: math.NaN()}, "a MaxGrowth of NaN: give a share, 0.5 is half"},
		{catalog.Rules{MaxGrowth: math.Inf(1)}, "a MaxGrowth of +Inf: give a share, 0.5 is half"},
		{catalog.Rules{Missing: 3}, "Action(3) is no action"},
		{catalog.Rules{Dangling: 4}, "Action(4) is no action"},
	} {
		text := ""
		if err := test.rules.Check(s); err != nil {
			text = err.Error()
		}
		if text != test.want {
			t.Errorf("Check of %+v: %q, want %q", test.rules, text, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	rules := catalog.Rules{Minimum: map[string]int{"Show": 1}, MaxShrink: 0.1, MaxGrowth: 0.2, MaxChange: 0.3, Missing: catalog.Refuse}
	want := rules
	want.Dangling = catalog.Ignore
	if diff := cmp.Diff(want, rules.Refusals()); diff != "" {
		t.Errorf("Refusals (-want +got):\n%s", diff)
	}
	if got := (catalog.Rules{Dangling: catalog.Refuse}).Refusals(); got.Missing != catalog.Ignore || got.Dangling != catalog.Refuse {
		t.Errorf("Refusals: %+v", got)
	}
}
