package warmer

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Trigger is what sent an event.
type Trigger string

// The triggers.
const (
	// Direct: the event is a Command.
	Direct Trigger = "direct"
	// EventBridge: a schedule, or an event of a CMS.
	EventBridge Trigger = "eventbridge"
	// Queue: messages of SQS.
	Queue Trigger = "sqs"
	// Topic: messages of SNS.
	Topic Trigger = "sns"
	// Stream: records of a table's stream.
	Stream Trigger = "dynamodb"
	// Kinesis: records of a data stream.
	Kinesis Trigger = "kinesis"
	// Bucket: objects of S3.
	Bucket Trigger = "s3"
	// AppSync: a field of a GraphQL API.
	AppSync Trigger = "appsync"
)

// maxEvent is more than Lambda lets through: 6 MB.
const maxEvent = 8 << 20

// event is the members of an event.
type event map[string]jsontext.Value

// decode reads an event. Nothing, and null, are an event without members.
func decode(data []byte) (event, error) {
	if len(data) > maxEvent {
		return nil, badf("the event has %d bytes, more than Lambda lets through", len(data))
	}
	if data = bytes.TrimSpace(data); len(data) == 0 || string(data) == "null" {
		return event{}, nil
	}
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, badf("the event is no JSON object: %s", reason(err))
	}
	return e, nil
}

// reason says why JSON could not be read, in words that do not name a Go type.
func reason(err error) string {
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		if wrong.JSONPointer == "" {
			return "it has another form"
		}
		if errors.Is(err, json.ErrUnknownName) {
			return "it has the unknown member " + string(wrong.JSONPointer[1:])
		}
		return string(wrong.JSONPointer[1:]) + " has a wrong type"
	}
	_, text, _ := strings.Cut(err.Error(), ": ") // without the library's name
	return text
}

// has says whether the event has all of these members.
func (e event) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return e[name] == nil })
}

// text is a member that is a string, "" if it is none.
func (e event) text(name string) string {
	var text string
	if json.Unmarshal(e[name], &text) != nil {
		return ""
	}
	return text
}

// trigger tells what sent the event.
func (e event) trigger() (Trigger, error) {
	switch {
	case e.has("Records"):
		return e.sender()
	case e.has("dynamodb", "eventSource"):
		return Stream, nil
	case e.has("Service", "Bucket") && e.text("Event") == "s3:TestEvent": // which S3 sends when notifications are set up
		return Bucket, nil
	case e.has("detail-type", "source"):
		return EventBridge, nil
	case e.has("info"), e.has("fieldName"):
		return AppSync, nil
	case len(e) == 0, e.has("mode"), e.has("catalog"):
		return Direct, nil
	}
	return "", badf("the event is of no kind that this function knows; it has the members %s", strings.Join(slices.Sorted(maps.Keys(e)), ", "))
}

// senders are the triggers whose events are lists of records, by what the records say.
var senders = map[string]Trigger{"aws:sqs": Queue, "aws:sns": Topic, "aws:dynamodb": Stream, "aws:kinesis": Kinesis, "aws:s3": Bucket}

// sender tells what sent an event that is a list of records: all say the same.
func (e event) sender() (Trigger, error) {
	var records []struct {
		Source string `json:"eventSource"`
		Topic  string `json:"EventSource"` // as SNS writes it
	}
	if err := e.records(&records); err != nil {
		return "", err
	}
	var found Trigger
	for i, r := range records {
		t, ok := senders[r.Source+r.Topic]
		switch {
		case !ok:
			return "", badf("the event's record %d is from %q, which this function does not know", i, r.Source+r.Topic)
		case i > 0 && t != found:
			return "", badf("the event mixes records of %s and %s", found, t)
		}
		found = t
	}
	if found == "" {
		return "", badf("the event's list of records is empty")
	}
	return found, nil
}

// records reads the event's list of records.
func (e event) records(list any) error {
	if err := json.Unmarshal(e["Records"], list); err != nil {
		return badf("the event's Records cannot be read: %s", reason(err))
	}
	return nil
}
