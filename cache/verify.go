package cache

import (
	"context"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// Verified is what a walk through a version found.
type Verified struct {
	Version
	// Chunks of the version, and how many bytes of them are stored.
	Chunks int   `json:"chunks"`
	Stored int64 `json:"stored"`
	// Missing chunks are not in the cache, Damaged ones hold other bytes than their digest says.
	Missing int `json:"missing"`
	Damaged int `json:"damaged"`
	// Broken are the chunks that are missing or damaged; the manifest's own digest stands for the manifest, without which the chunks are not known.
	Broken []chunker.Digest `json:"broken"`
	// Faults say what is wrong, one a chunk or section.
	Faults []string `json:"faults"`
	// Foreign says that the version is of another schema: its chunks were read, but not what is in them.
	Foreign bool `json:"foreign,omitempty"`
	// Findings are what the rules have to say of a version without faults, looked at whole: values and targets that are missing are no fault of the version.
	Findings []string `json:"findings"`
}

// Sound says whether nothing is wrong.
func (v Verified) Sound() bool { return len(v.Faults) == 0 }

// Verify is VerifyAll of one version. If that is of another schema, the error matches catalog.ErrSchema.
func (c *Cache) Verify(ctx context.Context, v Version, progress func(done, of int)) (Verified, error) {
	all, err := c.VerifyAll(ctx, []Version{v}, progress)
	if err != nil {
		return Verified{}, err
	}
	if all[0].Foreign {
		err = fmt.Errorf("version %s: %w", v.Manifest.Short(), catalog.ErrSchema)
	}
	return all[0], err
}

// VerifyAll reads whole versions of the history past what is in memory: every chunk against its digest, then every entity and index line against the schema and each other. A chunk that several
// versions have is read once. progress, if not nil, is told how many chunks of how many have been read; it must not block. The error says why the walk could not be made; what it found is in
// the results, by index.
func (c *Cache) VerifyAll(ctx context.Context, versions []Version, progress func(done, of int)) ([]Verified, error) {
	all, known := make([]Verified, len(versions)), make([]*chunker.Manifest, 0, len(versions))
	for i, v := range versions {
		all[i] = Verified{Version: v, Broken: []chunker.Digest{}, Faults: []string{}, Findings: []string{}}
		m, err := c.Manifest(ctx, v)
		switch {
		case lost(err):
			all[i].broken(v.Manifest, err.Error())
		case err != nil:
			return nil, err
		default:
			known = append(known, m)
		}
	}
	w := newWalk(c, progress, digests(known...))
	if err := w.chunks(ctx); err != nil {
		return nil, err
	}
	// A memory of its own: what this process holds already proves nothing.
	memory, err := catalog.NewMemory(c.fetchChunks, c.options.Memory)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if m := named(all[i].Manifest, known); m != nil {
			if err := c.verify(ctx, &all[i], m, w, memory); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// verify says what was found of a version's chunks, and looks into them.
func (c *Cache) verify(ctx context.Context, v *Verified, m *chunker.Manifest, w *walk, memory *catalog.Memory) error {
	for chunk := range m.Chunks {
		v.chunk(chunk.Digest, w.found[chunk.Digest])
	}
	if !v.Sound() {
		return nil // only sound chunks are worth a look into
	}
	snapshot, err := catalog.NewSnapshot(c.schema, m, memory)
	switch {
	case errors.Is(err, catalog.ErrSchema):
		v.Foreign = true
		return nil
	case err != nil:
		return err
	}
	return v.sections(ctx, snapshot, c.options.Rules)
}

func (v *Verified) broken(d chunker.Digest, fault string) {
	v.Broken = append(v.Broken, d)
	v.Faults = append(v.Faults, fault)
}

// chunk counts a chunk as it was read.
func (v *Verified) chunk(d chunker.Digest, read walked) {
	v.Chunks++
	v.Stored += int64(read.stored)
	switch {
	case errors.Is(read.fault, ErrIncomplete):
		v.Missing++
		v.broken(d, fmt.Sprintf("chunk %s is missing", d))
	case read.fault != nil:
		v.Damaged++
		v.broken(d, read.fault.Error())
	}
}

// sections looks into every block.
func (v *Verified) sections(ctx context.Context, snapshot *catalog.Snapshot, rules catalog.Rules) error {
	for _, model := range snapshot.Schema().Models {
		err := snapshot.Check(ctx, model)
		switch {
		case isDamage(err):
			v.Damaged++
			v.Faults = append(v.Faults, fmt.Sprintf("section %s: %v", model.Name, err))
		case err != nil:
			return err
		}
	}
	if !v.Sound() {
		return nil
	}
	validated, err := catalog.Validate(ctx, nil, snapshot, rules)
	for _, f := range validated.Findings {
		v.Findings = append(v.Findings, f.String())
	}
	return err
}
