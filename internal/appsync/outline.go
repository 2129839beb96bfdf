package appsync

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// outline is where the values of a JSON text are: found in one pass, in which the text is validated too, however deep they are nested. They are numbered in the order in which they begin, from
// the whole, which is 0; a member's name is a value right before its own.
type outline struct {
	text    jsontext.Value
	escapes bool // it has some: a name may be written with them
	extents []extent
	open    []int // lists and objects that have begun, the innermost last
	buffer  bytes.Buffer
	decoder jsontext.Decoder
}

// extent is where a value begins and ends in the text, and the number of the first value behind it and all in it.
type extent struct{ start, end, next int }

// keptExtents is how many extents an outline may have room for to be used again: about a megabyte.
const keptExtents = 1 << 20 / 24

var outlines = sync.Pool{New: func() any { return new(outline) }}

// outlineOf reads an answer that is exactly one JSON value. Of a name that occurs twice in an object the last one counts. The outline is to be released.
func outlineOf(text []byte) (*outline, error) {
	o := outlines.Get().(*outline)
	o.text, o.extents, o.open = text, o.extents[:0], o.open[:0]
	o.escapes = bytes.IndexByte(text, '\\') >= 0
	o.buffer = *bytes.NewBuffer(text)
	o.decoder.Reset(&o.buffer, jsontext.AllowDuplicateNames(true))
	if err := o.read(); err != nil {
		o.release()
		return nil, err
	}
	return o, nil
}

// release lets others use the outline's memory.
func (o *outline) release() {
	if cap(o.extents) <= keptExtents {
		o.text, o.buffer = nil, bytes.Buffer{}
		outlines.Put(o)
	}
}

func (o *outline) read() error {
	for more := true; more; more = len(o.open) > 0 {
		if err := o.step(); err != nil {
			return err
		}
	}
	if _, err := o.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("text after the value")
	}
	return nil
}

// step reads a scalar or a name, or where a list or an object begins or ends.
func (o *outline) step() error {
	switch o.decoder.PeekKind() {
	case '{', '[':
		if _, err := o.decoder.ReadToken(); err != nil {
			return err
		}
		o.open = append(o.open, len(o.extents))
		o.extents = append(o.extents, extent{start: int(o.decoder.InputOffset()) - 1})
	case '}', ']':
		if _, err := o.decoder.ReadToken(); err != nil {
			return err
		}
		last := len(o.open) - 1
		e := &o.extents[o.open[last]]
		e.end, e.next = int(o.decoder.InputOffset()), len(o.extents)
		o.open = o.open[:last]
	default:
		value, err := o.decoder.ReadValue()
		if err != nil {
			return err
		}
		end := int(o.decoder.InputOffset())
		o.extents = append(o.extents, extent{end - len(value), end, len(o.extents) + 1})
	}
	return nil
}

// value is the text of the value with this number; that of -1, which stands for a missing one, is nil.
func (o *outline) value(n int) jsontext.Value {
	if n < 0 {
		return nil
	}
	return o.text[o.extents[n].start:o.extents[n].end]
}

// member is the number of an object's member of this name, -1 if it has none.
func (o *outline) member(object int, name string) int {
	found := -1
	for n := object + 1; n < o.extents[object].next; n = o.extents[n+1].next {
		if e := o.extents[n]; string(o.text[e.start+1:e.end-1]) == name || o.escapes && named(o.value(n), name) {
			found = n + 1 // no break: of two members with one name the last counts
		}
	}
	return found
}
