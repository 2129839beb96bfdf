package warmer

import (
	"context"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// queue does what the messages of a batch ask for, as one publish. Messages that cannot be understood are reported one by one, all others are done. If the publish fails, all messages come again.
func (w *Warmer) queue(ctx context.Context, e event) (Result, error) {
	var messages []struct {
		ID   string         `json:"messageId"`
		Body jsontext.Value `json:"body"`
	}
	if err := e.records(&messages); err != nil {
		return Result{}, err
	}
	var all request
	failures := []Failure{}
	for _, m := range messages {
		r, err := w.body(ctx, m.Body)
		if err == nil {
			all.join(r)
			continue
		}
		if m.ID == "" {
			return Result{}, badf("a message of the queue has no messageId, and cannot be done: %s", err)
		}
		w.options.Log.ErrorContext(ctx, "message failed", "trigger", Queue, "message", m.ID, "cause", err.Error())
		failures = append(failures, Failure{m.ID})
	}
	result, err := w.do(ctx, all)
	result.Failures = failures
	return result, err
}

// body is what the body of a message asks for.
func (w *Warmer) body(ctx context.Context, raw jsontext.Value) (request, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return request{}, badf("the message's body is no text")
	}
	return w.nested(ctx, text)
}

// topic does what the messages of a topic ask for, as one publish. SNS cannot be told which of them failed: if one does, none is done.
func (w *Warmer) topic(ctx context.Context, e event) (Result, error) {
	var notifications []struct {
		SNS struct{ Message string } `json:"Sns"`
	}
	if err := e.records(&notifications); err != nil {
		return Result{}, err
	}
	var all request
	for _, n := range notifications {
		r, err := w.nested(ctx, n.SNS.Message)
		if err != nil {
			return Result{}, err
		}
		all.join(r)
	}
	return w.do(ctx, all)
}
