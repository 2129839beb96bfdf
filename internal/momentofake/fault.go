package momentofake

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
)

// Fault is what goes wrong with calls that match it. Its parts add up: a call can be late and then fail.
type Fault struct {
	// Method is the one it hits, as the protocol names it: "Get", "Set", "SetIf", "UpdateTtl", ... Empty: all.
	Method string
	// Times is how many calls it hits before it is over. 0: all until Heal.
	Times int
	// Delay passes before anything else, in real time.
	Delay time.Duration
	// Hang gives no answer until the caller gives up or the server closes.
	Hang bool
	// Code is the status the call ends with. OK: it succeeds.
	Code codes.Code
	// Cause goes into the "err" trailer, where the service tells its kinds of limits apart.
	Cause string
	// Message is the status's message.
	Message string
	// Late makes the call do its work before it fails: the answer is lost, the effect is not.
	Late bool
}

// Throttle is the answer to a caller over its rate of operations.
var Throttle = Fault{Code: codes.ResourceExhausted, Cause: "operations_rate_limit_exceeded", Message: "operations per second"}

// Inject adds a fault. Of several that match a call the one that was added first hits it.
func (s *Server) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal removes every fault. Calls that hang go on hanging.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// begin counts a call and returns the fault that hits it; the zero Fault does nothing.
func (s *Server) begin(method string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[method]++
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method {
			continue
		}
		if f.Times--; f.Times == 0 { // One without end counts down from 0 and never meets it again.
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return *f
	}
	return Fault{}
}

// wait holds a call up as the fault says.
func (f Fault) wait(ctx context.Context) error {
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f.Hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// refusal returns what the call ends with, nil if it is to succeed.
func (f Fault) refusal() error {
	if f.Code == codes.OK {
		return nil
	}
	return &refusal{code: f.Code, cause: f.Cause, message: f.Message}
}
