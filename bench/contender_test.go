package bench

import (
	"context"
	"testing"

	"github.com/go-json-experiment/json"
)

// contender is one way to keep the sample in a Redis server and to answer from there.
type contender struct {
	name string
	// fill writes the sample, in the contender's own form.
	fill func(t testing.TB, address string)
	// open makes all that a process makes at its start, and nothing that another one could have left behind. It need not connect.
	open func(t testing.TB, address string) reader
}

// reader answers as JSON, both times with the fields of answered.
type reader interface {
	// get is one episode.
	get(ctx context.Context, id string) ([]byte, error)
	// page is the first pageSize episodes, in the order of their groups and days, as a GraphQL connection's items.
	page(ctx context.Context) ([]byte, error)
	close()
}

const pageSize = 500

// contenders are chunkaside with its defaults, and each library twice: as its documentation has it, with Go structs and the codec that it comes with; and tuned, with records kept as
// JSON and the codec that was best here. All keep the sample under one key each. sturdyc does so a third way.
func contenders() []contender {
	return []contender{
		{"chunkaside", fillChunkaside, openChunkaside},
		goRedisCache[structs]("documented", defaultOptions),
		goRedisCache[lines]("tuned", zstdOptions),
		gocacheDocumented(),
		gocacheTuned(),
		sturdycWhole[structs]("documented", false),
		sturdycWhole[lines]("tuned", true),
		sturdycRecords(),
	}
}

// holder is a value that the other libraries keep whole under one key: all records of the sample.
type holder interface {
	episode(id string) (answered, error)
	episodes(n int) ([]answered, error)
}

// whole answers from a holder, all of which has to be fetched and decoded for the first answer. Answers are encoded by the faster of Go's two encoders, whatever the library uses itself.
type whole struct {
	fetch func(ctx context.Context) (holder, error)
	end   func()
}

func (w whole) get(ctx context.Context, id string) ([]byte, error) {
	h, err := w.fetch(ctx)
	if err != nil {
		return nil, err
	}
	e, err := h.episode(id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

func (w whole) page(ctx context.Context) ([]byte, error) {
	h, err := w.fetch(ctx)
	if err != nil {
		return nil, err
	}
	episodes, err := h.episodes(pageSize)
	if err != nil {
		return nil, err
	}
	return encodePage(episodes)
}

func (w whole) close() { w.end() }

func encodePage(episodes []answered) ([]byte, error) {
	return json.Marshal(map[string][]answered{"items": episodes})
}
