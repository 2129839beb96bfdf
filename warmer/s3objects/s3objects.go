// Package s3objects reads the objects of S3.
//
//	objects := s3objects.New(nil)
//	body, err := objects.Open(ctx, "exports", "daily/AWSDynamoDB/01-a/manifest-summary.json")
//
// A call that S3 throttles, or that fails on the way, is tried again, three times in all by default. An object that breaks off in the middle goes on where it was, ten times: one of gigabytes takes minutes.
package s3objects

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/chunkaside/chunkaside/warmer/export"
)

// Options say how S3 is reached. The zero value takes everything from the SDK's own sources.
type Options struct {
	// Endpoint is the URL of a server with S3's protocol; "" means the service itself. One that begins with http:// is a local server: it needs neither region nor credentials, and is never given real
	// ones.
	Endpoint string
	// Region is that of the buckets, such as "eu-west-1"; "" means the environment's.
	Region string
	// Attempts is how often a call is tried; 0 means 3.
	Attempts int
}

// Objects are those of all buckets that the credentials let read. Its methods may be called concurrently.
type Objects struct {
	options Options

	mu     sync.Mutex
	client *s3.Client // nil until it is first needed: the SDK takes time to set up, and most events need none
}

var _ export.Objects = (*Objects)(nil)

// New returns the objects that options describe; nil stands for the zero Options. The SDK is set up by the first call of Open.
func New(options *Options) *Objects {
	if options == nil {
		options = &Options{}
	}
	o := &Objects{options: *options}
	o.options.Attempts = cmp.Or(o.options.Attempts, 3)
	return o
}

// Open reads an object from its beginning. The error names it, and has the SDK's as its cause.
func (o *Objects) Open(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	client, err := o.opened(ctx)
	if err != nil {
		return nil, fmt.Errorf("open s3://%s/%s: %w", bucket, key, err)
	}
	first, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, &callError{bucket, key, err}
	}
	return &body{now: first.Body, left: breaks, from: func(offset int64) (io.ReadCloser, error) {
		next, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key, IfMatch: first.ETag, Range: aws.String(fmt.Sprintf("bytes=%d-", offset))})
		if err != nil {
			return nil, &callError{bucket, key, err}
		}
		return next.Body, nil
	}}, nil
}

// opened is the client. What cannot be set up is tried again by the next caller: it may have been this one's ctx.
func (o *Objects) opened(ctx context.Context) (*s3.Client, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.client != nil {
		return o.client, nil
	}
	client, err := newClient(ctx, o.options)
	if err != nil {
		return nil, err
	}
	o.client = client
	return client, nil
}
