package catalog_test

import (
	"errors"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const clipSDL = `
type Clip @model(timestamps: null) { id: ID! title: String! videos: [Video!] stills: [Image] grid: [[Int!]] notes: AWSJSON! plain: Plain plains: [[Plain]] frame: Frame }
type Frame { inner: [Inner] }
type Inner { image: Image }
type Video { url: String! still: Image! }
type Image { url: String! next: Image }
type Plain { text: String more: Plain }`

func TestMissing(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields string // beside those that must be there
		want   string
	}{
		{"nothing", `"title":"","grid":[],"notes":{"a":null}`, ""},
		{"nulls where they may be", `"title":"t","videos":null,"stills":[null,{"url":"u","next":null}],"grid":[null,[]],"notes":[null],"plain":null`, ""},
		{"an absent field", `"notes":0`, `Clip: 1 entity lacks the field title, which the schema says is never null: "a"`},
		{"null", `"title":null,"notes":false`, `Clip: 1 entity lacks the field title, which the schema says is never null: "a"`},
		{"null as JSON", `"title":"t","notes":null`, `Clip: 1 entity lacks the field notes, which the schema says is never null: "a"`},
		{"fields of objects in a list", `"title":"t","videos":[{"url":"u","still":{"url":"u"}},{"still":null},{}],"notes":1`,
			"Clip: 1 entity lacks the field videos.still, which the schema says is never null: \"a\"\n" +
				"Clip: 1 entity lacks the field videos.url, which the schema says is never null: \"a\""},
		{"an object nested in its like", `"title":"t","stills":[{"url":"u","next":{"url":"u","next":{}}}],"notes":1`,
			`Clip: 1 entity lacks the field stills.next.next.url, which the schema says is never null: "a"`},
		{"an object that demands nothing but through others", `"title":"t","notes":1,"frame":{"inner":[null,{"image":{}}]}`,
			`Clip: 1 entity lacks the field frame.inner.image.url, which the schema says is never null: "a"`},
		{"elements", `"title":"t","videos":[null],"notes":1`, `Clip: 1 entity has a null in the list videos, which the schema says has none: "a"`},
		{"elements of elements", `"title":"t","grid":[null,[1,null],[null]],"notes":1`, `Clip: 1 entity has a null in the list grid[], which the schema says has none: "a"`},
		{"types that demand nothing are not read", `"title":"t","notes":{"videos":[null]},"plain":{"foreign":1},"plains":[[1]]`, ""},
	} {
		next := build(t, clipSDL, storetest.Tables{"Clip": {`{"id":"a",` + test.fields + `}`}}, nil)
		checkFindings(t, test.name+", beside none", validate(t, version{}, next, catalog.Rules{}), test.want)
		last := build(t, clipSDL, storetest.Tables{}, nil)
		checkFindings(t, test.name+", beside an empty version", validate(t, last, next, catalog.Rules{}), test.want)
		checkFindings(t, test.name+", ignored", validate(t, last, next, catalog.Rules{Missing: catalog.Ignore}), "")
	}
}

// TestMissingExamples: five are named, in the order of the section.
func TestMissingExamples(t *testing.T) {
	const five = `"a", "b", "c", "d", "e"`
	rows := storetest.Tables{}
	for _, id := range "fedcba" {
		rows["Clip"] = append(rows["Clip"], `{"id":"`+string(id)+`","title":"t","videos":[{"url":"u"},{"url":"u"}],"notes":1}`)
	}
	checkFindings(t, "six", validate(t, version{}, build(t, clipSDL, rows, nil), catalog.Rules{}),
		"Clip: 6 entities lack the field videos.still, which the schema says is never null: "+five+", ...")
	rows["Clip"] = rows["Clip"][1:]
	checkFindings(t, "five", validate(t, version{}, build(t, clipSDL, rows, tiny), catalog.Rules{}),
		"Clip: 5 entities lack the field videos.still, which the schema says is never null: "+five)
}

// TestMissingIsNotReadInVain: of lists and objects that demand nothing, no more is read than that they are there.
func TestMissingIsNotReadInVain(t *testing.T) {
	const sdl = `type Clip @model(timestamps: null) { id: ID! words: [String]! plain: Plain! plains: [Plain]! } type Plain { text: String }`
	next := build(t, sdl, storetest.Tables{"Clip": {`{"id":"a","words":1,"plain":{"foreign":1},"plains":{}}`}}, nil)
	checkFindings(t, "values of no type", validate(t, version{}, next, catalog.Rules{}), "")
}

// TestMissingInDamage: a value that does not follow the schema is damage, not a finding.
func TestMissingInDamage(t *testing.T) {
	for _, fields := range []string{`"videos":[{"foreign":1}]`, `"videos":1`, `"stills":[1]`, `"grid":[1]`} {
		next := build(t, clipSDL, storetest.Tables{"Clip": {`{"id":"a",` + fields + `}`}}, nil)
		if v, err := catalog.Validate(t.Context(), nil, next.snapshot(t), catalog.Rules{}); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, %v; want ErrDamaged", fields, v, err)
		}
	}
}
