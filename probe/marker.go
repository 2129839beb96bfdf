package probe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// ErrMarker: the record or field is not fit to be written to. Name another one.
var ErrMarker = errors.New("no place for a marker")

// Marker is a text field of one record, which a probe gives unique texts and then its own one again. Readers see them: take a record that is there for it.
type Marker struct {
	Model *schema.Model
	Key   store.Key
	// Field is a String that is part of no key or relation.
	Field *schema.Field
	// Write sets the field from one text to another and leaves all else as it is. It reports whether the field has the text is now; false means that somebody else has changed it.
	Write func(ctx context.Context, was, is string) (bool, error)
	// Read asks the API for the field, as its users do.
	Read func(ctx context.Context) (string, error)
	// Begun, if set, is told the field's own text before the first one is written: what to restore by hand if the process is killed.
	Begun func(own string)
}

// markerBegin is what texts of markers begin with, and no other text.
const markerBegin = "chunkaside probe "

// restoreTime is how long the marker's record may take to get its own text back, with a warm-up, when the probe has been interrupted.
const restoreTime = 2 * time.Minute

func (m *Marker) check() error {
	name, part := m.Model.Name+"."+m.Field.Name, func(fields []*schema.Field) bool { return slices.Contains(fields, m.Field) }
	switch {
	case m.Field.Type.Name != "String" || m.Field.Type.Elem != nil:
		return fmt.Errorf("%w: %s is no String", ErrMarker, name)
	case slices.ContainsFunc(m.Model.AllIndexes(), func(ix *schema.Index) bool { return part(ix.Fields()) }):
		return fmt.Errorf("%w: %s is part of a key", ErrMarker, name)
	case slices.ContainsFunc(m.Model.Fields, func(f *schema.Field) bool { return f.Relation != nil && part(f.Relation.Fields) }):
		return fmt.Errorf("%w: %s is part of a relation", ErrMarker, name)
	}
	return nil
}

// marking is a marker in use.
type marking struct {
	*Marker
	own, last, next string // the field's own text, the one that it is known to have, and the one that it may have
}

// marking does something with the marker, nil if there is none, and restores its record.
func (r *run) marking(ctx context.Context, do func(*marking) error) (err error) {
	if r.options.Marker == nil {
		return do(nil)
	}
	m := &marking{Marker: r.options.Marker}
	if err := r.begin(ctx, m); err != nil {
		return err
	}
	defer func() {
		// Also, and above all, if ctx has ended.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
		defer cancel()
		err = errors.Join(err, r.restore(ctx, m))
	}()
	return do(m)
}

// begin reads the field's own text, from the store and as readers do.
func (r *run) begin(ctx context.Context, m *marking) error {
	record := record{m.Model, m.Key}
	found, err := r.store.Get(ctx, m.Model, []store.Key{m.Key})
	if err != nil {
		return err
	}
	if found[0] == nil {
		return fmt.Errorf("%w: the store has no record %s", ErrMarker, record)
	}
	item, err := new(store.Decoder).Decode(found[0], m.Model.Fields)
	if err != nil {
		return err
	}
	text := item.Get(m.Field.Name)
	switch {
	case text == nil || text.Type != store.String:
		return fmt.Errorf("%w: %s has no text in %s", ErrMarker, record, m.Field.Name)
	case strings.HasPrefix(string(text.Text), markerBegin):
		return fmt.Errorf("%w: %s has the text %q in %s: another probe is at work, or was killed; give it its own text first", ErrMarker, record, text.Text, m.Field.Name)
	}
	// A reader that is cold would count its start as latency, and what cannot be read at all need not be written.
	if _, err := m.Read(ctx); err != nil {
		return fmt.Errorf("read %s of %s, before anything is written: %w", m.Field.Name, record, err)
	}
	m.own, m.last, m.next = string(text.Text), string(text.Text), string(text.Text)
	if m.Begun != nil {
		m.Begun(m.own)
	}
	return nil
}

// mark writes a new text, which nothing else has.
func (m *marking) mark(ctx context.Context) (text string, err error) {
	m.next = markerBegin + rand.Text()
	written, err := m.Write(ctx, m.last, m.next)
	switch {
	case err != nil:
		return "", fmt.Errorf("write the marker: %w", err)
	case !written:
		return "", fmt.Errorf("write the marker: somebody else edits %s of %s", m.Field.Name, record{m.Model, m.Key})
	}
	m.last = m.next
	return m.next, nil
}

// restore gives the field its own text back, unless somebody else has edited it. After a write that failed it may have either of two texts.
func (r *run) restore(ctx context.Context, m *marking) error {
	for _, text := range []string{m.next, m.last} {
		written, err := m.Write(ctx, text, m.own)
		if err != nil {
			return fmt.Errorf("%s of %s keeps the text of a marker: restore it to %q: %w", m.Field.Name, record{m.Model, m.Key}, m.own, err)
		}
		if written {
			r.report.Visibility.Restored = true
			return r.warm(ctx, false)
		}
	}
	return nil
}
