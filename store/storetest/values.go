package storetest

import (
	"errors"
	"testing"

	"github.com/chunkaside/chunkaside/store"
)

// testValues reads each type of value into each type of field that takes it.
func testValues(t *testing.T, s suite) {
	m := model(t, "Show")
	set38 := "0.12345678901234567890123456789012345678"
	tests := []struct {
		name   string
		record store.Item
		want   string // after the id
		sets   bool   // the record holds what JSON cannot
	}{
		{"text", item("note", text("a\"b\\c\n\t\x01</é日本\u2028\u2029\U0001F600\x7f")), `"note":"a\"b\\c\n\t\u0001</é日本` + "\u2028\u2029\U0001F600\x7f" + `"`, false},
		{"empty text", item("note", text("")), `"note":""`, false},
		{"null", item("note", null()), `"note":null`, false},
		{"nothing", item(), ``, false},
		{"order of the schema", item("genre", text("DRAMA"), "live", boolean(true), "title", text("t")), `"title":"t","live":true,"genre":"DRAMA"`, false},
		{"integers", item("year", number("2034.0"), "aired", number("9223372036854775807")), `"year":2034,"aired":9223372036854775807`, false},
		{"negative", item("year", number("-2147483648"), "aired", number("-0")), `"year":-2147483648,"aired":0`, false},
		{"exponent", item("rating", number("1e3")), `"rating":1000`, false},
		{"fraction", item("rating", number("0.10")), `"rating":0.1`, false},
		{"38 digits", item("rating", number(set38)), `"rating":` + set38, false},
		{"large", item("rating", number("9.9999999999999999999999999999999999999E+125")), `"rating":9.9999999999999999999999999999999999999e125`, false},
		{"small", item("rating", number("-1E-130")), `"rating":-1e-130`, false},
		{"false", item("live", boolean(false)), `"live":false`, false},
		{"lists", item("tags", list(text("b"), null(), text("a")), "scores", list()), `"tags":["b",null,"a"],"scores":[]`, false},
		{"lists of lists", item("grid", list(list(number("1")), list(), null())), `"grid":[[1],[],null]`, false},
		{"nested", item("cover", object("width", number("1"), "url", text("u"), "of", object("width", null()))), `"cover":{"url":"u","width":1,"of":{"width":null}}`, false},
		{"nested list", item("images", list(object("url", text("u")), object())), `"images":[{"url":"u"},{}]`, false},
		{"any", item("extra", object("b", list(number("1.50"), boolean(true), null()), "a", object("z", text("1"), "y", object()), "é", text(""))),
			`"extra":{"a":{"y":{},"z":"1"},"b":[1.5,true,null],"é":""}`, false},
		{"any text", item("extra", text(`{"a": 1}`)), `"extra":"{\"a\": 1}"`, false},
		{"list of any", item("extras", list(text("s"), object("k", text("v")), number("2.0"))), `"extras":["s",{"k":"v"},2]`, false},

		{"binary", item("note", binary("\x00\x01*A"), "extra", binary("")), `"extra":"","note":"AAEqQQ=="`, true},
		{"sets", item("tags", set(store.StringSet, text("b"), text("a"), text("B")), "scores", set(store.NumberSet, number("10"), number("9"), number("-1.50"))),
			`"tags":["B","a","b"],"scores":[-1.5,9,10]`, true},
		{"set of binaries", item("tags", set(store.BinarySet, binary("b"), binary("a"))), `"tags":["YQ==","Yg=="]`, true},
		{"sets in any", item("extra", object("n", set(store.NumberSet, number("2"), number("10")), "s", set(store.StringSet, text("x")), "b", set(store.BinarySet, binary("b")))),
			`"extra":{"b":["Yg=="],"n":[2,10],"s":["x"]}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.sets && s.JSON {
				t.Skip("the driver's records are JSON")
			}
			want := `{"id":"x"}`
			if test.want != "" {
				want = `{"id":"x",` + test.want + `}`
			}
			st := s.Open(t, Table{m, []store.Item{append(test.record, item("id", text("x"))...)}})
			same(t, "Scan", scan(t, st, m, nil), []store.Entity{store.Entity(want)})
			same(t, "Get", get(t, st, m, store.Key{"x"}), []store.Entity{store.Entity(want)})
		})
	}
}

// testUndeclared has fields that the schema does not know: they never leave the store.
func testUndeclared(t *testing.T, s suite) {
	m := model(t, "Show")
	st := s.Open(t, Table{m, []store.Item{item(
		"secret", text("s"), "id", text("x"), "__typename", text("Show"), "_version", number("3"), "_deleted", null(),
		"cover", object("secret", object("url", text("u")), "url", text("u"), "Url", text("v")),
		"studio#title", text("a#b"), "extra", object("secret", text("kept: AWSJSON declares nothing")),
	)}})
	same(t, "Scan", scan(t, st, m, nil), []store.Entity{
		store.Entity(`{"id":"x","cover":{"url":"u"},"extra":{"secret":"kept: AWSJSON declares nothing"}}`),
	})
	readings := model(t, "Reading")
	record := item("sensor", number("1"), "at", number("2"), "Item", object("sensor", object("N", text("9"))))
	st = s.Open(t, Table{readings, []store.Item{record}})
	same(t, "Scan of a field called Item", scan(t, st, readings, nil), encoded(t, readings, record))
}

func testTombstones(t *testing.T, s suite) {
	m := model(t, "Show")
	records := studio("1", "2", "3")
	records[3] = append(records[3], item("_deleted", boolean(true))...)
	records[4] = append(records[4], item("_deleted", boolean(false))...)
	st := s.Open(t, Table{m, records})
	live := encoded(t, m, records[0], records[1], records[2], records[4])
	sorted(live)
	same(t, "Scan", scan(t, st, m, nil), live)
	same(t, "Get", get(t, st, m, store.Key{showID(0)}, store.Key{showID(1)}), []store.Entity{entity(t, m, records[2]), nil})
	got, _ := query(t, st, m, store.Query{Index: m.Index("byStudio"), Partition: "a", Limit: 1})
	same(t, "Query", got, encoded(t, m, records[2], records[4]))
}

// testMisfits has one record that does not fit the schema: the error names it, its field and the reason.
func testMisfits(t *testing.T, s suite) {
	m := model(t, "Show")
	for field, test := range map[string]struct {
		member store.Item
		reason string
	}{
		"note":         {item("note", number("1")), "want a String, got a number"},
		"tags":         {item("tags", text("a")), "want a list of String, got a string"},
		"tags[1]":      {item("tags", list(text("a"), boolean(true))), "want a String, got a boolean"},
		"grid[0]":      {item("grid", list(number("1"))), "want a list of Int, got a number"},
		"live":         {item("live", text("true")), "want a Boolean, got a string"},
		"aired":        {item("aired", number("1.5")), "want a whole number, got 1.5"},
		"genre":        {item("genre", text("NOIR")), `"NOIR" is none of Genre: DRAMA, COMEDY`},
		"cover":        {item("cover", text("u")), "want an Image, got a string"},
		"images[0].of": {item("images", list(object("of", list()))), "want an Image, got a list"},
		"cover.width":  {item("cover", object("width", number("2147483648"))), "2147483648 does not fit 32 bits"},
	} {
		t.Run(field, func(t *testing.T) {
			st := s.Open(t, Table{m, []store.Item{append(test.member, item("id", text("pycon-2019/x"))...)}})
			err := st.Scan(t.Context(), m, nil, func([]store.Entity) error { return nil })
			var misfit *store.RecordError
			if !errors.As(err, &misfit) || !errors.Is(err, store.ErrInvalid) {
				t.Fatalf("Scan = %v, want a store.RecordError", err)
			}
			if misfit.Model != "Show" || misfit.Key != "pycon-2019/x" || misfit.Field != field || misfit.Reason != test.reason {
				t.Errorf("Scan = %+v, want field %s, reason %s", misfit, field, test.reason)
			}
			if _, err := st.Get(t.Context(), m, []store.Key{{"pycon-2019/x"}}); !errors.Is(err, store.ErrInvalid) {
				t.Errorf("Get = %v, want store.ErrInvalid", err)
			}
		})
	}
}

func testNoTable(t *testing.T, s suite) {
	m := model(t, "Show")
	st := s.Open(t)
	if err := st.Scan(t.Context(), m, nil, func([]store.Entity) error { return nil }); !errors.Is(err, store.ErrNoTable) {
		t.Errorf("Scan = %v, want store.ErrNoTable", err)
	}
	if _, err := st.Get(t.Context(), m, []store.Key{{"x"}}); !errors.Is(err, store.ErrNoTable) {
		t.Errorf("Get = %v, want store.ErrNoTable", err)
	}
	for _, q := range []store.Query{{Index: m.Key, Partition: "x"}, {Index: m.Index("byStudio"), Partition: "x"}} {
		if _, err := st.Query(t.Context(), m, q); !errors.Is(err, store.ErrNoTable) {
			t.Errorf("Query = %v, want store.ErrNoTable", err)
		}
	}
}
