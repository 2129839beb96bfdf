package appsync

import (
	"context"
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/sync/errgroup"
)

// serveGraphQL is POST /graphql. What is wrong with the HTTP request or the query's syntax is an error of HTTP, as with
// AppSync; all else is status 200 and errors in the answer.
func (s *server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w)
	request, refused := readRequest(w, r)
	if refused != nil {
		refused.write(w)
		return
	}
	document, faults, refused := s.document(request.Query)
	switch {
	case refused != nil:
		refused.write(w)
		return
	case faults != nil:
		writeJSON(w, http.StatusOK, refusal(faults...))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeout)
	defer cancel()
	writeJSON(w, http.StatusOK, s.answer(ctx, r, request, document))
}

// answer plans and executes a valid request. It returns the body of the answer.
func (s *server) answer(ctx context.Context, r *http.Request, request *request, document *ast.QueryDocument) []byte {
	op, fault := operation(document, request.OperationName)
	if fault != nil {
		return refusal(fault)
	}
	if op.Operation == ast.Subscription {
		return refusal(faultAt(op.Position, "Subscriptions are served at /graphql/realtime."))
	}
	coercer, fault := s.variables(op, request.variables)
	if fault != nil {
		return refusal(fault)
	}
	roots, fault := coercer.plan(op)
	if fault != nil {
		return refusal(fault)
	}
	return join(roots, s.resolve(ctx, roots, newEnvelope(r, request.identity, op, coercer.values)))
}

// refusal is the answer to a request that was not executed.
func refusal(faults ...any) []byte {
	return append(appendFaults([]byte(`{"data":null,"errors":`), faults), '}')
}

// result is a completed root field. It does not stand if it must not be null but is: then all of data is null.
type result struct {
	data   []byte
	faults []any
	stands bool
}

// resolve completes the root fields, some at a time.
func (s *server) resolve(ctx context.Context, roots []*selection, e *envelope) []result {
	results := make([]result, len(roots))
	if len(roots) == 1 { // most have one, which needs no goroutine
		results[0] = s.root(ctx, roots[0], e)
		return results
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	if len(roots) > 0 && roots[0].field.ObjectDefinition == s.schema.Mutation {
		group.SetLimit(1) // mutations follow each other
	}
	for i, root := range roots {
		group.Go(func() error {
			results[i] = s.root(ctx, root, e)
			return nil
		})
	}
	_ = group.Wait() // errors are in the results
	return results
}

// root completes one root field.
func (s *server) root(ctx context.Context, root *selection, e *envelope) result {
	switch root.field.Name {
	case "__typename":
		return result{data: quoted(root.field.ObjectDefinition.Name), stands: true}
	case "__schema", "__type":
		return result{data: s.introspect(root), stands: true}
	}
	answer, err := s.rootAnswer(ctx, root, e)
	if err != nil {
		return failed(root, err)
	}
	outline, err := outlineOf(answer)
	if err != nil {
		return failed(root, fmt.Errorf("the function's answer is no JSON: %s", cause(err)))
	}
	defer outline.release()
	c := &completer{answer: outline, out: make([]byte, 0, len(answer)), path: []pathStep{{key: root.key}}}
	stands := c.value(root, root.field.Definition.Type, root.field.ObjectDefinition.Name, 0)
	return result{data: c.out, faults: c.faults, stands: stands}
}

// rootAnswer is what answers a root field: the handler, but for the one mutation that has no other data source than its arguments.
func (s *server) rootAnswer(ctx context.Context, root *selection, e *envelope) ([]byte, error) {
	if s.publishes(root) {
		return s.publish(root, e)
	}
	return s.call(ctx, e.event(root))
}

// failed is the result of a root field whose resolver failed.
func failed(root *selection, err error) result {
	kind, message := resolverError(err)
	fault := &resolverFault{Path: []any{root.key}, ErrorType: kind, Locations: locations(root.field.Position), Message: message}
	return result{data: []byte("null"), faults: []any{fault}, stands: !root.field.Definition.Type.NonNull}
}

// join writes the whole answer.
func join(roots []*selection, results []result) []byte {
	size := len(`{"data":{}}`)
	for i, r := range results {
		size += len(roots[i].label) + len(",") + len(r.data)
	}
	out, stands := append(make([]byte, 0, size), `{"data":{`...), true
	var faults []any
	for i, r := range results {
		out = append(append(separate(out), roots[i].label...), r.data...)
		faults = append(faults, r.faults...)
		stands = stands && r.stands
	}
	out = append(out, '}')
	if !stands {
		out = append(out[:0], `{"data":null`...)
	}
	if len(faults) > 0 {
		out = appendFaults(append(out, `,"errors":`...), faults)
	}
	return append(out, '}')
}
