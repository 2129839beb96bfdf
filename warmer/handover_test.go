package warmer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/warmer"
)

// long is a function on three tables, of which a build has time for one: a build may take two minutes, and reads for a minute and a half of them.
type long struct {
	*function
	table    time.Duration // that a scan takes
	stubborn bool          // a scan goes on until its time is over, and has all then
	scanned  []string
	asked    []warmer.Command // by the function itself, not done yet
	failure  error            // of asking
}

func openLong(t *testing.T) *long {
	t.Helper()
	l := &long{function: openOn(t, `type A @model @table(name: "a") { id: ID! title: String }
type B @model @table(name: "b") { id: ID! title: String }
type C @model @table(name: "c") { id: ID! title: String }`)}
	l.store = &longStore{l.store, l}
	l.edit(t, "one", "a", "b", "c")
	l.again(func(_ context.Context, c warmer.Command) error {
		if l.failure == nil {
			l.asked = append(l.asked, c)
		}
		return l.failure
	})
	if _, failed := l.invoke(t, `{}`); failed != "" {
		t.Fatal(failed)
	}
	l.table, l.scanned = time.Minute, nil
	return l
}

func (l *long) again(ask func(context.Context, warmer.Command) error) {
	l.Warmer = warmer.New(l.schema, l.cache, l.update, l.renew, &warmer.Options{Again: ask, Log: slog.New(slog.NewTextHandler(&l.log, nil))})
}

func (l *long) edit(t *testing.T, title string, tables ...string) {
	t.Helper()
	for _, table := range tables {
		l.write(t, table, `{"id":"x","title":"`+title+`"}`, `{"id":"y","title":"Y"}`)
	}
}

// next does what the function has asked of itself first.
func (l *long) next(t *testing.T) warmer.Result {
	t.Helper()
	event, err := json.Marshal(l.asked[0])
	if err != nil {
		t.Fatal(err)
	}
	l.asked = l.asked[1:]
	r, failed := l.invoke(t, string(event))
	if failed != "" {
		t.Fatalf("%s: %s", event, failed)
	}
	return r
}

// built is the version that a build of the tables makes now.
func (l *long) built(t *testing.T) warmer.Result {
	t.Helper()
	other := openLong(t)
	other.table, other.store = 0, &longStore{l.store.(*longStore).Store, other}
	r, failed := other.invoke(t, `{}`)
	if failed != "" {
		t.Fatal(failed)
	}
	return r
}

type longStore struct {
	store.Store
	of *long
}

func (s *longStore) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	s.of.scanned = append(s.of.scanned, m.Name)
	if s.of.stubborn {
		if err := s.Store.Scan(ctx, m, o, emit); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.of.table):
		return s.Store.Scan(ctx, m, o, emit)
	}
}

// TestHandOver: what there is no time for is done by the next calls, each of which has less to read. All of them publish.
func TestHandOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openLong(t)
		l.edit(t, "two", "a", "b", "c")
		r, _ := l.invoke(t, `{}`)
		last := []string{"A", "B", "C"}
		for calls := 1; ; calls++ {
			read := last[0]
			if diff := cmp.Diff(last[1:], r.Left, equalEmpty); diff != "" || r.Mode != warmer.Full {
				t.Fatalf("call %d leaves (-want +got):\n%s", calls, diff)
			}
			for _, changes := range r.Changes {
				if (changes.Changed == 1) != (changes.Model == read) {
					t.Errorf("call %d, which reads %s: %+v", calls, read, changes)
				}
			}
			if last = r.Left; len(last) == 0 {
				break
			}
			if want := (warmer.Command{Catalog: "catalog", Mode: warmer.Full, Models: last}); len(l.asked) != 1 || !cmp.Equal(want, l.asked[0]) {
				t.Fatalf("call %d asks for %+v, want %+v", calls, l.asked, want)
			}
			r = l.next(t)
		}
		if want := l.built(t); r.Version != want.Version || len(l.asked) > 0 {
			t.Errorf("in the end %s, built %s; asked %v", r.Version, want.Version, l.asked)
		}
	})
}

var equalEmpty = cmp.Transformer("empty", func(list []string) []string { return append([]string{}, list...) })

// TestEditBetweenCalls: what is published between two calls is not taken back, of whatever table it is.
func TestEditBetweenCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openLong(t)
		l.edit(t, "two", "a", "b", "c")
		l.invoke(t, `{}`)
		l.edit(t, "three", "a", "c")
		if r, failed := l.invoke(t, `{"mode":"incremental","records":["A/x","C/x"]}`); failed != "" || r.Changes[0].Changed != 1 || r.Changes[2].Changed != 1 {
			t.Fatalf("the edit: %s %+v", failed, r.Changes)
		}
		want := []cache.Changes{{Model: "A"}, {Model: "B", Changed: 1}, {Model: "C"}}
		if diff := cmp.Diff(want, l.next(t).Changes); diff != "" {
			t.Errorf("the second call (-want +got):\n%s", diff)
		}
		if r, want := l.next(t), l.built(t); r.Version != want.Version || r.Changes[2].Changed != 0 {
			t.Errorf("the third call: %+v, built %s", r, want.Version)
		}
	})
}

