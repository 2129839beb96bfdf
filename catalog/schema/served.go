package schema

import (
	"strings"
)

// ServedPrelude declares AppSync's own scalars. AppSync knows them without a declaration, a GraphQL validator does not: it
// takes this text before that of Served.
const ServedPrelude = `scalar AWSDate
scalar AWSTime
scalar AWSDateTime
scalar AWSTimestamp
scalar AWSEmail
scalar AWSJSON
scalar AWSURL
scalar AWSPhone
scalar AWSIPAddress
`

// The arguments of fields that answer a page.
const (
	pageArguments   = "limit: Int, nextToken: String"
	sortedArguments = "sortDirection: ModelSortDirection, " + pageArguments
)

// Served is the SDL of the API that the catalog answers, shaped as Amplify shapes it: relations to many are connections, and
// type Query has the fields of s.Queries. The directives and the types that only mutations need are not in it.
func (s *Schema) Served() string {
	var w sdl
	w.line("schema {\n  query: Query\n}")
	for _, m := range s.Models {
		w.object(&m.Object)
	}
	for _, o := range s.Objects {
		w.object(o)
	}
	for _, e := range s.Enums {
		w.enum(e)
	}
	w.queries(s.Queries)
	w.enum(&Enum{Name: "ModelSortDirection", Values: []string{"ASC", "DESC"}})
	for _, m := range s.Models {
		w.open("", "type "+m.connection())
		w.line("  items: [" + m.Name + "]!\n  nextToken: String\n}")
	}
	return w.String()
}

// connection is the name of the type that a page of the model's entities has.
func (m *Model) connection() string { return "Model" + upperFirst(m.Name) + "Connection" }

// sdl collects the text, a blank line before each definition but the first.
type sdl struct{ strings.Builder }

func (w *sdl) line(text string) {
	w.WriteString(text)
	w.WriteByte('\n')
}

func (w *sdl) open(description, head string) {
	w.line("")
	w.description("", description)
	w.line(head + " {")
}

func (w *sdl) object(o *Object) {
	w.open(o.Description, "type "+o.Name)
	for _, f := range o.Fields {
		w.field(f.Description, f.served())
	}
	w.line("}")
}

func (w *sdl) enum(e *Enum) {
	w.open(e.Description, "enum "+e.Name)
	for _, value := range e.Values {
		w.line("  " + value)
	}
	w.line("}")
}

func (w *sdl) queries(queries []*Query) {
	w.open("", "type Query")
	for _, q := range queries {
		w.field("", q.served())
	}
	w.line("}")
}

func (w *sdl) field(description, text string) {
	w.description("  ", description)
	w.line("  " + text)
}

// description is a block string: the one form that any text fits in, line breaks and quotes included.
func (w *sdl) description(indent, text string) {
	if text == "" {
		return
	}
	text = strings.ReplaceAll(text, `"""`, `\"""`)
	w.line(indent + `"""`)
	for line := range strings.SplitSeq(text, "\n") {
		w.line(strings.TrimRight(indent+line, " "))
	}
	w.line(indent + `"""`)
}

// served is the field as the API has it. A relation to many answers pages, whatever the file says about nulls.
func (f *Field) served() string {
	if f.Relation != nil && f.Relation.Kind == HasMany {
		return f.Name + "(" + sortedArguments + "): " + f.Relation.Target.connection()
	}
	return f.Name + ": " + f.Type.String()
}

func (q *Query) served() string {
	switch q.Kind {
	case Get:
		keys := make([]string, 0, 1+len(q.Index.Sort))
		for _, f := range q.Index.Fields() {
			keys = append(keys, f.Name+": "+f.Type.Name+"!")
		}
		return q.Name + "(" + strings.Join(keys, ", ") + "): " + q.Model.Name
	case ByIndex:
		p := q.Index.Partition
		return q.Name + "(" + p.Name + ": " + p.Type.Name + "!, " + sortedArguments + "): " + q.Model.connection()
	default:
		return q.Name + "(" + pageArguments + "): " + q.Model.connection()
	}
}

// String is the type as GraphQL writes it.
func (t *Type) String() string {
	text := t.Name
	if t.Elem != nil {
		text = "[" + t.Elem.String() + "]"
	}
	if t.NonNull {
		text += "!"
	}
	return text
}
