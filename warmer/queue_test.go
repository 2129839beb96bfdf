package warmer_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// batch is an event of SQS with these bodies; their ids count from 0.
func batch(bodies ...string) string {
	var records []string
	for i, body := range bodies {
		quoted, _ := json.Marshal(body)
		records = append(records, fmt.Sprintf(`{"messageId":"%d","body":%s,"eventSource":"aws:sqs"}`, i, quoted))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

// notification is the text that a topic puts into a queue.
func notification(message string) string {
	quoted, _ := json.Marshal(message)
	return fmt.Sprintf(`{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":%s}`, quoted)
}

const (
	editA = `{"mode":"incremental","records":["Show/a"]}`
	editB = `{"mode":"incremental","records":["Show/b"]}`
	cms   = `{"source":"my.cms","detail-type":"Published","detail":{}}`
)

// TestQueue: a batch is one publish, and what cannot be understood comes again alone.
func TestQueue(t *testing.T) {
	for name, test := range map[string]struct {
		event   string
		want    string
		builds  int
		updates [][]string
	}{
		"edits":    {batch(editA, editB, notification(editA)), "sqs incremental", 1, [][]string{{"Show/a", "Show/b", "Show/a"}}},
		"one full": {batch(editA, cms, editB, cms), "sqs full", 2, nil},
		"bad ones": {batch("hello", editA, "", notification("hello"), `{"a":1}`, "[]", `{"mode":"rollback","to":"1"}`), "sqs incremental -0 -2 -3 -4 -5 -6", 1, [][]string{{"Show/a"}}},
		"all bad":  {batch("hello", `{"mode":"verify"}`, batch(editA)), "sqs  -0 -1 -2", 1, nil},
		"nameless": {`{"Records":[{"body":"hello","eventSource":"aws:sqs"}]}`, "BadEvent", 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			f.invoke(t, `{}`)
			if got := outcome(f.invoke(t, test.event)); got != test.want || f.builds != test.builds {
				t.Errorf("%s after %d builds, want %s after %d", got, f.builds, test.want, test.builds)
			}
			if diff := cmp.Diff(test.updates, f.updates); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestQueueReportsAlways: where nothing failed, the list is there and empty.
func TestQueueReportsAlways(t *testing.T) {
	answer, err := open(t).Invoke(t.Context(), []byte(batch(cms)))
	if err != nil || !strings.Contains(string(answer), `"batchItemFailures":[]`) {
		t.Errorf("%s, %v", answer, err)
	}
}

// TestTopic: nothing is done of a batch that cannot be understood whole, for it comes again whole.
func TestTopic(t *testing.T) {
	f := open(t)
	f.invoke(t, `{}`)
	event := func(message string) string {
		quoted, _ := json.Marshal(message)
		return fmt.Sprintf(`{"Records":[{"EventSource":"aws:sns","Sns":{"Message":%q}},{"EventSource":"aws:sns","Sns":{"Message":%s}}]}`, editA, quoted)
	}
	if got := outcome(f.invoke(t, event("hello"))); got != "BadEvent" || f.updates != nil {
		t.Errorf("%s, updates %v", got, f.updates)
	}
	if got := outcome(f.invoke(t, event(editB))); got != "sns incremental" || len(f.updates) != 1 || len(f.updates[0]) != 2 {
		t.Errorf("%s, updates %v", got, f.updates)
	}
}
