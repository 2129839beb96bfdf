package resolver_test

import (
	"testing"

	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestLiterals: values in the text of a nested field's arguments mean what they mean in a root field's.
func TestLiterals(t *testing.T) {
	r := newResolver(t, `
type A @model { id: ID! bs: [B] @hasMany }
type B @model { id: ID! score: Float levels: [Level] title: String }
enum Level { LOW HIGH }`, storetest.Tables{
		"A": {`{"id":"a"}`},
		"B": {
			`{"id":"1","score":12345678901234567.25,"levels":[],"title":"x","aBsId":"a"}`,
			`{"id":"2","score":12345678901234567.5,"levels":["LOW"],"aBsId":"a"}`,
			`{"id":"3","score":100000000000000000000,"levels":null,"title":null,"aBsId":"a"}`,
		},
	}, nil)
	for _, test := range []struct{ filter, variables, want string }{
		{`{ score: { eq: 12345678901234567.25 } }`, "{}", `[{"id":"1"}]`},
		{`{ score: { ge: 100000000000000000000 } }`, "{}", `[{"id":"3"}]`},
		{`{ levels: { eq: [] } }`, "{}", `[{"id":"1"}]`},
		{`{ levels: { eq: null } }`, "{}", `[{"id":"3"}]`},
		{`{ levels: { eq: [LOW] } }`, "{}", `[{"id":"2"}]`},
		{`{ levels: { eq: [$level] } }`, `{"level":"LOW"}`, `[{"id":"2"}]`},
		{`{ title: { eq: $title } }`, `{"title":null}`, `[{"id":"3"}]`},
		{`{ title: { eq: $title } }`, "{}", `[{"id":"1"},{"id":"2"},{"id":"3"}]`},
	} {
		got := invoke(t, r, event("getA", `{"id":"a"}`, "{ bs(filter: "+test.filter+") { items { id } } }", test.variables))
		if want := `{"bs":{"items":` + test.want + `}}`; got != want {
			t.Errorf("%s with %s:\n got %s\nwant %s", test.filter, test.variables, got, want)
		}
	}
}
