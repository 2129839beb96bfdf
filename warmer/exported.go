package warmer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/warmer/export"
)

// maxRecords is how many records one by one are read for an export. Beyond, a scan costs the store less: each record that is read by its key costs a unit, each 4 KB that are scanned do.
const maxRecords = 100_000

// exported is what an export asks for. It only tells which records to read from the store: it is older than the store, and may be older than the last version.
func (w *Warmer) exported(ctx context.Context, bucket, folder string) (request, error) {
	if w.options.Objects == nil {
		return request{}, badf("the event is of S3, which this function does not read; {} reads the tables themselves")
	}
	x, err := export.Open(ctx, w.options.Objects, bucket, folder)
	if err != nil {
		return request{}, unreadable(err)
	}
	m := w.options.Table(x.Table)
	if m == nil {
		return request{skipped: w.skip(ctx, map[string]int{x.Table: 1})}, nil
	}
	files, err := x.Files(ctx)
	if err != nil {
		return request{}, unreadable(err)
	}
	read := w.compare
	if x.Kind == export.Incremental {
		read = w.increments
	}
	records, err := read(ctx, m, files)
	switch {
	case errors.Is(err, catalog.ErrUnlike), cache.NeedsWarm(err):
		w.options.Log.InfoContext(ctx, "a full warm-up is made for an export", "table", x.Table, "cause", err.Error())
		return request{mode: Full, items: x.Items}, nil
	case err != nil:
		return request{}, err
	case len(records) == 0:
		return request{items: x.Items}, nil
	}
	return request{mode: Incremental, records: records, items: x.Items}, nil
}

// unreadable gives the error of an export's manifests its type: one in another form stays so.
func unreadable(err error) error {
	if errors.Is(err, export.ErrFormat) {
		return badf("%s", err)
	}
	return err
}

// compare finds the records that a full export has otherwise than the version that was built last, or that one of the two lacks.
func (w *Warmer) compare(ctx context.Context, m *schema.Model, files *export.Files) ([]catalog.Record, error) {
	history, err := w.cache.Versions(ctx)
	if err != nil {
		return nil, err
	}
	last, err := w.cache.Open(ctx, history.Newest())
	if err != nil {
		return nil, err
	}
	likeness, err := catalog.NewLikeness(ctx, last, m, maxRecords)
	if err != nil {
		return nil, err
	}
	decoders := sync.Pool{New: func() any { return new(store.Decoder) }}
	err = files.Lines(ctx, func(line []byte) error {
		d := decoders.Get().(*store.Decoder)
		defer decoders.Put(d)
		entity, err := entityOf(m, d, line)
		if err != nil || entity == nil {
			return err
		}
		return likeness.Add(entity)
	})
	if err != nil {
		return nil, err
	}
	return likeness.Differing(ctx)
}

// entityOf is the entity in a line of a full export; nil for a tombstone.
func entityOf(m *schema.Model, d *store.Decoder, line []byte) (store.Entity, error) {
	members, err := d.DecodeAny(line)
	if err != nil {
		return nil, err
	}
	item := members.Get("Item")
	if item == nil || item.Type != store.Map {
		return nil, errors.New("it has no Item")
	}
	record, err := store.FromDynamoJSON(m, item.Members)
	if err != nil {
		return nil, err
	}
	entity, live, err := store.Encode(nil, m, record)
	if err != nil || !live {
		return nil, err
	}
	return entity, nil
}

// increments finds the records that an incremental export names. Of a change only the key is read, as from a stream.
func (w *Warmer) increments(ctx context.Context, m *schema.Model, files *export.Files) ([]catalog.Record, error) {
	var mu sync.Mutex
	seen := map[string]bool{}
	var records []catalog.Record
	err := files.Lines(ctx, func(line []byte) error {
		var change struct{ Keys jsontext.Value }
		if err := json.Unmarshal(line, &change); err != nil {
			return fmt.Errorf("it cannot be read: %s", reason(err))
		}
		r, err := record(m, change.Keys)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if seen[r.Key] {
			return nil
		}
		if len(records) == maxRecords {
			return catalog.ErrUnlike
		}
		seen[r.Key] = true
		records = append(records, r)
		return nil
	})
	return records, err
}
