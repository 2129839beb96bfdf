package simulation_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/simulation"
)

var (
	operations = flag.Int("operations", 10_000, "how many operations random schedules have in all")
	seed       = flag.Uint64("seed", 0, "the seed of the one schedule to play; 0 draws them")
)

// TestHistories plays random schedules: readers, publishers, rollbacks, crashes, faults, an emptied cache, and a day's pause. What those who took part saw must be what a single pointer to
// whole versions lets them see.
//
//	go test ./internal/simulation -run Histories -v -operations 1000000 -timeout 1h
//
// A failure names its seed, which draws the same schedule again: -seed N. What runs at the same time may do so in another order.
func TestHistories(t *testing.T) {
	if *seed != 0 {
		playSchedule(t, *seed)
		return
	}
	var played, bound, schedules int
	for played < *operations {
		n, b := playSchedule(t, rand.Uint64()&^(kinds-1)+uint64(2+schedules)%kinds)
		played, bound, schedules = played+n, bound+b, schedules+1
	}
	t.Logf("%d operations in %d schedules; for %d reads it was known what they had to see at least", played, schedules, bound)
	if bound < played/50 {
		t.Errorf("only %d of %d operations were reads of which much is known: the schedules are too troubled to show anything", bound, played)
	}
}

// kinds of schedules, by the seed: every fourth is left alone, in every fourth chunks go missing too, the odd ones go on a day later, and in half of them all clocks are wrong.
const kinds = 8

// schedule is one that is being played.
type schedule struct {
	*history
	t        *testing.T
	world    *simulation.World
	observer *cache.Cache
	seed     uint64
	lossy    bool // chunks go missing too

	ctx   context.Context //nolint:containedctx // of the schedule, with which it ends
	group sync.WaitGroup
}

func playSchedule(t *testing.T, seed uint64) (operations, bound int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, seed)
		for range 1 + seed%2 {
			s.play(40 * time.Second)
			s.sleep(25 * time.Hour)
		}
		s.world.End()
		time.Sleep(simulation.Rest)
		operations, bound = s.check(t)
		if t.Failed() {
			t.Logf("this schedule again: -run Histories -seed %d", seed)
		}
	})
	return operations, bound
}

func newSchedule(t *testing.T, seed uint64) *schedule {
	t.Helper()
	scenario := simulation.Scenario{Processes: 4, Shows: 3, Episodes: 2, Load: 200 * time.Millisecond, Seed: seed}
	if seed%kinds >= kinds/2 {
		scenario.Skew = 11 * time.Hour
	}
	w, err := simulation.NewWorld(scenario)
	if err != nil {
		t.Fatal(err)
	}
	observer, err := w.Observer()
	if err != nil {
		t.Fatal(err)
	}
	return &schedule{history: &history{source: w.Source, moves: map[int64]*moved{}}, t: t, world: w, observer: observer, seed: seed, lossy: seed%4 == 1}
}

// play lets all who take part do so for a while.
func (s *schedule) play(d time.Duration) {
	ctx, cancel := context.WithTimeout(s.t.Context(), d)
	defer cancel()
	s.ctx = ctx
	for n := range 8 {
		s.start(uint64(n), 100*time.Millisecond, s.reader(n%4))
	}
	for n := range 2 {
		s.start(uint64(10+n), 150*time.Millisecond, s.looker())
		s.start(uint64(20+n), 2*time.Second, s.publisher)
	}
	s.start(30, 10*time.Millisecond, func(*rand.Rand) { s.see() })
	if s.seed%4 != 0 {
		s.start(40, time.Second, s.trouble)
	}
	s.group.Wait()
	s.see() // what was built for those who asked last
}

// sleep is a time in which nobody does anything, and all that is in the cache ends.
func (s *schedule) sleep(d time.Duration) {
	call, from := s.tick(), time.Now()
	time.Sleep(d)
	s.lose(call)
	s.troubled = append(s.troubled, span{from, time.Now().Add(settled)})
}

// start lets somebody act again and again, at random moments that are about so far from each other.
func (s *schedule) start(who uint64, every time.Duration, act func(*rand.Rand)) {
	dice := rand.New(rand.NewPCG(s.seed, who))
	s.group.Go(func() {
		for {
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(rand.N(2 * every)):
				act(dice)
			}
		}
	})
}

// reader asks a process, and its successor when it has crashed.
func (s *schedule) reader(n int) func(*rand.Rand) {
	var p *simulation.Process
	session := -1
	return func(dice *rand.Rand) {
		if now := s.world.Processes()[n]; now != p {
			p = now
			session = s.newSession()
		}
		q := simulation.Wide
		if dice.IntN(2) == 0 {
			q = simulation.Narrow(dice.IntN(3))
		}
		a := p.Ask(s.t.Context(), q)
		if a.Kind == simulation.FromStore || a.Kind == simulation.Lost {
			return
		}
		s.mu.Lock()
		s.sessions[session] = append(s.sessions[session], read{a, s.lossy})
		s.mu.Unlock()
		if dice.IntN(100) == 0 {
			time.Sleep(time.Duration(dice.IntN(10)) * time.Second) // frozen
		}
	}
}

