package cost

import "cmp"

// operation is what Momento counts: each started 1,024 bytes of an item, either way, and one at least. Conditional writes count twice.
const operation = 1024

const conditional = 2

// begin is for the lease, taken and given back, and the look at the pointer. The manifest comes with it.
const begin = 2*conditional + 1

// kept is how many versions a warm-up keeps alive.
const kept = 10

// fullHistory is the size of a full history: a hundred versions of some 330 bytes.
const fullHistory = 33_000

// Operations is how many one item of this size takes.
func Operations(size int) float64 { return float64(max(1, (size+operation-1)/operation)) }

// whole is for all chunks, once.
func (c *Catalog) whole() (sum float64) {
	for _, size := range c.Chunks {
		sum += Operations(size)
	}
	return sum
}

func (c *Catalog) count() float64 { return float64(len(c.Chunks)) }

// chunk is for a chunk of mean size.
func (c *Catalog) chunk() float64 {
	if len(c.Chunks) == 0 {
		return 0
	}
	return c.whole() / c.count()
}

func (c *Catalog) history() float64 { return Operations(cmp.Or(c.History, fullHistory)) }

func (c *Catalog) manifest() float64 { return Operations(c.Manifest) }

func (c *Catalog) meanEntity() float64 {
	sum := 0
	for _, size := range c.Tables {
		sum += size
	}
	return float64(sum) / float64(max(1, c.Entities))
}

// follow is for a process that goes to the version after an edit: its manifest, and the chunks that are new.
func (c *Catalog) follow(s Setup) float64 { return c.manifest() + s.EditedChunks*c.chunk() }

// start is for a process that starts, and whose queries look into everything: the pointer, the manifest, all chunks.
func (c *Catalog) start() float64 { return 1 + c.manifest() + c.whole() }

// Publish is for an incremental publish that rewrites so many chunks, by a process that has nothing in memory.
func (c *Catalog) Publish(edited float64) float64 {
	history, manifest, chunks := c.history(), c.manifest(), edited*c.chunk()
	return begin + manifest +
		history + 2*manifest + chunks + // the last version is read
		2*chunks + 2*manifest + 2*history + // the next one is written, and read back
		c.count() + 1 + // all chunks of both versions, and the manifest, get a new TTL
		conditional + 1 + manifest // the pointer moves; the old history goes; the manifest's copy
}

// Warm is for a build of the whole store that keeps so many versions alive, each of which has so many chunks of its own. All chunks are there already, and are read to make sure.
func (c *Catalog) Warm(edited, versions float64) float64 {
	history, manifest := c.history(), c.manifest()
	return begin + manifest +
		history + versions*manifest + // what is to be kept
		c.whole() + c.count() + // each chunk is read, and gets a new TTL
		2*manifest + 2*history +
		(versions-1)*edited + versions + // the older ones' own chunks, and manifests, too
		conditional + 1 + manifest
}
