package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/redis/go-redis/v9"
	"github.com/viccon/sturdyc"
)

// openSturdyc makes a client over a storage. The capacity is enough, so nothing is evicted and no goroutine need look for it.
func openSturdyc(s storage) *sturdyc.Client[any] {
	return sturdyc.New[any](100_000, 10, time.Hour, 10, sturdyc.WithNoContinuousEvictions(), sturdyc.WithDistributedStorage(s))
}

// sturdycWhole is sturdyc with its distributed storage over Redis. The library itself encodes what it keeps there, by encoding/json; compressing is the storage's affair, which its
// user writes.
func sturdycWhole[H structs | lines](name string, compressed bool) contender {
	key := "sturdyc/" + name
	fetch := func(ctx context.Context, c *sturdyc.Client[any], origin sturdyc.FetchFn[H]) (holder, error) {
		h, err := sturdyc.GetOrFetch(ctx, c, key, origin)
		return any(h).(holder), err
	}
	return contender{
		name: key,
		fill: func(t testing.TB, address string) {
			s := newStorage(t, address, compressed)
			defer s.close()
			if _, err := fetch(t.Context(), openSturdyc(s), func(context.Context) (H, error) { return newHolder[H](t), nil }); err != nil {
				t.Fatal(err)
			}
			s.awaitWrite(t)
		},
		open: func(t testing.TB, address string) reader {
			s := newStorage(t, address, compressed)
			c := openSturdyc(s)
			return whole{
				fetch: func(ctx context.Context) (holder, error) {
					return fetch(ctx, c, func(context.Context) (h H, err error) { return h, errNotFilled })
				},
				end: s.close,
			}
		},
	}
}

// errNotFilled: a contender asked its origin, which is not what is measured.
var errNotFilled = errors.New("it is not in the cache")

// records is sturdyc with a key for each episode and one for the list of a page, as its documentation has it for batches. It reads least for one episode. But no two of its reads are
// of one version: after an edit of several records a page may have some as they were and others as they are.
type records struct {
	client  *sturdyc.Client[any]
	storage storage
}

func sturdycRecords() contender {
	return contender{name: "sturdyc/records", fill: fillRecords, open: func(t testing.TB, address string) reader {
		s := newStorage(t, address, false)
		return records{openSturdyc(s), s}
	}}
}

const pageKey = "sturdyc/records/page"

func fillRecords(t testing.TB, address string) {
	s := newStorage(t, address, false)
	defer s.close()
	r := records{openSturdyc(s), s}
	var ids []string
	episodes := map[string]episode{}
	for _, e := range newHolder[structs](t).Episodes {
		ids, episodes[e.ID] = append(ids, e.ID), e
	}
	if _, err := r.fetch(t.Context(), ids, func(context.Context, []string) (map[string]episode, error) { return episodes, nil }); err != nil {
		t.Fatal(err)
	}
	s.awaitWrite(t)
	if _, err := r.first(t.Context(), func(context.Context) ([]string, error) { return ids[:pageSize], nil }); err != nil {
		t.Fatal(err)
	}
	s.awaitWrite(t)
}

func (r records) fetch(ctx context.Context, ids []string, origin sturdyc.BatchFetchFn[episode]) (map[string]episode, error) {
	return sturdyc.GetOrFetchBatch(ctx, r.client, ids, r.client.BatchKeyFn("sturdyc/records/episode"), origin)
}

func (r records) first(ctx context.Context, origin sturdyc.FetchFn[[]string]) ([]string, error) {
	return sturdyc.GetOrFetch(ctx, r.client, pageKey, origin)
}

func (r records) episodes(ctx context.Context, ids ...string) ([]answered, error) {
	found, err := r.fetch(ctx, ids, func(context.Context, []string) (map[string]episode, error) { return nil, errNotFilled })
	if err != nil {
		return nil, err
	}
	episodes := make([]answered, len(ids))
	for i, id := range ids {
		episodes[i] = found[id].answered
	}
	return episodes, nil
}

func (r records) get(ctx context.Context, id string) ([]byte, error) {
	episodes, err := r.episodes(ctx, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(episodes[0])
}

func (r records) page(ctx context.Context) ([]byte, error) {
	ids, err := r.first(ctx, func(context.Context) ([]string, error) { return nil, errNotFilled })
	if err != nil {
		return nil, err
	}
	episodes, err := r.episodes(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return encodePage(episodes)
}

func (r records) close() { r.storage.close() }

// storage is the sturdyc.DistributedStorage over Redis. Its errors are misses, as the library wants it.
type storage struct {
	redis   *redis.Client
	packing *zstandard // nil: as they come
	written chan error // told of each write
}

var _ sturdyc.DistributedStorage = storage{}

func newStorage(t testing.TB, address string, compressed bool) storage {
	s := storage{redis: openRedis(address), written: make(chan error, 1)}
	if compressed {
		z := newZstandard(t)
		s.packing = &z
	}
	return s
}

// awaitWrite waits for a write, which the library makes in the background.
func (s storage) awaitWrite(t testing.TB) {
	t.Helper()
	if err := <-s.written; err != nil {
		t.Fatal(err)
	}
}

func (s storage) close() { _ = s.redis.Close() }

func (s storage) pack(value []byte) []byte {
	if s.packing == nil {
		return value
	}
	return s.packing.deflate(value)
}

func (s storage) unpack(data []byte) ([]byte, bool) {
	if s.packing == nil {
		return data, true
	}
	value, err := s.packing.inflate(data)
	return value, err == nil
}

func (s storage) Get(ctx context.Context, key string) ([]byte, bool) {
	data, err := s.redis.Get(ctx, key).Bytes()
	if err != nil {
		return nil, false
	}
	return s.unpack(data)
}

func (s storage) Set(ctx context.Context, key string, value []byte) {
	s.written <- s.redis.Set(ctx, key, s.pack(value), time.Hour).Err()
}

func (s storage) GetBatch(ctx context.Context, keys []string) map[string][]byte {
	found := make(map[string][]byte, len(keys))
	values, err := s.redis.MGet(ctx, keys...).Result()
	if err != nil {
		return found
	}
	for i, value := range values {
		if text, ok := value.(string); ok {
			if data, ok := s.unpack([]byte(text)); ok {
				found[keys[i]] = data
			}
		}
	}
	return found
}

func (s storage) SetBatch(ctx context.Context, values map[string][]byte) {
	_, err := s.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for key, value := range values {
			p.Set(ctx, key, s.pack(value), time.Hour)
		}
		return nil
	})
	s.written <- err
}
