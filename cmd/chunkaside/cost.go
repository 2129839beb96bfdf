package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/cost"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// estimate is the command cost.
type estimate struct {
	naming
	RequestsPerSecond float64 `help:"Queries a second, in the mean of a month." env:"CHUNKASIDE_REQUESTS_PER_SECOND" xor:"traffic" required:""`
	RequestsPerMonth  float64 `help:"The same a month." env:"CHUNKASIDE_REQUESTS_PER_MONTH" xor:"traffic" required:""`
	Peak              float64 `help:"Queries a second at the peak; 0 is the mean." env:"CHUNKASIDE_PEAK" default:"0"`
	Queries           string  `help:"A file of queries as for bench: they are answered here, and their answers measured." env:"CHUNKASIDE_QUERIES" placeholder:"FILE"`
	AnswerSize        int     `help:"The mean size of an answer in bytes. 0 is that of --queries, or else of 100 entities." env:"CHUNKASIDE_ANSWER_SIZE" default:"0"`
	Tokens            float64 `help:"AppSync's request tokens of a query: bench measures them." env:"CHUNKASIDE_TOKENS" default:"1"`
	LambdaMS          float64 `help:"How many milliseconds the resolver takes for a query." name:"lambda-ms" env:"CHUNKASIDE_LAMBDA_MS" default:"1"`
	LambdaMB          float64 `help:"The resolver function's memory." name:"lambda-mb" env:"CHUNKASIDE_LAMBDA_MB" default:"1769"`
	Environments      float64 `help:"Processes of the resolver at the peak; 0 is as many as are busy at once." env:"CHUNKASIDE_ENVIRONMENTS" default:"0"`
	ColdStarts        float64 `help:"Starts of such a process a day; 0 is twelve for each." env:"CHUNKASIDE_COLD_STARTS" default:"0"`
	Edits             float64 `help:"Publishes of an edit a day." env:"CHUNKASIDE_EDITS" default:"100"`
	EditedChunks      float64 `help:"Chunks that an edit rewrites." env:"CHUNKASIDE_EDITED_CHUNKS" default:"1"`
	Warmups           float64 `help:"Warm-ups from the whole store a day." env:"CHUNKASIDE_WARMUPS" default:"3"`
	FieldResolvers    float64 `help:"Compare with an API that calls so many resolvers for a query." env:"CHUNKASIDE_FIELD_RESOLVERS" default:"0"`
	FieldTokens       float64 `help:"Request tokens of a query there." env:"CHUNKASIDE_FIELD_TOKENS" default:"1"`
	FieldUnits        float64 `help:"DynamoDB read units of a resolver there: half a one reads 4 KB, eventually consistent." env:"CHUNKASIDE_FIELD_UNITS" default:"0.5"`
	prices
	JSON bool `help:"Print the estimate as JSON." env:"CHUNKASIDE_JSON"`
}

// prices are those of cost, as flags. Defaults are cost.DefaultPrices and cost.DefaultQuotas: a test holds them to it.
type prices struct {
	AppSyncPrice   float64 `help:"Dollars for a million queries." name:"appsync-price" env:"CHUNKASIDE_APPSYNC_PRICE" default:"4"`
	TransferPrice  float64 `help:"Dollars for a GB that AppSync sends." env:"CHUNKASIDE_TRANSFER_PRICE" default:"0.09"`
	LambdaPrice    float64 `help:"Dollars for a million invocations." env:"CHUNKASIDE_LAMBDA_PRICE" default:"0.2"`
	GBSecondPrice  float64 `help:"Dollars for a GB-second of Lambda." name:"gb-second-price" env:"CHUNKASIDE_GB_SECOND_PRICE" default:"0.0000133334"`
	MomentoPrice   float64 `help:"Dollars for a million operations of Momento; see docs/operations.md." env:"CHUNKASIDE_MOMENTO_PRICE" default:"0.5"`
	ReadUnitPrice  float64 `help:"Dollars for a million read units of DynamoDB." env:"CHUNKASIDE_READ_UNIT_PRICE" default:"0.125"`
	TokenQuota     float64 `help:"AppSync's request tokens a second of the account; 10,000 in the large Regions." env:"CHUNKASIDE_TOKEN_QUOTA" default:"5000"`
	LambdaQuota    float64 `help:"Concurrent executions of the account." env:"CHUNKASIDE_LAMBDA_QUOTA" default:"1000"`
	OperationQuota float64 `help:"Momento's operations a second of the account." env:"CHUNKASIDE_OPERATION_QUOTA" default:"100"`
	StorageQuota   float64 `help:"Bytes that may be stored in Momento." env:"CHUNKASIDE_STORAGE_QUOTA" default:"100000000"`
}

