package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/streamtest"
)

// catalog is a schema's path, and the store that tables are filled from.
type catalog struct{ schema, store string }

const showsSDL = `type Show @model @table(name: "shows") { id: ID! title: String! episodes: [Episode] @hasMany(fields: ["id"]) }
type Episode @model @table(name: "episodes") { showId: ID! @primaryKey(sortKeyFields: ["season", "number"]) season: Int! number: Int! title: String! }`

// shows is a catalog of 50 shows s0, s1, ... of two episodes each, small enough for moto to scan at once.
func shows(t testing.TB) catalog {
	t.Helper()
	folder := t.TempDir()
	var shows, episodes strings.Builder
	for i := range 50 {
		fmt.Fprintf(&shows, `{"id":"s%d","title":"Show %d"}`+"\n", i, i)
		for number := 1; number <= 2; number++ {
			fmt.Fprintf(&episodes, `{"showId":"s%d","season":1,"number":%d,"title":"Episode %d of show %d"}`+"\n", i, number, number, i)
		}
	}
	for name, text := range map[string]string{"shows.graphql": showsSDL, "shows.ndjson": shows.String(), "episodes.ndjson": episodes.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return catalog{filepath.Join(folder, "shows.graphql"), "file:" + folder}
}

// show is a record of the table shows, and showKey its key.
func show(id, title string) streamtest.Item {
	return streamtest.Item{"id": {"S": id}, "title": {"S": title}}
}

func showKey(id string) streamtest.Item { return streamtest.Item{"id": {"S": id}} }

// titleOf asks for a show's title.
func titleOf(id string) string { return fmt.Sprintf(`{ getShow(id: %q) { title } }`, id) }

// sample is the catalog of 10 MB that the store sample: generates.
func sample(t testing.TB) catalog {
	t.Helper()
	schema, err := filepath.Abs("../../store/samplestore/sample.graphql")
	if err != nil {
		t.Fatal(err)
	}
	return catalog{schema, "sample:"}
}
