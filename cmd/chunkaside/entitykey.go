package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// entityKey is a primary key, as a catalog.Snapshot and as a store.Store want it.
type entityKey struct {
	prefix string
	values store.Key
}

// parseKey reads Type/id, Type/partition/sort or Type/["partition","sort"].
func parseKey(s *schema.Schema, text string) (*schema.Model, entityKey, error) {
	name, rest, _ := strings.Cut(text, "/")
	m := s.Model(name)
	if m == nil {
		var names []string
		for _, m := range s.Models {
			names = append(names, m.Name)
		}
		return nil, entityKey{}, fmt.Errorf("there is no type %q; there are %s", name, strings.Join(names, ", "))
	}
	fields := m.Key.Fields()
	values, err := keyTexts(rest, len(fields))
	if err != nil {
		return nil, entityKey{}, err
	}
	for i, f := range fields {
		if !store.Numeric(f) {
			continue
		}
		if values[i], err = store.CanonicalNumber(values[i]); err != nil {
			return nil, entityKey{}, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	key := entityKey{values: values}
	var whole bool
	if key.prefix, whole, err = catalog.KeyPrefix(m, values); err == nil && !whole {
		err = errors.New("a value is empty")
	}
	return m, key, err
}

// keyTexts are the key's values as plain texts.
func keyTexts(text string, fields int) ([]string, error) {
	texts := []string{text}
	if strings.HasPrefix(text, "[") {
		var err error
		if texts, err = listedTexts(text); err != nil {
			return nil, err
		}
	} else if fields > 1 {
		texts = strings.Split(text, "/")
	}
	if len(texts) != fields {
		return nil, fmt.Errorf("it has %d values, the key has %d fields", len(texts), fields)
	}
	return texts, nil
}

// listedTexts are the texts and numbers of a JSON list.
func listedTexts(text string) ([]string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var list []any
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("it is no JSON list: %w", err)
	}
	if d.More() {
		return nil, errors.New("something follows the JSON list")
	}
	var texts []string
	for _, value := range list {
		switch value := value.(type) {
		case string:
			texts = append(texts, value)
		case json.Number:
			texts = append(texts, value.String())
		default:
			return nil, fmt.Errorf("%v is neither a text nor a number", value)
		}
	}
	return texts, nil
}
