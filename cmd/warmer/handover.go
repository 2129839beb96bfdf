package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/internal/awssign"
	"github.com/chunkaside/chunkaside/warmer"
	"github.com/chunkaside/chunkaside/warmer/handover"
)

// openHandover is how the function has itself called again: under the alias that CHUNKASIDE_HANDOVER names; nil without it. Its name and region are Lambda's own variables.
func openHandover(getenv func(string) string) (func(context.Context, warmer.Command) error, error) {
	alias := getenv("CHUNKASIDE_HANDOVER")
	if alias == "" {
		return nil, nil //nolint:nilnil // nobody is an answer, not a fault
	}
	region := getenv("AWS_REGION")
	sender, err := handover.New(lambdaAPI(getenv, region), getenv("AWS_LAMBDA_FUNCTION_NAME"), alias, awssign.New(awssign.Lambda, region).Sign)
	if err != nil {
		return nil, fmt.Errorf("CHUNKASIDE_HANDOVER: %w", err)
	}
	return func(ctx context.Context, c warmer.Command) error {
		event, err := json.Marshal(c)
		if err != nil {
			return err
		}
		return sender.Send(ctx, event)
	}, nil
}

// lambdaAPI is the address of Lambda's API, unless the variable says it that every SDK reads.
func lambdaAPI(getenv func(string) string, region string) string {
	if address := getenv("AWS_ENDPOINT_URL_LAMBDA"); address != "" {
		return address
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	return "https://lambda." + region + "." + domain
}
