package filestore_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

func TestJSON(t *testing.T) {
	storetest.Run(t, storetest.Harness{Open: opener(false, false), JSON: true})
}

func TestExport(t *testing.T) {
	storetest.Run(t, storetest.Harness{Open: opener(true, true)})
}

// opener returns a harness's Open that writes lines of one kind.
func opener(export, packed bool) func(*testing.T, ...storetest.Table) store.Store {
	return func(t *testing.T, tables ...storetest.Table) store.Store {
		files := map[string]string{}
		for _, table := range tables {
			var lines []byte
			for _, record := range table.Records {
				lines = append(appendLine(lines, record, export), '\n')
			}
			files[table.Model.Table+".ndjson"] = string(lines)
		}
		return open(t, files, packed)
	}
}

// open returns a store of a folder with these files.
func open(t testing.TB, files map[string]string, packed bool) *filestore.Store {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if packed {
			name, content = name+".gz", gzipped(content)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := filestore.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // a buffer takes all
	_ = w.Close()
	return b.String()
}

// appendLine writes a record as a line of either kind, its members in the order given.
func appendLine(dst []byte, record store.Item, export bool) []byte {
	if export {
		return append(appendMembers(append(dst, `{"Item":`...), record, true), '}')
	}
	return appendMembers(dst, record, false)
}

func appendMembers(dst []byte, members store.Item, export bool) []byte {
	dst = append(dst, '{')
	for i := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, []byte(members[i].Name)), ':')
		dst = appendValue(dst, &members[i].Value, export)
	}
	return append(dst, '}')
}

func appendValue(dst []byte, v *store.Value, export bool) []byte {
	if !export {
		return appendPlain(dst, v, false)
	}
	codes := map[store.ValueType]string{
		store.Null: "NULL", store.Bool: "BOOL", store.String: "S", store.Number: "N", store.Binary: "B", store.List: "L",
		store.Map: "M", store.StringSet: "SS", store.NumberSet: "NS", store.BinarySet: "BS",
	}
	dst = fmt.Appendf(dst, `{%q:`, codes[v.Type])
	return append(appendPlain(dst, v, true), '}')
}

func appendPlain(dst []byte, v *store.Value, export bool) []byte {
	switch v.Type {
	case store.Null:
		if export {
			return append(dst, "true"...)
		}
		return append(dst, "null"...)
	case store.Bool:
		return fmt.Append(dst, v.Bool)
	case store.Number:
		if export {
			return appendQuoted(dst, v.Text)
		}
		return append(dst, v.Text...)
	case store.Binary:
		return appendQuoted(dst, base64.StdEncoding.AppendEncode(nil, v.Text))
	case store.String:
		return appendQuoted(dst, v.Text)
	case store.Map:
		return appendMembers(dst, v.Members, export)
	}
	dst = append(dst, '[')
	for i := range v.Elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.Type == store.List {
			dst = appendValue(dst, &v.Elems[i], export)
		} else {
			dst = appendPlain(dst, &v.Elems[i], export)
		}
	}
	return append(dst, ']')
}

func appendQuoted(dst, text []byte) []byte {
	out, err := jsontext.AppendQuote(dst, text)
	if err != nil {
		panic(err) // the suite's texts are UTF-8
	}
	return out
}
