package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

func thing(t testing.TB) *schema.Model {
	t.Helper()
	return parse(t, `type Thing @model { id: ID! a: String @index(name: "byA") }`).Models[0]
}

// unprocessed is a client whose batches process the first process keys or items and leave the others.
type unprocessed struct {
	client
	process int
	calls   int
}

func (u *unprocessed) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	u.calls++
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]attributes{}, UnprocessedKeys: map[string]types.KeysAndAttributes{}}
	for table, wanted := range in.RequestItems {
		n := min(u.process, len(wanted.Keys))
		out.Responses[table] = wanted.Keys[:n]
		if n < len(wanted.Keys) {
			out.UnprocessedKeys[table] = types.KeysAndAttributes{Keys: wanted.Keys[n:]}
		}
	}
	return out, nil
}

func (u *unprocessed) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	u.calls++
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	for table, requests := range in.RequestItems {
		if n := min(u.process, len(requests)); n < len(requests) {
			out.UnprocessedItems[table] = requests[n:]
		}
	}
	return out, nil
}

func keys(n int) ([]store.Key, []store.Entity) {
	keys, entities := make([]store.Key, n), make([]store.Entity, n)
	for i := range n {
		keys[i] = store.Key{fmt.Sprintf("k%d", i)}
		entities[i] = fmt.Appendf(nil, `{"id":"k%d"}`, i)
	}
	return keys, entities
}

// TestUnprocessed: a batch that shrinks by little each time is followed to its end, however many calls that takes.
func TestUnprocessed(t *testing.T) {
	m := thing(t)
	synctest.Test(t, func(t *testing.T) {
		u := &unprocessed{process: 3}
		s := newStore(u, Options{Attempts: 4}, "here")
		keys, entities := keys(100)
		got, err := s.Get(t.Context(), m, keys)
		if err != nil || u.calls != 34 {
			t.Fatalf("Get = %v after %d calls, want 34", err, u.calls)
		}
		for i, e := range got {
			if string(e) != string(entities[i]) {
				t.Errorf("entity %d = %s, want %s", i, e, entities[i])
			}
		}
		u.calls = 0
		if err := s.Write(t.Context(), m, entities[:25], nil); err != nil || u.calls != 9 {
			t.Errorf("Write = %v after %d calls, want 9", err, u.calls)
		}
	})
}

// TestNothingProcessed: a batch that does not shrink is given up after all attempts, or when the time is over.
func TestNothingProcessed(t *testing.T) {
	m := thing(t)
	synctest.Test(t, func(t *testing.T) {
		u := &unprocessed{}
		s := newStore(u, Options{Attempts: 4}, "here")
		keys, entities := keys(5)
		if _, err := s.Get(t.Context(), m, keys); !errors.Is(err, store.ErrUnavailable) || u.calls != 4 {
			t.Errorf("Get = %v after %d calls, want store.ErrUnavailable after 4", err, u.calls)
		}
		if err := s.Write(t.Context(), m, entities, nil); !errors.Is(err, store.ErrUnavailable) || u.calls != 8 {
			t.Errorf("Write = %v after %d calls, want store.ErrUnavailable after 4 more", err, u.calls)
		}
		s = newStore(u, Options{Attempts: 1 << 30}, "here")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := s.Get(ctx, m, keys); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get = %v, want store.ErrUnavailable for the deadline", err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("Get with 3 s takes %v", took)
		}
	})
}

// answering starts a server that answers every call with the next of the answers, the last one ever after.
func answering(t *testing.T, answers ...string) (*Store, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1))
		answer := answers[min(n, len(answers))-1]
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		switch {
		case strings.Contains(answer, "InternalServerError"):
			w.WriteHeader(http.StatusInternalServerError)
		case strings.Contains(answer, "__type"):
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	s, err := New(t.Context(), &Options{Endpoint: server.URL, Attempts: 3})
	if err != nil {
		t.Fatal(err)
	}
	return s, &calls
}

