package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/store/faultstore"
)

// TestFaults: what goes wrong on purpose ends as what goes wrong by itself does, with a text that names the rule.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"warm", "--cache-faults", "set c/* corrupt times 1"}, 6, "value is damaged: the cache returns other bytes than were written"},
		{[]string{"warm", "--cache-faults", "* stop after 17"}, 5, `cache unavailable: by the fault rule "* stop after 17"`},
		{[]string{"warm", "--cache-faults", "set-if-absent current lose"}, 0, ""},
		{[]string{"warm", "--store-faults", "scan episodes cut 1000"}, 4, `scan "episodes": store unavailable: by the fault rule "scan episodes cut 1000"`},
		{[]string{"warm", "--cache-faults", "get fial"}, 2, `wrong setting: --cache-faults (CHUNKASIDE_CACHE_FAULTS): rule "get fial", column 5: "fial" is no action`},
		{[]string{"warm", "--store-faults", "scan lose"}, 2, `wrong setting: --store-faults (CHUNKASIDE_STORE_FAULTS): rule "scan lose", column 6`},
	} {
		_, stderr, code := command(t, test.args...)
		if code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%q: code %d, want %d and %q in:\n%s", test.args, code, test.code, test.want, stderr)
		}
	}
}

// TestServeNamesItsFaults, which come from the environment here, and their seed. What fails three times is tried no more by what guards the cache.
func TestServeNamesItsFaults(t *testing.T) {
	t.Setenv("CHUNKASIDE_CACHE_FAULTS", "get fail times 3")
	t.Setenv("CHUNKASIDE_STORE_FAULTS", "get fail 50%")
	t.Setenv("CHUNKASIDE_FAULT_SEED", "7")
	p := startServe(t)
	p.await(t, "on purpose: store faults \"get fail 50%\", seed 7\non purpose: cache faults \"get fail times 3\", seed 7\n")
	p.await(t, `not ready: look at the pointer: get 2 keys: cache unavailable: by the fault rule "get fail times 3"`)
}

// TestFunctionsHaveNoFaults: the variables are the program's alone.
func TestFunctionsHaveNoFaults(t *testing.T) {
	c, err := wiring.FromEnvironment(func(name string) string {
		switch {
		case strings.Contains(name, "FAULT"):
			t.Errorf("a Lambda function reads %s", name)
		case name == "CHUNKASIDE_STORE", name == "CHUNKASIDE_CACHE":
			return "x"
		}
		return ""
	})
	if err != nil || c.CacheFaults != "" || c.StoreFaults != "" {
		t.Errorf("FromEnvironment = %+v, %v", c, err)
	}
}

// TestReliabilityCommands: what docs/reliability.md tells to type is what the program knows, and its rules are rules.
func TestReliabilityCommands(t *testing.T) {
	var rules int
	for _, b := range document(t, "docs/reliability.md") {
		if b.language == "rules" {
			for line := range strings.Lines(b.text) {
				rule, _, _ := strings.Cut(line, "#")
				_, asCache := faultcache.New(nil, rule, 1)
				_, asStore := faultstore.New(nil, rule, 1)
				if asCache != nil && asStore != nil {
					t.Errorf("neither a cache's rule nor a store's: %v; %v", asCache, asStore)
				}
				rules++
			}
		}
		for _, command := range b.commands {
			words := shellWords(t, strings.TrimPrefix(command, "go run ./cmd/"))
			if words[0] == "chunkaside" {
				parses(t, command, words[1:])
			}
			if at := slices.Index(words, "--cache-faults"); at > 0 {
				if _, err := faultcache.New(nil, words[at+1], 1); err != nil {
					t.Errorf("%s: %v", command, err)
				}
				rules++
			}
			if at := slices.Index(words, "--store-faults"); at > 0 {
				if _, err := faultstore.New(nil, words[at+1], 1); err != nil {
					t.Errorf("%s: %v", command, err)
				}
				rules++
			}
		}
	}
	if rules < 8 {
		t.Errorf("found %d rules in docs/reliability.md: this test does not read it rightly", rules)
	}
}
