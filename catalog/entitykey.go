package catalog

import "github.com/chunkaside/chunkaside/catalog/schema"

// clusterKey is what orders a section: the values of the model's cluster index, then of its primary key. Values may be missing.
func clusterKey(m *schema.Model, value func(*schema.Field) []byte) (string, error) {
	return entityKey(m, m.Cluster, value)
}

// indexKey is an entity's key in an index, ended by the primary key so that it is unique; ok is false if the entity is not in the index.
func indexKey(m *schema.Model, ix *schema.Index, value func(*schema.Field) []byte) (key string, ok bool, err error) {
	for _, f := range ix.Fields() {
		if absent(value(f)) {
			return "", false, nil
		}
	}
	key, err = entityKey(m, ix, value)
	return key, true, err
}

// keyRoomSize is what most keys fit into, in bytes.
const keyRoomSize = 128

func entityKey(m *schema.Model, ix *schema.Index, value func(*schema.Field) []byte) (string, error) {
	var room [keyRoomSize]byte
	key, err := appendEntityKey(room[:0], m, ix, value)
	return string(key), err
}

func appendEntityKey(dst []byte, m *schema.Model, ix *schema.Index, value func(*schema.Field) []byte) ([]byte, error) {
	dst, err := appendIndex(dst, ix, values(ix, value))
	if err == nil && ix != m.Key {
		dst, err = appendIndex(dst, m.Key, values(m.Key, value))
	}
	return dst, err
}

func values(ix *schema.Index, value func(*schema.Field) []byte) [][]byte {
	list := make([][]byte, 0, 4) // few have more, so it need not be on the heap
	list = append(list, value(ix.Partition))
	for _, f := range ix.Sort {
		list = append(list, value(f))
	}
	return list
}
