package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/samplestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// beside is a version with the chunks of another one at hand too.
func (v version) beside(other version) version {
	chunks := maps.Clone(v.chunks)
	maps.Copy(chunks, other.chunks)
	v.chunks = chunks
	return v
}

// validate judges a version beside the last one; a zero one is none.
func validate(t testing.TB, last, next version, rules catalog.Rules) catalog.Validated {
	t.Helper()
	v, err := catalog.Validate(t.Context(), last.manifest, next.beside(last).snapshot(t), rules)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checkFindings holds the findings against sentences, one a line.
func checkFindings(t testing.TB, name string, v catalog.Validated, want string) {
	t.Helper()
	var got []string
	for _, f := range v.Findings {
		got = append(got, f.String())
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(strings.Join(got, "\n"), "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestValidateActions: findings refuse, or are only said, as the rules have it.
func TestValidateActions(t *testing.T) {
	last, next := build(t, filmSDL, films, nil), build(t, filmSDL, faulty(), nil)
	for _, test := range []struct {
		rules      catalog.Rules
		said, want string
	}{
		{catalog.Rules{}, danglingFilm + "\n" + missingURL + "\n" + missingText, ""},
		{catalog.Rules{Dangling: catalog.Refuse}, danglingFilm + "\n" + missingURL + "\n" + missingText, danglingFilm},
		{catalog.Rules{Missing: catalog.Refuse, Dangling: catalog.Ignore}, missingURL + "\n" + missingText, missingURL + ". " + missingText},
		{catalog.Rules{Missing: catalog.Refuse}.Refusals(), missingURL + "\n" + missingText, missingURL + ". " + missingText},
		{catalog.Rules{Minimum: map[string]int{"Studio": 3}, Missing: catalog.Ignore}, danglingFilm + "\nStudio: 2 entities; at least 3 must be there", "Studio: 2 entities; at least 3 must be there"},
	} {
		for name, last := range map[string]version{"beside the last version": last, "beside none": {}} {
			v := validate(t, last, next, test.rules)
			checkFindings(t, name, v, test.said)
			got := ""
			if err := v.Err(); err != nil {
				got = strings.TrimPrefix(err.Error(), "the version is refused: ")
			}
			if got != test.want {
				t.Errorf("%+v, %s: Err is %q, want %q", test.rules, name, got, test.want)
			}
		}
	}
}

// TestOldFaults: what was wrong before and is as it was is not found again; once its entity changes, it is.
func TestOldFaults(t *testing.T) {
	last, edited := faulty(), faulty()
	edited["Film"][0] = strings.Replace(edited["Film"][0], "1990", "1991", 1)
	edited["Film"][3] = `{"id":"f9","studioId":"s9","year":1,"files":[{}]}`
	v := validate(t, build(t, filmSDL, last, nil), build(t, filmSDL, edited, nil), catalog.Rules{})
	checkFindings(t, "beside the last version", v, danglingFilm+"\n"+missingURL)
	if len(v.Counts) != 6 || v.Counts[1].Changed != 2 {
		t.Errorf("counts: %+v", v.Counts)
	}
	again := build(t, filmSDL, last, nil)
	checkFindings(t, "beside itself", validate(t, again, again, catalog.Rules{}), "")
}

// TestUnreadableLast: a last version whose chunks are gone tells how many entities there were, one that lacks its sections nothing. Of next, all is found.
func TestUnreadableLast(t *testing.T) {
	rows := faulty()
	rows["Take"] = []string{`{"id":"t0"}`}
	rows["Cut"] = slices.Repeat([]string{""}, 12)
	for i := range rows["Cut"] {
		rows["Cut"][i] = fmt.Sprintf(`{"id":"c%d"}`, i)
	}
	rows["Film"] = films["Film"]
	last, next := build(t, filmSDL, rows, tiny), build(t, filmSDL, faulty(), tiny)
	all := last.chunks
	const faults = danglingFilm + "\n" + missingURL + "\n" + missingText
	const shrink = "Cut: 12 -> 1 entities, 91.7 % fewer; at most 50 % may go\n"
	last.chunks = nil
	lost := validate(t, last, next, catalog.Rules{})
	checkFindings(t, "without chunks", lost, shrink+faults)
	last.chunks = maps.Clone(all)
	delete(last.chunks, last.manifest.Section("Take").Chunks[0].Digest) // the last model: what is wrong with the others is found already
	checkFindings(t, "without one chunk", validate(t, last, next, catalog.Rules{}), shrink+faults)
	last.manifest.Sections = nil
	hollow := validate(t, last, next, catalog.Rules{})
	checkFindings(t, "without sections", hollow, faults)
	if lost.Counts != nil || hollow.Counts != nil {
		t.Errorf("counts of what was not compared: %+v, %+v", lost.Counts, hollow.Counts)
	}
}

func TestValidateByWrongRules(t *testing.T) {
	_, err := catalog.Validate(t.Context(), nil, build(t, filmSDL, films, nil).snapshot(t), catalog.Rules{MaxShrink: 50})
	if err == nil || !strings.Contains(err.Error(), "MaxShrink") {
		t.Errorf("Validate: %v", err)
	}
}

// TestValidateEnds by its context, and where next cannot be read.
func TestValidateEnds(t *testing.T) {
	last, next := build(t, filmSDL, films, tiny), build(t, filmSDL, faulty(), tiny)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, m := range map[string]*chunker.Manifest{"beside the last version": last.manifest, "beside none": nil} {
		shot := next.beside(last).snapshot(t)
		if _, err := catalog.Validate(t.Context(), m, shot, catalog.Rules{}); err != nil { // all is in memory now: no fetch looks at the context
			t.Fatal(err)
		}
		if _, err := catalog.Validate(ctx, m, shot, catalog.Rules{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, canceled: %v", name, err)
		}
		if _, err := catalog.Validate(t.Context(), m, version{next.schema, next.manifest, last.chunks}.snapshot(t), catalog.Rules{}); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s, without next's chunks: %v", name, err)
		}
	}
}

// impatient is a context that ends after so many looks at it.
type impatient struct {
	context.Context //nolint:containedctx // it is one
	looks           *int
}

func (c impatient) Err() error {
	if *c.looks--; *c.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestWalkEnds amid the entities of one model that are in memory.
func TestWalkEnds(t *testing.T) {
	shot := build(t, thingSDL, storetest.Tables{"Thing": things("x", 0, 100)}, nil).snapshot(t)
	for _, ctx := range []context.Context{t.Context(), impatient{t.Context(), new(20)}} {
		if _, err := catalog.Validate(ctx, nil, shot, catalog.Rules{}); (err != nil) != (ctx != t.Context()) || err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Validate: %v", err)
		}
	}
}

// TestValidateReadsLittle: of a small edit, the blocks that differ are read, and those in which its references are found. Where nothing is looked for, nothing is read.
func TestValidateReadsLittle(t *testing.T) {
	last := build(t, samplestore.Schema, samplestore.New(), nil)
	next := build(t, samplestore.Schema, &editing{samplestore.New(), 3500}, nil).beside(last)
	ignore := catalog.Rules{Missing: catalog.Ignore, Dangling: catalog.Ignore}
	for _, test := range []struct {
		name  string
		last  *chunker.Manifest
		rules catalog.Rules
		most  int
	}{
		// The episode's block in either version; its program's; a block of the index of groups, and one of groups.
		{"an edit", last.manifest, catalog.Rules{}, 2 + 1 + 2},
		{"an edit, of which only the counts matter", last.manifest, ignore, 2},
		{"no last version, and only its counts matter", nil, ignore, 0},
	} {
		log := &fetchLog{}
		v, err := catalog.Validate(t.Context(), test.last, log.snapshot(t, next), test.rules)
		if err != nil {
			t.Fatal(err)
		}
		checkFindings(t, test.name, v, "")
		if len(log.fetched) > test.most {
			t.Errorf("%s: %d chunks were fetched, want at most %d", test.name, len(log.fetched), test.most)
		}
		if changed := slices.ContainsFunc(v.Counts, func(c catalog.DiffCounts) bool { return c.Changed == 1 }); changed != (test.last != nil) {
			t.Errorf("%s: counts %+v", test.name, v.Counts)
		}
	}
}

// BenchmarkValidate judges a version of the sample that differs from the last one by one record, with all chunks at hand; and one without a last version.
func BenchmarkValidate(b *testing.B) {
	last := build(b, samplestore.Schema, samplestore.New(), nil)
	next := build(b, samplestore.Schema, &editing{samplestore.New(), 3500}, nil).beside(last)
	for _, test := range []struct {
		name string
		last *chunker.Manifest
	}{{"edit", last.manifest}, {"whole", nil}} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v, err := catalog.Validate(b.Context(), test.last, next.snapshot(b), catalog.Rules{})
				if err != nil || len(v.Findings) > 0 {
					b.Fatal(v, err)
				}
			}
		})
	}
}
