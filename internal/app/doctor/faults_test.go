package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// installation is a healthy installation, for a test that makes one thing wrong with it.
type installation struct {
	Patient
	keys *seal.Keyset
}

func install(t *testing.T, databaseURL string) installation {
	t.Helper()
	dir := t.TempDir()
	at := installation{Patient: Patient{
		DatabaseURL: databaseURL, DataDir: filepath.Join(dir, "data"), MasterKeyFile: filepath.Join(dir, "master.key"),
		AuditAnchorFile: filepath.Join(dir, "master.key.anchor"),
		PublicURL:       &url.URL{Scheme: "https", Host: "portal.example"}, Log: slog.New(slog.DiscardHandler),
	}}
	must.Do(t, os.Mkdir(at.DataDir, 0o700))
	must.Do(t, store.Migrate(t.Context(), databaseURL, at.Log))
	s := at.open(t)
	defer s.Close()
	var err error
	at.keys, err = keyring.OpenKeyset(t.Context(), s, at.MasterKeyFile, at.DataDir, at.Log)
	must.Do(t, err)
	return at
}

// open opens the database as the portal does.
func (at installation) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), at.DatabaseURL, at.Log)
	must.Do(t, err)
	if at.keys != nil {
		audit.Keep(s, at.keys)
	}
	return s
}

// finding returns what the doctor finds about something.
func (at installation) finding(t *testing.T, about string) Finding {
	t.Helper()
	for _, f := range Examine(t.Context(), at.Patient) {
		if f.About == about {
			return f
		}
	}
	return Finding{Text: "nothing"}
}

// raw runs a statement behind the portal.
func raw(t *testing.T, databaseURL, statement string, args ...any) {
	t.Helper()
	driver, source := "pgx", databaseURL
	if path, is := strings.CutPrefix(databaseURL, "sqlite:"); is {
		driver, source = "sqlite3", path
	}
	db, err := sql.Open(driver, source)
	must.Do(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statement, args...)
	must.Do(t, err)
}

// writePair writes a certificate that is valid for a time, and its key, and returns the paths of both.
func writePair(t *testing.T, from, to time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must.Do(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must.Do(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	must.Do(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must.Do(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must.Do(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	return cert, key
}

func TestACertificateThatCannotServeIsFound(t *testing.T) {
	t.Parallel()
	now := time.Now()
	day := 24 * time.Hour
	good, itsKey := writePair(t, now.Add(-day), now.Add(90*day))
	soon, soonKey := writePair(t, now.Add(-day), now.Add(13*day))
	ended, endedKey := writePair(t, now.Add(-2*day), now.Add(-day))
	early, earlyKey := writePair(t, now.Add(day), now.Add(90*day))
	noPEM := filepath.Join(t.TempDir(), "text.pem")
	must.Do(t, os.WriteFile(noPEM, []byte("no certificate"), 0o600))
	for name, c := range map[string]struct {
		cert, key string
		level     Level
		text      string
	}{
		"a good one":                {good, itsKey, OK, "is good until"},
		"one that ends soon":        {soon, soonKey, Warn, "renew it"},
		"one that has ended":        {ended, endedKey, Fail, "ended at"},
		"one that is not valid yet": {early, earlyKey, Fail, "is valid only from"},
		"another's key":             {good, soonKey, Fail, "does not match"},
		"no certificate":            {noPEM, itsKey, Fail, "--tls-cert"},
		"no key":                    {good, noPEM, Fail, "--tls-key"},
	} {
		t.Run(name, func(t *testing.T) { want(t, ownCertificate(c.cert, c.key, now), c.level, c.text) })
	}
}

func TestAStoredSecretThatWasDamagedIsFound(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		at := install(t, databaseURL)
		place := seal.Place{Table: "signing_keys", Column: "private_key_sealed", RowID: "sgk_1"}
		sealed, err := at.keys.Seal(place, []byte("x"))
		must.Do(t, err)
		s := at.open(t)
		defer s.Close()
		must.Do(t, s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
			return tx.SigningKey.Create().SetID("sgk_1").SetPublicKey([]byte("x")).SetPrivateKeySealed(sealed).
				SetSignsFrom(time.Now()).Exec(ctx)
		}))
		want(t, at.finding(t, "secrets"), OK, "open")
		sealed[len(sealed)-1] ^= 1
		raw(t, databaseURL, "UPDATE signing_keys SET private_key_sealed = $1", sealed)
		want(t, at.finding(t, "secrets"), Fail, "1 of signing_keys.private_key_sealed")
	})
}

func TestADumpToolThatDoesNotFitTheServerIsFound(t *testing.T) {
	at := install(t, storetest.EmptyPostgres(t))
	for _, c := range []struct {
		script string
		level  Level
		text   string
	}{
		{"", Fail, "is not on the PATH: install"},
		{"echo 'pg_dump (PostgreSQL) 9.6.24'", Fail, "is of version 9, and the server of"},
		{"echo 'pg_dump (PostgreSQL) 99.1 (Debian 99.1-1)'", OK, "of version 99 makes backups"},
		{"echo 'what?'", Fail, "--version says"},
		{"exit 3", Fail, "exit status 3"},
	} {
		dir := t.TempDir()
		if c.script != "" {
			script := []byte("#!/bin/sh\n" + c.script + "\n")
			must.Do(t, os.WriteFile(filepath.Join(dir, "pg_dump"), script, 0o700)) // #nosec G306 -- a program
		}
		t.Setenv("PATH", dir)
		want(t, at.finding(t, "pg_dump"), c.level, c.text)
	}
}

// log appends an event to the audit trail, and notes how far the trail has come.
func (at installation) log(t *testing.T, s *store.Store) {
	t.Helper()
	must.Do(t, s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Action: "client.update"})
	}))
	_, problems, err := audit.Witness{Store: s, Keys: at.keys, File: at.AuditAnchorFile}.Note(t.Context())
	must.Do(t, err)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
}

