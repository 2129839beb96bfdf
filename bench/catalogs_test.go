package bench

import (
	"flag"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
)

var large = flag.Bool("large", false, "measure with 1 GB of JSON too: it takes minutes, 4 GB of memory, and 1 GB of temporary files")

// scale is how often the sample is repeated, see repeated.
type scale struct {
	name   string
	copies int
}

func scales() []scale {
	list := []scale{{"10MB", 1}, {"100MB", 10}}
	if *large {
		list = append(list, scale{"1GB", 101})
	}
	return list
}

// source is data to build a catalog of.
type source struct {
	name string
	open func(testing.TB) (*schema.Schema, store.Store)
}

// sources are the sample, whole and repeated, and 10 MB of real data, which a clone does not bring: records of talks at conferences.
func sources() []source {
	var list []source
	for _, scale := range []scale{{"sample-10MB", 1}, {"sample-100MB", 10}} {
		list = append(list, source{scale.name, func(t testing.TB) (*schema.Schema, store.Store) { return sampleSchema(t), sampleOf(scale.copies) }})
	}
	return append(list, source{"talks-10MB", openTalks})
}

func openTalks(t testing.TB) (*schema.Schema, store.Store) {
	t.Helper()
	s, err := schema.Load(servertest.SharedData(t, "pyvideo-10mb", "catalog.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filestore.New(servertest.SharedData(t, "pyvideo-10mb"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	return s, files
}
