package oracle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// queryDrawing draws one query.
type queryDrawing struct {
	*rapid.T
	values values
	schema *schema.Schema
	served *ast.Schema

	variables []variable
	fragments []fragment
	// given are the arguments of a field by the path of names that leads to it: one field has one answer, whatever its aliases.
	given map[string]string
	// keys are the fields that response keys stand for, by the path of keys.
	keys map[string]string
	// records are those of the catalog. likely is one of them while the arguments of a root field are drawn, so that they find something.
	records map[string][]string
	likely  record
	// paged is the path of the list that is read page by page.
	paged []string
}

// fragment is a named fragment. It has no arguments: AppSync does not hand them to the resolver, see README.md, "Limits".
type fragment struct{ name, on, text string }

// place is where a selection set stands.
type place struct {
	names, keys string // the paths of names and of response keys
	depth       int    // how many levels of objects may follow
	bare        bool   // within a named fragment
}

func (p place) below(name, key string) place {
	return place{p.names + "/" + name, p.keys + "/" + key, p.depth - 1, p.bare}
}

var allRules = rules.NewDefaultRules()

func drawQuery(t *rapid.T, c drawnCase, served *ast.Schema) drawnQuery {
	d := &queryDrawing{T: t, values: c.values, schema: c.schema, served: served, records: c.records, given: map[string]string{}, keys: map[string]string{}}
	if chance(t, 3, "fragments") {
		for i := range rapid.IntRange(1, 2).Draw(t, "fragments") {
			d.drawFragment(i)
		}
	}
	var roots []string
	for i := range rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "roots") {
		roots = append(roots, d.root(i))
	}
	q := drawnQuery{text: "{ " + strings.Join(roots, " ") + " }", variables: map[string]any{}, paged: d.paged}
	for _, f := range slices.Backward(d.fragments) { // one may stand in those behind it
		if strings.Contains(q.text, "..."+f.name) {
			q.hides = true
			q.text += fmt.Sprintf("\nfragment %s on %s %s", f.name, f.on, f.text)
		}
	}
	d.declare(&q)
	q.valid = d.valid(q)
	return q
}

// valid says whether a query is sound. Only of fragments, which are drawn by themselves, may fields not go together.
func (d *queryDrawing) valid(q drawnQuery) bool {
	document, err := parser.ParseQuery(&ast.Source{Input: q.text})
	if err != nil {
		d.Fatalf("%v\n%s", err, q.text)
	}
	broken := validator.ValidateWithRules(d.served, document, allRules)
	for _, rule := range broken {
		if rule.Rule != "OverlappingFieldsCanBeMerged" || !q.hides {
			d.Fatalf("%v\n%s", rule, q.text)
		}
	}
	return len(broken) == 0
}

// declare writes the head of a query, with the variables that it has.
func (d *queryDrawing) declare(q *drawnQuery) {
	var list []string
	for _, v := range d.variables {
		if !regexp.MustCompile(`\$` + v.name + `\b`).MatchString(q.text) {
			continue // of a part that was dropped
		}
		list = append(list, v.declaration())
		if v.given {
			q.variables[v.name] = v.value
		}
	}
	if len(list) > 0 {
		q.text = "query Drawn(" + strings.Join(list, ", ") + ") " + q.text
	}
}

// drawFragment draws a named fragment on a type that queries can reach.
func (d *queryDrawing) drawFragment(i int) {
	m := rapid.SampledFrom(d.schema.Models).Draw(d.T, "fragment on")
	on := d.served.Types[m.Name]
	if chance(d.T, 4, "on a page") {
		on = d.served.Types["Model"+strings.ToUpper(m.Name[:1])+m.Name[1:]+"Connection"]
	}
	f := fragment{name: fmt.Sprint("Part", i), on: on.Name}
	f.text = d.set(on, place{f.name, f.name, 3, true})
	d.fragments = append(d.fragments, f)
}

// root draws a field of Query.
func (d *queryDrawing) root(i int) string {
	if chance(d.T, 20, "typename") {
		return "__typename"
	}
	q := rapid.SampledFrom(d.schema.Queries).Draw(d.T, "query")
	f := d.served.Query.Fields.ForName(q.Name)
	key := fmt.Sprint("root", i)
	at := place{key, key, 4, false}
	paged := d.paged == nil && chance(d.T, 3, "paged")
	alone := paged && q.Kind == schema.Get
	if paged && q.Kind != schema.Get {
		d.paged = []string{key, "after"}
	}
	if lines := d.records[q.Model.Name]; len(lines) > 0 && !chance(d.T, 4, "unlikely") {
		d.likely = decode(rapid.SampledFrom(lines).Draw(d.T, "likely"))
	}
	arguments := d.arguments(f, q.Kind == schema.List, paged && !alone)
	d.likely = nil
	set := d.set(d.served.Types[f.Type.Name()], at)
	switch {
	case alone:
		set = d.pagedBelow(q.Model, at, set)
	case paged:
		set = strings.TrimSuffix(set, "}") + "after: nextToken }"
	}
	return key + ": " + q.Name + arguments + " " + set
}

