package export

import (
	"bufio"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

const (
	// parallelism is how many files are read at once: enough that a core is not idle while another file's next bytes are under way.
	parallelism = 4
	// maxLine is the longest line that is read, in bytes. DynamoDB's items have at most 400 KB; as an export writes them, with every byte of a text escaped and twice where it has an old image too, that
	// is less than 6 MB.
	maxLine = 16 << 20
)

// Lines calls each with every line, those of some files at once, so concurrently and in no particular order. The line is each's only until it returns. The error is each's, with the file and the line, or
// that of reading, or says what is not sound: then nothing of what was handed over may be used. It may be called again, and concurrently.
func (f *Files) Lines(ctx context.Context, each func(line []byte) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelism)
	for _, one := range f.list {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx) // another file has failed
			}
			if err := f.read(ctx, one, each); err != nil {
				return fmt.Errorf("s3://%s/%s: %w", f.manifests.bucket, one.Key, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// read reads one file.
func (f *Files) read(ctx context.Context, one file, each func([]byte) error) error {
	body, err := f.manifests.objects.Open(ctx, f.manifests.bucket, one.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	sum := md5.New()
	packed := bufio.NewReader(io.TeeReader(body, sum))
	if err := inflate(ctx, packed, one.Items, each); err != nil {
		return err
	}
	return agree("it", sum.Sum(nil), one.Checksum)
}

// inflate reads all members of a gzip file. One of an empty partition may have no bytes at all.
func inflate(ctx context.Context, packed *bufio.Reader, items int64, each func([]byte) error) error {
	if _, err := packed.Peek(1); errors.Is(err, io.EOF) && items == 0 {
		return nil
	}
	inflated, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("inflate: %w", err)
	}
	return lines(ctx, inflated, items, each)
}

// lines reads as many lines as there should be, and no more: an end to a file that was made to have none.
func lines(ctx context.Context, from io.Reader, items int64, each func([]byte) error) error {
	scanner := bufio.NewScanner(from)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	n := int64(0)
	for scanner.Scan() {
		if n++; n > items {
			return fmt.Errorf("it has more lines than the %d of its manifest", items)
		}
		if n%256 == 1 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := each(scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("line %d has more than %d bytes", n+1, maxLine)
	case err != nil:
		return fmt.Errorf("after line %d: %w", n, err)
	case n < items:
		return fmt.Errorf("it has %d lines, its manifest %d", n, items)
	}
	return nil
}
