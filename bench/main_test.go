package bench

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// TestMain: benchmarks measure processes of their own, which run this program as something else than its tests.
func TestMain(m *testing.M) {
	var err error
	if copies, wrong := strconv.Atoi(os.Getenv(childVariable)); wrong == nil {
		err = reportPeak(copies, os.Stdout)
	} else if os.Getenv(serveVariable) != "" {
		err = serveFieldByField()
	} else {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
