package telemetry_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
)

// TestFunctionsAreTraced: both functions send X-Ray's daemon what they do, if the invocation is sampled, and nothing that is private.
func TestFunctionsAreTraced(t *testing.T) {
	for path, want := range map[string]string{"./cmd/resolver": "answer", "./cmd/warmer": "publish"} {
		daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { daemon.Close() })
		function := lambdatest.Start(t, path, "CHUNKASIDE_STORE=sample:", "CHUNKASIDE_CACHE=memory:", "AWS_XRAY_DAEMON_ADDRESS="+daemon.LocalAddr().String())
		events := append(events(), "{}")
		for _, event := range events {
			function.Invoke(t, []byte(event))
		}
		function.Sample()
		for _, event := range events {
			function.Invoke(t, []byte(event))
		}
		output := function.Stop()
		text := received(t, daemon)
		if roots := strings.Count(text, `"parent_id":"0000000000000002"`); roots != len(events) || !strings.Contains(text, `"name":"`+want+`"`) || strings.Contains(strings.ToLower(text), "canary") {
			t.Errorf("%s: %d of %d events are traced:\n%s\n%s", path, roots, len(events), text, output)
		}
	}
}

// received is what has come: a packet is there when it has been sent, and all are sent before the last answer.
func received(t *testing.T, daemon net.PacketConn) string {
	t.Helper()
	var packets []string
	packet := make([]byte, 64<<10)
	for {
		if err := daemon.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := daemon.ReadFrom(packet)
		if err != nil {
			return strings.Join(packets, "\n")
		}
		packets = append(packets, string(packet[:n]))
	}
}
