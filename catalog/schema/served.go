package schema

import (
	"slices"
	"strings"
)

// ServedPrelude declares AppSync's own scalars and directives. AppSync knows them without a declaration, a GraphQL validator does not: it
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
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String]) on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String]) on FIELD_DEFINITION
`

// Served is the SDL of the API that the catalog answers, as Amplify writes it: relations to many are connections, and type Query has the fields of s.Queries, with the inputs that their
// arguments need, and the directives by which AppSync lets callers in. What only mutations and subscriptions need is not in it: see ServedWithMutations.
func (s *Schema) Served() string {
	w := sdl{settings: &s.settings}
	w.line("schema {\n  query: Query\n}")
	nested := s.nestedProviders()
	for _, m := range s.Models {
		w.object(&m.Object, m.providers.all)
	}
	for _, o := range s.Objects {
		w.object(o, nested[o])
	}
	for _, e := range s.Enums {
		w.enum(e)
	}
	w.open("", "type Query")
	for _, q := range s.Queries {
		w.line("  " + w.query(q))
	}
	if s.Public() {
		w.line(bulkQueries)
	}
	w.line("}")
	if s.Public() {
		w.WriteString(bulkTypes)
	}
	w.enum(&Enum{Name: "ModelSortDirection", Values: []string{"ASC", "DESC"}})
	for _, m := range s.Models {
		w.connection(m)
	}
	w.inputs(s)
	return w.String()
}

// nestedProviders are for each nested type those of the models that lead to it; none where one of them has none, for that one is left to the API's default.
func (s *Schema) nestedProviders() map[*Object]providerSet {
	sets, open := map[*Object]providerSet{}, map[*Object]bool{}
	var visit func(o *Object, from providerSet, seen map[*Object]bool)
	visit = func(o *Object, from providerSet, seen map[*Object]bool) {
		for _, f := range o.Fields {
			if nested := f.Type.Object; nested != nil && !seen[nested] {
				seen[nested] = true
				sets[nested] |= from
				open[nested] = open[nested] || from == 0
				visit(nested, from, seen)
			}
		}
	}
	for _, m := range s.Models {
		from := m.providers.all
		if from == 0 && s.settings.defaultAuth != 0 {
			from = from.add(s.settings.defaultAuth)
		}
		visit(&m.Object, from, map[*Object]bool{})
	}
	for o := range open {
		if open[o] {
			sets[o] = 0
		}
	}
	return sets
}

// connectionName is the name of the type that a page of the model's entities has.
func (m *Model) connectionName() string { return "Model" + upperFirst(m.Name) + "Connection" }

// sdl collects the text, a blank line before each definition but the first.
type sdl struct {
	strings.Builder
	settings *settings
}

func (w *sdl) line(text string) {
	w.WriteString(text)
	w.WriteByte('\n')
}

func (w *sdl) open(description, head string) {
	w.line("")
	w.description("", description)
	w.line(head + " {")
}

// block is a definition without descriptions, a line each.
func (w *sdl) block(head string, lines ...string) {
	w.open("", head)
	for _, line := range lines {
		w.line("  " + line)
	}
	w.line("}")
}

func (w *sdl) object(o *Object, providers providerSet) {
	w.open(o.Description, "type "+o.Name+w.directives(providers, o.directives))
	for _, f := range o.Fields {
		if !f.Hidden {
			w.description("  ", f.Description)
			w.line("  " + f.served() + w.directives(f.providers, f.directives))
		}
	}
	w.line("}")
}

// directives are those of the providers, and those that the file has itself.
func (w *sdl) directives(providers providerSet, own []string) string {
	all := append(providers.directives(w.settings.defaultAuth, own), own...)
	if len(all) == 0 {
		return ""
	}
	return " @" + strings.Join(all, " @")
}

func (w *sdl) enum(e *Enum) {
	w.open(e.Description, "enum "+e.Name)
	for _, value := range e.Values {
		w.line("  " + value)
	}
	w.line("}")
}

// connection is a page of a model's entities. The first transformer's pages may lack their items.
func (w *sdl) connection(m *Model) {
	items := "items: [" + m.Name + "]!"
	if w.settings.first {
		items = "items: [" + m.Name + "]"
	}
	lines := []string{items, "nextToken: String"}
	if w.settings.dataStore {
		lines = append(lines, "startedAt: AWSTimestamp")
	}
	w.block("type "+m.connectionName()+w.directives(m.providers.get|m.providers.list, nil), lines...)
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
	if r := f.Relation; r != nil && r.Kind == HasMany {
		arguments := []string{r.Target.filter(), "sortDirection: ModelSortDirection", "limit: Int", "nextToken: String"}
		if r.Sort != nil {
			arguments = slices.Insert(arguments, 0, r.Sort.served())
		}
		return f.Name + "(" + strings.Join(arguments, ", ") + "): " + r.Target.connectionName()
	}
	return f.Name + ": " + f.Type.String()
}

func (a *SortArgument) served() string { return a.Name + ": " + a.Type }

// filter is the argument that filters a page of the model.
func (m *Model) filter() string { return "filter: " + m.filterInput() }

func (m *Model) filterInput() string { return "Model" + upperFirst(m.Name) + "FilterInput" }

// query is a root field. Of an index query the first transformer lets the partition be left out, though it then fails.
func (w *sdl) query(q *Query) string {
	var arguments []string
	p := q.Index.Partition
	kind, providers := q.Model.connectionName(), q.Model.providers.list
	switch q.Kind {
	case Get:
		kind, providers = q.Model.Name, q.Model.providers.get
		for _, f := range q.Index.Fields() {
			arguments = append(arguments, f.Name+": "+f.Type.Name+"!")
		}
	case ByIndex:
		providers |= q.Model.providers.get
		required := "!"
		if w.settings.first {
			required = ""
		}
		arguments = append(arguments, p.Name+": "+p.Type.Name+required)
		if q.Sort != nil {
			arguments = append(arguments, q.Sort.served())
		}
		arguments = append(arguments, "sortDirection: ModelSortDirection", q.Model.filter(), "limit: Int", "nextToken: String")
	default:
		arguments = []string{q.Model.filter(), "limit: Int", "nextToken: String"}
		if q.Keyed {
			if q.Sort != nil {
				arguments = slices.Insert(arguments, 0, q.Sort.served())
			}
			arguments = slices.Insert(arguments, 0, p.Name+": "+p.Type.Name)
			arguments = append(arguments, "sortDirection: ModelSortDirection")
		}
	}
	return q.Name + "(" + strings.Join(arguments, ", ") + "): " + kind + w.directives(providers, nil)
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
