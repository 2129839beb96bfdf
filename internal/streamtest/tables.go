// Package streamtest is Lambda's event source mapping on this machine: it reads a table's stream from a server that has the protocol of DynamoDB's streams, and hands what it reads to a function, in
// batches, as the service does.
//
//	tables := streamtest.Tables{Endpoint: servertest.Moto(t)}
//	stream, err := tables.EnableStream(ctx, "programs")
//	err = streamtest.Follow(ctx, stream, warmer.Call, &streamtest.Options{Window: time.Second}) // until ctx ends
//
// Requests are plain HTTP: no SDK comes into the tests for five calls. They are not signed, so only local servers answer them.
package streamtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Tables are those of a server with DynamoDB's protocol. Its methods may be called concurrently.
type Tables struct {
	// Endpoint is the server's URL, for its streams too.
	Endpoint string
}

// Item is a record, or a record's key, as DynamoDB writes it: {"id": {"S": "a"}}.
type Item map[string]map[string]any

// Put writes an item.
func (t Tables) Put(ctx context.Context, table string, item Item) error {
	return t.call(ctx, dynamoDB+"PutItem", map[string]any{"TableName": table, "Item": item}, nil)
}

// PutAll writes at most 25 items by one request.
func (t Tables) PutAll(ctx context.Context, table string, items ...Item) error {
	var puts []any
	for _, item := range items {
		puts = append(puts, map[string]any{"PutRequest": map[string]any{"Item": item}})
	}
	return t.call(ctx, dynamoDB+"BatchWriteItem", map[string]any{"RequestItems": map[string]any{table: puts}}, nil)
}

// Set gives one attribute of a record another value.
func (t Tables) Set(ctx context.Context, table string, key Item, attribute, text string) error {
	return t.call(ctx, dynamoDB+"UpdateItem", map[string]any{
		"TableName": table, "Key": key, "UpdateExpression": "SET #a = :v",
		"ExpressionAttributeNames": map[string]string{"#a": attribute}, "ExpressionAttributeValues": Item{":v": {"S": text}},
	}, nil)
}

// Delete deletes a record.
func (t Tables) Delete(ctx context.Context, table string, key Item) error {
	return t.call(ctx, dynamoDB+"DeleteItem", map[string]any{"TableName": table, "Key": key}, nil)
}

// EnableStream gives a table a stream, which has the keys of what changes from now on.
func (t Tables) EnableStream(ctx context.Context, table string) (*Stream, error) {
	var out struct {
		TableDescription struct{ LatestStreamArn string }
	}
	err := t.call(ctx, dynamoDB+"UpdateTable", map[string]any{
		"TableName": table, "StreamSpecification": map[string]any{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
	}, &out)
	if err != nil {
		return nil, err
	}
	return &Stream{tables: t, arn: out.TableDescription.LatestStreamArn, seen: map[string]bool{}}, nil
}

// The services, as requests name what they want of them.
const (
	dynamoDB = "DynamoDB_20120810."
	streams  = "DynamoDBStreams_20120810."
)

// authorization names the account and the region, by which local servers keep tables apart: us-east-1, and the credentials that dynamostore has for a local endpoint. Its signature is none.
const authorization = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"

// call sends one request, and reads the answer into out unless that is nil.
func (t Tables) call(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("X-Amz-Date", "20260101T000000Z") // DynamoDB Local wants one
	request.Header.Set("Authorization", authorization)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	_, name, _ := strings.Cut(target, ".")
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s: %.300s", name, response.Status, answer)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s: %w: %.300s", name, err, answer)
	}
	return nil
}
