package appsync

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// inputs has what the served schema of a catalog does not have: lists, input objects and AppSync's scalars as arguments.
const inputs = `
type Query {
  q(f: Filter, l: [[Int!]], s: [String!]!= ["x"], d: AWSDate, j: AWSJSON, t: AWSTimestamp, x: Float, b: Boolean, e: [Color], id: ID): String
}
input Filter { a: Int! = 3, b: [String!], and: [Filter!], color: Color = RED, must: ID! }
enum Color { RED GREEN }
`

func TestCoerce(t *testing.T) {
	served, err := gqlparser.LoadSchema(&ast.Source{Input: schema.ServedPrelude}, &ast.Source{Input: inputs})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{schema: served}
	for _, test := range []struct{ query, variables, want string }{
		{`{ q }`, `{}`, `{"s":["x"]}`},
		{`{ q(s: "a", l: 1) }`, `{}`, `{"l":[[1]],"s":["a"]}`},
		{`{ q(s: [], l: [[1, 2], null, []], e: [RED, null]) }`, `{}`, `{"l":[[1,2],null,[]],"s":[],"e":["RED",null]}`},
		{`query($i: Int!, $n: [Int!], $o: Int) { q(l: [[$i], $n, $n]) }`, `{"i":1}`, `{"l":[[1],null,null],"s":["x"]}`},
		{`query($l: [[Int!]]) { q(l: $l) }`, `{"l":[[1,2],null,3]}`, `{"l":[[1,2],null,[3]],"s":["x"]}`},
		{`query($l: [[Int!]]) { q(l: $l) }`, `{"l":[[null]]}`, `null for the non-null type 'Int!'`},
		{`query($c: [Color] = [GREEN]) { q(e: $c) }`, `{}`, `{"s":["x"],"e":["GREEN"]}`},
		{`{ q(f: {must: 1}) }`, `{}`, `{"f":{"a":3,"color":"RED","must":"1"},"s":["x"]}`},
		{`query($m: ID!, $b: [String!]) { q(f: {color: null, must: $m, b: $b, and: {must: "z"}}) }`, `{"m":"m"}`,
			`{"f":{"a":3,"and":[{"a":3,"color":"RED","must":"z"}],"color":null,"must":"m"},"s":["x"]}`},
		{`query($f: Filter) { q(f: $f) }`, `{"f":{"must":"m","b":"one","and":[{"must":2,"a":5}]}}`,
			`{"f":{"a":3,"b":["one"],"and":[{"a":5,"color":"RED","must":"2"}],"color":"RED","must":"m"},"s":["x"]}`},
		{`query($f: Filter) { q(f: $f) }`, `{"f":{}}`, `field 'must' of 'Filter' is required`},
		{`query($f: Filter) { q(f: $f) }`, `{"f":{"must":"m","nope":1}}`, `'Filter' has no field 'nope'`},
		{`query($f: Filter) { q(f: $f) }`, `{"f":{"must":"m","and":[{"must":"m","a":"x"}]}}`, `field 'and': field 'a': expected type 'Int' but was 'String'`},
		{`query($f: Filter) { q(f: $f) }`, `{"f":[]}`, `expected type 'Filter' but was 'List'`},
		{`{ q(d: "2020-01-01", j: "{ \"a\" : [1.0] }", t: 9007199254740993, x: 1.10, b: false, id: "i") }`, `{}`,
			`{"s":["x"],"d":"2020-01-01","j":{"a":[1.0]},"t":9007199254740993,"x":1.10,"b":false,"id":"i"}`},
		{`{ q(d: 5) }`, `{}`, `argument 'd' of 'q': expected type 'AWSDate' but was 'Number'`},
		{`{ q(d: FIVE) }`, `{}`, `expected type 'AWSDate' but was 'FIVE'`},
		{`query($j: AWSJSON = "{\"a\":1}") { q(j: $j) }`, `{}`, `{"s":["x"],"j":{"a":1}}`},
		{`query($j: AWSJSON = "{") { q(j: $j) }`, `{}`, `Variable 'j' has an invalid default value: the text is no JSON`},
		{`query($i: Int! = 3) { q(l: [[$i]]) }`, `{}`, `{"l":[[3]],"s":["x"]}`},
		{`query($i: Int! = 3) { q(l: [[$i]]) }`, `{"i":null}`, `Variable 'i' has coerced Null value for NonNull type 'Int!'`},
		{`{ q(l: [[-2147483648.0, 2147483647.0, 2e9]]) }`, `{}`, `{"l":[[-2147483648,2147483647,2000000000]],"s":["x"]}`},
		{`{ q(l: [[-2147483649.0]]) }`, `{}`, `expected a value of type 'Int' but it was '-2147483649.0'`},
		{`{ q(l: [[2147483648.0]]) }`, `{}`, `expected a value of type 'Int' but it was '2147483648.0'`},
		{`{ q(t: 9007199254740992.0) }`, `{}`, `expected a value of type 'AWSTimestamp'`},
		{`{ q(j: "{") }`, `{}`, `the text is no JSON`},
		{`{ q(t: 1.5) }`, `{}`, `expected a value of type 'AWSTimestamp' but it was '1.5'`},
		{`query($x: Float) { q(x: $x) }`, `{"x":1e999}`, `expected type 'Float' but was 'Number'`},
		{`query($x: Float) { q(x: $x) }`, `{"x":12345678901234567890.10}`, `{"s":["x"],"x":12345678901234567890.10}`},
		{`query($b: Boolean) { q(b: $b) }`, `{"b":"true"}`, `expected type 'Boolean' but was 'String'`},
		{`query($i: ID) { q(id: $i) }`, `{"i":true}`, `expected type 'ID' but was 'Boolean'`},
		{`query($s: [String!]!) { q(s: $s) }`, `{"s":{}}`, `expected type 'String' but was 'Object'`},
	} {
		got := coerced(t, s, test.query, test.variables)
		if got != test.want && (strings.HasPrefix(test.want, "{") || !strings.Contains(got, test.want)) {
			t.Errorf("%s with %s:\n got %s\nwant %s", test.query, test.variables, got, test.want)
		}
	}
}

// coerced are the arguments of a query's first field as JSON, or the message of the error.
func coerced(t *testing.T, s *server, query, variables string) string {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatal(err)
	}
	validator.Walk(s.schema, document, &validator.Events{}) // resolves the definitions, and lets more through than the rules do
	request, refused := parseRequest([]byte(`{"query":"x","variables":` + variables + `}`))
	if refused != nil {
		t.Fatal(refused.message)
	}
	op := document.Operations[0]
	c, fault := s.variables(op, request.variables)
	if fault != nil {
		return fault.Message
	}
	roots, fault := c.plan(op)
	if fault != nil {
		return fault.Message
	}
	arguments := newObject()
	for _, a := range roots[0].arguments {
		arguments.set(a.name, a.value)
	}
	return string(arguments.end())
}
