package appsync

import (
	"net"
	"net/http"
	"net/url"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// publishes says whether a root field is the mutation that this server answers itself, as AppSync does by a data source of type NONE.
func (s *server) publishes(root *selection) bool {
	return s.options.Announcements != nil && root.field.ObjectDefinition == s.schema.Mutation && root.field.Name == schema.PublishMutation
}

// publish answers the mutation with its own arguments, and hands to subscribers those that it selects: they get no others. What AppSync allows to roles is allowed here to this machine alone, but to no page of
// another one: anybody's page can make a browser send a request.
func (s *server) publish(root *selection, e *envelope) ([]byte, error) {
	if !e.local {
		return nil, &messages.InvokeResponse_Error{Type: "Unauthorized", Message: "Not Authorized to access " + schema.PublishMutation + " on type Mutation: it is for this machine alone"}
	}
	all, selected := newObject(), newObject()
	for _, a := range root.arguments {
		all.set(a.name, a.value)
	}
	given := func(name string) jsontext.Value {
		for _, a := range root.arguments {
			if a.name == name {
				return a.value
			}
		}
		return jsontext.Value("null")
	}
	seen := map[string]bool{"__typename": true}
	for _, field := range root.fields {
		if name := field.field.Name; !seen[name] {
			seen[name] = true
			selected.set(name, given(name))
		}
	}
	s.options.Announcements.publish(selected.end())
	return all.end(), nil
}

// isLocal says whether a request comes from this machine, and from no page of another one.
func isLocal(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopback(host) {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	page, err := url.Parse(origin)
	return err == nil && loopback(page.Hostname())
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
