package cache

import (
	"context"
	"slices"

	"github.com/chunkaside/chunkaside/chunker"
)

// Repair is what a Cache.Repair did.
type Repair struct {
	// Published is what was built from the store; nil if rules refused it.
	Published *Published `json:"published,omitempty"`
	// Versions are those that had faults.
	Versions []Repaired `json:"versions"`
}

// Repaired is what became of a version that had faults.
type Repaired struct {
	// Verified is the version as it is now. What is Broken still is not in what the store makes.
	Verified
	// Restored are the chunks, and the manifest, that were broken and are whole again.
	Restored []chunker.Digest `json:"restored"`
}

// Sound says whether nothing is wrong with any version any more.
func (r Repair) Sound() bool {
	return !slices.ContainsFunc(r.Versions, func(v Repaired) bool { return !v.Sound() })
}

// Repair restores what a Verify found broken, as far as the store still makes it: it warms up, as the lease's holder, and then verifies those versions again. If the store has not changed since the
// current version was built, the same chunks come out, byte for byte, those that are broken are sent, and the version stays what it was. If it has, a new version is published by the usual rules.
// Older versions get back what they have in common with it, and nothing else: there is nothing to make the rest from.
//
// If rules refuse what was built, the error is a *catalog.RefusedError, and the result is good: its chunks have been sent. With any other error there is none. progress is that of VerifyAll.
func (c *Cache) Repair(ctx context.Context, broken []Verified, progress func(done, of int)) (Repair, error) {
	p, refusal := c.Warm(ctx, nil)
	if refusal != nil && !refused(refusal) {
		return Repair{}, refusal
	}
	result := Repair{Published: &p, Versions: []Repaired{}}
	if refusal != nil {
		result.Published = nil
	}
	versions := make([]Version, len(broken))
	for i, v := range broken {
		versions[i] = v.Version
	}
	now, err := c.VerifyAll(ctx, versions, progress)
	if err != nil {
		return Repair{}, err
	}
	for i, v := range now {
		restored := slices.DeleteFunc(slices.Clone(broken[i].Broken), func(d chunker.Digest) bool { return slices.Contains(v.Broken, d) })
		result.Versions = append(result.Versions, Repaired{v, restored})
	}
	return result, refusal
}
