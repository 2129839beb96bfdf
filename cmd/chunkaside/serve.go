package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/appsync"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
)

// serve is the command serve.
type serve struct {
	Listen string `help:"The address to listen on." env:"CHUNKASIDE_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
}

// Run serves until ctx ends.
func (s *serve) Run(ctx context.Context, c *commands, con console) error {
	config := c.config()
	config.Log = slog.New(slog.NewTextHandler(con.err, nil))
	app, err := wiring.Open(ctx, config)
	if err != nil {
		return err
	}
	defer app.Close()
	handler, err := routes(app)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("%w: listen on %s: %w; choose another address with --listen", wiring.ErrUsage, s.Listen, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(con.out, "GraphQL  http://%s/graphql   (%s, store %s)\n", listener.Addr(), app.Schema.Name, c.Store)

	// Built now, the first query need not wait for it. A failure is reported and no more: the first query tries again.
	warmed := make(chan struct{})
	go func() {
		defer close(warmed)
		prepare(ctx, app, con)
	}()
	go func() {
		<-ctx.Done()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(bounded) // Serve returns, that is all that is wanted
	}()
	err = server.Serve(listener)
	<-warmed
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func prepare(ctx context.Context, app *wiring.App, con console) {
	start := time.Now()
	shot, err := app.Cache.Current(ctx)
	if err != nil {
		if ctx.Err() == nil {
			fmt.Fprintf(con.err, "chunkaside: not ready: %v; the next query tries again\n", err)
		}
		return
	}
	entities := 0
	for _, m := range app.Schema.Models {
		entities += shot.Count(m)
	}
	fmt.Fprintf(con.out, "ready    version %s, %s entities, after %v\n", shot.Manifest().Digest.Short(), thousands(entities), time.Since(start).Round(time.Millisecond))
}

// routes adds the program's own paths to those of the local AppSync.
func routes(app *wiring.App) (http.Handler, error) {
	api, err := appsync.New(app.Schema, app.Resolver, nil)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(stats{app.Resolver.Stats(), app.Cache.Stats(), app.Store.Stats()})
	})
	return mux, nil
}

// stats is the answer of /stats.
type stats struct {
	Resolver resolver.Stats `json:"resolver"`
	Cache    cache.Stats    `json:"cache"`
	Store    store.Stats    `json:"store"`
}
