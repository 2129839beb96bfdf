package appsync

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// location is a place in the query's text; lines and columns count from 1.
type location struct {
	Line       int     `json:"line"`
	Column     int     `json:"column"`
	SourceName *string `json:"sourceName"` // always null
}

// fault is an error of a request, or of a value that does not fit its type.
type fault struct {
	Path      []any      `json:"path"` // of response keys and list indexes; null for an error of the request
	Locations []location `json:"locations"`
	Message   string     `json:"message"`
}

// resolverFault is an error of a resolver.
type resolverFault struct {
	Path      []any      `json:"path"`
	Data      *struct{}  `json:"data"` // always null
	ErrorType string     `json:"errorType"`
	ErrorInfo *struct{}  `json:"errorInfo"` // always null
	Locations []location `json:"locations"`
	Message   string     `json:"message"`
}

func faultAt(at *ast.Position, message string, args ...any) *fault {
	return &fault{Locations: locations(at), Message: fmt.Sprintf(message, args...)}
}

func locations(at *ast.Position) []location {
	if at == nil {
		return nil
	}
	return []location{{Line: at.Line, Column: at.Column}}
}

// violations are the names AppSync gives to the rules of GraphQL, where they differ from the validator's.
var violations = map[string]string{
	"FieldsOnCorrectType":          "FieldUndefined",
	"FragmentsOnCompositeTypes":    "InlineFragmentTypeConditionInvalid",
	"KnownArgumentNames":           "UnknownArgument",
	"KnownDirectives":              "UnknownDirective",
	"KnownFragmentNames":           "UndefinedFragment",
	"KnownTypeNames":               "UnknownType",
	"LoneAnonymousOperation":       "LoneAnonymousOperationViolation",
	"NoFragmentCycles":             "FragmentCycle",
	"NoUndefinedVariables":         "UndefinedVariable",
	"NoUnusedFragments":            "UnusedFragment",
	"NoUnusedVariables":            "UnusedVariable",
	"OverlappingFieldsCanBeMerged": "FieldsConflict",
	"PossibleFragmentSpreads":      "InvalidFragmentType",
	"ProvidedRequiredArguments":    "MissingFieldArgument",
	"ScalarLeafs":                  "SubSelectionRequired",
	"UniqueFragmentNames":          "DuplicateFragmentName",
	"UniqueOperationNames":         "DuplicateOperationName",
	"ValuesOfCorrectType":          "WrongType",
	"VariablesAreInputTypes":       "NonInputTypeOnVariable",
	"VariablesInAllowedPosition":   "VariableTypeMismatch",
}

// violation is the error for a query that breaks a rule of GraphQL.
func violation(e *gqlerror.Error) *fault {
	kind := e.Rule
	if name, ok := violations[kind]; ok {
		kind = name
	}
	f := &fault{Message: "Validation error of type " + kind + ": " + e.Message}
	for _, at := range e.Locations {
		f.Locations = append(f.Locations, location{Line: at.Line, Column: at.Column})
	}
	return f
}

// appendFaults appends a JSON array of faults.
func appendFaults(dst []byte, faults []any) []byte {
	text, err := json.Marshal(faults, json.FormatNilSliceAsNull(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		// Only strings and numbers are in a fault: this cannot happen, and must not lose the rest of the answer.
		return append(dst, `[{"message":"the errors cannot be written"}]`...)
	}
	return append(dst, text...)
}

// httpFault is an error of the HTTP request: no GraphQL answer can be given.
type httpFault struct {
	status  int
	kind    string // AppSync's name for it
	message string
}

func malformed(message string) *httpFault {
	return &httpFault{http.StatusBadRequest, "MalformedHttpRequestException", message}
}

func (f *httpFault) write(w http.ResponseWriter) {
	w.Header().Set("X-Amzn-ErrorType", f.kind)
	body := append([]byte(`{"errors":[{"message":`), quoted(f.message)...)
	body = append(append(append(body, `,"errorType":`...), quoted(f.kind)...), `}]}`...)
	writeJSON(w, f.status, body)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body))) // else net/http sends a long one in pieces
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: there is nobody to tell
}

func quoted(s string) []byte { return appendQuoted(nil, s) }

// appendQuoted appends s as a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, strings.ToValidUTF8(s, "\uFFFD"))
	return dst
}
