// Package momentofake is a cache server that speaks Momento's wire protocol well enough for the real SDK: gRPC, and of
// cache_client.Scs the calls that cache/momentocache makes. Everything is in memory. It fails, hangs, throttles
// and forgets on request, so that tests see what a service does on its worse days.
//
//	server, err := momentofake.Start("127.0.0.1:0", nil)
//	...
//	defer server.Close()
//	server.Inject(momentofake.Fault{Method: "Get", Code: codes.Unavailable, Times: 2})
//
// The SDK's own message types serve both sides: its package registers their descriptors, and dynamicpb makes messages of them.
package momentofake

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	_ "github.com/momentohq/client-sdk-go/momento" // Registers the descriptors of the messages.
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// DefaultMaxItemSize is 1 MB: the limit the project keeps to, lower than the service's 5 MB of today.
const DefaultMaxItemSize = 1_000_000

// maxMessageSize lets requests over any item limit arrive, to be refused as the service does it.
const maxMessageSize = 64 << 20

// Options is how strict the server is. The zero value takes any key and any cache name.
type Options struct {
	// APIKey is what the authorization metadata must hold. Empty: the metadata must be there, its value is not looked at.
	APIKey string
	// Caches are the caches that exist at start; calls on others are refused. Empty: every name exists.
	Caches []string
	// MaxItemSize bounds key and value together, in bytes. Default DefaultMaxItemSize.
	MaxItemSize int
}

// Server is a running fake. All methods may be called concurrently with each other and with calls over the wire.
type Server struct {
	opts     Options
	listener net.Listener
	grpc     *grpc.Server

	mu     sync.Mutex
	caches map[string]items
	calls  map[string]int // by method
	faults []*Fault
	ahead  time.Duration // of the real clock
}

// Start listens on addr ("host:port"; port 0 takes a free one) and serves until Close. A nil opts means the defaults.
func Start(addr string, opts *Options) (*Server, error) {
	s := &Server{caches: make(map[string]items), calls: make(map[string]int)}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.MaxItemSize == 0 {
		s.opts.MaxItemSize = DefaultMaxItemSize
	}
	for _, name := range s.opts.Caches {
		s.caches[name] = make(items)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start the fake Momento: %w", err)
	}
	s.listener = listener
	s.grpc = grpc.NewServer(
		grpc.UnknownServiceHandler(s.serve),
		grpc.MaxRecvMsgSize(maxMessageSize),
		// The SDK pings more often than grpc-go takes by default.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
	)
	go s.run() // Ends with Close.
	return s, nil
}

func (s *Server) run() {
	if err := s.grpc.Serve(s.listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		panic(fmt.Sprintf("momentofake: %v", err)) // The listener broke: a test that goes on would mislead.
	}
}

// Addr returns the "host:port" it listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close cuts every connection and frees the port.
func (s *Server) Close() { s.grpc.Stop() }

// Keys returns the living keys of a cache, sorted.
func (s *Server) Keys(cache string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caches[cache].expire(s.now())
	return slices.Sorted(maps.Keys(s.caches[cache]))
}

// Len returns the number of living items in all caches.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, items := range s.caches {
		items.expire(s.now())
		n += len(items)
	}
	return n
}

// Evict forgets keys of a cache, as a full service would.
func (s *Server) Evict(cache string, keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.caches[cache], key)
	}
}

// Flush forgets every item. The caches stay.
func (s *Server) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, items := range s.caches {
		clear(items)
	}
}

// Calls returns how often a method ("Get", "SetIf") was called, refused and failed calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Advance puts the server's clock forward: TTLs run out.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// now is the server's time. The caller holds the lock.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }
