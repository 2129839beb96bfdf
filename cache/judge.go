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

// newest is the manifest of the version that was built last, if it could be read.
func newest(h History, older []*chunker.Manifest) *chunker.Manifest {
	for _, m := range older {
		if m.Digest == h.Newest().Manifest {
			return m
		}
	}
	return nil
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
