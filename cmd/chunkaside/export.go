package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// export is the command export.
type export struct {
	naming
	Out  string `help:"The folder to write to: a file of JSON lines a table. It is made if it is not there." env:"CHUNKASIDE_OUT" required:"" placeholder:"DIR"`
	JSON bool   `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// Run writes a version as files that a "file:" store reads.
func (e *export) Run(ctx context.Context, c *commands, con console) error {
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		_, shot, err := openVersion(ctx, app, h, e.Of)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(e.Out, 0o755); err != nil {
			return fmt.Errorf("%w: --out: %w", wiring.ErrUsage, err)
		}
		var done []loaded
		for _, m := range app.Schema.Models {
			if err := exportTable(ctx, shot, m, filepath.Join(e.Out, m.Table+".ndjson")); err != nil {
				return err
			}
			done = append(done, loaded{m.Table, shot.Count(m)})
		}
		return printLoaded(con, done, e.JSON)
	})
}

// exportTable writes a model's entities. The file appears under its name only when it is whole.
func exportTable(ctx context.Context, shot *catalog.Snapshot, m *schema.Model, path string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("%w: --out: %w", wiring.ErrUsage, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	w := bufio.NewWriterSize(file, 1<<20)
	err = shot.Walk(ctx, m, func(entity catalog.Entity) error {
		if _, err := w.Write(entity.JSON()); err != nil {
			return err
		}
		return w.WriteByte('\n')
	})
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
