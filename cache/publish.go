package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// Published says what a publish did.
type Published struct {
	// Pointer is as it was moved. It names the version that was built, unless another is pinned.
	Pointer
	// Before is the version that readers had until then; "" if there was none. They have it still if the pointer names it.
	Before chunker.Digest `json:"before,omitempty"`
	// Version is what was built, in full.
	Version Version `json:"version"`
	// Chunks of the version, and how many of them were sent; the others were there and got a new TTL.
	Chunks     int `json:"chunks"`
	ChunksSent int `json:"chunksSent"`
	// Bytes of all the version's chunks, and of those sent.
	Bytes     int64 `json:"bytes"`
	BytesSent int64 `json:"bytesSent"`
	// Repaired is how many of the sent chunks the cache should have had, but lacked or held damaged.
	Repaired int `json:"repaired"`
	// Findings are what the rules have to say of the version, one sentence each; Forced says that some of them would have refused it.
	Findings []string `json:"findings"`
	Forced   bool     `json:"forced,omitempty"`
	// Changes since the last version, by model; none where it could not be compared.
	Changes []Changes `json:"changes,omitempty"`
}

// Changes is how many entities of a model differ from those of the last version.
type Changes struct {
	Model   string `json:"model"`
	Added   int    `json:"added"`
	Changed int    `json:"changed"`
	Removed int    `json:"removed"`
}

// Changed is how many entities differ from those of the last version, of all models.
func (p Published) Changed() (n int) {
	for _, of := range p.Changes {
		n += of.Added + of.Changed + of.Removed
	}
	return n
}

// Publish makes a version the current one: chunks first, then the manifest and the history, then the pointer by compare-and-set, so that a reader sees the old version or the
// new one whole. What is written is read back before the pointer moves. If it fails, the old version is current. The error is build's, or matches ErrConflict if another
// publisher was first, or catalog.ErrSchema if the current version is of another schema, or is a *catalog.RefusedError if Options.Rules refuse the version. It takes no lease: see Collect.
func (c *Cache) Publish(ctx context.Context, build Build) (Published, error) {
	// Looked at before the build: who publishes meanwhile wins, and this publish is a conflict.
	found, err := c.look(ctx)
	if err != nil {
		return Published{}, err
	}
	p, _, err := c.publish(ctx, build, found, publishing{})
	return p, err
}

// publishing is what one publish does otherwise than others.
type publishing struct {
	// mending: the current version cannot be read. What replaces it is read, even if that was pinned.
	mending bool
	// forced: what the rules refuse is published all the same.
	forced bool
	// newSchema: the current version may be of another schema.
	newSchema bool
	// brief: only the current version and the newest are kept alive, not all that a rollback may want.
	brief bool
}

// publish makes what is built follow what the look found.
func (c *Cache) publish(ctx context.Context, build Build, found look, how publishing) (_ Published, _ *chunker.Manifest, err error) {
	ctx, end := c.options.Trace.Begin(ctx, "publish", "")
	defer func() { end(err) }()
	begin := time.Now()
	history, err := c.history(ctx, found)
	if err != nil && !lost(err) {
		return Published{}, nil, err
	}
	if err != nil {
		c.trouble.met(ctx, "the history begins anew", err)
	}
	older, err := c.alive(ctx, history, how.brief)
	if err != nil {
		return Published{}, nil, err
	}
	if err := c.checkSchema(named(found.Manifest, older)); err != nil && !how.newSchema {
		return Published{}, nil, err
	}
	p := newPublication(ctx, c, older)
	m, err := p.run(build)
	if err != nil {
		return Published{}, nil, err
	}
	if err := c.writeManifest(ctx, m); err != nil {
		return Published{}, nil, err
	}
	published := p.result()
	published.Before = found.Manifest
	if err := c.judge(ctx, &published, history.measure(older), m, how); err != nil {
		if refused(err) {
			// The last good version has to outlive what follows it in vain.
			err = errors.Join(err, c.remain(ctx, found, older))
		}
		return Published{}, nil, err
	}
	// Before the pointer gets a new TTL, for it may go on naming an older version.
	if err := c.prolong(ctx, older, chunksOf(m)); err != nil {
		return Published{}, nil, err
	}
	next := found.next(c.options.Clock())
	if !found.Pinned || how.mending || m.Digest == found.Manifest {
		next.Pinned = found.Pinned && m.Digest == found.Manifest
		next.Manifest = m.Digest
	}
	versions := history.with(newVersion(m, published.Version.Note), next)
	published.Version = versions[0]
	if published.Pointer, err = c.announce(ctx, found, next, versions); err != nil {
		return Published{}, nil, err
	}
	c.counts.published.Add(1)
	c.tell(Event{Kind: Announced, Version: m.Digest, Sequence: next.Sequence, Took: time.Since(begin), Bytes: published.BytesSent})
	if next.Manifest == m.Digest {
		c.writeHead(ctx, m)
	}
	return published, m, nil
}

