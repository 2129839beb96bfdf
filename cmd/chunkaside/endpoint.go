package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// endpoint is a GraphQL API that is asked over HTTP.
type endpoint struct {
	url, apiKey string
	client      *http.Client
}

// maxAnswer is more than one text of a record can have, in bytes.
const maxAnswer = 1 << 20

func newEndpoint(address, apiKey string) (*endpoint, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("%w: --endpoint (CHUNKASIDE_ENDPOINT) is no URL such as https://api.example.com/graphql, without user and password", wiring.ErrUsage)
	}
	return &endpoint{url: address, apiKey: apiKey, client: &http.Client{
		Timeout: 10 * time.Second,
		// The key is for this address, and would go along to another.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// text asks for the field's text.
func (e *endpoint) text(ctx context.Context, q question) (string, error) {
	data, err := e.post(ctx, map[string]any{"query": q.text(), "variables": q.arguments})
	if err != nil {
		return "", err
	}
	var answer struct {
		Data   map[string]json.RawMessage
		Errors []struct{ ErrorType, Message string }
	}
	switch err := json.Unmarshal(data, &answer); {
	case err != nil:
		return "", fmt.Errorf("the answer is no GraphQL: %w", err)
	case len(answer.Errors) > 0:
		return "", fmt.Errorf("%s: %s", answer.Errors[0].ErrorType, answer.Errors[0].Message)
	case answer.Data[q.query.Name] == nil:
		return "", errNoRecord
	}
	return q.read(answer.Data[q.query.Name])
}

// post sends a body and returns that of the answer.
func (e *endpoint) post(ctx context.Context, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if e.apiKey != "" {
		request.Header.Set("X-Api-Key", e.apiKey)
	}
	response, err := e.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the API answers with %s", response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxAnswer))
}
