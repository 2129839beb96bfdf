package cache

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

const (
	historyMagic  = "chunkaside history"
	historyFormat = 1
	maxHistory    = 256 << 10
	maxVersions   = 100 // that a history lists
)

// ErrNoSuchVersion: the history lists no version of that name, or several.
var ErrNoSuchVersion = errors.New("no such version")

// Version is one that was published: docs/format.md, "History".
type Version struct {
	// Sequence is the pointer's as it was moved for this version.
	Sequence int64          `json:"sequence"`
	Manifest chunker.Digest `json:"manifest"`
	// Published is when, by the publisher's clock.
	Published time.Time `json:"published"`
	// Entities of all models, and the stored bytes of all chunks.
	Entities int   `json:"entities"`
	Bytes    int64 `json:"bytes"`
	// Until is when it ceased to be the current one; zero if it is, or never was.
	Until time.Time `json:"until,omitzero"`
	// Of is the sequence of the version that came back as this one, by a rollback or a pin; 0 for one that was built.
	Of int64 `json:"of,omitempty"`
	// Note says which rules were overridden for it.
	Note string `json:"note,omitempty"`
}

// History is what a catalog's pointer says, and the versions that led to it.
type History struct {
	Pointer
	// Versions are the newest first, at most 100. The current one is among them, and while another is pinned it is not the first.
	Versions []Version `json:"versions"`
}

type storedHistory struct {
	Magic    string    `json:"magic"`
	Format   int       `json:"format"`
	Versions []Version `json:"versions"`
}

// Current is the version that is read now.
func (h History) Current() Version {
	for _, v := range h.Versions {
		if v.Manifest == h.Manifest {
			return v
		}
	}
	return Version{Sequence: h.Sequence, Manifest: h.Manifest, Published: h.Published}
}

// Newest is the version that was built last: not the current one after a rollback, or while another is pinned.
func (h History) Newest() Version {
	for _, v := range h.Versions {
		if v.Of == 0 {
			return v
		}
	}
	return h.Current()
}

// Previous is the newest version before the current one that has another content. If the current one is an older one come back, it is the one before that: rollback after rollback goes back further.
func (h History) Previous() (Version, error) {
	current := h.Current()
	for current.Of != 0 {
		i := slices.IndexFunc(h.Versions, func(v Version) bool { return v.Sequence == current.Of })
		if i < 0 {
			break
		}
		current = h.Versions[i]
	}
	for _, v := range h.Versions {
		if v.Sequence < current.Sequence && v.Manifest != current.Manifest && v.Of == 0 {
			return v, nil
		}
	}
	return Version{}, fmt.Errorf("%w: the history lists none before the current one", ErrNoSuchVersion)
}

// Find returns the version called name: "current", "previous", "newest", a sequence, or the beginning of a manifest's digest, at least 4 digits of it. The error matches ErrNoSuchVersion.
func (h History) Find(name string) (Version, error) {
	switch name {
	case "current":
		return h.Current(), nil
	case "newest":
		return h.Newest(), nil
	case "previous":
		return h.Previous()
	}
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		if i := slices.IndexFunc(h.Versions, func(v Version) bool { return v.Sequence == n }); i >= 0 {
			return h.Versions[i], nil
		}
	}
	return h.findDigest(name)
}

func (h History) findDigest(name string) (found Version, err error) {
	const least = 4
	if len(name) < least {
		return Version{}, fmt.Errorf("%w as %q: give a sequence, the beginning of a version's digest, current, previous or newest", ErrNoSuchVersion, name)
	}
	for _, v := range h.Versions {
		switch {
		case !strings.HasPrefix(string(v.Manifest), name) || v.Manifest == found.Manifest:
		case found.Manifest != "":
			return Version{}, fmt.Errorf("%w: %q may be %s or %s", ErrNoSuchVersion, name, found.Manifest, v.Manifest)
		default:
			found = v
		}
	}
	if found.Manifest == "" {
		return Version{}, fmt.Errorf("%w in the history: %q", ErrNoSuchVersion, name)
	}
	return found, nil
}

// with is the list as the next pointer announces it, with a version on top. One that is on top already is renewed. Of the oldest, those over the most that are listed go, but for the current one.
func (h History) with(v Version, next Pointer) []Version {
	v.Sequence, v.Published = next.Sequence, next.Published
	before := h.Versions
	if len(before) > 0 && before[0].Manifest == v.Manifest {
		v.Note, v.Of = cmp.Or(v.Note, before[0].Note), min(v.Of, before[0].Of)
		before = before[1:]
	}
	versions := append([]Version{v}, before...)
	for i := range versions {
		if versions[i].Manifest == h.Manifest && h.Manifest != next.Manifest && versions[i].Until.IsZero() {
			versions[i].Until = next.Published
		}
	}
	for i := len(versions) - 1; i > 0 && len(versions) > maxVersions; i-- {
		if versions[i].Manifest != next.Manifest {
			versions = slices.Delete(versions, i, i+1)
		}
	}
	return versions
}

