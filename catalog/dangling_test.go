package catalog_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

func TestDangling(t *testing.T) {
	for _, test := range []struct {
		name string
		next storetest.Tables
		want string // beside films
		more string // what is found without a last version, if that is more
	}{
		{"nothing", films, "", ""},
		{"a reference that is new", with("Film", `{"id":"f4","studioId":"s9"}`), `Film: 1 refers by studioId to a Studio that is not there: "f4" to "s9"`, ""},
		{"to nothing", with("Film", `{"id":"f4","studioId":null,"originId":""}`), "", ""},
		{"by a part of the primary key", with("Reel", `{"filmId":"f8","number":1}`), `Reel: 1 refers by filmId to a Film that is not there: "f8", 1 to "f8"`, ""},
		{"by two fields", with("Cut", `{"id":"c2","filmId":"f1","number":3}`), `Cut: 1 refers by filmId, number to a Reel that is not there: "c2" to "f1", 3`, ""},
		{"by half of them", with("Cut", `{"id":"c2","filmId":"f8"}`), "", ""},
		{"without an index", with("Film", `{"id":"f4","partnerId":"s9"}`), `Film: 1 refers by partnerId to a Studio that is not there: "f4" to "s9"`, ""},
		{"by the primary key", with("Note", `{"id":"f9","text":"x"}`), `Note: 1 refers by id to a Film that is not there: "f9" to "f9"`, ""},
		{"by a reference that changed", instead("Film", films["Film"][0], `{"id":"f1","studioId":"s3","year":1990}`),
			`Film: 1 refers by studioId to a Studio that is not there: "f1" to "s3"`, ""},
		{"to oneself", with("Film", `{"id":"f4","originId":"f4"}`), "", ""},
		{"to what went", without("Studio", films["Studio"][0]),
			"Film: 2 refer by studioId to a Studio that is not there: \"f2\" to \"s1\", \"f1\" to \"s1\"\nReel: 1 refers by studioId to a Studio that is not there: \"f1\", 2 to \"s1\"", ""},
		{"to what went, without an index", without("Studio", films["Studio"][1]), `Film: 1 refers by studioId to a Studio that is not there: "f3" to "s2"`,
			`Film: 1 refers by partnerId to a Studio that is not there: "f2" to "s2"`},
		{"to what went, by two fields", without("Reel", films["Reel"][1]), `Cut: 1 refers by filmId, number to a Reel that is not there: "c1" to "f1", 2`,
			"\n" + `Take: 1 refers by filmId, number to a Reel that is not there: "t1" to "f1", 2`},
		{"to what went, by the primary key", without("Film", films["Film"][2]), `Note: 1 refers by id to a Film that is not there: "f3" to "f3"`, ""},
		{"to what got another key", instead("Film", films["Film"][2], `{"id":"f4","studioId":"s2","year":1992,"originId":"f1"}`),
			`Note: 1 refers by id to a Film that is not there: "f3" to "f3"`, ""},
		{"to what has another place", instead("Film", films["Film"][0], `{"id":"f1","studioId":"s2"}`), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			last, next := build(t, filmSDL, films, tiny), build(t, filmSDL, test.next, tiny)
			checkFindings(t, "beside the last version", validate(t, last, next, catalog.Rules{}), test.want)
			checkFindings(t, "ignored", validate(t, last, next, catalog.Rules{Dangling: catalog.Ignore}), "")
			if test.more == "" || test.more[0] == '\n' {
				checkFindings(t, "beside none", validate(t, version{}, next, catalog.Rules{}), test.want+test.more)
			} else {
				checkFindings(t, "beside none", validate(t, version{}, next, catalog.Rules{}), test.more+"\n"+test.want)
			}
		})
	}
}

// TestDanglingCountsOnce: an entity that changed and refers to one that went is met from both sides, where an index leads back to it. What lacks a sort value is in the index that orders the section, in
// no other.
func TestDanglingCountsOnce(t *testing.T) {
	next := storetest.Tables{"Studio": films["Studio"][1:], "Film": {
		`{"id":"f2","studioId":"s1","originId":"f1","partnerId":"s2","files":[]}`, `{"id":"f3","studioId":"s2","year":1993,"originId":"f1"}`,
	}}
	checkFindings(t, "both changed", validate(t, build(t, filmSDL, films, tiny), build(t, filmSDL, next, tiny), catalog.Rules{}),
		"Film: 2 refer by originId to a Film that is not there: \"f2\" to \"f1\", \"f3\" to \"f1\"\nFilm: 1 refers by studioId to a Studio that is not there: \"f2\" to \"s1\"")
}

// TestDanglingCountsAll: all are counted that refer to one that went, and five named, in the order of the index.
func TestDanglingCountsAll(t *testing.T) {
	last := with("Studio", `{"id":"s3","name":"Three"}`)
	for i := range 7 {
		last["Film"] = append(last["Film"], fmt.Sprintf(`{"id":"g%d","studioId":"s3","year":%d}`, i, 2000-i))
	}
	next := maps.Clone(last)
	next["Studio"] = films["Studio"]
	for name, o := range map[string]*chunker.Options{"whole": nil, "tiny": tiny} {
		checkFindings(t, name, validate(t, build(t, filmSDL, last, o), build(t, filmSDL, next, o), catalog.Rules{}),
			`Film: 7 refer by studioId to a Studio that is not there: "g6" to "s3", "g5" to "s3", "g4" to "s3", "g3" to "s3", "g2" to "s3", ...`)
	}
}

// TestHasOneOfOwnKey: what a model may have one of is no reference, what it must have is.
func TestHasOneOfOwnKey(t *testing.T) {
	const sdl = `type Film @model(timestamps: null) { id: ID! note: Note @hasOne(fields: ["id"]) poster: Poster! @hasOne(fields: ["id"]) } type Note @model(timestamps: null) { id: ID! } type Poster @model(timestamps: null) { id: ID! }`
	v := validate(t, version{}, build(t, sdl, storetest.Tables{"Film": {`{"id":"f1"}`}}, nil), catalog.Rules{})
	checkFindings(t, "neither", v, `Film: 1 refers by id to a Poster that is not there: "f1" to "f1"`)
}

// TestHasManyByOtherFields: a relation by fields that are not the primary key says nothing of what must be there.
func TestHasManyByOtherFields(t *testing.T) {
	const sdl = `type Tag @model(timestamps: null) { id: ID! text: String films: [Film] @hasMany(indexName: "byTag", fields: ["text"]) } type Film @model(timestamps: null) { id: ID! tag: String @index(name: "byTag") }`
	v := validate(t, version{}, build(t, sdl, storetest.Tables{"Film": {`{"id":"f1","tag":"x"}`}}, nil), catalog.Rules{})
	checkFindings(t, "a tag of its own", v, "")
}
