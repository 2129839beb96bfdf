package bench

import (
	"context"
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/chunkaside/chunkaside/store"
)

// structs is the sample as the libraries' documentation has it: Go values. Each list is in the order of the pages; a key is looked for from its beginning, which costs less than a map
// would for one answer.
type structs struct {
	Programs []program
	Groups   []group
	Episodes []episode
}

func (s structs) episode(id string) (answered, error) {
	for i := range s.Episodes {
		if s.Episodes[i].ID == id {
			return s.Episodes[i].answered, nil
		}
	}
	return answered{}, fmt.Errorf("no episode %s", id)
}

func (s structs) episodes(n int) ([]answered, error) {
	episodes := make([]answered, n)
	for i := range episodes {
		episodes[i] = s.Episodes[i].answered
	}
	return episodes, nil
}

// lines is the sample as who measures comes to keep it: records stay JSON, and only those that are asked for are decoded.
type lines struct{ Programs, Groups, Episodes []line }

type line struct {
	ID   string
	JSON stdjson.RawMessage
}

func (l lines) episode(id string) (e answered, err error) {
	for _, line := range l.Episodes {
		if line.ID == id {
			return line.decode()
		}
	}
	return answered{}, fmt.Errorf("no episode %s", id)
}

func (l lines) episodes(n int) (episodes []answered, err error) {
	episodes = make([]answered, n)
	for i := range episodes {
		if episodes[i], err = l.Episodes[i].decode(); err != nil {
			return nil, err
		}
	}
	return episodes, nil
}

func (l line) decode() (e answered, err error) {
	err = json.Unmarshal(l.JSON, &e)
	return e, err
}

// newHolder is the sample as a structs or lines.
func newHolder[H structs | lines](t testing.TB) H {
	t.Helper()
	var h any
	switch any(*new(H)).(type) {
	case structs:
		h = structs{decoded[program](t, "Program"), decoded[group](t, "EpisodeGroup"), decoded[episode](t, "Episode")}
	case lines:
		h = lines{sampleLines(t, "Program"), sampleLines(t, "EpisodeGroup"), sampleLines(t, "Episode")}
	}
	return h.(H)
}

func decoded[R any](t testing.TB, model string) []R {
	t.Helper()
	var records []R
	for _, line := range sampleLines(t, model) {
		var r R
		if err := json.Unmarshal(line.JSON, &r); err != nil {
			t.Fatalf("%s: %v", line.JSON, err)
		}
		records = append(records, r)
	}
	return records
}

// sampleLines are a model's records, in the order of a page of them.
func sampleLines(t testing.TB, model string) []line {
	t.Helper()
	records, err := readSample(model)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func readSample(model string) ([]line, error) {
	s, err := parseSample()
	if err != nil {
		return nil, err
	}
	type placed struct {
		line
		order string
	}
	var records []placed
	if err := sampleOf(1).Scan(context.Background(), s.Model(model), nil, func(entities []store.Entity) error {
		for _, e := range entities {
			var key struct{ ID, EpisodeGroupID, AiredOn string }
			if err := stdjson.Unmarshal(e, &key); err != nil {
				return err
			}
			// The values are followed by what sorts below all that is in them.
			order := strings.Join([]string{key.EpisodeGroupID, key.AiredOn, key.ID}, "\x00")
			records = append(records, placed{line{key.ID, stdjson.RawMessage(e)}, order})
		}
		return nil
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(records, func(a, b placed) int { return strings.Compare(a.order, b.order) })
	sorted := make([]line, len(records))
	for i, r := range records {
		sorted[i] = r.line
	}
	return sorted, nil
}
