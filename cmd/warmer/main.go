// Command warmer is the Lambda function that publishes: its bootstrap. What events it takes is said in package warmer. It is set up by environment variables, see wiring.Config and openHandover.
package main

import (
	"context"
	"os"

	"github.com/chunkaside/chunkaside/cmd/internal/telemetry"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/warmer/s3objects"
)

func main() {
	t := telemetry.New(os.Getenv, os.Stdout)
	again, err := openHandover(os.Getenv)
	if err != nil {
		t.Log.Error("the function cannot start", "cause", err.Error())
		os.Exit(1)
	}
	app := wiring.OpenFunction(context.Background(), wiring.Config{Log: t.Log, Notify: t.Notify, Trace: t.Trace})
	t.Start(app.Warmer(s3objects.New(nil), again, t.Log), app)
}
