package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// loadQuery is what each request asks for: a program, its groups, their episodes.
const loadQuery = `query Page($id: ID!) { getProgram(id: $id) { id title groups(limit: 9) { items { id number title
	episodes(limit: 10) { items { id number title airedOn duration free } } } } } }`

var offered = flag.Int("rate", 5000, "how many queries a second to send, in a pace that does not wait for answers")

// TestServedAlike: the program, and a server that resolves field by field, give one answer.
func TestServedAlike(t *testing.T) {
	ours, others := startServe(t), startFieldByField(t)
	for _, body := range loadBodies(t, ours) {
		got, want := jsontext.Value(ours.post(t, body)), jsontext.Value(others.post(t, body))
		// encoding/json escapes what need not be.
		if err := errors.Join(got.Canonicalize(), want.Canonicalize()); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s:\n%.300s, field by field\n%.300s", body, got, want)
		}
	}
}

// BenchmarkServe loads the program as "chunkaside serve" runs, over HTTP, from this process. Both share the machine's cores.
func BenchmarkServe(b *testing.B) {
	ours, others := startServe(b), startFieldByField(b)
	bodies := loadBodies(b, ours)
	b.Run("offered", func(b *testing.B) {
		var laps []load
		for b.Loop() {
			laps = append(laps, ours.attack(b, bodies, vegeta.Rate{Freq: *offered, Per: time.Second}))
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(median(laps, func(l load) float64 { return l.Throughput }), "answers/s")
		b.ReportMetric(median(laps, func(l load) float64 { return 100 * l.Success }), "%-answered")
		b.ReportMetric(milliseconds(laps, func(l load) time.Duration { return l.Latencies.P50 }), "p50-ms")
		b.ReportMetric(milliseconds(laps, func(l load) time.Duration { return l.Latencies.P95 }), "p95-ms")
		b.ReportMetric(milliseconds(laps, func(l load) time.Duration { return l.Latencies.P99 }), "p99-ms")
	})
	// As many as the servers answer, with so many requests at once. Where others use the machine too, room is what both cores would do for them alone.
	b.Run("most", func(b *testing.B) {
		laps := map[string][]load{}
		for b.Loop() {
			for _, s := range []*served{ours, others} {
				laps[s.name] = append(laps[s.name], s.attack(b, bodies, vegeta.Rate{}))
			}
		}
		b.ReportMetric(0, "ns/op")
		processor := map[string]float64{}
		for name, list := range laps {
			processor[name] = median(list, func(l load) float64 { return l.processor.Seconds() / float64(l.Requests) })
			b.ReportMetric(median(list, func(l load) float64 { return l.Throughput }), name+"-answers/s")
			b.ReportMetric(milliseconds(list, func(l load) time.Duration { return l.Latencies.P99 }), name+"-p99-ms")
			b.ReportMetric(1e6*processor[name], name+"-processor-us")
			b.ReportMetric(median(list, func(l load) float64 {
				return float64(cores()) / (l.processor + l.generator).Seconds() * float64(l.Requests)
			}), name+"-room/s")
		}
		b.ReportMetric(processor[others.name]/processor[ours.name], "x-less-processor")
	})
}

func milliseconds(laps []load, value func(load) time.Duration) float64 {
	return median(laps, func(l load) float64 { return 1e3 * value(l).Seconds() })
}

// load is what came of some seconds of requests.
type load struct {
	vegeta.Metrics
	processor, generator time.Duration // what the server and this process used, on all cores
}

// lapOfLoad is how long one server is asked before another has its turn; atOnce are the most requests in flight where no rate is given; connections are the most that carry them. Requests wait for
// one, and their latency counts it: opening thousands would take the processor from answering.
const (
	lapOfLoad   = 4 * time.Second
	atOnce      = 8
	connections = 64
)

// served is a server in a process of its own.
type served struct {
	name, url string
	process   *os.Process
}

func (s *served) attack(t testing.TB, bodies [][]byte, rate vegeta.Rate) (l load) {
	t.Helper()
	next := 0
	targets := func(to *vegeta.Target) error { // one call at a time
		*to = vegeta.Target{Method: http.MethodPost, URL: s.url, Body: bodies[next%len(bodies)]}
		next++
		return nil
	}
	most := uint64(atOnce)
	if rate.Freq > 0 {
		most = vegeta.DefaultMaxWorkers
	}
	before, own := processorTime(t, s.process.Pid), processorTime(t, os.Getpid())
	attacker := vegeta.NewAttacker(vegeta.Workers(atOnce), vegeta.MaxWorkers(most), vegeta.Connections(connections), vegeta.MaxConnections(connections), vegeta.Timeout(10*time.Second),
		vegeta.MaxBody(0)) // bodies are read, but not kept
	for r := range attacker.Attack(targets, rate, lapOfLoad, s.name) {
		l.Add(r)
	}
	l.Close()
	l.processor, l.generator = processorTime(t, s.process.Pid)-before, processorTime(t, os.Getpid())-own
	return l
}

// post is the answer to one body.
func (s *served) post(t testing.TB, body []byte) []byte {
	t.Helper()
	answer, err := http.Post(s.url, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", data, answer.Status, err)
	}
	return data
}

// loadBodies ask for each program whose page has about a hundred entities.
func loadBodies(t testing.TB, s *served) (bodies [][]byte) {
	t.Helper()
	for _, p := range decoded[program](t, "Program") {
		body, err := json.Marshal(map[string]any{"query": loadQuery, "variables": map[string]string{"id": p.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(s.post(t, body), []byte(`{"id":`)); n >= 90 && n <= 110 {
			bodies = append(bodies, body)
		}
	}
	if len(bodies) < 10 {
		t.Fatalf("%d programs have pages of about 100 entities", len(bodies))
	}
	return bodies
}

// startServe builds the program and serves the sample with it.
func startServe(t testing.TB) *served {
	t.Helper()
	program := filepath.Join(t.TempDir(), "chunkaside")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "..", "-o", program, "./cmd/chunkaside").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return start(t, "chunkaside", exec.Command(program, "serve", "--listen", "127.0.0.1:0"), "ready ")
}

// start runs a server whose output has its URL, and then a line that begins with ready.
func start(t testing.TB, name string, command *exec.Cmd, ready string) *served {
	t.Helper()
	output, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = input, input
	ended, err := servertest.Launch(command)
	_ = input.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-ended
		_ = output.Close()
	})
	s := &served{name: name, process: command.Process}
	var said []string
	for lines := bufio.NewScanner(output); lines.Scan(); {
		said = append(said, lines.Text())
		for word := range strings.FieldsSeq(lines.Text()) {
			if strings.HasPrefix(word, "http://") && s.url == "" {
				s.url = word
			}
		}
		if strings.HasPrefix(lines.Text(), ready) {
			return s
		}
	}
	t.Fatalf("%s is not ready: %s", name, strings.Join(said, "\n"))
	return nil
}

// processorTime is what a process has used so far, on all cores.
func processorTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatalf("benchmarks that measure processes need Linux: %v", err)
	}
	// What stands behind the program's name, which may hold anything, begins with the third field; the 14th and 15th are user and system time.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	ticks := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100
}
