package bench

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// link stands between clients and a server as a network does that carries no more than so many bytes a second in each direction, whoever sends them. It adds no other delay.
type link struct {
	listener net.Listener
	server   string
	up, down pace

	mu    sync.Mutex
	conns []net.Conn
}

// startLink starts a link to the server ("host:port") that ends with the test. A rate is in bytes a second.
func startLink(t testing.TB, server string, rate float64) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, server: server, up: pace{rate: rate}, down: pace{rate: rate}}
	t.Cleanup(l.close)
	go l.accept() // Ends with close.
	return l
}

func (l *link) address() string { return l.listener.Addr().String() }

func (l *link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		l.mu.Lock()
		l.conns = append(l.conns, client, server)
		l.mu.Unlock()
		go pass(server, client, &l.up)
		go pass(client, server, &l.down)
	}
}

func (l *link) close() {
	_ = l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.Close()
	}
}

const (
	// pieceSize is how many bytes are passed on at once. A message is through when its last piece is, so smaller ones would only cost more calls.
	pieceSize = 16 << 10
	// queue is how many pieces wait in a link, a megabyte: more would hide from the sender that it is slow.
	queue = 64
)

// piece is bytes on their way, and when they came.
type piece struct {
	data []byte
	came time.Time
}

// pass copies one direction of a connection until either end closes. Pieces are read while others wait: what one of them sleeps too long is not lost for the next.
func pass(to, from net.Conn, p *pace) {
	way, free := make(chan piece, queue), make(chan []byte, queue+2)
	go func() {
		defer close(way)
		for {
			buffer := buffer(free)
			n, err := from.Read(buffer)
			if n > 0 {
				way <- piece{buffer[:n], time.Now()}
			}
			if err != nil {
				return
			}
		}
	}()
	defer to.Close()
	for piece := range way {
		pause(time.Until(p.through(piece.came, len(piece.data))))
		if _, err := to.Write(piece.data); err != nil {
			_ = from.Close() // it is the other end that closed: so the reading ends too
		}
		free <- piece.data
	}
}

// buffer is one that has been used, or a new one.
func buffer(free chan []byte) []byte {
	select {
	case b := <-free:
		return b[:pieceSize]
	default:
		return make([]byte, pieceSize)
	}
}

// pace tells when bytes have come through one direction of a link: one after another, at its rate.
type pace struct {
	rate float64

	mu   sync.Mutex
	free time.Time // when what was sent before has come through
}

// through is when n bytes that came at a moment are through.
func (p *pace) through(came time.Time, n int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free.Before(came) {
		p.free = came
	}
	p.free = p.free.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
	return p.free
}

func TestPace(t *testing.T) {
	p, start := pace{rate: 1000}, time.Unix(0, 0)
	for _, step := range []struct {
		at    time.Duration
		bytes int
		want  time.Duration
	}{
		{0, 500, 500 * time.Millisecond},
		{100 * time.Millisecond, 1000, 1500 * time.Millisecond}, // waits for the first
		{4 * time.Second, 100, 4100 * time.Millisecond},         // what was not used is gone
	} {
		if got := p.through(start.Add(step.at), step.bytes).Sub(start); got != step.want {
			t.Errorf("%d bytes sent after %v are through after %v, want %v", step.bytes, step.at, got, step.want)
		}
	}
}

func TestLinkPassesBytes(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		conn, err := echo.Accept()
		if err == nil {
			_, _ = io.Copy(conn, conn)
			conn.Close()
		}
	}()
	conn, err := net.Dial("tcp", startLink(t, echo.Addr().String(), 1<<30).address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sent := make([]byte, 3*pieceSize+1)
	_, _ = rand.Read(sent)
	if _, err := conn.Write(sent); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("through the link came other bytes than were sent: %v", err)
	}
}
