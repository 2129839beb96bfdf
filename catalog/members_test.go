package catalog_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// TestAppendMembers holds members in any order, some of them more than once, against those that are appended one by one.
func TestAppendMembers(t *testing.T) {
	v := build(t, samplestore.Schema, samplestore.New(), nil)
	m := v.schema.Model("Program")
	seed := rand.Uint64()
	dice := rand.New(rand.NewPCG(seed, 0))
	for _, e := range page(t, v.snapshot(t), m, catalog.Range{Limit: 1 << 30}).Entities {
		var members []catalog.Member
		want := []byte("{")
		for first := dice.IntN(len(m.Stored())); len(members) < 20; first++ {
			if dice.IntN(4) == 0 { // else the field behind the last one
				first = dice.IntN(len(m.Stored()))
			}
			f := m.Stored()[first%len(m.Stored())]
			members = append(members, catalog.Member{Field: f, Label: fmt.Appendf(nil, "%q:", f.Name)})
			if len(members) > 1 {
				want = append(want, ',')
			}
			value := e.Field(f)
			if value == nil {
				value = []byte("null")
			}
			want = append(append(want, members[len(members)-1].Label...), value...)
		}
		if got := e.AppendMembers([]byte("{"), members); !bytes.Equal(got, want) {
			t.Fatalf("seed %d: got\n%s, want\n%s", seed, got, want)
		}
	}
}