// pagedBelow adds a list of one record that is read page by page.
func (d *queryDrawing) pagedBelow(m *schema.Model, at place, set string) string {
	for _, f := range m.Fields {
		if f.Relation == nil || f.Relation.Kind != schema.HasMany || d.given[at.names+"/"+f.Name] != "" || strings.Contains(set, f.Name) {
			continue
		}
		d.paged = []string{at.keys, "paged", "after"}
		definition := d.served.Types[m.Name].Fields.ForName(f.Name)
		below := at.below(f.Name, "paged")
		arguments := d.arguments(definition, false, true)
		inner := d.set(d.served.Types[definition.Type.Name()], below)
		return strings.TrimSuffix(set, "}") + "paged: " + f.Name + arguments + " " + strings.TrimSuffix(inner, "}") + "after: nextToken } }"
	}
	return set
}

// set draws a selection set.
func (d *queryDrawing) set(on *ast.Definition, at place) string {
	var parts []string
	for range rapid.IntRange(1, 4).Draw(d.T, "parts") {
		parts = append(parts, d.part(on, at))
	}
	if items := on.Fields.ForName("items"); items != nil && !chance(d.T, 10, "no items") {
		parts = append(parts, d.field(on, items, at))
	}
	text := strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
	if text == "" || at.bare { // an object of which @skip leaves nothing looks like a scalar, where only selectionSetList tells of it
		text += " __typename"
	}
	return "{ " + text + " }"
}

// parts are what a selection set is made of. rapid draws the first ones more often.
var parts = []string{"field", "field", "field", "field", "field", "field", "spread", "spread", "typename", "inline", "untyped"}

// part draws one part of a selection set, "" where there is none such.
func (d *queryDrawing) part(on *ast.Definition, at place) string {
	switch rapid.SampledFrom(parts).Draw(d.T, "part") {
	case "typename":
		return "__typename" + d.directives()
	case "inline":
		return "... on " + on.Name + d.directives() + " " + d.set(on, at)
	case "untyped":
		return "..." + d.directives() + " " + d.set(on, at)
	case "spread":
		for _, f := range d.fragments {
			if f.on == on.Name {
				return "..." + f.name + d.directives()
			}
		}
	}
	return d.field(on, rapid.SampledFrom(withoutIntrospection(on.Fields)).Draw(d.T, "field"), at)
}

func withoutIntrospection(fields ast.FieldList) ast.FieldList {
	return slices.DeleteFunc(slices.Clone(fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}

// field draws a field, "" where it stands too deep.
func (d *queryDrawing) field(on *ast.Definition, f *ast.FieldDefinition, at place) string {
	definition := d.served.Types[f.Type.Name()]
	object := definition.Kind == ast.Object
	if object && at.depth == 0 {
		return ""
	}
	key := d.key(on, f, at)
	if key == "" {
		return ""
	}
	text := f.Name
	if key != f.Name {
		text = key + ": " + f.Name
	}
	below := at.below(f.Name, key)
	if len(f.Arguments) > 0 && !at.bare {
		if _, drawn := d.given[below.names]; !drawn {
			d.given[below.names] = d.arguments(f, false, false)
		}
		text += d.given[below.names]
	}
	text += d.directives()
	if object {
		text += " " + d.set(definition, below)
	}
	return text
}

// key draws a field's response key: its name, an alias, or the name of another field. "" is that the key stands for another field already.
func (d *queryDrawing) key(on *ast.Definition, f *ast.FieldDefinition, at place) string {
	key := f.Name
	switch rapid.IntRange(0, 7).Draw(d.T, "alias") {
	case 7:
		key = "x" + f.Name
	case 6:
		key = "y" + f.Name
	case 5:
		if at.bare && d.served.Types[f.Type.Name()].Kind == ast.Object {
			break // the resolver, which knows of a named fragment the names alone, takes it for that field
		}
		key = rapid.SampledFrom(withoutIntrospection(on.Fields)).Draw(d.T, "alias").Name
	}
	path := at.keys + "/" + key
	if taken := d.keys[path]; taken != "" && taken != f.Name {
		return ""
	}
	d.keys[path] = f.Name
	return key
}

// directives draws @skip and @include.
func (d *queryDrawing) directives() string {
	if !chance(d.T, 8, "directive") {
		return ""
	}
	name := rapid.SampledFrom([]string{"skip", "include"}).Draw(d.T, "directive")
	var value literal = drawnBool(rapid.Bool().Draw(d.T, "if"))
	if chance(d.T, 2, "by variable") {
		value = d.variable("Boolean!", value)
	}
	return fmt.Sprintf(" @%s(if: %s)", name, value.text())
}
