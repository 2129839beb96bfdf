package appsync

import (
	"context"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxConnections is how many clients may be connected at once.
	maxConnections = 200
	// maxPayload is the largest announcement, in bytes: AppSync drops a larger one without a word.
	maxPayload = 240_000
)

// Channel carries announcements to those who have subscribed to them. Its methods may be called concurrently.
type Channel struct {
	mu          sync.Mutex
	connections map[*connection]bool
	last        identity // of the last announcement that a mutation brought
	closed      bool
	open        sync.WaitGroup
}

// identity is what tells announcements apart.
type identity struct {
	Catalog  jsontext.Value `json:"catalog"`
	Version  jsontext.Value `json:"version"`
	Sequence jsontext.Value `json:"sequence"`
}

func identify(message jsontext.Value) (i identity) {
	_ = json.Unmarshal(message, &i) // what is no object has none
	return i
}

func (i identity) equal(other identity) bool {
	return string(i.Catalog) == string(other.Catalog) && string(i.Version) == string(other.Version) && string(i.Sequence) == string(other.Sequence)
}

// NewChannel makes a Channel, to be closed when the server has ended.
func NewChannel() *Channel { return &Channel{connections: map[*connection]bool{}} }

// Announce tells all who have subscribed of a version, unless a mutation has just done so. It waits for nobody: who takes messages too slowly is cut off. The message is an object with the fields of the schema's
// CatalogPublished.
func (c *Channel) Announce(message jsontext.Value) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !identify(message).equal(c.last) {
		c.send(message)
	}
}

// publish hands on what a mutation was given.
func (c *Channel) publish(message jsontext.Value) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = identify(message)
	c.send(message)
}

// send is called with the lock, so that all get announcements in one order.
func (c *Channel) send(message jsontext.Value) {
	if len(message) > maxPayload {
		return
	}
	for to := range c.connections {
		to.deliver(message)
	}
}

// join lets a connection take part until leave; it is false if there is no room.
func (c *Channel) join(one *connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.connections) >= maxConnections {
		return false
	}
	c.connections[one] = true
	c.open.Add(1)
	return true
}

func (c *Channel) leave(one *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.connections, one)
	c.open.Done()
}

// Close ends all connections, and comes back when their goroutines have ended.
func (c *Channel) Close() {
	c.mu.Lock()
	c.closed = true
	for one := range c.connections {
		one.end(context.Canceled)
	}
	c.mu.Unlock()
	c.open.Wait()
}
