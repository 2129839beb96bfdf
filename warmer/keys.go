package warmer

import (
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// attribute is a value of a key, as DynamoDB writes it: a text or a number.
type attribute struct {
	S, N *string
}

// keyValues are the values of the key's fields, from its attributes.
func keyValues(ix *schema.Index, keys map[string]attribute) ([]string, error) {
	partition, err := keys[ix.Partition.Name].text(ix.Partition.Name, store.Numeric(ix.Partition))
	if err != nil || len(ix.Sort) == 0 {
		return []string{partition}, err
	}
	name := ix.SortAttribute()
	sort, err := keys[name].text(name, len(ix.Sort) == 1 && store.Numeric(ix.Sort[0]))
	if err != nil {
		return nil, err
	}
	// Where a field's own text has the separator, the parts may be other than the fields; joined again, which is how they are used, they are the same.
	parts := strings.SplitN(sort, "#", len(ix.Sort))
	if len(parts) < len(ix.Sort) {
		return nil, fmt.Errorf("%s %q has %d parts, the key has %d fields", name, sort, len(parts), len(ix.Sort))
	}
	return append([]string{partition}, parts...), nil
}

func (a attribute) text(name string, numeric bool) (string, error) {
	switch {
	case numeric && a.N != nil:
		return *a.N, nil
	case !numeric && a.S != nil:
		return *a.S, nil
	case a.N != nil || a.S != nil:
		return "", fmt.Errorf("the key's %s is of another type than the schema's", name)
	}
	return "", fmt.Errorf("the key has no %s that is a text or a number", name)
}

// joined is the value of the attribute that sorts by two and more fields.
func joined(values []string) string { return store.Key(values).SortValue() }
