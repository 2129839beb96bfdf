package appsync

import (
	"errors"
	"fmt"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// documents are the valid queries that were parsed last, by their text: clients send few, again and again. A document is not changed once it has been validated, so any number of requests may
// read it.
type documents struct {
	cache *otter.Cache[string, *ast.QueryDocument]
}

// maxDocuments is how much text of queries is kept, in bytes, documentOverhead what each counts beyond it. A document takes some 30 times as much as its text, one of nothing but short names 115
// times.
const (
	maxDocuments     = 256 << 10
	documentOverhead = 50
)

func newDocuments() (documents, error) {
	cache, err := otter.New(&otter.Options[string, *ast.QueryDocument]{
		MaximumWeight: maxDocuments,
		Weigher:       func(text string, _ *ast.QueryDocument) uint32 { return uint32(len(text) + documentOverhead) },
	})
	if err != nil {
		return documents{}, fmt.Errorf("make the cache of queries: %w", err)
	}
	return documents{cache}, nil
}

// document is a query, parsed and validated. faults say what makes it invalid; refused, that it cannot be parsed.
func (s *server) document(text string) (document *ast.QueryDocument, faults []any, refused *httpFault) {
	if document, ok := s.documents.cache.GetIfPresent(text); ok {
		return document, nil, nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		return nil, nil, malformed("Unable to parse GraphQL query: " + syntaxProblem(err))
	}
	if fault := oversized(document); fault != nil {
		return nil, []any{fault}, nil
	}
	if broken := validator.ValidateWithRules(s.schema, document, s.rules); len(broken) > 0 {
		return nil, violationsIn(broken), nil
	}
	s.documents.cache.Set(text, document)
	return document, nil, nil
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

func violationsIn(broken gqlerror.List) []any {
	faults := make([]any, len(broken))
	for i, e := range broken {
		faults[i] = violation(e)
	}
	return faults
}
