package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

var discard = slog.New(slog.DiscardHandler)

func asSystem(t *testing.T) context.Context { return principal.AsSystem(t.Context(), "test") }

// site is an installation with some data.
type site struct {
	backup.Installation
	store   *store.Store
	keys    *seal.Keyset
	written atomic.Int64
}

// each runs test over a site of each dialect.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		s := &site{Installation: backup.Installation{
			DatabaseURL: url, DataDir: filepath.Join(dir, "data"), MasterKeyFile: filepath.Join(dir, "master.key"),
			AuditAnchorFile: filepath.Join(dir, "master.key.anchor"), Version: "test", Log: discard,
		}}
		must.Do(t, os.Mkdir(s.DataDir, 0o700))
		must.Do(t, store.Migrate(t.Context(), url, discard))
		s.open(t)
		for range 3 {
			s.write(t)
		}
		test(t, s)
	})
}

func (s *site) open(t *testing.T) {
	t.Helper()
	var err error
	s.store, err = store.Open(t.Context(), s.DatabaseURL, discard, store.Connections(4))
	must.Do(t, err)
	t.Cleanup(func() { _ = s.store.Close() })
	s.keys, err = keyring.OpenKeyset(t.Context(), s.store, s.MasterKeyFile, s.DataDir, discard)
	must.Do(t, err)
	audit.Keep(s.store, s.keys)
}

// write adds a row and its event, in one transaction.
func (s *site) write(t *testing.T) {
	t.Helper()
	n := s.written.Add(1)
	must.Do(t, s.store.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		err := tx.IdempotentRequest.Create().SetOperatorID("o").SetKey(fmt.Sprint(n)).SetOperation("x").
			SetInputFingerprint("f").SetObjectID("c").Exec(ctx)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "test"})
	}))
}

func (s *site) backup(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "chaveiro.backup")
	_, err := s.Write(t.Context(), s.store, s.keys, path)
	must.Do(t, err)
	return path
}

// elsewhere returns the same installation with another, empty, database.
func (s *site) elsewhere(t *testing.T) *site {
	t.Helper()
	other := &site{Installation: s.Installation}
	other.DatabaseURL = "sqlite:" + filepath.Join(t.TempDir(), "restored.db")
	if s.store.Dialect() == dialect.Postgres {
		other.DatabaseURL = storetest.EmptyPostgres(t)
	}
	return other
}

// Proves: 12.3
func TestABackupTakenUnderLoadIsWholeAndRestoresAWritableDatabase(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
					s.write(t)
				}
			}
		}()
		before := s.written.Load()
		path := s.backup(t)
		close(stop)
		<-stopped
		info, err := os.Stat(path)
		must.Do(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("the backup has mode %v", info.Mode())
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("beside it there is %v (%v)", left, err)
		}
		if at, err := backup.Last(s.DataDir); err != nil || time.Since(at) > time.Hour {
			t.Errorf("its time is noted as %v (%v)", at, err)
		}

		other := s.elsewhere(t)
		m, err := other.Restore(t.Context(), path)
		must.Do(t, err)
		if m.Dialect != s.store.Dialect() || m.Version != "test" {
			t.Errorf("%+v", m)
		}
		other.open(t)
		rows, err := other.store.Reader().IdempotentRequest.Query().Count(asSystem(t))
		must.Do(t, err)
		events, err := other.store.Reader().AuditEvent.Query().Count(asSystem(t))
		must.Do(t, err)
		if rows < int(before) || events < rows+2 { // with those of begin, backup and restore
			t.Errorf("%d rows and %d events; there were %d rows before", rows, events, before)
		}
		other.written.Store(1_000_000)
		other.write(t)
		if _, err := audit.Verify(t.Context(), other.store, other.keys, nil, func(int64, int64) {}); err != nil {
			t.Error(err)
		}
		for _, folder := range []string{s.DataDir, filepath.Dir(path)} {
			if left := unfinishedIn(t, folder); len(left) > 0 {
				t.Errorf("they left %q", left)
			}
		}
	})
}

