package resolver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// Error is what the API's users see: AppSync puts Type into errorType and Message into message.
type Error struct {
	Type, Message string
}

// Error is "type: message".
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// The types of errors.
const (
	// BadEvent: the event is none of AppSync's, or malformed. The API is set up wrongly.
	BadEvent = "BadEvent"
	// UnknownField: the field is not served. The API's schema and the catalog's differ, or a mutation came here.
	UnknownField = "UnknownField"
	// Unauthorized: the schema's @auth does not let this caller read it. It is AppSync's own type and wording.
	Unauthorized = "Unauthorized"
	// BadArgument: an argument is missing, unknown, or of a wrong value.
	BadArgument = "BadArgument"
	// BadNextToken: the nextToken is not one of this query's. Start again without it.
	BadNextToken = "BadNextToken"
	// AliasConflict: one nested field is asked for twice with different arguments. AppSync has no way to keep both answers apart.
	AliasConflict = "AliasConflict"
	// QueryTooLarge: the query stands for more fields than are planned, or its nested arguments are too long. Ask for less at once.
	QueryTooLarge = "QueryTooLarge"
	// ResponseTooLarge: the answer exceeds what Lambda or AppSync lets through. Ask for fewer entities or fields.
	ResponseTooLarge = "ResponseTooLarge"
	// UnknownChunk: the current version has no such chunk. Read its manifest again.
	UnknownChunk = "UnknownChunk"
	// CatalogUnavailable: there is no version to answer from, now. Trying again helps.
	CatalogUnavailable = "CatalogUnavailable"
	// CatalogMismatch: the cached version is of another schema or of a later format. A deployment or warm-up is missing.
	CatalogMismatch = "CatalogMismatch"
	// CatalogInvalid: the source of truth holds what cannot be part of a version. The log names it.
	CatalogInvalid = "CatalogInvalid"
	// InternalFailure: a fault of ours. The log has it.
	InternalFailure = "InternalFailure"
)

var errPanic = errors.New("panic")

// table maps what packages below return to what users see. The first match counts.
var table = []struct {
	is      error
	kind    string
	message string
}{
	{catalog.ErrSchema, CatalogMismatch, "the cached version has another schema: warm up with this one, or use another namespace"},
	{chunker.ErrFormat, CatalogMismatch, "the cached version has a format that this release does not know: deploy the newer one"},
	{store.ErrInvalid, CatalogInvalid, "a record in the store does not fit the schema, so no version can be built; the log names it"},
	{store.ErrNoTable, CatalogInvalid, "a table or index of the schema is missing in the store, so no version can be built; the log names it"},
	{cache.ErrTooLarge, CatalogInvalid, "the cache does not take a chunk of the version; the log names it"},
	{errStoreOnly, CatalogUnavailable, "only small queries are answered now, from the store itself; ask for less, without nextToken, or try again later"},
	{catalog.ErrWide, CatalogUnavailable, "there is no version of the catalog now, and the query is too wide to be read from the store; try again in a few seconds, or ask for less"},
	{errNoToken, CatalogUnavailable, "there is no version of the catalog now, so a page cannot be continued; try again in a few seconds, or ask without nextToken"},
	{cache.ErrNoVersion, CatalogUnavailable, "no version of the catalog has been published yet; try again after a warm-up"},
	{cache.ErrUnavailable, CatalogUnavailable, "the cache does not answer, and what the query needs is not in memory; try again"},
	{store.ErrUnavailable, CatalogUnavailable, "the store does not answer and no version is cached; try again"},
	{cache.ErrConflict, CatalogUnavailable, "the catalog is being published; try again"},
	{cache.ErrIncomplete, CatalogUnavailable, "the catalog's version is incomplete; try again"},
	{chunker.ErrDamaged, CatalogUnavailable, "the catalog's version is damaged; try again"},
	{context.DeadlineExceeded, CatalogUnavailable, "the catalog was not ready in time; try again in a few seconds"},
	{context.Canceled, CatalogUnavailable, "the query was cancelled"},
}

// TypeOf is the type under which users of the API see an error, be it one that Invoke has returned or one of the packages below.
func TypeOf(err error) string {
	if response, ok := errors.AsType[messages.InvokeResponse_Error](err); ok {
		return response.Type
	}
	return public(err).Type
}

// OfCaller says whether a type of errors is for the caller to mend; others are for the operator.
func OfCaller(kind string) bool {
	switch kind {
	case BadEvent, UnknownField, Unauthorized, BadArgument, BadNextToken, AliasConflict, QueryTooLarge, ResponseTooLarge, UnknownChunk:
		return true
	}
	return false
}

// public makes an error fit for users. Only Errors of this package speak for themselves: others may hold addresses and records.
func public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	for _, row := range table {
		if errors.Is(err, row.is) {
			return &Error{row.kind, row.message}
		}
	}
	var duplicate *catalog.DuplicateError
	var large *chunker.TooLargeError
	if errors.As(err, &duplicate) || errors.As(err, &large) {
		return &Error{CatalogInvalid, "a record in the store cannot be part of a version; the log names it"}
	}
	if _, refused := errors.AsType[*catalog.RefusedError](err); refused {
		return &Error{CatalogInvalid, "the rules refuse the version that the store's records make; the log says why"}
	}
	return &Error{InternalFailure, "the query could not be answered; the log has the cause"}
}

func failf(kind, format string, args ...any) *Error {
	return &Error{kind, bounded(fmt.Sprintf(format, args...))}
}

// maxMessage is the most bytes of a message as JSON. What it quotes of the event may be of any length, and in a batch each error has its share of the answer: see maxBatchAnswer.
const maxMessage = 320

// bounded cuts a message that is too long.
func bounded(message string) string {
	size := 0
	for i, r := range message {
		if size += len(appendQuoted(nil, string(r))) - len(`""`); size > maxMessage {
			return message[:i] + "..."
		}
	}
	return message
}

func tooLarge(have, most int) *Error {
	return failf(ResponseTooLarge, "the answer has %d bytes or more, %d are allowed: ask for fewer fields, or fewer entities with limit", have, most)
}

// response is the error as aws-lambda-go passes it on unchanged: by value.
func (e *Error) response() error {
	return messages.InvokeResponse_Error{Message: e.Message, Type: e.Type}
}

// appendBatch writes the error as one entry of a batch's answer.
func (e *Error) appendBatch(out []byte) []byte {
	out = append(out, `{"data":null,"errorMessage":`...)
	out = appendQuoted(out, e.Message)
	out = append(out, `,"errorType":`...)
	out = appendQuoted(out, e.Type)
	return append(out, '}')
}

// level is a warning where the user can mend it, an error where the operator must.
func (e *Error) level() slog.Level {
	if OfCaller(e.Type) {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// appendQuoted appends text as a JSON string; what is no UTF-8 becomes U+FFFD.
func appendQuoted(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, text)
	return out
}
