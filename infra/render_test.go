package infra_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/infra"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestGolden: infra/sample.yaml is the sample's template.
func TestGolden(t *testing.T) {
	const path = "sample.yaml"
	got := render(t, samplestore.Schema, nil)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./infra -update writes it anew: -want +got\n%s", diff)
	}
	if again := render(t, samplestore.Schema, nil); !bytes.Equal(got, again) {
		t.Error("the same schema gives another template")
	}
}

// render is the template of a schema.
func render(t testing.TB, sdl string, o *infra.Options) []byte {
	t.Helper()
	s, err := schema.Parse("sample.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := infra.Render(&out, s, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// eachShape runs a test on the sample's template in every shape that there is.
func eachShape(t *testing.T, test func(*testing.T, *infra.Options, document)) {
	for _, api := range []infra.API{infra.Full, infra.Source, infra.Functions} {
		for _, pack := range []infra.Package{infra.Zip, infra.Image} {
			for _, cache := range []infra.Cache{infra.Momento, infra.Valkey} {
				for shape := range 4 {
					o := &infra.Options{API: api, Package: pack, Cache: cache, Tables: shape&1 > 0, VPC: shape&2 > 0}
					t.Run(fmt.Sprintf("%s,%s,%s,tables=%v,vpc=%v", api, pack, cache, o.Tables, o.VPC), func(t *testing.T) {
						test(t, o, parse(t, render(t, samplestore.Schema, o)))
					})
				}
			}
		}
	}
}
