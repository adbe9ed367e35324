package graph_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// block locks the table of clients against writes, over a connection of its own, until the test ends.
func (p *portal) block(t *testing.T) {
	t.Helper()
	db, begin := p.store.DB(), "LOCK TABLE clients IN ACCESS EXCLUSIVE MODE"
	if p.store.Dialect() == dialect.SQLite {
		var err error
		db, err = sql.Open("sqlite3", "file:"+p.sqliteFile(t)+"?_txlock=immediate&_busy_timeout=5000")
		must.Do(t, err)
		t.Cleanup(func() { _ = db.Close() })
		begin = "SELECT 1"
	}
	tx, err := db.BeginTx(context.WithoutCancel(t.Context()), nil)
	must.Do(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	_, err = tx.Exec(begin)
	must.Do(t, err)
}

// waiting returns how many statements wait for a lock; only PostgreSQL can tell.
func (p *portal) waiting(t *testing.T) int {
	t.Helper()
	var n int
	must.Do(t, p.store.DB().QueryRowContext(t.Context(),
		`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND wait_event_type =
			'Lock'`).Scan(&n))
	return n
}

// Proves: 8.5
func TestADisconnectedCallerLeavesNoStatementRunning(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		authorization := p.operator.authorization(t)
		p.block(t)
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, publicURL+"/graphql", strings.NewReader(
			`{"query":"mutation{createClient(input:{name:\"Loja\",document:\"11222333000181\"}){client{id}}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		answered := make(chan struct{})
		go func() { defer close(answered); p.ServeHTTP(httptest.NewRecorder(), r) }()

		if p.store.Dialect() == dialect.Postgres {
			for deadline := time.Now().Add(20 * time.Second); p.waiting(t) == 0; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("no statement waits for the lock")
				}
			}
		}
		leave()
		select {
		case <-answered: // while the lock is still held
		case <-time.After(20 * time.Second):
			t.Fatal("the request waits for the lock for ever")
		}
		if p.store.Dialect() == dialect.Postgres {
			for deadline := time.Now().Add(20 * time.Second); p.waiting(t) > 0; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the statement goes on without its caller")
				}
			}
		}
	})
}

func TestAnOperationThatWaitsForMoreThanTheDatabaseHasMoreTime(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]time.Duration{
		"{viewer{id}}":                                        5 * time.Second,
		"mutation{createClient}":                              5 * time.Second,
		"{integration{revision}}":                             10 * time.Second,
		"mutation{a:testMarketplace{userErrors{code}}}":       10 * time.Second,
		"mutation{testMarketplaceConfig{userErrors{code}}}":   10 * time.Second,
		"mutation{reportMarketplaceFailure{marketplace{id}}}": 10 * time.Second,
		"mutation{connectMarketplace{marketplace{id}}}":       27 * time.Second,
		"mutation{login{accessToken}}":                        10 * time.Second,
	} {
		if got := graph.TimeOf(t, document); got != want {
			t.Errorf("%s has %v, want %v", document, got, want)
		}
	}
	for name := range graph.Longer {
		if graph.Schema().Mutation.Fields.ForName(name) == nil && graph.Schema().Query.Fields.ForName(name) == nil {
			t.Errorf("there is no root field %s", name)
		}
	}
}

// Proves: 8.4
func TestWithoutIntrospectionTheSchemaIsNotTold(t *testing.T) {
	hidden := func(r *graph.Resolver, refuse graph.Refuse, log *slog.Logger) (http.Handler, error) {
		r.HideSchema = true
		return graph.NewHandler(r, refuse, log)
	}
	eachWith(t, hidden, func(t *testing.T, p *portal) {
		for _, document := range []string{"{ __schema { types { name } } }",
			`{ __type(name: "Query") { fields { name } } }`} {
			answer := p.post(t, p.viewer, document, nil)
			if strings.Contains(answer.body, "Marketplace") || len(answer.errors) == 0 {
				t.Errorf("%s is answered %.200s", document, answer.body)
			}
		}
		p.must(t, p.viewer, "{ __typename viewer { __typename id } }", nil)
	})
}
