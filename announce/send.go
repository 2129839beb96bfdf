package announce

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Mutation is what is sent. It asks for every field, for subscriptions get no others than it asks for. The names are those of the schema that chunkaside schema prints.
const Mutation = `mutation PublishCatalog($catalog: String!, $version: String!, $sequence: Float!, $entities: Int!, $chunks: Int!, $chunksChanged: Int!, $types: [String!]!, $moreTypes: Int!) {
  publishCatalog(catalog: $catalog, version: $version, sequence: $sequence, entities: $entities, chunks: $chunks, chunksChanged: $chunksChanged, types: $types, moreTypes: $moreTypes) {
    catalog version sequence entities chunks chunksChanged types moreTypes
  }
}`

type request struct {
	Query     string  `json:"query"`
	Variables Message `json:"variables"`
}

// maxAnswer is how much of an answer is read, in bytes: it repeats the message.
const maxAnswer = 256 << 10

// try sends the body once.
func (a *Announcer) try(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, a.options.Timeout*2/5)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if a.options.APIKey != "" {
		r.Header.Set("X-Api-Key", a.options.APIKey)
	}
	if a.options.Sign != nil {
		if err := a.options.Sign(ctx, r, body); err != nil {
			return fmt.Errorf("sign the announcement: %w", err)
		}
	}
	response, err := a.client.Do(r)
	if err != nil {
		return fmt.Errorf("send the announcement: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return a.judge(response, answer)
}

// answered is an answer of GraphQL, and also AppSync's to what it refuses.
type answered struct {
	Data struct {
		Published *struct{} `json:"publishCatalog"`
	} `json:"data"`
	Errors []problem `json:"errors"`
}

type problem struct {
	Type    string `json:"errorType"`
	Message string `json:"message"`
}

// judge says whether the API has taken the announcement.
func (a *Announcer) judge(response *http.Response, text []byte) error {
	var answer answered
	err := json.Unmarshal(text, &answer)
	switch {
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("the API answers with %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	case response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden:
		// Of what it says only the type is told: to a wrong signature services answer with what was signed, the session's token included.
		return refusedf("%d %s%s: %s", response.StatusCode, http.StatusText(response.StatusCode), answer.kind(), a.advice())
	case response.StatusCode != http.StatusOK:
		return refusedf("%d %s%s", response.StatusCode, http.StatusText(response.StatusCode), answer.kind())
	case err != nil:
		return refusedf("the answer is no GraphQL: does the address end with /graphql?")
	case len(answer.Errors) > 0:
		return a.failure(answer.Errors[0])
	case answer.Data.Published == nil:
		return refusedf("publishCatalog answers null: its resolver must answer its arguments")
	}
	return nil
}

// failure is an error in an answer of GraphQL.
func (a *Announcer) failure(p problem) error {
	if strings.HasPrefix(p.Type, "Unauthorized") {
		return refusedf("Unauthorized: %s", a.advice())
	}
	return refusedf("%s: %s", bounded(cmp.Or(p.Type, "an error")), bounded(p.Message))
}

// advice is what helps a sender that may not.
func (a *Announcer) advice() string {
	if a.options.Sign != nil {
		return "the role needs appsync:GraphQL on .../types/Mutation/fields/publishCatalog, and the API the authorization mode IAM"
	}
	return "the API does not let this key, or a sender without one, call Mutation.publishCatalog"
}