func fault(code string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"the reason"}`, code)
}

func TestThrottled(t *testing.T) {
	m := thing(t)
	const answer = `{"Items":[{"id":{"S":"a"}}],"Count":1,"ConsumedCapacity":{"TableName":"Thing","CapacityUnits":2.5}}`
	for _, code := range []string{"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError"} {
		s, calls := answering(t, fault(code), fault(code), answer)
		var last store.Progress
		o := &store.ScanOptions{Parallelism: 1, Progress: func(p store.Progress) { last = p }}
		err := s.Scan(t.Context(), m, o, func([]store.Entity) error { return nil })
		if err != nil || calls.Load() != 3 || last != (store.Progress{Entities: 1, Bytes: 10, ReadUnits: 2.5}) {
			t.Errorf("%s: Scan = %v after %d calls, progress %+v", code, err, calls.Load(), last)
		}
		s, calls = answering(t, fault(code))
		_, err = s.Query(t.Context(), m, store.Query{Index: m.Key, Partition: "x"})
		if !errors.Is(err, store.ErrUnavailable) || calls.Load() != 3 {
			t.Errorf("%s: Query = %v after %d calls, want store.ErrUnavailable after 3", code, err, calls.Load())
		}
		if want := "query Thing at " + s.where + ": store unavailable: " + code + ": the reason"; err == nil || err.Error() != want {
			t.Errorf("%s: Query = %v, want %s", code, err, want)
		}
	}
}

func TestFaultKinds(t *testing.T) {
	m := thing(t)
	for code, want := range map[string]error{"ResourceNotFoundException": store.ErrNoTable, "AccessDeniedException": nil, "ValidationException": nil} {
		s, calls := answering(t, fault(code))
		_, err := s.Get(t.Context(), m, []store.Key{{"x"}})
		if err == nil || calls.Load() != 1 || errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrNoTable) != (want != nil) {
			t.Errorf("%s: Get = %v after %d calls, want %v after 1", code, err, calls.Load(), want)
		}
		if !strings.Contains(err.Error(), "Thing at http://127.0.0.1:") {
			t.Errorf("%s: Get = %v, which does not name the table and the endpoint", code, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://" + l.Addr().String()
	l.Close()
	s, err := New(t.Context(), &Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err = s.Scan(t.Context(), thing(t), nil, func([]store.Entity) error { return nil })
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "scan Thing at "+endpoint) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Scan = %v, want store.ErrUnavailable with the endpoint", err)
	}
	if err := s.CreateTables(t.Context(), parse(t, `type T @model { id: ID! }`)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("CreateTables = %v, want store.ErrUnavailable", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("a refused port takes %v", took)
	}
}

// TestSilent has a server that accepts and never answers.
func TestSilent(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	s, err := New(t.Context(), &Options{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = s.Get(ctx, thing(t), []store.Key{{"x"}})
	if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get = %v, want store.ErrUnavailable for the deadline", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/nothing")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nothing")
	if _, err := New(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no region") {
		t.Errorf("New without a region = %v", err)
	}
	for _, endpoint := range []string{"localhost:8000", "127.0.0.1", "ftp://host", "http://", "://"} {
		if _, err := New(t.Context(), &Options{Endpoint: endpoint}); err == nil || !strings.Contains(err.Error(), endpoint) {
			t.Errorf("New with endpoint %q = %v", endpoint, err)
		}
	}
	for _, endpoint := range []string{"http://user:se-cret@127.0.0.1:8000", "http://user:se%cret@127.0.0.1", "ftp://se-cret@host"} {
		if _, err := New(t.Context(), &Options{Endpoint: endpoint}); err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("New with endpoint %q = %v, want an error without the password", endpoint, err)
		}
	}
}

// TestUnknownType reads an attribute of a type that the SDK does not know.
func TestUnknownType(t *testing.T) {
	m := parse(t, `type T @model { id: ID! text: String any: AWSJSON }`).Models[0]
	s := newStore(nil, Options{}, "here")
	for _, name := range []string{"text", "any"} {
		_, err := s.encode(m, attributes{"id": &types.AttributeValueMemberS{Value: "x"}, name: &types.UnknownUnionMember{Tag: "Z"}})
		if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "an unknown type") {
			t.Errorf("%s: encode = %v", name, err)
		}
	}
	if got, err := s.encode(m, attributes{"id": &types.AttributeValueMemberS{Value: "x"}, "text": &types.AttributeValueMemberS{Value: aws.ToString(nil)}}); string(got) != `{"id":"x","text":""}` {
		t.Errorf("encode = %s, %v", got, err)
	}
}
