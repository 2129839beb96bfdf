package dynamostore

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/store"
)

// TestSetText edits one field of one record, if it has the text that it should have, and nothing that the schema does not know.
func TestSetText(t *testing.T) {
	s := open(t, server(t))
	catalog := parse(t, `type T @model { shop: ID! @primaryKey(sortKeyFields: ["n"]) n: Int! title: String }`)
	if err := s.CreateTables(t.Context(), catalog); err != nil {
		t.Fatal(err)
	}
	m := catalog.Models[0]
	key, title := store.Key{"x", "1"}, m.Field("title")
	item := keyAttributes(m, key)
	item["title"], item["secret"] = &types.AttributeValueMemberS{Value: "old"}, &types.AttributeValueMemberS{Value: "kept"}
	if err := s.writeRequests(t.Context(), m, []types.WriteRequest{{PutRequest: &types.PutRequest{Item: item}}}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key     store.Key
		was, is string
		want    bool
		text    string
	}{
		{key, "old", "new", true, "new"},
		{key, "old", "newer", false, "new"},
		{key, "old", "new", true, "new"}, // it has it already
		{key, "new", "", true, ""},
		{key, "", "old", true, "old"},
		{store.Key{"x", "2"}, "old", "new", false, "old"}, // no such record is made
	} {
		if ok, err := s.SetText(t.Context(), m, test.key, title, test.was, test.is); ok != test.want || err != nil {
			t.Errorf("SetText(%q, %q, %q) = %v, %v", test.key, test.was, test.is, ok, err)
		}
		items, _, err := s.getItems(t.Context(), m, []attributes{keyAttributes(m, key), keyAttributes(m, store.Key{"x", "2"})})
		if err != nil || items[1] != nil {
			t.Fatal(items, err)
		}
		text, secret := items[0]["title"].(*types.AttributeValueMemberS).Value, items[0]["secret"].(*types.AttributeValueMemberS).Value
		if text != test.text || secret != "kept" {
			t.Errorf("after SetText(%q, %q, %q) the title is %q and the secret %q", test.key, test.was, test.is, text, secret)
		}
	}
	if _, err := s.SetText(t.Context(), m, store.Key{"x"}, title, "a", "b"); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("SetText with a part of a key: %v, want store.ErrInvalid", err)
	}
}

// TestSetTextWhoseAnswerIsLost: the SDK's second try finds that the first one was done.
func TestSetTextWhoseAnswerIsLost(t *testing.T) {
	s := open(t, server(t))
	catalog := parse(t, `type T @model { id: ID! text: String }`)
	m := catalog.Models[0]
	if err := s.CreateTables(t.Context(), catalog); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), m, []store.Entity{store.Entity(`{"id":"a","text":"old"}`)}, nil); err != nil {
		t.Fatal(err)
	}
	s.client = twice{s.client}
	if ok, err := s.SetText(t.Context(), m, store.Key{"a"}, m.Field("text"), "old", "new"); !ok || err != nil {
		t.Errorf("SetText = %v, %v", ok, err)
	}
}

// twice is a client that updates twice.
type twice struct{ client }

func (d twice) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if _, err := d.client.UpdateItem(ctx, in, o...); err != nil {
		return nil, err
	}
	return d.client.UpdateItem(ctx, in, o...)
}
