package servertest

import (
	"os/exec"
	"runtime"
)

// Launch starts a process that does not outlive this one, however that ends: a test that is killed runs no cleanup. It is so on
// Linux only. ended is closed when the process has ended; whoever launched it kills it.
func Launch(cmd *exec.Cmd) (ended <-chan struct{}, err error) {
	endWithParent(cmd)
	started, done := make(chan error), make(chan struct{})
	go func() {
		defer close(done)
		// What the kernel takes for the parent is the thread that started it: that must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is killed in the end
		}
	}()
	return done, <-started
}