// Proves: 12.3
func TestABackupHoldsNeitherSecretsNorTheMasterKey(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		master, err := os.ReadFile(s.MasterKeyFile)
		must.Do(t, err)
		if s.store.Dialect() == dialect.Postgres {
			t.Skip("pg_dump compresses, so that nothing could be found")
		}
		sealed, err := s.keys.Seal(seal.Place{Table: "signing_keys", Column: "private_key_sealed", RowID: "sgk_1"},
			[]byte("planted-secret"))
		must.Do(t, err)
		must.Do(t, s.store.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.SigningKey.Create().SetID("sgk_1").SetPublicKey([]byte("planted-public")).SetPrivateKeySealed(sealed).
				SetSignsFrom(time.Now()).Exec(ctx)
		}))
		content, err := os.ReadFile(s.backup(t))
		must.Do(t, err)
		if !bytes.Contains(content, []byte("planted-public")) {
			t.Fatal("the row is not in the backup")
		}
		if bytes.Contains(content, []byte("planted-secret")) || bytes.Contains(content, bytes.TrimSpace(master)) {
			t.Error("a secret is in the backup in clear")
		}
	})
}

func TestACheckOfABackupNeedsNoDatabaseAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		path, other := s.backup(t), s.elsewhere(t)
		before, err := audit.Head(t.Context(), s.store)
		must.Do(t, err)
		m, err := other.Check(t.Context(), path)
		must.Do(t, err)
		if m.AuditHead != before.String() || m.Dialect != s.store.Dialect() {
			t.Errorf("the backup of %s at %s is said to be of %s at %s", s.store.Dialect(), before, m.Dialect, m.AuditHead)
		}
		if empty, err := store.IsEmpty(t.Context(), other.DatabaseURL); err != nil || !empty {
			t.Errorf("it left something: empty %v (%v)", empty, err)
		}
		if beside, _ := store.FileOf(other.DatabaseURL); beside != "" {
			if left, err := os.ReadDir(filepath.Dir(beside)); err != nil || len(left) > 0 {
				t.Errorf("it left %v (%v)", left, err)
			}
		}
		if after, err := audit.Head(t.Context(), s.store); err != nil || after.String() != before.String() {
			t.Errorf("the trail went from %s to %s (%v)", before, after, err)
		}
	})
}

func TestABackupReplacesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		path := s.backup(t)
		if _, err := s.Write(t.Context(), s.store, s.keys, path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%v", err)
		}
	})
}

func TestARestoreRefusesADatabaseThatIsThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := s.Restore(t.Context(), s.backup(t))
		if err == nil || !strings.Contains(err.Error(), "there is a database already") {
			t.Errorf("%v", err)
		}
		s.write(t) // the existing database still works
	})
}

// part is an entry of the archive.
type part struct {
	name string
	data []byte
}

// repack writes a backup with its entries changed.
func repack(t *testing.T, path string, change func([]part) []part) string {
	t.Helper()
	file, err := os.Open(path)
	must.Do(t, err)
	defer file.Close()
	var parts []part
	for archive := tar.NewReader(file); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		must.Do(t, err)
		data, err := io.ReadAll(archive)
		must.Do(t, err)
		parts = append(parts, part{header.Name, data})
	}
	to, err := os.Create(filepath.Join(t.TempDir(), "changed.backup"))
	must.Do(t, err)
	archive := tar.NewWriter(to)
	for _, p := range change(parts) {
		must.Do(t, archive.WriteHeader(&tar.Header{Name: p.name, Mode: 0o600, Size: int64(len(p.data))}))
		_, err := archive.Write(p.data)
		must.Do(t, err)
	}
	must.Do(t, archive.Close())
	must.Do(t, to.Close())
	return to.Name()
}

// describe rewrites the manifest: size and hash fit the database, and then change is applied.
func describe(t *testing.T, parts []part, change func(*backup.Manifest)) []part {
	t.Helper()
	var m backup.Manifest
	must.Do(t, json.Unmarshal(parts[0].data, &m))
	sum := sha256.Sum256(parts[2].data)
	m.Size, m.SHA256 = int64(len(parts[2].data)), sum[:]
	change(&m)
	var err error
	parts[0].data, err = json.MarshalIndent(m, "", "  ")
	must.Do(t, err)
	return parts
}

