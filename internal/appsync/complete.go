package appsync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// completer turns the handler's answer to one root field into the client's: along the plan, appending to one buffer. A value
// that turns out to be null after part of it was written is cut off again.
type completer struct {
	schema *ast.Schema
	out    []byte
	path   []any // response keys and list indexes
	faults []any
	found  []member // a stack: the members of the objects being completed, innermost last
}

// member is a field of the handler's object.
type member struct{ name, value jsontext.Value }

// value completes one value of type t and reports whether it stands. If not, it would be null where t or something below
// does not allow it: nothing was appended, the fault is noted, and the parent is to become null.
func (c *completer) value(s *selection, t *ast.Type, parent string, raw jsontext.Value) bool {
	if isNull(raw) {
		if t.NonNull {
			c.fault("Cannot return null for non-nullable type: '%s' within parent '%s' (%s)", nullable(t), parent, c.place())
			return false
		}
		c.out = append(c.out, "null"...)
		return true
	}
	mark := len(c.out)
	if c.present(s, t, parent, raw) {
		return true
	}
	c.out = c.out[:mark]
	if !t.NonNull {
		c.out = append(c.out, "null"...)
	}
	return !t.NonNull
}

// present completes a value that is not null.
func (c *completer) present(s *selection, t *ast.Type, parent string, raw jsontext.Value) bool {
	if t.Elem != nil {
		return c.list(s, t, parent, raw)
	}
	definition := c.schema.Types[t.NamedType]
	if definition.IsLeafType() {
		return c.leaf(definition, raw)
	}
	return c.object(s, definition, raw)
}

func (c *completer) list(s *selection, t *ast.Type, parent string, raw jsontext.Value) bool {
	if raw.Kind() != '[' {
		return c.misshapen("LIST")
	}
	stands, i := true, 0
	c.out = append(c.out, '[')
	scan(raw, func(_, element jsontext.Value) bool {
		c.out = separate(c.out)
		c.path = append(c.path, i)
		stands = c.value(s, t.Elem, parent, element)
		c.path = c.path[:len(c.path)-1]
		i++
		return stands
	})
	c.out = append(c.out, ']')
	return stands
}

func (c *completer) object(s *selection, definition *ast.Definition, raw jsontext.Value) bool {
	if raw.Kind() != '{' {
		return c.misshapen("OBJECT")
	}
	base := len(c.found)
	scan(raw, func(name, value jsontext.Value) bool {
		c.found = append(c.found, member{name, value})
		return true
	})
	stands := true
	c.out = append(c.out, '{')
	for _, field := range s.fields {
		c.out = appendName(c.out, field.key)
		if stands = c.field(field, definition, c.found[base:]); !stands {
			break
		}
	}
	c.out = append(c.out, '}')
	c.found = c.found[:base]
	return stands
}

// field completes one field of an object. The handler's objects are keyed by the names of the schema: aliases are AppSync's.
func (c *completer) field(s *selection, parent *ast.Definition, members []member) bool {
	if s.field.Name == "__typename" {
		c.out = appendQuoted(c.out, parent.Name)
		return true
	}
	var raw jsontext.Value
	for _, m := range members {
		if named(m.name, s.field.Name) {
			raw = m.value // no break: of two members with one name the last counts
		}
	}
	c.path = append(c.path, s.key)
	stands := c.value(s, s.field.Definition.Type, parent.Name, raw)
	c.path = c.path[:len(c.path)-1]
	return stands
}

func (c *completer) leaf(definition *ast.Definition, raw jsontext.Value) bool {
	out, ok := appendLeaf(c.out, definition, raw)
	if !ok {
		c.fault("Can't serialize value (%s) : Expected type '%s' but was '%s'.", c.place(), definition.Name, kindName(raw))
		return false
	}
	c.out = out
	return true
}

func (c *completer) misshapen(want string) bool {
	c.fault("Can't resolve value (%s) : type mismatch error, expected type %s", c.place(), want)
	return false
}

// fault notes an error at the current path.
func (c *completer) fault(message string, args ...any) {
	c.faults = append(c.faults, &fault{Path: slices.Clone(c.path), Message: fmt.Sprintf(message, args...)})
}

// place is the current path as AppSync writes it into messages: /listPosts/items[3]/title.
func (c *completer) place() string {
	var text strings.Builder
	for _, step := range c.path {
		switch step := step.(type) {
		case string:
			text.WriteString("/" + step)
		case int:
			fmt.Fprintf(&text, "[%d]", step)
		}
	}
	return text.String()
}

// nullable is the type's text without its last exclamation mark.
func nullable(t *ast.Type) string { return strings.TrimSuffix(t.String(), "!") }
