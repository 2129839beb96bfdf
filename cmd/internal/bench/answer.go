package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// answer is what came of one request.
type answer struct {
	query   int           // its index in the mix
	due     time.Duration // since the beginning of the load
	held    bool          // due at the full rate
	late    time.Duration // how long after it was due it was sent
	waited  bool          // for one of the connections
	latency time.Duration // from when it was due to the end of the answer
	bytes   int           // of the answer's body
	tokens  float64       // that AppSync says it consumed; 0 if it says nothing
	failure *Failure      // nil if it was answered without an error
}

// Failure is a kind of failed request.
type Failure struct {
	// Layer is where it failed: "graphql" for an answer with errors, "http" for a status that is not 200, "transport" where no answer came.
	Layer string `json:"layer"`
	// Type is the errorType of a GraphQL error, a status, or what kept the answer from coming.
	Type string `json:"type"`
	// Message is that of the first.
	Message string `json:"message,omitempty"`
}

func (f *Failure) String() string { return f.Layer + " " + f.Type + ": " + f.Message }

// What keeps an answer from coming.
const (
	timedOut   = "timeout"
	refused    = "connection refused"
	reset      = "connection lost"
	tooLarge   = "answer too large"
	notGraphQL = "no GraphQL"
	unknown    = "other"
)

const (
	transportLayer = "transport"
	httpLayer      = "http"
	graphQLLayer   = "graphql"
)

// maxMessage bounds what is kept of a message, and of a type, for both are the server's.
const maxMessage, maxType = 200, 60

// Judge says what is wrong with an answer, or nil.
func Judge(status int, body []byte) *Failure {
	fault := graphQLError(body)
	switch {
	case status != http.StatusOK && fault != nil:
		return &Failure{httpLayer, strconv.Itoa(status) + " " + fault.Type, fault.Message}
	case status != http.StatusOK:
		return &Failure{httpLayer, strconv.Itoa(status), http.StatusText(status)}
	case fault != nil:
		return fault
	case !looksGraphQL(body):
		return &Failure{httpLayer, notGraphQL, "the answer is no JSON object with data"}
	}
	return nil
}

// looksGraphQL is cheap on purpose: to parse each answer would take the processor from sending.
func looksGraphQL(body []byte) bool {
	body = bytes.TrimSpace(body)
	return bytes.HasPrefix(body, []byte("{")) && bytes.HasSuffix(body, []byte("}")) && bytes.Contains(body, []byte(`"data"`))
}

// graphQLError is the first error that an answer has, or nil. An answer that names none is not parsed.
func graphQLError(body []byte) *Failure {
	if !bytes.Contains(body, []byte(`"errors"`)) {
		return nil
	}
	var answer struct {
		Errors []struct {
			ErrorType  string
			Message    string
			Extensions struct{ Code, ErrorType string }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return &Failure{graphQLLayer, notGraphQL, err.Error()}
	}
	if len(answer.Errors) == 0 {
		return nil
	}
	first := answer.Errors[0]
	kind := cmp.Or(first.ErrorType, first.Extensions.ErrorType, first.Extensions.Code, "no type")
	return &Failure{graphQLLayer, short(kind, maxType), short(first.Message, maxMessage)}
}

// broken says what kept an answer from coming.
func broken(err error) *Failure {
	f := &Failure{Layer: transportLayer, Type: unknown, Message: short(err.Error(), maxMessage)}
	var network net.Error
	switch {
	case errors.Is(err, errTooLarge):
		f.Type = tooLarge
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		f.Type = timedOut
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Type = refused
	case lost(err):
		f.Type = reset
	}
	return f
}

// short cuts what is long, and leaves out what a terminal would obey.
func short(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

// errTooLarge: an answer was cut, so that no server can fill this process's memory.
var errTooLarge = fmt.Errorf("it has more than %d bytes", MaxAnswer)
