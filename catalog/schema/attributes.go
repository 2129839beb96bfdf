package schema

import "strings"

// SortAttribute is the name of the DynamoDB attribute that sorts the index: the field's name, or for two and more fields their
// names joined by "#", as Amplify writes it; "" without sort key. Its value is joined likewise.
func (ix *Index) SortAttribute() string {
	names := make([]string, len(ix.Sort))
	for i, f := range ix.Sort {
		names[i] = f.Name
	}
	return strings.Join(names, "#")
}

// Fields are the index's key fields: the partition, then the sort fields.
func (ix *Index) Fields() []*Field {
	return append([]*Field{ix.Partition}, ix.Sort...)
}

// Stored are the fields whose values are part of an entity's JSON, by ordinal: all but the relations. The slice is the schema's own: it is not to be changed.
func (o *Object) Stored() []*Field { return o.stored }

// AllIndexes are the model's primary key and its secondary indexes.
func (m *Model) AllIndexes() []*Index { return append([]*Index{m.Key}, m.Indexes...) }
