// Package awssign signs requests as services of AWS want them of a role: by AWS Signature Version 4.
//
//	signer := awssign.New(awssign.AppSync, awssign.Region(host))
//	a, err := announce.New(endpoint, &announce.Options{Sign: signer.Sign})
//
// The SDK looks for credentials and a region when the first request is signed, so that a process that sends none does not wait for it.
package awssign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
)

// The services' names in a signature.
const (
	AppSync = "appsync"
	Lambda  = "lambda"
)

// ErrNoRegion: neither the address of a request nor the SDK's sources tell the region. Set AWS_REGION.
var ErrNoRegion = errors.New("no region: the address does not tell it, set AWS_REGION")

// Signer signs requests. Its methods may be called concurrently.
type Signer struct {
	service, region string
	signer          *v4.Signer

	mu     sync.Mutex
	loaded *aws.Config // nil until the SDK's sources have been read
}

// New makes a Signer for a service in a region; "" is that of the SDK's own sources, such as AWS_REGION.
func New(service, region string) *Signer {
	return &Signer{service: service, region: region, signer: v4.NewSigner()}
}

// Region is the region in the name of an API's host, ID.appsync-api.REGION.amazonaws.com; "" if it is a domain of one's own.
func Region(host string) string {
	_, rest, found := strings.Cut(host, ".appsync-api.")
	region, domain, _ := strings.Cut(rest, ".")
	if !found || domain != "amazonaws.com" && domain != "amazonaws.com.cn" {
		return ""
	}
	return region
}

// Sign signs a request with its body. An error means that there are no credentials, or no region.
func (s *Signer) Sign(ctx context.Context, r *http.Request, body []byte) error {
	c, err := s.config(ctx)
	if err != nil {
		return err
	}
	credentials, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("find AWS credentials: %w", err)
	}
	digest := sha256.Sum256(body)
	return s.signer.SignHTTP(ctx, credentials, r, hex.EncodeToString(digest[:]), s.service, c.Region, time.Now())
}

// config is what the SDK found. What failed is tried again by the next caller: it may have been this one's ctx.
func (s *Signer) config(ctx context.Context) (*aws.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded != nil {
		return s.loaded, nil
	}
	load := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if s.region != "" {
		load = append(load, config.WithRegion(s.region))
	}
	c, err := config.LoadDefaultConfig(ctx, load...)
	switch {
	case err != nil:
		return nil, fmt.Errorf("find AWS credentials: %w", err)
	case c.Region == "":
		return nil, ErrNoRegion
	}
	s.loaded = &c
	return s.loaded, nil
}
