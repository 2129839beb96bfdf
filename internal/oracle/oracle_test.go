// Package oracle holds whole queries against a plain evaluator: the same schema, records and query must give the same JSON from both.
//
// The evaluator is slow and simple: maps, and slices that are sorted. It takes the schema's structure from catalog/schema, and nothing else of ours: how records are read,
// compared, ordered, filtered and completed is written here a second time, from docs/format.md and the README. These files are it: evaluate_test.go (a query), complete_test.go (values
// as clients get them), read_test.go (which records), order_test.go, condition_test.go, filter_test.go, value_test.go.
//
// What is compared is drawn at random: drawschema_test.go (SDL), drawrecords_test.go, drawquery_test.go, drawargument_test.go, from the values in pools_test.go. corpus_test.go has queries
// as people write them, with their answers.
//
// A list without a partition has no order in AppSync, and ties of a sort key neither. Here they are held to the order that docs/format.md gives them, which is stricter: it stays the same.
package oracle

import (
	"testing"

	"pgregory.net/rapid"
)

// TestQueriesAgree answers random queries on random catalogs by the resolver behind the local AppSync, and by the evaluator. CONTRIBUTING.md says how to run more of them.
func TestQueriesAgree(t *testing.T) {
	var tally tally
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		agree(t, c, startLocal(t, c), &tally)
	})
	tally.check(t)
}

// failer is what ends a case: a test, or rapid's.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// agree asks each query of a case, page by page, and compares the answers.
func agree(t failer, c drawnCase, p program, counts *tally) {
	t.Helper()
	e := newEvaluator(t, c)
	for _, q := range c.queries {
		if !q.valid {
			counts.invalid++
			continue
		}
		counts.queries++
		for page, after := 0, any(nil); ; page++ {
			q.variables["after"] = after
			after = agreeOnce(t, c, e, p, q, counts)
			if after == nil {
				break
			}
			if page > 500 {
				t.Fatalf("%s\nhas no last page", q.text)
			}
		}
	}
}

// agreeOnce compares one answer. It returns the token of the page that follows, nil after the last.
func agreeOnce(t failer, c drawnCase, e *evaluator, p program, q drawnQuery, counts *tally) any {
	t.Helper()
	got, calls := p.ask(t, q.text, q.variables)
	e.refused = refused(got)
	want := e.answer(q.text, q.variables)
	counts.add(want, len(e.refused))
	if err := e.compare(got, want); err != nil {
		t.Fatalf("%v\n%squery     %s\nvariables %s\n got %s\nwant %s", err, c, q.text, written(q.variables), got, want)
	}
	for _, call := range calls {
		if err := e.covers(q, call, want); err != nil {
			t.Fatalf("%v\n%squery     %s\nvariables %s\nevent     %s\nanswer    %s\nwant      %s", err, c, q.text, written(q.variables), call.event, call.answer, want)
		}
	}
	return q.next(got)
}
