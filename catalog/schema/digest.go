package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

// digest hashes a line for every model, key, index and field: what two schemas must share to read each other's entities.
func digest(s *Schema) string {
	h := sha256.New()
	models := slices.SortedFunc(slices.Values(s.Models), func(a, b *Model) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range models {
		fmt.Fprintf(h, "model %s %s cluster %q\n", m.Name, m.Table, m.Cluster.Name)
		writeIndex(h, m.Key)
		for _, ix := range m.Indexes {
			writeIndex(h, ix)
		}
		writeFields(h, m.Stored())
	}
	objects := slices.SortedFunc(slices.Values(s.Objects), func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range objects {
		fmt.Fprintf(h, "object %s\n", o.Name)
		writeFields(h, o.Fields)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeIndex(w io.Writer, ix *Index) {
	fmt.Fprintf(w, " index %q %s %q\n", ix.Name, ix.Partition.Name, ix.SortAttribute())
}

func writeFields(w io.Writer, fields []*Field) {
	for _, f := range fields {
		depth := 0
		for t := &f.Type; t.Elem != nil; t = t.Elem {
			depth++
		}
		name := f.Type.Name
		if f.Type.Kind == Enumeration {
			name = "enum" // a new value of an enum changes no bytes
		}
		fmt.Fprintf(w, " field %s %s %d\n", f.Name, name, depth)
	}
}
