// Package schema reads a catalog's GraphQL SDL file, written with the directives of AWS Amplify, and says what it means:
// which types are models with a table of their own, by which keys and indexes they are read, how they relate, which
// root queries they answer, and who may read them.
//
// A file goes through these steps: settings.go reads what concerns it as a whole; leaveout.go takes out what is not for reading; load.go checks the rest; expand.go and join.go add what
// Amplify adds; objects.go, keys.go, relations.go, queries.go and auth.go resolve it, the relations of newer and older kinds in references.go and connection.go; checkserved.go looks at
// what comes out. served.go and inputs.go write the API.
//
//	s, err := schema.Load("catalog.graphql")
//	m := s.Model("Episode")
//	m.Table, m.Key.Partition.Name // "episodes", "id"
//
// A Schema is immutable once loaded: any number of goroutines may read it.
package schema

// Schema is one catalog: everything its SDL file declares, resolved.
type Schema struct {
	// Name is the file's name, used in messages.
	Name string
	// Digest is the hex SHA-256 of what decides the stored bytes: models, their keys and indexes, fields and their types.
	// Descriptions, query names and the order of types do not count.
	Digest string
	// Models are the @model types, in the file's order.
	Models []*Model
	// Objects are the nested types that are no models, in the file's order. Those that no model leads to are not among them.
	Objects []*Object
	// Enums are the enumerations, in the file's order.
	Enums []*Enum
	// Queries are the root fields the catalog answers: of each model its get, its list, then its index queries.
	Queries []*Query
	// LeftOut is what the file declares and the catalog does not serve, in the file's order.
	LeftOut []LeftOut

	settings settings
	models   map[string]*Model
	queries  map[string]*Query
	guarded  bool // by directives of AppSync: see Public
}

// Model returns the @model type called name, or nil.
func (s *Schema) Model(name string) *Model { return s.models[name] }

// Query returns the root field called name, or nil.
func (s *Schema) Query(name string) *Query { return s.queries[name] }

// Object is a type with fields: a model, or a type nested in one.
type Object struct {
	Name        string
	Description string
	// Fields are in the schema's order, which is the order of the keys in an entity's JSON.
	Fields []*Field

	fields     map[string]*Field
	stored     []*Field
	directives []string // that AppSync reads, as written
}

// Field returns the field called name, or nil.
func (o *Object) Field(name string) *Field { return o.fields[name] }

// Model is an object with a table of its own.
type Model struct {
	Object
	// Table is the table's name without a deployment's suffix: @table(name:), @mapsTo(name:), or the type's name.
	Table string
	// Key is the primary key; its Name is empty.
	Key *Index
	// Indexes are the secondary indexes: those declared, in the order of the fields that declare them, then those that relations make.
	Indexes []*Index
	// Cluster is the order of the model's section: the first index that another model's @hasMany reads, so that siblings
	// stand together, else Key.
	Cluster *Index
	// Access says who may read the model: each of its fields that has no Access of its own, by whatever way it is reached.
	Access Access
	// Callers may ask for the model by its queries and by relations: those of Access, and those who may read any of its fields. What they may not read is withheld from them.
	Callers Access

	keyed     bool // it declares its primary key
	mapped    bool // @mapsTo: its table, and the keys made of its name, have an older name
	providers struct{ all, get, list providerSet }
}

// Index returns the secondary index called name, or nil.
func (m *Model) Index(name string) *Index {
	for _, ix := range m.Indexes {
		if ix.Name == name {
			return ix
		}
	}
	return nil
}

// Index is a way to read a model: by one partition value, in the order of the sort fields. An entity that lacks any of the
// fields is not in a secondary index, as in DynamoDB.
type Index struct {
	// Name is the name of the index in DynamoDB. That of an index that a relation makes is "gsi-Type.field", which is no GraphQL name.
	Name      string
	Partition *Field
	// Sort is empty for an index without sort key. Two or more fields are one attribute in DynamoDB: see SortAttribute.
	Sort []*Field

	query string // the root field that reads it, "" for none
}

