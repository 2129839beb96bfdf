package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// childVariable makes this program build a catalog of so many copies of the sample and say what memory it took, instead of running tests.
const childVariable = "CHUNKASIDE_BENCH_BUILD"

// reportPeak builds a catalog as it is read, and writes the bytes of its lines and the most memory that the process had, in KiB.
func reportPeak(copies int, to io.Writer) error {
	s, err := parseSample()
	if err != nil {
		return err
	}
	m, err := catalog.Build(context.Background(), sampleOf(copies), s, nil, func(chunker.Digest, []byte) error { return nil })
	if err != nil {
		return err
	}
	peak, err := peakMemory()
	if err == nil {
		_, err = fmt.Fprintln(to, raw(m), peak)
	}
	return err
}

// peakMemory is the process's resident memory at its highest, in KiB: heap, stacks, what the runtime holds beside, and the program itself.
func peakMemory() (int, error) {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			return strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		}
	}
	return 0, fmt.Errorf("%s has no VmHWM", file.Name())
}

// BenchmarkPeak builds catalogs in processes of their own, from a store that makes them while it is read, and reports the most memory that each process had.
func BenchmarkPeak(b *testing.B) {
	for _, scale := range scales() {
		b.Run(scale.name, func(b *testing.B) {
			for b.Loop() {
				child := exec.CommandContext(b.Context(), os.Args[0])
				child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", childVariable, scale.copies))
				out, err := child.Output()
				if err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				var size, peak float64
				if _, err := fmt.Sscan(string(out), &size, &peak); err != nil {
					b.Fatalf("%s: %v", out, err)
				}
				b.ReportMetric(peak/1024, "MiB-peak")
				b.ReportMetric(100*1024*peak/size, "%-of-raw")
			}
		})
	}
}
