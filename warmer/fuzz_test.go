package warmer_test

import (
	"slices"
	"testing"

	"github.com/chunkaside/chunkaside/warmer"
)

// FuzzEvent sends anything: it is done, or refused with a type.
func FuzzEvent(f *testing.F) {
	for _, event := range []string{
		`{}`, `{"mode":"incremental","records":["Part/[\"a\",\"s\",1]"]}`, batch(editA, notification(cms)), `{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"{}"}}]}`, cms,
		`{"info":{"parentTypeName":"Mutation","fieldName":"warmCatalog"},"arguments":{"mode":"full"},"identity":{"accountId":"1"}}`,
		completed("daily/AWSDynamoDB/01-a/manifest-summary.md5"), notified("a", "b/manifest-summary.md5"), `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"exports"}`,
	} {
		f.Add(event)
	}
	w := open(f)
	f.Fuzz(func(t *testing.T, event string) {
		kinds := []string{"", warmer.BadEvent, warmer.Failed, warmer.Refused, warmer.Unauthorized}
		if _, failed := w.invoke(t, event); !slices.Contains(kinds, failed) {
			t.Errorf("%q: an error of the type %s", event, failed)
		}
	})
}
