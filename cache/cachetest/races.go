package cachetest

import (
	"strconv"
	"sync"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
)

// racers is how many callers race.
const racers = 16

// runRaces: the conditions hold when many callers test them at once.
func runRaces(t *testing.T, h Harness) {
	h.each(t, "one set if absent wins", func(t *testing.T, d cache.Driver) {
		winner := race(t, func(i int) (bool, error) {
			return d.SetIfAbsent(t.Context(), "k", racer(i), long)
		})
		expect(t, "k", get(t, d, "k"), racer(winner))
	})
	h.each(t, "one compare and set wins", func(t *testing.T, d cache.Driver) {
		setIfAbsent(t, d, "k", "old", long, true)
		winner := race(t, func(i int) (bool, error) {
			return d.CompareAndSet(t.Context(), "k", []byte("old"), racer(i), long)
		})
		expect(t, "k", get(t, d, "k"), racer(winner))
	})
	h.each(t, "no increment is lost", func(t *testing.T, d cache.Driver) {
		const times = 5
		setIfAbsent(t, d, "k", "0", long, true)
		together(racers, func(int) {
			for range times {
				if !increment(t, d, "k") {
					return
				}
			}
		})
		expect(t, "k", get(t, d, "k"), []byte(strconv.Itoa(racers*times)))
	})
	h.each(t, "every call at once", func(t *testing.T, d cache.Driver) {
		together(racers, func(i int) {
			for _, call := range calls(d, "k"+strconv.Itoa(i%4)) {
				if err := call.do(t.Context()); err != nil {
					t.Errorf("%s = %v", call.op, err)
				}
			}
		})
	})
}

func racer(i int) []byte { return []byte("racer " + strconv.Itoa(i)) }

// race calls from many goroutines at once and returns the one that was told it stored.
func race(t *testing.T, call func(i int) (bool, error)) (winner int) {
	t.Helper()
	var won [racers]bool
	together(racers, func(i int) {
		stored, err := call(i)
		if err != nil {
			t.Errorf("racer %d: %v", i, err)
		}
		won[i] = stored
	})
	winner = -1
	for i, stored := range won {
		switch {
		case stored && winner >= 0:
			t.Fatalf("racers %d and %d both stored", winner, i)
		case stored:
			winner = i
		}
	}
	if winner < 0 {
		t.Fatal("no racer stored")
	}
	return winner
}

// increment adds one to a decimal value with compare and set, trying until it wins.
func increment(t *testing.T, d cache.Driver, key string) bool {
	for {
		values, err := d.Get(t.Context(), []string{key})
		if err != nil {
			t.Error(err)
			return false
		}
		n, err := strconv.Atoi(string(values[0]))
		if err != nil {
			t.Error(err)
			return false
		}
		stored, err := d.CompareAndSet(t.Context(), key, values[0], []byte(strconv.Itoa(n+1)), long)
		if err != nil {
			t.Error(err)
			return false
		}
		if stored {
			return true
		}
	}
}

// together calls f(0) to f(n-1), each in a goroutine, none before all are ready, and waits for all.
func together(n int, f func(i int)) {
	var ready, done sync.WaitGroup
	begin := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-begin
			f(i)
		})
	}
	ready.Wait()
	close(begin)
	done.Wait()
}
