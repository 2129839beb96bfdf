package appsync

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// envelope is what the events of one request share.
type envelope struct {
	headers   jsontext.Value
	identity  jsontext.Value
	variables jsontext.Value
	local     bool // it comes from this machine
}

// newEnvelope takes the request's headers, with lower-cased names, and the variables. That these are the coerced ones,
// defaults included, is inferred: a resolver could not know the defaults from elsewhere.
func newEnvelope(r *http.Request, identity jsontext.Value, op *ast.OperationDefinition, variables values) *envelope {
	headers := map[string]string{"host": r.Host} // net/http keeps it apart
	for name, list := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(list, ", ")
	}
	headerText, variableText := newObject(), newObject()
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		headerText.set(name, quoted(headers[name]))
	}
	for _, v := range op.VariableDefinitions {
		if value, ok := variables[v.Variable]; ok {
			variableText.set(v.Variable, value)
		}
	}
	return &envelope{headers: headerText.end(), identity: identity, variables: variableText.end(), local: isLocal(r)}
}

// event is what a direct Lambda resolver of a root field gets.
func (e *envelope) event(root *selection) []byte {
	null := jsontext.Value("null")
	arguments := newObject()
	for _, a := range root.arguments {
		arguments.set(a.name, a.value)
	}
	request := newObject()
	request.set("headers", e.headers)
	request.set("domainName", null)

	event := newObject()
	event.set("arguments", arguments.end())
	event.set("identity", e.identity)
	event.set("source", null)
	event.set("request", request.end())
	event.set("prev", null)
	event.set("info", e.info(root))
	event.set("stash", jsontext.Value("{}"))
	return event.end()
}

func (e *envelope) info(root *selection) jsontext.Value {
	paths := newList()
	addPaths(paths, "", root.fields)
	info := newObject()
	info.set("selectionSetList", paths.end())
	info.set("selectionSetGraphQL", quoted(selectionText(root.nodes)))
	info.set("parentTypeName", quoted(root.field.ObjectDefinition.Name))
	info.set("fieldName", quoted(root.field.Name))
	info.set("variables", e.variables)
	return info.end()
}

// addPaths lists the fields depth first by the path of their response keys. What @skip and @include take out is not listed;
// that is inferred.
func addPaths(paths *list, parent string, fields []*selection) {
	for _, s := range fields {
		path := parent + s.key
		paths.add(quoted(path))
		addPaths(paths, path+"/", s.fields)
	}
}
