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

// BuildOptions tunes a Build. A nil *BuildOptions has the defaults.
type BuildOptions struct {
	// Catalog is the name that the manifest carries; default "catalog".
	Catalog string
	// Parallelism is how many segments of a table are read at once; 0 means the store's default.
	Parallelism int
	// Chunker tunes the chunks; nil means its defaults.
	Chunker *chunker.Options
	// Memory is how many bytes of a table are sorted in memory at once; what exceeds it goes to temporary files, compressed. Default 48 MiB.
	Memory int
	// TempDir is where those files are; default the system's.
	TempDir string
	// Progress, if set, is told how far the reading of each model's table has come. It is never called concurrently and must not block.
	Progress func(*schema.Model, store.Progress)
}

func (o *BuildOptions) withDefaults() (BuildOptions, error) {
	full := BuildOptions{}
	if o != nil {
		full = *o
	}
	if full.Catalog == "" {
		full.Catalog = "catalog"
	}
	if full.Memory < 0 {
		return full, fmt.Errorf("a memory of %d bytes for sorting: it must be positive", full.Memory)
	}
	if full.Memory == 0 {
		full.Memory = 48 << 20
	}
	return full, nil
}

// DuplicateError: two records of a table have the same primary key.
type DuplicateError struct {
	Model string
	// Key is the primary key's values, as people read them.
	Key string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("two records of %s have the primary key %s: remove one of them", e.Model, e.Key)
}

// brief is the beginning of a record, for a message.
func brief(json string) string {
	const most = 80
	if len(json) <= most {
		return json
	}
	return strings.ToValidUTF8(json[:most], "") + "..."
}

// Build reads every table of the schema and makes a version of it: emit gets each chunk as soon as it is complete and owns its bytes from then on, the manifest comes last. Errors are
// the store's or emit's, or name the record that cannot be part of a version: a DuplicateError, a chunker.TooLargeError.
//
// It needs no more memory than one and a half times BuildOptions.Memory, for the lines of entities and of indexes, and a few blocks for each core.
func Build(ctx context.Context, st store.Store, s *schema.Schema, o *BuildOptions, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
	options, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &builder{store: st, options: options}
	if b.writer, err = chunker.NewWriter(chunker.Header{Catalog: b.options.Catalog, Schema: s.Digest}, b.options.Chunker, emit); err != nil {
		return nil, err
	}
	err = b.models(ctx, s)
	manifest, closeErr := b.writer.Close()
	if err != nil {
		return nil, err
	}
	return manifest, closeErr
}

type builder struct {
	store   store.Store
	options BuildOptions
	writer  *chunker.Writer
}

func (b *builder) models(ctx context.Context, s *schema.Schema) error {
	for _, m := range byName(s) {
		if err := b.model(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// byName are the models in the order of their sections.
func byName(s *schema.Schema) []*schema.Model {
	return slices.SortedFunc(slices.Values(s.Models), func(a, b *schema.Model) int { return strings.Compare(a.Name, b.Name) })
}

// model reads a model's table, and writes its section and those of its indexes.
func (b *builder) model(ctx context.Context, m *schema.Model) error {
	entities := newSorter(b.options.Memory, b.options.TempDir)
	defer entities.close()
	if err := b.read(ctx, m, entities); err != nil {
		return err
	}
	return b.write(m, entities)
}

// write writes a model's section and those of its indexes. Until it is called, nothing of the model is in the version.
func (b *builder) write(m *schema.Model, entities *sorter) error {
	indexes := b.indexes(m)
	defer indexes.close()
	if err := b.writer.Section(m.Name); err != nil {
		return err
	}
	e := newEntityReader(m)
	var last string
	if err := entities.each(func(key string, value []byte) error {
		if key == last {
			// Equal cluster keys have equal primary keys at their ends.
			return b.duplicate(e, m, value)
		}
		last = key
		block, err := b.writer.Add(key, value)
		if err != nil {
			return err
		}
		if err := e.read(value); err != nil {
			return err
		}
		return indexes.add(e, block)
	}); err != nil {
		return err
	}
	return indexes.write(b.writer)
}

func (b *builder) duplicate(e *entityReader, m *schema.Model, raw []byte) error {
	if err := e.read(raw); err != nil {
		return err
	}
	key, err := entityKey(m, m.Key, e.value)
	if err != nil {
		return err
	}
	return &DuplicateError{Model: m.Name, Key: readable(m.Key, key)}
}

// read reads a model's table into the order of its section.
func (b *builder) read(ctx context.Context, m *schema.Model, into *sorter) error {
	e := newEntityReader(m)
	scan := &store.ScanOptions{Parallelism: b.options.Parallelism}
	if b.options.Progress != nil {
		scan.Progress = func(p store.Progress) { b.options.Progress(m, p) }
	}
	return b.store.Scan(ctx, m, scan, func(entities []store.Entity) error {
		for _, raw := range entities {
			if err := e.read(raw); err != nil {
				return err
			}
			key, err := clusterKey(m, e.value)
			if err != nil {
				return fmt.Errorf("%s %s: %w", m.Name, brief(string(raw)), err)
			}
			if err := into.add(key, raw); err != nil {
				return err
			}
		}
		return nil
	})
}

// entityReader finds the fields of one entity after another.
type entityReader struct {
	model *schema.Model
	raw   []byte
	spans []span
}

func newEntityReader(m *schema.Model) *entityReader {
	return &entityReader{model: m, spans: make([]span, len(m.Stored()))}
}

func (e *entityReader) read(raw []byte) error {
	clear(e.spans)
	e.raw = raw
	if err := scanSpans(e.spans, e.model.Stored(), raw, 0); err != nil {
		return fmt.Errorf("%s %s: %w", e.model.Name, brief(string(raw)), err)
	}
	return nil
}

func (e *entityReader) value(f *schema.Field) []byte {
	sp := e.spans[f.Ordinal]
	return e.raw[sp.start:sp.end]
}
