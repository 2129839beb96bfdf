package appsync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// TestSelectionText prints selections that stand as they are to be printed, then looks whether what was printed parses alike.
func TestSelectionText(t *testing.T) {
	const want = `{
  a
  b: a(x: [1, [$v, null]], y: {k: "é\n", l: {m: E}}) @include(if: $v) @skip(if: false) {
    ...f @skip(if: true)
    ... @include(if: true) {
      c
    }
    ... on T {
      c(s: "", f: -1.50e3)
    }
  }
}`
	text := want
	for range 2 {
		document, err := parser.ParseQuery(&ast.Source{Input: "{ root " + text + " }"})
		if err != nil {
			t.Fatal(err)
		}
		text = selectionText([]*ast.Field{document.Operations[0].SelectionSet[0].(*ast.Field)})
		if diff := cmp.Diff(want, text); diff != "" {
			t.Fatalf("selectionText (-want +got):\n%s", diff)
		}
	}
	if got := selectionText([]*ast.Field{{Name: "leaf"}}); got != "" {
		t.Errorf("selectionText of a leaf = %q, want none", got)
	}
}
