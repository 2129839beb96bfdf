package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// query follows all pages and returns the entities, and how many pages there were.
func query(t testing.TB, st store.Store, m *schema.Model, q store.Query) ([]store.Entity, int) {
	t.Helper()
	var all []store.Entity
	for pages := 1; ; pages++ {
		page, err := st.Query(t.Context(), m, q)
		if err != nil {
			t.Fatalf("Query(%+v): %v", q, err)
		}
		if q.Limit > 0 && len(page.Entities) > q.Limit {
			t.Fatalf("Query with limit %d = %d entities", q.Limit, len(page.Entities))
		}
		all = append(all, page.Entities...)
		if page.Next == "" {
			return all, pages
		}
		if pages > 1000 {
			t.Fatal("Query does not end")
		}
		q.Start = page.Next
	}
}

// studio makes a record for each rating, and two that are not asked for.
func studio(ratings ...string) []store.Item {
	records := []store.Item{
		item("id", text("other"), "studio", text("b"), "rating", number("1"), "title", text("t")),
		item("id", text("none"), "rating", number("1"), "title", text("t")),
	}
	for i, rating := range ratings {
		records = append(records, item("id", text(showID(i)), "studio", text("a"), "rating", number(rating), "title", text("r"+rating)))
	}
	return records
}

func encoded(t testing.TB, m *schema.Model, records ...store.Item) []store.Entity {
	list := make([]store.Entity, len(records))
	for i, r := range records {
		list[i] = entity(t, m, r)
	}
	return list
}

// testQuery sorts by a number and by a text, which give different orders.
func testQuery(t *testing.T, s suite) {
	m := model(t, "Show")
	records := studio("10", "9", "-1", "0.5", "100", "-20")
	records = append(records, item("id", text("last"), "studio", text("a"), "rating", number("1e3"), "title", text("Z")))
	st := s.Open(t, Table{m, records})
	rows := records[2:]
	at := func(places ...int) []store.Entity {
		var list []store.Entity
		for _, i := range places {
			list = append(list, entity(t, m, rows[i]))
		}
		return list
	}
	byNumber, byText := []int{5, 2, 3, 1, 0, 4, 6}, []int{6, 2, 5, 3, 0, 4, 1}
	for name, order := range map[string][]int{"byStudio": byNumber, "byStudioTitle": byText} {
		got, _ := query(t, st, m, store.Query{Index: m.Index(name), Partition: "a"})
		same(t, name, got, at(order...))
		slices.Reverse(order)
		got, _ = query(t, st, m, store.Query{Index: m.Index(name), Partition: "a", Descending: true})
		same(t, name+" descending", got, at(order...))
	}
	if got, _ := query(t, st, m, store.Query{Index: m.Index("byStudio"), Partition: "nobody"}); len(got) != 0 {
		t.Errorf("Query of nobody = %s", got)
	}
	if got, _ := query(t, st, m, store.Query{Index: m.Index("byStudio"), Partition: ""}); len(got) != 0 {
		t.Errorf("Query of an empty partition = %s", got)
	}
}

// testQueryPages pages with all limits, over sort values some of which are equal.
func testQueryPages(t *testing.T, s suite) {
	m := model(t, "Show")
	records := studio("1", "2", "2", "2", "3", "4", "4", "5", "6", "7", "8")
	st := s.Open(t, Table{m, records})
	for _, descending := range []bool{false, true} {
		q := store.Query{Index: m.Index("byStudio"), Partition: "a", Descending: descending}
		whole, _ := query(t, st, m, q)
		want := encoded(t, m, records[2:]...)
		got := slices.Clone(whole)
		sorted(got)
		sorted(want)
		same(t, "Query", got, want)
		for limit := 1; limit <= len(want)+1; limit++ {
			q.Limit = limit
			paged, pages := query(t, st, m, q)
			same(t, fmt.Sprintf("Query by pages of %d, descending %t", limit, descending), paged, whole)
			if least := (len(want) + limit - 1) / limit; pages < least || pages > least+1 {
				t.Errorf("limit %d: %d pages of %d entities", limit, pages, len(want))
			}
		}
	}
}

// testQueryLarge has more in one partition than one page holds.
func testQueryLarge(t *testing.T, s suite) {
	m := model(t, "Show")
	records := large(6, "studio", text("a"))
	st := s.Open(t, Table{m, records})
	got, pages := query(t, st, m, store.Query{Index: m.Index("byStudio"), Partition: "a"})
	if want := encoded(t, m, records...); !slices.EqualFunc(got, want, func(a, b store.Entity) bool { return string(a) == string(b) }) {
		t.Errorf("Query = %d entities, want %d in the order of their ratings", len(got), len(want))
	}
	if pages < 2 {
		t.Errorf("Query of 2.3 MB = %d page, want more", pages)
	}
}

