// Command fetch is a Lambda function that gets keys from a cache, and does nothing else: what a resolver's first answer is measured against. CHUNKASIDE_MOMENTO is the address of a fake of Momento; an event is a
// list of lists of keys, each list a call, and the answer is how many bytes came.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/chunkaside/chunkaside/cache/momentocache"
)

func main() {
	driver, err := momentocache.New("catalog", &momentocache.Options{Endpoint: os.Getenv("CHUNKASIDE_MOMENTO")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, calls [][]string) (int, error) {
		bytes := 0
		for _, keys := range calls {
			values, err := driver.Get(ctx, keys)
			if err != nil {
				return 0, err
			}
			for _, value := range values {
				bytes += len(value)
			}
		}
		return bytes, nil
	})
}
