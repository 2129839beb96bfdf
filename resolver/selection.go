package resolver

import (
	"encoding/json"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxTokens is AppSync's own limit of a query's length.
const maxTokens = 15_000

// maxArguments is the most bytes that all arguments within a selection set have. A variable stands in an event once, but a query may use it a thousand times.
const maxArguments = 1_000_000

// selection is the fields asked for at one level, by the schema's names. Nil stands for all scalars, where the event does not tell.
type selection struct {
	fields map[string]*selected
	order  []string
	// scalars: every scalar is to be written, for a named fragment may hide any of them under an alias.
	scalars bool
}

type selected struct {
	arguments map[string]json.RawMessage
	alias     string // of the first mention, for a message
	nested    *selection
	// also is what a named fragment has below an alias with this field's name: it may be of the field, or of another.
	also *selection
	// hidden: the name stands in a fragment that the event does not carry. It may be an alias, and its arguments are not known.
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

// selectionReader reads an event's selection set: selectionSetGraphQL, which has the arguments, and selectionSetList, which has what stands in named fragments. Most queries need neither the
// list nor variables here, so both are read when they are first asked for.
type selectionReader struct {
	info   *info
	paths  map[string][]string // the names below each path of selectionSetList
	vars   map[string]any
	effort effort
	given  int // bytes of arguments so far
	// levels are those that the set shows, by their paths: a field that stands twice has one.
	levels map[string]*level
}

// level is what the set shows of the fields at a path.
type level struct {
	path  string
	s     *selection
	shown map[string]bool // the aliases
	hides bool            // it has named fragments, whose fields it does not show
}

// readSelection is the selection of the event's field; nil if the event has none.
func readSelection(i *info, known func(name string) bool) (*selection, error) {
	r := &selectionReader{info: i, levels: map[string]*level{}}
	text := strings.TrimSpace(i.SelectionSetGraphQL)
	if text == "" {
		if len(i.SelectionSetList) == 0 {
			return nil, nil //nolint:nilnil // no selection is an answer, not a fault
		}
		if err := r.readPaths(); err != nil {
			return nil, err
		}
		return r.fromList("", false), nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Name: "selectionSetGraphQL", Input: text}, maxTokens)
	if err != nil {
		return nil, failf(BadEvent, "the event's selectionSetGraphQL cannot be read: %v", err)
	}
	if len(document.Operations) != 1 || len(document.Fragments) > 0 {
		return nil, failf(BadEvent, "the event's selectionSetGraphQL is not one selection set")
	}
	set := document.Operations[0].SelectionSet
	// Documentation shows the set within the field itself, recorded events show only what is inside.
	if f, ok := wrapped(set, i.FieldName); ok && !known(f.Name) {
		set = f.SelectionSet
	}
	s := newSelection()
	if err := r.level(s, set, ""); err != nil {
		return nil, err
	}
	return s, r.addHidden()
}

func wrapped(set ast.SelectionSet, field string) (*ast.Field, bool) {
	if len(set) != 1 {
		return nil, false
	}
	f, ok := set[0].(*ast.Field)
	return f, ok && f.Name == field && f.SelectionSet != nil
}

func (r *selectionReader) readVariables() error {
	if r.vars != nil {
		return nil
	}
	r.vars = make(map[string]any, len(r.info.Variables))
	for name, raw := range r.info.Variables {
		value, err := decodeValue(raw)
		if err != nil {
			return failf(BadEvent, "the variable $%s cannot be read: %v", name, err)
		}
		r.vars[name] = value
	}
	return nil
}

// level reads a selection set whose fields stand at a path of selectionSetList.
func (r *selectionReader) level(s *selection, set ast.SelectionSet, path string) error {
	l := r.levels[path]
	if l == nil {
		l = &level{path: path, s: s, shown: map[string]bool{}}
		r.levels[path] = l
	}
	return r.read(l, set)
}

// read adds a selection set to a level.
func (r *selectionReader) read(l *level, set ast.SelectionSet) (err error) {
	for _, item := range set {
		switch item := item.(type) {
		case *ast.Field:
			err = r.readField(l, item)
		case *ast.InlineFragment:
			err = r.readFragment(l, item)
		case *ast.FragmentSpread:
			l.hides = true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readFragment reads an inline fragment. There are no interfaces and unions, so its type is the level's own.
func (r *selectionReader) readFragment(l *level, item *ast.InlineFragment) error {
	in, err := r.included(item.Directives)
	if !in || err != nil {
		return err
	}
	return r.read(l, item.SelectionSet)
}

func (r *selectionReader) readField(l *level, item *ast.Field) error {
	in, err := r.included(item.Directives)
	if !in || err != nil {
		return err // a named fragment may have it, though this field is not in
	}
	l.shown[item.Alias] = true
	given, err := r.arguments(item)
	if err != nil {
		return err
	}
	f, fresh := l.s.add(item.Name)
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
	return r.level(f.nested, item.SelectionSet, join(l.path, item.Alias))
}

// arguments are those given to a field, but for null ones; nil for none.
func (r *selectionReader) arguments(item *ast.Field) (given map[string]json.RawMessage, err error) {
	if len(item.Arguments) == 0 {
		return nil, nil //nolint:nilnil // no arguments are no fault
	}
	if err := r.readVariables(); err != nil {
		return nil, err
	}
	given = make(map[string]json.RawMessage, len(item.Arguments))
	for _, argument := range item.Arguments {
		value, _ := r.literal(argument.Value)
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, failf(BadEvent, "the argument %s of %s cannot be read: %v", argument.Name, item.Name, err)
		}
		if r.given += len(raw); r.given > maxArguments {
			return nil, failf(QueryTooLarge, "the arguments of nested fields have more than %d bytes: ask for less at once", maxArguments)
		}
		if !null(raw) {
			given[argument.Name] = raw
		}
	}
	return given, nil
}
