package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
)

// Time that one attempt may take. A page of 1 MB takes well under a second.
const (
	dialTimeout    = 3 * time.Second
	attemptTimeout = 20 * time.Second
)

// newClient returns the client and the region it will ask.
func newClient(ctx context.Context, o Options) (*dynamodb.Client, string, error) {
	if err := checkEndpoint(o.Endpoint); err != nil {
		return nil, "", err
	}
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(httpClient()), config.WithLogger(logging.Nop{})}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	if o.local() {
		// What the protocol needs and a local server does not look at. Real credentials must not cross a network unencrypted, nor
		// must the search for them wait for a metadata service that is not there.
		load = append(load, config.WithEC2IMDSClientEnableState(imds.ClientDisabled), config.WithDefaultRegion("us-east-1"),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, "", fmt.Errorf("open DynamoDB store: %w", err)
	}
	if cfg.Region == "" {
		return nil, "", errors.New("open DynamoDB store: no region: give one, or set AWS_REGION")
	}
	return dynamodb.NewFromConfig(cfg, func(d *dynamodb.Options) {
		d.Retryer, d.RetryMaxAttempts = newRetryer(o), o.Attempts
		if o.Endpoint != "" {
			d.BaseEndpoint = aws.String(o.Endpoint)
			// Local servers send no checksums, and the SDK would warn of each answer.
			d.DisableValidateResponseChecksum = o.local()
		}
	}), cfg.Region, nil
}

func checkEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	switch {
	case strings.Contains(endpoint, "@"):
		// It is not repeated: what stands before the @ may be a password. DynamoDB signs its requests and takes none.
		return errors.New("open DynamoDB store: the endpoint has a user or a password, which DynamoDB does not know")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("open DynamoDB store: endpoint %q is no URL such as http://127.0.0.1:8000", endpoint)
	}
	return nil
}

// local reports whether a local server is meant: the service, and what stands before it in earnest, speaks https.
func (o Options) local() bool {
	u, err := url.Parse(o.Endpoint)
	return err == nil && u.Scheme == "http"
}

func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(attemptTimeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		// One connection for each segment of the widest scan, kept from page to page.
		WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = 64 })
}

func newRetryer(o Options) *retry.Standard {
	return retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts, r.MaxBackoff = o.Attempts, maxBackoff
		r.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) { return backoff(attempt), nil })
		// The SDK's budget of retries would end a scan early that is merely throttled; attempts and deadline bound it already.
		r.RateLimiter = ratelimit.None
		r.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(o.notThere)}, r.Retryables...)
	})
}

// notThere ends the attempts where nobody listens: a person waits for that message. The service itself refuses no connection.
func (o Options) notThere(err error) aws.Ternary {
	var dial *net.OpError
	silent := o.Endpoint != "" && errors.As(err, &dial) && dial.Op == "dial" && dial.Timeout()
	if silent || errors.Is(err, syscall.ECONNREFUSED) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// The back-off is random, evenly from 0 to 50 ms << attempt and at most 2 s, so that those who were throttled
// together do not come back together.
const (
	minBackoff = 50 * time.Millisecond
	maxBackoff = 2 * time.Second
)

// backoff is the time to wait after an attempt, counted from 0 or 1, has failed.
func backoff(attempt int) time.Duration {
	most := min(maxBackoff, minBackoff<<min(attempt, 16))
	return rand.N(most)
}

// pause waits for the back-off, or until ctx ends.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(backoff(attempt))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
