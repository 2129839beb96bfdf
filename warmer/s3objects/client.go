package s3objects

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
)

// How long S3 may take to be connected with, and until an object begins. How long the object itself takes only the caller's ctx says.
const (
	dialTimeout   = 3 * time.Second
	headerTimeout = 20 * time.Second
)

func newClient(ctx context.Context, o Options) (*s3.Client, error) {
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(httpClient()), config.WithLogger(logging.Nop{}), config.WithRetryMaxAttempts(o.Attempts)}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if strings.HasPrefix(o.Endpoint, "http://") {
		// Real credentials must not cross a network unencrypted, nor must the search for them wait for a metadata service that is not there.
		load = append(load, config.WithEC2IMDSClientEnableState(imds.ClientDisabled), config.WithDefaultRegion("us-east-1"),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		return nil, errors.New("no region: give one, or set AWS_REGION")
	}
	return s3.NewFromConfig(cfg, func(s *s3.Options) {
		// Those who read an object verify it by a checksum of their own, also where it has broken off, which the SDK cannot.
		s.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		if o.Endpoint != "" {
			s.BaseEndpoint = aws.String(o.Endpoint)
			s.UsePathStyle = true // a bucket is no name that such a server's network knows
		}
	}), nil
}

func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = headerTimeout })
}

// callError is a call that failed: of which object, and why.
type callError struct {
	bucket, key string
	cause       error
}

// Error is such as "open s3://exports/daily/x: AccessDenied: Access Denied", without the SDK's layers.
func (e *callError) Error() string {
	text := fmt.Sprintf("open s3://%s/%s: ", e.bucket, e.key)
	if api, ok := errors.AsType[smithy.APIError](e.cause); ok {
		return text + api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return text + e.cause.Error()
}

// Unwrap returns the cause.
func (e *callError) Unwrap() error { return e.cause }
