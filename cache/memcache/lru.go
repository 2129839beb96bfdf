package memcache

import (
	"container/list"
	"sync"
	"time"
)

// lru holds entries within a bound of bytes. All its methods may be called concurrently; each is one step, so a condition and the
// write it guards cannot be torn apart.
type lru struct {
	maxBytes int64

	mu      sync.Mutex
	entries map[string]*list.Element // of *entry
	recent  *list.List               // most recently used first
	bytes   int64                    // of all entries, EntryOverhead included
}

// entry is one value. Its value is never changed in place, only replaced.
type entry struct {
	key     string
	value   []byte // never nil
	expires time.Time
}

func (e *entry) size() int64 { return sizeOf(e.key, e.value) }

func sizeOf(key string, value []byte) int64 {
	return int64(len(key)) + int64(len(value)) + EntryOverhead
}

func newLRU(maxBytes int64) *lru {
	return &lru{maxBytes: maxBytes, entries: make(map[string]*list.Element), recent: list.New()}
}

// lookup returns the values by index, nil where missing. They are the stored ones: read, never write.
func (l *lru) lookup(keys []string, now time.Time) [][]byte {
	values := make([][]byte, len(keys))
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, key := range keys {
		if e := l.use(key, now); e != nil {
			values[i] = e.value
		}
	}
	return values
}

// store keeps value, which it then owns, if condition holds for the current one. The value must fit: sizeOf at most maxBytes.
func (l *lru) store(key string, value []byte, now time.Time, ttl time.Duration, condition func(current []byte) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	var current []byte
	if e := l.use(key, now); e != nil {
		current = e.value
	}
	if !condition(current) {
		return false
	}
	size := sizeOf(key, value)
	l.drop(key)
	l.makeRoom(size)
	l.entries[key] = l.recent.PushFront(&entry{key: key, value: value, expires: now.Add(ttl)})
	l.bytes += size
	return true
}

func (l *lru) touch(key string, now time.Time, ttl time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.use(key, now)
	if e == nil {
		return false
	}
	e.expires = now.Add(ttl)
	return true
}

func (l *lru) remove(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(key)
}

func (l *lru) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.entries)
	l.recent.Init()
	l.bytes = 0
}

// use returns a living entry and makes it the most recent; nil if there is none. Expired entries go when they are met here, or
// when they have become the least recently used: nobody uses them, so they sink. The caller holds the lock.
func (l *lru) use(key string, now time.Time) *entry {
	element, ok := l.entries[key]
	if !ok {
		return nil
	}
	e := element.Value.(*entry)
	if !now.Before(e.expires) {
		l.drop(key)
		return nil
	}
	l.recent.MoveToFront(element)
	return e
}

// drop removes a key, if it is there. The caller holds the lock.
func (l *lru) drop(key string) {
	element, ok := l.entries[key]
	if !ok {
		return
	}
	l.recent.Remove(element)
	delete(l.entries, key)
	l.bytes -= element.Value.(*entry).size()
}

// makeRoom drops the least recently used entries until size bytes, at most the bound, fit. The caller holds the lock.
func (l *lru) makeRoom(size int64) {
	for l.bytes+size > l.maxBytes {
		l.drop(l.recent.Back().Value.(*entry).key)
	}
}
