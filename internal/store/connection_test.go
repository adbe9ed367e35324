package store_test

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// openWith opens a migrated database of PostgreSQL that the test reaches by this URL.
func openWith(t *testing.T, databaseURL string, options ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), databaseURL, slog.New(slog.DiscardHandler), options...)
	if err != nil {
		t.Fatal(err)
	}
	s.Keep(storetest.AuditKeys{})
	t.Cleanup(func() { _ = s.Close() }) // some of its connections are lost
	return s
}

// fill opens all n connections of a store and leaves them idle.
func fill(t *testing.T, s *store.Store, n int) {
	t.Helper()
	var open []*sql.Conn
	for range n {
		conn, err := s.DB().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	for _, conn := range open {
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.DB().Stats().Idle; got != n {
		t.Fatalf("%d connections are idle, want %d", got, n)
	}
}

// terminate ends all connections to the database of s, from outside, and returns when they are gone.
func terminate(t *testing.T, s *store.Store) {
	t.Helper()
	config, _ := s.ListenerConfig()
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	const others = "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND " +
		"pid <> pg_backend_pid()"
	if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) "+others); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		var left int
		if err := admin.QueryRow(t.Context(), "SELECT count(*) "+others).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the connections do not end")
}

func TestAReadOverADeadConnectionIsRepeatedOnAFreshOne(t *testing.T) {
	t.Parallel()
	const conns = 4
	s := openWith(t, storetest.MigratedPostgres(t), store.Connections(conns))
	mustWrite(t, s, addClient("1"))
	ctx := asSystem(t)
	prepared, err := s.DB().PrepareContext(ctx, "SELECT count(*) FROM clients WHERE document = $1")
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close()
	for name, read := range map[string]func() (int, error){
		"by ent": func() (int, error) { return s.Reader().ClientRecord.Query().Count(ctx) },
		"raw": func() (n int, err error) {
			return n, s.DB().QueryRowContext(ctx, "SELECT count(*) FROM clients").Scan(&n)
		},
		"prepared": func() (n int, err error) { return n, prepared.QueryRowContext(ctx, "1").Scan(&n) },
		"ping":     func() (int, error) { return 1, s.Ping(ctx) },
	} {
		fill(t, s, conns)
		terminate(t, s)
		for range conns {
			if n, err := read(); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if name != "raw" && name != "by ent" && n != 1 {
				t.Errorf("%s: %d clients, want 1", name, n)
			}
		}
	}
}

func TestAWriteBegunOnADeadConnectionBeginsOnAFreshOne(t *testing.T) {
	t.Parallel()
	const conns = 4
	s := openWith(t, storetest.MigratedPostgres(t), store.Connections(conns))
	fill(t, s, conns)
	terminate(t, s)
	runs := 0
	mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
		runs++
		return addClient("1")(ctx, tx)
	})
	if n := countClients(t, s); n != 1 || runs != 1 {
		t.Errorf("%d clients after %d runs, want 1 after 1", n, runs)
	}
}

func TestAWriteThatLosesItsConnectionBeforeTheCommitIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	s := openWith(t, storetest.MigratedPostgres(t))
	runs := 0
	mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
		if err := addClient("1")(ctx, tx); err != nil {
			return err
		}
		if runs++; runs == 1 {
			terminate(t, s)
		}
		return addClient("2")(ctx, tx)
	})
	if n := countClients(t, s); n != 2 || runs != 2 {
		t.Errorf("%d clients after %d runs, want 2 after 2", n, runs)
	}
}

func TestAWriteThatLosesItsConnectionAtTheCommitIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := openWith(t, storetest.MigratedPostgres(t))
	s.AtCommit(func(context.Context, *ent.Tx, []any) error {
		terminate(t, s)
		return nil
	})
	runs := 0
	err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		runs++
		store.Note(ctx, nil)
		return addClient("1")(ctx, tx)
	})
	if !store.IsUnavailable(err) || runs != 1 {
		t.Errorf("%v after %d runs, want an unavailable database after 1", err, runs)
	}
	if got := s.RefusedWrites()[store.Gone]; got != 1 {
		t.Errorf("%d transactions are counted as refused, want 1", got)
	}
}

