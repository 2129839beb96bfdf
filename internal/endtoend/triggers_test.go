package endtoend

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// triggers: events of each kind, recorded where there are such, go to one process of the warmer, which answers and lives on. What becomes of all others that were recorded is in package warmer's tests.
func (h *house) triggers(t *testing.T) {
	for _, test := range []struct{ name, event, want string }{
		{"schedule", "eventbridge/scheduled-rule.json", "eventbridge full"},
		{"event of a CMS", "eventbridge/custom-order-created.json", "eventbridge full"},
		{"queue", "sqs/eventbridge-wrapped.json", "sqs full"},
		{"topic of another application", "sns/batch-of-two.json", "BadEvent"},
		{"stream of another table", "dynamodb-streams/insert-modify-remove.json", "dynamodb "},
		{"the same through Kinesis", "kinesis-dynamodb/kinesis-event-of-dynamodb-records.json", "kinesis "},
		{"object that is no export", "s3/object-created-console.json", "s3 "},
		{"field of another API", "appsync/amplify-function-cognito-no-info.json", "BadEvent"},
		{"direct", `{}`, "direct full"},
		{"direct, one record", `{"mode":"incremental","records":["Show/s1"]}`, "direct incremental"},
		{"direct, a look", `{"mode":"verify"}`, "direct verify"},
	} {
		t.Run(test.name, func(t *testing.T) {
			event := []byte(test.event)
			if !strings.HasPrefix(test.event, "{") {
				var err error
				if event, err = os.ReadFile(servertest.SharedData(t, append([]string{"events"}, strings.Split(test.event, "/")...)...)); err != nil {
					t.Fatal(err)
				}
			}
			answer, failed := h.warmer.Invoke(t, event)
			if got := outcome(t, answer, failed); got != test.want {
				t.Errorf("%q, want %q: %s", got, test.want, answer)
			}
		})
	}
	t.Run("warmCatalog", func(t *testing.T) {
		const want = `{"data":{"warmCatalog":{"mode":"incremental","records":1}}}`
		if got := h.query(t, `mutation { warmCatalog(mode: "incremental", records: ["Show/s1"]) { mode records } }`); compact([]byte(got)) != want {
			t.Errorf("answer %s, want %s", got, want)
		}
	})
}

// outcome is the trigger and what was done, or the error's type.
func outcome(t *testing.T, answer []byte, failed bool) string {
	t.Helper()
	if !failed {
		r := result(t, answer)
		return string(r.Trigger) + " " + string(r.Mode)
	}
	var reported messages.InvokeResponse_Error
	if err := json.Unmarshal(answer, &reported); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return reported.Type
}
