package warmer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// outcomes say what becomes of the recorded events: by file, else by folder. What failed of a batch is left out.
var outcomes = map[string]string{
	"eventbridge":                        "eventbridge full",
	"eventbridge/aws-service-no-version": "BadEvent", "eventbridge/aws-service-rds": "BadEvent", "eventbridge/aws-service-replay": "BadEvent", "eventbridge/detail-is-text": "BadEvent",
	// These objects complete no export.
	"eventbridge/s3-object-created": "eventbridge ", "eventbridge/s3-object-deleted": "eventbridge ", "eventbridge/s3-object-expired": "eventbridge ",
	"eventbridge/s3-object-restore-completed": "eventbridge ", "s3": "s3 ",
	"sqs": "sqs ", "sqs/eventbridge-wrapped": "sqs full", "sqs/not-lambda-receive-message": "BadEvent",
	"sns": "BadEvent", "appsync": "BadEvent", "cloudformation": "BadEvent", "destinations": "BadEvent",
	// The streams are of tables that the catalog does not have, or name none.
	"dynamodb-streams": "dynamodb ", "dynamodb-streams/malformed-truncated": "BadEvent", "kinesis-dynamodb": "kinesis ", "kinesis-dynamodb/record-userident-null": "dynamodb ",
}

// TestRecordedEvents: public events of every kind, most of them of other applications.
func TestRecordedEvents(t *testing.T) {
	root := servertest.SharedData(t, "events")
	for folder := range outcomes {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 && !strings.Contains(folder, "/") {
			t.Errorf("there are no events of %s", folder)
		}
		for _, file := range files {
			name := folder + "/" + strings.TrimSuffix(filepath.Base(file), ".json")
			t.Run(name, func(t *testing.T) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				want, ok := outcomes[name]
				if !ok {
					want = outcomes[folder]
				}
				got, _, _ := strings.Cut(outcome(open(t).invoke(t, string(data))), " -")
				if got != want {
					t.Errorf("%s, want %s", got, want)
				}
			})
		}
	}
}
