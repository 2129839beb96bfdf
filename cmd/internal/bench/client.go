package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// MaxAnswer is how much of an answer is read, in bytes: more than AppSync lets through, which is 5 MB.
const MaxAnswer = 8 << 20

// tokensHeader has the request tokens that AppSync says a request consumed.
const tokensHeader = "X-Amzn-Appsync-Tokensconsumed"

// client asks one GraphQL API.
type client struct {
	url     string
	prepare func(r *http.Request, body []byte) error
	http    *http.Client
	buffers sync.Pool // of *bytes.Buffer
}

// newClient makes one for so many requests at once. Each has a connection of its own, by HTTP/1.1, as callers have: with HTTP/2 all would share one, and wait for each other there.
func newClient(url string, connections int, prepare func(*http.Request, []byte) error) *client {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &client{url: url, prepare: prepare, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}, http: &http.Client{
		Transport: &http.Transport{
			Protocols: &protocols, MaxIdleConnsPerHost: connections, IdleConnTimeout: time.Minute,
			DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
		},
		// The credentials are for this address, and would go along to another; so would the load.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// ask sends one body and fills in what came of it.
func (c *client) ask(ctx context.Context, body []byte, a *answer) {
	response, err := c.post(ctx, body)
	if err != nil {
		a.failure = broken(err)
		return
	}
	defer response.Body.Close()
	buffer, _ := c.buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	defer c.free(buffer)
	read, err := buffer.ReadFrom(io.LimitReader(response.Body, MaxAnswer+1))
	a.bytes = int(read)
	if tokens, err := strconv.ParseFloat(response.Header.Get(tokensHeader), 64); err == nil && tokens > 0 && tokens < 1e9 {
		a.tokens = tokens
	}
	switch {
	case err != nil:
		a.failure = broken(err)
	case read > MaxAnswer:
		a.failure = broken(errTooLarge)
	default:
		a.failure = Judge(response.StatusCode, buffer.Bytes())
	}
}

// free keeps a buffer for the next answer, unless it is that of a rare large one.
func (c *client) free(buffer *bytes.Buffer) {
	if buffer.Cap() <= 1<<20 {
		c.buffers.Put(buffer)
	}
}

func (c *client) post(ctx context.Context, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.prepare != nil {
		if err := c.prepare(request, body); err != nil {
			return nil, err
		}
	}
	return c.http.Do(request)
}

// lost says whether a connection ended before its answer did.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
