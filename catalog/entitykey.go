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

func entityKey(m *schema.Model, ix *schema.Index, value func(*schema.Field) []byte) (string, error) {
	var room [128]byte // most keys fit
	key, err := appendIndex(room[:0], ix, values(ix, value))
	if err == nil && ix != m.Key {
		key, err = appendIndex(key, m.Key, values(m.Key, value))
	}
	return string(key), err
}

func values(ix *schema.Index, value func(*schema.Field) []byte) [][]byte {
	fields := ix.Fields()
	list := make([][]byte, len(fields))
	for i, f := range fields {
		list[i] = value(f)
	}
	return list
}
