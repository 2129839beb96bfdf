package resolver

import (
	"maps"
	"slices"
	"strings"
)

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
