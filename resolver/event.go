package resolver

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// event is the part of AppSync's context that an answer depends on. Headers, stash and prev are not.
type event struct {
	// What Amplify's @function sends in place of info, and mapping templates with the parent's type under either name.
	TypeName         string   `json:"typeName"`
	ParentTypeName   string   `json:"parentTypeName"`
	FieldName        string   `json:"fieldName"`
	SelectionSetList []string `json:"selectionSetList"`

	Arguments map[string]stdjson.RawMessage `json:"arguments"`
	Source    stdjson.RawMessage            `json:"source"`
	Identity  stdjson.RawMessage            `json:"identity"`
	Info      *info                         `json:"info"`
	// Request is looked at only to tell AppSync's events from others: of the headers, which are most of an event, nothing is kept.
	Request struct {
		Headers struct{} `json:"headers"`
	} `json:"request"`
	// Payload and Operation mark a mapping template's envelope.
	Payload   stdjson.RawMessage `json:"payload"`
	Operation string             `json:"operation"`
}

type info struct {
	FieldName           string                        `json:"fieldName"`
	ParentTypeName      string                        `json:"parentTypeName"`
	SelectionSetList    []string                      `json:"selectionSetList"`
	SelectionSetGraphQL string                        `json:"selectionSetGraphQL"`
	Variables           map[string]stdjson.RawMessage `json:"variables"`
}

// asSent takes what encoding/json takes: senders are not all as strict as AppSync.
var asSent = json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// decodeEvent reads one context. Key names are matched without regard to case: some senders capitalise them.
func decodeEvent(data []byte) (*event, error) {
	var e event
	if err := json.Unmarshal(data, &e, asSent); err != nil {
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
	"typeName":  "a string",
	"fieldName": "a string", "parentTypeName": "a string", "selectionSetList": "a list of strings",
	"arguments": "an object", "info": "an object", "request": "an object", "request.headers": "an object",
	"operation":      "a string",
	"info.fieldName": "a string", "info.parentTypeName": "a string", "info.selectionSetGraphQL": "a string",
	"info.selectionSetList": "a list of strings", "info.variables": "an object",
}

// misread says why an event could not be decoded, in the words of its sender: a Go type means nothing to him.
func misread(err error) string {
	wrong, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		_, text, _ := strings.Cut(err.Error(), ": ") // without the library's name
		return text
	}
	if wrong.JSONPointer == "" {
		return "it must be an object"
	}
	path := strings.ReplaceAll(string(wrong.JSONPointer[1:]), "/", ".")
	for name, want := range parts {
		// What is wrong may be an element of a list.
		if len(path) >= len(name) && strings.EqualFold(path[:len(name)], name) && (len(path) == len(name) || want == "a list of strings" && path[len(name)] == '.') {
			return name + " must be " + want
		}
	}
	return path + " has a wrong type"
}

// decodeBatch splits a batch into its contexts.
func decodeBatch(data []byte) ([]stdjson.RawMessage, error) {
	var events []stdjson.RawMessage
	if err := json.Unmarshal(data, &events, asSent); err != nil {
		return nil, failf(BadEvent, "the event is no AppSync batch: %s", misread(err))
	}
	if len(events) > MaxBatch {
		return nil, failf(BadEvent, "the batch has %d contexts, AppSync sends at most %d", len(events), MaxBatch)
	}
	return events, nil
}

// null says whether an argument or field is missing or null.
func null(raw stdjson.RawMessage) bool {
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}
