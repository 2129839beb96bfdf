package resolver_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// TestEntitiesDoNotAllocate: memory is taken once for a query, and hardly any for each entity of its answer.
func TestEntitiesDoNotAllocate(t *testing.T) {
	r := newResolver(t, samplestore.Schema, samplestore.New(), nil)
	for _, fields := range []string{
		"id title titleJa synopsis number",
		"number synopsis id",
		"id still { url width } guests { name role } videos { url } title",
	} {
		const least, most = 100, 900
		allocations := func(limit int) float64 {
			e := []byte(event("listEpisodes", fmt.Sprintf(`{"limit":%d}`, limit), "{ items { "+fields+" } }"))
			return testing.AllocsPerRun(10, func() {
				if _, err := r.Invoke(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			})
		}
		if more := (allocations(most) - allocations(least)) / (most - least); more > 0.05 { // the memory of the answer may have to grow
			t.Errorf("{ %s }: %.2f allocations for each entity", fields, more)
		}
	}
}

// TestAnswersAreTheCallers: an answer stays what it is while others are written, whatever the caller does to his.
func TestAnswersAreTheCallers(t *testing.T) {
	r := newResolver(t, samplestore.Schema, samplestore.New(), nil)
	answer := func(limit int) []byte {
		a, err := r.Invoke(t.Context(), fmt.Appendf(nil, `{"arguments":{"limit":%d},"info":{"parentTypeName":"Query","fieldName":"listEpisodes"}}`, limit))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	limits := []int{1, 2000, 10, 3, 2000, 1} // small ones, and such as are larger than what is kept
	var answers, copies [][]byte
	for _, limit := range limits {
		answers = append(answers, answer(limit))
		copies = append(copies, slices.Clone(answers[len(answers)-1]))
	}
	for i, limit := range limits {
		if !bytes.Equal(answers[i], copies[i]) || !bytes.Equal(answer(limit), copies[i]) {
			t.Errorf("the answer with limit %d has changed", limit)
		}
		clear(answers[i])
	}
}

// TestLargeRoomsAreNotKept for small answers.
func TestLargeRoomsAreNotKept(t *testing.T) {
	for _, test := range []struct{ room, answer, kept int }{
		{1 << 10, 10, 1 << 10},
		{resolver.MaxRoom, 10, resolver.MaxRoom},
		{resolver.MaxRoom + 1, 10, 0},
		{4 * resolver.MaxRoom, resolver.MaxRoom, 4 * resolver.MaxRoom},
		{4 * resolver.MaxRoom, resolver.MaxRoom - 1, 0},
	} {
		if got := cap(resolver.KeptRoom(make([]byte, test.answer, test.room))); got != test.kept {
			t.Errorf("of %d bytes with an answer of %d in them %d are kept, want %d", test.room, test.answer, got, test.kept)
		}
	}
}
