package wiring

import (
	"context"
	"log/slog"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store/dynamostore"
	"github.com/chunkaside/chunkaside/warmer"
	"github.com/chunkaside/chunkaside/warmer/export"
)

// Warmer is the handler of the function that publishes. The objects are those of S3; the function brings them itself, so that no other program carries their SDK. Again has the function called again: see
// warmer.Options.
func (a *App) Warmer(objects export.Objects, again func(context.Context, warmer.Command) error, log *slog.Logger) *warmer.Warmer {
	return warmer.New(a.Schema, a.Cache, a.Update, a.Renew, &warmer.Options{
		Catalog: a.build.Catalog, Announce: a.Announce, Again: again, Objects: objects, Log: log,
		Table: func(name string) *schema.Model { return a.tables[name] },
	})
}

// tables are the models by their tables' names, as the store has them.
func tables(c Config, s *schema.Schema) (map[string]*schema.Model, error) {
	suffix := ""
	if scheme(c.Store) == "dynamodb" {
		o, err := dynamoOptions(c.Store)
		if err != nil {
			return nil, err
		}
		suffix = o.Suffix
	}
	found := map[string]*schema.Model{}
	for _, m := range s.Models {
		found[dynamostore.Table(m, suffix)] = m
	}
	return found, nil
}
