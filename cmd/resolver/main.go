// Command resolver is the Lambda function behind AppSync: its bootstrap. It is set up by environment variables, see wiring.Config.
package main

import (
	"context"
	"os"

	"github.com/chunkaside/chunkaside/cmd/internal/telemetry"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

func main() {
	t := telemetry.New(os.Getenv, os.Stdout)
	// A process that finds a version in the cache reads nothing else, so its first query need not wait for the store's SDK.
	app := wiring.OpenFunction(context.Background(), wiring.Config{Log: t.Log, Notify: t.Notify, Trace: t.Trace, LazyStore: true})
	t.Start(app.Queries, app)
}
