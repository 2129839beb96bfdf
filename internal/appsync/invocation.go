package appsync

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// maxEvent is the largest event that Lambda takes in a synchronous call: 6 MB.
const maxEvent = 6 << 20

// serveInvocation is the Lambda API's Invoke, for any function name: the body is the event, as it is.
func (s *server) serveInvocation(w http.ResponseWriter, r *http.Request) {
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	var tooLarge *http.MaxBytesError
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); {
	case errors.As(err, &tooLarge):
		refuseInvocation(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", "the event is larger than 6 MB")
		return
	case err != nil:
		refuseInvocation(w, http.StatusBadRequest, "InvalidRequestContentException", "the event cannot be read")
		return
	case kind != "" && kind != "RequestResponse":
		refuseInvocation(w, http.StatusBadRequest, "InvalidParameterValueException", "only RequestResponse is served, not "+kind)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeout)
	defer cancel()
	answer, err := s.call(ctx, event)
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if err != nil {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		answer = errorText(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // the client is gone: there is nobody to tell
}

// errorText is written with encoding/json because the runtime does: its escapes are part of the text.
func errorText(err error) []byte {
	text, err := json.Marshal(runtimeError(err))
	if err != nil {
		return []byte(`{"errorMessage":"the error cannot be written","errorType":"Runtime.SerializationError"}`)
	}
	return text
}

// refuseInvocation answers with an error of the Lambda API, not of the function.
func refuseInvocation(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("X-Amzn-ErrorType", kind)
	body := newObject()
	body.set("Type", quoted("User"))
	body.set("Message", quoted(message))
	writeJSON(w, status, body.end())
}
