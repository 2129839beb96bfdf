package cost

import (
	"fmt"
	"math"
)

// appSync are the terms of any API behind AppSync: queries, and what leaves AWS.
func (in *Input) appSync() []Term {
	queries, sent := in.queries(), in.queries()*in.Traffic.AnswerBytes*in.Traffic.SentShare/(1<<30)
	return []Term{
		{"AppSync queries", queries, "queries", fmt.Sprintf("%g a second", in.Traffic.PerSecond), queries / 1e6 * in.Prices.AppSyncMillion},
		{"AppSync transfer", sent, "GB", fmt.Sprintf("%.0f bytes an answer, of which %.0f %% are sent", in.Traffic.AnswerBytes, 100*in.Traffic.SentShare), sent * in.Prices.TransferGB},
	}
}

// queries a month.
func (in *Input) queries() float64 { return in.Traffic.PerSecond * Month.Seconds() }

// own are the terms of this project: Lambda, Momento, DynamoDB.
func (in *Input) own() []Term {
	s, p := in.Setup, in.Prices
	gb := in.queries() * math.Ceil(s.Milliseconds) / 1000 * s.Memory / 1024
	terms := []Term{
		{"Lambda invocations", in.queries(), "invocations", "one a query", in.queries() / 1e6 * p.LambdaMillion},
		{"Lambda time", gb, "GB-seconds", fmt.Sprintf("%g ms of %g MB", math.Ceil(s.Milliseconds), s.Memory), gb * p.LambdaGBSecond},
	}
	for _, t := range in.operations() {
		t.Unit, t.Dollars = "operations", t.Amount/1e6*p.MomentoMillion
		terms = append(terms, t)
	}
	for _, t := range in.readUnits() {
		t.Unit, t.Dollars = "read units", t.Amount/1e6*p.ReadUnitMillion
		terms = append(terms, t)
	}
	return terms
}

// operations are Momento's a month.
func (in *Input) operations() []Term {
	c, s := &in.Catalog, in.Setup
	edits, warmups, colds := s.Edits*daysPerMonth, s.Warmups*daysPerMonth, s.ColdStarts*daysPerMonth
	return []Term{
		{Name: "Momento looks", Amount: in.looks(in.Traffic.PerSecond) * Month.Seconds(), How: fmt.Sprintf("%g processes, each every %v", s.Environments, s.MaxAge)},
		{Name: "Momento follows", Amount: edits * s.Environments * c.follow(s), How: fmt.Sprintf("%g edits a day, %g processes, %.0f operations each", s.Edits, s.Environments, c.follow(s))},
		{Name: "Momento cold starts", Amount: colds * c.start(), How: fmt.Sprintf("%g a day, at most %.0f operations each", s.ColdStarts, c.start())},
		{Name: "Momento publishes", Amount: edits * c.Publish(s.EditedChunks), How: fmt.Sprintf("%g edits a day, %.0f operations each", s.Edits, c.Publish(s.EditedChunks))},
		{Name: "Momento warm-ups", Amount: warmups * c.Warm(s.EditedChunks, kept), How: fmt.Sprintf("%g a day, %.0f operations each", s.Warmups, c.Warm(s.EditedChunks, kept))},
	}
}

// looks a second: each process that has queries looks once in MaxAge, but not without a query.
func (in *Input) looks(perSecond float64) float64 {
	return min(perSecond, in.Setup.Environments/in.Setup.MaxAge.Seconds())
}

// readUnits are DynamoDB's a month. Builds and publishes read consistently: one unit for each started 4 KB.
func (in *Input) readUnits() []Term {
	c, s := &in.Catalog, in.Setup
	whole, one := 0.0, math.Ceil(c.meanEntity()/4096)
	for _, size := range c.Tables {
		whole += math.Ceil(float64(size) / 4096)
	}
	return []Term{
		{Name: "DynamoDB warm-ups", Amount: s.Warmups * daysPerMonth * whole, How: fmt.Sprintf("%g a day, %.0f units each", s.Warmups, whole)},
		{Name: "DynamoDB publishes", Amount: s.Edits * daysPerMonth * one, How: fmt.Sprintf("%g edits a day, %.0f units each", s.Edits, one)},
	}
}

// fieldByField is what resolvers of each field read.
func (in *Input) fieldByField() Term {
	f := in.FieldByField
	units := in.queries() * f.Resolvers * f.ReadUnits
	return Term{"DynamoDB resolvers", units, "read units", fmt.Sprintf("%g resolvers a query, %g units each", f.Resolvers, f.ReadUnits), units / 1e6 * in.Prices.ReadUnitMillion}
}
