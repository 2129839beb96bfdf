package appsync_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/appsync"
)

// local is a server on a network of its own, in this process, with a channel.
type local struct {
	testing.TB
	channel *appsync.Channel
	server  *httptest.Server
	client  *http.Client
}

// pipes is a listener whose connections are in memory, so that time may be virtual.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    func()
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.close(); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// end is one of a pipe, with the address that its client has.
type end struct {
	net.Conn
	address net.Addr
}

func (e end) RemoteAddr() net.Addr { return e.address }

func startLocal(t testing.TB) *local {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	l := &local{TB: t, channel: appsync.NewChannel()}
	handler, err := appsync.New(s, &fake{}, &appsync.Options{Announcements: l.channel})
	if err != nil {
		t.Fatal(err)
	}
	listener := &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
	listener.close = sync.OnceFunc(func() { close(listener.closed) })
	l.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	l.server.Start()
	l.client = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case listener.accepted <- end{theirs, listener.Addr()}:
			return ours, nil
		case <-listener.closed:
			return nil, errors.New("nobody listens")
		}
	}}}
	return l
}

// stop ends all; the test then has no goroutine left.
func (l *local) stop() {
	l.channel.Close()
	l.client.CloseIdleConnections()
	l.server.Close()
}

const header = `{"host":"127.0.0.1","x-api-key":"da2-local"}`

// subscriber is a client's connection.
type subscriber struct {
	testing.TB
	*websocket.Conn
}

// try connects with these subprotocols, and this text behind the address; status is that of the answer, 0 if there is none.
func (l *local) try(query string, subprotocols ...string) (c *websocket.Conn, status int, err error) {
	c, response, err := websocket.Dial(l.Context(), "http://127.0.0.1/graphql/realtime"+query, &websocket.DialOptions{ //nolint:bodyclose // Dial says that it never has to be
		HTTPClient: l.client, Subprotocols: subprotocols, HTTPHeader: http.Header{"Origin": {"http://example.com"}},
	})
	if response != nil {
		status = response.StatusCode
	}
	return c, status, err
}

// dial is try where it must succeed.
func (l *local) dial(query string, subprotocols ...string) subscriber {
	l.Helper()
	c, _, err := l.try(query, subprotocols...)
	if err != nil {
		l.Fatal(err)
	}
	c.SetReadLimit(1 << 20)
	return subscriber{l, c}
}