func (s *schedule) newSession() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions = append(s.sessions, nil)
	return len(s.sessions) - 1
}

// see lets the observer see what there is.
func (s *schedule) see() {
	call := s.tick()
	if seen, err := s.observer.Versions(s.t.Context()); err == nil {
		s.observe(call, seen)
	}
}

// looker looks at the pointer itself.
func (s *schedule) looker() func(*rand.Rand) {
	p := s.process()
	return func(*rand.Rand) {
		call := s.tick()
		pointer, _, err := p.Cache.Inspect(s.t.Context())
		if err == nil || errors.Is(err, cache.ErrNoVersion) { // then it is the zero Pointer
			s.looked(call, pointer)
		}
	}
}

func (s *schedule) process() *simulation.Process {
	p, err := s.world.Start()
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// publisher is a new process each time. Some crash in the middle: then it is not waited for.
func (s *schedule) publisher(dice *rand.Rand) {
	p := s.process()
	what, back, crash := dice.IntN(4), dice.IntN(5), dice.IntN(6) == 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		call := s.tick()
		moved, err := s.publishBy(p, what, back)
		if err == nil && moved.Sequence != 0 {
			s.acknowledge(call, moved)
		}
		s.see()
	}()
	if !crash {
		<-done
		return
	}
	time.Sleep(time.Duration(dice.IntN(300)) * time.Millisecond)
	p.Crash()
}

// publishBy moves the pointer in one of the ways in which it is moved; a rollback goes back by so many versions, if there are as many.
func (s *schedule) publishBy(p *simulation.Process, what, back int) (cache.Pointer, error) {
	ctx, c := s.t.Context(), p.Cache
	switch what {
	case 0:
		seen, err := c.Versions(ctx)
		if err != nil {
			return cache.Pointer{}, err
		}
		to := seen.Versions[min(back, len(seen.Versions)-1)]
		if to.Manifest == seen.Manifest {
			return cache.Pointer{}, nil // nothing would move
		}
		return c.Rollback(ctx, seen, to, nil)
	case 1:
		s.source.Edit()
		published, err := c.Publish(ctx, p.Build)
		return published.Pointer, err
	}
	s.source.Edit()
	published, err := c.Warm(ctx, nil)
	return published.Pointer, err
}

// troubles are what goes wrong, by rules, for some seconds. No rule hides the pointer itself: a cache that says that it has none, and has one, is no register.
var troubles = []string{
	"* fail",
	"* fail 20%",
	"* delay 150ms 30%",
	"* delay 3s 10%",
	"compare-and-set current lose; set-if-absent current lose",
	"compare-and-set lose 50%; set-if-absent lose 50%",
	"set m/* fail 50%; set h/* fail 30%",
	"get manifest drop; get m/* drop 20%",
	"get h/* drop 50%",
	"get lease drop 50%",
	"touch fail 20%; delete fail",
}

// losses are troubles for which earlier versions answer.
var losses = []string{"get c/* drop 30%", "get c/* corrupt 30%", "set c/* corrupt 20%; get c/* corrupt 5%", "touch c/* evict 20%"}

// trouble lets something go wrong for a while.
func (s *schedule) trouble(dice *rand.Rand) {
	from, over := time.Now(), calm
	switch n := dice.IntN(10); {
	case n == 0:
		over = settled
		call := s.tick()
		if err := s.world.Empty(); err != nil {
			s.t.Error(err)
		}
		s.lose(call)
	case n < 3:
		if err := s.world.Crash(dice.IntN(4)); err != nil {
			s.t.Error(err)
		}
	default:
		rules := troubles[dice.IntN(len(troubles))]
		if s.lossy && n < 7 {
			rules = losses[dice.IntN(len(losses))]
		}
		s.use(rules)
		time.Sleep(time.Duration(dice.IntN(4000)) * time.Millisecond)
		s.use("")
	}
	s.mu.Lock()
	s.troubled = append(s.troubled, span{from, time.Now().Add(over)})
	s.mu.Unlock()
	// Then all is well for long enough, now and then.
	if dice.IntN(2) == 0 {
		time.Sleep(time.Duration(dice.IntN(25)) * time.Second)
	}
}

func (s *schedule) use(rules string) {
	if err := s.world.UseCache(rules); err != nil {
		s.t.Error(fmt.Errorf("%s: %w", rules, err))
	}
}
