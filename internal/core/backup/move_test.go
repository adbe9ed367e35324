package backup_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// eachMove runs test over a site of each dialect that is stopped, and an empty database of the other.
func eachMove(t *testing.T, test func(t *testing.T, s *site, to string)) {
	t.Helper()
	each(t, func(t *testing.T, s *site) {
		sealed, err := s.keys.Seal(seal.Place{Table: "operators", Column: "totp_sealed", RowID: "opr_1"}, []byte("secret"))
		must.Do(t, err)
		must.Do(t, s.store.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Operator.Create().SetID("opr_1").SetEmail("ana@example.com").SetName("Ana").SetRole("ADMIN").
				SetPasswordHash("x").SetTotpSealed(sealed).Exec(ctx)
		}))
		to := "sqlite:" + filepath.Join(t.TempDir(), "moved.db")
		if s.store.Dialect() == dialect.SQLite {
			to = storetest.EmptyPostgres(t)
		}
		must.Do(t, s.store.Close())
		test(t, s, to)
	})
}

// exec changes the database behind the program.
func (s *site) exec(t *testing.T, statements ...string) {
	t.Helper()
	driver, source := "pgx", s.DatabaseURL
	if path, ok := strings.CutPrefix(source, "sqlite:"); ok {
		driver, source = "sqlite3", path
	}
	db, err := sql.Open(driver, source)
	must.Do(t, err)
	for _, statement := range statements {
		_, err := db.ExecContext(t.Context(), statement)
		must.Do(t, err)
	}
	must.Do(t, db.Close())
}

// wantRefused checks that the move is refused with words, and that the database can be served as before.
func (s *site) wantRefused(t *testing.T, to, words string) {
	t.Helper()
	if err := s.Move(t.Context(), to, t.Logf); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want %q", err, words)
	}
	must.Do(t, store.Migrate(t.Context(), s.DatabaseURL, discard))
}

func wantEmpty(t *testing.T, url string) {
	t.Helper()
	if empty, err := store.IsEmpty(t.Context(), url); err != nil || !empty {
		t.Errorf("the other database was changed (%v)", err)
	}
}

func TestAMovedInstallationGoesOnInTheOtherDatabase(t *testing.T) {
	eachMove(t, func(t *testing.T, s *site, to string) {
		must.Do(t, s.Move(t.Context(), to, t.Logf))
		other := &site{Installation: s.Installation}
		other.DatabaseURL = to
		other.open(t)
		moves, err := other.store.Reader().AuditEvent.Query().Where(auditevent.Action("portal.move")).All(asSystem(t))
		must.Do(t, err)
		if len(moves) != 1 || !strings.Contains(string(moves[0].Changes), other.store.Dialect()) {
			t.Errorf("the events of the move are %v", moves)
		}
		other.written.Store(1_000_000)
		other.write(t)
		if _, err := audit.Verify(t.Context(), other.store, other.keys, nil, func(int64, int64) {}); err != nil {
			t.Error(err)
		}
		row, err := other.store.Reader().Operator.Get(asSystem(t), "opr_1")
		must.Do(t, err)
		if !store.Verifies(other.store, row) {
			t.Error("the operator does not verify")
		}
	})
}

func TestAMoveIsToTheOtherKindOfDatabase(t *testing.T) {
	eachMove(t, func(t *testing.T, s *site, _ string) {
		s.wantRefused(t, s.elsewhere(t).DatabaseURL, "restore it there")
	})
}

func TestAMoveWithoutTheMasterKeyIsRefusedAndChangesNothing(t *testing.T) {
	eachMove(t, func(t *testing.T, s *site, to string) {
		must.Do(t, os.Rename(s.MasterKeyFile, s.MasterKeyFile+".away"))
		s.wantRefused(t, to, "is missing")
		_, err := seal.CreateMasterKey(s.MasterKeyFile)
		must.Do(t, err)
		s.wantRefused(t, to, "is not the one that this database was made with")
		wantEmpty(t, to)
	})
}

func TestADatabaseThatIsBehindTheProgramIsNotMoved(t *testing.T) {
	eachMove(t, func(t *testing.T, s *site, to string) {
		s.exec(t, "DELETE FROM schema_migrations WHERE version_id = (SELECT MAX(version_id) FROM schema_migrations)")
		if err := s.Move(t.Context(), to, t.Logf); err == nil || !strings.Contains(err.Error(), "1 migrations behind") {
			t.Errorf("%v", err)
		}
		wantEmpty(t, to)
	})
}

func TestADatabaseWhoseTrailIsBrokenIsNotMoved(t *testing.T) {
	eachMove(t, func(t *testing.T, s *site, to string) {
		guard := "DROP TRIGGER audit_events_no_update"
		if strings.HasPrefix(to, "sqlite:") {
			guard = "DROP TRIGGER audit_events_guarded ON audit_events"
		}
		s.exec(t, guard, "UPDATE audit_events SET action = 'other' WHERE seq = 2")
		s.wantRefused(t, to, "the audit chain is broken at event 2")
		if err := store.Migrate(t.Context(), to, discard); !store.IsMisfit(err) {
			t.Errorf("what the move left can be served: %v", err)
		}
	})
}

func TestAnInterruptedMoveIsGivenAgain(t *testing.T) {
	eachMove(t, func(t *testing.T, s *site, to string) {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Move(ctx, to, func(format string, _ ...any) {
			if strings.HasPrefix(format, "copied ") {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		s.open(t) // it is served meanwhile
		s.write(t)
		before, err := s.store.Reader().IdempotentRequest.Query().Count(asSystem(t))
		must.Do(t, errors.Join(err, s.store.Close()))
		must.Do(t, s.Move(t.Context(), to, t.Logf))
		other := &site{Installation: s.Installation}
		other.DatabaseURL = to
		other.open(t)
		if n, err := other.store.Reader().IdempotentRequest.Query().Count(asSystem(t)); err != nil || n != before {
			t.Errorf("%d rows were moved of %d (%v)", n, before, err)
		}
	})
}