// again is the list as the next pointer announces it, with an older version come back.
func (h History) again(v Version, next Pointer) []Version {
	back := v
	back.Of, back.Until, back.Note = v.Sequence, time.Time{}, ""
	if v.Sequence == h.Versions[0].Sequence {
		back.Of = v.Of // it is the one on top
	}
	return h.with(back, next)
}

// Versions reads what the pointer says and the history, past what is in memory. A history that is lost is begun anew with the current version. The error is ErrNoVersion if there is none.
func (c *Cache) Versions(ctx context.Context) (History, error) {
	for {
		found, err := c.look(ctx)
		if err == nil {
			err = found.usable()
		}
		if err != nil {
			return History{}, err
		}
		h, err := c.history(ctx, found)
		if !lost(err) {
			return h, err
		}
		// The pointer may have moved between the two reads: then the history that it named is gone.
		again, err := c.look(ctx)
		if err != nil {
			return History{}, err
		}
		if again.Pointer == found.Pointer {
			return h, nil
		}
	}
}

// history reads the history that a look found. If it is lost, the error matches ErrIncomplete or chunker.ErrDamaged, and the history is one that begins anew with the current version: good for
// all but what must know which version was built last.
func (c *Cache) history(ctx context.Context, found look) (History, error) {
	if !found.sound() {
		return History{}, nil
	}
	h := History{Pointer: found.Pointer}
	h.Versions = []Version{h.Current()}
	if found.History == "" {
		return h, nil
	}
	versions, err := c.readHistory(ctx, found.History)
	if err == nil {
		h.Versions = versions
	}
	return h, err
}

// lost says whether an error is that something is not in the cache any more, or not as it was.
func lost(err error) bool { return errors.Is(err, ErrIncomplete) || isDamage(err) }

func (c *Cache) readHistory(ctx context.Context, d chunker.Digest) ([]Version, error) {
	for try := 1; ; try++ {
		values, err := c.driver.Get(ctx, []string{c.keys.history(d)})
		if err != nil {
			return nil, fmt.Errorf("read the history: %w", err)
		}
		if values[0] != nil {
			return decodeHistory(values[0], d)
		}
		if try == readBacks {
			return nil, fmt.Errorf("the history %s is missing: %w", d.Short(), ErrIncomplete)
		}
		// Reads may be eventually consistent: it may become visible a little after the pointer.
		if err := idle(ctx, firstPause); err != nil {
			return nil, err
		}
	}
}

func encodeHistory(versions []Version) ([]byte, error) {
	return json.Marshal(storedHistory{historyMagic, historyFormat, versions})
}

// decodeHistory reads a stored history. The error is a chunker.DamageError, or matches chunker.ErrFormat.
func decodeHistory(data []byte, d chunker.Digest) ([]Version, error) {
	if len(data) > maxHistory {
		return nil, &chunker.DamageError{Part: "history", Digest: d, Reason: "it is larger than any"}
	}
	if err := chunker.Verify("history", data, d); err != nil {
		return nil, err
	}
	var s storedHistory
	if err := json.Unmarshal(data, &s); err != nil && s.Format <= historyFormat {
		return nil, &chunker.DamageError{Part: "history", Digest: d, Reason: "it is no JSON of its kind", Err: err}
	}
	switch {
	case s.Magic != historyMagic:
		return nil, &chunker.DamageError{Part: "history", Digest: d, Reason: "it does not begin as one"}
	case s.Format != historyFormat:
		return nil, fmt.Errorf("history has the format %d, this release reads %d: %w", s.Format, historyFormat, chunker.ErrFormat)
	case len(s.Versions) == 0, slices.ContainsFunc(s.Versions, func(v Version) bool { return !v.Manifest.Valid() }):
		return nil, &chunker.DamageError{Part: "history", Digest: d, Reason: "it names no version"}
	}
	return s.Versions, nil
}

// Manifest reads the manifest of a version of the history. The error matches ErrIncomplete where it is missing, chunker.ErrDamaged where it is not what it should be.
func (c *Cache) Manifest(ctx context.Context, v Version) (*chunker.Manifest, error) {
	return c.manifest(ctx, look{Pointer: Pointer{Manifest: v.Manifest}})
}

// Open returns a version of the history, to be read beside the current one.
func (c *Cache) Open(ctx context.Context, v Version) (*catalog.Snapshot, error) {
	m, err := c.Manifest(ctx, v)
	if err != nil {
		return nil, err
	}
	return catalog.NewSnapshot(c.schema, m, c.memory)
}

// newVersion is the entry for a manifest. Its sequence and time are those of the pointer that announces it.
func newVersion(m *chunker.Manifest, note string) Version {
	v := Version{Manifest: m.Digest, Note: note}
	for i := range m.Sections {
		v.Bytes += int64(m.Sections[i].Size())
		if m.Sections[i].Kind == chunker.KindEntities {
			v.Entities += m.Sections[i].Count
		}
	}
	return v
}
