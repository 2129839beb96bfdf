package servertest

import (
	"os/exec"
	"syscall"
)

// A group of its own keeps a terminal's Ctrl-C from it: whoever launched it decides when it ends.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
