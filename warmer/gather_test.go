package warmer_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/warmer"
)

// TestEditsDuringAPublish: those that come while one runs are one publish, the next.
func TestEditsDuringAPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t)
		f.slow = 10 * time.Second
		var group sync.WaitGroup
		group.Go(func() { f.invoke(t, `{}`) })
		for i, event := range []string{editA, editB, records(record("shows", keyA, "1")), editB} {
			group.Go(func() {
				time.Sleep(time.Duration(i+1) * time.Second)
				if r, failed := f.invoke(t, event); failed != "" || r.Mode != warmer.Incremental || r.Records != 4 {
					t.Errorf("%+v %s", r, failed)
				}
			})
		}
		group.Wait()
		if f.builds != 1 || len(f.updates) != 1 || len(f.updates[0]) != 4 {
			t.Errorf("%d builds, updates %v", f.builds, f.updates)
		}
	})
}

// TestOneRunsOutOfTime: who publishes for others may have less time than they have. They do it themselves then.
func TestOneRunsOutOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t)
		f.slow = 10 * time.Second
		var group sync.WaitGroup
		for i, test := range []struct {
			timeout time.Duration
			want    string
		}{{time.Minute, ""}, {15 * time.Second, warmer.OutOfTime}, {time.Minute, ""}, {5 * time.Second, warmer.OutOfTime}} {
			group.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				_, err := f.Invoke(ctx, []byte(`{}`))
				if failed, _ := errors.AsType[messages.InvokeResponse_Error](err); failed.Type != test.want {
					t.Errorf("call %d: %q, %v, want %q", i, failed.Type, err, test.want)
				}
			})
		}
		group.Wait()
		if f.builds != 3 {
			t.Errorf("%d builds, want 3: the first, one that did not end, and one more", f.builds)
		}
	})
}
