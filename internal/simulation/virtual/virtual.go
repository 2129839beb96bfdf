// Package virtual runs a function in virtual time, outside of go test: what sleeps for hours is done in milliseconds.
//
// A bubble of testing/synctest is made for a test only. So this package is a test runner with a single test, in a program; who imports it links package testing. Its flags, which testing needs to be
// there, are not the program's: they have their defaults, and nothing reads the program's arguments.
package virtual

import (
	"context"
	"flag"
	"testing"
	"testing/synctest"
	"time"
)

// Run calls do in a bubble, once in the life of a program, and returns when do has. Then what do has begun has a rest of virtual time to end in. The ctx that do gets ends there, and not before: one from
// outside, such as that of an interrupt, would make time stand still.
func Run(rest time.Duration, do func(ctx context.Context)) {
	testing.Init()
	_ = flag.CommandLine.Parse(nil) // there is nothing to parse
	done := make(chan struct{})
	run := func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			do(t.Context())
			time.Sleep(rest)
		})
		close(done)
		select {} // the runner would print its verdict, and end the program
	}
	every := func(string, string) (bool, error) { return true, nil }
	go testing.Main(every, []testing.InternalTest{{Name: "Virtual", F: run}}, nil, nil)
	<-done
}
