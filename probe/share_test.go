package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestShare(t *testing.T) {
	for _, test := range []struct {
		right, compared int
		nines, atLeast  float64
	}{
		{0, 0, 0, 0},
		{0, 100, 0, 0},
		{100, 100, math.Inf(1), 0.9630}, // Wilson: 100 / (100 + 1.96^2)
		{9995, 10000, 3.301, 0.99883},
		{99, 100, 2, 0.9455},
	} {
		if got := atLeast(test.right, test.compared); math.Abs(got-test.atLeast) > 0.0001 {
			t.Errorf("atLeast(%d, %d) = %v, want %v", test.right, test.compared, got, test.atLeast)
		}
		if test.compared == 0 {
			continue
		}
		if got := nines(float64(test.compared-test.right) / float64(test.compared)); got != test.nines && math.Abs(got-test.nines) > 0.001 || math.Signbit(got) {
			t.Errorf("%d of %d have %v nines, want %v", test.right, test.compared, got, test.nines)
		}
	}
}

func TestPercentiles(t *testing.T) {
	var latencies []time.Duration
	for i := range 200 {
		latencies = append(latencies, time.Duration(200-i)*time.Millisecond)
	}
	if got, want := percentiles(latencies), (Percentiles{100, 180, 198, 200}); got != want {
		t.Errorf("percentiles = %+v, want %+v", got, want)
	}
	if got, want := percentiles(latencies[199:]), (Percentiles{1, 1, 1, 1}); got != want {
		t.Errorf("percentiles of one = %+v, want %+v", got, want)
	}
	if got := percentiles(nil); got != (Percentiles{}) {
		t.Errorf("percentiles of none = %+v", got)
	}
}

// TestDistinct: numbers are different, below the total, and each comes about as often as any other.
func TestDistinct(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice, often := rand.New(rand.NewPCG(seed, 0)), make([]int, 10)
	for range 10_000 {
		numbers := distinct(dice, 3, len(often))
		if len(slices.Compact(slices.Sorted(slices.Values(numbers)))) != 3 || !slices.IsSorted(numbers) {
			t.Fatalf("distinct = %v", numbers)
		}
		for _, n := range numbers {
			often[n]++
		}
	}
	for n, times := range often {
		if times < 2700 || times > 3300 { // 3,000, and six and a half standard deviations
			t.Errorf("%d came %d times", n, times)
		}
	}
	if got := distinct(dice, 5, 3); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("5 of 3: %v", got)
	}
}
