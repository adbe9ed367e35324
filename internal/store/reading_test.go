package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// endless is a statement that runs longer than any test.
var endless = map[string]string{
	dialect.SQLite:   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
	dialect.Postgres: "SELECT count(*) FROM generate_series(1, 1000000000000)",
}

func TestAReadEndsWithItsContextWhileItsStatementRuns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"its caller left": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(50*time.Millisecond, cancel)
				return ctx, cancel
			},
			"its time is over": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 50*time.Millisecond)
			},
		} {
			ctx, cancel := end(t.Context())
			within(t, name, func() {
				var n int
				err := s.DB().QueryRowContext(store.Reading(ctx), endless[s.Dialect()]).Scan(&n)
				if !errors.Is(err, ctx.Err()) || err == nil {
					t.Errorf("%s: %v", name, err)
				}
			})
			cancel()
		}
		within(t, "the next read", func() { countClients(t, s) })
	})
}

func TestAReadThatWaitsForAConnectionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), storetest.MigratedPostgres(t), discard, store.Connections(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	held, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(asSystem(t), 50*time.Millisecond)
	defer cancel()
	within(t, "the read", func() {
		if _, err := s.Reader().ClientRecord.Query().Count(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ends with %v", err)
		}
	})
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Reader().ClientRecord.Query().Count(asSystem(t)); n != 0 || err != nil {
		t.Errorf("the next read counts %d (%v)", n, err)
	}
}

func TestTheRowsOfAReadEndWithItsContext(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := s.DB().QueryContext(store.Reading(ctx), map[string]string{
			dialect.SQLite:   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
			dialect.Postgres: "SELECT generate_series(1, 100000000)",
		}[s.Dialect()])
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		cancel()
		within(t, "the rest of the rows", func() {
			for rows.Next() {
			}
			if !errors.Is(rows.Err(), context.Canceled) {
				t.Errorf("they end with %v", rows.Err())
			}
		})
	})
}

// The goroutine that a read saves shows in its allocations.
func TestAReadCostsFewerAllocationsThanAStatementThatDatabaseSQLCanCancel(t *testing.T) {
	s := storetest.SQLite(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cost := func(with func(context.Context) context.Context) float64 {
		return testing.AllocsPerRun(100, func() {
			var one int
			if err := s.DB().QueryRowContext(with(ctx), "SELECT 1").Scan(&one); err != nil {
				t.Fatal(err)
			}
		})
	}
	read, statement := cost(store.Reading), cost(func(ctx context.Context) context.Context { return ctx })
	if read >= statement {
		t.Errorf("a read costs %.0f allocations, a statement %.0f", read, statement)
	}
}
