package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// perSecond is a rate, written as 5000, 5000/s or 90/m.
type perSecond float64

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *perSecond) UnmarshalText(text []byte) error {
	number, per, _ := strings.Cut(string(text), "/")
	value, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || math.IsNaN(value) || value < 0 || math.IsInf(value, 0) || per != "" && per != "s" && per != "m":
		return fmt.Errorf("%q is no rate, such as 5000/s or 90/m", text)
	case per == "m":
		value /= 60
	}
	*r = perSecond(value)
	return nil
}

// isLocal says whether an endpoint is this machine. A name is not looked up, for the answer may be another one next time.
func isLocal(endpoint string) bool {
	address, err := url.Parse(endpoint)
	return err == nil && announce.Local(address)
}

// prepare is what each request gets beside its body: headers, and the API's key or a signature.
func (b *bencher) prepare(ctx context.Context, apiKey string) (func(*http.Request, []byte) error, error) {
	headers := http.Header{}
	for line := range strings.SplitSeq(strings.Join(b.Header, "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("%w: a --header (CHUNKASIDE_HEADER) is not of the form 'Name: value'", wiring.ErrUsage) // it is not repeated: it may be a secret
		}
		headers.Add(name, strings.TrimSpace(value))
	}
	sign := func(*http.Request, []byte) error { return nil }
	if b.IAM {
		var err error
		if sign, err = newSigner(ctx, b.Endpoint); err != nil {
			return nil, err
		}
	} else if apiKey != "" {
		headers.Set("X-Api-Key", apiKey)
	}
	return func(r *http.Request, body []byte) error {
		maps.Copy(r.Header, headers)
		return sign(r, body)
	}, nil
}
