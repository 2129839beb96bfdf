package samplestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// frozen is the SHA-256 of the whole catalog as the function ndjson writes it. Whoever changes the sample on purpose changes it here, and
// says so in the change log: benchmarks before and after do not compare.
const frozen = "e1c8867e118bd4a69f15e87751112450db4cfff0a5bb9c125190ab660b47a92a"

// models are the tables' models, in the schema's order.
func models(t testing.TB) []*schema.Model {
	t.Helper()
	s, err := schema.Parse("sample.graphql", Schema)
	if err != nil {
		t.Fatal(err)
	}
	return s.Models
}

// scanned is all entities of a model.
func scanned(t testing.TB, m *schema.Model) []store.Entity {
	t.Helper()
	var all []store.Entity
	err := New().Scan(t.Context(), m, nil, func(entities []store.Entity) error {
		all = append(all, entities...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ndjson is the whole catalog, table after table.
func ndjson(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, m := range models(t) {
		for _, e := range scanned(t, m) {
			b.Write(e)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

func TestBytesNeverChange(t *testing.T) {
	digest := sha256.Sum256(ndjson(t))
	if got := hex.EncodeToString(digest[:]); got != frozen {
		t.Errorf("SHA-256 of the sample = %s, want %s", got, frozen)
	}
}

func TestGenerateTwice(t *testing.T) {
	one, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	two, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name := range one {
		if !slices.EqualFunc(one[name].entities, two[name].entities, sameBytes) {
			t.Errorf("%s differs between two runs of one process", name)
		}
	}
}

// sameBytes spares cmp's time on megabytes.
func sameBytes(a, b store.Entity) bool { return bytes.Equal(a, b) }

func TestSizeAndRatio(t *testing.T) {
	raw := ndjson(t)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	ratio := float64(len(raw)) / float64(packed.Len())
	t.Logf("%d bytes, %d in gzip: %.2f times", len(raw), packed.Len(), ratio)
	if len(raw) < 9e6 || len(raw) > 11e6 {
		t.Errorf("the sample has %d bytes, want 9 to 11 million", len(raw))
	}
	if ratio < 3 || ratio > 5 {
		t.Errorf("the sample compresses %.2f times, want 3 to 5 as real text", ratio)
	}
}

func TestCounts(t *testing.T) {
	want := map[string][2]int{"Program": {60, 60}, "EpisodeGroup": {370, 430}, "Episode": {6500, 7500}}
	for _, m := range models(t) {
		if n := len(scanned(t, m)); n < want[m.Name][0] || n > want[m.Name][1] {
			t.Errorf("the sample has %d of %s, want %v", n, m.Name, want[m.Name])
		}
	}
}

// Entities are what any other driver would make of the same records.
func TestEntitiesAreCanonical(t *testing.T) {
	for _, m := range models(t) {
		var d store.Decoder
		for _, e := range scanned(t, m) {
			item, err := d.Decode(e, m.Fields)
			if err != nil {
				t.Fatalf("decode %s: %v", e, err)
			}
			again, live, err := store.Encode(nil, m, item)
			if err != nil || !live {
				t.Fatalf("Encode(%s) = live %t, %v", e, live, err)
			}
			if !bytes.Equal(again, e) {
				t.Fatalf("Encode(%s)\n = %s", e, again)
			}
		}
	}
}

// The generator's own idea of keys and indexes is what the entities say.
func TestIndexesHoldWhatTheEntitiesSay(t *testing.T) {
	c, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models(t) {
		for _, ix := range append([]*schema.Index{m.Key}, m.Indexes...) {
			t.Run(m.Name+" "+ix.Name, func(t *testing.T) { checkIndex(t, m, ix, c[m.Name]) })
		}
	}
}

func checkIndex(t *testing.T, m *schema.Model, ix *schema.Index, have *table) {
	want := map[string][]store.Cursor{}
	var d store.Decoder
	for _, e := range have.entities {
		item, err := d.Decode(e, m.Fields)
		if err != nil {
			t.Fatal(err)
		}
		key, err := store.IndexKey(m, ix, item)
		if err != nil {
			t.Fatal(err)
		}
		if key != nil {
			at := store.Cursor{Sort: key.SortValue(), Partition: string(item.Get("id").Text)}
			want[key[0]] = append(want[key[0]], at)
		}
	}
	got := map[string][]store.Cursor{}
	for value, places := range have.indexes[identity(ix)] {
		for _, p := range places {
			got[value] = append(got[value], p.Cursor)
		}
	}
	q := store.Query{Index: ix}
	for _, places := range want {
		slices.SortFunc(places, func(a, b store.Cursor) int { return q.Compare(m, a, b) })
	}
	if !maps.EqualFunc(want, got, slices.Equal) { // cmp.Diff would take seconds
		t.Error("the index is not what the entities' own values make")
	}
}

// links are the fields that tests follow.
type links struct {
	ID, ProgramID, EpisodeGroupID string
	EpisodeCount                  int
	ReleasedOn, AiredOn, StartsOn string
	Genre                         string
}

func linked(t testing.TB, entities []store.Entity) []links {
	t.Helper()
	list := make([]links, len(entities))
	for i, e := range entities {
		if err := json.Unmarshal(e, &list[i]); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func TestRelationsHold(t *testing.T) {
	m := models(t)
	known, episodes := map[string]bool{}, map[string]int{}
	for _, p := range linked(t, scanned(t, m[0])) {
		known[p.ID] = true
	}
	groups := linked(t, scanned(t, m[1]))
	for _, g := range groups {
		if !known[g.ProgramID] || known[g.ID] {
			t.Errorf("group %s: its program %q exists: %t; its ID is taken: %t", g.ID, g.ProgramID, known[g.ProgramID], known[g.ID])
		}
		known[g.ID] = true
	}
	for _, e := range linked(t, scanned(t, m[2])) {
		if !known[e.EpisodeGroupID] || !strings.HasPrefix(e.EpisodeGroupID, e.ProgramID+"-") || known[e.ID] {
			t.Errorf("episode %s does not fit its group %q and program %q", e.ID, e.EpisodeGroupID, e.ProgramID)
		}
		if e.AiredOn >= today.Format("2006-01-02") {
			t.Errorf("episode %s airs on %s, after the sample was recorded", e.ID, e.AiredOn)
		}
		known[e.ID] = true
		episodes[e.EpisodeGroupID]++
	}
	for _, g := range groups {
		if episodes[g.ID] != g.EpisodeCount {
			t.Errorf("group %s has %d episodes and says %d", g.ID, episodes[g.ID], g.EpisodeCount)
		}
	}
}

// What trips up readers of real catalogs is in the sample too.
func TestOdditiesOccur(t *testing.T) {
	all := string(ndjson(t))
	for _, oddity := range []string{
		"\u2028", `\n`, `\"`, " & ", `"titleJa":null`, `"score":null`, `"markers":{`, `"extras":null`, `"extras":"`, `"extras":[`,
		`"subtitles":[]`, `"banner":null`, `"order":null`, `"synopsis":null`, `"free":true`,
	} {
		if !strings.Contains(all, oddity) {
			t.Errorf("the sample has no %q", oddity)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(ndjson(b))))
	for b.Loop() {
		if _, err := generate(); err != nil {
			b.Fatal(err)
		}
	}
}