// TestCallsTwice: Lambda may run each of them twice, and at the same time. That makes more calls, which end too, and nothing else.
func TestCallsTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openLong(t)
		l.edit(t, "two", "a", "b", "c")
		l.invoke(t, `{}`)
		var r warmer.Result
		for calls := 0; len(l.asked) > 0; calls++ {
			if calls > 6 {
				t.Fatalf("no end: %v", l.asked)
			}
			l.asked = slices.Insert(l.asked, 0, l.asked[0])
			l.next(t)
			r = l.next(t)
		}
		if want := l.built(t); r.Version != want.Version {
			t.Errorf("in the end %s, built %s", r.Version, want.Version)
		}
	})
}

// TestNobodyGoesOn: then it is an error that says what has been done, and how to do the rest.
func TestNobodyGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(l *long)
		cause   string
	}{
		"not set up":   {func(l *long) { l.again(nil) }, "CHUNKASIDE_HANDOVER is not set"},
		"Lambda fails": {func(l *long) { l.failure = errors.New("no way") }, "no way"},
		"Lambda does not answer": {func(l *long) {
			l.again(func(ctx context.Context, _ warmer.Command) error {
				<-ctx.Done()
				return ctx.Err()
			})
		}, context.DeadlineExceeded.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := openLong(t)
				l.edit(t, "two", "a", "b", "c")
				test.prepare(l)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				_, err := l.Invoke(ctx, []byte(`{}`))
				failed, _ := errors.AsType[messages.InvokeResponse_Error](err)
				history, versionErr := l.cache.Versions(t.Context())
				if versionErr != nil || len(history.Versions) != 2 {
					t.Fatalf("%d versions: %v", len(history.Versions), versionErr)
				}
				const rest = `{"catalog":"catalog","mode":"full","models":["B","C"]}`
				for _, want := range []string{"version " + history.Manifest.Short(), "2 tables", rest, test.cause} {
					if failed.Type != warmer.OutOfTime || !strings.Contains(failed.Message, want) || !strings.HasPrefix(failed.Message, "version ") {
						t.Errorf("%s: %s\nwant %s", failed.Type, failed.Message, want)
					}
				}
				l.table = 0
				if r, failed := l.invoke(t, rest); failed != "" || r.Version != l.built(t).Version {
					t.Errorf("what it says to send: %s %+v", failed, r)
				}
			})
		})
	}
}

// TestFirstTableHasNoEnd: what no call has time for is no matter for another call. Nothing changes, and the error names the table.
func TestFirstTableHasNoEnd(t *testing.T) {
	for name, stubborn := range map[string]bool{"it is not read": false, "it is read when the time is over": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := openLong(t)
				l.edit(t, "two", "a", "b", "c")
				before, err := l.cache.Versions(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				l.table, l.stubborn = time.Hour, stubborn
				_, failed := l.invoke(t, `{}`)
				after, err := l.cache.Versions(t.Context())
				if failed != warmer.OutOfTime || err != nil || after.Pointer != before.Pointer || len(l.asked) > 0 {
					t.Errorf("%q, %v, asked %v", failed, err, l.asked)
				}
				if !stubborn && !strings.Contains(l.log.String(), "read the table of A") {
					t.Error(l.log.String())
				}
				l.table, l.stubborn = 0, false
				begin := time.Now()
				if r, failed := l.invoke(t, `{}`); failed != "" || len(r.Left) > 0 || time.Since(begin) > 8*time.Second {
					t.Errorf("the next one: %s %+v after %v", failed, r, time.Since(begin))
				}
			})
		})
	}
}

// TestTablesTogether: a batch reads the tables that its messages name, and those of the records that they name; all, if one of them means all.
func TestTablesTogether(t *testing.T) {
	for _, test := range []struct {
		bodies []string
		want   []string
	}{
		{[]string{`{"mode":"full","models":["C"]}`}, []string{"C"}},
		{[]string{`{"mode":"full","models":["C"]}`, `{"mode":"incremental","records":["A/x","A/y"]}`}, []string{"A", "C"}},
		{[]string{`{"mode":"incremental","records":["A/x"]}`, `{"mode":"full","models":["C","C"]}`, `{"mode":"full","models":["A"]}`}, []string{"A", "C"}},
		{[]string{`{"mode":"full","models":["C"]}`, `{"mode":"full"}`, `{"mode":"full","models":["A"]}`}, []string{"A", "B", "C"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := openLong(t)
			l.table = 0
			var list []string
			for i, body := range test.bodies {
				list = append(list, fmt.Sprintf(`{"eventSource":"aws:sqs","messageId":"%d","body":%q}`, i, body))
			}
			if r, failed := l.invoke(t, `{"Records":[`+strings.Join(list, ",")+`]}`); failed != "" || r.Mode != warmer.Full || len(r.Failures) > 0 {
				t.Errorf("%v: %s %+v", test.bodies, failed, r)
			}
			if diff := cmp.Diff(test.want, l.scanned); diff != "" {
				t.Errorf("%v reads (-want +got):\n%s", test.bodies, diff)
			}
		})
	}
}

// TestPartIsRefused: rules hold for each version, and a refused one is not gone on with.
func TestPartIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := openLong(t)
		var many []string
		for i := range 20 {
			many = append(many, fmt.Sprintf(`{"id":"%d"}`, i))
		}
		l.write(t, "a", many...)
		if _, failed := l.invoke(t, `{"mode":"full","models":["A"]}`); failed != "" {
			t.Fatal(failed)
		}
		l.edit(t, "gone", "a")
		if _, failed := l.invoke(t, `{}`); failed != warmer.Refused || len(l.asked) > 0 {
			t.Errorf("%q, asked %v", failed, l.asked)
		}
	})
}