// connect is dial as AppSync's own clients do it, until it is acknowledged.
func (l *local) connect() subscriber {
	l.Helper()
	s := l.dial("", "graphql-ws", "header-"+base64.RawURLEncoding.EncodeToString([]byte(header)))
	s.send(`{"type":"connection_init"}`)
	s.expect(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`, `{"type":"ka"}`)
	return s
}

func (s subscriber) send(text string) {
	s.Helper()
	if err := s.Write(s.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.Fatal(err)
	}
}

// start is a frame that subscribes.
func start(id, query, variables string) string {
	data, _ := json.Marshal(fmt.Sprintf(`{"query":%q,"variables":%s}`, query, variables))
	return fmt.Sprintf(`{"id":%q,"type":"start","payload":{"data":%s,"extensions":{"authorization":%s}}}`, id, data, header)
}

// next is the next frame.
func (s subscriber) next() string {
	s.Helper()
	_, text, err := s.Read(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

func (s subscriber) expect(frames ...string) {
	s.Helper()
	for _, want := range frames {
		if got := s.next(); got != want {
			s.Fatalf("frame\n got %s\nwant %s", got, want)
		}
	}
}

// ended is how a connection ends.
func (s subscriber) ended() websocket.StatusCode {
	for {
		if _, _, err := s.Read(s.Context()); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

var news = announce.Message{Catalog: "films", Version: "abc", Sequence: 1795255356365, Entities: 7, Chunks: 3, ChunksChanged: 1, Types: []string{"Group"}}

// post is a request's answer.
func (l *local) post(query string, variables any, origin string) string {
	l.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		l.Fatal(err)
	}
	r, err := http.NewRequestWithContext(l.Context(), http.MethodPost, "http://127.0.0.1/graphql", strings.NewReader(string(body)))
	if err != nil {
		l.Fatal(err)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	response, err := l.client.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer response.Body.Close()
	var answer json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		l.Fatal(err)
	}
	return string(answer)
}

const everything = `catalog version sequence entities chunks chunksChanged types moreTypes`

// TestSubscribe: what a mutation announces comes to those whose arguments it meets, with the fields that both select.
func TestSubscribe(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := startLocal(t)
	defer l.stop()
	s := l.connect()
	for _, sub := range []struct{ id, query, variables string }{
		{"all", `subscription { onCatalogPublished { ` + everything + ` } }`, "null"},
		{"mine", `subscription ($c: String) { told: onCatalogPublished(catalog: $c) { __typename v: version } }`, `{"c":"films"}`},
		{"omitted", `subscription ($c: String) { onCatalogPublished(catalog: $c) { catalog } }`, `{}`},
		{"null", `subscription ($c: String) { onCatalogPublished(catalog: $c) { catalog } }`, `{"c":null}`},
		{"another", `subscription { onCatalogPublished(catalog: "books") { catalog } }`, "{}"},
	} {
		s.send(start(sub.id, sub.query, sub.variables))
		s.expect(`{"type":"start_ack","id":"` + sub.id + `"}`)
	}
	const whole = `{"catalog":"films","version":"abc","sequence":1795255356365,"entities":7,"chunks":3,"chunksChanged":1,"types":["Group"],"moreTypes":0}`
	if got := l.post(announce.Mutation, news, ""); got != `{"data":{"publishCatalog":`+whole+`}}` {
		t.Errorf("the mutation's answer: %s", got)
	}
	s.wants(map[string]string{
		"all": `{"data":{"onCatalogPublished":` + whole + `}}`, "mine": `{"data":{"told":{"__typename":"CatalogPublished","v":"abc"}}}`,
		"omitted": `{"data":{"onCatalogPublished":{"catalog":"films"}}}`,
	})

	// A mutation that selects little gives little, and a null where none may be is an error.
	short := strings.Replace(announce.Mutation, everything, "version", 1)
	l.post(short, news, "")
	s.wants(map[string]string{"all": `{"data":{"onCatalogPublished":null},"errors":[{"path":["onCatalogPublished","catalog"],"locations":null,` +
		`"message":"Cannot return null for non-nullable type: 'String' within parent 'CatalogPublished' (/onCatalogPublished/catalog)"}]}`,
		"omitted": `{"data":{"onCatalogPublished":null},"errors":[{"path":["onCatalogPublished","catalog"],"locations":null,` +
			`"message":"Cannot return null for non-nullable type: 'String' within parent 'CatalogPublished' (/onCatalogPublished/catalog)"}]}`,
		"null": `{"data":{"onCatalogPublished":null},"errors":[{"path":["onCatalogPublished","catalog"],"locations":null,` +
			`"message":"Cannot return null for non-nullable type: 'String' within parent 'CatalogPublished' (/onCatalogPublished/catalog)"}]}`,
	})

	for _, id := range []string{"all", "omitted", "null"} {
		s.send(`{"type":"stop","id":"` + id + `"}`)
		s.expect(`{"type":"complete","id":"` + id + `"}`)
	}
	l.post(announce.Mutation, news, "http://localhost:3000")
	s.wants(map[string]string{"mine": `{"data":{"told":{"__typename":"CatalogPublished","v":"abc"}}}`})
}

// wants are the payloads of the next frames, by their subscriptions, in any order.
func (s subscriber) wants(payloads map[string]string) {
	s.Helper()
	for range len(payloads) {
		var f struct {
			Type, ID string
			Payload  json.RawMessage
		}
		text := s.next()
		if err := json.Unmarshal([]byte(text), &f); err != nil || f.Type != "data" || string(f.Payload) != payloads[f.ID] {
			s.Fatalf("frame\n got %s\nwant %s", text, payloads[f.ID])
		}
		delete(payloads, f.ID)
	}
}

// TestAnnounceOnce: what the server itself has to tell comes too, unless a mutation was faster.
func TestAnnounceOnce(t *testing.T) {
	l := startLocal(t)
	defer l.stop()
	s := l.connect()
	s.send(start("a", `subscription { onCatalogPublished { sequence } }`, "{}"))
	s.expect(`{"type":"start_ack","id":"a"}`)
	own := func(sequence int64) {
		m := news
		m.Sequence = sequence
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		l.channel.Announce(text)
	}
	l.post(announce.Mutation, news, "")
	own(news.Sequence)
	own(news.Sequence + 1)
	for i := range int64(2) {
		s.expect(fmt.Sprintf(`{"type":"data","id":"a","payload":{"data":{"onCatalogPublished":{"sequence":%d}}}}`, news.Sequence+i))
	}
}

// TestPublishers: only this machine publishes, and no page of another one.
func TestPublishers(t *testing.T) {
	l := startLocal(t)
	defer l.stop()
	const refused = `"errorType":"Unauthorized"`
	for origin, want := range map[string]string{"": `"version":"abc"`, "http://127.0.0.1:3000": `"version":"abc"`, "http://[::1]": `"version":"abc"`, "https://example.com": refused, "null": refused, "http://localhost.example.com": refused} {
		if got := l.post(announce.Mutation, news, origin); !strings.Contains(got, want) {
			t.Errorf("from %q: %s", origin, got)
		}
	}
	body, _ := json.Marshal(map[string]any{"query": announce.Mutation, "variables": news})
	if w := send(t, l.server.Config.Handler, "/graphql", string(body)); !strings.Contains(w.Body.String(), refused) {
		t.Errorf("from another machine: %s", w.Body)
	}
}

// TestOperations: beside the subscription, mutations are answered one after the other, and the API describes itself.
func TestOperations(t *testing.T) {
	l := startLocal(t)
	defer l.stop()
	for query, want := range map[string]string{
		`mutation { __typename }`: `{"data":{"__typename":"Mutation"}}`,
		`{ __schema { mutationType { name } subscriptionType { fields { name } } } }`: `{"data":{"__schema":{"mutationType":{"name":"Mutation"},"subscriptionType":{"fields":[{"name":"onCatalogPublished"}]}}}}`,
		`subscription { onCatalogPublished { version } }`:                             `Subscriptions are served at /graphql/realtime.`,
		`mutation { warmCatalog { mode } }`:                                           `{"data":{"warmCatalog":null}}`, // as the handler says
		`mutation { publishCatalog(catalog: "a") { version } }`:                       `MissingFieldArgument`,
		`mutation { warmCatalog @skip(if: true) { mode } }`:                           `{"data":{}}`,
	} {
		if got := l.post(query, nil, ""); !strings.Contains(got, want) {
			t.Errorf("%s: %s", query, got)
		}
	}
}

// TestRealtimeRefusals: each wrong frame has its error, and the connection goes on.
func TestRealtimeRefusals(t *testing.T) {
	l := startLocal(t)
	defer l.stop()
	s := l.connect()
	const good = `subscription { onCatalogPublished { version } }`
	s.send(start("a", good, "{}"))
	s.expect(`{"type":"start_ack","id":"a"}`)
	for _, test := range []struct{ frame, kind, message string }{
		{start("a", good, "{}"), "DuplicatedOperationError", "Duplicated operation with id a"},
		{`{"type":"stop","id":"x"}`, "UnknownOperationError", "Unknown operation id x"},
		{`{"type":"subscribe","id":"x"}`, "UnsupportedOperation", "subscribe not supported through the realtime channel"},
		{`{}`, "UnsupportedOperation", " not supported through the realtime channel"},
		{`hello`, "BadRequestException", "The frame is no JSON"},
		{`[1]`, "BadRequestException", "The frame is no JSON"},
		{`{"type":"start","id":"x"}`, "BadRequestException", "A start has an id"},
		{`{"type":"start","id":"x","payload":{"data":{},"extensions":{}}}`, "BadRequestException", "A start has an id"},
		{`{"type":"start","id":"x","payload":{"data":"{}"}}`, "UnauthorizedException", "no authorization"},
		{start("", good, "{}"), "BadRequestException", "A start has an id"},
		{start("x", "", "{}"), "BadRequestException", `has no \"query\"`},
		{start("x", "subscription {", "{}"), "BadRequestException", "Unable to parse GraphQL query"},
		{start("x", `subscription { onCatalogPublished { nope } }`, "{}"), "BadRequestException", "Validation error of type FieldUndefined"},
		{start("x", `subscription { onCatalogPublished }`, "{}"), "BadRequestException", "Validation error of type SubSelectionRequired"},
		{start("x", `subscription { a: onCatalogPublished { version } b: onCatalogPublished { version } }`, "{}"), "BadRequestException", "A subscription has one field"},
		{start("x", `subscription { __typename }`, "{}"), "BadRequestException", ""},
		{start("x", `{ getProgram(id: 1) { id } }`, "{}"), "BadRequestException", "query not supported through the realtime channel"},
		{start("x", `subscription ($c: String!) { onCatalogPublished(catalog: $c) { version } }`, "{}"), "BadRequestException", "coerced Null value"},
		{start("x", `subscription ($c: String) { onCatalogPublished(catalog: $c) { version } }`, `{"c":1}`), "BadRequestException", "invalid value"},
		{start("x", good, "[]"), "BadRequestException", "they are no JSON object"},
	} {
		s.send(test.frame)
		if got := s.next(); !strings.HasPrefix(got, `{"type":"error",`) || !strings.Contains(got, `"payload":{"errors":[{"errorType":"`+test.kind+`","message":"`) || !strings.Contains(got, test.message) {
			t.Errorf("%s\n got %s\nwant %s: %s", test.frame, got, test.kind, test.message)
		}
	}
	for i := range 99 {
		s.send(start(fmt.Sprint(i), good, "{}"))
		s.expect(fmt.Sprintf(`{"type":"start_ack","id":"%d"}`, i))
	}
	s.send(start("x", good, "{}"))
	s.expect(`{"type":"error","id":"x","payload":{"errors":[{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 100 subscriptions reached"}]}}`)
	s.send(`{"type":"stop","id":"5"}`)
	s.expect(`{"type":"complete","id":"5"}`)
	s.send(start("x", good, "{}"))
	s.expect(`{"type":"start_ack","id":"x"}`)
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = s.Write(t.Context(), websocket.MessageText, []byte(strings.Repeat("x", 300_000))) // the end may be cut off
	}()
	if got := s.ended(); got != websocket.StatusMessageTooBig {
		t.Errorf("after a frame of 300,000 bytes: %v", got)
	}
	<-written
}