// testQuerySparse has records that lack a field of the index: they are not in it.
func testQuerySparse(t *testing.T, s suite) {
	m := model(t, "Show")
	records := []store.Item{
		item("id", text("whole"), "studio", text("a"), "rating", number("1")),
		item("id", text("no rating"), "studio", text("a"), "title", text("t")),
		item("id", text("null rating"), "studio", text("a"), "rating", null()),
		item("id", text("null studio"), "studio", null(), "rating", number("1")),
	}
	st := s.Open(t, Table{m, records})
	got, _ := query(t, st, m, store.Query{Index: m.Index("byStudio"), Partition: "a"})
	same(t, "Query", got, encoded(t, m, records[0]))
}

// testQueryJoined has an index with two sort fields, whose values are compared as one text.
func testQueryJoined(t *testing.T, s suite) {
	m := model(t, "Episode")
	episode := func(show, season, code string) store.Item {
		return item("show", text(show), "season", number(season), "code", text(code), "language", text("de"))
	}
	// "!" comes before "#": joined, "1!" would come before "1". "10" comes before "2".
	records := []store.Item{
		episode("z", "1", "b"), episode("a", "1", "c"), episode("b", "10", "a"), episode("a", "2", "!"), episode("a", "2", "a"),
	}
	st := s.Open(t, Table{m, append(slices.Clone(records), item("show", text("q"), "season", number("1"), "code", text("b"), "language", null()))})
	q := store.Query{Index: m.Index("byLanguage"), Partition: "de"}
	for _, q.Limit = range []int{0, 1, 2} {
		got, _ := query(t, st, m, q)
		same(t, "Query", got, encoded(t, m, records...))
	}
}

func testQueryPrimaryKey(t *testing.T, s suite) {
	m := model(t, "Reading")
	var records []store.Item
	for _, at := range []string{"-5", "0", "0.5", "9", "10", "1e20"} {
		records = append(records, item("sensor", number("1"), "at", number(at)))
	}
	st := s.Open(t, Table{m, append(slices.Clone(records), item("sensor", number("2"), "at", number("1")))})
	for limit := range 4 {
		q := store.Query{Index: m.Key, Partition: "1", Limit: limit}
		got, _ := query(t, st, m, q)
		same(t, "Query", got, encoded(t, m, records...))
	}
	show := model(t, "Show")
	st = s.Open(t, Table{show, shows(3)})
	got, _ := query(t, st, show, store.Query{Index: show.Key, Partition: showID(1)})
	same(t, "Query of a key without sort", got, encoded(t, show, shows(3)[1]))
}

func testQueryWrong(t *testing.T, s suite) {
	m := model(t, "Show")
	st := s.Open(t, Table{m, studio("1", "2", "3")})
	good := store.Query{Index: m.Index("byStudio"), Partition: "a", Limit: 1}
	page, err := st.Query(t.Context(), m, good)
	if err != nil || page.Next == "" {
		t.Fatalf("Query = %+v, %v, want a page and a Next", page, err)
	}
	forged := func(c store.Cursor) string { return c.Token(good) }
	for name, q := range map[string]store.Query{
		"no cursor":           {Index: good.Index, Partition: "a", Start: "garbage!"},
		"text":                {Index: good.Index, Partition: "a", Start: "Z2FyYmFnZQ"},
		"another partition's": {Index: good.Index, Partition: "b", Start: page.Next},
		"another index's":     {Index: m.Index("byStudioTitle"), Partition: "a", Start: page.Next},
		"without sort":        {Index: good.Index, Partition: "a", Start: forged(store.Cursor{Partition: "x"})},
		"without key":         {Index: good.Index, Partition: "a", Start: forged(store.Cursor{Sort: "1"})},
		"of a wrong type":     {Index: good.Index, Partition: "a", Start: forged(store.Cursor{Sort: "one", Partition: "x"})},
	} {
		if _, err := st.Query(t.Context(), m, q); !errors.Is(err, store.ErrStart) {
			t.Errorf("Query with a start that is %s = %v, want store.ErrStart", name, err)
		}
	}
	for name, q := range map[string]store.Query{
		"a negative limit": {Index: good.Index, Partition: "a", Limit: -1},
		"a text for year":  {Index: m.Index("byYear"), Partition: "MMXX"},
	} {
		if _, err := st.Query(t.Context(), m, q); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("Query with %s = %v, want store.ErrInvalid", name, err)
		}
	}
}
