package appsync

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
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
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: request.Query}, maxTokens)
	if err != nil {
		malformed("Unable to parse GraphQL query: " + syntaxProblem(err)).write(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.options.Timeout)
	defer cancel()
	writeJSON(w, http.StatusOK, s.answer(ctx, r, request, document))
}

func syntaxProblem(err error) string {
	var problem *gqlerror.Error
	if !errors.As(err, &problem) {
		return err.Error()
	}
	if len(problem.Locations) == 0 {
		return problem.Message
	}
	at := problem.Locations[0]
	return fmt.Sprintf("%s (line %d, column %d)", problem.Message, at.Line, at.Column)
}

// answer validates, plans and executes a parsed request. It returns the body of the answer.
func (s *server) answer(ctx context.Context, r *http.Request, request *request, document *ast.QueryDocument) []byte {
	if fault := oversized(document); fault != nil {
		return refusal(fault)
	}
	if broken := validator.ValidateWithRules(s.schema, document, s.rules); len(broken) > 0 {
		return refusal(violationsIn(broken)...)
	}
	op, fault := operation(document, request.OperationName)
	if fault != nil {
		return refusal(fault)
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

func violationsIn(broken gqlerror.List) []any {
	faults := make([]any, len(broken))
	for i, e := range broken {
		faults[i] = violation(e)
	}
	return faults
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
	var group errgroup.Group
	group.SetLimit(parallel)
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
		return result{data: quoted(s.schema.Query.Name), stands: true}
	case "__schema", "__type":
		return result{data: s.introspect(root), stands: true}
	}
	c := &completer{schema: s.schema, path: []any{root.key}}
	answer, err := s.call(ctx, e.event(root))
	if err == nil {
		if err = check(answer); err != nil {
			err = fmt.Errorf("the function's answer is no JSON: %s", cause(err))
		}
	}
	if err != nil {
		kind, message := resolverError(err)
		at := locations(root.field.Position)
		c.faults = append(c.faults, &resolverFault{Path: c.path, ErrorType: kind, Locations: at, Message: message})
		return result{data: []byte("null"), faults: c.faults, stands: !root.field.Definition.Type.NonNull}
	}
	stands := c.value(root, root.field.Definition.Type, s.schema.Query.Name, answer)
	return result{data: c.out, faults: c.faults, stands: stands}
}

// join writes the whole answer.
func join(roots []*selection, results []result) []byte {
	out, stands := []byte(`{"data":{`), true
	var faults []any
	for i, r := range results {
		out = append(appendName(out, roots[i].key), r.data...)
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
