package probe

import (
	"context"
	"errors"
	"slices"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
)

// stored reads the manifests of the versions that should live, and chunks of the current one.
func (r *run) stored(ctx context.Context) error {
	h, err := r.cache.Versions(ctx)
	if err != nil {
		return err
	}
	s := &r.report.Stored
	s.Version, s.Sequence = h.Manifest, h.Sequence
	for _, v := range r.cache.Kept(h) {
		m, err := r.cache.Manifest(ctx, v)
		switch {
		case lost(err):
			s.fault(err)
		case err != nil:
			return err
		}
		s.Manifests++
		if err != nil || v.Manifest != h.Manifest {
			continue
		}
		if err := r.chunks(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) chunks(ctx context.Context, m *chunker.Manifest) error {
	var all []chunker.Digest
	for chunk := range m.Chunks {
		all = append(all, chunk.Digest)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	wanted := all
	if n := r.options.Chunks; n > 0 {
		wanted = nil
		for _, i := range distinct(r.dice, n, len(all)) {
			wanted = append(wanted, all[i])
		}
	}
	faults, err := r.cache.CheckChunks(ctx, wanted, nil)
	for _, fault := range faults {
		r.report.Stored.Chunks++
		if fault != nil {
			r.report.Stored.fault(fault)
		}
	}
	return err
}

// lost says whether an error is that a part of a version is not there, or not as it was.
func lost(err error) bool {
	return errors.Is(err, cache.ErrIncomplete) || errors.Is(err, chunker.ErrDamaged)
}
