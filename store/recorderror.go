package store

import (
	"fmt"
	"strconv"
	"strings"
)

// RecordError says which record does not fit the schema, and why. It matches ErrInvalid.
type RecordError struct {
	// Table is where the record is: its table's name, or its file's.
	Table string
	// Line counts from 1; it is 0 where there are no lines.
	Line int
	// Model is the type's name.
	Model string
	// Key is the primary key's values, "" where it is not known.
	Key string
	// Field is the path of the value, such as videos[2].url; "" where the record as a whole is meant.
	Field string
	// Reason says what is wrong. It may quote the value at fault, or its beginning.
	Reason string
}

// Error is such as
//
//	episodes.ndjson:17: Episode "pycon-2019/x": field speakers: want a list of String, got a number
func (e *RecordError) Error() string {
	var b strings.Builder
	b.WriteString(e.Table)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": " + e.Model)
	if e.Key != "" {
		b.WriteString(" " + quoted(e.Key))
	}
	if e.Field != "" {
		b.WriteString(": field " + e.Field)
	}
	b.WriteString(": " + e.Reason)
	return b.String()
}

// Is makes every RecordError an ErrInvalid.
func (e *RecordError) Is(target error) bool { return target == ErrInvalid }

// quoted is text for a message: safe to print and not too long. DynamoDB's keys may have 2,048 bytes.
func quoted(text string) string {
	const most = 120
	if len(text) > most {
		return strconv.Quote(text[:most]) + "..."
	}
	return strconv.Quote(text)
}

// fault is a RecordError in the making: where in the record, and why. Its path grows from the inside out.
type fault struct {
	path   string
	reason string
}

func faultf(format string, args ...any) *fault {
	return &fault{reason: fmt.Sprintf(format, args...)}
}

func (f *fault) inField(name string) *fault {
	f.path = "." + name + f.path
	return f
}

func (f *fault) inElement(i int) *fault {
	f.path = "[" + strconv.Itoa(i) + "]" + f.path
	return f
}

// inMember is inField for names that are data and may hold anything.
func (f *fault) inMember(name string) *fault {
	f.path = "[" + quoted(name) + "]" + f.path
	return f
}
