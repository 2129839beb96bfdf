package servertest

import (
	"runtime"
	"testing"
)

// recorder is a test that notes how it ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.ended = "failed"; runtime.Goexit() }
func (r *recorder) Skip(...any)           { r.ended = "skipped"; runtime.Goexit() }

// TestMissing: servers and shared data are required by a variable each.
func TestMissing(t *testing.T) {
	for _, test := range []struct{ servers, data, wantServer, wantData string }{
		{"", "", "skipped", "skipped"},
		{"1", "", "failed", "skipped"},
		{"", "1", "skipped", "failed"},
	} {
		t.Setenv("CHUNKASIDE_REQUIRE_SERVERS", test.servers)
		t.Setenv("CHUNKASIDE_REQUIRE_DATA", test.data)
		server := ending(func(t testing.TB) { Missing(t, "no server") })
		data := ending(func(t testing.TB) { SharedData(t, "no such folder") })
		if server != test.wantServer || data != test.wantData {
			t.Errorf("servers %q, data %q: without a server a test is %s, without data %s, want %s and %s",
				test.servers, test.data, server, data, test.wantServer, test.wantData)
		}
	}
}

func ending(test func(testing.TB)) string {
	var r recorder
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(&r)
	}()
	<-done
	return r.ended
}
