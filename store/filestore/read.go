package filestore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// maxLine is the longest line that is read, in bytes. DynamoDB's items have at most 400 KB; as an export writes them, with
// every byte of a text escaped, that is less than 3 MB.
const maxLine = 16 << 20

// read calls visit with each record of the model's file, in the file's order. The item is good until visit returns. Faults of
// a record come back as *store.RecordError with the file and the line.
func (s *Store) read(ctx context.Context, m *schema.Model, visit func(store.Item) error) error {
	f, err := s.open(m)
	if err != nil {
		return err
	}
	defer f.disk.Close()

	var d decoder
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	number := 0
	for lines.Scan() {
		number++
		if number%256 == 1 && ctx.Err() != nil {
			return fmt.Errorf("read %s: %w", f.name, context.Cause(ctx))
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		item, err := d.decode(m, lines.Bytes())
		if err == nil {
			err = visit(item)
		}
		if err != nil {
			return locate(err, f.name, number)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return locate(&store.RecordError{Model: m.Name, Reason: fmt.Sprintf("the line has more than %d bytes", maxLine)}, f.name, number+1)
	} else if err != nil {
		return fmt.Errorf("read %s after line %d: %w", f.name, number, err)
	}
	return ctx.Err()
}

// locate puts the file and the line into a RecordError; other errors are visit's own.
func locate(err error, file string, line int) error {
	var record *store.RecordError
	if errors.As(err, &record) && record.Line == 0 {
		record.Table, record.Line = file, line
	}
	return err
}

// decoder reads lines of both kinds.
type decoder struct {
	json store.Decoder
}

func (d *decoder) decode(m *schema.Model, line []byte) (store.Item, error) {
	if startsAsExport(line) {
		item, err := d.json.DecodeAny(line)
		if err != nil {
			return nil, &store.RecordError{Model: m.Name, Reason: err.Error()}
		}
		// No record of a model is an "Item" object alone: it has a key field, which is a string or a number.
		if len(item) == 1 && item[0].Value.Type == store.Map {
			return store.FromDynamoJSON(m, item[0].Value.Members)
		}
	}
	item, err := d.json.Decode(line, m.Fields)
	if err != nil {
		return nil, &store.RecordError{Model: m.Name, Reason: err.Error()}
	}
	return item, nil
}

// startsAsExport is a quick look: only lines that pass it are read as a whole to tell the two kinds apart.
func startsAsExport(line []byte) bool {
	const space = " \t\r"
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, space), []byte("{"))
	return ok && bytes.HasPrefix(bytes.TrimLeft(rest, space), []byte(`"Item"`))
}
