package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	cacheguard "github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/tracing"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/appsync"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
	storeguard "github.com/chunkaside/chunkaside/store/guard"
)

// serve is the command serve.
type serve struct {
	Listen string `help:"The address to listen on." env:"CHUNKASIDE_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
}

// Run serves until ctx ends.
func (s *serve) Run(ctx context.Context, c *commands, con console) error {
	config := c.config()
	config.Log, config.Resident = slog.New(slog.NewTextHandler(con.err, nil)), true
	channel := appsync.NewChannel()
	defer channel.Close()
	watching := newWatch(channel)
	config.Notify = watching.notify
	spans := tracing.New(os.Getenv, "chunkaside", config.Log, &tracing.Options{Resident: true})
	defer spans.Close()
	config.Trace = spans.Works()
	app, err := wiring.Open(ctx, config)
	if err != nil {
		return err
	}
	defer app.Close()
	if _, err := app.Schema.ServedWithMutations(); err != nil {
		fmt.Fprintf(con.err, "note: there are no subscriptions: %v\n", err)
		channel = nil
	}
	handler, err := routes(app, spans.Wrap(app.Queries), c, channel)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, s.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "GraphQL  http://%[1]s/graphql   (a page to try it: http://%[1]s/)\n", listener.Addr())
	fmt.Fprintf(con.out, "catalog  %s from store %s, cache %s\n", app.Schema.Name, c.Store, wiring.CacheName(c.Cache))
	for _, faults := range app.Faults {
		fmt.Fprintf(con.out, "on purpose: %s\n", faults)
	}

	// Built now, the first query need not wait for it. A failure is reported and no more: the first query tries again.
	ctx, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { prepare(ctx, app, c, con) })
	beside.Go(func() { watching.run(ctx, app.Cache) })
	err = serveUntil(ctx, listener, handler, drainTime)
	stop()
	beside.Wait()
	return err
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	var malformed *net.AddrError
	switch {
	case errors.As(err, &malformed):
		return nil, fmt.Errorf("%w: --listen (CHUNKASIDE_LISTEN): %w", wiring.ErrUsage, err)
	case err != nil:
		return nil, fmt.Errorf("%w; choose another address with --listen", err)
	}
	return listener, nil
}

const (
	// drainTime is how long the queries in flight may take when the program is to end.
	drainTime = 5 * time.Second
	// settleTime is how long new connections may take to send their first request then.
	settleTime = 2 * time.Second
)

// serveUntil serves until ctx ends; then it takes no more connections, and returns when what is in flight is answered, or cut after drain.
func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler, drain time.Duration) error {
	var unread arrivals
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ConnState: unread.note}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	_ = listener.Close()
	if err := <-failed; !errors.Is(err, net.ErrClosed) {
		return err
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	unread.settle(min(settleTime, drain))
	if err := server.Shutdown(bounded); err != nil {
		_ = server.Close() // cuts them
		return fmt.Errorf("queries that took more than %v were cut: %w", drain, err)
	}
	return nil
}

// arrivals are the connections whose first request has not been read. net/http drops a request that it reads after Shutdown has begun, so that has to wait for them.
type arrivals struct{ conns sync.Map }

func (a *arrivals) note(c net.Conn, state http.ConnState) {
	if state == http.StateNew {
		a.conns.Store(c, nil)
	} else {
		a.conns.Delete(c)
	}
}

// settle returns when there are none. Those that send nothing in the longest time are closed: a browser opens connections that it may need later.
func (a *arrivals) settle(longest time.Duration) {
	const step = 10 * time.Millisecond
	for range longest / step {
		time.Sleep(step) // also once there are none: the last request is noted just before net/http looks whether it is to shut down
		if a.count() == 0 {
			return
		}
	}
	a.conns.Range(func(c, _ any) bool {
		_ = c.(net.Conn).Close() // net/http notes it
		return true
	})
}

func (a *arrivals) count() (n int) {
	a.conns.Range(func(any, any) bool {
		n++
		return true
	})
	return n
}

// prepare loads or builds the first version and says so, also where a later query had to do it.
func prepare(ctx context.Context, app *wiring.App, c *commands, con console) {
	start := time.Now()
	shot, err := app.Cache.Current(ctx)
	if err != nil {
		if ctx.Err() == nil {
			fmt.Fprintf(con.err, "chunkaside: not ready: %v; the next query tries again\n", c.explain(err))
		}
		if shot = later(ctx, app.Cache); shot == nil {
			return
		}
	}
	entities := 0
	for _, m := range app.Schema.Models {
		entities += shot.Count(m)
	}
	fmt.Fprintf(con.out, "ready    version %s, %s entities, after %v\n", shot.Manifest().Digest.Short(), thousands(entities), time.Since(start).Round(time.Millisecond))
}

// later waits for the version that a query brings, and is nil if ctx ends before.
func later(ctx context.Context, c *cache.Cache) *catalog.Snapshot {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for c.Stats().Version == "" {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
	shot, err := c.Current(ctx)
	if err != nil {
		return nil // ctx has ended: with a version in memory there is no other error
	}
	return shot
}

// routes adds the program's own paths to those of the local AppSync, which has no subscriptions without a channel.
func routes(app *wiring.App, queries appsync.Handler, c *commands, channel *appsync.Channel) (http.Handler, error) {
	api, err := appsync.New(app.Schema, queries, &appsync.Options{Announcements: channel})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready(r.Context(), app); err != nil {
			http.Error(w, "not ready: "+c.explain(err).Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(stats{app.Resolver.Stats(), app.Cache.Stats(), app.Guard.Stats(), app.Reads.Stats(), app.Store.Stats()})
	})
	return mux, nil
}

// ready is nil once a version is in memory. Until then it asks for one, as a query does: where queries are held back until the program is ready, nothing else
// would try again. Whoever asks does not wait for a build.
func ready(ctx context.Context, app *wiring.App) error {
	if app.Cache.Stats().Version != "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := app.Cache.Current(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return errors.New("a version is being fetched or built")
	}
	return err
}

// stats is the answer of /stats.
type stats struct {
	Resolver   resolver.Stats   `json:"resolver"`
	Cache      cache.Stats      `json:"cache"`
	CacheGuard cacheguard.Stats `json:"cacheGuard"`
	Store      store.Stats      `json:"store"`
	StoreGuard storeguard.Stats `json:"storeGuard"`
}
