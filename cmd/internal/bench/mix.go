package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Mix is the queries that a load consists of.
type Mix struct {
	Queries []Query
	weights int // of all
}

// Query is one kind of query.
type Query struct {
	// Name is the operation's, or that of its first field.
	Name string
	// Weight is its share of the load, beside the others'.
	Weight int
	// Sets are the variables that it is asked with, each a JSON object. There is at least one.
	Sets []json.RawMessage

	head string // of the body, up to the variables
}

// maxWeight bounds a query's weight, so that their sum is a number too.
const maxWeight = 1_000_000

// ReadMix reads a file of GraphQL: each of its operations is a kind of query, with the fragments that it uses. Comments above an operation say the rest:
//
//	# weight: 3
//	# variables: programs.ndjson
//	query Page($id: ID!) { getProgram(id: $id) { title } }
//
// A weight is 1 unless it is said. The file of variables, beside this one, has JSON objects, one for each set: the fields that are named as the operation's variables are its values.
func ReadMix(path string) (*Mix, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document, err := parser.ParseQuery(&ast.Source{Name: path, Input: string(text)})
	if err != nil {
		return nil, err
	}
	m, names := &Mix{}, map[string]bool{}
	for _, operation := range document.Operations {
		q, err := newQuery(document, operation, filepath.Dir(path))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, operation.Position.Line, err)
		}
		if names[q.Name] {
			return nil, fmt.Errorf("%s:%d: a second query %s: give each a name of its own", path, operation.Position.Line, q.Name)
		}
		names[q.Name] = true
		m.Queries = append(m.Queries, q)
		m.weights += q.Weight
	}
	if m.weights == 0 {
		return nil, fmt.Errorf("%s: it has no query", path)
	}
	return m, nil
}

func newQuery(document *ast.QueryDocument, operation *ast.OperationDefinition, folder string) (Query, error) {
	q := Query{Name: name(operation), Weight: 1}
	if operation.Operation != ast.Query {
		return q, fmt.Errorf("%s is a %s: a load asks, and changes nothing", q.Name, operation.Operation)
	}
	file := ""
	for key, value := range remarks(operation) {
		switch key {
		case "weight":
			weight, err := strconv.Atoi(value)
			if err != nil || weight < 1 || weight > maxWeight {
				return q, fmt.Errorf("%s: the weight %q is no number from 1 to %d", q.Name, value, maxWeight)
			}
			q.Weight = weight
		case "variables":
			file = filepath.Join(folder, value)
			if filepath.IsAbs(value) {
				file = value
			}
		}
	}
	text, err := alone(document, operation)
	if err != nil {
		return q, fmt.Errorf("%s: %w", q.Name, err)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return q, err
	}
	q.head = `{"query":` + string(quoted) + `,"variables":`
	q.Sets, err = readSets(file, operation.VariableDefinitions)
	if err != nil {
		return q, fmt.Errorf("%s: %w", q.Name, err)
	}
	return q, nil
}

// Body is what is sent to ask a query with one of its sets.
func (q *Query) Body(set int) []byte {
	body := make([]byte, 0, len(q.head)+len(q.Sets[set])+1)
	return append(append(append(body, q.head...), q.Sets[set]...), '}')
}

// draw picks a query, by weight, and one of its sets.
func (m *Mix) draw(random *rand.Rand) (query, set int) {
	at := random.IntN(m.weights)
	for at >= m.Queries[query].Weight {
		at -= m.Queries[query].Weight
		query++
	}
	return query, random.IntN(len(m.Queries[query].Sets))
}