func TestHandshake(t *testing.T) {
	l := startLocal(t)
	defer l.stop()
	padded := base64.StdEncoding.EncodeToString([]byte(header))
	for _, test := range []struct {
		query, protocols, want string
	}{
		{"?header=" + padded + "&payload=e30=", "graphql-ws", `{"type":"connection_ack"`},
		{"?header=" + strings.TrimRight(padded, "="), "graphql-ws", `{"type":"connection_ack"`},
		{"?header=" + base64.StdEncoding.EncodeToString([]byte(`{"host":"~~>>>"}`)), "graphql-ws", `{"type":"connection_ack"`},
		{"", "graphql-ws", `{"type":"connection_error","payload":{"errors":[{"errorType":"UnauthorizedException"`},
		{"?header=!", "graphql-ws", `"errorCode":401}`},
		{"?header=WzFd", "graphql-ws", `"errorCode":401}`},
		{"", "graphql-ws,header-!", `"errorCode":401}`},
		{"?header=" + padded, "graphql-transport-ws", `{"type":"connection_error","payload":{"errors":[{"errorType":"NoProtocolError","message":"NoProtocolError","errorCode":400}]}}`},
	} {
		s := l.dial(test.query, strings.Split(test.protocols, ",")...)
		if strings.Contains(test.want, "connection_ack") {
			s.send(`{"type":"connection_init"}`)
		}
		if got := s.next(); !strings.Contains(got, test.want) {
			t.Errorf("%q %q:\n got %s\nwant %s", test.query, test.protocols, got, test.want)
		}
		_ = s.CloseNow()
	}
	response, err := l.client.Get("http://127.0.0.1/graphql/realtime")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: %s", response.Status)
	}
}

