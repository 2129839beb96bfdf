package bench

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// WritePage writes a report as one page of HTML, which needs nothing else: plots are drawings within it.
func (r *Report) WritePage(w io.Writer, o Objectives) error {
	return page.Execute(w, struct {
		*Report
		Plots []*plot
	}{r, []*plot{r.latencies(o), r.distribution(o), r.rates()}})
}
