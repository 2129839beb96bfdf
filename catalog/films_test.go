package catalog_test

import (
	"maps"
	"slices"

	"github.com/chunkaside/chunkaside/store/storetest"
)

// filmSDL has references of all kinds: filmReferences lists them.
const filmSDL = `
type Studio @model(timestamps: null) {
  id: ID!
  name: String!
  films: [Film] @hasMany(indexName: "byStudio", fields: ["id"])
  reels: [Reel] @hasMany(indexName: "byStudio", fields: ["id"])
  notes: [Note] @hasMany(indexName: "byStudio", fields: ["id"])
}
type Film @model(timestamps: null) {
  id: ID!
  studioId: ID @index(name: "byOriginInStudio", sortKeyFields: ["originId"], queryField: "filmsInStudio") @index(name: "byStudio", sortKeyFields: ["year"])
  studio: Studio @belongsTo(fields: ["studioId"])
  year: Int
  originId: ID @index(name: "byOrigin", sortKeyFields: ["year"], queryField: "filmsByOrigin")
  origin: Film @belongsTo(fields: ["originId"])
  partnerId: ID
  partner: Studio @hasOne(fields: ["partnerId"])
  note: Note @hasOne(fields: ["id"])
  files: [File!]
}
type Reel @model(timestamps: null) {
  filmId: ID! @primaryKey(sortKeyFields: ["number"])
  number: Int!
  studioId: ID @index(name: "byStudio")
  film: Film @belongsTo(fields: ["filmId"])
  cuts: [Cut] @hasMany(indexName: "byReel", fields: ["filmId", "number"])
  takes: [Take] @hasMany(indexName: "byReel", fields: ["filmId", "number"])
}
type Cut @model(timestamps: null) { id: ID! filmId: ID @index(name: "byReel", sortKeyFields: ["number"]) number: Int }
type Take @model(timestamps: null) { id: ID! filmId: ID @index(name: "byReel", sortKeyFields: ["number", "code"]) number: Int code: String }
type Note @model(timestamps: null) { id: ID! text: String! studioId: ID @index(name: "byStudio") film: Film @belongsTo(fields: ["id"]) }
type File { url: String! size: Int }`

// films is a catalog of filmSDL in which nothing is wrong.
var films = storetest.Tables{
	"Studio": {`{"id":"s1","name":"One"}`, `{"id":"s2","name":"Two"}`},
	"Film": {
		`{"id":"f1","studioId":"s1","year":1990}`,
		`{"id":"f2","studioId":"s1","originId":"f1","partnerId":"s2"}`,
		`{"id":"f3","studioId":"s2","year":1992,"originId":"f1"}`,
	},
	"Reel": {`{"filmId":"f1","number":1}`, `{"filmId":"f1","number":2,"studioId":"s1"}`},
	"Cut":  {`{"id":"c1","filmId":"f1","number":2}`},
	"Take": {`{"id":"t1","filmId":"f1","number":2,"code":"x"}`},
	"Note": {`{"id":"f3","text":"x"}`},
}

// without is films without an entity.
func without(model, entity string) storetest.Tables {
	tables := maps.Clone(films)
	tables[model] = slices.DeleteFunc(slices.Clone(films[model]), func(other string) bool { return other == entity })
	return tables
}

// with is films with one more entity.
func with(model, entity string) storetest.Tables {
	tables := maps.Clone(films)
	tables[model] = append(slices.Clone(films[model]), entity)
	return tables
}

// instead is films with another entity in the place of one.
func instead(model, old, entity string) storetest.Tables {
	tables := without(model, old)
	tables[model] = append(tables[model], entity)
	return tables
}

// faulty is films with a fault of each kind.
func faulty() storetest.Tables {
	tables := with("Film", `{"id":"f9","studioId":"s9","files":[{}]}`)
	tables["Note"] = append(tables["Note"], `{"id":"f2"}`)
	return tables
}

// The findings of faulty.
const (
	danglingFilm = `Film: 1 refers by studioId to a Studio that is not there: "f9" to "s9"`
	missingURL   = `Film: 1 entity lacks the field files.url, which the schema says is never null: "f9"`
	missingText  = `Note: 1 entity lacks the field text, which the schema says is never null: "f2"`
)
