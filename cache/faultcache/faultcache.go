// Package faultcache is a cache driver that goes wrong on purpose: it wraps any other and delays, fails, throttles, drops, corrupts, evicts, loses answers or loses its connection, by rules. It is for
// tests and trials.
//
//	driver, err := faultcache.New(inner, "get c/* delay 3s; set fail 10%", 1)
//	...
//	err = driver.Use("compare-and-set current lose times 1")
//	err = driver.Use("") // all is well
//
// docs/reliability.md has the rules' language. Operations are get, set, set-if-absent, compare-and-set, touch and delete. A rule names keys as they are, or without the namespace and the catalog
// before them: current, lease, manifest, c/*, m/* and h/* are those of docs/format.md. What fails is cache.ErrUnavailable; its text names the rule.
package faultcache

import (
	"context"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/fault"
)

// The contract's operations, as rules name them.
const (
	get           = "get"
	set           = "set"
	setIfAbsent   = "set-if-absent"
	compareAndSet = "compare-and-set"
	touch         = "touch"
	remove        = "delete"
)

var language = newLanguage()

func newLanguage() *fault.Language {
	all := []string{get, set, setIfAbsent, compareAndSet, touch, remove}
	return &fault.Language{
		Kind: "cache", Operations: all, Unavailable: cache.ErrUnavailable,
		Actions: map[fault.Action][]string{
			fault.Delay: all, fault.Fail: all, fault.Throttle: all, fault.Stop: all, fault.Lose: all[1:],
			fault.Drop: {get, set}, fault.Corrupt: {get, set}, fault.Evict: {get, compareAndSet, touch},
		},
	}
}

// Driver is a cache.Driver with faults. Make one with New.
type Driver struct {
	driver cache.Driver
	plan   *fault.Plan
}

var _ cache.Driver = (*Driver)(nil)

// New wraps a driver, which the new one closes. The seed decides what chance decides in rules. An error names the rule that is wrong, the column in it, and what is wrong.
func New(d cache.Driver, rules string, seed uint64) (*Driver, error) {
	plan, err := fault.NewPlan(language, rules, seed)
	if err != nil {
		return nil, err
	}
	return &Driver{d, plan}, nil
}

// Use puts these rules in place of the others, for the calls that begin from now on. They start anew, from the same seed: what they count, what chance decides, and a connection that was lost is there
// again. If one of them is wrong, nothing changes.
func (d *Driver) Use(rules string) error { return d.plan.Use(rules) }

// Counts is how many operations each action has hit since New, by its name in rules; for drop, evict and corrupt, how many values. An action that has hit none is not there.
func (d *Driver) Counts() map[string]int64 { return d.plan.Counts() }

// String has the rules and the seed, for a log.
func (d *Driver) String() string { return d.plan.String() }

// Get implements cache.Driver. One call is one operation; what befalls values is decided for each of those that are there.
func (d *Driver) Get(ctx context.Context, keys []string) ([][]byte, error) {
	if _, err := d.plan.Begin(ctx, get, keys...); err != nil {
		return nil, err
	}
	values, err := d.driver.Get(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		if values[i] == nil {
			continue
		}
		fate := d.plan.Value(get, key, key)
		if err := d.evict(ctx, fate, key); err != nil {
			return nil, err
		}
		values[i] = fate.Of(values[i])
	}
	return values, nil
}

// Set implements cache.Driver.
func (d *Driver) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	call, err := d.plan.Begin(ctx, set, key)
	if err != nil {
		return err
	}
	if fate := d.plan.Value(set, key, key); !fate.Drop {
		err = d.driver.Set(ctx, key, fate.Of(value), ttl)
	}
	return call.End(err)
}

// SetIfAbsent implements cache.Driver.
func (d *Driver) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return d.decide(ctx, setIfAbsent, key, func() (bool, error) { return d.driver.SetIfAbsent(ctx, key, value, ttl) })
}

// CompareAndSet implements cache.Driver.
func (d *Driver) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return d.decide(ctx, compareAndSet, key, func() (bool, error) { return d.driver.CompareAndSet(ctx, key, old, value, ttl) })
}

// Touch implements cache.Driver.
func (d *Driver) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	return d.decide(ctx, touch, key, func() (bool, error) { return d.driver.Touch(ctx, key, ttl) })
}

// Delete implements cache.Driver.
func (d *Driver) Delete(ctx context.Context, key string) error {
	call, err := d.plan.Begin(ctx, remove, key)
	if err != nil {
		return err
	}
	return call.End(d.driver.Delete(ctx, key))
}

// Close closes the wrapped driver. No rule is for it.
func (d *Driver) Close() error { return d.driver.Close() }

// decide does an operation that answers yes or no.
func (d *Driver) decide(ctx context.Context, operation, key string, do func() (bool, error)) (bool, error) {
	call, err := d.plan.Begin(ctx, operation, key)
	if err != nil {
		return false, err
	}
	if err := d.evict(ctx, d.plan.Value(operation, key, key), key); err != nil {
		return false, err
	}
	yes, err := do()
	err = call.End(err)
	return yes && err == nil, err
}

// evict deletes what a rule evicts.
func (d *Driver) evict(ctx context.Context, fate fault.Value, key string) error {
	if !fate.Evict {
		return nil
	}
	return d.driver.Delete(ctx, key)
}
