package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/awssign"
)

// newSigner signs requests for an AppSync API with the credentials that the AWS SDK finds. It signs one at once, that nobody sends, so that what is missing is said before a load begins.
func newSigner(ctx context.Context, endpoint string) (func(*http.Request, []byte) error, error) {
	address, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", wiring.ErrUsage, err)
	}
	signer := awssign.New(awssign.AppSync, awssign.Region(address.Hostname()))
	first, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", wiring.ErrUsage, err)
	}
	switch err := signer.Sign(ctx, first, nil); {
	case errors.Is(err, awssign.ErrNoRegion):
		return nil, fmt.Errorf("%w: %w", wiring.ErrUsage, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", wiring.ErrCredentials, err)
	}
	return func(r *http.Request, body []byte) error { return signer.Sign(r.Context(), r, body) }, nil
}
