package dynamostore

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// partitionType is the type of an index's partition attribute.
func partitionType(ix *schema.Index) types.ScalarAttributeType { return scalarType(ix.Partition) }

// sortType is the type of an index's sort attribute: joined values are text.
func sortType(ix *schema.Index) types.ScalarAttributeType {
	if len(ix.Sort) == 1 {
		return scalarType(ix.Sort[0])
	}
	return types.ScalarAttributeTypeS
}

func scalarType(f *schema.Field) types.ScalarAttributeType {
	if store.Numeric(f) {
		return types.ScalarAttributeTypeN
	}
	return types.ScalarAttributeTypeS
}

func scalar(t types.ScalarAttributeType, text string) types.AttributeValue {
	if t == types.ScalarAttributeTypeN {
		return &types.AttributeValueMemberN{Value: text}
	}
	return &types.AttributeValueMemberS{Value: text}
}

// setKey puts the attributes of an index's key into a.
func setKey(a attributes, ix *schema.Index, partition, sort string) {
	a[ix.Partition.Name] = scalar(partitionType(ix), partition)
	if len(ix.Sort) > 0 {
		a[ix.SortAttribute()] = scalar(sortType(ix), sort)
	}
}

func keyAttributes(m *schema.Model, key store.Key) attributes {
	a := make(attributes, 2)
	setKey(a, m.Key, key[0], key.SortValue())
	return a
}

// keyOf picks the primary key's attributes from an item.
func keyOf(m *schema.Model, item attributes) attributes {
	a := attributes{m.Key.Partition.Name: item[m.Key.Partition.Name]}
	if name := m.Key.SortAttribute(); name != "" {
		a[name] = item[name]
	}
	return a
}

// identity is a primary key's attributes as one string, the same as Key.Identity.
func identity(m *schema.Model, key attributes) string {
	k := store.Key{keyText(key[m.Key.Partition.Name])}
	if name := m.Key.SortAttribute(); name != "" {
		k = append(k, keyText(key[name]))
	}
	return k.Identity()
}

// keyText is a key attribute's value as in store.Key; "" for what cannot be one.
func keyText(a types.AttributeValue) string {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		return a.Value
	case *types.AttributeValueMemberN:
		if text, err := store.CanonicalNumber(a.Value); err == nil {
			return text
		}
	}
	return ""
}
