package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/resolver"
)

// Query is an AppSync event.
type Query []byte

// Wide asks for the whole catalog.
var Wide = query("listShows", `{"limit":100000}`, "{ items { id edit episodes(limit: 100000) { items { id edit } } } }")

// Narrow asks for one show with its episodes, which the store can be asked for too.
func Narrow(show int) Query {
	return query("getShow", fmt.Sprintf(`{"id":"s%04d"}`, show), "{ id edit episodes(limit: 100000) { items { id edit } } }")
}

func query(field, arguments, set string) Query {
	quoted, _ := json.Marshal(set) // it is text
	return fmt.Appendf(nil, `{"arguments":%s,"identity":null,"source":null,"request":{"headers":{}},"info":{"selectionSetList":[],"selectionSetGraphQL":%s,`+
		`"parentTypeName":"Query","fieldName":%q,"variables":{}}}`, arguments, quoted, field)
}

// Kind is what a query came to.
type Kind string

// The kinds, in the order of a report.
const (
	// Fresh is an answer of a version that the process has seen to be the current one within MaxAge.
	Fresh Kind = "fresh"
	// LastGood is one of a version that could not be looked at since then.
	LastGood Kind = "from last good"
	// FromStore is one that the store itself gave, for want of a version.
	FromStore Kind = "from the store"
	// Retry is the error that says to try again: CatalogUnavailable.
	Retry Kind = "told to retry"
	// Failed is any other error.
	Failed Kind = "failed"
	// Lost went down with its process.
	Lost Kind = "lost in a crash"
)

// Kinds are all of them.
var Kinds = []Kind{Fresh, LastGood, FromStore, Retry, Failed, Lost}

// Answer is what a query came to, as its user sees it.
type Answer struct {
	Kind  Kind
	Asked time.Time
	Took  time.Duration
	// Error is the errorType, and message, of those that have none.
	Error string
	// Edit is that of the entities, 0 for none. Torn says that they are of several, or that there are none.
	Edit int64
	Torn bool
	// Back says that the process answered with a later edit before this query was asked, and that no chunk of a version has been missing: a version of which one is has an older one to answer for it.
	Back bool
}

// Violation says whether no user should ever see such an answer.
func (a Answer) Violation() bool { return a.Torn || a.Back }

// Ask lets the process answer a query.
func (p *Process) Ask(ctx context.Context, q Query) Answer {
	a := Answer{Asked: time.Now()}
	fromVersion := false
	before := p.answered(0)
	body, err := p.Resolver.Invoke(context.WithValue(ctx, traceKey{}, &fromVersion), q)
	a.Took = time.Since(a.Asked)
	if p.wire.down() {
		a.Kind = Lost
		return a
	}
	if err != nil {
		a.Kind, a.Error = failure(err)
		return a
	}
	a.Kind = p.kind(fromVersion, a.Asked)
	if a.Kind == FromStore {
		return a // of the moment, one entity after another
	}
	a.Edit, a.Torn = editOf(body)
	a.Back = a.Edit < before && !p.lostChunks()
	p.answered(a.Edit)
	return a
}

func (p *Process) kind(fromVersion bool, asked time.Time) Kind {
	switch {
	case !fromVersion:
		return FromStore
	case p.witness.fresh(asked, p.maxAge):
		return Fresh
	}
	return LastGood
}

func failure(err error) (Kind, string) {
	response, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // aws-lambda-go does not unwrap
	if ok && response.Type == resolver.CatalogUnavailable {
		return Retry, response.Type + ": " + response.Message
	}
	return Failed, err.Error()
}

// answered is the latest edit that was answered, this one included.
func (p *Process) answered(edit int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.highest = max(p.highest, edit)
	return p.highest
}

func (p *Process) lostChunks() bool {
	s := p.Cache.Stats()
	return s.Missing+s.Damaged > 0
}

// editOf is the edit that all entities of an answer carry.
func editOf(answer []byte) (edit int64, torn bool) {
	const name = `"edit":`
	for {
		at := bytes.Index(answer, []byte(name))
		if at < 0 {
			return edit, edit == 0
		}
		answer = answer[at+len(name):]
		digits := bytes.IndexAny(answer, ",}")
		n, err := strconv.ParseInt(string(answer[:max(digits, 0)]), 10, 64)
		if err != nil || edit != 0 && n != edit {
			return edit, true
		}
		edit = n
	}
}
