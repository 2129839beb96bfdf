// Command momentofake runs the fake Momento server, to try a program against by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/chunkaside/chunkaside/internal/momentofake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "momentofake:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("momentofake", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:8082", "`host:port` to serve on; port 0 takes a free one")
	maxItem := flags.Int("max-item", momentofake.DefaultMaxItemSize, "largest key and value together, in `bytes`")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	server, err := momentofake.Start(*listen, &momentofake.Options{MaxItemSize: *maxItem})
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Fprintf(stdout, "listening on %s: use --cache 'momento:NAME?endpoint=%[1]s'\n", server.Addr())
	<-ctx.Done()
	return nil
}
