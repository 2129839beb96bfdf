package dynamostore

import (
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestStore runs the suite against a real server: dynalite, or the one that CHUNKASIDE_DYNAMODB_ENDPOINT names, such as
// DynamoDB Local.
func TestStore(t *testing.T) {
	endpoint := server(t)
	storetest.Run(t, storetest.Harness{Open: func(t *testing.T, tables ...storetest.Table) store.Store {
		s := open(t, endpoint)
		for _, table := range tables {
			if err := s.createTable(t.Context(), table.Model); err != nil {
				t.Fatal(err)
			}
			if err := s.awaitTable(t.Context(), table.Model); err != nil {
				t.Fatal(err)
			}
			for batch := range slices.Chunk(table.Records, 10) {
				if err := s.putItems(t.Context(), table.Model, batch); err != nil {
					t.Fatal(err)
				}
			}
		}
		return s
	}})
}

// server returns the endpoint to test against.
func server(t testing.TB) string {
	if endpoint := os.Getenv("CHUNKASIDE_DYNAMODB_ENDPOINT"); endpoint != "" {
		return endpoint
	}
	return servertest.Dynalite(t)
}

// deployments tells apart the stores of a run, and those of another run on the same server.
var deployments atomic.Int64

// open returns a store whose tables do not exist yet.
func open(t testing.TB, endpoint string) *Store {
	t.Helper()
	s, err := New(t.Context(), &Options{
		Endpoint: endpoint, Suffix: fmt.Sprintf("-%d-%d", time.Now().UnixNano(), deployments.Add(1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