// Proves: 12.3
func TestABackupThatIsNotWhatWasWrittenIsRefusedAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		path := s.backup(t)
		altered := func(i int, change func([]byte) []byte) func(t *testing.T, s *site) string {
			return func(t *testing.T, _ *site) string {
				return repack(t, path, func(parts []part) []part { parts[i].data = change(parts[i].data); return parts })
			}
		}
		for name, c := range map[string]struct {
			make func(t *testing.T, s *site) string
			want string
		}{
			"cut in the middle": {func(t *testing.T, _ *site) string {
				content, err := os.ReadFile(path)
				must.Do(t, err)
				short := filepath.Join(t.TempDir(), "short.backup")
				must.Do(t, os.WriteFile(short, content[:len(content)/2], 0o600))
				return short
			}, "cut short"},
			"empty": {func(t *testing.T, _ *site) string {
				none := filepath.Join(t.TempDir(), "none.backup")
				must.Do(t, os.WriteFile(none, nil, 0o600))
				return none
			}, "cut short"},
			"no file": {func(t *testing.T, _ *site) string { return path + ".missing" }, "no such file"},
			"another database inside": {altered(2, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }),
				"not what the manifest says"},
			"an altered manifest": {altered(0, func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"version": "test"`), []byte(`"version": "best"`), 1)
			}), "its manifest was altered"},
			"another database that the manifest was made to fit": {func(t *testing.T, _ *site) string {
				return repack(t, path, func(parts []part) []part {
					parts[2].data = []byte("never looked at") // or it would be the database's program that refuses it
					return describe(t, parts, func(*backup.Manifest) {})
				})
			}, "its manifest was altered"},
			"the keyset of another": {func(t *testing.T, _ *site) string {
				return repack(t, path, func(parts []part) []part {
					keys, err := seal.NewKeyset()
					must.Do(t, err)
					stranger := filepath.Join(t.TempDir(), "stranger.key")
					master, err := seal.CreateMasterKey(stranger)
					must.Do(t, err)
					parts = describe(t, parts, func(m *backup.Manifest) { m.Keyset, err = keys.Encrypt(master); must.Do(t, err) })
					parts[1].data = keys.MAC("backup", parts[0].data)
					return parts
				})
			}, "the master key is not the one of this backup"},
			"an altered hash of the manifest": {altered(1, func(b []byte) []byte { b[0] ^= 1; return b }),
				"its manifest was altered"},
			"a keyset that is cut short": {func(t *testing.T, _ *site) string {
				return repack(t, path, func(parts []part) []part {
					return describe(t, parts, func(m *backup.Manifest) { m.Keyset = m.Keyset[:len(m.Keyset)/2] })
				})
			}, "the keyset in its manifest is damaged"},
			"an earlier format": {
				altered(0, func(b []byte) []byte { return bytes.Replace(b, []byte(`"format": 2`), []byte(`"format": 1`), 1) }),
				`has format 1, and this program reads format 2: restore it with the version that wrote it, which by its manifest is "test"`},
			"a later format": {
				altered(0, func(b []byte) []byte { return bytes.Replace(b, []byte(`"format": 2`), []byte(`"format": 9`), 1) }),
				"has format 9, and this program reads format 2"},
			"the other dialect": {altered(0, func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"dialect": "`), []byte(`"dialect": "x`), 1)
			}), "the backup is of x"},
			"another master key": {func(t *testing.T, other *site) string {
				other.MasterKeyFile = filepath.Join(t.TempDir(), "other.key")
				_, err := seal.CreateMasterKey(other.MasterKeyFile)
				must.Do(t, err)
				return path
			}, "the master key is not the one of this backup"},
			"no master key": {func(t *testing.T, other *site) string {
				other.MasterKeyFile += ".missing"
				return path
			}, "is missing: put back the one of this backup"},
		} {
			t.Run(name, func(t *testing.T) {
				other := s.elsewhere(t)
				file := c.make(t, other)
				if _, err := other.Check(t.Context(), file); err == nil {
					t.Error("the check finds nothing")
				}
				if _, err := other.Restore(t.Context(), file); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				} else if strings.Contains(err.Error(), "this database") ||
					strings.Contains(err.Error(), "the keyset in the database") {
					t.Errorf("%v, which is a sentence of a start", err)
				}
				if empty, err := store.IsEmpty(t.Context(), other.DatabaseURL); err != nil || !empty {
					t.Errorf("it left something: empty %v (%v)", empty, err)
				}
				if beside, _ := store.FileOf(other.DatabaseURL); beside != "" {
					if left, err := os.ReadDir(filepath.Dir(beside)); err != nil || len(left) > 0 {
						t.Errorf("it left %v (%v)", left, err)
					}
				}
			})
		}
	})
}

func TestABackupOfABrokenTrailIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		must.Do(t, s.store.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error { // an event outside of the chain
			return tx.AuditEvent.Create().SetActorKind("SYSTEM").SetActorLabel("").SetAddress("").SetRequestID("").
				SetAction("forged").Exec(ctx)
		}))
		var broken *audit.Broken
		if _, err := s.Check(t.Context(), s.backup(t)); s.store.Dialect() == dialect.SQLite && !errors.As(err, &broken) {
			t.Errorf("the check: %v", err)
		}
		if _, err := s.elsewhere(t).Restore(t.Context(), s.backup(t)); !errors.As(err, &broken) {
			t.Errorf("%v", err)
		}
	})
}

func TestABackupIsMadeOfAReadOnlyDatabaseAndTheLogSaysWhatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		writer, full := s.store.Pools()["writes"], func(ctx context.Context) error {
			return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
				return audit.Append(ctx, tx, audit.Event{Action: "test"})
			})
		}
		if writer == nil { // a standby of PostgreSQL takes no changes
			writer = s.store.Pools()["all"]
			writer.SetMaxIdleConns(0)
			_, err := writer.Exec("DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET " +
				"default_transaction_read_only = on'; END $$")
			must.Do(t, err)
		} else {
			var pages int
			must.Do(t, writer.QueryRow("PRAGMA page_count").Scan(&pages))
			_, err := writer.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			must.Do(t, err)
		}
		for range 10_000 {
			if err := full(asSystem(t)); err != nil {
				if !store.CannotSave(err) {
					t.Fatal(err)
				}
				break
			}
		}
		var log bytes.Buffer
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		path := s.backup(t)
		if !strings.Contains(log.String(), "the audit trail gets no event of this backup") {
			t.Errorf("the log says %q", log.String())
		}
		s.Log = discard
		other := s.elsewhere(t)
		_, err := other.Restore(t.Context(), path)
		must.Do(t, err)
	})
}

func TestABackupTimeThatCannotBeWrittenLeavesThePreviousOne(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.backup(t)
		before, err := backup.Last(s.DataDir)
		must.Do(t, err)
		must.Do(t, os.Rename(filepath.Join(s.DataDir, "last-backup"), filepath.Join(s.DataDir, "kept")))
		must.Do(t, os.Mkdir(filepath.Join(s.DataDir, "last-backup"), 0o700)) // nothing can be written there
		var log bytes.Buffer
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		s.backup(t)
		if !strings.Contains(log.String(), "show the time of the one before") {
			t.Errorf("the log says %q", log.String())
		}
		must.Do(t, os.Remove(filepath.Join(s.DataDir, "last-backup")))
		must.Do(t, os.Rename(filepath.Join(s.DataDir, "kept"), filepath.Join(s.DataDir, "last-backup")))
		if at, err := backup.Last(s.DataDir); err != nil || !at.Equal(before) {
			t.Errorf("the last backup is of %s (%v), want %s", at, err, before)
		}
		must.Do(t, os.Truncate(filepath.Join(s.DataDir, "last-backup"), 0)) // the disk was full at the first note
		if at, err := backup.Last(s.DataDir); err != nil || !at.IsZero() {
			t.Errorf("an empty note says %s (%v)", at, err)
		}
	})
}
