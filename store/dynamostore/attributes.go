package dynamostore

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// attributes is an item, or a key, as the SDK has it.
type attributes = map[string]types.AttributeValue

// record turns an item into the store's form, leaving out what the schema does not declare.
func record(m *schema.Model, item attributes) store.Item {
	r := make(store.Item, 0, len(m.Fields)+1)
	for _, f := range m.Fields {
		if a, ok := item[f.Name]; ok && f.Name != store.Tombstone {
			r = append(r, store.Member{Name: f.Name, Value: valueOf(a)})
		}
	}
	if a, ok := item[store.Tombstone]; ok {
		r = append(r, store.Member{Name: store.Tombstone, Value: valueOf(a)})
	}
	return r
}

// encode returns nil for a tombstone.
func (s *Store) encode(m *schema.Model, item attributes) (store.Entity, error) {
	entity, live, err := store.Encode(nil, m, record(m, item))
	if err != nil {
		return nil, s.locate(m, err)
	}
	if !live {
		return nil, nil
	}
	return entity, nil
}

// locate gives a RecordError the name of the table as it is in DynamoDB.
func (s *Store) locate(m *schema.Model, err error) error {
	if e, ok := errors.AsType[*store.RecordError](err); ok {
		e.Table = s.table(m)
	}
	return err
}

func valueOf(a types.AttributeValue) store.Value {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		return store.Value{Type: store.String, Text: []byte(a.Value)}
	case *types.AttributeValueMemberN:
		return store.Value{Type: store.Number, Text: []byte(a.Value)}
	case *types.AttributeValueMemberBOOL:
		return store.Value{Type: store.Bool, Bool: a.Value}
	case *types.AttributeValueMemberNULL:
		return store.Value{Type: store.Null}
	case *types.AttributeValueMemberB:
		return store.Value{Type: store.Binary, Text: a.Value}
	case *types.AttributeValueMemberM:
		return mapValue(a.Value)
	case *types.AttributeValueMemberL:
		return listValue(a.Value)
	case *types.AttributeValueMemberSS:
		return setValue(store.StringSet, store.String, a.Value)
	case *types.AttributeValueMemberNS:
		return setValue(store.NumberSet, store.Number, a.Value)
	case *types.AttributeValueMemberBS:
		return setValue(store.BinarySet, store.Binary, a.Value)
	}
	// A type that DynamoDB did not have when this was written: no schema type takes it, so the record is refused by name.
	return store.Value{Type: unknownType}
}

const unknownType = store.ValueType(255)

func mapValue(members attributes) store.Value {
	v := store.Value{Type: store.Map, Members: make(store.Item, 0, len(members))}
	for name, member := range members {
		v.Members = append(v.Members, store.Member{Name: name, Value: valueOf(member)})
	}
	return v
}

func listValue(elems []types.AttributeValue) store.Value {
	v := store.Value{Type: store.List, Elems: make([]store.Value, len(elems))}
	for i, elem := range elems {
		v.Elems[i] = valueOf(elem)
	}
	return v
}

func setValue[T string | []byte](set, elem store.ValueType, elems []T) store.Value {
	v := store.Value{Type: set, Elems: make([]store.Value, len(elems))}
	for i, text := range elems {
		v.Elems[i] = store.Value{Type: elem, Text: []byte(text)}
	}
	return v
}

// attributeOf is valueOf's inverse.
func attributeOf(v *store.Value) types.AttributeValue {
	switch v.Type {
	case store.Bool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool}
	case store.String:
		return &types.AttributeValueMemberS{Value: string(v.Text)}
	case store.Number:
		return &types.AttributeValueMemberN{Value: string(v.Text)}
	case store.Binary:
		return &types.AttributeValueMemberB{Value: v.Text}
	case store.List:
		elems := make([]types.AttributeValue, len(v.Elems))
		for i := range v.Elems {
			elems[i] = attributeOf(&v.Elems[i])
		}
		return &types.AttributeValueMemberL{Value: elems}
	case store.Map:
		return &types.AttributeValueMemberM{Value: attributesOf(v.Members)}
	case store.StringSet:
		return &types.AttributeValueMemberSS{Value: texts[string](v)}
	case store.NumberSet:
		return &types.AttributeValueMemberNS{Value: texts[string](v)}
	case store.BinarySet:
		return &types.AttributeValueMemberBS{Value: texts[[]byte](v)}
	case store.Null:
		return &types.AttributeValueMemberNULL{Value: true}
	}
	panic(fmt.Sprintf("dynamostore: no attribute for %s", v.Type))
}

func texts[T string | []byte](set *store.Value) []T {
	list := make([]T, len(set.Elems))
	for i := range set.Elems {
		list[i] = T(set.Elems[i].Text)
	}
	return list
}

func attributesOf(item store.Item) attributes {
	a := make(attributes, len(item)+1)
	for i := range item {
		a[item[i].Name] = attributeOf(&item[i].Value)
	}
	return a
}
