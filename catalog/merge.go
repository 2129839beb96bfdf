package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// Edit is one record of the store that may have changed since a version was built.
type Edit struct {
	Model *schema.Model
	// Key is its primary key, made by Prefix of the model's Key and all its values.
	Key string
	// Entity is the record as it is now; nil if it is gone.
	Entity store.Entity
}

// ErrOptions: no version can be made from another one that was cut otherwise.
var ErrOptions = errors.New("the last version was written with other options")

// Merge makes, byte for byte, the version that Build would make of the store, if nothing but the edits has happened to it since the snapshot's version. Of several edits of one record the last
// counts. Chunks in which no edit falls are neither read nor emitted: the manifest names them, and the caller has to know that they are still stored. Errors are those of Build, or of reading
// the snapshot.
//
// The error matches ErrOptions if the snapshot's version was written with other options, or with more than one block to a chunk: then build a version.
func Merge(ctx context.Context, last *Snapshot, edits []Edit, o *BuildOptions, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
	options, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	w, err := writerAfter(last, options, emit)
	if err != nil {
		return nil, err
	}
	m := &merger{last: last, writer: w, edits: map[*schema.Model]map[string]store.Entity{}}
	for _, e := range edits {
		if m.edits[e.Model] == nil {
			m.edits[e.Model] = map[string]store.Entity{}
		}
		m.edits[e.Model][e.Key] = e.Entity
	}
	for _, model := range byName(last.schema) {
		if err = m.model(ctx, model); err != nil {
			break
		}
	}
	manifest, closeErr := w.Close()
	if err != nil {
		return nil, err
	}
	return manifest, closeErr
}

// writerAfter is a writer that can keep chunks of the last version; the error matches ErrOptions if none can.
func writerAfter(last *Snapshot, o BuildOptions, emit func(chunker.Digest, []byte) error) (*chunker.Writer, error) {
	w, err := chunker.NewWriter(chunker.Header{Catalog: o.Catalog, Schema: last.schema.Digest}, o.Chunker, emit)
	if err != nil || w.Keeps(last.manifest) {
		return w, err
	}
	_, err = w.Close() // of nothing: it ends what it began
	return nil, errors.Join(fmt.Errorf("version %s: %w", last.manifest.Digest.Short(), ErrOptions), err)
}

// merger writes the sections of a version that follows the last one.
type merger struct {
	last   *Snapshot
	writer *chunker.Writer
	edits  map[*schema.Model]map[string]store.Entity
}

// model writes a model's section and those of its indexes.
func (m *merger) model(ctx context.Context, model *schema.Model) error {
	sec := m.last.sections[model]
	moves, err := m.moves(ctx, sec)
	if err != nil {
		return err
	}
	if err := m.writer.Section(model.Name); err != nil {
		return err
	}
	if err := m.section(ctx, sec.entities, moves.edits, moves.added); err != nil {
		return err
	}
	for _, ix := range indexSections(model) {
		edits, err := moves.index(ctx, ix)
		if err != nil {
			return err
		}
		if err := m.writer.Index(indexName(model, ix), model.Name, ix.Name); err != nil {
			return err
		}
		if err := m.section(ctx, sec.indexes[ix], edits, nil); err != nil {
			return err
		}
	}
	return nil
}

// section writes a section as it was, but for edits: see splice.
func (m *merger) section(ctx context.Context, r *run, edits map[string][][]byte, added func(key string, line []byte, was, is chunker.BlockID)) error {
	s := splice{writer: m.writer, run: r, added: added}
	for _, key := range slices.Sorted(maps.Keys(edits)) {
		s.edits = append(s.edits, lineEdit{key, edits[key]})
	}
	return s.write(ctx)
}

// moves is what becomes of a model's entities: of those that are edited, and of those that come to stand in another block.
type moves struct {
	section *section
	edits   map[string][][]byte // the lines that stand under a cluster key now
	edited  map[string]*move    // by the cluster keys that they have now
	all     []*move
}

// move is one entity: its line and block in the last version and in the next one, nil where it is not there.
type move struct {
	primary       string
	before, after []byte
	was, is       chunker.BlockID
}

// moves begins with the model's edits, as far as they change anything.
func (m *merger) moves(ctx context.Context, sec *section) (*moves, error) {
	found := &moves{section: sec, edits: map[string][][]byte{}, edited: map[string]*move{}}
	e := newEntityReader(sec.model)
	for _, primary := range slices.Sorted(maps.Keys(m.edits[sec.model])) {
		entity := m.edits[sec.model][primary]
		before, ok, err := m.last.Get(ctx, sec.model, primary)
		if err != nil {
			return nil, err
		}
		mv := &move{primary: primary, after: entity}
		if ok {
			mv.before, mv.was = before.JSON(), before.block.id(sec.model.Name)
		}
		if bytes.Equal(mv.before, mv.after) {
			continue
		}
		found.all = append(found.all, mv)
		if ok {
			found.edits[string(before.block.key(before.n))] = nil
		}
		if entity == nil {
			continue
		}
		cluster, err := e.clusterKey(entity, primary)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", sec.model.Name, brief(string(entity)), err)
		}
		found.edits[cluster] = [][]byte{entity}
		found.edited[cluster] = mv
	}
	return found, nil
}

// clusterKey is that of an entity which must have this primary key.
func (e *entityReader) clusterKey(raw []byte, primary string) (string, error) {
	if err := e.read(raw); err != nil {
		return "", err
	}
	own, err := entityKey(e.model, e.model.Key, e.value)
	if err == nil && own != primary {
		err = fmt.Errorf("its primary key is not %s", readable(e.model.Key, primary))
	}
	if err != nil {
		return "", err
	}
	return clusterKey(e.model, e.value)
}

// added is told of each line that is written anew.
func (m *moves) added(key string, line []byte, was, is chunker.BlockID) {
	if mv := m.edited[key]; mv != nil {
		mv.is = is
	} else if was != is {
		m.all = append(m.all, &move{before: line, after: line, was: was, is: is})
	}
}
