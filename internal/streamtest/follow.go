package streamtest

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Source is what Follow reads: a Stream.
type Source interface {
	// Read returns what has come since the last call, the oldest first.
	Read(ctx context.Context) ([]Record, error)
}

// Function is called with an event, and says whether its answer is an error; err is that there is no answer. See lambdatest.Runtime.Call.
type Function func(ctx context.Context, event []byte) (answer []byte, failed bool, err error)

// Options are the settings of an event source mapping. A nil *Options has the defaults.
type Options struct {
	// Window is how long the first record of a batch waits for company. Default 0: a batch is what one read has found.
	Window time.Duration
	// Poll is the time between two reads, and between two attempts. Default 250 ms, which is Lambda's.
	Poll time.Duration
	// Attempts is how often what fails of a batch is sent before it is given up. Default 3.
	Attempts int
	// Report, if set, is told of each call of the function.
	Report func(Batch)
}

// Batch is one call of the function.
type Batch struct {
	Event   []byte
	Records int
	// Attempt is 1 for the first call; the records of later ones are those that the call before has left.
	Attempt int
	// Began is when the first of the records was read; Sent and Done are when the function was called, and had answered.
	Began, Sent, Done time.Time
	Answer            []byte
	Failed            bool
	// Left is how many records are to be sent again; GaveUp says that they are not.
	Left   int
	GaveUp bool
}

// Follow hands what comes to the function until ctx ends: then the error is nil. Any other is that the stream cannot be read, or the function not be called.
//
// The function answers as one with ReportBatchItemFailures: of the records that it names, the first and all after it are sent again. If its answer is an error, all are.
func Follow(ctx context.Context, source Source, function Function, o *Options) error {
	f := follower{source, function, o.withDefaults()}
	for {
		if err := f.batch(ctx); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // it is to end
			}
			return err
		}
	}
}

func (o *Options) withDefaults() Options {
	full := Options{}
	if o != nil {
		full = *o
	}
	if full.Poll == 0 {
		full.Poll = 250 * time.Millisecond
	}
	if full.Attempts == 0 {
		full.Attempts = 3
	}
	if full.Report == nil {
		full.Report = func(Batch) {}
	}
	return full
}

type follower struct {
	source   Source
	function Function
	options  Options
}

// batch does one batch.
func (f *follower) batch(ctx context.Context) error {
	records, began, err := f.gather(ctx)
	if err != nil {
		return err
	}
	return f.deliver(ctx, records, began)
}

// gather reads a batch: it waits for a first record, and then for the window's time for others.
func (f *follower) gather(ctx context.Context) (batch []Record, began time.Time, err error) {
	for {
		records, err := f.source.Read(ctx)
		if err != nil {
			return nil, began, err
		}
		if len(batch) == 0 {
			began = time.Now()
		}
		batch = append(batch, records...)
		pause := f.options.Poll
		if len(batch) > 0 {
			if pause = min(pause, f.options.Window-time.Since(began)); pause <= 0 {
				return batch, began, nil
			}
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, began, err
		}
	}
}

// deliver sends a batch until the function leaves nothing of it, or it is given up.
func (f *follower) deliver(ctx context.Context, records []Record, began time.Time) error {
	for attempt := 1; ; attempt++ {
		b := Batch{Event: event(records), Records: len(records), Attempt: attempt, Began: began, Sent: time.Now()}
		var err error
		if b.Answer, b.Failed, err = f.function(ctx, b.Event); err != nil {
			return err
		}
		b.Done = time.Now()
		records = left(records, b.Answer, b.Failed)
		b.Left, b.GaveUp = len(records), len(records) > 0 && attempt == f.options.Attempts
		f.options.Report(b)
		if b.Left == 0 || b.GaveUp {
			return nil
		}
		if err := sleep(ctx, f.options.Poll); err != nil {
			return err
		}
	}
}

// event is what the function gets.
func event(records []Record) []byte {
	var e struct{ Records []json.RawMessage }
	for _, r := range records {
		e.Records = append(e.Records, r.JSON)
	}
	data, err := json.Marshal(e)
	if err != nil {
		panic(err) // the records were JSON when they were read
	}
	return data
}

// left is what has to be sent again. Lambda takes an answer that it does not understand, or that names no record of the batch, for a failure of all.
func left(records []Record, answer []byte, failed bool) []Record {
	var a struct {
		Failures []struct {
			Item string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if failed || json.Unmarshal(answer, &a) != nil {
		return records
	}
	first := len(records)
	for _, failure := range a.Failures {
		i := slices.IndexFunc(records, func(r Record) bool { return r.Sequence == failure.Item })
		if i < 0 {
			return records
		}
		first = min(first, i)
	}
	return records[first:]
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
