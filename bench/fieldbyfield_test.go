package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/appsync"
)

// fieldByField answers loadQuery, and no other, as an API does whose connections have resolvers of their own, which is what Amplify makes: getProgram is one call, its groups are one, and the
// episodes are one for each group. For each call
//
//   - AppSync writes an event: arguments, the parent, headers, what is selected;
//   - the function decodes it, asks a table by an index, decodes the records that it gets, all fields of them, and encodes a page;
//   - AppSync decodes the page, and hands each item on as the parent of the calls below it.
//
// Then AppSync projects all of it onto the query, which the local AppSync does here, as it does for chunkaside. The table is a map in memory: the network, the database, and the way from AppSync to
// a function and back, which cost most of the time in truth, take none here.
type fieldByField struct {
	// tables are records as JSON: by their keys, and of an index the list of a parent's.
	programs         map[string]json.RawMessage
	groups, episodes map[string][]json.RawMessage
}

type object = map[string]any

// Invoke resolves the whole query.
func (f *fieldByField) Invoke(_ context.Context, data []byte) ([]byte, error) {
	var event struct {
		Arguments struct{ ID string }
		Request   json.RawMessage
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return nil, err
	}
	program, err := resolveOne(f.programs[event.Arguments.ID])
	if err != nil {
		return nil, err
	}
	groups, err := f.connection(event.Request, "Program", "groups", f.groups, 9, program)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if _, err := f.connection(event.Request, "EpisodeGroup", "episodes", f.episodes, 10, group.(object)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(program)
}

// resolveOne is the function's part of getProgram; its event has been decoded.
func resolveOne(record json.RawMessage) (parent object, err error) {
	var whole object
	if err := json.Unmarshal(record, &whole); err != nil {
		return nil, err
	}
	answer, err := json.Marshal(whole)
	if err != nil {
		return nil, err
	}
	return parent, json.Unmarshal(answer, &parent)
}

// connection is one call, from AppSync's event to the items, which it puts into the parent.
func (*fieldByField) connection(request json.RawMessage, parent, field string, table map[string][]json.RawMessage, limit int, source object) ([]any, error) {
	event, err := json.Marshal(object{
		"arguments": object{"limit": limit}, "identity": nil, "source": source, "request": request, "prev": nil, "stash": object{},
		"info": object{"parentTypeName": parent, "fieldName": field, "variables": object{}, "selectionSetList": []string{"items", "items/id", "items/number", "items/title"}},
	})
	if err != nil {
		return nil, err
	}
	answer, err := resolvePage(event, table)
	if err != nil {
		return nil, err
	}
	var page object
	if err := json.Unmarshal(answer, &page); err != nil {
		return nil, err
	}
	source[field] = page
	return page["items"].([]any), nil
}

// resolvePage is the function's part of it.
func resolvePage(event []byte, table map[string][]json.RawMessage) ([]byte, error) {
	var context struct {
		Arguments struct{ Limit int }
		Source    struct{ ID string }
		Request   struct{ Headers map[string]string }
		Info      struct {
			FieldName, ParentTypeName string
			SelectionSetList          []string
		}
	}
	if err := json.Unmarshal(event, &context); err != nil {
		return nil, err
	}
	records := table[context.Source.ID]
	items := make([]object, min(len(records), context.Arguments.Limit))
	for i := range items {
		if err := json.Unmarshal(records[i], &items[i]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(object{"items": items, "nextToken": nil})
}

// newFieldByField fills the tables with the sample.
func newFieldByField() (*fieldByField, error) {
	programs, err := readSample("Program")
	if err != nil {
		return nil, err
	}
	f := &fieldByField{programs: map[string]json.RawMessage{}}
	for _, line := range programs {
		f.programs[line.ID] = line.JSON
	}
	if f.groups, err = readChildren("EpisodeGroup", func(k foreignKey) string { return k.ProgramID }); err != nil {
		return nil, err
	}
	f.episodes, err = readChildren("Episode", func(k foreignKey) string { return k.EpisodeGroupID })
	return f, err
}

type foreignKey struct{ ID, ProgramID, EpisodeGroupID, StartsOn, AiredOn string }

// readChildren are the records of a model by their parents, in the order of their days.
func readChildren(model string, parent func(foreignKey) string) (map[string][]json.RawMessage, error) {
	records, err := readSample(model)
	if err != nil {
		return nil, err
	}
	type child struct {
		foreignKey
		record json.RawMessage
	}
	children := make([]child, len(records))
	for i, line := range records {
		children[i].record = line.JSON
		if err := json.Unmarshal(line.JSON, &children[i].foreignKey); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(children, func(a, b child) int {
		return cmp.Or(strings.Compare(a.StartsOn, b.StartsOn), strings.Compare(a.AiredOn, b.AiredOn), strings.Compare(a.ID, b.ID))
	})
	table := map[string][]json.RawMessage{}
	for _, c := range children {
		table[parent(c.foreignKey)] = append(table[parent(c.foreignKey)], c.record)
	}
	return table, nil
}

// serveVariable makes this program serve it, instead of running tests.
const serveVariable = "CHUNKASIDE_BENCH_SERVE"

// startFieldByField serves it in a process of its own.
func startFieldByField(t testing.TB) *served {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveVariable+"=1")
	return start(t, "fieldByField", child, "ready ")
}

// serveFieldByField serves until the process is killed.
func serveFieldByField() error {
	s, err := parseSample()
	if err != nil {
		return err
	}
	tables, err := newFieldByField()
	if err != nil {
		return err
	}
	handler, err := appsync.New(s, tables, nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("GraphQL  http://%s/graphql\nready \n", listener.Addr())
	return http.Serve(listener, handler)
}
