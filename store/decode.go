package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Decoder reads JSON objects into Items. It may be used again and again, by one goroutine at a time; the zero Decoder is ready.
type Decoder struct {
	text   []byte
	buffer bytes.Buffer
	json   *jsontext.Decoder
}

// Decode reads the one JSON object that text holds. Members that fields do not name are checked and skipped, at every depth,
// apart from the tombstone mark. Names that occur twice, text that is not UTF-8, and anything after the object are errors.
//
// The Item's texts are parts of text where no escape had to be resolved: keep text as it is for as long as the Item is used.
func (d *Decoder) Decode(text []byte, fields []*schema.Field) (Item, error) {
	return d.decode(text, scope{fields: fields})
}

// DecodeAny is Decode with all members of the object.
func (d *Decoder) DecodeAny(text []byte) (Item, error) {
	return d.decode(text, scope{all: true})
}

func (d *Decoder) decode(text []byte, s scope) (Item, error) {
	d.text = text
	d.buffer = *bytes.NewBuffer(text)
	if d.json == nil {
		d.json = jsontext.NewDecoder(&d.buffer)
	} else {
		d.json.Reset(&d.buffer)
	}
	if other, ok := notObject[d.json.PeekKind()]; ok {
		if err := d.json.SkipValue(); err != nil {
			return nil, syntaxError(err)
		}
		return nil, fmt.Errorf("not a JSON object but %s", other)
	}
	item, err := d.object(s)
	if err != nil {
		return nil, syntaxError(err)
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not one JSON object: there is more after it")
	}
	return item, nil
}

var notObject = map[jsontext.Kind]string{
	jsontext.KindNull: "null", jsontext.KindTrue: "a boolean", jsontext.KindFalse: "a boolean",
	jsontext.KindString: "a string", jsontext.KindNumber: "a number", jsontext.KindBeginArray: "an array",
}

// syntaxError says what is wrong in the reader's terms: the name of the library does not help.
func syntaxError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not a JSON object: the text ends too early")
	}
	return fmt.Errorf("not a JSON object: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
}

// scope says which members of an object are kept: all, or those of the fields.
type scope struct {
	all    bool
	fields []*schema.Field
}

// keep returns a member's name and the type to read it by, nil for any.
func (s scope) keep(name []byte) (kept string, t *schema.Type, ok bool) {
	if s.all {
		return string(name), nil, true
	}
	// Some tens of names: going through them is no slower than a map, and allocates nothing.
	for _, f := range s.fields {
		if f.Name == string(name) && f.Relation == nil {
			return f.Name, &f.Type, true
		}
	}
	return Tombstone, nil, string(name) == Tombstone
}

func (d *Decoder) object(s scope) (Item, error) {
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	item := make(Item, 0, len(s.fields))
	for d.json.PeekKind() != jsontext.KindEndObject {
		name, err := d.string()
		if err != nil {
			return nil, err
		}
		kept, t, ok := s.keep(name)
		if !ok {
			if err := d.json.SkipValue(); err != nil {
				return nil, err
			}
			continue
		}
		v, err := d.value(t)
		if err != nil {
			return nil, err
		}
		item = append(item, Member{Name: kept, Value: v})
	}
	_, err := d.json.ReadToken()
	return item, err
}

// value reads the next value by its type, nil for any. What cannot be of that type is only looked at: Encode will refuse it.
func (d *Decoder) value(t *schema.Type) (Value, error) {
	if t != nil && t.Elem == nil && t.Kind == schema.JSON {
		t = nil
	}
	switch kind := d.json.PeekKind(); kind {
	case jsontext.KindString:
		text, err := d.string()
		return Value{Type: String, Text: text}, err
	case jsontext.KindNumber:
		text, err := d.raw()
		return Value{Type: Number, Text: text}, err
	case jsontext.KindBeginObject:
		switch {
		case t == nil:
			return d.mapOf(scope{all: true})
		case t.Elem == nil && t.Kind == schema.Nested:
			return d.mapOf(scope{fields: t.Object.Fields})
		}
		return Value{Type: Map}, d.json.SkipValue()
	case jsontext.KindBeginArray:
		switch {
		case t == nil:
			return d.list(nil)
		case t.Elem != nil:
			return d.list(t.Elem)
		}
		return Value{Type: List}, d.json.SkipValue()
	case jsontext.KindTrue, jsontext.KindFalse:
		_, err := d.json.ReadToken()
		return Value{Type: Bool, Bool: kind == jsontext.KindTrue}, err
	default: // null, or a fault that reading reports
		_, err := d.json.ReadToken()
		return Value{Type: Null}, err
	}
}

func (d *Decoder) mapOf(s scope) (Value, error) {
	members, err := d.object(s)
	return Value{Type: Map, Members: members}, err
}

func (d *Decoder) list(elem *schema.Type) (Value, error) {
	list := Value{Type: List}
	if _, err := d.json.ReadToken(); err != nil {
		return list, err
	}
	for d.json.PeekKind() != jsontext.KindEndArray {
		v, err := d.value(elem)
		if err != nil {
			return list, err
		}
		list.Elems = append(list.Elems, v)
	}
	_, err := d.json.ReadToken()
	return list, err
}

// raw reads the next value and returns its bytes as a part of d.text: the decoder's own slice ends with its next step.
func (d *Decoder) raw() ([]byte, error) {
	v, err := d.json.ReadValue()
	if err != nil {
		return nil, err
	}
	end := d.json.InputOffset()
	return d.text[end-int64(len(v)) : end : end], nil
}

// string reads a string or a name and resolves its escapes.
func (d *Decoder) string() ([]byte, error) {
	quoted, err := d.raw()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(quoted, '\\') < 0 && len(quoted) >= 2 {
		return quoted[1 : len(quoted)-1 : len(quoted)-1], nil
	}
	return jsontext.AppendUnquote(nil, quoted)
}
