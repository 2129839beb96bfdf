package resolver

import (
	"bytes"
	"encoding/json"
	"errors"
)

// event is the part of AppSync's context that an answer depends on. Headers, stash and prev are not.
type event struct {
	// What Amplify's @function sends in place of info, and mapping templates with the parent's type under either name.
	TypeName         string   `json:"typeName"`
	ParentTypeName   string   `json:"parentTypeName"`
	FieldName        string   `json:"fieldName"`
	SelectionSetList []string `json:"selectionSetList"`

	Arguments map[string]json.RawMessage `json:"arguments"`
	Source    json.RawMessage            `json:"source"`
	Identity  json.RawMessage            `json:"identity"`
	Info      *info                      `json:"info"`
	// Request is looked at only to tell AppSync's events from others.
	Request *struct {
		Headers map[string]json.RawMessage `json:"headers"`
	} `json:"request"`
	// Payload and Operation mark a mapping template's envelope.
	Payload   json.RawMessage `json:"payload"`
	Operation string          `json:"operation"`
}

type info struct {
	FieldName           string                     `json:"fieldName"`
	ParentTypeName      string                     `json:"parentTypeName"`
	SelectionSetList    []string                   `json:"selectionSetList"`
	SelectionSetGraphQL string                     `json:"selectionSetGraphQL"`
	Variables           map[string]json.RawMessage `json:"variables"`
}

// decodeEvent reads one context. Key names are matched without regard to case: some senders capitalise them.
func decodeEvent(data []byte) (*event, error) {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, failf(BadEvent, "the event is no AppSync context: %s", misread(err))
	}
	if e.Info == nil {
		e.Info = &info{FieldName: e.FieldName, ParentTypeName: e.TypeName, SelectionSetList: e.SelectionSetList}
		if e.TypeName == "" {
			e.Info.ParentTypeName = e.ParentTypeName
		}
	}
	if e.Payload != nil && e.Operation != "" {
		return nil, failf(BadEvent, "the event is a mapping template's %s envelope: its payload should be sent, and hold the whole context", e.Operation)
	}
	if e.Info.FieldName == "" || e.Info.ParentTypeName == "" {
		return nil, failf(BadEvent, "the event names no field: it has neither info.fieldName and info.parentTypeName nor fieldName and typeName")
	}
	return &e, nil
}

// parts are what an event's members must be, by their path.
var parts = map[string]string{
	"":          "an object",
	"typeName":  "a string",
	"fieldName": "a string", "parentTypeName": "a string", "selectionSetList": "a list of strings",
	"arguments": "an object", "info": "an object", "request": "an object", "request.headers": "an object",
	"operation":      "a string",
	"info.fieldName": "a string", "info.parentTypeName": "a string", "info.selectionSetGraphQL": "a string",
	"info.selectionSetList": "a list of strings", "info.variables": "an object",
}

// misread says why an event could not be decoded, in the words of its sender: a Go type means nothing to him.
func misread(err error) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err.Error()
	}
	want := parts[wrong.Field]
	switch {
	case want == "":
		return wrong.Field + " has a wrong type"
	case wrong.Field == "":
		return "it must be an object"
	}
	return wrong.Field + " must be " + want
}

// decodeBatch splits a batch into its contexts.
func decodeBatch(data []byte) ([]json.RawMessage, error) {
	var events []json.RawMessage
	if err := json.Unmarshal(data, &events); err != nil {
		return nil, failf(BadEvent, "the event is no AppSync batch: %s", misread(err))
	}
	if len(events) > MaxBatch {
		return nil, failf(BadEvent, "the batch has %d contexts, AppSync sends at most %d", len(events), MaxBatch)
	}
	return events, nil
}

// null says whether an argument or field is missing or null.
func null(raw json.RawMessage) bool {
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}
