package resolver

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// maxTokens is AppSync's own limit of a query's length.
const maxTokens = 15_000

// selection is the fields asked for at one level, by the schema's names. Nil stands for all scalars, where the event does not tell.
type selection struct {
	fields map[string]*selected
	order  []string
}

type selected struct {
	arguments map[string]json.RawMessage
	alias     string // of the first mention, for a message
	nested    *selection
	// hidden: the field stands in a fragment that the event does not carry, so its arguments are not known.
	hidden bool
}

// add is the selected field of this name, new or as it is.
func (s *selection) add(name string) (f *selected, fresh bool) {
	if f = s.fields[name]; f != nil {
		return f, false
	}
	f = &selected{alias: name}
	s.fields[name] = f
	s.order = append(s.order, name)
	return f, true
}

func newSelection() *selection { return &selection{fields: map[string]*selected{}} }

// reader reads an event's selection set: selectionSetGraphQL, which has the arguments, and selectionSetList, which has what stands in named fragments.
type selectionReader struct {
	info  *info
	paths map[string][]string // the names below each path of selectionSetList
	vars  map[string]any
}

// readSelection is the selection of the event's field; nil if the event has none.
func readSelection(i *info, known func(name string) bool) (*selection, error) {
	r := &selectionReader{info: i, paths: paths(i.SelectionSetList)}
	text := strings.TrimSpace(i.SelectionSetGraphQL)
	if text == "" {
		if len(i.SelectionSetList) == 0 {
			return nil, nil //nolint:nilnil // no selection is an answer, not a fault
		}
		return r.fromList(""), nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Name: "selectionSetGraphQL", Input: text}, maxTokens)
	if err != nil || len(document.Operations) != 1 {
		return nil, failf(BadEvent, "the event's selectionSetGraphQL cannot be read: %v", err)
	}
	set := document.Operations[0].SelectionSet
	// Documentation shows the set within the field itself, recorded events show only what is inside.
	if f, ok := wrapped(set, i.FieldName); ok && !known(f.Name) {
		set = f.SelectionSet
	}
	if r.vars, err = decodeVariables(i.Variables); err != nil {
		return nil, err
	}
	s := newSelection()
	return s, r.read(s, set, "")
}

func wrapped(set ast.SelectionSet, field string) (*ast.Field, bool) {
	if len(set) != 1 {
		return nil, false
	}
	f, ok := set[0].(*ast.Field)
	return f, ok && f.Name == field && f.SelectionSet != nil
}

func decodeVariables(raw map[string]json.RawMessage) (map[string]any, error) {
	vars := make(map[string]any, len(raw))
	for name, value := range raw {
		d := json.NewDecoder(bytes.NewReader(value))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			return nil, failf(BadEvent, "the variable $%s cannot be read: %v", name, err)
		}
		vars[name] = v
	}
	return vars, nil
}

// paths groups the list's paths by their parents.
func paths(list []string) map[string][]string {
	children := map[string][]string{}
	for _, path := range list {
		parent, name := "", path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			parent, name = path[:i], path[i+1:]
		}
		children[parent] = append(children[parent], name)
	}
	return children
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// fromList is the selection at a path of selectionSetList. An alias is in it as if it were a field: see resolve.
func (r *selectionReader) fromList(path string) *selection {
	s := newSelection()
	r.addList(s, path)
	return s
}

func (r *selectionReader) addList(s *selection, path string) {
	for _, name := range r.paths[path] {
		f, fresh := s.add(name)
		if fresh {
			f.hidden = true
			if below := join(path, name); r.paths[below] != nil {
				f.nested = r.fromList(below)
			}
		}
	}
}

// read adds a selection set, whose fields stand at a path of selectionSetList.
func (r *selectionReader) read(s *selection, set ast.SelectionSet, path string) error {
	aliases := map[string]bool{}
	spread := false
	for _, item := range set {
		switch item := item.(type) {
		case *ast.Field:
			aliases[item.Alias] = true
			if err := r.readField(s, item, join(path, item.Alias)); err != nil {
				return err
			}
		case *ast.InlineFragment:
			// There are no interfaces and unions, so its type is the level's own.
			if err := r.read(s, item.SelectionSet, path); err != nil {
				return err
			}
		case *ast.FragmentSpread:
			spread = true
		}
	}
	if spread {
		r.addHidden(s, path, aliases)
	}
	return nil
}

// addHidden adds what selectionSetList has at a path beyond what the set itself shows: the fields of named fragments.
func (r *selectionReader) addHidden(s *selection, path string, shown map[string]bool) {
	hidden := newSelection()
	r.addList(hidden, path)
	for _, name := range hidden.order {
		if shown[name] {
			continue
		}
		f, fresh := s.add(name)
		if fresh {
			*f = *hidden.fields[name]
		} else {
			f.nested = merge(f.nested, hidden.fields[name].nested)
		}
	}
}

func (r *selectionReader) readField(s *selection, item *ast.Field, path string) error {
	given := make(map[string]json.RawMessage, len(item.Arguments))
	for _, argument := range item.Arguments {
		value, err := argument.Value.Value(r.vars)
		if err != nil {
			return failf(BadEvent, "the argument %s of %s cannot be read: %v", argument.Name, item.Name, err)
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return failf(BadEvent, "the argument %s of %s cannot be read: %v", argument.Name, item.Name, err)
		}
		if !null(raw) {
			given[argument.Name] = raw
		}
	}
	f, fresh := s.add(item.Name)
	switch {
	case fresh:
		f.arguments, f.alias = given, item.Alias
	case !sameArguments(f.arguments, given):
		return failf(AliasConflict, "%s and %s ask for the field %s with different arguments, and AppSync cannot keep two answers of one field apart: "+
			"ask for them in two queries", f.alias, item.Alias, item.Name)
	}
	if item.SelectionSet == nil {
		return nil
	}
	if f.nested == nil {
		f.nested = newSelection()
	}
	return r.read(f.nested, item.SelectionSet, path)
}

func sameArguments(a, b map[string]json.RawMessage) bool {
	if len(a) != len(b) {
		return false
	}
	for name, raw := range a {
		if !bytes.Equal(raw, b[name]) {
			return false
		}
	}
	return true
}

// merge joins two selections of one field.
func merge(a, b *selection) *selection {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	for _, name := range b.order {
		if f, fresh := a.add(name); fresh {
			*f = *b.fields[name]
		} else {
			f.nested = merge(f.nested, b.fields[name].nested)
		}
	}
	return a
}

// resolve is the fields of an object to write, in the selection's order. A name that is no field is an alias within a hidden fragment: what it stands for is not known, so every
// scalar is written, for a field too many is no fault and a missing one is a wrong null.
func (s *selection) resolve(o *schema.Object) ([]*schema.Field, map[string]*selected, error) {
	if s == nil {
		return scalars(o, nil), nil, nil
	}
	var fields []*schema.Field
	for _, name := range s.order {
		f := o.Field(name)
		switch {
		case f != nil:
			fields = append(fields, f)
		case name == "__typename":
		case s.fields[name].hidden:
			fields = scalars(o, fields)
		default:
			return nil, nil, failf(UnknownField, "the type %s has no field %s in the catalog's schema", o.Name, name)
		}
	}
	return fields, s.fields, nil
}

// scalars adds the stored fields that are not there yet.
func scalars(o *schema.Object, fields []*schema.Field) []*schema.Field {
	have := map[*schema.Field]bool{}
	for _, f := range fields {
		have[f] = true
	}
	for _, f := range o.Stored() {
		if !have[f] {
			fields = append(fields, f)
		}
	}
	return fields
}
