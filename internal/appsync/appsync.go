// Package appsync is a local AWS AppSync in front of one Lambda handler, for development and tests: what the service does
// between a client's GraphQL request and a direct Lambda resolver, and back.
//
// The life of a request: the body is read and parsed, the query validated against the schema that the catalog serves, its
// variables and arguments coerced. Fragments, @skip and @include are resolved into a plan, once, before anything is called.
// Each root field becomes one event and one call of the handler, in parallel. The answer, keyed by the schema's field names,
// is completed along the plan: aliases, __typename, scalars, nulls and errors.
//
//	local, err := appsync.New(s, handler, nil)
//	http.ListenAndServe("127.0.0.1:8080", local)
//
// It serves POST /graphql, the Lambda Invoke API's POST /2015-03-31/functions/{name}/invocations, and at / a page to type a
// query into. With Options.Announcements there are the mutation publishCatalog and, at /graphql/realtime, the subscription to
// it; other mutations are the handler's, and there are no other subscriptions. A request says itself who makes it, see identity.go: nothing is verified.
//
// Messages and shapes of errors follow AppSync's where those are known. What was inferred says so where it stands.
package appsync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Handler takes an event and gives back the answer's JSON: the lambda.Handler of aws-lambda-go. It is called concurrently.
// It may return a messages.InvokeResponse_Error; a panic is reported as the Lambda runtime reports it.
type Handler interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Options change what the local AppSync allows. The zero value of a field is its default.
type Options struct {
	// Timeout is the time a request may take, set as the deadline of the handler's context. Default 30 s, as AppSync has it.
	Timeout time.Duration
	// Announcements, if set, carries what publishCatalog is given to those who have subscribed to it. The schema has the mutations then.
	Announcements *Channel
}

const (
	defaultTimeout = 30 * time.Second

	// maxBody is the largest request body of POST /graphql, in bytes.
	maxBody = 1 << 20
	// parallel is how many root fields of one request are resolved at once.
	parallel = 8
	// maxTokens is AppSync's limit on the tokens of a query's text.
	maxTokens = 15_000
	// maxDepth is the deepest query: the highest value that AppSync's own, optional limit can be set to.
	maxDepth = 75
	// maxFields bounds a plan: fragments that spread each other can multiply a short text into any number of fields.
	maxFields = 10_000
)

// New makes the server. An error means that the options are out of bounds, or that the catalog's schema makes no valid API,
// for instance because a type has the name of a generated one.
func New(s *schema.Schema, h Handler, o *Options) (http.Handler, error) {
	options, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	served, err := loadServed(s, options.Announcements != nil)
	if err != nil {
		return nil, err
	}
	documents, err := newDocuments()
	if err != nil {
		return nil, err
	}
	local := &server{schema: served, rules: rules.NewDefaultRules(), documents: documents, handler: h, options: options}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", local.serveGraphQL)
	mux.HandleFunc("OPTIONS /graphql", servePreflight)
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", local.serveInvocation)
	mux.HandleFunc("GET /{$}", servePage)
	if options.Announcements != nil {
		mux.HandleFunc("GET /graphql/realtime", local.serveRealtime)
	}
	return mux, nil
}

// loadServed parses the API.
func loadServed(s *schema.Schema, mutations bool) (*ast.Schema, error) {
	prelude, sdl := schema.ServedPrelude, s.Served()
	if mutations {
		var err error
		if sdl, err = s.ServedWithMutations(); err != nil {
			return nil, err
		}
		prelude = schema.MutationsPrelude
	}
	served, err := gqlparser.LoadSchema(&ast.Source{Name: "appsync.graphql", Input: prelude}, &ast.Source{Name: s.Name, Input: sdl})
	if err != nil {
		return nil, fmt.Errorf("load the served schema: %w", err)
	}
	return served, nil
}

// server is immutable once made, but for the documents that it remembers.
type server struct {
	schema    *ast.Schema
	rules     *rules.Rules
	documents documents
	handler   Handler
	options   Options
}

func (o *Options) withDefaults() (Options, error) {
	var options Options
	if o != nil {
		options = *o
	}
	if options.Timeout < 0 {
		return options, errors.New("options of the local AppSync: a negative timeout")
	}
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	return options, nil
}