func TestOnlyReadsAreRepeated(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		"SELECT 1": true, "\n  select 1": true, "SHOW fsync": true, "WITH a AS (SELECT 1) SELECT * FROM a": true,
		"INSERT INTO a VALUES (1) RETURNING b": false, "WITH a AS (DELETE FROM b RETURNING c) SELECT * FROM a": false,
		"UPDATE a SET b = 1": false, "": false,
	} {
		if got := store.IsRead(query); got != want {
			t.Errorf("%q: %t, want %t", query, got, want)
		}
	}
}

// within fails the test if fn does not return. The faults that it catches last hours, not seconds.
func within(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("%s does not return", what)
	}
}

// These contexts have no deadline, as in background work.
func TestWorkGoesOnAfterConnectionsWereLostInSilence(t *testing.T) {
	t.Parallel()
	const conns = 4
	for name, work := range map[string]func(ctx context.Context, s *store.Store) error{
		"a transaction": func(ctx context.Context, s *store.Store) error {
			return s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				return tx.ClientRecord.Update().SetName("Mercearia").Exec(ctx)
			})
		},
		"a read": func(ctx context.Context, s *store.Store) error {
			_, err := s.Reader().ClientRecord.Query().All(ctx)
			return err
		},
		"a statement": func(ctx context.Context, s *store.Store) error {
			_, err := s.DB().ExecContext(ctx, "SELECT 1")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := storetest.NewProxy(t, storetest.MigratedPostgres(t))
			s := openWith(t, proxy.URL, store.Connections(conns), store.ShortTimes())
			mustWrite(t, s, addClient("1"))
			fill(t, s, conns)
			ctx := context.WithoutCancel(asSystem(t))
			proxy.Lose()
			within(t, name, func() {
				if err := work(ctx, s); err != nil && !store.IsUnavailable(err) {
					t.Errorf("over lost connections: %v", err)
				}
				// The other connections are lost too, and block nothing again.
				for range conns {
					if err := work(ctx, s); err != nil {
						t.Errorf("afterwards: %v", err)
					}
				}
			})
		})
	}
}

func TestAServerThatStopsAndGoesOnHoldsUpNothingForEver(t *testing.T) {
	t.Parallel()
	proxy := storetest.NewProxy(t, storetest.MigratedPostgres(t))
	s := openWith(t, proxy.URL+"&connect_timeout=1", store.Connections(2), store.ShortTimes())
	fill(t, s, 2)
	proxy.Stop()
	ctx := context.WithoutCancel(asSystem(t))
	within(t, "work while the server stands still", func() {
		var work sync.WaitGroup
		for range 6 { // more than there are connections
			work.Go(func() {
				if err := s.Write(ctx, addClient("lost")); !store.IsUnavailable(err) {
					t.Errorf("while the server stands still: %v", err)
				}
			})
		}
		work.Wait()
	})
	proxy.Resume()
	within(t, "work when the server goes on", func() {
		for s.Write(ctx, addClient("1")) != nil {
			continue // attempts to connect from before are still under way
		}
	})
}

func TestACommandTakesAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	s := openWith(t, storetest.MigratedPostgres(t), store.ShortTimes())
	slow := func(ctx context.Context, tx *ent.Tx) error {
		if _, err := store.Exec(ctx, "SELECT pg_sleep(1)"); err != nil {
			return err
		}
		return addClient("1")(ctx, tx)
	}
	ctx := context.WithoutCancel(asSystem(t))
	if err := s.Write(ctx, slow); store.CauseOf(err) != store.Slow {
		t.Errorf("in the background: %v", err)
	}
	if err := s.Write(store.WithoutDeadline(ctx), slow); err != nil {
		t.Errorf("a command's transaction: %v", err)
	}
	if _, err := s.DB().ExecContext(store.WithoutDeadline(ctx), "SELECT pg_sleep(1)"); err != nil {
		t.Errorf("a command's statement: %v", err)
	}
}

func TestTheServerEndsWhatAVanishedInstanceLeftBehind(t *testing.T) {
	t.Parallel()
	databaseURL := storetest.MigratedPostgres(t)
	for name, want := range map[string]string{"statement_timeout": "2min", "idle_in_transaction_session_timeout": "10s"} {
		s := openWith(t, databaseURL)
		var got string
		if err := s.DB().QueryRowContext(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", name, got, err, want)
		}
		s = openWith(t, databaseURL+"&"+name+"=7000")
		if err := s.DB().QueryRowContext(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != "7s" {
			t.Errorf("%s is %s (%v), and the URL says 7s", name, got, err)
		}
	}
}
