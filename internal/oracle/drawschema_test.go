package oracle

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// column is a field of a model as SDL has it.
type column struct {
	name, kind string
	directives string
}

// table is a model that is being drawn.
type table struct {
	name    string
	head    string // its directives
	key     []column
	columns []*column
}

// sdlDrawing draws a schema: models with keys, fields and indexes, then relations between them, each of which adds fields to both.
type sdlDrawing struct {
	*rapid.T
	first  bool // for Amplify's first transformer
	tables []*table
	serial int             // makes names that occur once
	linked map[string]bool // pairs of models with a relation
}

// tableNames have plurals of many kinds.
var tableNames = []string{"Box", "Person", "Sheep", "Quiz", "Series", "News", "datum", "Category", "Day", "API", "Status2"}

// attributes are the fields that are no keys of relations.
var attributes = []column{
	{name: "title", kind: "String"}, {name: "owner", kind: "ID"}, {name: "year", kind: "Int"}, {name: "score", kind: "Float"}, {name: "live", kind: "Boolean"},
	{name: "level", kind: "Level"}, {name: "day", kind: "AWSDate"}, {name: "clock", kind: "AWSTime"}, {name: "moment", kind: "AWSDateTime"}, {name: "stamp", kind: "AWSTimestamp"},
	{name: "mail", kind: "AWSEmail"}, {name: "link", kind: "AWSURL"}, {name: "phone", kind: "AWSPhone"}, {name: "address", kind: "AWSIPAddress"}, {name: "extra", kind: "AWSJSON"},
	{name: "place", kind: "Place"}, {name: "tags", kind: "[String]"}, {name: "words", kind: "[String!]"}, {name: "years", kind: "[Int]"}, {name: "scores", kind: "[Float!]"},
	{name: "levels", kind: "[Level]"}, {name: "extras", kind: "[AWSJSON]"}, {name: "places", kind: "[Place]"}, {name: "ids", kind: "[ID]"},
}

// nestedTypes are in each schema; those that are not used are left out of it.
const nestedTypes = `
type Place { city: String! height: Float level: Level tags: [String!] extra: AWSJSON inner: Inner inners: [Inner!] }
type Inner { number: Int city: String when: AWSTimestamp live: Boolean! }
enum Level { LOW MID HIGH }`

// drawSDL draws a schema of Amplify.
func drawSDL(t *rapid.T) string {
	d := sdlDrawing{T: t, first: chance(t, 4, "first transformer"), linked: map[string]bool{}}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(tableNames), 2, 5, rapid.ID[string]).Draw(t, "models") {
		d.tables = append(d.tables, d.table(name))
	}
	for range rapid.IntRange(1, 6).Draw(t, "relations") {
		d.relation(d.one("from"), d.one("to"))
	}
	var text strings.Builder
	for _, m := range d.tables {
		m.write(&text)
	}
	text.WriteString(nestedTypes)
	if chance(t, 8, "DataStore") {
		text.WriteString("\nextend schema @amplify(dataStore: true)")
	}
	return text.String()
}

func (m *table) write(text *strings.Builder) {
	fmt.Fprintf(text, "type %s %s {\n", m.name, m.head)
	for _, c := range m.columns {
		fmt.Fprintf(text, "  %s: %s%s\n", c.name, c.kind, c.directives)
	}
	text.WriteString("}\n")
}

func (d *sdlDrawing) one(label string) *table {
	return d.tables[rapid.IntRange(0, len(d.tables)-1).Draw(d.T, label)]
}

func (d *sdlDrawing) name(prefix string) string {
	d.serial++
	return fmt.Sprint(prefix, d.serial)
}

// table draws a model without relations.
func (d *sdlDrawing) table(name string) *table {
	m := &table{name: name, head: "@model(timestamps: null)"}
	switch {
	case chance(d.T, 6, "timestamps"):
		m.head = "@model"
	case chance(d.T, 10, "queries"):
		m.head = fmt.Sprintf(`@model(timestamps: null, queries: { get: "one%[1]s", list: "all%[1]s" })`, name)
	}
	d.primaryKey(m)
	for _, a := range rapid.SliceOfNDistinct(rapid.SampledFrom(attributes), 1, 6, func(c column) string { return c.name }).Draw(d.T, "fields") {
		if chance(d.T, 8, "required") {
			a.kind += "!"
		}
		m.columns = append(m.columns, &a)
	}
	for _, c := range slices.Clone(m.columns) {
		if keyed(c.kind) && chance(d.T, 3, "index") {
			d.index(m, c, d.sortFields(m, c))
		}
	}
	return m
}

// keyed says whether a key can be of a type.
func keyed(kind string) bool {
	kind = strings.TrimSuffix(kind, "!")
	return pools[kind] != nil && kind != "Boolean"
}

// primaryKey draws a key of one to three fields, or one that Amplify adds.
func (d *sdlDrawing) primaryKey(m *table) {
	sorts := rapid.SampledFrom([]int{-1, 0, 1, 2}).Draw(d.T, "key")
	if sorts < 0 {
		m.key = []column{{name: "id", kind: "ID"}}
		if d.first || chance(d.T, 2, "declared id") {
			m.columns = []*column{{name: "id", kind: "ID!"}}
		}
		return
	}
	kinds := rapid.SampledFrom([]string{"ID", "Int", "String", "ID", "Float", "AWSDate", "Level"})
	var names []string
	for i := range sorts + 1 {
		c := column{name: []string{"code", "part", "piece"}[i], kind: kinds.Draw(d.T, "kind")}
		m.key = append(m.key, c)
		m.columns = append(m.columns, &column{name: c.name, kind: c.kind + "!"})
		names = append(names, c.name)
	}
	switch {
	case d.first:
		m.head += fmt.Sprintf(" @key(fields: [%s])", quotedList(names))
	case sorts == 0:
		m.columns[0].directives = " @primaryKey"
	default:
		m.columns[0].directives = fmt.Sprintf(" @primaryKey(sortKeyFields: [%s])", quotedList(names[1:]))
	}
}

// sortFields draws the sort fields of an index: none to two of the model's fields.
func (d *sdlDrawing) sortFields(m *table, partition *column) []string {
	var names []string
	for _, c := range m.columns {
		if c != partition && keyed(c.kind) && len(names) < 2 && chance(d.T, 3, "sort") {
			names = append(names, c.name)
		}
	}
	return names
}

// index adds an index, and returns its name.
func (d *sdlDrawing) index(m *table, partition *column, sort []string) (name string) {
	name = d.name("by")
	query := ""
	if d.first || chance(d.T, 3, "query field") {
		query = fmt.Sprintf(", queryField: %q", d.name("some"))
	}
	if d.first {
		m.head += fmt.Sprintf(" @key(name: %q, fields: [%s]%s)", name, quotedList(append([]string{partition.name}, sort...)), query)
		return name
	}
	partition.directives += fmt.Sprintf(" @index(name: %q, sortKeyFields: [%s]%s)", name, quotedList(sort), query)
	return name
}

func quotedList(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return `"` + strings.Join(names, `", "`) + `"`
}

func namesOf(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}
