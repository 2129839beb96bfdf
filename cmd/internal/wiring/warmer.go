package wiring

import (
	"log/slog"

	"github.com/chunkaside/chunkaside/warmer"
)

// Warmer is the handler of the function that publishes.
func (a *App) Warmer(log *slog.Logger) *warmer.Warmer {
	return warmer.New(a.Schema, a.Cache, a.Update, &warmer.Options{Catalog: a.build.Catalog, Log: log})
}
