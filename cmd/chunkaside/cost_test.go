package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cmd/internal/cost"
)

// TestCost estimates the sample, with answers as guessed, said and measured.
func TestCost(t *testing.T) {
	costs := func(args ...string) (r cost.Result) {
		t.Helper()
		out, stderr, code := command(t, append([]string{"cost", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Fatalf("code %d, %v: %s%s", code, err, out, stderr)
		}
		return r
	}
	guessed := costs("--requests-per-second", "100")
	if c := guessed.Input.Catalog; c.Entities != 7469 || len(c.Tables) != 3 || c.Manifest < 1000 {
		t.Errorf("catalog: %+v", c)
	}
	// The sample has 9.9 MB in 7,469 entities, stored in about a quarter.
	if traffic := guessed.Input.Traffic; traffic.AnswerBytes < 120_000 || traffic.AnswerBytes > 150_000 || traffic.SentShare < 0.15 || traffic.SentShare > 0.35 || traffic.Peak != 100 {
		t.Errorf("traffic: %+v", traffic)
	}
	month := costs("--requests-per-month", "262800000", "--answer-size", "5000", "--peak", "1000")
	if traffic := month.Input.Traffic; traffic.PerSecond != 100 || traffic.AnswerBytes != 5000 || traffic.Peak != 1000 {
		t.Errorf("traffic: %+v", traffic)
	}
	measured := costs("--requests-per-second", "100", "--queries", queriesFile(t, "# weight: 3\nquery A { getProgram(id: \"detective-arthur\") { id } }\nquery B { getProgram(id: \"detective-arthur\") { title } }"))
	a, b := len(`{"data":{"getProgram":{"id":"detective-arthur"}}}`), len(`{"data":{"getProgram":{"title":"Detective Arthur"}}}`)
	if got, want := measured.Input.Traffic.AnswerBytes, float64(3*a+b)/4; got < want || got > want+1 { // or a line's end
		t.Errorf("answers have %v bytes in the mean, want %v", got, want)
	}
	out, _ := ok(t, "cost", "--requests-per-second", "1000", "--peak", "5000", "--answer-size", "5000", "--field-resolvers", "10", "--field-tokens", "5")
	for _, want := range []string{
		"1,000 queries a second, 5,000 at the peak, answered by 5 processes", "AppSync queries        $10,512.00  2,628,000,000 queries", "Momento looks               $6.57  13,140,000 operations",
		"AppSync request tokens a second                 5,000 of 5,000            reached at 5,000 queries a second\n", "EXCEEDED", "field by field, 10 resolvers and 5 tokens a query:", "25,000 of 5,000  reached at 1,000 queries", "more traffic meets first: DynamoDB units a second, where all ask for one partition\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the estimate lacks %q:\n%s", want, out)
		}
	}
}

// ok runs a command that must succeed.
func ok(t *testing.T, args ...string) (out, stderr string) {
	t.Helper()
	out, stderr, code := command(t, args...)
	if code != 0 {
		t.Fatalf("%q: code %d, %s", args, code, stderr)
	}
	return out, stderr
}

// TestCostDefaults: the flags' defaults are the library's.
func TestCostDefaults(t *testing.T) {
	var e estimate
	parser, err := kong.New(&e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"--requests-per-second", "1"}); err != nil {
		t.Fatal(err)
	}
	prices, quotas := e.values()
	if diff := cmp.Diff(cost.DefaultPrices, prices) + cmp.Diff(cost.DefaultQuotas, quotas); diff != "" {
		t.Error(diff)
	}
}

func TestCostRefuses(t *testing.T) {
	broken := filepath.Join(write(t, map[string]string{"q.graphql": "query Page { titel }"}), "q.graphql")
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "requests-per-second"},
		{[]string{"--requests-per-second", "0"}, 2, "there is no traffic"},
		{[]string{"--requests-per-second", "1", "--requests-per-month", "1"}, 2, "requests-per-month"},
		{[]string{"--requests-per-second", "10", "--peak", "5"}, 2, "the peak is lower than the mean"},
		{[]string{"--requests-per-second", "10", "--answer-size=-1"}, 2, "a number is negative"},
		{[]string{"--requests-per-second", "10", "--queries", "none.graphql"}, 2, "--queries (CHUNKASIDE_QUERIES)"},
		{[]string{"--requests-per-second", "10", "--queries", broken}, 7, "query Page: graphql "},
	} {
		if _, stderr, code := command(t, append([]string{"cost"}, test.args...)...); code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%q: code %d, %s", test.args, code, stderr)
		}
	}
}