// TestKeepAlive: a client hears something once a minute.
func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLocal(t)
		defer l.stop()
		s := l.connect()
		for range 3 {
			begin := time.Now()
			s.expect(`{"type":"ka"}`)
			if waited := time.Since(begin); waited != time.Minute {
				t.Errorf("a sign of life after %v", waited)
			}
		}
		_ = s.CloseNow()
	})
}

// TestSlowSubscriber: who does not read holds nobody up, and is cut off.
func TestSlowSubscriber(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := startLocal(t)
	defer l.stop()
	slow, quick := l.connect(), l.connect()
	for _, s := range []subscriber{slow, quick} {
		s.send(start("a", `subscription { onCatalogPublished { sequence } }`, "{}"))
		s.expect(`{"type":"start_ack","id":"a"}`)
	}
	const many = 1000
	for i := range int64(many) {
		l.channel.Announce(fmt.Appendf(nil, `{"catalog":"films","version":"abc","sequence":%d}`, i))
		quick.expect(fmt.Sprintf(`{"type":"data","id":"a","payload":{"data":{"onCatalogPublished":{"sequence":%d}}}}`, i))
	}
	if got := slow.ended(); got != -1 {
		t.Errorf("the slow one ended with %v", got)
	}
}

// TestTooLarge: as with AppSync, nobody hears of what is larger than it carries.
func TestTooLarge(t *testing.T) {
	l := startLocal(t)
	defer l.stop()
	s := l.connect()
	s.send(start("a", `subscription { onCatalogPublished { version } }`, "{}"))
	s.expect(`{"type":"start_ack","id":"a"}`)
	l.channel.Announce(fmt.Appendf(nil, `{"version":%q}`, strings.Repeat("x", 240_000)))
	l.channel.Announce([]byte(`no JSON`))
	l.channel.Announce([]byte(`{"version":"small"}`))
	s.expect(`{"type":"data","id":"a","payload":{"data":{"onCatalogPublished":{"version":"small"}}}}`)
}

// TestConnections: there is an end to how many there may be; one that goes makes room. When the server ends, all are told.
func TestConnections(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := startLocal(t)
	all := make([]subscriber, 200)
	for i := range all {
		all[i] = l.connect()
	}
	if _, status, err := l.try("", "graphql-ws"); err == nil || status != http.StatusTooManyRequests {
		t.Errorf("one too many: %v", err)
	}
	_ = all[0].Close(websocket.StatusNormalClosure, "")
	for {
		c, status, err := l.try("", "graphql-ws")
		if err == nil {
			_ = c.CloseNow()
			break
		}
		if status != http.StatusTooManyRequests {
			t.Fatal(err)
		}
	}
	told := make(chan websocket.StatusCode)
	for _, s := range all[1:] {
		go func() { told <- s.ended() }()
	}
	l.stop()
	for range all[1:] {
		if got := <-told; got != websocket.StatusGoingAway {
			t.Errorf("the server ends: %v", got)
		}
	}
}
