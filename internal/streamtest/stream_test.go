package streamtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// TestStream: what is written comes in order, once, and as AWS's own events have it.
func TestStream(t *testing.T) {
	tables := Tables{Endpoint: servertest.Moto(t)}
	err := tables.call(t.Context(), dynamoDB+"CreateTable", json.RawMessage(`{"TableName":"shows","BillingMode":"PAY_PER_REQUEST",
		"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	key := func(id string) Item { return Item{"id": {"S": id}} }
	if err := tables.Put(t.Context(), "shows", key("before")); err != nil {
		t.Fatal(err)
	}
	stream, err := tables.EnableStream(t.Context(), "shows")
	if err != nil {
		t.Fatal(err)
	}
	var records []Record
	for _, step := range []struct {
		edit func() error
		want string
	}{
		{func() error { return nil }, ""},
		{func() error { return tables.PutAll(t.Context(), "shows", key("a"), key("b")) }, "INSERT a, INSERT b"},
		{func() error { return nil }, ""},
		{func() error { return tables.Set(t.Context(), "shows", key("a"), "title", "A") }, "MODIFY a"},
		{func() error { return tables.Delete(t.Context(), "shows", key("before")) }, "REMOVE before"},
	} {
		if err := step.edit(); err != nil {
			t.Fatal(err)
		}
		got, err := stream.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if text := summary(t, got); text != step.want {
			t.Errorf("the stream has %q, want %q", text, step.want)
		}
		records = append(records, got...)
	}
	if !slices.IsSortedFunc(records, func(a, b Record) int { return strings.Compare(a.Sequence, b.Sequence) }) {
		t.Error("the sequence numbers do not ascend")
	}

	recorded, err := os.ReadFile(servertest.SharedData(t, "events", "dynamodb-streams", "keys-only.json"))
	if err != nil {
		t.Fatal(err)
	}
	have, want := members(t, event(records)), members(t, recorded)
	delete(have, "dynamodb.ApproximateCreationDateTime") // which the recorded ones do not have
	delete(have, "dynamodb.SizeBytes")
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("members of the records (-recorded +made):\n%s", diff)
	}
}

func summary(t *testing.T, records []Record) string {
	t.Helper()
	var list []string
	for _, r := range records {
		var change struct {
			EventName string
			Dynamodb  struct{ Keys map[string]map[string]string }
		}
		if err := json.Unmarshal(r.JSON, &change); err != nil {
			t.Fatal(err)
		}
		list = append(list, change.EventName+" "+change.Dynamodb.Keys["id"]["S"])
	}
	return strings.Join(list, ", ")
}

// members are the names of the first of the event's records' members, and of what its "dynamodb" has.
func members(t *testing.T, data []byte) map[string]bool {
	t.Helper()
	var e struct{ Records []map[string]any }
	if err := json.Unmarshal(data, &e); err != nil || len(e.Records) == 0 {
		t.Fatalf("%v: %s", err, data)
	}
	names := map[string]bool{}
	for name := range e.Records[0] {
		names[name] = true
	}
	for name := range e.Records[0]["dynamodb"].(map[string]any) {
		names["dynamodb."+name] = true
	}
	return names
}

// TestShards: where one has ended, those that go on for it are read, once each. A service splits its shards; moto has one.
func TestShards(t *testing.T) {
	shards := []string{"old", "other"}
	answers := map[string][]string{"old": {"1", "end"}, "other": {"2", "", "5"}, "new": {"4"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ ShardID, ShardIterator string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		switch _, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); name {
		case "DescribeStream":
			fmt.Fprintf(w, `{"StreamDescription":{"Shards":[{"ShardId":"%s"}]}}`, strings.Join(shards, `"},{"ShardId":"`))
		case "GetShardIterator":
			fmt.Fprintf(w, `{"ShardIterator":%q}`, in.ShardID)
		case "GetRecords":
			shard, next := in.ShardIterator, in.ShardIterator
			text := ""
			if len(answers[shard]) > 0 {
				text, answers[shard] = answers[shard][0], answers[shard][1:]
			}
			records := "[]"
			switch text {
			case "end":
				next, shards = "", append(shards, "new")
			case "":
			default:
				records = `[{"dynamodb":{"SequenceNumber":"` + text + `"}}]`
			}
			fmt.Fprintf(w, `{"Records":%s,"NextShardIterator":%q}`, records, next)
		}
	}))
	defer server.Close()
	stream := &Stream{tables: Tables{Endpoint: server.URL}, seen: map[string]bool{}}
	var got []string
	for range 4 {
		records, err := stream.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			got = append(got, r.Sequence)
		}
	}
	if diff := cmp.Diff([]string{"1", "2", "5", "4"}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if want := []string{"new", "old", "other"}; !slices.Equal(slices.Sorted(maps.Keys(stream.seen)), want) {
		t.Errorf("opened %v", stream.seen)
	}
}
