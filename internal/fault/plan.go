package fault

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Plan decides which rules hit which operations of one driver. Its methods may be called concurrently.
type Plan struct {
	language *Language
	seed     uint64

	mu      sync.Mutex
	rules   []*active
	stopped *Rule // nil as long as there is a connection
	counts  map[string]int64
}

// active is a rule at work.
type active struct {
	Rule
	place     int // in the text
	met, hits int
	drawn     map[uint64]uint64 // how often for what: see dice
}

// NewPlan reads the rules. The error is a *SyntaxError.
func NewPlan(l *Language, rules string, seed uint64) (*Plan, error) {
	p := &Plan{language: l, seed: seed, counts: map[string]int64{}}
	return p, p.Use(rules)
}

// Use puts these rules in place of the others, as if nothing had happened before; only Counts go on. If one of them is wrong, the others stay. The error is a *SyntaxError.
func (p *Plan) Use(rules string) error {
	parsed, err := p.language.Parse(rules)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules, p.stopped = nil, nil
	for i, r := range parsed {
		p.rules = append(p.rules, &active{Rule: r, place: i, drawn: map[uint64]uint64{}})
	}
	return nil
}

// Counts is how often each action was done, by its name.
func (p *Plan) Counts() map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.counts)
}

// String has the rules and the seed.
func (p *Plan) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	texts := make([]string, len(p.rules))
	for i, r := range p.rules {
		texts[i] = r.String()
	}
	return fmt.Sprintf("%s faults %q, seed %d", p.language.Kind, strings.Join(texts, "; "), p.seed)
}

// Begin is the beginning of a call: it waits as long as the rules say, and fails if they do, or if ctx is done.
func (p *Plan) Begin(ctx context.Context, operation string, keys ...string) (Call, error) {
	c := Call{what: operation + " " + name(keys), unavailable: p.language.Unavailable}
	if err := ctx.Err(); err != nil {
		return c, fmt.Errorf("%s: %w", c.what, err)
	}
	p.decide(&c, operation, keys)
	if err := wait(ctx, c.delay); err != nil {
		return c, fmt.Errorf("%s: %w", c.what, err)
	}
	return c, c.failure(c.failed)
}

func name(keys []string) string {
	if len(keys) == 1 {
		return fmt.Sprintf("%q", keys[0])
	}
	return fmt.Sprintf("%d keys", len(keys))
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (p *Plan) decide(c *Call, operation string, keys []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped != nil {
		p.counts[string(Stop)]++
		c.failed = p.stopped
		return
	}
	for _, r := range p.rules {
		if r.Action.onValue() {
			continue
		}
		key, ok := r.first(p.language, operation, keys)
		if !ok {
			continue
		}
		if _, hit := p.hit(r, operation, key); hit {
			c.add(&r.Rule)
		}
	}
	if c.failed != nil && c.failed.Action == Stop {
		p.stopped = c.failed
	}
}

// first is the first of the keys that the rule is for. A call without keys is one that only rules for all keys are for.
func (r *Rule) first(l *Language, operation string, keys []string) (string, bool) {
	for _, key := range keys {
		if r.isFor(l, operation, key) {
			return key, true
		}
	}
	return "", len(keys) == 0 && r.Key == "" && r.isForAll(l, operation)
}

// hit counts an operation that a rule is for, and says whether the rule hits it. The caller holds the lock.
func (p *Plan) hit(r *active, operation, identity string) (*rand.Rand, bool) {
	r.met++
	over := r.For > 0 && r.met-r.After > r.For || r.Times > 0 && r.hits == r.Times
	if r.met <= r.After || over {
		return nil, false
	}
	dice := p.dice(r, operation, identity)
	if dice.Float64()*100 >= r.Percent {
		return nil, false
	}
	r.hits++
	p.counts[string(r.Action)]++
	return dice, true
}

// dice are thrown for an operation on something, by its identity, for the n-th time. They depend on nothing else.
func (p *Plan) dice(r *active, operation, identity string) *rand.Rand {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d %d %s %s", p.seed, r.place, operation, identity) // a hash takes all
	sum := binary.BigEndian.Uint64(h.Sum(nil))
	n := r.drawn[sum]
	r.drawn[sum]++
	return rand.New(rand.NewPCG(sum, n))
}
