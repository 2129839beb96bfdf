package main

import (
	"encoding/json"
	"io"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// diffJSON prints one JSON object in the end. Until then it holds the changes that it will show.
type diffJSON struct {
	out   io.Writer
	limit int
	view  diffView
}

func newDiffJSON(out io.Writer, from, to chunker.Digest, limit int) *diffJSON {
	return &diffJSON{out, limit, diffView{From: from, To: to, Models: []modelDiffView{}, Changes: []changeView{}}}
}

// diffView is a diff as JSON. More is how many changes it does not show.
type diffView struct {
	From    chunker.Digest  `json:"from"`
	To      chunker.Digest  `json:"to"`
	Models  []modelDiffView `json:"models"`
	Changes []changeView    `json:"changes"`
	More    int             `json:"more"`
}

type modelDiffView struct {
	Model      string `json:"model"`
	Added      int    `json:"added"`
	Changed    int    `json:"changed"`
	Removed    int    `json:"removed"`
	BlocksRead int    `json:"blocksRead"`
	Blocks     int    `json:"blocks"`
}

// changeView has the primary key's values by the names of their fields.
type changeView struct {
	Model  string                     `json:"model"`
	Key    map[string]json.RawMessage `json:"key"`
	Kind   string                     `json:"kind"`
	Fields []fieldChangeView          `json:"fields,omitempty"`
}

// fieldChangeView lacks a value where the entity does.
type fieldChangeView struct {
	Name   string          `json:"name"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

func (p *diffJSON) change(c catalog.Change) error {
	if len(p.view.Changes) == p.limit {
		p.view.More++
		return nil
	}
	entity := c.Before
	if c.Kind == catalog.Added {
		entity = c.After
	}
	shown := changeView{Model: c.Model.Name, Key: map[string]json.RawMessage{}, Kind: c.Kind.String()}
	for _, f := range c.Model.Key.Fields() {
		shown.Key[f.Name] = visible(entity.Field(f))
	}
	for _, f := range c.Fields {
		shown.Fields = append(shown.Fields, fieldChangeView{f.Field.Name, visible(f.Before), visible(f.After)})
	}
	p.view.Changes = append(p.view.Changes, shown)
	return nil
}

func (p *diffJSON) end(counts []catalog.DiffCounts) error {
	for _, c := range counts {
		p.view.Models = append(p.view.Models, modelDiffView{c.Model.Name, c.Added, c.Changed, c.Removed, c.Read, c.Blocks})
	}
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(p.view)
}
