package resolver

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
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

// readPaths groups the list's paths by their parents.
func (r *selectionReader) readPaths() error {
	if r.paths != nil {
		return nil
	}
	r.paths = map[string][]string{}
	for _, path := range r.info.SelectionSetList {
		if path == "" || path[0] == '/' || path[len(path)-1] == '/' || strings.Contains(path, "//") {
			return failf(BadEvent, "the event's selectionSetList has a path with an empty name: %q", short([]byte(path)))
		}
		parent, name := "", path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			parent, name = path[:i], path[i+1:]
		}
		r.paths[parent] = append(r.paths[parent], name)
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// fromList is the selection at a path of selectionSetList. An alias is in it as if it were a field: see resolve.
// In a named fragment any of its names may be an alias, and all scalars are wanted; else one that is a field is taken for it.
func (r *selectionReader) fromList(path string, fragment bool) *selection {
	s := newSelection()
	s.scalars = fragment
	for _, name := range r.paths[path] {
		if f, fresh := s.add(name); fresh {
			f.hidden = true
			if below := join(path, name); r.paths[below] != nil {
				f.nested = r.fromList(below, fragment)
			}
		}
	}
	return s
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

// addHidden adds the fields of named fragments, when all that is shown is known. A level comes before those below it: a fragment may add to what they show.
func (r *selectionReader) addHidden() error {
	levels := slices.SortedFunc(maps.Values(r.levels), func(a, b *level) int { return strings.Compare(a.path, b.path) })
	for _, l := range levels {
		if !l.hides {
			continue
		}
		if err := r.addHiddenAt(l); err != nil {
			return err
		}
	}
	return nil
}

// addHiddenAt adds what selectionSetList has at a path beyond what the set itself shows.
func (r *selectionReader) addHiddenAt(l *level) error {
	if err := r.readPaths(); err != nil {
		return err
	}
	l.s.scalars = true
	for _, name := range r.paths[l.path] {
		below := join(l.path, name)
		if l.shown[name] {
			if deeper := r.levels[below]; deeper != nil {
				deeper.hides = true
			}
			continue
		}
		var nested *selection
		if r.paths[below] != nil {
			nested = r.fromList(below, true)
		}
		f, fresh := l.s.add(name)
		switch {
		case fresh:
			f.hidden, f.nested = true, nested
		case len(f.arguments) > 0:
			return failf(AliasConflict, "%s and a named fragment both ask for the field %s, one with arguments that the other may not have, and AppSync cannot keep two answers of one "+
				"field apart: ask for them in two queries", f.alias, name)
		default:
			f.also = merge(f.also, nested, &r.effort)
		}
	}
	return nil
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

// effort counts the names that are looked at to find out what named fragments hide. Planning heeds no deadline, and a short query whose fragments spread each other may stand for any number of them.
type effort int

// maxEffort is about a fifth of a second. A front end's page takes some hundreds, the largest plan without named fragments not a fiftieth of it.
const maxEffort = 1_000_000

func (e effort) spent() bool { return e > maxEffort }

// clash is a field, at any level of two selections of one field, that a shows with arguments and b has from a named fragment, which may not have them; nil for none.
func clash(a, b *selection, e *effort) *selected {
	if a == nil || b == nil || e.spent() {
		return nil
	}
	*e += effort(len(b.order))
	for _, name := range b.order {
		shown, hidden := a.fields[name], b.fields[name]
		if shown == nil {
			continue
		}
		if len(shown.arguments) > 0 && hidden.hidden {
			return shown
		}
		if found := clash(shown.nested, hidden.nested, e); found != nil {
			return found
		}
	}
	return nil
}

// merge joins two selections of one field, into a new one. Once the effort is spent it joins no more: then the query is refused.
func merge(a, b *selection, e *effort) *selection {
	if a == nil || e.spent() {
		return b
	}
	if b == nil {
		return a
	}
	*e += effort(len(a.order) + len(b.order))
	joined := newSelection()
	joined.scalars = a.scalars || b.scalars
	for _, s := range []*selection{a, b} {
		for _, name := range s.order {
			f, fresh := joined.add(name)
			if fresh {
				*f = *s.fields[name]
			} else {
				f.nested = merge(f.nested, s.fields[name].nested, e)
				f.also = merge(f.also, s.fields[name].also, e)
				f.hidden = f.hidden && s.fields[name].hidden
			}
		}
	}
	return joined
}
