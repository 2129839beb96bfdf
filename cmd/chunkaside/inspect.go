package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// inspect is the command inspect.
type inspect struct {
	naming
	Key  string `help:"Show where the entity with this primary key is: Type/id, or Type/partition/sort. A value with a slash in it needs a JSON list: Type/[\"a/b\",1]." env:"CHUNKASIDE_KEY" placeholder:"TYPE/ID"`
	JSON bool   `help:"Print the numbers as JSON." env:"CHUNKASIDE_JSON"`
}

// Run shows a version, or where one entity is in it.
func (i *inspect) Run(ctx context.Context, c *commands, con console) error {
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		v, err := h.Find(i.Of)
		if err != nil {
			return err
		}
		if i.Key != "" {
			return i.locate(ctx, app, v, con)
		}
		m, err := app.Cache.Manifest(ctx, v)
		if err != nil {
			return err
		}
		shown := newView(v, m, before(ctx, app, h, v))
		if i.JSON {
			return json.NewEncoder(con.out).Encode(shown)
		}
		return shown.print(con.out)
	})
}

// before is the manifest of the version before v that has another content; nil if there is none, or it is gone.
func before(ctx context.Context, app *wiring.App, h cache.History, v cache.Version) *chunker.Manifest {
	for _, older := range h.Versions {
		if older.Sequence < v.Sequence && older.Manifest != v.Manifest {
			m, err := app.Cache.Manifest(ctx, older)
			if err != nil {
				return nil
			}
			return m
		}
	}
	return nil
}

// haveVersion fails with cache.ErrNoVersion if the cache is empty: a command that looks at a version does not make one. The embedded cache begins empty, so there it does: there
// is nothing to look at but what this process makes.
func (c *commands) haveVersion(ctx context.Context, app *wiring.App) error {
	if c.Cache != "memory:" {
		return nil
	}
	if _, err := app.Cache.Versions(ctx); !errors.Is(err, cache.ErrNoVersion) {
		return err
	}
	_, err := app.Cache.Warm(ctx, nil)
	return err
}

// view is a version as inspect shows it. Sizes are in bytes.
type view struct {
	Version   chunker.Digest `json:"version"`
	Sequence  int64          `json:"sequence"`
	Published time.Time      `json:"published"`
	Schema    string         `json:"schema"`
	Catalog   string         `json:"catalog"`
	Codec     chunker.Codec  `json:"codec"`
	Manifest  int            `json:"manifestBytes"`
	// Before is the version with which the chunks are compared; "" if there is none.
	Before   chunker.Digest `json:"before,omitempty"`
	Sections []sectionView  `json:"sections"`
}

type sectionView struct {
	Name    string      `json:"name"`
	Kind    string      `json:"kind"`
	Lines   int         `json:"lines"` // entities, or an index's entries
	Blocks  int         `json:"blocks"`
	Raw     int         `json:"rawBytes"`
	Stored  int         `json:"storedBytes"`
	Largest int         `json:"largestChunkBytes"`
	New     int         `json:"newChunks"` // that the version before does not have
	Chunks  []chunkView `json:"chunks"`
}

type chunkView struct {
	Digest chunker.Digest `json:"digest"`
	Blocks int            `json:"blocks"`
	Lines  int            `json:"lines"`
	Stored int            `json:"storedBytes"`
	New    bool           `json:"new"`
}

func newView(version cache.Version, m, before *chunker.Manifest) view {
	v := view{
		Version: m.Digest, Sequence: version.Sequence, Published: version.Published, Schema: m.Schema, Catalog: m.Catalog, Codec: m.Codec, Manifest: len(m.Encoded),
	}
	had := map[chunker.Digest]bool{}
	if before != nil {
		v.Before = before.Digest
		for chunk := range before.Chunks {
			had[chunk.Digest] = true
		}
	}
	for i := range m.Sections {
		v.Sections = append(v.Sections, newSectionView(&m.Sections[i], func(d chunker.Digest) bool { return !had[d] }))
	}
	return v
}

func newSectionView(s *chunker.Section, isNew func(chunker.Digest) bool) sectionView {
	section := sectionView{Name: s.Name, Kind: s.Kind, Lines: s.Count, Raw: s.Raw, Stored: s.Size(), Chunks: []chunkView{}}
	for i := range s.Chunks {
		chunk := chunkView{Digest: s.Chunks[i].Digest, Blocks: len(s.Chunks[i].Blocks), Stored: s.Chunks[i].Size(), New: isNew(s.Chunks[i].Digest)}
		for _, b := range s.Chunks[i].Blocks {
			chunk.Lines += b.Count
		}
		if chunk.New {
			section.New++
		}
		section.Chunks = append(section.Chunks, chunk)
		section.Blocks += chunk.Blocks
		section.Largest = max(section.Largest, chunk.Stored)
	}
	return section
}
