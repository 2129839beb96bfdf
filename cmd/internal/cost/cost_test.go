package cost

import (
	"math"
	"testing"
	"time"
)

// input is small enough to be computed by hand: two queries a second, ten at the peak; three chunks of 3, 2 and 1 operations, a manifest of 2, a history of 1.
func input() Input {
	return Input{
		Catalog: Catalog{Chunks: []int{2049, 2048, 1}, Manifest: 1025, History: 1024, Tables: []int{8193, 4096}, Entities: 3},
		Traffic: Traffic{PerSecond: 2, Peak: 10, AnswerBytes: 4096, SentShare: 0.25, Tokens: 1.5},
		Setup:   Setup{Milliseconds: 250.5, Memory: 512, MaxAge: 2 * time.Second, Edits: 10, Warmups: 3, EditedChunks: 1},
		Prices:  DefaultPrices, Quotas: DefaultQuotas,
	}
}

// TestTerms holds each term against a figure that was computed by hand. A month has 2,628,000 s and 365/12 days.
func TestTerms(t *testing.T) {
	r, err := Estimate(input())
	if err != nil {
		t.Fatal(err)
	}
	const queries, days = 5_256_000, 365.0 / 12
	want := []struct{ amount, dollars float64 }{
		{queries, 21.024},                    // x 4 / 1e6
		{5.01251220703125, 0.45112609863281}, // x 1,024 bytes / 2^30; x 0.09
		{queries, 1.0512},                    // x 0.2 / 1e6
		{659_628, 8.795084},                  // x 0.251 s x 0.5 GB; x 0.0000133334
		{3_942_000, 1.971},                   // 3 processes (10 x 0.2505, rounded up), each every 2 s: 1.5 a second; x 0.5 / 1e6
		{10 * days * 3 * 4, 0.001825},        // a manifest of 2 and a mean chunk of 2
		{36 * days * 9, 0.0049275},           // 12 starts of 3 processes; 1 + 2 + 6
		{10 * days * 33, 0.00501875},         // see TestPublishes
		{3 * days * 67, 0.00305688},
		{3 * days * 4, 0.0000456},     // 8193 is 3 units, 4096 is 1; x 0.125 / 1e6
		{10 * days * 2, 0.0000760417}, // an entity has 4,096.3 bytes in the mean
	}
	if len(r.Terms) != len(want) {
		t.Fatalf("%d terms, want %d", len(r.Terms), len(want))
	}
	sum := 0.0
	for i, term := range r.Terms {
		near(t, term.Name, term.Amount, want[i].amount)
		near(t, term.Name+", dollars", term.Dollars, want[i].dollars)
		sum += want[i].dollars
	}
	near(t, "all", r.Dollars, sum)
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.001*math.Abs(want) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// TestPublishes counts by hand what Momento charges.
func TestPublishes(t *testing.T) {
	c := input().Catalog
	// Lease 2, look 1 and manifest 2; history 1, two manifests 4, chunk 2; chunk out and in 4, manifest 4, history 2; three chunks and a manifest live on 4; pointer 2, history gone 1, copy 2, lease 2. In all 33.
	if got := c.Publish(1); got != 33 {
		t.Errorf("an incremental publish takes %v, want 33", got)
	}
	// Lease 4, look 1 and manifest 2; history 1, ten manifests 20; three chunks read 6, and live on 3; manifest 4, history 2; nine older chunks and ten manifests live on 19; pointer 2, history gone 1, copy 2. In all 67.
	if got := c.Warm(1, 10); got != 67 {
		t.Errorf("a warm-up takes %v, want 67", got)
	}
}

func TestLimits(t *testing.T) {
	in := input()
	in.FieldByField = &FieldByField{Resolvers: 100, Tokens: 25, ReadUnits: 0.5}
	r, err := Estimate(in)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ used, at float64 }{
		{15, 3333.33},  // 10 x 1.5 of 5,000
		{3, 3333.33},   // of 1,000
		{10, 10_000},   // ten times 1,000
		{1.5, 666.667}, // 3 processes every 2 s, of 100
		{13.5, 74.074}, // 1.5 + 3 x 4
		{9, 0},         // whatever the traffic
		{4098 + 1025*10 + 9*4098.0/3, 0},
	} {
		near(t, r.Limits[i].Name, r.Limits[i].Used, want.used)
		near(t, r.Limits[i].Name+", reached", r.Limits[i].ReachedAt, want.at)
	}
	if r.First != r.Limits[4].Name {
		t.Errorf("first is %q", r.First)
	}
	f := r.FieldByField
	near(t, "tokens field by field", f.Limits[0].ReachedAt, 200)
	near(t, "one partition field by field", f.Limits[1].ReachedAt, 60)
	near(t, "read units field by field", f.Terms[2].Amount, 5_256_000*50)
	if f.First != f.Limits[1].Name {
		t.Errorf("first field by field is %q", f.First)
	}
}

func TestEstimateRefuses(t *testing.T) {
	for name, change := range map[string]func(*Input){
		"no traffic": func(in *Input) { in.Traffic.PerSecond = 0 }, "a low peak": func(in *Input) { in.Traffic.Peak = 1 }, "no time": func(in *Input) { in.Setup.Milliseconds = 0 },
		"negative": func(in *Input) { in.Setup.Edits = -1 }, "no number": func(in *Input) { in.Prices.TransferGB = math.NaN() }, "no MaxAge": func(in *Input) { in.Setup.MaxAge = 0 },
		"nothing to compare": func(in *Input) { in.FieldByField = &FieldByField{} },
	} {
		in := input()
		change(&in)
		if _, err := Estimate(in); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	in := input()
	in.Catalog = Catalog{}
	if r, err := Estimate(in); err != nil || math.IsNaN(r.Dollars) || math.IsNaN(r.Limits[6].Used) {
		t.Errorf("an empty catalog: %v, %v", r, err)
	}
}

func TestOperations(t *testing.T) {
	for size, want := range map[int]float64{0: 1, 1: 1, 1024: 1, 1025: 2, 1_000_000: 977} {
		if got := Operations(size); got != want {
			t.Errorf("Operations(%d) = %v, want %v", size, got, want)
		}
	}
}
