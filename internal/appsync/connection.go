package appsync

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxSubscriptions is AppSync's limit of subscriptions on one connection.
	maxSubscriptions = 100
	// maxQueue is how many frames may wait for a client that takes them slowly, maxWrite how long it may take for one.
	maxQueue = 200
	maxWrite = 10 * time.Second
	// maxFarewell is how long a client may take to answer a goodbye.
	maxFarewell = time.Second
	// keepAlive is the time between two signs of life. A client that has seen none for connectionTimeout is to connect anew.
	keepAlive         = 60 * time.Second
	connectionTimeout = 5 * time.Minute
)

// errSlow: a client does not take what it has subscribed to.
var errSlow = errors.New("the client is too slow")

// connection is a client on the real-time endpoint. Its frames are read by the goroutine that serves it, and written by another one, which ends with it.
type connection struct {
	server *server
	socket *websocket.Conn
	end    context.CancelCauseFunc
	frames chan []byte // to be written

	mu            sync.Mutex
	subscriptions map[string]*subscription
}

// frame is what a client sends.
type frame struct {
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Payload jsontext.Value `json:"payload"`
}

// serve reads until the client goes, or ctx ends. Then there is a goodbye, for whose answer reading goes on a little.
func (c *connection) serve(ctx context.Context) {
	reading, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write(ctx)
		farewell := time.AfterFunc(maxFarewell, cut)
		defer farewell.Stop()
		c.sayGoodbye(context.Cause(ctx))
	}()
	for {
		kind, text, err := c.socket.Read(reading)
		if err != nil {
			break
		}
		c.take(kind, text)
	}
	c.end(nil)
	<-written
}

// write writes frames, and signs of life between them.
func (c *connection) write(ctx context.Context) {
	ticker := time.NewTicker(keepAlive)
	defer ticker.Stop()
	for {
		text := []byte(`{"type":"ka"}`)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case text = <-c.frames:
		}
		if err := c.writeOne(ctx, text); err != nil {
			c.end(err)
		}
	}
}

func (c *connection) writeOne(ctx context.Context, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, maxWrite)
	defer cancel()
	return c.socket.Write(ctx, websocket.MessageText, text)
}

// sayGoodbye tells a client that the server ends. Who is too slow would not hear it, and who has gone does not either.
func (c *connection) sayGoodbye(why error) {
	if errors.Is(why, errSlow) {
		_ = c.socket.CloseNow()
		return
	}
	_ = c.socket.Close(websocket.StatusGoingAway, "")
}

// refuse tells a client that it cannot connect.
func (c *connection) refuse(ctx context.Context, fault *httpFault) {
	problem := newObject()
	problem.set("errorType", quoted(fault.kind))
	problem.set("message", quoted(fault.message))
	code, _ := json.Marshal(fault.status) // a number
	problem.set("errorCode", code)
	_ = c.writeOne(ctx, message("connection_error", "", errorsOf(problem.end()))) // or there is nobody to tell
	_ = c.socket.Close(websocket.StatusNormalClosure, "")
}

// take does what a frame asks for.
func (c *connection) take(kind websocket.MessageType, text []byte) {
	var f frame
	if kind != websocket.MessageText || json.Unmarshal(text, &f) != nil {
		c.fail("", "BadRequestException", "The frame is no JSON of its kind.")
		return
	}
	switch f.Type {
	case "connection_init":
		timeout, _ := json.Marshal(connectionTimeout.Milliseconds()) // a number
		payload := newObject()
		payload.set("connectionTimeoutMs", timeout)
		c.push(message("connection_ack", "", payload.end()))
		c.push([]byte(`{"type":"ka"}`))
	case "start":
		c.start(f)
	case "stop":
		c.stop(f.ID)
	default:
		c.fail(f.ID, "UnsupportedOperation", f.Type+" not supported through the realtime channel")
	}
}

// push queues a frame. Who lets them pile up is cut off.
func (c *connection) push(text []byte) {
	select {
	case c.frames <- text:
	default:
		c.end(errSlow)
	}
}

// fail queues an error.
func (c *connection) fail(id, kind, text string) {
	problem := newObject()
	problem.set("errorType", quoted(kind))
	problem.set("message", quoted(text))
	c.push(message("error", id, errorsOf(problem.end())))
}

// errorsOf is the payload of an error.
func errorsOf(problem jsontext.Value) jsontext.Value {
	list, payload := newList(), newObject()
	list.add(problem)
	payload.set("errors", list.end())
	return payload.end()
}

// message is a frame to a client; id and payload may be empty.
func message(kind, id string, payload jsontext.Value) []byte {
	m := newObject()
	m.set("type", quoted(kind))
	if id != "" {
		m.set("id", quoted(id))
	}
	if payload != nil {
		m.set("payload", payload)
	}
	return m.end()
}
