package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// response is what a client gets over HTTP.
type response struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Path      []any  `json:"path"`
		ErrorType string `json:"errorType"`
	} `json:"errors"`
}

// compare holds an answer against what it should be: the data token by token, so that the order of members and the digits of numbers count, and the paths of the errors.
func (e *evaluator) compare(got []byte, want answer) error {
	var r response
	if err := json.Unmarshal(got, &r); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	var faults []string
	for _, fault := range r.Errors {
		var path []string
		for _, step := range fault.Path {
			path = append(path, fmt.Sprint(step))
		}
		faults = append(faults, strings.Join(path, "/"))
	}
	if err := e.compareData(r.Data, []byte(want.data)); err != nil {
		return err
	}
	if !slices.Equal(faults, want.faults) {
		return fmt.Errorf("errors at %q, want them at %q", faults, want.faults)
	}
	return nil
}

// compareData also learns where the answer's tokens go on.
func (e *evaluator) compareData(got, want []byte) error {
	a, b := jsontext.NewDecoder(bytes.NewReader(got)), jsontext.NewDecoder(bytes.NewReader(want))
	for {
		x, errX := a.ReadToken()
		y, errY := b.ReadToken()
		if errX != nil || errY != nil {
			if fmt.Sprint(errX) != fmt.Sprint(errY) {
				return fmt.Errorf("at %s: %w, %w", a.StackPointer(), errX, errY)
			}
			return nil
		}
		if place, isToken := strings.CutPrefix(y.String(), tokenMark); isToken && y.Kind() == '"' && x.Kind() == '"' && x.String() != "" {
			e.places[x.String()], _ = strconv.Atoi(place)
		} else if x.Kind() != y.Kind() || x.String() != y.String() {
			return fmt.Errorf("at %s: %s, want %s", a.StackPointer(), x, y)
		}
	}
}

// refused are the root fields, by their response keys, that were refused for what AppSync keeps from the resolver, with the error's type: AliasConflict, because it could not keep two answers of
// one field apart, or QueryTooLarge, because the names in a named fragment may stand for too many fields.
func refused(got []byte) map[string]string {
	var r response
	if json.Unmarshal(got, &r) != nil {
		return nil
	}
	kinds := map[string]string{}
	for _, fault := range r.Errors {
		if (fault.ErrorType == "AliasConflict" || fault.ErrorType == "QueryTooLarge") && len(fault.Path) == 1 {
			kinds[fmt.Sprint(fault.Path[0])] = fault.ErrorType
		}
	}
	return kinds
}

// covers says whether the handler's own answer to a root field has all that is selected of it, by the names of the schema. It may have more.
func (e *evaluator) covers(q drawnQuery, c call, want answer) error {
	var event struct{ Info struct{ FieldName string } }
	var raw any
	if err := unmarshal(c.event, &event); err != nil {
		return err
	}
	if err := unmarshal(c.answer, &raw); err != nil || len(want.faults) > 0 {
		return err // what became null on the way to the client cannot be compared
	}
	var data map[string]any
	if err := unmarshal([]byte(want.data), &data); err != nil {
		return err
	}
	document, err := parser.ParseQuery(&ast.Source{Input: q.text})
	if err != nil {
		return err
	}
	var missed error
	for _, f := range e.collect(document.Operations[0].SelectionSet) {
		if f.field.Name != event.Info.FieldName {
			continue
		}
		if missed = e.covered(f, raw, data[f.key], f.key); missed == nil {
			return nil // of several fields of one name, the one that the event is of
		}
	}
	return missed
}

// covered compares what the handler answered for a selection with what clients get of it.
func (e *evaluator) covered(s *selected, raw, want any, path string) error {
	switch want := want.(type) {
	case []any:
		list, ok := raw.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Errorf("the handler's %s is not the list that is wanted", path)
		}
		for i := range want {
			if err := e.covered(s, list[i], want[i], path+"/"+strconv.Itoa(i)); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		object, ok := raw.(map[string]any)
		if !ok {
			return fmt.Errorf("the handler's %s is no object", path)
		}
		for _, f := range e.collect(s.below) {
			value, there := object[f.field.Name]
			if !there && f.field.Name != "__typename" && f.field.Name != "startedAt" {
				return fmt.Errorf("the handler's %s has no %s", path, f.field.Name)
			}
			if f.field.Name != "__typename" {
				if err := e.covered(f, value, want[f.key], path+"/"+f.key); err != nil {
					return err
				}
			}
		}
		return nil
	case string:
		if _, isText := raw.(string); isText && strings.HasPrefix(want, tokenMark) || compact(raw) == want {
			return nil // a token; JSON as text
		}
	}
	if !reflect.DeepEqual(raw, want) {
		return fmt.Errorf("the handler's %s is %v, want %v", path, raw, want)
	}
	return nil
}

// unmarshal keeps the digits of numbers.
func unmarshal(text []byte, value any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(value)
}

// written is a value as JSON.
func written(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
