package simulation_test

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/simulation"
)

// history is what happened in a schedule, as those who took part saw it.
type history struct {
	source *simulation.Source
	// clock gives each call and each return a place in the order in which they really were: many have the same virtual time.
	clock atomic.Int64

	mu       sync.Mutex
	moments  []porcupine.Operation // looks and the emptying of the cache
	moves    map[int64]*moved      // by their ranks
	sessions [][]read              // the reads of one reader from one process, in their order
	troubled []span                // in which something went wrong, until all is as before
	emptied  int64                 // by the clock, when the cache was last
	epoch    int64                 // how often it was
}

// moved is a pointer that was moved, as far as it is known.
type moved struct {
	from         int64
	call, back   int64 // by the clock
	acknowledged time.Time
	lost         time.Time // the cache was emptied
	epoch        int64     // how often it had been before
	sequence     int64
	edit         int64
}

type read struct {
	simulation.Answer
	// lossy: chunks may be missing, for which an earlier version answers.
	lossy bool
}

type span struct{ from, to time.Time }

func (h *history) tick() int64 { return h.clock.Add(1) }

func (h *history) moment(call int64, what any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.moments = append(h.moments, porcupine.Operation{Input: what, Call: call, Return: h.tick()})
}

// observe learns from the cache's own history of versions which pointers there were, and what each replaced.
func (h *history) observe(call int64, seen cache.History) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, v := range seen.Versions {
		m := h.met(call, v.Sequence, v.Manifest)
		if i+1 < len(seen.Versions) {
			m.from = seen.Versions[i+1].Sequence
		}
	}
}

// met is the move that led to a pointer, which a call saw. If it is not known yet, somebody made it by now, a reader who built, or a publisher who did not hear of it. Where the cache was emptied during the call,
// it was before.
func (h *history) met(call, sequence int64, version chunker.Digest) *moved {
	m := &moved{back: h.tick(), from: unknown, epoch: h.epoch, sequence: sequence, edit: h.source.EditOf(version)}
	if call < h.emptied {
		m.epoch--
	}
	if known := h.moves[m.rank()]; known != nil {
		return known
	}
	h.moves[m.rank()] = m
	return m
}

// looked notes what a look found. It may be the only one to see a pointer: the history lists a version that is published twice in a row only as the second time left it.
func (h *history) looked(call int64, found cache.Pointer) {
	h.moment(call, look{found.Sequence})
	if found.Sequence != 0 {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.met(call, found.Sequence, found.Manifest)
	}
}

// lose notes that the cache was emptied. What was acknowledged before need not be seen any more, until somebody can build: a lease that was left behind keeps all from that as long as it lives.
func (h *history) lose(call int64) {
	h.moment(call, empty{})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.emptied = h.tick()
	h.epoch++
	for _, m := range h.moves {
		if m.lost.IsZero() {
			m.lost = time.Now()
		}
	}
}

// acknowledge notes that somebody was told that he moved the pointer.
func (h *history) acknowledge(call int64, p cache.Pointer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.met(call, p.Sequence, p.Manifest)
	if m.acknowledged.IsZero() || call < m.call {
		m.call, m.acknowledged = call, time.Now()
	}
	if call < h.emptied {
		m.lost = m.acknowledged // perhaps
	}
}

// operations is the history of the pointer.
func (h *history) operations() []porcupine.Operation {
	all := slices.Clone(h.moments)
	for _, m := range h.moves {
		all = append(all, porcupine.Operation{Input: move{m.from, pointed{m.sequence, m.edit}}, Call: min(m.call, m.back), Return: m.back})
	}
	return all
}

// described is a history as it can be read: each look and move between its call and its return. Of looks that follow each other and saw the same only the first is there.
func described(all []porcupine.Operation) string {
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	text, seen := "", any(nil)
	for _, op := range all {
		if l, ok := op.Input.(look); ok && seen == any(l) {
			continue
		}
		seen = op.Input
		text += fmt.Sprintf("%d to %d: %T%+v\n", op.Call, op.Return, op.Input, op.Input)
	}
	return text
}

// check holds the history to what is promised, and returns how many operations it had, and for how many reads it was known what they had to see at least.
func (h *history) check(t *testing.T) (operations, bound int) {
	t.Helper()
	if all := h.operations(); linearizable(all) != porcupine.Ok {
		t.Errorf("the history of the pointer is no register's:\n%s", described(all))
	}
	operations = len(h.moments) + len(h.moves)
	for _, session := range h.sessions {
		operations += len(session)
		bound += h.checkSession(t, session)
	}
	return operations, bound
}

// checkSession checks the reads of one reader: each of one version, none older than the one before, and none older than what was acknowledged long enough before.
func (h *history) checkSession(t *testing.T, session []read) (bound int) {
	t.Helper()
	var floor int64
	for _, r := range session {
		if r.Kind == simulation.Failed {
			t.Errorf("%+v", r)
		}
		if r.Edit == 0 {
			continue
		}
		if r.Torn {
			t.Errorf("torn: %+v", r)
		}
		ranks := h.ranksOf(r.Edit)
		if len(ranks) == 0 {
			t.Errorf("of no version: %+v", r)
			continue
		}
		if r.lossy {
			floor = 0
			continue
		}
		at, _ := slices.BinarySearch(ranks, floor)
		if at == len(ranks) {
			t.Errorf("back from %d to %v: %+v", floor, ranks, r)
			continue
		}
		floor = ranks[at]
		if least := h.visible(r.Asked); least > 0 {
			bound++
			if last := ranks[len(ranks)-1]; last < least {
				t.Errorf("of %d, though %d was acknowledged long before: %+v", last, least, r)
			}
		}
	}
	return bound
}

// rank orders pointers: when the cache was emptied, whoever comes next may have a slower clock.
func (m *moved) rank() int64 { return m.epoch<<48 + m.sequence }

// ranksOf are those of all pointers to versions of this edit, in order: a rollback brings an old one back.
func (h *history) ranksOf(edit int64) (all []int64) {
	for rank, m := range h.moves {
		if m.edit == edit {
			all = append(all, rank)
		}
	}
	slices.Sort(all)
	return all
}

const (
	// usual is how long after its acknowledgement everybody sees a version: MaxAge, and a look.
	usual = time.Second + 200*time.Millisecond
	// calm is how long after a trouble all is as before, for what is under way takes its time, and a look that failed counts for MaxAge.
	calm = 5 * time.Second
	// settled is that for an emptied cache, and for a lower sequence after it, which is not followed for ten seconds.
	settled = 15 * time.Second
)

// visible is the rank of the latest pointer that a read that begins now must see, 0 if something has gone wrong lately.
func (h *history) visible(now time.Time) (latest int64) {
	for _, s := range h.troubled {
		if !now.Before(s.from) && now.Before(s.to) {
			return 0
		}
	}
	for rank, m := range h.moves {
		if m.acknowledged.IsZero() || !m.lost.IsZero() && !now.Before(m.lost) {
			continue
		}
		if m.acknowledged.Add(h.sight(m)).Before(now) {
			latest = max(latest, rank)
		}
	}
	return latest
}

// sight is how long after a pointer's acknowledgement everybody sees it.
func (h *history) sight(m *moved) time.Duration {
	for _, before := range h.moves {
		if before.epoch < m.epoch && before.sequence > m.sequence {
			return settled
		}
	}
	return usual
}
