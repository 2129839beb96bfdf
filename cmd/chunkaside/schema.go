package main

import (
	"fmt"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// sdl is the command schema.
type sdl struct {
	Mutations bool `help:"Print warmCatalog and publishCatalog too, which backends call, and the subscription onCatalogPublished." env:"CHUNKASIDE_MUTATIONS"`
}

// Run prints the served API, and what the file declares beyond it.
func (p sdl) Run(c *commands, con console) error {
	s, err := wiring.OpenSchema(c.config())
	if err != nil {
		return err
	}
	served := s.Served()
	if p.Mutations {
		if served, err = s.ServedWithMutations(); err != nil {
			return fmt.Errorf("%w: --mutations (CHUNKASIDE_MUTATIONS): %w", wiring.ErrUsage, err)
		}
	}
	for _, l := range s.LeftOut {
		fmt.Fprintf(con.err, "%s:%d:%d: %s is left out: %s\n", s.Name, l.Line, l.Column, l.What, l.Why)
	}
	_, err = fmt.Fprint(con.out, served)
	return err
}
