package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/infra"
)

// deploys are the commands of infra.
type deploys struct {
	Render render `cmd:"" help:"Print the template that AWS SAM deploys: an API, the functions, their rights, alarms and a dashboard."`
}

// render is the command infra render.
type render struct {
	API     string `name:"api" help:"full; source, of a merged API; or functions, for an API that exists." enum:"full,source,functions" default:"full" env:"CHUNKASIDE_INFRA_API"`
	Package string `help:"zip; or image, which starts from a snapshot of its memory." enum:"zip,image" default:"zip" env:"CHUNKASIDE_INFRA_PACKAGE"`
	Tables  bool   `help:"Make DynamoDB's tables too." env:"CHUNKASIDE_INFRA_TABLES"`
	VPC     bool   `name:"vpc" help:"Run the functions in a network without a way to the internet, and make that." env:"CHUNKASIDE_INFRA_VPC"`
}

// Run prints the template. Of --cache only the service counts: its address is a parameter of the template.
func (r render) Run(c *commands, con console) error {
	s, err := wiring.OpenSchema(c.config())
	if err != nil {
		return err
	}
	service, _, _ := strings.Cut(c.Cache, ":")
	o := &infra.Options{API: infra.API(r.API), Package: infra.Package(r.Package), Tables: r.Tables, VPC: r.VPC}
	switch service {
	case "memory", "momento":
		o.Cache = infra.Momento
	case "valkey", "valkeys", "redis", "rediss":
		o.Cache = infra.Valkey
	default:
		return fmt.Errorf("%w: no template has the cache --cache (CHUNKASIDE_CACHE) names: use momento: or valkeys:", wiring.ErrUsage)
	}
	if err := infra.Render(con.out, s, o); !errors.Is(err, infra.ErrOptions) {
		return err
	}
	return fmt.Errorf("%w: %w", wiring.ErrUsage, err)
}
