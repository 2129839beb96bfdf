// Command resolver is the Lambda function behind AppSync: its bootstrap. It is set up by environment variables, see wiring.Config.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

func main() {
	app, _ := wiring.OpenFunction(context.Background())
	lambda.Start(app.Resolver)
}
