package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Record names one record by its primary key: Key is as a Snapshot wants it, Values are as a Store does.
type Record struct {
	Model  *schema.Model
	Key    string
	Values store.Key
}

// NewRecord names the record with these values of the primary key's fields: texts as they are, numbers in any digits.
func NewRecord(m *schema.Model, values ...string) (Record, error) {
	fields := m.Key.Fields()
	if len(values) != len(fields) {
		return Record{}, fmt.Errorf("it has %d values, the key has %d fields", len(values), len(fields))
	}
	r := Record{Model: m, Values: make(store.Key, len(values))}
	raw := make([][]byte, len(values))
	for i, f := range fields {
		var err error
		if r.Values[i] = values[i]; !store.Numeric(f) {
			raw[i], err = jsontext.AppendQuote(nil, values[i])
		} else if r.Values[i], err = store.CanonicalNumber(values[i]); err == nil {
			raw[i] = []byte(r.Values[i])
		}
		if err != nil {
			return Record{}, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	var whole bool
	var err error
	if r.Key, whole, err = Prefix(m.Key, raw...); err == nil && !whole {
		err = errors.New("a value is empty")
	}
	return r, err
}

// ParseRecord reads Type/id, Type/partition/sort or Type/["partition","sort"].
func ParseRecord(s *schema.Schema, text string) (Record, error) {
	name, rest, _ := strings.Cut(text, "/")
	m := s.Model(name)
	if m == nil {
		var names []string
		for _, m := range s.Models {
			names = append(names, m.Name)
		}
		return Record{}, fmt.Errorf("there is no type %q; there are %s", name, strings.Join(names, ", "))
	}
	values, err := keyTexts(rest, len(m.Key.Fields()))
	if err != nil {
		return Record{}, err
	}
	return NewRecord(m, values...)
}

// keyTexts are the key's values as plain texts.
func keyTexts(text string, fields int) ([]string, error) {
	switch {
	case strings.HasPrefix(text, "["):
		return listedTexts(text)
	case fields > 1:
		return strings.Split(text, "/"), nil
	}
	return []string{text}, nil
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

// ReadEdits reads the records as the store has them now. One that is named twice is one edit.
func ReadEdits(ctx context.Context, st store.Store, records []Record) ([]Edit, error) {
	wanted := map[*schema.Model][]store.Key{}
	var edits []Edit
	places := map[*schema.Model]map[string]bool{}
	for _, r := range records {
		if places[r.Model] == nil {
			places[r.Model] = map[string]bool{}
		}
		if places[r.Model][r.Key] {
			continue
		}
		places[r.Model][r.Key] = true
		wanted[r.Model] = append(wanted[r.Model], r.Values)
		edits = append(edits, Edit{Model: r.Model, Key: r.Key})
	}
	found := map[*schema.Model][]store.Entity{}
	for m, keys := range wanted {
		var err error
		if found[m], err = st.Get(ctx, m, keys); err != nil {
			return nil, err
		}
	}
	for i := range edits {
		m := edits[i].Model
		edits[i].Entity, found[m] = found[m][0], found[m][1:]
	}
	return edits, nil
}
