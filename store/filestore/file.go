package filestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// maxInflated is how much of a compressed file is read, in bytes after inflating: far more than a catalog has, and an end to a
// file that was made to have none.
const maxInflated = 8 << 30

// file is a table's file, inflated as it is read.
type file struct {
	io.Reader
	// name is the file's name without the folder, for messages.
	name string
	disk *os.File
}

// open opens the model's file. Without one it is a store.ErrNoTable that says which names were looked for.
func (s *Store) open(m *schema.Model) (*file, error) {
	plain := m.Table + ".ndjson"
	packed := plain + ".gz"
	disk, err := os.Open(filepath.Join(s.folder, plain))
	if err == nil {
		return &file{Reader: disk, name: plain, disk: disk}, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		disk, err = os.Open(filepath.Join(s.folder, packed))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has neither %s nor %s: add one of them, or name another table for type %s (@table)",
			store.ErrNoTable, s.folder, plain, packed, m.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("open table of %s: %w", m.Name, err)
	}
	return s.inflated(disk, packed)
}

func (s *Store) inflated(disk *os.File, name string) (*file, error) {
	gz, err := gzip.NewReader(disk)
	if err != nil {
		disk.Close()
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return &file{Reader: &bounded{r: gz, left: s.maxInflated}, name: name, disk: disk}, nil
}

// bounded ends with an error, not with io.EOF, when more than left bytes come.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("inflates to more than can be meant")
	}
	return n, err
}
