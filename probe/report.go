package probe

import (
	"slices"
	"time"

	"github.com/chunkaside/chunkaside/chunker"
)

// mostListed is how many differences and faults a report lists. All are counted.
const mostListed = 100

// Report is what a Run found.
type Report struct {
	Seed uint64 `json:"seed"`
	// Rounds are those that came to their end.
	Rounds     int         `json:"rounds"`
	Visibility *Visibility `json:"visibility,omitempty"`
	Stored     Stored      `json:"stored"`
	Answers    Answers     `json:"answers"`
}

// Sound says whether nothing is wrong.
func (r Report) Sound() bool {
	return (r.Visibility == nil || r.Visibility.Seen == r.Visibility.Markers) && r.Stored.Wrong == 0 && r.Answers.Right == r.Answers.Compared
}

// Visibility is how soon markers could be read after the store had them.
type Visibility struct {
	// Markers that were written and waited for, and how many of them were Seen.
	Markers int `json:"markers"`
	Seen    int `json:"seen"`
	// Milliseconds are of those that were seen.
	Milliseconds Percentiles `json:"milliseconds"`
	// Unseen says why the others were not.
	Unseen []string `json:"unseen"`
	// Restored: the record has its own text again. If not, and there is no error, somebody else has edited it meanwhile.
	Restored bool `json:"restored"`
}

func (v *Visibility) unseen(err error) { v.Unseen = list(v.Unseen, err.Error()) }

// Percentiles are the smallest numbers that so many of a hundred do not exceed.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// percentiles are in milliseconds.
func percentiles(latencies []time.Duration) Percentiles {
	sorted := slices.Sorted(slices.Values(latencies))
	of := func(percent int) float64 {
		if len(sorted) == 0 {
			return 0
		}
		rank := (percent*len(sorted) + 99) / 100
		return float64(sorted[max(rank, 1)-1].Microseconds()) / 1000
	}
	return Percentiles{of(50), of(90), of(99), of(100)}
}

// Stored is what was read of the versions that should live.
type Stored struct {
	// Version is the current one, in the last round.
	Version  chunker.Digest `json:"version"`
	Sequence int64          `json:"sequence"`
	// Manifests and Chunks that were read, in all rounds, and how many of them are Wrong: missing or damaged.
	Manifests int `json:"manifests"`
	Chunks    int `json:"chunks"`
	Wrong     int `json:"wrong"`
	// Faults say what is wrong, the same once; at most 100.
	Faults []string `json:"faults"`
}

func (s *Stored) fault(err error) {
	s.Wrong++
	s.Faults = list(s.Faults, err.Error())
}

// Answers are entities of the current version, held against the store.
type Answers struct {
	// Compared are those of all rounds, Right those that are in the end what the store has, byte for byte. Late ones are right too, but were not at first: an edit was under way.
	Compared int `json:"compared"`
	Right    int `json:"right"`
	Late     int `json:"late"`
	// Share is that of the right ones. Nines is how many it has; 0 if all are right: that says little, and AtLeast how little.
	Share float64 `json:"share"`
	Nines float64 `json:"nines,omitempty"`
	// AtLeast is the share that is not undercut, with a confidence of 95 %, by what was not compared; and its nines.
	AtLeast      float64 `json:"atLeast"`
	AtLeastNines float64 `json:"atLeastNines"`
	// Differences are the others, the same once; at most 100.
	Differences []Difference `json:"differences"`

	wrongs int
}

func (a *Answers) wrong(d Difference) {
	a.wrongs++
	same := func(other Difference) bool { return other.Record == d.Record && other.Kind == d.Kind }
	if len(a.Differences) < mostListed && !slices.ContainsFunc(a.Differences, same) {
		a.Differences = append(a.Differences, d)
	}
}

// The kinds of a Difference.
const (
	Differs      = "differs"
	NotInVersion = "not in the version"
	NotInStore   = "not in the store"
	Unreadable   = "unreadable" // a chunk is missing or damaged
)

// Difference is a record that is not the same in the version and in the store. It does not hold its values.
type Difference struct {
	// Record is Type/id, as for warm --only; the type alone if not even the key could be read.
	Record string `json:"record"`
	Kind   string `json:"kind"`
	// Fields are the names of those that differ.
	Fields []string `json:"fields,omitempty"`
	// Reason is why it is unreadable.
	Reason string `json:"reason,omitempty"`
}

func newReport(o Options) Report {
	r := Report{Seed: o.Seed, Stored: Stored{Faults: []string{}}, Answers: Answers{Differences: []Difference{}}}
	if o.Marker != nil {
		r.Visibility = &Visibility{Unseen: []string{}}
	}
	return r
}

// finish fills in what is counted at the end.
func (r *Report) finish(latencies []time.Duration) {
	if v := r.Visibility; v != nil {
		v.Seen, v.Milliseconds = len(latencies), percentiles(latencies)
	}
	a := &r.Answers
	a.Right = a.Compared - a.wrongs
	if a.Compared == 0 {
		return
	}
	a.Share, a.AtLeast = float64(a.Right)/float64(a.Compared), atLeast(a.Right, a.Compared)
	a.AtLeastNines = nines(1 - a.AtLeast)
	if a.wrongs > 0 {
		a.Nines = nines(float64(a.wrongs) / float64(a.Compared))
	}
}

// list adds a text that is not listed yet, if there is room.
func list(texts []string, text string) []string {
	if len(texts) >= mostListed || slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
}
