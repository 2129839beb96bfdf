package cache

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/chunker"
)

// readBacks is how often a written value is read back before it counts as lost: reads may be eventually consistent.
const readBacks = 4

// write writes a value and reads it back: nothing is announced that was not seen whole in the cache.
func (c *Cache) write(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := c.driver.Set(ctx, key, value, ttl); err != nil {
		return err
	}
	for try := 1; ; try++ {
		values, err := c.driver.Get(ctx, []string{key})
		switch {
		case err != nil:
			return fmt.Errorf("read it back: %w", err)
		case bytes.Equal(values[0], value):
			return nil
		case try < readBacks:
			if err := idle(ctx, firstPause); err != nil {
				return err
			}
		case values[0] == nil:
			return fmt.Errorf("read it back: it is missing: %w", ErrIncomplete)
		default:
			return fmt.Errorf("read it back: %w", &chunker.DamageError{Part: "value", Reason: "the cache returns other bytes than were written"})
		}
	}
}
