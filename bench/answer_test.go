package bench

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// linkRate is what a Lambda function's network carries, in bytes a second.
const linkRate = 75e6

// BenchmarkAnswer is the time from the start of a fresh client to its first answer.
func BenchmarkAnswer(b *testing.B) {
	server := filled(b)
	episodes := sampleLines(b, "Episode")
	for _, network := range []struct{ name, address string }{
		{"loopback", server},
		{"75MBps", startLink(b, server, linkRate).address()},
	} {
		b.Run(network.name+"/get", func(b *testing.B) {
			dice := rand.New(rand.NewPCG(1, 1))
			raceContenders(b, network.address, func(r reader) ([]byte, error) { return r.get(b.Context(), episodes[dice.IntN(len(episodes))].ID) })
		})
		b.Run(network.name+"/page", func(b *testing.B) {
			raceContenders(b, network.address, func(r reader) ([]byte, error) { return r.page(b.Context()) })
		})
	}
}

func raceContenders(b *testing.B, address string, ask func(reader) ([]byte, error)) {
	r := race{}
	for b.Loop() {
		for _, c := range contenders() {
			forget()
			var client reader
			r.run(c.name, func() {
				client = c.open(b, address)
				if _, err := ask(client); err != nil {
					b.Fatal(err)
				}
			})
			client.close()
		}
	}
	r.report(b)
}

// filled starts a server and fills it for every contender.
func filled(t testing.TB) (address string) {
	t.Helper()
	address = servertest.Valkey(t)
	for _, c := range contenders() {
		c.fill(t, address)
	}
	return address
}

// forget empties the pools of buffers that a process has filled, as a fresh one has none. It takes two collections.
func forget() {
	runtime.GC()
	runtime.GC()
}

// TestSameAnswers holds every contender's answers, byte for byte, against those made of the sample itself.
func TestSameAnswers(t *testing.T) {
	address := filled(t)
	sample := newHolder[lines](t)
	first, err := sample.episodes(pageSize)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contenders() {
		t.Run(c.name, func(t *testing.T) {
			answers := func(ask func(reader) ([]byte, error), want any) {
				t.Helper()
				r := c.open(t, address)
				defer r.close()
				encoded, err := json.Marshal(want)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := ask(r); err != nil || !bytes.Equal(got, encoded) {
					t.Errorf("answer = %.300q, %v, want %.300q", got, err, encoded)
				}
			}
			answers(func(r reader) ([]byte, error) { return r.page(t.Context()) }, map[string]any{"items": first})
			for i := range 5 {
				e := first[i*pageSize/5]
				answers(func(r reader) ([]byte, error) { return r.get(t.Context(), e.ID) }, e)
			}
		})
	}
}