// copyOf copies a database that nobody has open, and returns its URL.
func copyOf(t *testing.T, databaseURL string) string {
	t.Helper()
	path, is := strings.CutPrefix(databaseURL, "sqlite:")
	if !is {
		u, err := url.Parse(databaseURL)
		must.Do(t, err)
		again, drop, err := storetest.CreatePostgres(t.Context(), strings.TrimPrefix(u.Path, "/"))
		must.Do(t, err)
		t.Cleanup(func() { must.Do(t, drop()) })
		return again
	}
	content, err := os.ReadFile(path)
	must.Do(t, err)
	again := filepath.Join(t.TempDir(), "copy.db")
	must.Do(t, os.WriteFile(again, content, 0o600))
	return "sqlite:" + again
}

func TestADatabaseThatIsOlderThanThePortalLeftItIsFound(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		at := install(t, databaseURL)
		s := at.open(t)
		at.log(t, s)
		must.Do(t, s.Close())
		older := at
		older.DatabaseURL = copyOf(t, databaseURL)
		if got := older.finding(t, "database"); got.Level == Fail {
			t.Errorf("a copy that is not older: %s", got)
		}

		s = at.open(t)
		defer func() { must.Do(t, s.Close()) }()
		at.log(t, s)
		if got := at.finding(t, "database"); got.Level == Fail {
			t.Errorf("as the portal left it: %s", got)
		}
		want(t, older.finding(t, "audit trail"), Fail, "its end was cut off")
		wantOlder := func(of installation) {
			t.Helper()
			for _, f := range Examine(t.Context(), of.Patient) {
				if f.About == "database" && f.Level == Fail {
					want(t, f, Fail, "is older than the portal left it")
					return
				}
			}
			t.Error("nothing is found of an older database")
		}
		wantOlder(older)
		if strings.HasPrefix(databaseURL, "sqlite:") { // without the -wal, which has the last event
			lost := at
			lost.DatabaseURL = copyOf(t, databaseURL)
			wantOlder(lost)
		}

		other := older.open(t) // and goes on
		defer func() { must.Do(t, other.Close()) }()
		must.Do(t, other.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
			for range 3 {
				if err := audit.Append(ctx, tx, audit.Event{Action: "client.create"}); err != nil {
					return err
				}
			}
			return nil
		}))
		wantOlder(older)
	})
}

