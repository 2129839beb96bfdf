package warmer_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// record is one of a stream of DynamoDB. Its image is never what the store has.
func record(table, keys, sequence string) string {
	return fmt.Sprintf(`{"eventName":"MODIFY","eventSource":"aws:dynamodb","dynamodb":{"Keys":%s,"NewImage":{"id":{"S":"a"},"title":{"S":"stale"}},"SequenceNumber":"%s"},`+
		`"eventSourceARN":"arn:aws:dynamodb:eu-west-1:123456789012:table/%s/stream/2026-01-01T00:00:00.000"}`, keys, sequence, table)
}

func records(list ...string) string { return `{"Records":[` + strings.Join(list, ",") + `]}` }

// kinesis is the same record in a data stream.
func kinesis(table, keys, sequence string) string {
	data := fmt.Sprintf(`{"eventSource":"aws:dynamodb","tableName":"%s","dynamodb":{"Keys":%s}}`, table, keys)
	return fmt.Sprintf(`{"eventSource":"aws:kinesis","kinesis":{"data":"%s","sequenceNumber":"%s"}}`, base64.StdEncoding.EncodeToString([]byte(data)), sequence)
}

const (
	keyA    = `{"id":{"S":"a"}}`
	keyB    = `{"id":{"S":"b"}}`
	keyPart = `{"show":{"S":"a"},"season#number":{"S":"s1#1"}}`
)

// TestStream: a batch is one publish of the catalog's own records. What cannot be read is reported by the lowest number, as a number.
func TestStream(t *testing.T) {
	for name, test := range map[string]struct {
		event   string
		want    string
		skipped int
		updates [][]string
	}{
		"two tables": {records(record("shows", keyB, "2"), record("parts", keyPart, "3"), record("shows", keyB, "1")), "dynamodb incremental", 0, [][]string{{"Show/b", "Part/a/s1/1", "Show/b"}}},
		"foreign":    {records(record("orders", `{"x":{"B":"AA=="}}`, "1"), record("shows-prod", keyA, "2")), "dynamodb ", 2, nil},
		"some":       {records(record("orders", keyA, "1"), record("shows", keyA, "2")), "dynamodb incremental", 1, [][]string{{"Show/a"}}},
		"malformed": {
			records(record("shows", `{"id":{"N":"1"}}`, "1000"), record("shows", keyA, "7"), record("shows", `{}`, "0999"), record("shows", `[]`, "9999")),
			"dynamodb incremental -0999", 0, [][]string{{"Show/a"}},
		},
		"of a wrong form": {records(record("shows", keyA, "1"), `{"eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":"2","Keys":{}},"eventSourceARN":7}`), "dynamodb incremental -2", 0, [][]string{{"Show/a"}}},
		"no table":        {records(strings.Replace(record("shows", keyA, "1"), "arn:aws:dynamodb", "x", 1), strings.Replace(record("shows", keyA, "2"), ":table/", ":", 1)), "dynamodb incremental -2", 0, [][]string{{"Show/a"}}},
		"nameless":        {records(record("shows", `{}`, "")), "BadEvent", 0, nil},
		"a lone record":   {record("shows", keyA, "1"), "dynamodb incremental", 0, [][]string{{"Show/a"}}},
		"of a pipe":       {batch(record("shows", keyA, "1"), record("orders", keyA, "2"), editB, record("shows", `{}`, "1")), "sqs incremental -3", 0, [][]string{{"Show/a", "Show/b"}}},
		"kinesis":         {records(kinesis("shows", keyA, "11"), kinesis("orders", keyA, "12"), kinesis("shows", `{}`, "13")), "kinesis incremental -13", 1, [][]string{{"Show/a"}}},
		"no part of two":  {records(record("parts", `{"show":{"S":"a"},"season#number":{"S":"s1"}}`, "5")), "dynamodb  -5", 0, nil},
		// As 1 the number would be another key, and the record taken for deleted.
		"a number in other digits": {records(record("parts", `{"show":{"S":"a"},"season#number":{"S":"s1#01"}}`, "5")), "dynamodb  -5", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			f.invoke(t, `{}`)
			r, failed := f.invoke(t, test.event)
			if got := outcome(r, failed); got != test.want || r.Skipped != test.skipped || f.builds != 1 {
				t.Errorf("%s, %d skipped, %d builds; want %s, %d skipped, 1 build", got, r.Skipped, f.builds, test.want, test.skipped)
			}
			if diff := cmp.Diff(test.updates, f.updates); diff != "" {
				t.Error(diff)
			}
			if test.skipped > 0 && (!strings.Contains(f.log.String(), "tables=") || !strings.Contains(f.log.String(), "orders")) {
				t.Errorf("log: %s", f.log.String())
			}
		})
	}
}

// TestStreamInAnyOrder: events that come twice, late and in any order make the version that the store's records make.
func TestStreamInAnyOrder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	f := open(t)
	f.invoke(t, `{}`)
	var events []string
	for i, shows := range [][]string{{`{"id":"a","title":"A2"}`}, {`{"id":"a","title":"A3"}`, `{"id":"c","title":"C"}`}, {`{"id":"b","title":"B4"}`, `{"id":"c","title":"C4"}`}} {
		f.write(t, "shows", shows...)
		for n, key := range []string{keyA, keyB, `{"id":{"S":"c"}}`} {
			event := records(record("shows", key, fmt.Sprint(10*i+n)))
			events = append(events, event, event)
		}
	}
	random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	var last string
	for _, event := range events {
		r, failed := f.invoke(t, event)
		if failed != "" {
			t.Fatal(failed)
		}
		last = string(r.Version)
	}
	if full, _ := f.invoke(t, `{}`); string(full.Version) != last || full.ChunksSent != 0 || full.Entities != 3 {
		t.Errorf("the events made %s, a warm-up %+v", last, full)
	}
}

// TestStreamOfManyRecords: as many as Lambda hands over at once.
func TestStreamOfManyRecords(t *testing.T) {
	f := open(t)
	f.invoke(t, `{}`)
	var list []string
	for i := range 10_000 {
		list = append(list, record("shows", fmt.Sprintf(`{"id":{"S":"%d"}}`, i%5000), fmt.Sprint(i)))
	}
	if r, failed := f.invoke(t, records(list...)); outcome(r, failed) != "dynamodb incremental" || r.Records != 10_000 || f.builds != 1 {
		t.Errorf("%s of %d records", outcome(r, failed), r.Records)
	}
}

// TestPublishFails: then the whole batch comes again.
func TestPublishFails(t *testing.T) {
	f := open(t)
	f.invoke(t, `{}`)
	f.write(t, "shows", `{"id":"a","title":7}`)
	for _, event := range []string{records(record("shows", keyA, "1"), record("shows", `{}`, "2")), batch(editA, "hello")} {
		if got := outcome(f.invoke(t, event)); got != "Failed" {
			t.Error(got)
		}
	}
}
