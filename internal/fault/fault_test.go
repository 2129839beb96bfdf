package fault_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/internal/fault"
)

var errAway = errors.New("away")

// language has an operation that every action befalls, and one that few do.
var language = &fault.Language{
	Kind: "shelf", Operations: []string{"take", "put"}, Unavailable: errAway,
	Actions: map[fault.Action][]string{
		fault.Delay: {"take", "put"}, fault.Fail: {"take", "put"}, fault.Throttle: {"take", "put"}, fault.Stop: {"take", "put"}, fault.Lose: {"put"},
		fault.Drop: {"take"}, fault.Evict: {"take"}, fault.Corrupt: {"take"}, fault.Cut: {"take"}, fault.Page: {"take"},
	},
}

func plan(t testing.TB, rules string, seed uint64) *fault.Plan {
	t.Helper()
	p, err := fault.NewPlan(language, rules, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse(t *testing.T) {
	for text, want := range map[string]fault.Rule{
		"take delay 3s":                      {Operation: "take", Action: fault.Delay, Delay: 3 * time.Second, Percent: 100},
		"take c/* fail":                      {Operation: "take", Key: "c/*", Action: fault.Fail, Percent: 100},
		"put lose 0.5%":                      {Operation: "put", Action: fault.Lose, Percent: 0.5},
		"* stop after 17":                    {Operation: "*", Action: fault.Stop, Percent: 100, After: 17},
		"take throttle 50% after 100 for 20": {Operation: "take", Action: fault.Throttle, Percent: 50, After: 100, For: 20},
		"take cut 0":                         {Operation: "take", Action: fault.Cut, Percent: 100},
		"take current page 7 1% after 1 for 2 times 3": {Operation: "take", Key: "current", Action: fault.Page, Entities: 7, Percent: 1, After: 1, For: 2, Times: 3},
		"take drop* drop": {Operation: "take", Key: "drop*", Action: fault.Drop, Percent: 100},
	} {
		rules, err := language.Parse(text)
		if err != nil || !cmp.Equal(rules, []fault.Rule{want}) {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", text, rules, err, want)
		}
		if got := want.String(); got != text {
			t.Errorf("String = %q, want %q", got, text)
		}
	}
	// Other ways to write the same.
	rules, err := language.Parse("\n ; put\t* fail  times 2\tafter 0 100% ;;take delay 3000ms\r\n")
	want := []fault.Rule{{Operation: "put", Action: fault.Fail, Percent: 100, Times: 2}, {Operation: "take", Action: fault.Delay, Delay: 3 * time.Second, Percent: 100}}
	if err != nil || !cmp.Equal(rules, want) {
		t.Errorf("Parse = %+v, %v, want %+v", rules, err, want)
	}
	for _, none := range []string{"", " ", ";\n;"} {
		if rules, err := language.Parse(none); err != nil || len(rules) != 0 {
			t.Errorf("Parse(%q) = %v, %v", none, rules, err)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]string{
		"give fail":                     `rule "give fail", column 1: "give" is no operation of a shelf: use take, put, or *`,
		"take fail; put fial":           `rule "put fial", column 5: "fial" is no action: use delay, fail,`,
		"take dealy 3s":                 `column 6: neither "dealy" nor "3s" is an action: use delay, fail,`,
		"take":                          `column 5: the action is missing: use delay, fail,`,
		"take c/*":                      `column 6: "c/*" is no action`,
		"take c/*/d fail":               `column 6: the key "c/*/d" has a * that is not at its end`,
		"take lose":                     `column 6: lose cannot befall take: use it with put, or *`,
		"take  語 delay soon":            `column 15: "soon" is no time for a delay: use one such as 3s`,
		"take delay":                    `column 11: "" is no time for a delay`,
		"take delay -3s":                `column 12: "-3s" is no time`,
		"take delay 25h":                `column 12: "25h" is no time for a delay: use one such as 3s, at most 24h`,
		"take cut 10%":                  `column 10: "10%" is no number for cut: use one from 0 on`,
		"take page 0":                   `column 11: "0" is no number for page: use one from 1 on`,
		"take fail 0%":                  `column 11: "0%" is no chance: use one above 0% and up to 100%`,
		"take fail 101%":                `column 11: "101%" is no chance`,
		"take fail NaN%":                `column 11: "NaN%" is no chance`,
		"take fail 0x1p3%":              `column 11: "0x1p3%" is no chance`,
		"take fail 10":                  `column 11: "10" is not understood: behind the action there may be a chance such as 10%, after, for and times`,
		"take fail after":               `column 16: "" is no number for after`,
		"take fail after -1":            `column 17: "-1" is no number for after: use one from 0 on`,
		"take fail for 0":               `column 15: "0" is no number for for: use one from 1 on`,
		"take fail times 3000000000":    `column 17: "3000000000" is no number for times`,
		"take fail after 1 2% after 1":  `column 22: after is there twice`,
		"take fail 1% times 1 for 1 2%": `column 28: the chance is there twice`,
	} {
		_, err := language.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want %s", text, err, want)
		}
	}
}

// FuzzParse: what is read is written and read again as the same; what is not is refused with its place.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"take c/* delay 3s 10% after 1 for 2 times 3; put lose", "* stop\n\ntake page 1", "take cut 1000 0.001%", "take delay delay 1s", "take a* fail 100% for", "put\u3000fail; take 語 fail", "take %", "take fail 1e3%",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := language.Parse(text)
		if err != nil {
			var syntax *fault.SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(text, syntax.Rule) || syntax.Column < 1 || syntax.Column > utf8.RuneCountInString(syntax.Rule)+1 {
				t.Fatalf("Parse(%q) = %#v", text, err)
			}
			return
		}
		texts := make([]string, len(rules))
		for i, r := range rules {
			texts[i] = r.String()
		}
		again, err := language.Parse(strings.Join(texts, "; "))
		if err != nil || !slices.Equal(again, rules) {
			t.Fatalf("Parse(%q) = %q, read again: %q, %v", text, texts, again, err)
		}
		p := plan(t, text, 1)
		p.Value("take", "c/x", "c/x")
	})
}

