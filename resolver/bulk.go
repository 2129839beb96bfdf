package resolver

import (
	"encoding/base64"
	"encoding/json"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Bulk reading hands out the version itself, for clients that want all of it and keep it: its manifest, then the chunks that they do not have yet. What is stored is handed on, in base64, without
// being inflated; the digests let the client verify it. docs/format.md says how it is read.

// bulkPlan writes the manifest, or chunks of it.
type bulkPlan struct {
	field    string
	manifest bool
	data     bool // of the manifest: it is asked for, and not only its name
	chunks   []chunker.Digest
}

// maxChunkIDs is how many chunks may be asked for at once. An answer holds fewer: the ids of the others are in it.
const maxChunkIDs = 10_000

// planBulk plans catalogManifest or catalogChunks; nil is neither, or a catalog that does not have them.
func (r *Resolver) planBulk(e *event) (*bulkPlan, error) {
	if !r.schema.Public() {
		return nil, nil //nolint:nilnil // there is no such query
	}
	args := arguments{e.Info.FieldName, e.Arguments, &caller{}}
	switch e.Info.FieldName {
	case schema.ManifestQuery:
		if err := args.allow(); err != nil {
			return nil, err
		}
		s, err := readSelection(e.Info, func(name string) bool { return name == "id" || name == "data" })
		if err != nil {
			return nil, err
		}
		return &bulkPlan{field: args.field, manifest: true, data: asksFor(s, "data")}, nil
	case schema.ChunksQuery:
		if err := args.allow("ids"); err != nil {
			return nil, err
		}
		ids, err := args.digests("ids")
		return &bulkPlan{field: args.field, chunks: ids}, err
	}
	return nil, nil //nolint:nilnil // another query is an answer, not a fault
}

// asksFor says whether a selection may have a field.
func asksFor(s *selection, name string) bool {
	if s == nil || s.scalars || s.fields[name] != nil {
		return true
	}
	for _, f := range s.fields {
		if f.hidden {
			return true // it may be an alias
		}
	}
	return false
}

// digests is an argument that lists digests.
func (a arguments) digests(name string) ([]chunker.Digest, error) {
	var ids []chunker.Digest
	if err := json.Unmarshal(a.values[name], &ids); err != nil || len(ids) == 0 || len(ids) > maxChunkIDs {
		return nil, failf(BadArgument, "%s: the argument %s must list 1 to %d digests of the manifest's chunks", a.field, name, maxChunkIDs)
	}
	for _, d := range ids {
		if !d.Valid() {
			return nil, failf(BadArgument, "%s: the argument %s has %s, which is no digest", a.field, name, short([]byte(d)))
		}
	}
	return ids, nil
}

func (w *writer) bulk(p *bulkPlan) error {
	m := w.snapshot.Manifest()
	if !p.manifest {
		return w.chunks(p)
	}
	w.text(`{"id":"` + string(m.Digest) + `"`)
	if p.data {
		w.text(`,"data":`)
		w.base64(m.Encoded)
	}
	w.text("}")
	return nil
}

// chunks writes as many as fit into the answer, and the ids of the others.
func (w *writer) chunks(p *bulkPlan) error {
	sizes := map[chunker.Digest]int{}
	for chunk := range w.snapshot.Manifest().Chunks {
		sizes[chunk.Digest] = chunk.Size()
	}
	room, fitting := w.limit-len(`{"items":[],"left":[]}`)-len(p.chunks)*(len(`"",`)+len(p.chunks[0])), 0
	for _, d := range p.chunks {
		size, ok := sizes[d]
		if !ok {
			return failf(UnknownChunk, "%s: the current version has no chunk %s: read %s again", p.field, d, schema.ManifestQuery)
		}
		if room -= base64.StdEncoding.EncodedLen(size) + len(`{"id":"","data":""},`); room >= 0 {
			fitting++
		}
	}
	if fitting == 0 {
		return failf(ResponseTooLarge, "%s: not one of the chunks fits into an answer of %d bytes", p.field, w.limit)
	}
	data, err := w.snapshot.Chunks(w.ctx, p.chunks[:fitting])
	if err != nil {
		return err
	}
	w.text(`{"items":[`)
	for i, d := range p.chunks[:fitting] {
		if i > 0 {
			w.text(",")
		}
		w.text(`{"id":"` + string(d) + `","data":`)
		w.base64(data[i])
		w.text("}")
	}
	w.text(`],"left":[`)
	for i, d := range p.chunks[fitting:] {
		if i > 0 {
			w.text(",")
		}
		w.text(`"` + string(d) + `"`)
	}
	w.text("]}")
	return nil
}

func (w *writer) base64(data []byte) {
	w.text(`"`)
	w.out = base64.StdEncoding.AppendEncode(w.out, data)
	w.text(`"`)
}
