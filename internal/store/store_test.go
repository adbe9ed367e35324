package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func asSystem(t *testing.T) context.Context { return principal.AsSystem(t.Context(), "test") }

// addClient adds a client with this document.
func addClient(document string) func(context.Context, *ent.Tx) error {
	return func(ctx context.Context, tx *ent.Tx) error {
		return tx.ClientRecord.Create().
			SetName("Padaria").SetNameKey("padaria").SetSearchText("padaria " + document).SetDocument(document).Exec(ctx)
	}
}

func mustWrite(t *testing.T, s *store.Store, fn func(context.Context, *ent.Tx) error) {
	t.Helper()
	if err := s.Write(asSystem(t), fn); err != nil {
		t.Fatal(err)
	}
}

func countClients(t *testing.T, s *store.Store) int {
	t.Helper()
	n, err := s.Reader().ClientRecord.Query().Count(asSystem(t))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteCommitsWhenTheFunctionSucceeds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, addClient("1"))
		if got := countClients(t, s); got != 1 {
			t.Errorf("%d clients, want 1", got)
		}
	})
}

func TestWriteRollsBackWhenTheFunctionFails(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		refused := errors.New("refused")
		err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return errors.Join(addClient("1")(ctx, tx), refused)
		})
		if !errors.Is(err, refused) {
			t.Errorf("error %v, want that of the function", err)
		}
		if got := countClients(t, s); got != 0 {
			t.Errorf("%d clients, want 0", got)
		}
	})
}

func TestWriteRollsBackWhenTheFunctionPanics(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
				if err := addClient("1")(ctx, tx); err != nil {
					t.Error(err)
				}
				panic("broken")
			})
		}()
		mustWrite(t, s, addClient("2")) // the connection is usable
		if got := countClients(t, s); got != 1 {
			t.Errorf("%d clients, want 1", got)
		}
	})
}

func TestWriteGivesUpWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(asSystem(t))
		err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			defer cancel()
			return addClient("1")(ctx, tx)
		})
		if err == nil {
			t.Error("no error")
		}
		if got := countClients(t, s); got != 0 {
			t.Errorf("%d clients, want 0", got)
		}
	})
}

func TestWriteInsideWriteIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Write(asSystem(t), func(ctx context.Context, _ *ent.Tx) error {
			return s.Write(ctx, addClient("1"))
		})
		if err == nil || !strings.Contains(err.Error(), "inside") {
			t.Errorf("error %v, want a refusal", err)
		}
	})
}

func TestWritesAtTheSameTimeAllSucceed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, addClient("1"))
		ctx := asSystem(t)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
					return tx.ClientRecord.Update().SetName("Mercearia").Exec(ctx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

func TestTransactionsThatWaitForEachOtherAreTriedAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	mustWrite(t, s, addClient("1"))
	mustWrite(t, s, addClient("2"))
	rename := func(ctx context.Context, tx *ent.Tx, document string) error {
		return tx.ClientRecord.Update().Where(clientrecord.Document(document)).SetName("Mercearia").Exec(ctx)
	}
	ctx := asSystem(t)
	var group, first sync.WaitGroup
	first.Add(2)
	for _, order := range [][2]string{{"1", "2"}, {"2", "1"}} {
		group.Go(func() {
			met := sync.OnceFunc(func() { first.Done(); first.Wait() })
			err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				if err := rename(ctx, tx, order[0]); err != nil {
					return err
				}
				met() // from here on each waits for the row of the other
				return rename(ctx, tx, order[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestAReaderCannotWrite(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	err := s.Reader().ClientRecord.Create().
		SetName("Padaria").SetNameKey("padaria").SetSearchText("padaria").SetDocument("1").Exec(asSystem(t))
	if err == nil {
		t.Error("the reader wrote")
	}
}

func TestPrivacyPoliciesAreEnforced(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Reader().ClientRecord.Query().Count(t.Context()); err == nil {
			t.Error("nobody in particular may count the clients")
		}
		if err := s.Write(t.Context(), addClient("1")); err == nil {
			t.Error("nobody in particular may add a client")
		}
	})
}

func TestTimesComeBackInUTC(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, addClient("1"))
		client, err := s.Reader().ClientRecord.Query().Only(asSystem(t))
		if err != nil {
			t.Fatal(err)
		}
		if client.CreatedAt.Location() != time.UTC {
			t.Errorf("created at %v", client.CreatedAt)
		}
	})
}

func TestAUniqueViolationNamesItsColumns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, addClient("1"))
		err := s.Write(asSystem(t), addClient("1"))
		if !store.IsUniqueViolation(err, clientrecord.Table, clientrecord.FieldDocument) {
			t.Errorf("not seen as a violation of the document: %v", err)
		}
		if store.IsUniqueViolation(err, clientrecord.Table, clientrecord.FieldID) {
			t.Error("seen as a violation of the id")
		}
		if store.IsUniqueViolation(errors.New("other"), clientrecord.Table, clientrecord.FieldDocument) {
			t.Error("any error is seen as a violation")
		}

		request := func(ctx context.Context, tx *ent.Tx) error {
			return tx.IdempotentRequest.Create().SetOperatorID("o").SetKey("k").SetOperation("createClient").
				SetInputFingerprint("f").SetObjectID("c").Exec(ctx)
		}
		mustWrite(t, s, request)
		err = s.Write(asSystem(t), request)
		if !store.IsUniqueViolation(err, "idempotent_requests", "operator_id", "operation", "key") {
			t.Errorf("not seen as a violation of three columns: %v", err)
		}
	})
}

func TestAuditEventsCannotBeChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mustWrite(t, s, func(ctx context.Context, tx *ent.Tx) error {
			return tx.AuditEvent.Create().SetActorKind("SYSTEM").SetActorLabel("").SetAddress("").SetRequestID("").
				SetAction("test").Exec(ctx)
		})
		err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			_, err := tx.AuditEvent.Delete().Exec(ctx)
			return err
		})
		if err == nil {
			t.Error("deleted")
		}
		if n, err := s.Reader().AuditEvent.Query().Count(asSystem(t)); err != nil || n != 1 {
			t.Errorf("%d events (%v), want 1", n, err)
		}
	})
}

func TestStatementsOfEveryLayerAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := asSystem(t)
		prepared, err := s.DB().PrepareContext(ctx, "SELECT count(*) FROM clients")
		if err != nil {
			t.Fatal(err)
		}
		defer prepared.Close()
		got := storetest.Statements(t, s, func() {
			mustWrite(t, s, addClient("1"))
			countClients(t, s)
			var n int
			if err := prepared.QueryRowContext(ctx).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d clients (%v), want 1", n, err)
			}
		})
		if len(got) != 3 {
			t.Errorf("%d statements, want 3: %q", len(got), got)
		}
		if got := storetest.Statements(t, s, func() {}); len(got) != 0 {
			t.Errorf("statements of before are counted: %q", got)
		}
	})
}

func TestOpenRefusesWhatIsNoDatabaseURL(t *testing.T) {
	t.Parallel()
	const password = "s3cr3t"
	for url, want := range map[string]string{
		"":                                    "neither sqlite:PATH nor",
		"chaveiro.db":                         `"chaveiro.db" is neither`,
		"sqlite:":                             "has no path",
		"sqlite:/no/such/folder/chaveiro.db":  "the folder /no/such/folder does not exist",
		"mysql://u:s3cr3t@localhost/chaveiro": `"mysql:..." is neither`,
		"u:s3cr3t@tcp(localhost)/chaveiro":    `"u:..." is neither`,
		"postgres://u:s3cr3t/x@localhost/chaveiro":    "cannot be read",
		"postgres://u:1?s3cr3t@localhost/chaveiro":    "cannot be read",
		"postgres://u:1#s3cr3t@localhost/chaveiro":    "cannot be read",
		"postgres://u:s3cr3t%zz@localhost/chaveiro":   "cannot be read",
		"postgres://u:s3cr3t@localhost/c?sslmode=odd": "cannot be read: sslmode is invalid",
		"postgres://u:s3cr3t@localhost:1/chaveiro":    "open the database postgres://u@localhost:1/chaveiro: ",
		"postgres:u:s3cr3t":                           "cannot be read",
		"host=localhost password=s3cr3t:x":            `"..." is neither`,
	} {
		s, err := store.Open(t.Context(), url, slog.New(slog.DiscardHandler))
		if err == nil {
			_ = s.Close()
			t.Errorf("%q was opened", url)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %q, want %q in it", url, err, want)
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("%q: error %q tells the password", url, err)
		}
	}
}

// contains reports whether an error has all of these texts.
func contains(err error, texts ...string) bool {
	return err != nil &&
		!slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(err.Error(), text) })
}

// clusterOf returns a database URL with another database's name.
func clusterOf(t *testing.T, databaseURL, name string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func TestADatabaseThatIsGoneIsUnavailable(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), "postgres://u@localhost:1/chaveiro", slog.New(slog.DiscardHandler))
	if !store.IsUnavailable(err) {
		t.Errorf("no server: %v", err)
	}
	if store.IsUnavailable(nil) || store.IsUnavailable(errors.New("other")) || store.IsUnavailable(context.Canceled) {
		t.Error("any error is seen as an unavailable database")
	}
}

// Proves: 12.4
func TestAFullDiskIsUnavailableAndReadsGoOn(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	mustWrite(t, s, addClient("1"))
	var pages int
	writer := store.SQLiteWriter(s)
	if err := writer.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := 2; i < 1000 && err == nil; i++ {
		err = s.Write(asSystem(t), addClient(strconv.Itoa(i)))
	}
	if !store.IsUnavailable(err) {
		t.Errorf("a full database: %v", err)
	}
	if countClients(t, s) == 0 {
		t.Error("nothing can be read")
	}
	if _, err := writer.Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, s, addClient("room again"))
}

func TestALostConnectionIsUnavailableAndTheNextWriteSucceeds(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	err := s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		if err := addClient("1")(ctx, tx); err != nil {
			return err
		}
		const others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid " +
			"<> pg_backend_pid()"
		if _, err := s.DB().ExecContext(ctx, others); err != nil {
			t.Error(err)
		}
		return addClient("2")(ctx, tx)
	})
	if !store.IsUnavailable(err) {
		t.Errorf("a lost connection: %v", err)
	}
	mustWrite(t, s, addClient("3"))
	if n := countClients(t, s); n != 1 {
		t.Errorf("%d clients, want 1", n)
	}
}

// Proves: 12.2
func TestTheSQLiteFileIsPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	loose := filepath.Join(dir, "loose.db")
	if err := os.WriteFile(loose, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "new %?#é.db"), loose} {
		url := "sqlite:" + path
		if err := store.Migrate(t.Context(), url, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s as Migrate leaves it: %v %v", path, info, err)
		}
		s, err := store.Open(t.Context(), url, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		s.Keep(storetest.AuditKeys{})
		mustWrite(t, s, addClient("1"))
		for _, name := range []string{path, path + "-wal", path + "-shm", path + ".lock"} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name, info, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAnAnsweredWriteOfSQLiteIsOnTheDisk(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := store.SQLiteWriter(s).QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", pragma, got, err, want)
		}
	}
}
