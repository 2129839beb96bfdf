package lambdatest

import (
	"strings"
	"testing"
)

// TestInherited: what is set for the tests, or for the developer, must not set up the function.
func TestInherited(t *testing.T) {
	for _, name := range []string{"CHUNKASIDE_STORE", "MOMENTO_API_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "NODE_OPTIONS"} {
		t.Setenv(name, "canary")
	}
	t.Setenv("TMPDIR", "/somewhere")
	env := strings.Join(inherited(), "\n")
	if strings.Contains(env, "canary") || !strings.Contains(env, "TMPDIR=/somewhere") || !strings.Contains(env, "PATH=") {
		t.Errorf("the function inherits\n%s", env)
	}
}
