package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Secret names what lets a function in somewhere: a key, a password. It may be printed, for it is not the value.
type Secret struct {
	address     string
	isParameter bool
	name        string
	field       string // of a value that is a JSON object; "" for the value itself
}

// maxSecret is longer than any key that fits into a header.
const maxSecret = 8 << 10

// ParseSecret reads an address: the name or ARN of a secret of Secrets Manager, or "ssm:NAME" for a parameter of Parameter Store; with "#field" at its end, that field of a JSON object.
func ParseSecret(address string) (Secret, error) {
	s := Secret{address: address}
	name, field, hasField := strings.Cut(address, "#")
	s.name, s.isParameter = strings.CutPrefix(name, "ssm:")
	s.field = field
	if s.name == "" || hasField && s.field == "" || strings.ContainsFunc(address, notPlain) {
		return s, fmt.Errorf("%q is no secret: use NAME or ARN of Secrets Manager, or ssm:NAME of Parameter Store, each with #FIELD where it is JSON", address)
	}
	return s, nil
}

// String is the secret's address.
func (s Secret) String() string { return s.address }

// Read is the secret's value. Errors name the secret, and nothing of its value; they match ErrMissing or ErrUnavailable where that is the reason.
func (s Secret) Read(ctx context.Context, x *Extension) (string, error) {
	read := x.secret
	if s.isParameter {
		read = x.parameter
	}
	value, err := read(ctx, s.name)
	if err == nil {
		value, err = s.pick(value)
	}
	if err != nil {
		return "", fmt.Errorf("the secret %s: %w", s.address, err)
	}
	return value, nil
}

// pick is the key in what is stored.
func (s Secret) pick(value string) (string, error) {
	value = strings.TrimSpace(value)
	isObject := strings.HasPrefix(value, "{")
	switch {
	case s.field == "" && isObject:
		return "", errors.New("it is a JSON object: name the field that is meant by #FIELD at the end")
	case s.field != "":
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(value), &object) != nil {
			return "", errors.New("it is no JSON object, so it has no fields")
		}
		value = "" // which null leaves as it is
		if json.Unmarshal(object[s.field], &value) != nil {
			return "", fmt.Errorf("its field %s is missing, or no text", s.field)
		}
	}
	switch {
	case value == "":
		return "", errors.New("it is empty")
	case len(value) > maxSecret:
		return "", fmt.Errorf("it has more than %d bytes", maxSecret)
	case strings.ContainsFunc(value, notPlain):
		return "", errors.New("it has a blank, or a letter that no key has")
	}
	return value, nil
}

func notPlain(r rune) bool { return r <= ' ' || r > '~' }
