package cache

import (
	"context"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
)

// askPause is how long after one process has asked for a warm-up no other one does.
const askPause = 30 * time.Second

// ask asks somebody else for a version, in place of a rebuild, and waits for it if there is none to answer from.
func (c *Cache) ask(ctx context.Context, broken look, unreadable *catalog.Snapshot) (*held, error) {
	for wait := firstPause; ; wait = longer(wait) {
		if err := c.askOnce(ctx); err != nil {
			return nil, err
		}
		if h := c.held.Load(); c.answers(h) && h.snapshot != unreadable {
			c.lookedInVain()
			return h, nil
		}
		if h, err := c.await(ctx, broken, wait); h != nil || err != nil {
			return h, err
		}
	}
}

// askOnce asks, unless a process has lately.
func (c *Cache) askOnce(ctx context.Context) error {
	first, err := c.driver.SetIfAbsent(ctx, c.keys.asked(), []byte("asked"), askPause)
	if err != nil {
		return fmt.Errorf("see whether a warm-up has been asked for: %w", err)
	}
	if !first {
		return nil
	}
	c.counts.asked.Add(1)
	c.tell(Event{Kind: Asked})
	if err := c.options.Ask(ctx); err != nil {
		_ = c.driver.Delete(context.WithoutCancel(ctx), c.keys.asked()) // so that another process may
		return fmt.Errorf("ask for a warm-up: %w", err)
	}
	return nil
}
