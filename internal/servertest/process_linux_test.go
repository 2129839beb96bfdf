package servertest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestLaunch kills a process that has launched another: the other ends too.
func TestLaunch(t *testing.T) {
	const parent = "CHUNKASIDE_TEST_LAUNCH"
	if os.Getenv(parent) != "" { // This is the process to kill.
		cmd := exec.Command("sleep", "60")
		ended, err := Launch(cmd)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("launched %d\n", cmd.Process.Pid)
		<-ended
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLaunch$")
	cmd.Env = append(os.Environ(), parent+"=1")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	launched := strings.TrimSpace(strings.TrimPrefix(line, "launched "))
	if !runs(launched) {
		t.Fatalf("%q does not run", line)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for deadline := time.Now().Add(5 * time.Second); runs(launched); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %s outlives the one that launched it", launched)
		}
	}
}

// runs reports whether a process lives; one that nobody has waited for yet does not.
func runs(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(state, []byte("Z"))
}
