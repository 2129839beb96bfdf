package resolver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// twelve are the fields of an episode that the page asks for, in the schema's order.
var twelve = []string{"id", "programId", "episodeGroupId", "number", "title", "titleJa", "synopsis", "synopsisJa", "airedOn", "duration", "score", "free"}

// BenchmarkPage answers 12 fields of the first 500 episodes of the generated catalog: whole, an event in and an answer out; and the writing alone of what has been planned, into memory that is
// there. Beside it: the same entities through maps by encoding/json, and copying the bytes of their members, of which all places are known before, into memory that is there and into new memory.
func BenchmarkPage(b *testing.B) {
	shot := build(b, samplestore.Schema, samplestore.New())
	r := over(b, shot)
	entities := entitiesOf(b, shot, "Episode")[:500]
	shuffled := append([]string(nil), twelve...)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, order := range []struct {
		name   string
		fields []string
	}{{"ordered", twelve}, {"shuffled", shuffled}} {
		b.Run(order.name, func(b *testing.B) {
			e := []byte(event("listEpisodes", `{"limit":500}`, "{ items { "+strings.Join(order.fields, " ")+" } }"))
			members := membersOf(shot.Schema().Model("Episode"), entities, order.fields)
			var kept []byte
			room := concat(nil, members)
			medians := race(b,
				contender{"whole", func() { kept = answerOf(b, r, e) }},
				contender{"written", writerOf(b, r, shot, e)},
				contender{"maps", func() { throughMaps(b, entities, order.fields) }},
				contender{"spans", func() { room = concat(room[:0], members) }},
				contender{"new-spans", func() { kept = concat(make([]byte, 0, cap(room)), members) }},
			)
			whole, written := medians["whole"], medians["written"]
			b.ReportMetric(medians["maps"].ns/whole.ns, "x-maps/whole")
			b.ReportMetric(medians["maps"].ns/written.ns, "x-maps/written")
			b.ReportMetric(whole.ns/medians["new-spans"].ns, "x-whole/new-spans")
			b.ReportMetric(written.ns/medians["spans"].ns, "x-written/spans")
			b.ReportMetric(whole.allocations, "whole-allocs")
			b.ReportMetric(written.allocations, "written-allocs")
			b.ReportMetric(float64(len(kept)), "B-answer")
		})
	}
}