func TestADatabaseWhoseLogWasDeletedIsNotOpened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	at := install(t, "sqlite:"+path)
	s := at.open(t)
	defer func() { must.Do(t, s.Close()) }()
	release, err := store.Serve(at.DatabaseURL)
	must.Do(t, err)
	defer release()
	at.log(t, s)
	want(t, at.finding(t, "wal"), OK, "its last changes")
	want(t, at.finding(t, "server"), OK, "is served by process")
	must.Do(t, os.Remove(path+"-wal"))
	for range 2 {
		want(t, at.finding(t, "wal"), Fail, "was deleted")
		want(t, at.finding(t, "canary"), "", "nothing")
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("it made a new log")
	}
}

func TestTriggersThatAreGoneOrTurnedOffAreFound(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		at := install(t, databaseURL)
		want(t, at.finding(t, "triggers"), OK, "all are there")
		statement, text := "DROP TRIGGER clients_search_insert", "missing are clients_search_insert of clients:"
		if !strings.HasPrefix(databaseURL, "sqlite:") {
			statement, text = "ALTER TABLE clients DISABLE TRIGGER shop_versions", "turned off are shop_versions of clients:"
		}
		raw(t, databaseURL, statement)
		want(t, at.finding(t, "triggers"), Fail, text)
	})
}

func TestOfManyTriggersTheFirstAreNamed(t *testing.T) {
	t.Parallel()
	missing := make([]store.Trigger, maxTriggers+2)
	got := triggers(missing, missing[:1], nil)
	want(t, got, Fail, "and 2 more; turned off are")
	if n := strings.Count(got.Text, " of "); n != maxTriggers+1 {
		t.Errorf("%d are named", n)
	}
}

func TestAnEncodingThatCannotKeepEveryNameIsFound(t *testing.T) {
	t.Parallel()
	latin := storetest.EmptyPostgres(t, "ENCODING 'LATIN1' LOCALE 'C'")
	wide := "sqlite:" + filepath.Join(t.TempDir(), "wide.db")
	for databaseURL, statement := range map[string]string{
		latin: "CREATE TABLE t (x text)", wide: "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (x text)",
	} {
		raw(t, databaseURL, statement)
		at := installation{Patient: Patient{DatabaseURL: databaseURL, DataDir: t.TempDir(),
			PublicURL: &url.URL{Scheme: "https", Host: "portal.example"}, Log: slog.New(slog.DiscardHandler)}}
		want(t, at.finding(t, "encoding"), Fail, "its encoding is")
	}
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		want(t, install(t, databaseURL).finding(t, "encoding"), OK, "every text")
	})
}

func TestAPoolerIsFound(t *testing.T) {
	t.Parallel()
	own := storetest.EmptyPostgres(t)
	at := install(t, own)
	want(t, at.finding(t, "pooler"), OK, "none")
	at.DatabaseURL = storetest.PgBouncer(t, own, "transaction")
	want(t, at.finding(t, "database"), Fail, "a pooler, such as PgBouncer")
	at.DirectURL = own
	want(t, at.finding(t, "pooler"), OK, "transactions are whole")
	at.DatabaseURL = storetest.PgBouncer(t, own, "statement")
	want(t, at.finding(t, "pooler"), Fail, "pool_mode = transaction")
}

func TestTheDiskOfADatabaseElsewhereIsLookedAt(t *testing.T) {
	t.Parallel()
	data, elsewhere := t.TempDir(), t.TempDir()
	for databaseURL, n := range map[string]int{
		"sqlite:" + data + "/chaveiro.db": 1, "sqlite:" + elsewhere + "/chaveiro.db": 2, "postgres://u@h/d": 1,
	} {
		if got := spaces(data, databaseURL); len(got) != n {
			t.Errorf("%s: %v", databaseURL, got)
		}
	}
}
