package bench

import (
	"syscall"
	"time"
)

// slack is how much longer than asked for the kernel lets a thread sleep.
const slack = 50 * time.Microsecond

// pause sleeps, exactly to some 0.1 ms: time.Sleep may take 1 ms longer, in which 75 KB should pass the link. What is left out or slept too long does not add up, for a pace counts from
// moment to moment.
func pause(d time.Duration) {
	if d < slack {
		return
	}
	left := syscall.NsecToTimespec(int64(d - slack))
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
}