func concat(out []byte, parts [][]byte) []byte {
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// throughMaps is what a resolver does that decodes its entities.
func throughMaps(b *testing.B, entities []catalog.Entity, fields []string) []byte {
	b.Helper()
	items := make([]map[string]any, len(entities))
	for i, e := range entities {
		var whole map[string]any
		if err := json.Unmarshal(e.JSON(), &whole); err != nil {
			b.Fatal(err)
		}
		items[i] = make(map[string]any, len(fields))
		for _, name := range fields {
			items[i][name] = whole[name]
		}
	}
	answer, err := json.Marshal(map[string]any{"items": items})
	if err != nil {
		b.Fatal(err)
	}
	return answer
}

// membersOf are the bytes of the entities' members, names included, as they are stored.
func membersOf(m *schema.Model, entities []catalog.Entity, fields []string) (members [][]byte) {
	for _, e := range entities {
		for _, name := range fields {
			label := fmt.Appendf(nil, "%q:", name)
			value := e.Field(m.Field(name))
			if value == nil {
				members = append(members, append(label, "null"...))
				continue
			}
			end := bytes.Index(e.JSON(), append(label, value...)) + len(label) + len(value)
			members = append(members, e.JSON()[end-len(label)-len(value):end])
		}
	}
	return members
}

// talksAsked are fields of an episode.
var talksAsked = []string{"id", "title", "language", "recorded", "duration", "speakers", "thumbnail_url", "slug"}

// talks asks for 8 fields of all episodes, in their groups, in their programs.
var talks = `{ items { id title groups(limit: 1000) { items { id title start_date
	episodes(limit: 10000) { items { ` + strings.Join(talksAsked, " ") + ` } } } } } }`

// BenchmarkNested answers three levels of real data, 30 programs, 159 groups and all of 6,823 episodes but one, which has no day and so is in no group's list: whole, and the writing alone. Beside
// it: copying the answer's own bytes, into memory that is there and into new memory; and copying the episodes' part of them from where they stand in the catalog, of which all places are known
// before, into memory that is there.
func BenchmarkNested(b *testing.B) {
	shot := talksOf(b, "pyvideo-10mb")
	r := over(b, shot)
	e := []byte(event("listPrograms", `{"limit":1000}`, talks))
	answer := answerOf(b, r, e)
	entities := bytes.Count(answer, []byte(`{"id":`))
	members := membersOf(shot.Schema().Model("Episode"), entitiesOf(b, shot, "Episode"), talksAsked)
	room := make([]byte, len(answer))
	var kept []byte
	medians := race(b,
		contender{"whole", func() { kept = answerOf(b, r, e) }},
		contender{"written", writerOf(b, r, shot, e)},
		contender{"copied", func() { copy(room, answer) }},
		contender{"cloned", func() { kept = bytes.Clone(answer) }},
		contender{"spans", func() { room = concat(room[:0], members)[:len(answer)] }},
	)
	whole, written := medians["whole"], medians["written"]
	b.ReportMetric(float64(entities), "entities")
	b.ReportMetric(whole.ns/float64(entities), "ns/entity")
	b.ReportMetric(written.ns/float64(entities), "written-ns/entity")
	b.ReportMetric(float64(len(kept))/float64(entities), "B/entity")
	b.ReportMetric(whole.allocations/float64(entities), "allocs/entity")
	b.ReportMetric(whole.ns/medians["cloned"].ns, "x-whole/cloned")
	b.ReportMetric(written.ns/medians["copied"].ns, "x-written/copied")
	b.ReportMetric(written.ns/medians["spans"].ns, "x-written/spans")
}

// appsyncContext is an event as a resolver in Go declares it that asks for an id.
type appsyncContext struct {
	Arguments struct {
		ID string `json:"id"`
	} `json:"arguments"`
	Identity *struct {
		Sub      string         `json:"sub"`
		Username string         `json:"username"`
		Groups   []string       `json:"groups"`
		Claims   map[string]any `json:"claims"`
		SourceIP []string       `json:"sourceIp"`
	} `json:"identity"`
	Source  map[string]any `json:"source"`
	Request struct {
		Headers    map[string]string `json:"headers"`
		DomainName *string           `json:"domainName"`
	} `json:"request"`
	Prev *struct {
		Result map[string]any `json:"result"`
	} `json:"prev"`
	Info struct {
		FieldName           string         `json:"fieldName"`
		ParentTypeName      string         `json:"parentTypeName"`
		Variables           map[string]any `json:"variables"`
		SelectionSetList    []string       `json:"selectionSetList"`
		SelectionSetGraphQL string         `json:"selectionSetGraphQL"`
	} `json:"info"`
	Stash map[string]any `json:"stash"`
}

// browserEvent is the event of a query that a browser sent, for one episode; headers are as many, and as long, as AppSync hands on.
const browserEvent = `{"arguments":{"id":%s},"identity":null,"source":null,"request":{"headers":{"x-forwarded-for":"192.0.2.7, 198.51.100.20","sec-ch-ua-mobile":"?0",
"cloudfront-viewer-country":"JP","cloudfront-is-tablet-viewer":"false","via":"2.0 00000000000000000000000000000000.cloudfront.net (CloudFront)","cloudfront-forwarded-proto":"https",
"origin":"https://www.example.com","content-length":"412","accept-language":"ja,en-US;q=0.9,en;q=0.8","host":"abcdefghijklmnopqrstuvwxyz.appsync-api.ap-northeast-1.amazonaws.com",
"x-forwarded-proto":"https","user-agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","accept":"application/json, text/plain, */*",
"cloudfront-is-mobile-viewer":"false","cloudfront-is-smarttv-viewer":"false","accept-encoding":"gzip, deflate, br","referer":"https://www.example.com/","content-type":"application/json",
"x-api-key":"da2-00000000000000000000000000","sec-fetch-mode":"cors","x-amz-cf-id":"0000000000000000000000000000000000000000000000000000==",
"x-amzn-trace-id":"Root=1-00000000-000000000000000000000000","sec-fetch-dest":"empty","x-amz-user-agent":"aws-amplify/6.0.0 api/1 framework/1","cloudfront-is-desktop-viewer":"true",
"sec-fetch-site":"cross-site","x-forwarded-port":"443"},"domainName":null},"prev":null,"info":{"selectionSetList":%s,"selectionSetGraphQL":%s,"parentTypeName":"Query",
"fieldName":"getEpisode","variables":{"id":%s}},"stash":{}}`

// browserEvents ask for 12 fields of each of some episodes.
func browserEvents(b *testing.B, entities []catalog.Entity, id *schema.Field) (events [][]byte) {
	b.Helper()
	list, err := json.Marshal(twelve)
	if err != nil {
		b.Fatal(err)
	}
	set, err := json.Marshal("{\n  " + strings.Join(twelve, "\n  ") + "\n}")
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entities {
		events = append(events, fmt.Appendf(nil, browserEvent, e.Field(id), list, set, e.Field(id)))
	}
	return events
}

// BenchmarkGet answers 12 fields of one episode, by its key, through the handler. Beside it: decoding the event alone by encoding/json.
func BenchmarkGet(b *testing.B) {
	shot := build(b, samplestore.Schema, samplestore.New())
	r := over(b, shot)
	events := browserEvents(b, entitiesOf(b, shot, "Episode"), shot.Schema().Model("Episode").Field("id"))
	dice := rand.New(rand.NewPCG(1, 1))
	one := func() []byte { return events[dice.IntN(len(events))] }
	medians := race(b,
		contender{"chunkaside", func() { answerOf(b, r, one()) }},
		contender{"decoded", func() {
			var c appsyncContext
			if err := json.Unmarshal(one(), &c); err != nil {
				b.Fatal(err)
			}
		}},
	)
	ours := medians["chunkaside"]
	b.ReportMetric(ours.ns/medians["decoded"].ns, "x-decoded")
	b.ReportMetric(ours.allocations, "allocs")
	b.ReportMetric(ours.allocated, "B-allocated")
}

// BenchmarkFilterAll looks through all episodes of real data for the few that pass. Beside it: the same by decoding each.
func BenchmarkFilterAll(b *testing.B) {
	shot := talksOf(b, "pyvideo")
	r := over(b, shot)
	entities := entitiesOf(b, shot, "Episode")
	e := []byte(event("listEpisodes", `{"limit":100000,"filter":{"title":{"contains":"Django"},"duration":{"gt":3000},"language":{"eq":"eng"}}}`, "{ items { id title } }"))
	want := bytes.Count(answerOf(b, r, e), []byte(`{"id":`))
	medians := race(b,
		contender{"chunkaside", func() { answerOf(b, r, e) }},
		contender{"decoded", func() {
			if got := passing(b, entities); got != want {
				b.Fatalf("%d episodes pass, but %d when they are decoded", want, got)
			}
		}},
	)
	ours := medians["chunkaside"]
	b.ReportMetric(float64(want), "entities-pass")
	b.ReportMetric(ours.ns/float64(len(entities)), "ns/entity")
	b.ReportMetric(ours.allocations/float64(len(entities)), "allocs/entity")
	b.ReportMetric(medians["decoded"].ns/ours.ns, "x-faster-than-decoding")
}

// passing counts the entities that pass the same filter once they are decoded.
func passing(b *testing.B, entities []catalog.Entity) (n int) {
	b.Helper()
	for _, e := range entities {
		var whole map[string]any
		if err := json.Unmarshal(e.JSON(), &whole); err != nil {
			b.Fatal(err)
		}
		title, _ := whole["title"].(string)
		duration, _ := whole["duration"].(float64)
		if strings.Contains(title, "Django") && duration > 3000 && whole["language"] == "eng" {
			n++
		}
	}
	return n
}

// over is a resolver of one snapshot.
func over(t testing.TB, shot *catalog.Snapshot) *resolver.Resolver {
	t.Helper()
	r, err := resolver.New(shot.Schema(), fixed{snapshot: shot}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func answerOf(b *testing.B, r *resolver.Resolver, e []byte) []byte {
	b.Helper()
	answer, err := r.Invoke(b.Context(), e)
	if err != nil {
		b.Fatal(err)
	}
	return answer
}

// writerOf writes the answer of one event, planned once, into memory that it uses again.
func writerOf(b *testing.B, r *resolver.Resolver, shot *catalog.Snapshot, e []byte) func() {
	b.Helper()
	write, err := r.Writer(b.Context(), shot, e)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		if _, err := write(); err != nil {
			b.Fatal(err)
		}
	}
}

// talksOf is a version of a folder of real data: talks at conferences.
func talksOf(t testing.TB, folder string) *catalog.Snapshot {
	t.Helper()
	dir := servertest.SharedData(t, folder)
	s, err := schema.Load(dir + "/catalog.graphql")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filestore.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	return buildOf(t, s, files)
}
