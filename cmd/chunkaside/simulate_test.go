package main

import (
	"bytes"
	"os/exec"
	"regexp"
	"testing"
)

// TestSimulate runs the built program, for the simulation is a test runner of its own and this is one already.
func TestSimulate(t *testing.T) {
	program := buildProgram(t)
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--duration", "1h", "--rate", "1", "--publish", "10m", "--at", "5m cache get fail; set fail", "--at", "25m cache -"}, 0,
			`(?s)^queries +3600\n  fresh +.*  from last good +.*time, p50 p99 p99.9 most +2ms .*warm-ups +3, and 2 that failed\n.*violations +0\n$`},
		{[]string{"--processes", "50", "--once", "--cold", "--load", "5s"}, 0, `(?s)^queries +50\n.*  from the store +49 .*store: loads of all +1\n`},
		{[]string{"--at", "soon cache get fail"}, 2, `wrong setting: step "soon cache get fail": "soon" is no time`},
		{[]string{"--at", "1m weather"}, 2, `"weather" does not happen here`},
		{[]string{"--at", "1m crash now"}, 2, `crash and empty none`},
		{[]string{"--at", "1m store lose"}, 2, `rule "lose"|rule "store lose"|column`},
		{[]string{"--at", "2m crash", "--at", "1m crash"}, 2, `order of their times`},
		{[]string{"--wide", "101"}, 2, `out of bounds`},
		{[]string{"--test.v"}, 2, `unknown flag`},
	} {
		var out, problems bytes.Buffer
		cmd := exec.CommandContext(t.Context(), program, append([]string{"simulate"}, test.args...)...)
		cmd.Stdout, cmd.Stderr = &out, &problems
		_ = cmd.Run() // its code says the same
		said := &out
		if test.code != 0 {
			said = &problems
		}
		if code := cmd.ProcessState.ExitCode(); code != test.code || !regexp.MustCompile(test.want).Match(said.Bytes()) {
			t.Errorf("%q: code %d, want %d and %s in:\n%s%s", test.args, code, test.code, test.want, &out, &problems)
		}
	}
}
