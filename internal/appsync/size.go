package appsync

import "github.com/vektah/gqlparser/v2/ast"

const (
	// maxLevel bounds what stands on one level of the answer: fields, fragments and spreads, before those with one key are merged.
	// The validator compares each with each of the same key: 14,000 times "id" took it nine seconds and 2.2 GB, 2,000 a fifth of one.
	maxLevel = 2_000
	// maxNodes bounds all levels of all operations and fragments of a document.
	maxNodes = 10 * maxFields
)

// sizer counts what a document asks for before it is validated: the validator has no limits and heeds no deadline.
type sizer struct {
	fragments map[string]*ast.FragmentDefinition
	nodes     int
}

// oversized refuses a document that would take the validator too long.
func oversized(document *ast.QueryDocument) *fault {
	s := sizer{fragments: make(map[string]*ast.FragmentDefinition, len(document.Fragments))}
	for _, f := range document.Fragments {
		s.fragments[f.Name] = f
	}
	// Fragments that nobody spreads are validated too.
	for _, f := range document.Fragments {
		if fault := s.level(1, f.SelectionSet); fault != nil {
			return fault
		}
	}
	for _, op := range document.Operations {
		if fault := s.level(1, op.SelectionSet); fault != nil {
			return fault
		}
	}
	return nil
}

// level counts the selection sets that are merged into one level of the answer, then the levels below, as the planner merges them.
// Levels deeper than the planner takes are left to it, and so to the validator is a fragment that spreads itself.
func (s *sizer) level(depth int, sets ...ast.SelectionSet) *fault {
	if depth > maxDepth {
		return nil
	}
	l := levelSize{sizer: s, below: map[string][]ast.SelectionSet{}, spread: map[string]bool{}}
	for _, set := range sets {
		if fault := l.collect(set); fault != nil {
			return fault
		}
	}
	for _, key := range l.keys {
		if fault := s.level(depth+1, l.below[key]...); fault != nil {
			return fault
		}
	}
	return nil
}

// levelSize is one level while it is counted.
type levelSize struct {
	*sizer
	nodes  int
	keys   []string                      // of fields that have fields, in the order of the query
	below  map[string][]ast.SelectionSet // by key
	spread map[string]bool               // fragments that are in already
}

func (l *levelSize) collect(set ast.SelectionSet) *fault {
	for _, s := range set {
		l.nodes++
		l.sizer.nodes++
		switch {
		case l.nodes > maxLevel:
			return faultAt(s.GetPosition(), "The query has more than %d fields and fragments on one level.", maxLevel)
		case l.sizer.nodes > maxNodes:
			return faultAt(s.GetPosition(), "The query has more than %d fields and fragments on all levels.", maxNodes)
		}
		var inner ast.SelectionSet
		switch s := s.(type) {
		case *ast.Field:
			if len(s.SelectionSet) > 0 {
				if l.below[s.Alias] == nil {
					l.keys = append(l.keys, s.Alias)
				}
				l.below[s.Alias] = append(l.below[s.Alias], s.SelectionSet)
			}
		case *ast.InlineFragment:
			inner = s.SelectionSet
		case *ast.FragmentSpread:
			if f := l.fragments[s.Name]; f != nil && !l.spread[s.Name] {
				l.spread[s.Name] = true
				inner = f.SelectionSet
			}
		}
		if fault := l.collect(inner); fault != nil {
			return fault
		}
	}
	return nil
}