// hits is which of n operations on a key fail.
func hits(t testing.TB, p *fault.Plan, key string, n int) string {
	t.Helper()
	var b strings.Builder
	for range n {
		switch _, err := p.Begin(t.Context(), "take", key); {
		case err == nil:
			b.WriteByte('.')
		case errors.Is(err, errAway):
			b.WriteByte('x')
		default:
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	for rules, want := range map[string]string{
		"take fail":                                  "xxxxxxxxxx",
		"take fail after 3":                          "...xxxxxxx",
		"take fail for 3":                            "xxx.......",
		"take fail after 2 for 3":                    "..xxx.....",
		"take fail times 4":                          "xxxx......",
		"take fail after 2 for 7 times 2":            "..xx......",
		"take fail for 1; take throttle after 9":     "x........x",
		"put fail":                                   "..........",
		"take other fail":                            "..........",
		"take fail after 3 for 1; take stop after 6": "...x..xxxx",
		"take fail for 1; take stop for 1":           "xxxxxxxxxx",
	} {
		if got := hits(t, plan(t, rules, 1), "k", 10); got != want {
			t.Errorf("%s: %s, want %s", rules, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, test := range []struct {
		pattern, key string
		want         bool
	}{
		{"*", "anything", true},
		{"current", "shop/catalog/current", true},
		{"catalog/current", "shop/catalog/current", true},
		{"shop/catalog/current", "shop/catalog/current", true},
		{"shop/*", "shop/catalog/current", true},
		{"c/*", "shop/catalog/c/0a", true},
		{"c/0*", "shop/catalog/c/0a", true},
		{"c/0", "shop/catalog/c/0a", false},
		{"c/*", "shop/catalog/abc/0a", false},
		{"c*", "shop/catalog/m/0a", true},
		{"catalog", "shop/catalog/current", false},
		{"rent", "shop/catalog/current", false},
		{"current", "", false},
		{"*", "", true},
	} {
		p := plan(t, "take "+test.pattern+" fail", 1)
		if got := hits(t, p, test.key, 1) == "x"; got != test.want {
			t.Errorf("%s hits %q: %v, want %v", test.pattern, test.key, got, test.want)
		}
	}
	// One of many keys is enough; a call without keys has no key to match.
	p := plan(t, "take b fail", 1)
	if _, err := p.Begin(t.Context(), "take", "a", "b"); !errors.Is(err, errAway) || !strings.Contains(err.Error(), `take 2 keys: away: by the fault rule "take b fail"`) {
		t.Errorf("Begin = %v", err)
	}
	if _, err := p.Begin(t.Context(), "take"); err != nil {
		t.Errorf("Begin without keys = %v", err)
	}
	if _, err := plan(t, "take fail", 1).Begin(t.Context(), "take"); !errors.Is(err, errAway) {
		t.Errorf("Begin without keys = %v, want %v", err, errAway)
	}
}

// TestChance: about as many are hit as the rule says, whether one key is asked for often or many once.
func TestChance(t *testing.T) {
	const n = 20_000
	one := strings.Count(hits(t, plan(t, "take fail 10%", 7), "k", n), "x")
	many, p := 0, plan(t, "take fail 10%", 7)
	for i := range n {
		many += strings.Count(hits(t, p, fmt.Sprint("k", i), 1), "x")
	}
	for _, got := range []int{one, many} {
		if got < n/10-200 || got > n/10+200 { // almost five standard deviations, and the seed is fixed
			t.Errorf("10%% of %d: %d hits", n, got)
		}
	}
	if got := p.Counts()["fail"]; got != int64(many) {
		t.Errorf("Counts has %d failures, want %d", got, many)
	}
}

// TestSeed: the same seed gives the same faults, whatever goroutines do to the order of keys; another seed gives others, and so does another rule.
func TestSeed(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	keys := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	run := func(rules string, seed uint64) map[string]string {
		p := plan(t, rules, seed)
		var mu sync.Mutex
		found := map[string]string{}
		var group sync.WaitGroup
		for _, key := range keys {
			group.Go(func() {
				got := hits(t, p, key, 50)
				mu.Lock()
				defer mu.Unlock()
				found[key] = got
			})
		}
		group.Wait()
		return found
	}
	first := run("take fail 50%", seed)
	if diff := cmp.Diff(first, run("take fail 50%", seed)); diff != "" {
		t.Errorf("the same seed:\n%s", diff)
	}
	if cmp.Equal(first, run("take fail 50%", seed+1)) {
		t.Error("another seed gives the same faults")
	}
	if cmp.Equal(first, run("take z fail; take fail 50%", seed)) {
		t.Error("another rule throws the same dice")
	}
	if first["a"] == first["b"] {
		t.Error("another key throws the same dice")
	}
}

func TestUse(t *testing.T) {
	p := plan(t, "take fail 50%; take stop after 20", 7)
	if got, want := p.String(), `shelf faults "take fail 50%; take stop after 20", seed 7`; got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
	first := hits(t, p, "k", 30)
	if !strings.HasSuffix(first, "xxxxxxxxxx") {
		t.Errorf("stopped after 20: %s", first)
	}
	if _, err := p.Begin(t.Context(), "put", "k"); !errors.Is(err, errAway) || !strings.Contains(err.Error(), `by the fault rule "take stop after 20"`) {
		t.Errorf("another operation once stopped = %v", err)
	}
	var syntax *fault.SyntaxError
	if err := p.Use("take nothing"); !errors.As(err, &syntax) {
		t.Errorf("Use of a wrong rule = %v", err)
	}
	if got := hits(t, p, "k", 2); got != "xx" {
		t.Errorf("after a wrong rule: %s, want the old rules", got)
	}
	if err := p.Use(""); err != nil || hits(t, p, "k", 2) != ".." {
		t.Errorf("Use of no rules: %v, but there are faults", err)
	}
	if err := p.Use("take fail 50%; take stop after 20"); err != nil || hits(t, p, "k", 30) != first {
		t.Errorf("Use of the same rules: %v, but other faults", err)
	}
}

func TestCounts(t *testing.T) {
	p := plan(t, "take fail for 3; take stop after 5; * delay 1ns times 2; put lose", 1)
	hits(t, p, "k", 10)
	if _, err := p.Begin(t.Context(), "put", "k"); !errors.Is(err, errAway) {
		t.Errorf("put = %v", err)
	}
	want := map[string]int64{"fail": 3, "stop": 6, "delay": 2}
	if diff := cmp.Diff(want, p.Counts()); diff != "" {
		t.Errorf("Counts (-want +got):\n%s", diff)
	}
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := plan(t, "take delay 3s; * delay 500ms; take fail after 1", 1)
		for _, want := range []error{nil, errAway} {
			start := time.Now()
			if _, err := p.Begin(t.Context(), "take", "k"); !errors.Is(err, want) || time.Since(start) != 3500*time.Millisecond {
				t.Errorf("Begin = %v after %v, want %v after 3.5s", err, time.Since(start), want)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := p.Begin(ctx, "take", "k")
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errAway) || time.Since(start) != time.Second {
			t.Errorf("Begin = %v after %v, want the deadline's error after 1s", err, time.Since(start))
		}
		before := p.Counts()
		if _, err := p.Begin(ctx, "take", "k"); !errors.Is(err, context.DeadlineExceeded) || !cmp.Equal(p.Counts(), before) {
			t.Errorf("Begin with a ctx that is done = %v; counted: %v", err, p.Counts())
		}
	})
}

func TestAnswers(t *testing.T) {
	p := plan(t, "put lose; take cut 5; take cut 3; take page 2; take page 4", 1)
	put, err := p.Begin(t.Context(), "put", "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := put.End(nil); !errors.Is(err, errAway) || !strings.Contains(err.Error(), `put "k": away: by the fault rule "put lose"`) {
		t.Errorf("End = %v, want a lost answer", err)
	}
	if other := errors.New("other"); !errors.Is(put.End(other), other) {
		t.Error("an error is lost")
	}
	take, err := p.Begin(t.Context(), "take", "k")
	if after, cut := take.Cut(); err != nil || after != 3 || !errors.Is(cut, errAway) || take.Page() != 2 || take.End(nil) != nil {
		t.Errorf("Begin = %v; cut after %d with %v, pages of %d; want the least of each rule", err, after, cut, take.Page())
	}
	if after, cut := put.Cut(); after != 0 || cut != nil || put.Page() != 0 {
		t.Error("put is cut")
	}
}

func TestValues(t *testing.T) {
	const text = "some value"
	for rules, want := range map[string]fault.Value{
		"take drop":               {Drop: true},
		"take evict":              {Evict: true},
		"take evict; take drop":   {Drop: true, Evict: true},
		"put lose":                {},
		"take other drop":         {},
		"take corrupt; take drop": {Drop: true},
	} {
		got := plan(t, rules, 1).Value("take", "k", "k")
		if got.Drop != want.Drop || got.Evict != want.Evict || (got.Of([]byte(text)) == nil) != (want.Drop || want.Evict) {
			t.Errorf("%s: %+v", rules, got)
		}
	}
	p, seen := plan(t, "take corrupt", 1), map[string]bool{}
	for range 100 {
		value := []byte(text)
		wrong := p.Value("take", "k", "k").Of(value)
		differ := 0
		for i := range wrong {
			if wrong[i] != text[i] {
				differ++
			}
		}
		if len(wrong) != len(text) || differ != 1 || string(value) != text {
			t.Fatalf("corrupted to %q, and the value itself to %q: want one other byte, in a copy", wrong, value)
		}
		seen[string(wrong)] = true
	}
	if len(seen) < 90 {
		t.Errorf("%d different corruptions of 100", len(seen))
	}
	if got := p.Value("take", "k", "k").Of([]byte{}); got == nil || len(got) != 0 {
		t.Errorf("an empty value is corrupted to %v", got)
	}
}
