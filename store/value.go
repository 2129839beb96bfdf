package store

// Item is a record as a driver decodes it, and equally a map within one: its members, in any order, no name twice. It need not
// have only what the schema declares.
type Item []Member

// Member is one name of an Item and its value.
type Member struct {
	Name  string
	Value Value
}

// Get returns the value called name, or nil.
func (item Item) Get(name string) *Value {
	for i := range item {
		if item[i].Name == name {
			return &item[i].Value
		}
	}
	return nil
}

// Value is one value of a record, with the types of DynamoDB, of which those of JSON are a part.
type Value struct {
	Type ValueType
	// Bool is the value of a Bool.
	Bool bool
	// Text is the text of a String, the digits of a Number as the source wrote them, or the bytes of a Binary. It may be a part
	// of the source's buffer.
	Text []byte
	// Elems are the elements of a List or a set, in any order in a set.
	Elems []Value
	// Members are those of a Map.
	Members Item
}

// ValueType is the type of a Value.
type ValueType uint8

// The types. A set's elements are of the type it is named after.
const (
	Null ValueType = iota
	Bool
	String
	Number
	Binary
	List
	Map
	StringSet
	NumberSet
	BinarySet
)

// String names the type as it stands in a message: "a string".
func (t ValueType) String() string {
	names := [...]string{"null", "a boolean", "a string", "a number", "a binary", "a list", "an object", "a set of strings",
		"a set of numbers", "a set of binaries"}
	if int(t) >= len(names) {
		return "an unknown type"
	}
	return names[t]
}

// deleted reports whether the record is one that Amplify has deleted but DynamoDB still holds: its "_deleted" is true.
func (item Item) deleted() bool {
	v := item.Get(Tombstone)
	return v != nil && v.Type == Bool && v.Bool
}

// Tombstone is the attribute that marks a tombstone.
const Tombstone = "_deleted"
