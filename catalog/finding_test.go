package catalog_test

import (
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
)

func TestFindingTexts(t *testing.T) {
	for want, f := range map[string]catalog.Finding{
		`Episode: 6,991 -> 12 entities, 99.8 % fewer; at most 50 % may go`: {Rule: catalog.RuleShrink, Model: "Episode", Count: 6979, Of: 6991, Limit: 0.5},
		`Episode: 3 entities lack the field title, which the schema says is never null: "a", "b", "c"`: {
			Rule: catalog.RuleMissing, Model: "Episode", Field: "title", Count: 3, Examples: []string{`"a"`, `"b"`, `"c"`}},
		`Episode: 1 entity lacks the field videos.url, which the schema says is never null`:                 {Rule: catalog.RuleMissing, Model: "Episode", Field: "videos.url", Count: 1},
		`Episode: 1 entity has a null in the list videos, which the schema says has none`:                   {Rule: catalog.RuleMissing, Model: "Episode", Field: "videos[]", Count: 1},
		`Episode: 2 entities have a null in the list grid[], which the schema says has none: "a", ...`:      {Rule: catalog.RuleMissing, Model: "Episode", Field: "grid[][]", Count: 2, Examples: []string{`"a"`}},
		`Episode: 1,000 refer by groupId to an EpisodeGroup that is not there: "a" to "g", "b" to "g", ...`: dangling("groupId", "EpisodeGroup", 1000, `"a" to "g"`, `"b" to "g"`),
		`Episode: 1 refers by programId, number to a Season that is not there: "a" to "p", 1`:               dangling("programId, number", "Season", 1, `"a" to "p", 1`),
		`Episode: 1,234,567 entities by the rule new`:                                                       {Rule: "new", Model: "Episode", Count: 1234567},
	} {
		if got := f.String(); got != want {
			t.Errorf("String = %s\n    want %s", got, want)
		}
	}
	refused := catalog.RefusedError{Findings: []catalog.Finding{dangling("a", "B", 1), dangling("c", "D", 2)}}
	if want := "the version is refused: Episode: 1 refers by a to a B that is not there. Episode: 2 refer by c to a D that is not there"; refused.Error() != want {
		t.Errorf("Error = %s\n   want %s", refused.Error(), want)
	}
}

func dangling(field, target string, count int, examples ...string) catalog.Finding {
	return catalog.Finding{Rule: catalog.RuleDangling, Model: "Episode", Field: field, Target: target, Count: count, Examples: examples}
}
