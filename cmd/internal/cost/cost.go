// Package cost says what a catalog in use costs a month, term by term, and which quota more traffic would meet first. It is arithmetic alone: docs/operations.md, "What it costs", has the formula.
//
//	estimate, err := cost.Estimate(cost.Input{Catalog: c, Traffic: t, Setup: s, Prices: cost.DefaultPrices, Quotas: cost.DefaultQuotas})
package cost

import (
	"errors"
	"math"
	"time"
)

// Month is what a month is here: 730 hours, as in AWS's own calculator.
const Month = 730 * time.Hour

// daysPerMonth is about 30.4.
const daysPerMonth = float64(Month) / float64(24*time.Hour)

// Input is all that an estimate is made of.
type Input struct {
	Catalog Catalog `json:"catalog"`
	Traffic Traffic `json:"traffic"`
	Setup   Setup   `json:"setup"`
	Prices  Prices  `json:"prices"`
	Quotas  Quotas  `json:"quotas"`
	// FieldByField, if not nil, is the API that is compared with.
	FieldByField *FieldByField `json:"fieldByField,omitempty"`
}

// Catalog is a version as it is stored. Sizes are in bytes.
type Catalog struct {
	Chunks   []int `json:"-"`        // the size of each, of the look-up indexes too
	Manifest int   `json:"manifest"` // its size
	History  int   `json:"history"`  // that of the list of versions; 0 is that of a full one
	// Tables are the sizes of each model's entities as JSON, which is about what they have in DynamoDB.
	Tables   []int `json:"tables"`
	Entities int   `json:"entities"`
}

// Traffic is what callers ask.
type Traffic struct {
	PerSecond float64 `json:"perSecond"` // queries, in the mean of a month
	Peak      float64 `json:"peak"`      // queries a second, at the highest
	// AnswerBytes is the mean size of an answer, and SentShare how much of it is left when it is compressed for the way.
	AnswerBytes float64 `json:"answerBytes"`
	SentShare   float64 `json:"sentShare"`
	// Tokens is how many of AppSync's request tokens a query takes.
	Tokens float64 `json:"tokens"`
}

// Setup is how the catalog is run.
type Setup struct {
	// Milliseconds is how long the resolver takes for a query; Lambda charges whole ones.
	Milliseconds float64 `json:"milliseconds"`
	// Memory of the resolver function, in MB.
	Memory float64 `json:"memory"`
	// Environments are the processes that answer at the peak; 0 is as many as it takes.
	Environments float64 `json:"environments"`
	// ColdStarts a day: each reads the catalog. 0 is twelve for each environment.
	ColdStarts float64 `json:"coldStarts"`
	// MaxAge is how long a process answers without a look at the cache's pointer.
	MaxAge time.Duration `json:"maxAge"`
	// Edits and Warmups a day: publishes of what changed, and builds from the whole store.
	Edits   float64 `json:"edits"`
	Warmups float64 `json:"warmups"`
	// EditedChunks is how many chunks an edit rewrites.
	EditedChunks float64 `json:"editedChunks"`
}

// FieldByField is an API that resolves each field by a resolver of its own, from DynamoDB.
type FieldByField struct {
	// Resolvers and Tokens that a query takes; ReadUnits that a resolver does.
	Resolvers float64 `json:"resolvers"`
	Tokens    float64 `json:"tokens"`
	ReadUnits float64 `json:"readUnits"`
}

// Term is one part of the costs.
type Term struct {
	Name string `json:"name"`
	// Amount of the unit a month, and how it comes about.
	Amount  float64 `json:"amount"`
	Unit    string  `json:"unit"`
	How     string  `json:"how"`
	Dollars float64 `json:"dollars"`
}

// Limit is a quota and what the peak uses of it.
type Limit struct {
	Name  string  `json:"name"`
	Used  float64 `json:"used"`
	Quota float64 `json:"quota"`
	// ReachedAt is how many queries a second use all of it, if all else grows with them; 0 where it does not depend on them.
	ReachedAt float64 `json:"reachedAtPerSecond"`
}

// Result is an estimate.
type Result struct {
	Input   Input   `json:"input"`
	Terms   []Term  `json:"terms"`
	Dollars float64 `json:"dollars"` // a month, all terms
	Limits  []Limit `json:"limits"`
	// First names the limit that more traffic meets first.
	First string `json:"first"`
	// FieldByField are the costs and limits of the API that is compared with.
	FieldByField *Result `json:"fieldByField,omitempty"`
}

// Estimate computes. The error says which input is out of bounds.
func Estimate(in Input) (*Result, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	in.fill()
	r := newResult(in, append(in.appSync(), in.own()...), in.limits())
	if in.FieldByField != nil {
		r.FieldByField = newResult(in, append(in.appSync(), in.fieldByField()), in.fieldLimits())
	}
	return r, nil
}

func newResult(in Input, terms []Term, limits []Limit) *Result {
	r := &Result{Input: in, Terms: terms, Limits: limits}
	for _, t := range terms {
		r.Dollars += t.Dollars
	}
	least := math.Inf(1)
	for _, l := range limits {
		if l.ReachedAt > 0 && l.ReachedAt < least {
			r.First, least = l.Name, l.ReachedAt
		}
	}
	return r
}

// check refuses what no sum can be made of.
func (in *Input) check() error {
	t, s := in.Traffic, in.Setup
	numbers := []float64{t.PerSecond, t.Peak, t.AnswerBytes, t.SentShare, t.Tokens, s.Milliseconds, s.Memory, s.Environments, s.ColdStarts, s.Edits, s.Warmups, s.EditedChunks}
	if f := in.FieldByField; f != nil {
		numbers = append(numbers, f.Resolvers, f.Tokens, f.ReadUnits)
	}
	p, q := in.Prices, in.Quotas
	numbers = append(numbers, p.AppSyncMillion, p.TransferGB, p.LambdaMillion, p.LambdaGBSecond, p.MomentoMillion, p.ReadUnitMillion, q.Tokens, q.Concurrency, q.Operations, q.StorageBytes)
	for _, n := range numbers {
		if math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
			return errors.New("a number is negative, or none")
		}
	}
	switch {
	case t.PerSecond == 0:
		return errors.New("there is no traffic")
	case t.Peak < t.PerSecond:
		return errors.New("the peak is lower than the mean")
	case s.Milliseconds == 0 || s.Memory == 0 || t.Tokens == 0:
		return errors.New("a query takes some time, memory and tokens")
	case s.MaxAge <= 0:
		return errors.New("without a time between two looks at the pointer, each query is one: give a MaxAge")
	case in.FieldByField != nil && (in.FieldByField.Tokens == 0 || in.FieldByField.Resolvers == 0):
		return errors.New("an API to compare with has resolvers and takes tokens")
	}
	return nil
}

// fill puts in what follows from the rest.
func (in *Input) fill() {
	s := &in.Setup
	if s.Environments == 0 {
		// As many as are busy at once: Little's law.
		s.Environments = math.Ceil(in.Traffic.Peak * s.Milliseconds / 1000)
	}
	if s.ColdStarts == 0 {
		s.ColdStarts = coldStartsPerDay * s.Environments
	}
}

// coldStartsPerDay of one environment: Lambda replaces one about every two hours.
const coldStartsPerDay = 12
