package warmer

import (
	"context"
	"fmt"
	"sync"
)

// gathering makes one publish of all that is asked for while another one runs: within one process, only one at a time wants the lease.
type gathering struct {
	running chan struct{} // has room for the one that runs
	mu      sync.Mutex
	next    *publish // nil while nobody waits
}

// publish is what several events ask for.
type publish struct {
	request   request
	ended     chan struct{} // closed when what follows is set
	result    Result
	err       error
	abandoned bool // by the one who ran it, whose own time was over
}

// do publishes what is asked for, alone or together with others. Each caller waits no longer than its own ctx.
func (g *gathering) do(ctx context.Context, r request, run func(context.Context, request) (Result, error)) (Result, error) {
	for {
		p := g.join(r)
		select {
		case <-p.ended:
		case <-ctx.Done():
			return Result{}, fmt.Errorf("wait for the publish that runs: %w", ctx.Err())
		case g.running <- struct{}{}:
			if g.take(p) {
				p.run(ctx, run)
			}
			<-g.running
			<-p.ended // as another one has run it, if not this one
		}
		if !p.abandoned || ctx.Err() != nil {
			return p.result, p.err
		}
	}
}

// join adds a request to the next publish.
func (g *gathering) join(r request) *publish {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		g.next = &publish{ended: make(chan struct{})}
	}
	g.next.request.join(r)
	return g.next
}

// take closes a publish for others; it is false if it has been run already. Only the one that may run calls it.
func (g *gathering) take(p *publish) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next != p {
		return false
	}
	g.next = nil
	return true
}

func (p *publish) run(ctx context.Context, run func(context.Context, request) (Result, error)) {
	defer close(p.ended)
	p.abandoned = true // should it panic
	p.result, p.err = run(ctx, p.request)
	p.abandoned = p.err != nil && ctx.Err() != nil
}