// checkSchema refuses to follow a version of another schema: two deployments that share a namespace by mistake would take the version from each other's readers by turns. Nil is no version.
func (c *Cache) checkSchema(current *chunker.Manifest) error {
	if current == nil || current.Schema == c.schema.Digest {
		return nil
	}
	return fmt.Errorf("the current version %s is of another schema, and its readers would refuse what follows: if this schema replaces that one, say so (warm --new-schema), else use another namespace "+
		"or catalog: %w", current.Digest.Short(), catalog.ErrSchema)
}

// writeManifest writes it under its digest, where it stays.
func (c *Cache) writeManifest(ctx context.Context, m *chunker.Manifest) error {
	if err := c.write(ctx, c.keys.manifest(m.Digest), m.Encoded, c.options.TTL/24*23); err != nil {
		return fmt.Errorf("write manifest %s: %w", m.Digest.Short(), err)
	}
	return nil
}

// writeHead writes the manifest under a fixed name, where a cold process finds it together with the pointer. It is a hint, so a failure is none of the publish's: readers fetch it by its
// digest then.
func (c *Cache) writeHead(ctx context.Context, m *chunker.Manifest) {
	if err := c.driver.Set(ctx, c.keys.head(), m.Encoded, c.options.TTL/24*23); err != nil {
		c.trouble.met(ctx, "the manifest's copy was not written", err)
	}
}

// announce moves the pointer from what a look found to the next, which names the versions as its history.
func (c *Cache) announce(ctx context.Context, found look, next Pointer, versions []Version) (Pointer, error) {
	history, err := encodeHistory(versions)
	if err != nil {
		return Pointer{}, fmt.Errorf("encode the history: %w", err)
	}
	next.History = chunker.DigestOf(history)
	if err := c.write(ctx, c.keys.history(next.History), history, c.options.TTL/24*23); err != nil {
		return Pointer{}, fmt.Errorf("write the history: %w", err)
	}
	if err := c.move(ctx, found, next); err != nil {
		return Pointer{}, err
	}
	if found.History != "" && found.History != next.History {
		_ = c.driver.Delete(ctx, c.keys.history(found.History)) // nobody needs it any more; if it stays, its TTL ends it
	}
	return next, nil
}

// move moves the pointer from what a look found to the next.
func (c *Cache) move(ctx context.Context, found look, next Pointer) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("move the pointer: %w", err) // the lease may be another's
	}
	raw, err := next.encode()
	if err != nil {
		return fmt.Errorf("encode the pointer: %w", err)
	}
	moved, err := c.replace(ctx, c.keys.pointer(), found.raw, raw, c.options.TTL/24*22)
	if err != nil {
		if !c.holds(ctx, c.keys.pointer(), raw) {
			return fmt.Errorf("move the pointer: %w", err)
		}
		moved = true // only the answer was lost
	}
	if !moved {
		return fmt.Errorf("move the pointer to %s: %w", next.Manifest.Short(), ErrConflict)
	}
	return nil
}

// replace sets a key that holds exactly old; nil is a missing one.
func (c *Cache) replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if len(old) > 0 {
		return c.driver.CompareAndSet(ctx, key, old, value, ttl)
	}
	if old != nil {
		// There is something, but nothing that could be compared with.
		if err := c.driver.Delete(ctx, key); err != nil {
			return false, err
		}
	}
	return c.driver.SetIfAbsent(ctx, key, value, ttl)
}

// holds says whether a key is known to have a value, after a call whose outcome is not known.
func (c *Cache) holds(ctx context.Context, key string, value []byte) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	values, err := c.driver.Get(ctx, []string{key})
	return err == nil && bytes.Equal(values[0], value)
}
