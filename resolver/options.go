package resolver

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
)

// Options tunes a Resolver. The zero value of each field means its default.
type Options struct {
	// Timeout bounds an answer, within the Lambda's own deadline less half a second. Default 25 s: AppSync gives up at 30.
	Timeout time.Duration
	// MaxAnswer is the most bytes of one answer; a larger one is a ResponseTooLarge error. Default 5,000,000: AppSync takes 5 MB, Lambda 6,291,556 bytes.
	MaxAnswer int
	// FillPages makes limit count what a filter lets pass. Default: limit counts what is looked at, as in DynamoDB, so that a page may be short or empty, and go on with its nextToken.
	FillPages bool
	// MaxScanned is the most entities looked at to fill one page; then it ends early, with a nextToken. A greater limit goes before it. Default 10,000.
	MaxScanned int
	// MaxEntities is the most entities that one answer may look at: those it holds, those that a filter does not let pass, and each as often as relations lead to it. More is a QueryTooLarge
	// error. Default 250,000.
	MaxEntities int
	// MaxDepth is how deep the fields of a query may be nested, the root field's own fields being the first level. Deeper is a QueryTooLarge error. Default 75, the most that AppSync's own limit
	// can be set to.
	MaxDepth int
	// PageBudget is how many bytes an answer may have before its pages end early, with a nextToken: nested ones too, each after the entity that it is at. A page whose nextToken is not asked for
	// goes on. Default nine tenths of MaxAnswer.
	PageBudget int
	// Narrow reads the store itself where there is no version: single entities, and small partitions and tables. Nil: without a version there is no answer.
	Narrow *catalog.Narrow
	// StoreOnly answers from Narrow alone, whatever the source has: for a time in which what is published cannot be trusted. What is too wide for that is CatalogUnavailable.
	StoreOnly bool
	// Trace, if set, is told of works: "answer" is all that follows the plan of an event, about its field; within it "narrow" reads the store.
	Trace cache.Trace
	// Log gets what the API's users are not told: the causes of errors. Default: nothing is logged.
	Log *slog.Logger
}

const maxLambdaAnswer = 6_291_556

func (o *Options) withDefaults() (Options, error) {
	full := Options{}
	if o != nil {
		full = *o
	}
	full.Timeout = cmp.Or(full.Timeout, 25*time.Second)
	full.MaxAnswer = cmp.Or(full.MaxAnswer, 5_000_000)
	full.MaxScanned = cmp.Or(full.MaxScanned, 10_000)
	full.MaxEntities = cmp.Or(full.MaxEntities, 250_000)
	full.MaxDepth = cmp.Or(full.MaxDepth, 75)
	full.PageBudget = cmp.Or(full.PageBudget, full.MaxAnswer/10*9)
	if full.Log == nil {
		full.Log = slog.New(slog.DiscardHandler)
	}
	switch {
	case full.Timeout < 0 || full.MaxAnswer < 0 || full.MaxAnswer > maxLambdaAnswer:
		return full, fmt.Errorf("a timeout of %v or an answer of %d bytes is out of bounds: both are positive, Lambda takes %d bytes", full.Timeout, full.MaxAnswer, maxLambdaAnswer)
	case full.PageBudget < 0 || full.PageBudget > full.MaxAnswer:
		return full, fmt.Errorf("a page budget of %d bytes is out of bounds: it is positive, and at most the answer's %d", full.PageBudget, full.MaxAnswer)
	case full.StoreOnly && full.Narrow == nil:
		return full, errors.New("nothing can be answered from the store alone without a way to read it: StoreOnly needs Narrow")
	case full.MaxScanned < 0 || full.MaxEntities < 0 || full.MaxDepth < 0:
		return full, fmt.Errorf("a page of %d entities looked at, an answer of %d or a depth of %d is out of bounds: they are positive", full.MaxScanned, full.MaxEntities, full.MaxDepth)
	}
	return full, nil
}
