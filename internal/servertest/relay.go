package servertest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Relay stands between a client and a server, to give their connection the troubles of a network. All its methods may be called
// concurrently.
type Relay struct {
	target   string
	listener net.Listener

	mu     sync.Mutex
	conns  []net.Conn
	passed int  // connections that were taken
	era    int  // of new connections; those of earlier eras are frozen
	frozen bool // new ones too
}

// StartRelay listens on address ("host:port"; port 0 takes a free one) and passes connections on to target until Close.
func StartRelay(t testing.TB, address, target string) *Relay {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{target: target, listener: listener}
	t.Cleanup(r.Close)
	go r.accept() // Ends with Close.
	return r
}

// Address returns the "host:port" it listens on.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Connections returns how many connections it has taken so far.
func (r *Relay) Connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.passed
}

// Cut closes the connections. New ones pass.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range r.conns {
		_ = conn.Close()
	}
	r.conns = nil
}

// Freeze lets the connections stand, but nothing passes them any more: neither end is told. New ones pass.
func (r *Relay) Freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.era++
}

// FreezeAll is Freeze for the connections to come, too.
func (r *Relay) FreezeAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frozen = true
}

// Close cuts the connections and refuses new ones. Closing twice is fine.
func (r *Relay) Close() {
	_ = r.listener.Close()
	r.Cut()
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, client, server)
		r.passed++
		era := r.era
		r.mu.Unlock()
		go r.pass(server, client, era)
		go r.pass(client, server, era)
	}
}

// pass copies one direction of a connection until either end closes.
func (r *Relay) pass(to, from net.Conn, era int) {
	defer to.Close()
	_, _ = io.Copy(passage{r, to, era}, from)
}

// passage writes to a connection unless it is frozen: then it swallows.
type passage struct {
	relay *Relay
	to    net.Conn
	era   int
}

func (p passage) Write(b []byte) (int, error) {
	if p.relay.isFrozen(p.era) {
		return len(b), nil
	}
	return p.to.Write(b)
}

func (r *Relay) isFrozen(era int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.frozen || era < r.era
}
