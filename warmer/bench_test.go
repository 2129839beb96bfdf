package warmer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/warmer/export/exporttest"
)

// BenchmarkFullExport is an export that says nothing new: read, verified, and held against the last version. Bytes are those of its lines.
func BenchmarkFullExport(b *testing.B) {
	const items, files = 50_000, 8
	x := exporttest.Export{Table: "shows", Files: make([][]string, files)}
	var lines []string
	bytes := 0
	for i := range items {
		line := item(fmt.Sprint("id-", i), strings.Repeat(fmt.Sprint("a title with a number ", i, " "), 8))
		lines, bytes = append(lines, line), bytes+len(line)
		x.Files[i%files] = append(x.Files[i%files], line)
	}
	f := open(b)
	f.write(b, "shows", lines...)
	f.invoke(b, `{}`)
	event := completed(f.bucket.Write(b, x))
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		if r, failed := f.invoke(b, event); failed != "" || r.Items != items || r.Records != 0 {
			b.Fatalf("%s %+v", failed, r)
		}
	}
	b.ReportMetric(float64(items)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
