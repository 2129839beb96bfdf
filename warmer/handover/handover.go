// Package handover has the function called again, to go on with what it had no time for: by an invocation of type Event, which Lambda keeps until it has run, or has failed often enough.
//
//	s, err := handover.New("https://lambda.eu-west-1.amazonaws.com", "warmer", "live", sign)
//	err = s.Send(ctx, []byte(`{"mode":"full","models":["Episode"]}`))
//
// Lambda stops functions that call each other more than 16 times in a row, which it counts in the header of a trace. Requests have none here: each event asks for less than the one before, so a row ends,
// but a catalog may have more tables.
package handover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Sign signs a request, whose body it is given.
type Sign func(ctx context.Context, r *http.Request, body []byte) error

// Sender sends events to one function. Its methods may be called concurrently.
type Sender struct {
	address string
	sign    Sign
	client  *http.Client
}

// New makes a Sender to the alias, or version, of a function. The address is that of Lambda's API in its region: with https, or with http on this machine. The error says what is wrong with it.
func New(api, function, alias string, sign Sign) (*Sender, error) {
	u, err := url.Parse(api)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the address is no URL such as https://lambda.REGION.amazonaws.com, without user, password and parameters")
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u)):
		return nil, errors.New("the address must begin with https; http is for this machine alone")
	case !isName(function):
		return nil, fmt.Errorf("%q is no function's name", function)
	case !isName(strings.TrimPrefix(alias, "$")):
		return nil, fmt.Errorf("%q is no alias or version of a function", alias)
	}
	u = u.JoinPath("2015-03-31", "functions", function, "invocations")
	u.RawQuery = url.Values{"Qualifier": {alias}}.Encode()
	// A signature is for this address, and would go along to another.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Sender{u.String(), sign, client}, nil
}

func local(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// isName says whether a text is a name by Lambda's rules.
func isName(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return text != "" && len(text) <= 128 && strings.Trim(text, letters) == ""
}

// ErrRefused: Lambda does not take the event, and would not the next time.
var ErrRefused = errors.New("Lambda refuses")

// Tries, the time that each has, and the longest pause before the next.
const (
	tries   = 3
	patient = 2 * time.Second
	pause   = 400 * time.Millisecond
)

// Send sends an event, a JSON object, and comes back when Lambda has taken it. If there is an error it may have been taken all the same, and it may come twice.
func (s *Sender) Send(ctx context.Context, event []byte) error {
	for try := 1; ; try++ {
		err := s.try(ctx, event)
		if err == nil || errors.Is(err, ErrRefused) || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
	}
}

func (s *Sender) try(ctx context.Context, event []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address, bytes.NewReader(event))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Amz-Invocation-Type", "Event")
	if err := s.sign(ctx, r, event); err != nil {
		return fmt.Errorf("sign the invocation: %w", err)
	}
	response, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("send the invocation: %w", err)
	}
	defer response.Body.Close()
	return judge(response)
}

// judge says whether Lambda has taken the event. Of what it says otherwise only the type is told: to a wrong signature services answer with what was signed, the session's token included.
func judge(response *http.Response) error {
	kind, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
	if !isName(kind) {
		kind = http.StatusText(response.StatusCode)
	}
	switch status := response.StatusCode; {
	case status == http.StatusAccepted:
		return nil
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return fmt.Errorf("Lambda answers with %d %s", status, kind)
	case status == http.StatusForbidden:
		return fmt.Errorf("%w: %d %s: the role needs lambda:InvokeFunction on the function's alias", ErrRefused, status, kind)
	default:
		return fmt.Errorf("%w: %d %s", ErrRefused, status, kind)
	}
}
