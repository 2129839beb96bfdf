package appsync_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestOversized sends queries within the limit of tokens that would keep the validator busy for seconds, each by another way to put
// many fields on one level.
func TestOversized(t *testing.T) {
	program := func(selection string) string { return "{ getProgram(id: 1) { " + selection + " } }" }
	numbered := func(n int, format string) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, format, i)
		}
		return text.String()
	}
	const level = "more than 2000 fields and fragments on one level"
	for _, test := range []struct{ name, query, want string }{
		{"one field, often", program(strings.Repeat("id ", 14_000)), level},
		{"one more than may be", program(strings.Repeat("id ", 2_001)), level},
		{"as many as may be", program(strings.Repeat("id ", 2_000)), `{"data":{"getProgram":null}}`},
		{"below fields with one key", program(strings.Repeat("groups { items { "+strings.Repeat("id ", 30)+"} } ", 350)), level},
		{"inline fragments", program(strings.Repeat("... on Program { id } ", 2_400)), level},
		{"many fragments", program(numbered(1_600, "...f%d ")) + numbered(1_600, " fragment f%d on Program { id }"), level},
		{"a chain of fragments", program("...f0") + chain(1_400), level},
		{"in a fragment that nobody spreads", program("id") + " fragment f on Program { " + strings.Repeat("id ", 2_001) + "}", level},
		{"fragments that multiply", fragments(14), "more than 100000 fields and fragments on all levels"},
		{"many operations", "query q { __typename }" + numbered(700, " query q%d { ...f }") + " fragment f on Query { " + strings.Repeat("__typename ", 500) + "}",
			"more than 100000 fields and fragments on all levels"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{}
			if got := run(t, newServer(t, f, nil), test.query, ""); !strings.Contains(got, test.want) {
				t.Errorf("answer:\n got %.300s\nwant %s", got, test.want)
			}
		})
	}
}

// chain is fragments that each spread the next.
func chain(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " fragment f%d on Program { id ...f%d }", i, i+1)
	}
	return text.String() + fmt.Sprintf(" fragment f%d on Program { id }", n)
}
