package oracle

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// What completes a value returns its JSON. It does not stand where it, or what must not be null in it, is null though the schema says "!": then what it stands in is null.

// tokenMark begins what stands for a nextToken, which is opaque: behind it is where the token goes on.
const tokenMark = "nextToken:"

func orNull(text string, stands bool) string {
	if !stands {
		return "null"
	}
	return text
}

// at is a path with one more step. Paths of brothers do not share memory.
func at(path []string, step string) []string { return append(slices.Clip(path), step) }

// object completes a model's record or a nested object.
func (e *evaluator) object(o *schema.Object, values map[string]any, of *selected, path []string) (text string, stands bool) {
	var members []string
	for _, f := range e.collect(of.below) {
		text := quoted(o.Name)
		if f.field.Name != "__typename" {
			if text, stands = e.field(o.Field(f.field.Name), values, f, at(path, f.key)); !stands {
				return "", false
			}
		}
		members = append(members, quoted(f.key)+":"+text)
	}
	return "{" + strings.Join(members, ",") + "}", true
}

// field completes a field of an object: a stored one, or a relation.
func (e *evaluator) field(f *schema.Field, values map[string]any, s *selected, path []string) (text string, stands bool) {
	if f.Relation == nil {
		return e.stored(&f.Type, values[f.Name], s, path)
	}
	arguments := e.arguments(s.field)
	found := e.related(f.Relation, values, arguments)
	if f.Relation.Kind == schema.HasMany {
		return e.connection(f.Relation.Target, e.page(f.Relation.Target, found, arguments, f.Relation.Limit), s, path)
	}
	text, stands = "null", false
	if len(found) > 0 {
		text, stands = e.object(&f.Relation.Target.Object, found[0], s, path)
	} else if f.Type.NonNull {
		e.fault(path)
	}
	if !stands && !f.Type.NonNull {
		return "null", true
	}
	return text, stands
}

// connection completes a page.
func (e *evaluator) connection(m *schema.Model, p page, s *selected, path []string) (text string, stands bool) {
	var members []string
	for _, f := range e.collect(s.below) {
		text := "null"
		switch f.field.Name {
		case "__typename":
			text = quoted("Model" + strings.ToUpper(m.Name[:1]) + m.Name[1:] + "Connection")
		case "items":
			var items []string
			for i, r := range p.records {
				items = append(items, orNull(e.object(&m.Object, r, f, at(at(path, f.key), strconv.Itoa(i)))))
			}
			text = "[" + strings.Join(items, ",") + "]"
		case "nextToken":
			if p.next > 0 {
				text = quoted(tokenMark + strconv.Itoa(p.next))
			}
		}
		members = append(members, quoted(f.key)+":"+text)
	}
	return "{" + strings.Join(members, ",") + "}", true
}

// stored completes a stored value by its type.
func (e *evaluator) stored(t *schema.Type, value any, s *selected, path []string) (text string, stands bool) {
	if value == nil {
		if t.NonNull {
			e.fault(path)
		}
		return "null", !t.NonNull
	}
	switch {
	case t.Elem != nil:
		text, stands = e.list(t.Elem, value.([]any), s, path)
	case t.Kind == schema.Nested:
		text, stands = e.object(t.Object, value.(map[string]any), s, path)
	case t.Kind == schema.JSON:
		text, stands = quoted(compact(value)), true // clients get JSON as text
	default:
		text, stands = compact(value), true
	}
	if !stands && !t.NonNull {
		return "null", true
	}
	return text, stands
}

func (e *evaluator) list(element *schema.Type, values []any, s *selected, path []string) (text string, stands bool) {
	var elements []string
	for i, value := range values {
		text, stands := e.stored(element, value, s, at(path, strconv.Itoa(i)))
		if !stands {
			return "", false
		}
		elements = append(elements, text)
	}
	return "[" + strings.Join(elements, ",") + "]", true
}

func (e *evaluator) fault(path []string) { e.faults = append(e.faults, strings.Join(path, "/")) }

// compact is any value as JSON: the keys of objects sorted by bytes, numbers in their one form.
func compact(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return plain.Canonical(value)
	case string:
		return quoted(value)
	case []any:
		var elements []string
		for _, element := range value {
			elements = append(elements, compact(element))
		}
		return "[" + strings.Join(elements, ",") + "]"
	}
	var members []string
	for name, member := range value.(map[string]any) {
		members = append(members, quoted(name)+":"+compact(member))
	}
	slices.Sort(members) // no name of ours begins another: their order is that of the names
	return "{" + strings.Join(members, ",") + "}"
}

// quoted is a text as JSON, with no more escapes than it needs.
func quoted(text string) string {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
