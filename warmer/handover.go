package warmer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// errAlone: the function has nobody to hand over to.
var errAlone = errors.New("CHUNKASIDE_HANDOVER is not set")

// handOver has a publish go on with the tables that it left. At least one was read, so each call has fewer to read than the one before, and the last one leaves none.
func (w *Warmer) handOver(ctx context.Context, done Result) error {
	if len(done.Left) == 0 {
		return nil
	}
	rest := Command{Catalog: w.options.Catalog, Mode: Full, Models: done.Left}
	err := errAlone
	if w.options.Again != nil {
		err = w.options.Again(ctx, rest)
	}
	if err == nil {
		return nil
	}
	command, jsonErr := json.Marshal(rest)
	if jsonErr != nil {
		return jsonErr
	}
	return &Error{OutOfTime, fmt.Sprintf("version %s is published, but there was no time for %d tables, which are as they were: send %s, or run chunkaside warm elsewhere; nobody else goes on with them",
		cmp.Or(done.Built, done.Version).Short(), len(done.Left), command), err}
}

func names(models []*schema.Model) (list []string) {
	for _, m := range models {
		list = append(list, m.Name)
	}
	return list
}
