package streamtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// script is a source whose records come at known times after its beginning.
type script struct {
	began time.Time
	next  int
	at    []time.Duration
}

func (s *script) Read(context.Context) (records []Record, err error) {
	for ; s.next < len(s.at) && time.Since(s.began) >= s.at[s.next]; s.next++ {
		records = append(records, Record{fmt.Sprint(s.next + 1), json.RawMessage(fmt.Sprintf(`{"n":%d}`, s.next+1))})
	}
	return records, nil
}

// follow plays a script for a minute, and returns the calls: when, and with which records. answer says what the function answers.
func follow(t *testing.T, o Options, answer func(call int) string, at ...time.Duration) (calls []string, batches []Batch) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		o.Report = func(b Batch) { batches = append(batches, b) }
		function := func(_ context.Context, event []byte) ([]byte, bool, error) {
			records := strings.NewReplacer(`{"Records":[`, "", `{"n":`, "", "}", "", "]", "").Replace(string(event))
			calls = append(calls, fmt.Sprintf("%v: %s", time.Since(began), records))
			text := answer(len(calls))
			return []byte(text), text == "error", nil
		}
		if err := Follow(ctx, &script{began: began, at: at}, function, &o); err != nil {
			t.Error(err)
		}
	})
	return calls, batches
}

func done(int) string { return `{"batchItemFailures":[]}` }

// TestWindow: a batch is what comes within the window of its first record.
func TestWindow(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		window time.Duration
		want   []string
	}{
		{0, []string{"1s: 1", "1.1s: 2", "1.5s: 3", "3s: 4"}},
		{450 * ms, []string{"1.45s: 1,2", "2s: 3", "3.45s: 4"}},
		{500 * ms, []string{"1.5s: 1,2,3", "3.5s: 4"}},
	} {
		got, _ := follow(t, Options{Poll: 100 * ms, Window: test.window}, done, 1000*ms, 1050*ms, 1500*ms, 3000*ms)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("window %v (-want +got):\n%s", test.window, diff)
		}
	}
}

// TestFailures: what the function names comes again, with all after it, until it is given up; and then what comes later.
func TestFailures(t *testing.T) {
	const named = `{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}`
	for _, test := range []struct {
		name    string
		answers []string
		want    []string
		left    []int
	}{
		{"none", nil, []string{"1s: 1,2,3", "10s: 4"}, []int{0, 0}},
		{"once", []string{named}, []string{"1s: 1,2,3", "2s: 2,3", "10s: 4"}, []int{2, 0, 0}},
		{"always", []string{named, named, named}, []string{"1s: 1,2,3", "2s: 2,3", "3s: 2,3", "10s: 4"}, []int{2, 2, 2, 0}},
		{"all", []string{"error"}, []string{"1s: 1,2,3", "2s: 1,2,3", "10s: 4"}, []int{3, 0, 0}},
		{"not understood", []string{"[]"}, []string{"1s: 1,2,3", "2s: 1,2,3", "10s: 4"}, []int{3, 0, 0}},
		{"unknown", []string{`{"batchItemFailures":[{"itemIdentifier":""}]}`}, []string{"1s: 1,2,3", "2s: 1,2,3", "10s: 4"}, []int{3, 0, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := func(call int) string {
				if call <= len(test.answers) {
					return test.answers[call-1]
				}
				return `null`
			}
			got, batches := follow(t, Options{Poll: time.Second, Attempts: 3}, answer, time.Second, time.Second, time.Second, 10*time.Second)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			var left []int
			gaveUp := false
			for _, b := range batches {
				left, gaveUp = append(left, b.Left), gaveUp || b.GaveUp
			}
			if diff := cmp.Diff(test.left, left); diff != "" || gaveUp != (test.name == "always") {
				t.Errorf("gave up: %v; left (-want +got):\n%s", gaveUp, diff)
			}
		})
	}
}

// TestNoAnswer: a function that is gone ends it.
func TestNoAnswer(t *testing.T) {
	gone := errors.New("gone")
	function := func(context.Context, []byte) ([]byte, bool, error) { return nil, false, gone }
	if err := Follow(t.Context(), &script{at: []time.Duration{0}}, function, nil); !errors.Is(err, gone) {
		t.Error(err)
	}
}
