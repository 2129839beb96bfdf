package probe

import "math"

// nines is how many nines the share of right ones has, by that of the wrong ones: 0.05 % leave 3.3 of them. None wrong have any number of them, which is none that could be told.
func nines(wrong float64) float64 { return math.Log10(1 / wrong) }

// atLeast is the share of right ones of all, of which so many were compared, that is not undercut with a confidence of 95 %: the lower end of Wilson's interval. So 100 right ones of 100 do not pass
// for certainty.
func atLeast(right, compared int) float64 {
	if compared == 0 {
		return 0
	}
	const z = 1.96 // of the normal distribution, for 95 %
	n, share := float64(compared), float64(right)/float64(compared)
	middle, half := share+z*z/(2*n), z*math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, (middle-half)/(1+z*z/n))
}
