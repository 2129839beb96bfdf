package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// Version is a built version: its manifest and the bytes of all its chunks.
type Version struct {
	Manifest *chunker.Manifest
	Chunks   map[chunker.Digest][]byte
}

// BuildOptions tunes a Build. A nil *BuildOptions has the defaults.
type BuildOptions struct {
	// Catalog is the name that the manifest carries; default "catalog".
	Catalog string
	// Parallelism is how many segments of a table are read at once; 0 means the store's default.
	Parallelism int
	// Chunker tunes the chunks; nil means its defaults.
	Chunker *chunker.Options
	// Progress, if set, is told how far the reading of each model's table has come. It is never called concurrently and must not block.
	Progress func(*schema.Model, store.Progress)
}

// DuplicateError: two records of a table have the same primary key.
type DuplicateError struct {
	Model string
	// Entities are the two, as JSON.
	First, Second string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("two records of %s have the same primary key; remove one of them: %s and %s", e.Model, brief(e.First), brief(e.Second))
}

// brief is the beginning of a record, for a message.
func brief(json string) string {
	const most = 80
	if len(json) <= most {
		return json
	}
	return strings.ToValidUTF8(json[:most], "") + "..."
}

// Build reads every table of the schema and makes a version of it. Errors come from the store, or name the record that cannot be part of a version:
// a DuplicateError, a chunker.TooLargeError.
func Build(ctx context.Context, st store.Store, s *schema.Schema, o *BuildOptions) (*Version, error) {
	if o == nil {
		o = &BuildOptions{}
	}
	name := o.Catalog
	if name == "" {
		name = "catalog"
	}
	v := &Version{Chunks: map[chunker.Digest][]byte{}}
	w, err := chunker.NewWriter(chunker.Header{Catalog: name, Schema: s.Digest}, o.Chunker, func(d chunker.Digest, data []byte) error {
		v.Chunks[d] = data
		return nil
	})
	if err != nil {
		return nil, err
	}
	models := slices.SortedFunc(slices.Values(s.Models), func(a, b *schema.Model) int { return strings.Compare(a.Name, b.Name) })
	for _, m := range models {
		records, err := read(ctx, st, m, o)
		if err != nil {
			return nil, err
		}
		if err := write(w, m, records); err != nil {
			return nil, err
		}
	}
	v.Manifest, err = w.Close()
	return v, err
}

// record is an entity with the key that orders it.
type record struct {
	key    string
	entity store.Entity
}

// read reads a model's table into the order of its section.
func read(ctx context.Context, st store.Store, m *schema.Model, o *BuildOptions) ([]record, error) {
	var records []record
	fields := m.Stored()
	spans := make([]span, len(fields))
	seen := map[string]int{} // the primary keys, with their records
	scan := &store.ScanOptions{Parallelism: o.Parallelism}
	if o.Progress != nil {
		scan.Progress = func(p store.Progress) { o.Progress(m, p) }
	}
	err := st.Scan(ctx, m, scan, func(entities []store.Entity) error {
		for _, e := range entities {
			clear(spans)
			if err := scanSpans(spans, fields, e, 0); err != nil {
				return fmt.Errorf("%s %s: %w", m.Name, brief(string(e)), err)
			}
			value := func(f *schema.Field) []byte { return e[spans[f.Ordinal].start:spans[f.Ordinal].end] }
			primary, err := entityKey(m, m.Key, value)
			if err != nil {
				return fmt.Errorf("%s %s: %w", m.Name, brief(string(e)), err)
			}
			if other, twice := seen[primary]; twice {
				return &DuplicateError{Model: m.Name, First: string(records[other].entity), Second: string(e)}
			}
			seen[primary] = len(records)
			key, err := clusterKey(m, value)
			if err != nil {
				return fmt.Errorf("%s %s: %w", m.Name, brief(string(e)), err)
			}
			records = append(records, record{key, e})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(records, func(a, b record) int { return strings.Compare(a.key, b.key) })
	return records, nil
}

// write adds a section of the records.
func write(w *chunker.Writer, m *schema.Model, records []record) error {
	if err := w.Section(m.Name); err != nil {
		return err
	}
	for _, r := range records {
		if err := w.Add(r.key, r.entity); err != nil {
			return err
		}
	}
	return nil
}
