package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
)

// question asks for one field of one record.
type question struct {
	query *schema.Query
	field *schema.Field
	keys  []*schema.Field
	// arguments are the values of the keys, by name.
	arguments map[string]any
}

// newQuestion fails if the API has no query for one record of the model.
func newQuestion(s *schema.Schema, m *schema.Model, key store.Key, f *schema.Field) (question, error) {
	i := slices.IndexFunc(s.Queries, func(q *schema.Query) bool { return q.Kind == schema.Get && q.Model == m })
	if i < 0 {
		return question{}, fmt.Errorf("%w: --marker: the API has no query for one record of type %s", wiring.ErrUsage, m.Name)
	}
	q := question{query: s.Queries[i], field: f, keys: m.Key.Fields(), arguments: map[string]any{}}
	for i, k := range q.keys {
		q.arguments[k.Name] = key[i]
		if store.Numeric(k) {
			q.arguments[k.Name] = json.Number(key[i])
		}
	}
	return q, nil
}

// text is the question as GraphQL, its arguments as variables.
func (q question) text() string {
	var variables, arguments []string
	for _, k := range q.keys {
		variables = append(variables, "$"+k.Name+": "+k.Type.Name+"!")
		arguments = append(arguments, k.Name+": $"+k.Name)
	}
	return fmt.Sprintf("query Probe(%s) { %s(%s) { %s } }", strings.Join(variables, ", "), q.query.Name, strings.Join(arguments, ", "), q.field.Name)
}

// of asks a resolver, with an event as AppSync sends it for a caller with an API key.
func (q question) of(ctx context.Context, r *resolver.Resolver) (string, error) {
	event, err := json.Marshal(map[string]any{
		"arguments": q.arguments, "identity": nil, "source": nil, "request": map[string]any{"headers": map[string]any{}},
		"info": map[string]any{
			"fieldName": q.query.Name, "parentTypeName": "Query", "selectionSetList": []string{q.field.Name}, "selectionSetGraphQL": "{ " + q.field.Name + " }", "variables": map[string]any{},
		},
	})
	if err != nil {
		return "", err
	}
	answer, err := r.Invoke(ctx, event)
	if failure, ok := errors.AsType[messages.InvokeResponse_Error](err); ok {
		return "", fmt.Errorf("%s: %s", failure.Type, failure.Message)
	}
	if err != nil {
		return "", err
	}
	return q.read(answer)
}

var errNoRecord = errors.New("readers find no such record")

// read takes the field's text out of the record's JSON.
func (q question) read(record []byte) (string, error) {
	var fields map[string]*string
	if err := json.Unmarshal(record, &fields); err != nil {
		return "", fmt.Errorf("the answer is no record with a text: %w", err)
	}
	if fields[q.field.Name] == nil {
		return "", errNoRecord
	}
	return *fields[q.field.Name], nil
}
