package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// chunks are a version's.
func (s shop) chunks(of string) []chunker.Digest {
	s.Helper()
	var version view
	if err := json.Unmarshal([]byte(s.run("inspect", of, "--json")), &version); err != nil {
		s.Fatal(err)
	}
	var digests []chunker.Digest
	for _, section := range version.Sections {
		for _, c := range section.Chunks {
			digests = append(digests, c.Digest)
		}
	}
	return digests
}

// lose takes chunks out of the cache.
func (s shop) lose(digests ...chunker.Digest) {
	s.Helper()
	for _, d := range digests {
		servertest.SetValkey(s, s.address, "chunkaside/catalog/c/"+string(d), nil)
	}
}

// own is the chunk that the first version has and the second has not.
func (s shop) own(one, other []chunker.Digest) chunker.Digest {
	s.Helper()
	i := slices.IndexFunc(one, func(d chunker.Digest) bool { return !slices.Contains(other, d) })
	if i < 0 {
		s.Fatal("the versions have the same chunks")
	}
	return one[i]
}

// verification runs verify, which must end with this code.
func (s shop) verification(code int, args ...string) (v verification, stderr string) {
	s.Helper()
	out, stderr, got := s.try(append([]string{"verify", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &v); err != nil || got != code {
		s.Fatalf("verify %q: code %d, want %d, %v: %s%s", args, got, code, err, out, stderr)
	}
	return v, stderr
}

// TestVerifyRepairs: what is lost of the current version is sent anew, nothing else is, and the version stays what it was.
func TestVerifyRepairs(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	before := valkeyItems(t, s.address)
	lost := s.chunks("current")
	s.lose(lost[0])
	servertest.SetValkey(t, s.address, "chunkaside/catalog/c/"+string(lost[1]), []byte("hello"))
	if _, stderr := s.verification(6); !strings.Contains(stderr, "chunkaside verify --repair") {
		t.Errorf("verify: %s", stderr)
	}
	out := s.run("verify", "--repair")
	s.wants(out, "1 missing, 1 damaged", "repair: the store makes version "+s.history().Manifest.Short(), "2 of its ", ": whole again\n",
		"chunk "+string(lost[0])+" is restored", "chunk "+string(lost[1])+" is restored")
	after := valkeyItems(t, s.address)
	for key, value := range before {
		if strings.Contains(key, "/c/") && string(after[key]) != string(value) {
			t.Errorf("%s has other bytes", key)
		}
	}
	sequence := s.history().Sequence
	if v, _ := s.verification(0, "--repair"); v.Repair != nil || s.history().Sequence != sequence || !v.Versions[0].Sound() {
		t.Errorf("repair of a whole version: %+v", v)
	}
}

// TestVerifyRepairsFromAChangedStore: readers get a new version. What only the old one had is named, until gc drops that from the history.
func TestVerifyRepairsFromAChangedStore(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	old := s.chunks("current")
	s.lose(old...)
	s.products("Armchair")
	v, _ := s.verification(0, "--repair")
	lost := s.own(old, s.chunks("current"))
	if got := s.title(); got != `{"title":"Armchair"}` {
		t.Errorf("title %s", got)
	}
	if r := v.Repair.Versions[0]; len(r.Broken) != 1 || r.Broken[0] != lost || len(r.Restored) != len(old)-1 {
		t.Errorf("repair: %+v", r)
	}
	if v, _ := s.verification(6, "--all"); len(v.Versions) != 2 || !v.Versions[0].Sound() || v.Versions[1].Missing != 1 {
		t.Errorf("verify --all: %+v", v)
	}
	for _, args := range [][]string{{"--all", "--repair"}, {"previous", "--repair"}} {
		if v, stderr := s.verification(6, args...); v.Repair.Published.ChunksSent != 0 || !strings.Contains(stderr, "chunkaside gc") {
			t.Errorf("%q sent %d chunks: %s", args, v.Repair.Published.ChunksSent, stderr)
		}
	}
	s.verification(0)
	s.run("gc", "--keep", "1", "--grace", "0s")
	s.verification(0, "--all")
}

// TestVerifyRepairThatRulesRefuse ends as a warm-up does, and says what was restored all the same.
func TestVerifyRepairThatRulesRefuse(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	s.lose(s.chunks("current")...)
	if v, _ := s.verification(8, "--repair", "--min-count", "Product=1000"); v.Repair.Published != nil || !v.Repair.Sound() {
		t.Errorf("repair: %+v", v.Repair)
	}
	s.verification(0)
}

// TestVerifyRepairWithoutTables: what was found is printed, and why nothing came of it.
func TestVerifyRepairWithoutTables(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	s.lose(s.chunks("current")[0])
	if err := os.Remove(filepath.Join(s.dir, "Product.ndjson")); err != nil {
		t.Fatal(err)
	}
	if v, stderr := s.verification(4, "--repair"); v.Versions[0].Missing != 1 || v.Repair != nil || !strings.Contains(stderr, "Product.ndjson") {
		t.Errorf("repair: %+v, %s", v, stderr)
	}
}

func TestVerifyAllOrOne(t *testing.T) {
	if _, stderr, code := command(t, "verify", "--all", "newest"); code != 2 || !strings.Contains(stderr, "not newest alone") {
		t.Errorf("code %d, %s", code, stderr)
	}
}
