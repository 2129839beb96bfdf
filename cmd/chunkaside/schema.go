package main

import (
	"fmt"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// sdl is the command schema.
type sdl struct{}

// Run prints the served API, and what the file declares beyond it.
func (sdl) Run(c *commands, con console) error {
	s, err := wiring.OpenSchema(c.config())
	if err != nil {
		return err
	}
	for _, l := range s.LeftOut {
		fmt.Fprintf(con.err, "%s:%d:%d: %s is left out: %s\n", s.Name, l.Line, l.Column, l.What, l.Why)
	}
	_, err = fmt.Fprint(con.out, s.Served())
	return err
}
