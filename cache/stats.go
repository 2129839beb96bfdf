package cache

import "sync/atomic"

// Stats is what a Cache has done since it was made. The numbers only grow, but for Version and Sequence.
type Stats struct {
	// Hits are calls of Current answered from memory, within MaxAge.
	Hits int64 `json:"hits"`
	// Stale are calls answered from memory for want of a newer look: the cache or the build failed.
	Stale int64 `json:"stale"`
	// Refreshes are turns of refreshing, one for all callers that wait together; Looks are reads of the pointer.
	Refreshes int64 `json:"refreshes"`
	Looks     int64 `json:"looks"`
	// Misses are refreshes that found no usable version.
	Misses int64 `json:"misses"`
	// Asked are requests for a warm-up elsewhere.
	Asked int64 `json:"asked"`
	// Builds are loads of the whole catalog from the store.
	Builds int64 `json:"builds"`
	// LeasesWon and LeasesLost are tries to take the lease.
	LeasesWon  int64 `json:"leasesWon"`
	LeasesLost int64 `json:"leasesLost"`
	// Published are versions that became current by this process.
	Published int64 `json:"published"`
	// Drifted are entities that warm-ups of this process found otherwise than in the version before: edits that were not published yet, and those that no incremental publish was told of.
	Drifted int64 `json:"drifted"`
	// Damaged are pointers, manifests, chunks and blocks that were refused.
	Damaged int64 `json:"damaged"`
	// Missing are chunks that were not in the cache when they were needed.
	Missing int64 `json:"missing"`
	// Chunks and bytes moved from and to the shared cache; manifests count as bytes read.
	ChunksRead    int64 `json:"chunksRead"`
	BytesRead     int64 `json:"bytesRead"`
	ChunksWritten int64 `json:"chunksWritten"`
	BytesWritten  int64 `json:"bytesWritten"`
	// MemoryBlocks and MemoryChunks are bytes held now: of inflated blocks, and of chunks.
	MemoryBlocks int `json:"memoryBlocks"`
	MemoryChunks int `json:"memoryChunks"`
	// Version and Sequence name the version in memory; "" and 0 if there is none.
	Version  string `json:"version"`
	Sequence int64  `json:"sequence"`
}

type counts struct {
	hits, stale, refreshes, looks, misses, builds, leasesWon, leasesLost, published, drifted, damaged, missing, asked atomic.Int64
	chunksRead, bytesRead, chunksWritten, bytesWritten                                                                atomic.Int64
}

// Stats returns the counts at this moment.
func (c *Cache) Stats() Stats {
	n := &c.counts
	s := Stats{
		Hits: n.hits.Load(), Stale: n.stale.Load(), Refreshes: n.refreshes.Load(), Looks: n.looks.Load(), Misses: n.misses.Load(), Asked: n.asked.Load(),
		Builds: n.builds.Load(), LeasesWon: n.leasesWon.Load(), LeasesLost: n.leasesLost.Load(), Published: n.published.Load(), Drifted: n.drifted.Load(),
		Damaged: n.damaged.Load(), Missing: n.missing.Load(), ChunksRead: n.chunksRead.Load(), BytesRead: n.bytesRead.Load(),
		ChunksWritten: n.chunksWritten.Load(), BytesWritten: n.bytesWritten.Load(),
	}
	s.MemoryBlocks, s.MemoryChunks = c.memory.Size()
	if h := c.held.Load(); h != nil {
		s.Version, s.Sequence = string(h.Manifest), h.Sequence
	}
	return s
}
