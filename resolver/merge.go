package resolver

import (
	"bytes"
	"encoding/json"
)

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