// Field is one field of an object.
type Field struct {
	Name        string
	Description string
	Type        Type
	// Ordinal is the field's place among its object's stored fields, from 0; -1 for a relation.
	Ordinal int
	// Relation is set where the field's value is not stored but looked up. Such a field is no part of an entity's JSON.
	Relation *Relation
	// Hidden: the field is stored, for a relation needs it, but is no part of the API: the first transformer keeps the keys of its relations to itself.
	Hidden bool
	// Access says who may read the field; nil is as its model says, for the fields of other objects as the model that holds them.
	Access *Access

	directives []string // that AppSync reads, as written
	providers  providerSet
}

// Enum is an enumeration.
type Enum struct {
	Name        string
	Description string
	Values      []string
}

// Kind says how a value is stored and written.
type Kind uint8

// The kinds, with the GraphQL and AppSync types they stand for.
const (
	// String: String, ID, AWSDate, AWSTime, AWSDateTime, AWSEmail, AWSURL, AWSPhone, AWSIPAddress. A JSON string.
	String Kind = iota + 1
	// Int: Int. A JSON number without fraction, of 32 bits.
	Int
	// Long: AWSTimestamp, in seconds. A JSON number without fraction, of 64 bits.
	Long
	// Float: Float. A JSON number; all its digits are kept.
	Float
	// Boolean: Boolean.
	Boolean
	// JSON: AWSJSON. Any JSON value, compact, the keys of its objects sorted.
	JSON
	// Enumeration: one of an enum's values, a JSON string.
	Enumeration
	// Nested: an object of the schema that is no model.
	Nested
	// Reference: a model; only fields with a Relation have it.
	Reference
)

// Type is a field's type.
type Type struct {
	// Name is the named type's name and Kind its kind, also for lists.
	Name    string
	Kind    Kind
	NonNull bool
	// Elem is the type of the elements of a list, nil for all else.
	Elem *Type
	// Object is set for Nested, Enum for Enumeration, also for lists of them.
	Object *Object
	Enum   *Enum
}

// RelationKind is the directive that a relation comes from.
type RelationKind uint8

// The relations.
const (
	HasMany RelationKind = iota + 1
	HasOne
	BelongsTo
)

// Relation says how a field's entities are found.
type Relation struct {
	Kind   RelationKind
	Target *Model
	// Index is the target's index that is read: the primary key for BelongsTo and for most HasOne, a secondary one for HasMany, but for one that reads by the target's primary key. A
	// HasOne with references reads a secondary index too, and has the first entity of it.
	Index *Index
	// Fields are the fields of the declaring model whose values make the key: the first is Index's partition, the others the
	// leading sort fields.
	Fields []*Field
	// Limit is how many entities a page of HasMany has where the query gives no limit.
	Limit int
	// Sort is the argument of HasMany that limits the sort key, nil without one.
	Sort *SortArgument
}

// SortArgument is an argument that takes a key condition: it limits a page to a part of a partition, in the order of the sort key.
type SortArgument struct {
	// Name is the argument's: that of the index's one sort field, or the names of two and more in camel case, such as statusCreatedAt.
	Name string
	// Type is the input type: ModelStringKeyConditionInput, for numbers and IDs likewise, with the operators eq, le, lt, ge, gt, between and, but for numbers, beginsWith. For two and more
	// sort fields it is Model{Type}{Index}CompositeKeyConditionInput with all of them; each takes an object of the sort fields, whose values are joined as the index joins them.
	Type string
	// Index is the one whose Sort is limited.
	Index *Index
	// Ignored: Amplify's API has the argument, and its resolvers do nothing with it: the page is read by another index, or by its sort key already.
	Ignored bool
}

// QueryKind is what a root field does.
type QueryKind uint8

// The root fields.
const (
	// Get answers one entity by its primary key, or null.
	Get QueryKind = iota + 1
	// List answers a page of all of a model's entities, or, where the query is Keyed and its partition is given, of those with one partition value of the primary key.
	List
	// ByIndex answers a page of the entities with one partition value of an index.
	ByIndex
)

// Query is a root field.
type Query struct {
	Name  string
	Kind  QueryKind
	Model *Model
	// Index is the primary key for Get and List.
	Index *Index
	// Keyed: a List of a model that declares its primary key. It takes the partition field as an argument that may be left out, Sort with it, and sortDirection.
	Keyed bool
	// Sort is the argument that limits the sort key, for ByIndex and a Keyed List; nil without one. A page's limit is 100 unless it is given.
	Sort *SortArgument
}
