package appsync

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks one JSON value.
type scanner struct {
	text    bytes.Buffer
	decoder jsontext.Decoder
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// check says whether text is exactly one JSON value. Of a name that occurs twice in an object the last one counts.
func check(text []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	if _, err := decoder.ReadValue(); err != nil {
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("text after the value")
	}
	return nil
}

// scan calls each with the elements of a list, or with the names (as JSON strings) and values of an object, until it returns
// false. raw must have passed check; what each gets are parts of it.
func scan(raw jsontext.Value, each func(name, value jsontext.Value) bool) {
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	s.text = *bytes.NewBuffer(raw)
	s.decoder.Reset(&s.text, jsontext.AllowDuplicateNames(true))
	open, err := s.decoder.ReadToken()
	if err != nil {
		return
	}
	object := open.Kind() == '{'
	for {
		var name jsontext.Value
		if object {
			if name = s.next(raw); name == nil {
				return
			}
		}
		value := s.next(raw)
		if value == nil || !each(name, value) {
			return
		}
	}
}

// next is the next value as a part of raw, nil at the end of the list or object.
func (s *scanner) next(raw jsontext.Value) jsontext.Value {
	value, err := s.decoder.ReadValue()
	if err != nil {
		return nil
	}
	end := int(s.decoder.InputOffset())
	return raw[end-len(value) : end]
}

// named says whether a name, as it stands in the JSON text, is want, which needs no escapes.
func named(name jsontext.Value, want string) bool {
	if len(name) <= len(want)+2 { // escapes are longer than what they stand for
		return string(name[1:len(name)-1]) == want
	}
	return bytes.IndexByte(name, '\\') >= 0 && unquote(name) == want
}

func unquote(s jsontext.Value) string {
	text, _ := jsontext.AppendUnquote(nil, s)
	return string(text)
}

// isNull is true for a missing value too.
func isNull(raw jsontext.Value) bool { return raw == nil || raw.Kind() == 'n' }
