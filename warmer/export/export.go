// Package export reads what DynamoDB's ExportTableToPointInTime has written into a bucket of S3, full exports and incremental ones in DynamoDB JSON.
//
//	x, err := export.Open(ctx, objects, bucket, "catalog/AWSDynamoDB/01693685827463-2d8752fd/")
//	files, err := x.Files(ctx)
//	err = files.Lines(ctx, func(line []byte) error { ... })
//
// An export is these objects, written in this order:
//
//	.../AWSDynamoDB/ID/_started              empty
//	.../AWSDynamoDB/ID/data/*.json.gz        a full export's items, one JSON object a line; those of an incremental one are in .../AWSDynamoDB/data/
//	.../AWSDynamoDB/ID/manifest-files.json   the files with their checksums and counts, one JSON object a line
//	.../AWSDynamoDB/ID/manifest-files.md5    its checksum
//	.../AWSDynamoDB/ID/manifest-summary.json the table, and what kind of export it is
//	.../AWSDynamoDB/ID/manifest-summary.md5  its checksum: see Last
//
// Everything is held against its checksum and its count. A file may have gigabytes, so its lines are handed over as they come, and its checksum is known at its end: use nothing of what lines say until
// Lines has returned without an error.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrFormat: the export is in a form that is not read, such as Amazon Ion. Make another one.
var ErrFormat = errors.New("not an export in DynamoDB JSON")

// Last is the name of the object that completes an export.
const Last = "manifest-summary.md5"

// Objects are those of S3.
type Objects interface {
	// Open reads an object from its beginning. Reading ends with an error when ctx does. It may be called concurrently.
	Open(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// Kind is what an export's lines are.
type Kind string

// The kinds, as a summary has them.
const (
	// Full: each line is an item, {"Item":{...}}.
	Full Kind = "FULL_EXPORT"
	// Incremental: each line is an item that was written or deleted in a stretch of time, {"Metadata":{...},"Keys":{...},...}.
	Incremental Kind = "INCREMENTAL_EXPORT"
)

// Export is one that is complete, and whose summary is sound.
type Export struct {
	// Table is the name of the table, without account and region.
	Table string
	Kind  Kind
	// Items is how many lines there are.
	Items int64

	manifests manifests
	format    string
}

// Files are an export's, whose list is sound.
type Files struct {
	manifests manifests
	list      []file
}

// Open reads an export's summary. The folder is that of the manifests, and ends with a slash. The error matches ErrFormat, or is that of reading, or says what is not sound.
func Open(ctx context.Context, objects Objects, bucket, folder string) (*Export, error) {
	m := manifests{objects: objects, bucket: bucket, folder: folder}
	s, err := m.summary(ctx)
	if err != nil {
		return nil, m.located(err)
	}
	return &Export{Table: s.table(), Kind: s.Kind, Items: s.Items, manifests: m, format: s.Format}, nil
}

// Files reads the list of the export's files, if it is in a form that Lines can read. The error is as that of Open.
func (x *Export) Files(ctx context.Context) (*Files, error) {
	if err := x.check(); err != nil {
		return nil, x.manifests.located(err)
	}
	list, err := x.manifests.files(ctx)
	if err != nil {
		return nil, x.manifests.located(err)
	}
	items := int64(0)
	for _, f := range list {
		items += f.Items
	}
	if items != x.Items {
		return nil, x.manifests.located(fmt.Errorf("its summary has %d items, its files have %d", x.Items, items))
	}
	return &Files{x.manifests, list}, nil
}

func (x *Export) check() error {
	switch {
	case x.format != "DYNAMODB_JSON":
		return fmt.Errorf("%w, but in %.40q", ErrFormat, x.format)
	case x.Kind != Full && x.Kind != Incremental:
		return fmt.Errorf("%w: it is of the unknown kind %.40q", ErrFormat, x.Kind)
	}
	return nil
}

// table is the table's name in its ARN, such as arn:aws:dynamodb:eu-west-1:123456789012:table/episodes-prod; "" if it is none.
func (s summary) table() string {
	_, name, _ := strings.Cut(s.ARN, ":table/")
	return name
}
