package warmer

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
)

// Result says what was done with an event. It is the function's answer, and what its destination gets.
type Result struct {
	Trigger Trigger `json:"trigger"`
	// Mode is what was done; "" if there was nothing to do.
	Mode Mode `json:"mode,omitempty"`
	// Records were named for this publish, by all events that it is for; records and exports of other tables, and objects that complete no export, were Skipped.
	Records int `json:"records,omitempty"`
	Skipped int `json:"skipped,omitempty"`
	// Items of exports were read to find the records.
	Items int64 `json:"items,omitempty"`
	// Left are the models whose tables there was no time to read: they are as they were, and the function has been called again to go on with them.
	Left []string `json:"left,omitempty"`
	// Version is the current one now, under this sequence. If another one is pinned, Built is what was built.
	Version  chunker.Digest `json:"version,omitempty"`
	Sequence int64          `json:"sequence,omitempty"`
	Pinned   bool           `json:"pinned,omitempty"`
	Built    chunker.Digest `json:"built,omitempty"`
	// Entities, chunks and bytes are those of the version that was built, verified or gone back to. The rest is as in cache.Published.
	Entities   int             `json:"entities,omitempty"`
	Chunks     int             `json:"chunks,omitempty"`
	ChunksSent int             `json:"chunksSent,omitempty"`
	Bytes      int64           `json:"bytes,omitempty"`
	BytesSent  int64           `json:"bytesSent,omitempty"`
	Repaired   int             `json:"repaired,omitempty"`
	Changes    []cache.Changes `json:"changes,omitempty"`
	// Findings are at most 20.
	Findings []string `json:"findings,omitempty"`
	announce.Outcome
	// Failures are what a batch's sender has to send again, for triggers that can be told so: not nil then.
	Failures []Failure `json:"batchItemFailures,omitzero"`
}

// Failure names one item of a batch, as Lambda's event source mappings read it.
type Failure struct {
	Item string `json:"itemIdentifier"`
}

// published is the result of a publish.
func published(r request, p cache.Published) Result {
	result := Result{
		Mode: r.mode, Records: len(r.records), Version: p.Manifest, Sequence: p.Sequence, Pinned: p.Pinned, Entities: p.Version.Entities, Chunks: p.Chunks, ChunksSent: p.ChunksSent,
		Bytes: p.Bytes, BytesSent: p.BytesSent, Repaired: p.Repaired, Changes: p.Changes, Findings: first(p.Findings),
	}
	if p.Version.Manifest != p.Manifest {
		result.Built = p.Version.Manifest
	}
	return result
}

// first are as many findings as a destination has room for.
func first(findings []string) []string {
	const most = 20
	if len(findings) <= most {
		return findings
	}
	return append(findings[:most-1:most-1], fmt.Sprintf("and %d more", len(findings)-most+1))
}

func (r Result) log(ctx context.Context, to *slog.Logger, took time.Duration) {
	if r.NotAnnounced != "" {
		to.WarnContext(ctx, "published, but not announced", "trigger", r.Trigger, "version", r.Version, "sequence", r.Sequence, "cause", r.NotAnnounced)
	}
	if r.Mode == "" {
		to.InfoContext(ctx, "nothing to do", "trigger", r.Trigger, "skipped", r.Skipped, "items", r.Items, "failures", len(r.Failures))
		return
	}
	to.InfoContext(ctx, "done", "trigger", r.Trigger, "mode", r.Mode, "records", r.Records, "skipped", r.Skipped, "items", r.Items, "left", r.Left, "version", r.Version, "sequence", r.Sequence, "changed", cache.Published{Changes: r.Changes}.Changed(), "chunks", r.Chunks, "chunksSent", r.ChunksSent,
		"bytesSent", r.BytesSent, "findings", len(r.Findings), "failures", len(r.Failures), "took", took.Round(time.Millisecond).String())
}
