package appsync

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// subscription is what a client has asked for.
type subscription struct{ root *selection }

// registration is the payload of a start: a request as POST /graphql takes it, in a text, and the headers that would come with it.
type registration struct {
	Data       string `json:"data"`
	Extensions struct {
		Authorization jsontext.Value `json:"authorization"`
	} `json:"extensions"`
}

// start registers a subscription under the id that the client has chosen. The types of errors are AppSync's; which one a bad query has is inferred.
func (c *connection) start(f frame) {
	var r registration
	if json.Unmarshal(f.Payload, &r) != nil || f.ID == "" {
		c.fail(f.ID, "BadRequestException", "A start has an id, and a payload with data and extensions.")
		return
	}
	if r.Extensions.Authorization.Kind() != '{' {
		c.fail(f.ID, "UnauthorizedException", "The payload's extensions have no authorization.")
		return
	}
	made, problem := c.server.subscription(r.Data)
	if problem != "" {
		c.fail(f.ID, "BadRequestException", problem)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.subscriptions[f.ID] != nil:
		c.fail(f.ID, "DuplicatedOperationError", "Duplicated operation with id "+f.ID)
	case len(c.subscriptions) >= maxSubscriptions:
		c.fail(f.ID, "MaxSubscriptionsReachedError", fmt.Sprintf("Max number of %d subscriptions reached", maxSubscriptions))
	default:
		c.subscriptions[f.ID] = made
		c.push(message("start_ack", f.ID, nil)) // with the lock, so that no data comes before it
	}
}

// stop ends a subscription.
func (c *connection) stop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subscriptions[id] == nil {
		c.fail(id, "UnknownOperationError", "Unknown operation id "+id)
		return
	}
	delete(c.subscriptions, id)
	c.push(message("complete", id, nil))
}

// deliver queues a message for each subscription whose arguments it meets.
func (c *connection) deliver(published jsontext.Value) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, s := range c.subscriptions {
		if answer := s.answer(published); answer != nil {
			c.push(message("data", id, answer))
		}
	}
}

// subscription reads a request to subscribe; problem says what is wrong with it.
func (s *server) subscription(text string) (made *subscription, problem string) {
	request, refused := parseRequest([]byte(text))
	if refused != nil {
		return nil, refused.message
	}
	document, faults, refused := s.document(request.Query)
	switch {
	case refused != nil:
		return nil, refused.message
	case faults != nil:
		return nil, faults[0].(*fault).Message
	}
	op, fault := operation(document, request.OperationName)
	if fault != nil {
		return nil, fault.Message
	}
	if op.Operation != ast.Subscription {
		return nil, string(op.Operation) + " not supported through the realtime channel"
	}
	coercer, fault := s.variables(op, request.variables)
	if fault != nil {
		return nil, fault.Message
	}
	roots, fault := coercer.plan(op)
	switch {
	case fault != nil:
		return nil, fault.Message
	case len(roots) != 1 || roots[0].definition.IsLeafType():
		return nil, "A subscription has one field, and no other than its own."
	}
	return &subscription{roots[0]}, ""
}

// answer is the payload for the subscriber, nil if the message is not for it. Each argument that was given must be equal to the message's field of its name: a null is equal to nothing but a null, as with
// AppSync, so who wants all leaves the argument out.
func (s *subscription) answer(published jsontext.Value) jsontext.Value {
	outline, err := outlineOf(published)
	if err != nil {
		return nil
	}
	defer outline.release()
	for _, a := range s.root.arguments {
		value := outline.value(outline.member(0, a.name))
		if isNull(value) != isNull(a.value) || !isNull(value) && !bytes.Equal(value, a.value) {
			return nil
		}
	}
	c := &completer{answer: outline, path: []pathStep{{key: s.root.key}}}
	stands := c.value(s.root, s.root.field.Definition.Type, s.root.field.ObjectDefinition.Name, 0)
	return join([]*selection{s.root}, []result{{data: c.out, faults: c.faults, stands: stands}})
}
