package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Objectives are what a load is held against: how soon which share of all requests must be answered, and how many at all.
type Objectives struct {
	Latency []LatencyObjective
	// Availability is the least share of requests that are answered without an error, in percent; 0 demands nothing.
	Availability float64
}

// LatencyObjective: so many percent of all requests are answered, without an error, within so long. A request that fails is not.
type LatencyObjective struct {
	Percentile float64
	Within     time.Duration
}

// name is as people write it: p99.9.
func (o LatencyObjective) name() string {
	return "p" + strconv.FormatFloat(o.Percentile, 'f', -1, 64)
}

// UnmarshalText reads a list such as "p50=60ms,p95=80ms,availability=99.9".
func (o *Objectives) UnmarshalText(text []byte) error {
	*o = Objectives{}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(string(text), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seen[name] {
			return fmt.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if err := o.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (o *Objectives) add(name, value string) error {
	if name == "availability" {
		share, err := percentage(value)
		if err != nil {
			return fmt.Errorf("availability=%s is no percentage, such as 99.9", value)
		}
		o.Availability = share
		return nil
	}
	percentile, err := percentage(strings.TrimPrefix(name, "p"))
	if err != nil || !strings.HasPrefix(name, "p") {
		return fmt.Errorf("%q is no objective: there are p50=60ms, p99.9=1s and so on, and availability=99.9", name)
	}
	within, err := time.ParseDuration(value)
	if err != nil || within <= 0 {
		return fmt.Errorf("%s=%s is no time, such as 80ms", name, value)
	}
	o.Latency = append(o.Latency, LatencyObjective{percentile, within})
	return nil
}

// percentage reads a number of percent, more than 0.
func percentage(text string) (float64, error) {
	share, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(share) || share <= 0 || share > 100 {
		return 0, fmt.Errorf("%q is no percentage", text)
	}
	return share, nil
}

// Verdict is what became of one objective.
type Verdict struct {
	// Objective is as it was written: p95=80ms.
	Objective string `json:"objective"`
	// Wanted and Got are percent of all requests. Got is that of those answered in time, or answered.
	Wanted float64 `json:"wanted"`
	Got    float64 `json:"got"`
	Met    bool    `json:"met"`
}

// verdicts hold the objectives against counts: of all requests, of those answered, and of those answered within each latency objective's time.
func (o Objectives) verdicts(requests, answered int, inTime []int) []Verdict {
	made := []Verdict{}
	judge := func(objective string, wanted float64, good int) {
		v := Verdict{Objective: objective, Wanted: wanted}
		if requests > 0 {
			v.Got = 100 * float64(good) / float64(requests)
		}
		v.Met = v.Got >= wanted
		made = append(made, v)
	}
	for i, l := range o.Latency {
		judge(l.name()+"="+l.Within.String(), l.Percentile, inTime[i])
	}
	if o.Availability > 0 {
		judge("availability="+strconv.FormatFloat(o.Availability, 'f', -1, 64), o.Availability, answered)
	}
	return made
}
