package wiring

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/awssign"
)

// openAnnouncer is nil where nobody is to be told. It does not look for credentials yet.
func openAnnouncer(c Config) (*announce.Announcer, error) {
	if c.Announce == "" {
		return nil, nil //nolint:nilnil // nobody is an answer, not a fault
	}
	address, err := announce.Parse(c.Announce)
	if err != nil {
		return nil, fmt.Errorf("%w: --announce (CHUNKASIDE_ANNOUNCE): %w", ErrUsage, err)
	}
	if strings.ContainsFunc(c.AnnounceKey, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("%w: CHUNKASIDE_ANNOUNCE_KEY is no key: it has a blank, or a letter that no key has", ErrUsage)
	}
	o := &announce.Options{APIKey: c.AnnounceKey}
	// A server on this machine looks at no signature, and a search for credentials may take long where there are none.
	if c.AnnounceKey == "" && !announce.Local(address) {
		o.Sign = awssign.New(awssign.AppSync, awssign.Region(address.Hostname())).Sign
	}
	return announce.New(c.Announce, o)
}

// compareTime is how long the two manifests may take that an announcement is made of.
const compareTime = 3 * time.Second

// Announce tells those who watch the catalog that the pointer has been moved, from the version before it, "" for none. If readers have the same version as before, there is nothing to tell. It takes a few
// seconds at most, and no more than ctx has: what fails is the outcome's, and the log's.
func (a *App) Announce(ctx context.Context, before chunker.Digest, now cache.Pointer) announce.Outcome {
	if a.announcer == nil || before == now.Manifest {
		return announce.Outcome{}
	}
	m, err := a.message(ctx, before, now)
	if err == nil {
		err = a.announcer.Announce(ctx, m)
	}
	return announce.OutcomeOf(err)
}

// message compares two versions. Where the one before cannot be read, all is taken for new.
func (a *App) message(ctx context.Context, before chunker.Digest, now cache.Pointer) (announce.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	after, err := a.Cache.Manifest(ctx, cache.Version{Manifest: now.Manifest})
	if err != nil {
		return announce.Message{}, fmt.Errorf("look at the version to announce: %w", err)
	}
	var last *chunker.Manifest
	if before != "" {
		if last, err = a.Cache.Manifest(ctx, cache.Version{Manifest: before}); err != nil {
			last = nil
		}
	}
	return announce.NewMessage(now.Sequence, last, after), nil
}
