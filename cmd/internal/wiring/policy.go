package wiring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/settings"
	"github.com/chunkaside/chunkaside/resolver"
)

// Queries is the handler of queries: the Resolver, at the policy of the moment.
type Queries struct {
	resolver *resolver.Resolver
	policy   *settings.Follower // nil for none
}

// Invoke looks at the policy if that is due, and answers the event.
func (q *Queries) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	if q.policy != nil {
		q.policy.Look(ctx)
	}
	return q.resolver.Invoke(ctx, event)
}

// openPolicy is nil where there is nothing to follow.
func (a *App) openPolicy(c Config, deployed settable) (*settings.Follower, error) {
	if c.Policy == "" {
		return nil, nil //nolint:nilnil // none is an answer, not a fault
	}
	source, err := settings.ParseSource(c.Policy)
	if err != nil {
		return nil, fmt.Errorf("%w: --policy (CHUNKASIDE_POLICY): %w", ErrUsage, err)
	}
	if c.PolicyInterval < 0 {
		return nil, fmt.Errorf("%w: --policy-interval (CHUNKASIDE_POLICY_INTERVAL): %v is negative", ErrUsage, c.PolicyInterval)
	}
	read := func(ctx context.Context) ([]byte, error) { return source.Read(ctx, c.Extension) }
	current := deployed
	return settings.NewFollower(read, func(p settings.Policy) error {
		next := deployed.with(p)
		if err := a.set(next); err != nil {
			return errors.Join(err, a.set(current))
		}
		current = next
		return nil
	}, c.PolicyInterval, c.Log), nil
}

// settable is what a policy may change.
type settable struct {
	cache    cache.Policy
	resolver resolver.Options
}

// set makes it what queries are answered by. If it fails a part of it may be.
func (a *App) set(s settable) error {
	if err := a.Resolver.SetOptions(&s.resolver); err != nil {
		return err
	}
	return a.Cache.SetPolicy(s.cache)
}

// with is what was deployed, with what a policy has in its place.
func (s settable) with(p settings.Policy) settable {
	for to, from := range map[*time.Duration]*settings.Duration{
		&s.cache.MaxAge: p.MaxAge, &s.cache.MaxStale: p.MaxStale, &s.cache.SoftTimeout: p.SoftTimeout, &s.cache.HardTimeout: p.HardTimeout,
	} {
		if from != nil {
			*to = time.Duration(*from)
		}
	}
	for to, from := range map[*int]*int{&s.resolver.MaxAnswer: p.AnswerBytes, &s.resolver.MaxEntities: p.MaxEntities, &s.resolver.MaxDepth: p.MaxDepth} {
		if from != nil {
			*to = *from
		}
	}
	s.resolver.StoreOnly = p.BypassCache
	return s
}
