package appsync

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// completer turns the handler's answer to one root field into the client's: along the plan, appending to one buffer. A value
// that turns out to be null after part of it was written is cut off again.
type completer struct {
	answer *outline
	out    []byte
	path   []pathStep
	faults []any
}

// pathStep is a response key, or a list's index if the key is "".
type pathStep struct {
	key   string
	index int
}

// value completes the answer's value n, of type t, and reports whether it stands. If not, it would be null where t or something below
// does not allow it: nothing was appended, the fault is noted, and the parent is to become null.
func (c *completer) value(s *selection, t *ast.Type, parent string, n int) bool {
	if isNull(c.answer.value(n)) {
		if t.NonNull {
			c.fault("Cannot return null for non-nullable type: '%s' within parent '%s' (%s)", nullable(t), parent, c.place())
			return false
		}
		c.out = append(c.out, "null"...)
		return true
	}
	mark := len(c.out)
	if c.present(s, t, parent, n) {
		return true
	}
	c.out = c.out[:mark]
	if !t.NonNull {
		c.out = append(c.out, "null"...)
	}
	return !t.NonNull
}

// present completes a value that is not null.
func (c *completer) present(s *selection, t *ast.Type, parent string, n int) bool {
	switch {
	case t.Elem != nil:
		return c.list(s, t, parent, n)
	case s.definition.IsLeafType():
		return c.leaf(s.definition, c.answer.value(n))
	}
	return c.object(s, n)
}

func (c *completer) list(s *selection, t *ast.Type, parent string, n int) bool {
	if c.answer.value(n).Kind() != '[' {
		return c.misshapen("LIST")
	}
	stands := true
	c.out = append(c.out, '[')
	extents := c.answer.extents
	for i, element := 0, n+1; stands && element < extents[n].next; i, element = i+1, extents[element].next {
		c.out = separate(c.out)
		c.path = append(c.path, pathStep{index: i})
		stands = c.value(s, t.Elem, parent, element)
		c.path = c.path[:len(c.path)-1]
	}
	c.out = append(c.out, ']')
	return stands
}

func (c *completer) object(s *selection, n int) bool {
	if c.answer.value(n).Kind() != '{' {
		return c.misshapen("OBJECT")
	}
	stands := true
	c.out = append(c.out, '{')
	for _, field := range s.fields {
		c.out = append(separate(c.out), field.label...)
		if stands = c.field(field, s.definition, n); !stands {
			break
		}
	}
	c.out = append(c.out, '}')
	return stands
}

// field completes one field of the object n. The handler's objects are keyed by the names of the schema: aliases are AppSync's.
func (c *completer) field(s *selection, parent *ast.Definition, n int) bool {
	if s.field.Name == "__typename" {
		c.out = appendQuoted(c.out, parent.Name)
		return true
	}
	c.path = append(c.path, pathStep{key: s.key})
	stands := c.value(s, s.field.Definition.Type, parent.Name, c.answer.member(n, s.field.Name))
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
	path := make([]any, len(c.path))
	for i, step := range c.path {
		if path[i] = step.key; step.key == "" {
			path[i] = step.index
		}
	}
	c.faults = append(c.faults, &fault{Path: path, Message: fmt.Sprintf(message, args...)})
}

// place is the current path as AppSync writes it into messages: /listPosts/items[3]/title.
func (c *completer) place() string {
	var text strings.Builder
	for _, step := range c.path {
		if step.key == "" {
			fmt.Fprintf(&text, "[%d]", step.index)
		} else {
			text.WriteString("/" + step.key)
		}
	}
	return text.String()
}

// nullable is the type's text without its last exclamation mark.
func nullable(t *ast.Type) string { return strings.TrimSuffix(t.String(), "!") }
