package export

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
)

// The most bytes of each object that is read as a whole. A summary has less than 1 KB; a list has less than 300 bytes for each partition of the table, of which few have 100,000.
const (
	maxChecksum = 1 << 10
	maxSummary  = 1 << 20
	maxList     = 64 << 20
)

// manifests are an export's small objects.
type manifests struct {
	objects        Objects
	bucket, folder string
}

// located says in an error which export it is of.
func (m manifests) located(err error) error {
	return fmt.Errorf("export s3://%s/%s: %w", m.bucket, m.folder, err)
}

// summary is what manifest-summary.json says, as far as it is needed.
type summary struct {
	ARN    string `json:"tableArn"`
	Items  int64  `json:"itemCount"`
	Format string `json:"outputFormat"`
	Kind   Kind   `json:"exportType"`
}

// file is a line of manifest-files.json.
type file struct {
	Key      string `json:"dataFileS3Key"`
	Checksum string `json:"md5Checksum"`
	Items    int64  `json:"itemCount"`
}

func (m manifests) summary(ctx context.Context) (s summary, err error) {
	data, err := m.verified(ctx, "manifest-summary", maxSummary)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("%w: its summary cannot be read: %w", ErrFormat, err)
	}
	s.Kind = cmp.Or(s.Kind, Full) // summaries of old have none
	if s.table() == "" {
		return s, fmt.Errorf("%w: its summary names no table", ErrFormat)
	}
	return s, nil
}

// files are those of the list. It is looked for beside the summary: the key in there is of no use where somebody has moved the export.
func (m manifests) files(ctx context.Context) (files []file, err error) {
	data, err := m.verified(ctx, "manifest-files", maxList)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(data) {
		var f file
		if err := json.Unmarshal(bytes.TrimSpace(line), &f); err != nil {
			return nil, fmt.Errorf("%w: line %d of its list of files cannot be read: %w", ErrFormat, len(files)+1, err)
		}
		if f.Key == "" || f.Items < 0 {
			return nil, fmt.Errorf("%w: line %d of its list of files names no file", ErrFormat, len(files)+1)
		}
		files = append(files, f)
	}
	return files, nil
}

// verified reads an object that has another one with its checksum beside it.
func (m manifests) verified(ctx context.Context, name string, most int) ([]byte, error) {
	want, err := m.read(ctx, name+".md5", maxChecksum)
	if err != nil {
		return nil, err
	}
	data, err := m.read(ctx, name+".json", most)
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(data) // what DynamoDB writes: it is against damage, not against forgery
	return data, agree(name+".json", sum[:], string(bytes.TrimSpace(want)))
}

// agree holds a checksum against what is written of it, in base64.
func agree(name string, sum []byte, want string) error {
	if got := base64.StdEncoding.EncodeToString(sum); got != want {
		return fmt.Errorf("%s has the checksum %s, want %.40q: it is damaged, or another one", name, got, want)
	}
	return nil
}

func (m manifests) read(ctx context.Context, name string, most int) ([]byte, error) {
	body, err := m.objects.Open(ctx, m.bucket, m.folder+name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(body, int64(most)+1))
	if err = errors.Join(err, body.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > most {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrFormat, name, most)
	}
	return data, nil
}