// Run computes and prints.
func (e *estimate) Run(ctx context.Context, c *commands, con console) error {
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		v, err := h.Find(e.Of)
		if err != nil {
			return err
		}
		m, err := app.Cache.Manifest(ctx, v)
		if err != nil {
			return err
		}
		in := cost.Input{Catalog: stored(m), Traffic: e.traffic(), Setup: e.setup(c.MaxAge), FieldByField: e.compared()}
		in.Prices, in.Quotas = e.values()
		in.Traffic.SentShare = sentShare(m)
		if in.Traffic.AnswerBytes, err = e.answerSize(ctx, app, in.Catalog); err != nil {
			return err
		}
		r, err := cost.Estimate(in)
		if err != nil {
			return fmt.Errorf("%w: %w", wiring.ErrUsage, err)
		}
		if e.JSON {
			return json.NewEncoder(con.out).Encode(r)
		}
		return printCosts(con.out, r)
	})
}

// stored is a version, in the numbers that cost something.
func stored(m *chunker.Manifest) cost.Catalog {
	c := cost.Catalog{Manifest: len(m.Encoded)}
	for i := range m.Sections {
		s := &m.Sections[i]
		if s.Kind == chunker.KindEntities {
			c.Tables = append(c.Tables, s.Raw)
			c.Entities += s.Count
		}
		for j := range s.Chunks {
			c.Chunks = append(c.Chunks, s.Chunks[j].Size())
		}
	}
	return c
}

// sentShare is what compression leaves of an answer: about what it leaves of the catalog.
func sentShare(m *chunker.Manifest) float64 {
	raw, size := 0, 0
	for i := range m.Sections {
		raw, size = raw+m.Sections[i].Raw, size+m.Sections[i].Size()
	}
	if raw == 0 {
		return 1
	}
	return min(1, float64(size)/float64(raw))
}

func (e *estimate) traffic() cost.Traffic {
	mean := e.RequestsPerSecond
	if e.RequestsPerMonth != 0 {
		mean = e.RequestsPerMonth / cost.Month.Seconds()
	}
	peak := e.Peak
	if peak == 0 {
		peak = mean
	}
	return cost.Traffic{PerSecond: mean, Peak: peak, Tokens: e.Tokens}
}

func (e *estimate) setup(maxAge time.Duration) cost.Setup {
	return cost.Setup{
		Milliseconds: e.LambdaMS, Memory: e.LambdaMB, Environments: e.Environments, ColdStarts: e.ColdStarts, MaxAge: maxAge, Edits: e.Edits, Warmups: e.Warmups, EditedChunks: e.EditedChunks,
	}
}

func (e *estimate) compared() *cost.FieldByField {
	if e.FieldResolvers == 0 {
		return nil
	}
	return &cost.FieldByField{Resolvers: e.FieldResolvers, Tokens: e.FieldTokens, ReadUnits: e.FieldUnits}
}

func (p prices) values() (cost.Prices, cost.Quotas) {
	return cost.Prices{
			AppSyncMillion: p.AppSyncPrice, TransferGB: p.TransferPrice, LambdaMillion: p.LambdaPrice, LambdaGBSecond: p.GBSecondPrice, MomentoMillion: p.MomentoPrice, ReadUnitMillion: p.ReadUnitPrice,
		}, cost.Quotas{
			Tokens: p.TokenQuota, Concurrency: p.LambdaQuota, Operations: p.OperationQuota, StorageBytes: p.StorageQuota,
		}
}
