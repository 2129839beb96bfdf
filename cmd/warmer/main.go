// Command warmer is the Lambda function that warms up: whatever event it gets, it builds a version from the store and publishes it. It is set up by
// environment variables, see wiring.Config.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/telemetry"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

func main() {
	t := telemetry.New(os.Getenv, os.Stdout)
	app := wiring.OpenFunction(context.Background(), t.Log, t.Notify)
	t.Start(lambda.NewHandler(warmer{app.Cache, t.Log}.warm), app)
}

type warmer struct {
	cache *cache.Cache
	log   *slog.Logger
}

// margin is what is left of the function's time for giving the lease back.
const margin = 2 * time.Second

// warm answers what was published.
func (w warmer) warm(ctx context.Context, _ json.RawMessage) (cache.Published, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	p, err := w.cache.Warm(ctx, nil)
	if err != nil {
		w.log.ErrorContext(ctx, "warm-up failed", "cause", err.Error())
		return p, err
	}
	w.log.InfoContext(ctx, "published", "version", p.Manifest, "sequence", p.Sequence, "chunks", p.Chunks, "chunksSent", p.ChunksSent, "bytesSent", p.BytesSent)
	return p, nil
}
