package momentofake

import "time"

// items are the items of one cache by key.
type items map[string]item

// item is one value. The value is never changed in place.
type item struct {
	value   []byte
	expires time.Time
}

// living returns the item of a key unless it is missing or expired.
func (i items) living(key string, now time.Time) (item, bool) {
	found, ok := i[key]
	if ok && !now.Before(found.expires) {
		delete(i, key)
		return item{}, false
	}
	return found, ok
}

// expire removes every item whose time has come.
func (i items) expire(now time.Time) {
	for key := range i {
		i.living(key, now)
	}
}
