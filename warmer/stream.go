package warmer

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// changed is a record of a table's stream, or of a Kinesis stream that carries such records. Of a change only the key is read, and then the record itself from the store: images may be older than
// what another event has published already, and a stream may have none.
type changed struct {
	ARN    string `json:"eventSourceARN"`
	Table  string `json:"tableName"` // in Kinesis alone
	Change struct {
		Keys     jsontext.Value `json:"Keys"`
		Sequence string         `json:"SequenceNumber"`
	} `json:"dynamodb"`
	Kinesis struct {
		Data     []byte `json:"data"`
		Sequence string `json:"sequenceNumber"`
	} `json:"kinesis"`
}

// readChanged reads a record of either stream. Its sequence number is read even where the rest cannot be.
func readChanged(trigger Trigger, raw []byte) (c changed, sequence string, err error) {
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, cmp.Or(c.Change.Sequence, c.Kinesis.Sequence), badf("the stream's record cannot be read: %s", reason(err))
	}
	if trigger == Stream {
		return c, c.Change.Sequence, nil
	}
	sequence = c.Kinesis.Sequence
	if err := json.Unmarshal(c.Kinesis.Data, &c); err != nil {
		return c, sequence, badf("the data of Kinesis is no record of DynamoDB: %s", reason(err))
	}
	return c, sequence, nil
}

// stream publishes the records that a batch says have changed. Those of tables that the catalog does not have are skipped. Where some cannot be read, all others are done, and the first of those is
// reported: Lambda sends it again, with all that follow.
func (w *Warmer) stream(ctx context.Context, trigger Trigger, e event) (Result, error) {
	var records []jsontext.Value
	if err := e.records(&records); err != nil {
		return Result{}, err
	}
	var all request
	failed := map[string]error{} // by sequence number
	foreign := map[string]int{}
	for _, raw := range records {
		c, sequence, err := readChanged(trigger, raw)
		var r request
		if err == nil {
			r, err = w.changed(c, foreign)
		}
		switch {
		case err == nil:
			all.join(r)
		case sequence == "":
			return Result{}, badf("a record of the stream has no sequence number, and cannot be done: %s", err)
		default:
			failed[sequence] = err
		}
	}
	all.skipped = w.skip(ctx, foreign)
	failures := w.first(ctx, trigger, failed)
	result, err := w.do(ctx, all)
	result.Failures = failures
	return result, err
}

// first is the failure with the lowest sequence number, if there are any.
func (w *Warmer) first(ctx context.Context, trigger Trigger, failed map[string]error) []Failure {
	if len(failed) == 0 {
		return []Failure{}
	}
	lowest := slices.MinFunc(slices.Collect(maps.Keys(failed)), compareSequences)
	w.options.Log.ErrorContext(ctx, "records failed", "trigger", trigger, "records", len(failed), "first", lowest, "cause", failed[lowest].Error())
	return []Failure{{lowest}}
}

// records does a batch of a stream, or a stream's record that came alone.
func (w *Warmer) records(ctx context.Context, trigger Trigger, e event) (Result, error) {
	if e.has("Records") {
		return w.stream(ctx, trigger, e)
	}
	r, err := w.single(e)
	if err != nil {
		return Result{}, err
	}
	return w.do(ctx, r)
}

// single is what a stream's record asks for that came alone.
func (w *Warmer) single(e event) (request, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return request{}, err
	}
	c, _, err := readChanged(Stream, raw)
	if err != nil {
		return request{}, err
	}
	return w.changed(c, map[string]int{})
}

// skip logs and counts what is of other tables, some of which it names.
func (w *Warmer) skip(ctx context.Context, foreign map[string]int) (skipped int) {
	if len(foreign) == 0 {
		return 0
	}
	const most = 5
	tables := slices.Sorted(maps.Keys(foreign))
	for _, table := range tables {
		skipped += foreign[table]
	}
	w.options.Log.WarnContext(ctx, "records of tables that are not the catalog's are skipped", "records", skipped, "tables", strings.Join(tables[:min(most, len(tables))], ", "))
	return skipped
}

// changed is the record that has changed, for an incremental publish. One of a table that the catalog does not have asks for nothing, and is counted as foreign.
func (w *Warmer) changed(c changed, foreign map[string]int) (request, error) {
	table := cmp.Or(c.Table, tableOf(c.ARN))
	if table == "" {
		return request{}, badf("the stream's record names no table: its eventSourceARN is %q", c.ARN)
	}
	m := w.options.Table(table)
	if m == nil {
		foreign[table]++
		return request{}, nil
	}
	r, err := record(m, c.Change.Keys)
	if err != nil {
		return request{}, badf("a record of %s: %s", table, err)
	}
	return request{mode: Incremental, records: []catalog.Record{r}}, nil
}

// record is the record with these keys, as DynamoDB writes them.
func record(m *schema.Model, raw jsontext.Value) (r catalog.Record, err error) {
	var keys map[string]attribute
	if err := json.Unmarshal(raw, &keys); err != nil {
		return r, fmt.Errorf("its Keys cannot be read: %s", reason(err))
	}
	values, err := keyValues(m.Key, keys)
	if err != nil {
		return r, err
	}
	r, err = catalog.NewRecord(m, values...)
	if err == nil && r.Values.SortValue() != joined(values) && len(m.Key.Sort) > 1 {
		// The store would be asked for another key, and its answer, that there is none, taken for a deletion.
		err = fmt.Errorf("its key %q is written otherwise than its fields are", joined(values))
	}
	return r, err
}

// tableOf is the table's name in the ARN of its stream, such as arn:aws:dynamodb:eu-west-1:123456789012:table/episodes-prod/stream/2026-01-01T00:00:00.000; "" if it is none.
func tableOf(arn string) string {
	_, rest, _ := strings.Cut(arn, ":table/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// compareSequences orders sequence numbers, which have more digits than any integer.
func compareSequences(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
