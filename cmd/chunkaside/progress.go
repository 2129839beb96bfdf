package main

import (
	"io"
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// terminal says whether a person is looking.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// writing is the progress bar of a table being written. It shows nothing where no person is looking.
type writing struct {
	bars *mpb.Progress
	bar  *mpb.Bar
}

func newWriting(w io.Writer, table string, total int) *writing {
	if !terminal(w) {
		return &writing{}
	}
	bars := mpb.New(mpb.WithOutput(w))
	return &writing{bars, bars.AddBar(int64(total), mpb.PrependDecorators(decor.Name(table, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.CountersNoUnit("%d / %d "), decor.AverageETA(decor.ET_STYLE_GO)))}
}

func (p *writing) progress(written int) {
	if p.bar != nil {
		p.bar.SetCurrent(int64(written))
	}
}

// end leaves the bar as it is.
func (p *writing) end(whole bool) {
	if p.bar == nil {
		return
	}
	if !whole {
		p.bar.Abort(false)
	}
	p.bars.Wait()
}

// counting is the progress bar of work whose size is told with its progress.
type counting struct {
	name string
	out  io.Writer
	bar  *writing // nil before the first progress
}

func newCounting(w io.Writer, name string) *counting { return &counting{name: name, out: w} }

func (c *counting) progress(done, of int) {
	if c.bar == nil {
		c.bar = newWriting(c.out, c.name, of)
	}
	c.bar.progress(done)
}

func (c *counting) end(whole bool) {
	if c.bar != nil {
		c.bar.end(whole)
	}
}

// reading shows the tables of a build being read, whose sizes are not known before. It shows nothing where no person is looking.
type reading struct {
	bars *mpb.Progress
	last *schema.Model
	bar  *mpb.Bar
}

func newReading(w io.Writer) *reading {
	if !terminal(w) {
		return &reading{}
	}
	return &reading{bars: mpb.New(mpb.WithOutput(w))}
}

func (r *reading) progress(m *schema.Model, p store.Progress) {
	if r.bars == nil {
		return
	}
	if m != r.last {
		r.finish()
		r.last = m
		r.bar = r.bars.New(0, mpb.SpinnerStyle(), mpb.PrependDecorators(decor.Name("read "+m.Table, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.CurrentNoUnit("%d entities")))
	}
	r.bar.SetCurrent(p.Entities)
}

func (r *reading) finish() {
	if r.bar != nil {
		r.bar.SetTotal(-1, true) // what was read is all there was
	}
}

// end leaves the lines as they are.
func (r *reading) end(whole bool) {
	if r.bars == nil {
		return
	}
	if whole {
		r.finish()
	} else if r.bar != nil {
		r.bar.Abort(false)
	}
	r.bars.Wait()
}
