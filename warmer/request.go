package warmer

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Mode is what is done.
type Mode string

// The modes.
const (
	// Full reads the whole store, or some of its tables, and publishes it: see cache.Renew.
	Full Mode = "full"
	// Incremental reads some records and publishes what they make of the last version: see cache.Update.
	Incremental Mode = "incremental"
	// Verify reads the current version and checks it: see cache.Verify.
	Verify Mode = "verify"
	// Rollback makes an older version the current one: see cache.Rollback.
	Rollback Mode = "rollback"
)

// Command is what a direct invocation sends. One without members is a full warm-up.
type Command struct {
	// Catalog is the one that is meant; it must be this function's. Default: it is.
	Catalog string `json:"catalog,omitempty"`
	// Mode is full by default.
	Mode Mode `json:"mode,omitempty"`
	// Models, for full, are names of those whose tables are read; all others stay as they are in the last version. Default: all are read.
	Models []string `json:"models,omitempty"`
	// Records, for incremental, are such as "Episode/some-id": see catalog.ParseRecord.
	Records []string `json:"records,omitempty"`
	// To, for rollback, is a version's sequence or the beginning of its digest. It has no default: whoever sends an event again would go back further.
	To string `json:"to,omitempty"`
}

// request is what an event, or several together, ask for.
type request struct {
	mode    Mode
	models  []*schema.Model // for Full; none are all
	records []catalog.Record
	to      string
	skipped int   // records and objects that are not the catalog's
	items   int64 // of exports, that were read to know the rest
}

// join adds what another one asks for. Both publish: a full warm-up includes every record of the tables that it reads, and so it reads those of all records.
func (r *request) join(other request) {
	r.skipped += other.skipped
	r.items += other.items
	switch {
	case r.mode != Full && other.mode != Full:
		r.mode = cmp.Or(r.mode, other.mode)
		r.records = append(r.records, other.records...)
	case r.whole() || other.whole():
		r.mode, r.models, r.records = Full, nil, nil
	default:
		r.models = append(r.tables(), other.tables()...)
		r.mode, r.records = Full, nil
	}
}

// whole says whether every table is to be read.
func (r *request) whole() bool { return r.mode == Full && len(r.models) == 0 }

// tables are the models that are named, or whose records are.
func (r *request) tables() []*schema.Model {
	models := slices.Clone(r.models)
	for _, record := range r.records {
		models = append(models, record.Model)
	}
	return models
}

// request is what an event that is no list asks for.
func (w *Warmer) request(ctx context.Context, trigger Trigger, e event) (request, error) {
	switch trigger {
	case Direct:
		return w.command(e)
	case EventBridge:
		return w.occasion(ctx, e)
	case Stream:
		return w.single(e)
	case AppSync:
		return w.mutation(e)
	case Bucket:
		return w.bucket(ctx, e)
	}
	return request{}, badf("a message cannot hold an event of %s", trigger)
}

// command reads a Command.
func (w *Warmer) command(e event) (request, error) {
	var c Command
	if data, err := json.Marshal(e); err != nil {
		return request{}, err
	} else if err = json.Unmarshal(data, &c, json.RejectUnknownMembers(true)); err != nil {
		return request{}, badf("the command cannot be read: %s", reason(err))
	}
	r := request{mode: cmp.Or(c.Mode, Full), to: c.To}
	switch {
	case c.Catalog != "" && c.Catalog != w.options.Catalog:
		return r, badf("the command is for the catalog %q, this function has %q", c.Catalog, w.options.Catalog)
	case r.mode != Full && r.mode != Incremental && r.mode != Verify && r.mode != Rollback:
		return r, badf("there is no mode %q: use full, incremental, verify or rollback", c.Mode)
	case (r.mode == Incremental) != (len(c.Records) > 0):
		return r, badf(`the mode incremental, and no other, needs records, such as ["Episode/some-id"]`)
	case r.mode != Full && len(c.Models) > 0:
		return r, badf(`"models" is for the mode full alone`)
	case r.mode != Rollback && c.To != "":
		return r, badf(`"to" is for the mode rollback alone`)
	}
	for _, name := range c.Models {
		m := w.schema.Model(name)
		if m == nil {
			return r, badf("the schema has no model %q", name)
		}
		r.models = append(r.models, m)
	}
	for _, text := range c.Records {
		record, err := catalog.ParseRecord(w.schema, text)
		if err != nil {
			return r, badf("the record %q: %s", text, err)
		}
		r.records = append(r.records, record)
	}
	return r, nil
}

// occasion is an event of EventBridge. A schedule, and whatever a rule sends here of a CMS, mean a full warm-up: what a CMS writes into its events is not known. A rule's input transformer can make a
// Command of it. Services of AWS have nothing to say of a catalog.
func (w *Warmer) occasion(ctx context.Context, e event) (request, error) {
	switch source := e.text("source"); {
	case source == "aws.events", source == "aws.scheduler":
	case source == "aws.s3":
		return w.request(ctx, Bucket, e)
	case source == "", strings.HasPrefix(source, "aws."):
		return request{}, badf("the event %q of %q says nothing of a catalog: correct the rule that sends it", e.text("detail-type"), source)
	}
	return request{mode: Full}, nil
}

// nested is what one message of a queue or a topic asks for. It may hold an event of EventBridge or of S3, a Command, a stream's record as a pipe
// of EventBridge writes it, or, in a queue, such a message of a topic. Whatever may come twice and in any order
// must not roll back.
func (w *Warmer) nested(ctx context.Context, body string) (request, error) {
	e, err := message(body)
	if err != nil {
		return request{}, err
	}
	if e.text("Type") == "Notification" && e.has("TopicArn", "Message") {
		if e, err = message(e.text("Message")); err != nil {
			return request{}, err
		}
	}
	trigger, err := e.trigger()
	if err != nil {
		return request{}, err
	}
	if trigger == AppSync {
		return request{}, badf("a message cannot hold an event of %s, for whoever writes it could say who sent it", trigger)
	}
	r, err := w.request(ctx, trigger, e)
	if err == nil && (r.mode == Verify || r.mode == Rollback) {
		err = badf("the mode %s is for direct invocations: nobody reads a message's answer, and messages may come twice and late", r.mode)
	}
	return r, err
}

// message reads a text that must be a JSON object.
func message(text string) (event, error) {
	if !jsontext.Value(text).IsValid() || !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return nil, badf("the message is no JSON object")
	}
	return decode([]byte(text))
}
