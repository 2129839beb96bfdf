package cache

import (
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/chunker"
)

const (
	// reluctance is how long all callers are answered with the version in memory, though there is a newer one whose chunks come slowly.
	reluctance = 2 * time.Second
	// insistence is how long one caller waits for them after that, and insistPause how long it is until another one does.
	insistence  = 5 * time.Second
	insistPause = 30 * time.Second
)

// coming is a newer version whose chunks could not be read yet. Where nothing runs on between calls, what takes longer than callers wait would never come: then one of them waits longer.
type coming struct {
	mu       sync.Mutex
	manifest chunker.Digest // "" for none
	insists  time.Time      // when somebody is to wait for it
}

// delayed notes that a version's chunks have not come.
func (c *coming) delayed(d chunker.Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manifest == "" {
		c.insists = time.Now().Add(reluctance)
	}
	c.manifest = d
}

// clear notes that a version has come.
func (c *coming) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manifest = ""
}

// insist says whether this caller is to wait.
func (c *coming) insist() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manifest == "" || !reached(c.insists) {
		return false
	}
	c.insists = time.Now().Add(insistPause)
	return true
}
