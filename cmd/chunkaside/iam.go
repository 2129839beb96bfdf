package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// newSigner signs requests for an AppSync API with the credentials that the AWS SDK finds. The region is that in the endpoint's name, else the SDK's.
func newSigner(ctx context.Context, endpoint string) (func(*http.Request, []byte) error, error) {
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", wiring.ErrCredentials, err)
	}
	if region := regionOf(endpoint); region != "" {
		loaded.Region = region
	}
	if loaded.Region == "" {
		return nil, errors.Join(wiring.ErrUsage, errors.New("the endpoint's name has no region: set AWS_REGION"))
	}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", wiring.ErrCredentials, err)
	}
	signer := v4.NewSigner()
	return func(r *http.Request, body []byte) error {
		credentials, err := loaded.Credentials.Retrieve(r.Context()) // from memory, until they end
		if err != nil {
			return err
		}
		digest := sha256.Sum256(body)
		return signer.SignHTTP(r.Context(), credentials, r, hex.EncodeToString(digest[:]), "appsync", loaded.Region, time.Now())
	}, nil
}

// regionOf is eu-west-1 for https://ID.appsync-api.eu-west-1.amazonaws.com/graphql.
func regionOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(u.Hostname(), ".appsync-api.")
	region, _, _ := strings.Cut(rest, ".")
	return region
}
