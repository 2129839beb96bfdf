package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// errNoEntity: the version has no entity with the key that was asked for.
var errNoEntity = errors.New("the version has no such entity")

// located is where an entity is, as inspect --key shows it: see catalog.Location.
type located struct {
	Version       chunker.Digest  `json:"version"`
	Sequence      int64           `json:"sequence"`
	Model         string          `json:"model"`
	Number        int             `json:"number"`
	Count         int             `json:"count"`
	Chunk         chunker.Digest  `json:"chunk"`
	ChunkNumber   int             `json:"chunkNumber"`
	Chunks        int             `json:"chunks"`
	ChunkBytes    int             `json:"chunkBytes"`
	BlockNumber   int             `json:"blockNumber"`
	Blocks        int             `json:"blocks"`
	BlockOffset   int             `json:"blockOffset"`
	BlockBytes    int             `json:"blockBytes"`
	BlockRawBytes int             `json:"blockRawBytes"`
	Line          int             `json:"line"`
	Lines         int             `json:"lines"`
	Offset        int             `json:"offset"`
	Bytes         int             `json:"bytes"`
	IndexChunk    chunker.Digest  `json:"indexChunk,omitempty"`
	SiblingField  string          `json:"siblingField"`
	Siblings      int             `json:"siblings"`
	SiblingBlocks int             `json:"siblingBlocks"`
	Entity        json.RawMessage `json:"entity"`
}

// locate shows where the entity is that --key names.
func (i *inspect) locate(ctx context.Context, app *wiring.App, v cache.Version, con console) error {
	record, err := catalog.ParseRecord(app.Schema, i.Key)
	if err != nil {
		return fmt.Errorf("%w: --key %s: %w", wiring.ErrUsage, i.Key, err)
	}
	shot, err := app.Cache.Open(ctx, v)
	if err != nil {
		return err
	}
	l, ok, err := shot.Locate(ctx, record.Model, record.Key)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%w as %s in version %s", errNoEntity, i.Key, v.Manifest.Short())
	}
	found := located{
		Version: v.Manifest, Sequence: v.Sequence, Model: record.Model.Name, Number: l.Number, Count: l.Count,
		Chunk: l.Chunk, ChunkNumber: l.ChunkNumber, Chunks: l.Chunks, ChunkBytes: l.ChunkSize,
		BlockNumber: l.BlockNumber, Blocks: l.Blocks, BlockOffset: l.Block.Offset, BlockBytes: l.Block.Size, BlockRawBytes: l.Block.Raw,
		Line: l.Line, Lines: l.Block.Count, Offset: l.Offset, Bytes: len(l.Entity.JSON()), IndexChunk: l.IndexChunk,
		SiblingField: l.Sibling.Name, Siblings: l.Siblings, SiblingBlocks: l.SiblingBlocks, Entity: l.Entity.JSON(),
	}
	if i.JSON {
		return json.NewEncoder(con.out).Encode(found)
	}
	return found.print(con)
}

func (l located) print(con console) error {
	index := "none: the section is in the order of the primary key"
	if l.IndexChunk != "" {
		index = fmt.Sprintf("chunk %s has its primary key", l.IndexChunk)
	}
	_, err := fmt.Fprintf(con.out, `version   %s, sequence %d
section   %s, entity %s of %s
chunk     %s, number %s of %s, %s bytes
block     number %d of %d in the chunk, at byte %s, %s bytes, %s inflated
line      number %s of %s in the block, at byte %s inflated, %s bytes
index     %s
siblings  %s with this %s, in blocks: %s
%s
`, l.Version, l.Sequence, l.Model, thousands(l.Number), thousands(l.Count), l.Chunk, thousands(l.ChunkNumber), thousands(l.Chunks), thousands(l.ChunkBytes),
		l.BlockNumber, l.Blocks, thousands(l.BlockOffset), thousands(l.BlockBytes), thousands(l.BlockRawBytes),
		thousands(l.Line), thousands(l.Lines), thousands(l.Offset), thousands(l.Bytes), index, thousands(l.Siblings), l.SiblingField, thousands(l.SiblingBlocks), visible(l.Entity))
	return err
}
