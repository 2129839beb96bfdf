package main

import (
	"context"
	"encoding/json"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/appsync"
)

// watch announces the versions that serve comes to read, whoever has published them, to those who subscribe to it.
type watch struct {
	channel *appsync.Channel
	latest  chan cache.Event // has room for the one that was followed last
}

func newWatch(channel *appsync.Channel) *watch { return &watch{channel, make(chan cache.Event, 1)} }

// notify is told what happens to the cache, and does not block. Of two versions that come right after each other the first one may go unannounced.
func (w *watch) notify(e cache.Event) {
	if e.Kind != cache.Followed {
		return
	}
	for {
		select {
		case w.latest <- e:
			return
		default:
		}
		select {
		case <-w.latest:
		default:
		}
	}
}

// run announces until ctx ends. The first version is nobody's news.
func (w *watch) run(ctx context.Context, c *cache.Cache) {
	var last *chunker.Manifest
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-w.latest:
			m, err := c.Manifest(ctx, cache.Version{Manifest: e.Version})
			if err != nil {
				continue // its readers meet the same, and say so
			}
			if last != nil && last.Digest != m.Digest {
				w.announce(announce.NewMessage(e.Sequence, last, m))
			}
			last = m
		}
	}
}

func (w *watch) announce(m announce.Message) {
	if text, err := json.Marshal(m); err == nil { // texts and numbers always can be
		w.channel.Announce(text)
	}
}
