package cache

import (
	"context"
	"errors"
	"strings"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// judge holds a version that is written, but not announced, against the rules. The error is a *catalog.RefusedError, unless the publish is forced.
func (c *Cache) judge(ctx context.Context, p *Published, last, m *chunker.Manifest, how publishing) error {
	next, err := catalog.NewSnapshot(c.schema, m, c.memory)
	if err != nil {
		return err
	}
	rules := c.options.Rules
	if how.mending {
		rules = rules.Refusals() // readers wait
	}
	validated, err := catalog.Validate(ctx, last, next, rules)
	if err != nil {
		return err
	}
	p.Findings = []string{}
	for _, f := range validated.Findings {
		p.Findings = append(p.Findings, f.String())
	}
	for _, n := range validated.Counts {
		p.Changes = append(p.Changes, Changes{n.Model.Name, n.Added, n.Changed, n.Removed})
	}
	err = validated.Err()
	if refused, ok := errors.AsType[*catalog.RefusedError](err); ok && how.forced {
		p.Forced = true
		p.Version.Note = note(refused)
		return nil
	}
	return err
}

// measure is the manifest of the version that the next one is measured by: the one that readers have, or while that is pinned the one that was built last; nil if it could not be read.
func (h History) measure(older []*chunker.Manifest) *chunker.Manifest {
	if h.Pinned {
		return named(h.Newest().Manifest, older)
	}
	return named(h.Manifest, older)
}

// refused says whether rules refuse a version.
func refused(err error) bool {
	_, ok := errors.AsType[*catalog.RefusedError](err)
	return ok
}

// note says in the history which rules were overridden.
func note(refused *catalog.RefusedError) string {
	const most = 300
	text := "forced:"
	for i, f := range refused.Findings {
		if i > 0 {
			text += ";"
		}
		text += " " + f.String()
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
