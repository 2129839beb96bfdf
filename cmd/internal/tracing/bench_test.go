package tracing

import (
	"context"
	"log/slog"
	"net"
	"testing"
)

// BenchmarkWrap is what tracing costs an invocation with one work in it, whose spans go to a daemon.
func BenchmarkWrap(b *testing.B) {
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { daemon.Close() })
	env := map[string]string{"AWS_XRAY_DAEMON_ADDRESS": daemon.LocalAddr().String()}
	traced := New(func(name string) string { return env[name] }, "films", slog.New(slog.DiscardHandler), nil)
	b.Cleanup(traced.Close)
	h, e := traced.Wrap(works{traced}), event("getProgram", `"id":"x"`)
	for _, sampled := range []string{"0", "1"} {
		b.Run("sampled="+sampled, func(b *testing.B) {
			ctx := inLambda(b, sampled)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.Invoke(ctx, e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// works is a handler of one work.
type works struct{ *Tracing }

func (w works) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	_, end := w.Works().Begin(ctx, "answer", "getProgram")
	end(nil)
	return nil, nil
}
