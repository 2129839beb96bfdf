package appsync

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// request is the body of POST /graphql. Other members, such as extensions, are ignored.
type request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     jsontext.Value `json:"variables"`

	variables map[string]jsontext.Value
	identity  jsontext.Value
}

// readRequest reads the body. The content type is not looked at: AppSync's own clients send several, and the body can be
// nothing but JSON.
func readRequest(w http.ResponseWriter, r *http.Request) (*request, *httpFault) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		message := fmt.Sprintf("The request body is larger than %d bytes.", maxBody)
		return nil, &httpFault{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", message}
	case err != nil:
		return nil, malformed("Unable to read the request body.")
	case len(body) == 0:
		return nil, malformed("Request body is empty.")
	}
	identity, refused := identityOf(r.Header)
	if refused != nil {
		return nil, refused
	}
	request, refused := parseRequest(body)
	if refused == nil {
		request.identity = identity
	}
	return request, refused
}

func parseRequest(body []byte) (*request, *httpFault) {
	request := new(request)
	if err := json.Unmarshal(body, request); err != nil {
		return nil, malformed("Unable to parse the request body as a GraphQL request in JSON: " + problem(err))
	}
	if strings.TrimSpace(request.Query) == "" {
		return nil, malformed("Unable to parse GraphQL query: the request has no \"query\".")
	}
	switch request.Variables.Kind() {
	case 0, 'n':
	case '{':
		if err := json.Unmarshal(request.Variables, &request.variables); err != nil {
			return nil, malformed("Unable to parse the variables: " + cause(err))
		}
	default:
		return nil, malformed("Unable to parse the variables: they are no JSON object.")
	}
	return request, nil
}

// problem says what keeps a body from being a request.
func problem(err error) string {
	var semantic *json.SemanticError
	switch {
	case !errors.As(err, &semantic):
		return cause(err)
	case semantic.JSONPointer == "":
		return "it is no object."
	default:
		return string(semantic.JSONPointer) + " is no string."
	}
}

// cause is an error's text without the name of the library that found it.
func cause(err error) string {
	_, text, found := strings.Cut(err.Error(), ": ")
	if !found {
		return err.Error()
	}
	return text
}

// allowAnyOrigin lets a page of any origin read the answer, as AppSync does.
func allowAnyOrigin(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
}

// servePreflight answers a browser that asks whether it may send a request.
func servePreflight(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w)
	w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		w.Header().Set("Access-Control-Allow-Headers", asked)
	}
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
