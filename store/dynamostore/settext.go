package dynamostore

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// SetText sets a text field of a record that has the text was there, and reports whether the record has the text is now. All else of the record stays as it is, also what the schema does not
// declare. The field must be part of no key: an index's joined attribute would not follow it.
func (s *Store) SetText(ctx context.Context, m *schema.Model, key store.Key, f *schema.Field, was, is string) (bool, error) {
	if err := key.Check(m.Key); err != nil {
		return false, err
	}
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.table(m)), Key: keyAttributes(m, key),
		UpdateExpression: aws.String("SET #f = :is"), ConditionExpression: aws.String("#f = :was"),
		ExpressionAttributeNames:  map[string]string{"#f": f.Name},
		ExpressionAttributeValues: attributes{":was": scalar(types.ScalarAttributeTypeS, was), ":is": scalar(types.ScalarAttributeTypeS, is)},
	})
	var other *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &other):
		return s.hasText(ctx, m, key, f, is)
	case err != nil:
		return false, s.fail(ctx, "update", s.table(m), err)
	}
	return true, nil
}

// hasText says whether a record has a text. After an answer that was lost the SDK asks again, and finds what it has done itself.
func (s *Store) hasText(ctx context.Context, m *schema.Model, key store.Key, f *schema.Field, text string) (bool, error) {
	items, _, err := s.getItems(ctx, m, []attributes{keyAttributes(m, key)})
	if err != nil {
		return false, err
	}
	found, ok := items[0][f.Name].(*types.AttributeValueMemberS)
	return ok && found.Value == text, nil
}
