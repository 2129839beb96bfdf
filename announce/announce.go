// Package announce tells those who watch a catalog that readers have another version of it: by one mutation of AppSync, publishCatalog, that its subscriptions hand on.
//
//	a, err := announce.New("https://abc.appsync-api.eu-west-1.amazonaws.com/graphql", &announce.Options{Sign: sign})
//	err = a.Announce(ctx, announce.NewMessage(sequence, before, after))
//
// The life of a call: the message is written once, as the variables of one fixed mutation. It is sent, signed anew each time, until the API takes it, refuses it, or the time is over. An announcement never
// carries data, and nothing depends on it: whoever misses one learns of the version by its next query.
package announce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Options tunes an Announcer. A nil *Options sends without credentials, which only a local server takes.
type Options struct {
	// APIKey, if set, is sent as x-api-key.
	APIKey string
	// Sign, if set, signs a request, whose body it is given. It is called for each try.
	Sign func(ctx context.Context, r *http.Request, body []byte) error
	// Timeout bounds all tries together; each of them has two fifths of it. Default 5 s.
	Timeout time.Duration
}

// Announcer sends announcements to one API. Its methods may be called concurrently.
type Announcer struct {
	endpoint string
	options  Options
	client   *http.Client
}

// New makes an Announcer for the GraphQL endpoint of an API. The error says what is wrong with the address.
func New(endpoint string, o *Options) (*Announcer, error) {
	if _, err := Parse(endpoint); err != nil {
		return nil, err
	}
	a := &Announcer{endpoint: endpoint}
	if o != nil {
		a.options = *o
	}
	if a.options.Timeout <= 0 {
		a.options.Timeout = 5 * time.Second
	}
	// A key or signature is for this address, and would go along to another.
	a.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return a, nil
}

// Parse reads the address of a GraphQL endpoint: with https, or with http on this machine. The error does not repeat it, for it may hold a password.
func Parse(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("it is no URL such as https://ID.appsync-api.REGION.amazonaws.com/graphql, without user, password and parameters")
	case u.Scheme == "http" && !Local(u):
		return nil, errors.New("http is for this machine alone: use https")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q is neither https nor http", u.Scheme)
	}
	return u, nil
}

// Local says whether an address is on this machine.
func Local(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Tries and the pauses between them: the first is no longer than firstPause, each further one twice as long.
const (
	tries      = 3
	firstPause = 400 * time.Millisecond
)

// Announce sends a message. It may have come even if there is an error, and it may come twice. The error matches ErrRefused where trying again does not help; it never holds a key or a signature.
func (a *Announcer) Announce(ctx context.Context, m Message) error {
	body, err := json.Marshal(request{Mutation, m})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, a.options.Timeout)
	defer cancel()
	for try := 1; ; try++ {
		if err = a.try(ctx, body); err == nil || errors.Is(err, ErrRefused) || try == tries {
			return err
		}
		if !pause(ctx, firstPause<<(try-1)) {
			return err
		}
	}
}

// pause waits for between half and all of d, so that many publishers do not come at once; it is false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Close ends idle connections. The Announcer may be used again.
func (a *Announcer) Close() { a.client.CloseIdleConnections() }
