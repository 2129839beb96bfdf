package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// filmReferences are those of filmSDL, and whether an index of the model finds an entity from the target's side.
var filmReferences = []struct {
	model, target string
	fields        []string
	found         func(row) bool
}{
	{"Film", "Studio", []string{"studioId"}, always}, // by the index that orders the section
	{"Film", "Film", []string{"originId"}, func(r row) bool { return r["year"] != nil }},
	{"Film", "Studio", []string{"partnerId"}, never},
	{"Reel", "Studio", []string{"studioId"}, always},
	{"Reel", "Film", []string{"filmId"}, always}, // the partition of the primary key
	{"Cut", "Reel", []string{"filmId", "number"}, always},
	{"Take", "Reel", []string{"filmId", "number"}, never}, // number is joined with another field
	{"Note", "Studio", []string{"studioId"}, always},
	{"Note", "Film", []string{"id"}, always}, // the primary key
}

func never(row) bool { return false }

func always(row) bool { return true }

// row is an entity: texts, ints, lists of files, nil for null.
type row map[string]any

func (r row) json(m *schema.Model) string {
	var members []string
	for _, f := range m.Stored() {
		if value, ok := r[f.Name]; ok {
			raw, err := json.Marshal(value)
			if err != nil {
				panic(err)
			}
			members = append(members, quote(f.Name)+":"+string(raw))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// key is the values of fields as people read them; ok is false if one of them is none.
func (r row) key(fields ...string) (key string, ok bool) {
	var parts []string
	for _, f := range fields {
		switch value := r[f].(type) {
		case string:
			if value == "" {
				return "", false
			}
			parts = append(parts, strconv.Quote(value))
		case int:
			parts = append(parts, strconv.Itoa(value))
		default:
			return "", false
		}
	}
	return strings.Join(parts, ", "), true
}

// primary is the primary key.
func (r row) primary(model string) string {
	fields := []string{"id"}
	if model == "Reel" {
		fields = []string{"filmId", "number"}
	}
	key, _ := r.key(fields...)
	return key
}

// archive is the rows of a catalog, by model and primary key.
type archive map[string]map[string]row

var filmModels = []string{"Studio", "Film", "Reel", "Cut", "Take", "Note"}

var (
	studioIDs = rapid.SampledFrom([]string{"a", "a\x00", "b#", "日本"})
	filmIDs   = rapid.Map(rapid.IntRange(0, 19), func(n int) string { return "f" + strconv.Itoa(n) })
	files     = rapid.SampledFrom([]string{`[]`, `[{"url":"u"}]`, `[{"size":1}]`, `[{"url":null},{},{"url":"u"}]`, `[null]`, `[null,{"url":null},null]`})
)

// drawRow draws an entity of a model.
func drawRow(model string) *rapid.Generator[row] {
	optional := func(t *rapid.T, r row, name string, value any) {
		switch rapid.IntRange(0, 9).Draw(t, name) {
		case 0:
		case 1:
			r[name] = nil
		default:
			r[name] = value
		}
	}
	return rapid.Custom(func(t *rapid.T) row {
		r := row{"id": rapid.StringMatching(`[0-9]`).Draw(t, "id")}
		switch model {
		case "Studio":
			r["id"] = studioIDs.Draw(t, "id")
			optional(t, r, "name", "")
		case "Film":
			r["id"] = filmIDs.Draw(t, "id")
			optional(t, r, "year", rapid.IntRange(0, 2).Draw(t, "year"))
			optional(t, r, "originId", filmIDs.Draw(t, "origin"))
			optional(t, r, "partnerId", studioIDs.Draw(t, "partner"))
			optional(t, r, "files", json.RawMessage(files.Draw(t, "files")))
		case "Note":
			r["id"] = filmIDs.Draw(t, "id")
			optional(t, r, "text", "x")
		default:
			r["filmId"], r["number"] = filmIDs.Draw(t, "film"), rapid.IntRange(0, 2).Draw(t, "number")
		}
		switch model {
		case "Film", "Reel", "Note":
			optional(t, r, "studioId", rapid.OneOf(studioIDs, rapid.Just("")).Draw(t, "studio"))
		case "Take":
			optional(t, r, "code", rapid.SampledFrom([]string{"x", "y#"}).Draw(t, "code"))
		}
		return r
	})
}

// drawArchives draws a catalog and an edited one.
func drawArchives(t *rapid.T) (last, next archive) {
	last, next = archive{}, archive{}
	for _, model := range filmModels {
		last[model], next[model] = map[string]row{}, map[string]row{}
		rows := rapid.SliceOfN(drawRow(model), 0, 20)
		for _, r := range rows.Draw(t, model) {
			last[model][r.primary(model)] = r
		}
		edits := rapid.SampledFrom([][]string{{"keep"}, {"keep", "keep", "keep", "remove", "edit"}, {"remove"}}).Draw(t, "edits")
		for _, key := range slices.Sorted(maps.Keys(last[model])) {
			switch rapid.SampledFrom(edits).Draw(t, "edit") {
			case "keep":
				next[model][key] = last[model][key]
			case "edit":
				r := drawRow(model).Draw(t, "edited")
				next[model][r.primary(model)] = r
			}
		}
	}
	return last, next
}

func (a archive) build(t *rapid.T, s *schema.Schema, o *chunker.Options) version {
	tables := storetest.Tables{}
	for model, rows := range a {
		for _, r := range rows {
			tables[model] = append(tables[model], r.json(s.Model(model)))
		}
	}
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	var err error
	if v.manifest, err = catalog.Build(context.Background(), tables, s, &catalog.BuildOptions{Chunker: o}, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return v
}

// faults are the examples of all findings by what tells those apart; without a last archive, of all entities.
func (a archive) faults(s *schema.Schema, last archive) map[string][]string {
	faults := map[string][]string{}
	for model, rows := range a {
		for key, r := range rows {
			before, was := last[model][key]
			touched := !was || before.json(s.Model(model)) != r.json(s.Model(model))
			for _, path := range r.missing(model) {
				if touched {
					faults["missing "+model+"."+path] = append(faults["missing "+model+"."+path], key)
				}
			}
			for _, ref := range filmReferences {
				target, ok := r.key(ref.fields...)
				if ref.model != model || !ok || a[ref.target][target] != nil {
					continue
				}
				if touched || last[ref.target][target] != nil && ref.found(r) {
					name := "dangling " + model + "." + strings.Join(ref.fields, ", ") + " " + ref.target
					faults[name] = append(faults[name], key+" to "+target)
				}
			}
		}
	}
	return faults
}

// missing are the paths of what a row lacks, each once.
func (r row) missing(model string) []string {
	name := map[string]string{"Studio": "name", "Note": "text"}[model]
	if name != "" && r[name] == nil {
		return []string{name}
	}
	raw, ok := r["files"].(json.RawMessage)
	if !ok {
		return nil
	}
	var list []*struct{ URL *string }
	if err := json.Unmarshal(raw, &list); err != nil {
		panic(err)
	}
	paths := map[string]bool{}
	for _, file := range list {
		switch {
		case file == nil:
			paths["files[]"] = true
		case file.URL == nil:
			paths["files.url"] = true
		}
	}
	return slices.Collect(maps.Keys(paths))
}

// TestValidateIsThatOfMaps holds Validate against a plain evaluation: catalogs of any shape, with and without a last version, and a memory that keeps nothing.
func TestValidateIsThatOfMaps(t *testing.T) {
	s, err := schema.Parse("films.graphql", filmSDL)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawArchives(t)
		last := before.build(t, s, drawCut(t))
		next := after.build(t, s, drawCut(t)).beside(last)
		shot := (&fetchLog{}).bounded(t, next, rapid.SampledFrom([]int{1, 1 << 20}).Draw(t, "memory"))
		rules := catalog.Rules{MaxShrink: -1}
		v, err := catalog.Validate(context.Background(), last.manifest, shot, rules)
		if err != nil {
			t.Fatal(err)
		}
		checkFaults(t, v, after.faults(s, before), after)
		if v, err = catalog.Validate(context.Background(), nil, shot, rules); err != nil {
			t.Fatal(err)
		}
		checkFaults(t, v, after.faults(s, nil), after)
	})
}

func checkFaults(t *rapid.T, v catalog.Validated, want map[string][]string, in archive) {
	for _, f := range v.Findings {
		name := fmt.Sprintf("%s %s.%s", f.Rule, f.Model, f.Field)
		if f.Target != "" {
			name += " " + f.Target
		}
		keys := want[name]
		examples := slices.DeleteFunc(slices.Clone(f.Examples), func(example string) bool { return !slices.Contains(keys, example) })
		if slices.Sort(examples); f.Count != len(keys) || f.Of != len(in[f.Model]) || len(slices.Compact(examples)) != min(5, len(keys)) || len(f.Examples) != len(examples) {
			t.Fatalf("%s: %d of %d, such as %s; want %d of %d: %s", name, f.Count, f.Of, f.Examples, len(keys), len(in[f.Model]), keys)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Fatalf("not found: %v", want)
	}
}
