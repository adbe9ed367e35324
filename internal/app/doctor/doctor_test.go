package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func want(t *testing.T, got Finding, level Level, text string) {
	t.Helper()
	if got.Level != level || !strings.Contains(got.Text, text) {
		t.Errorf("found %s, want %s: %s", got, level, text)
	}
}

func TestEachFindingSaysWhatToMend(t *testing.T) {
	t.Parallel()
	u := func(text string) *url.URL { parsed, _ := url.Parse(text); return parsed }
	now := time.Now()
	https, local := u("https://portal.example"), u("http://127.0.0.1:8080")
	networks := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	bytes := func(n uint64, err error) func(string) (uint64, error) {
		return func(string) (uint64, error) { return n, err }
	}
	for name, c := range map[string]struct {
		got   Finding
		level Level
		text  string
	}{
		"https":                       {publicURL(https), OK, "https://portal.example"},
		"plain http":                  {publicURL(local), Warn, "set --public-url"},
		"https on this machine":       {publicURL(u("https://localhost")), Warn, "set --public-url"},
		"https on a loopback address": {publicURL(u("https://[::1]:8443")), Warn, "set --public-url"},
		"https on an address":         {publicURL(u("https://192.0.2.1")), Warn, "is an address"},
		"https without a domain":      {publicURL(u("https://portal")), Warn, "without a domain"},
		"no proxy, no https":          {proxy(Patient{PublicURL: local}), OK, ""},
		"a proxy that is trusted": {proxy(Patient{PublicURL: https, BehindProxy: true, TrustedProxies: networks}), OK,
			"1 networks"},
		"a proxy that is not trusted": {proxy(Patient{PublicURL: https}), Warn, "set --trusted-proxies"},
		"behind a proxy, none trusted": {proxy(Patient{PublicURL: local, BehindProxy: true}), Warn,
			"set --trusted-proxies"},
		"everybody is trusted": {proxy(Patient{PublicURL: https,
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}), Fail, "name the proxy's own"},
		"clocks that agree":         {clock(now.Add(time.Second), now), OK, "agree"},
		"clocks that drift":         {clock(now.Add(-5*time.Second), now), Warn, "NTP"},
		"clocks that are far apart": {clock(now.Add(time.Minute), now), Fail, "NTP"},
		"durable":                   {durability(nil), OK, "on the disk"},
		"not durable":               {durability([]string{"fsync is off and must be on"}), Fail, "fsync is off"},
		"room for connections":      {connections(store.Sessions{Max: 97, Open: 30, Wanted: 17}), OK, "up to 17"},
		"little room for connections": {connections(store.Sessions{Max: 97, Open: 90, Wanted: 17}), Warn,
			"one more instance"},
		"no room for connections": {connections(store.Sessions{Max: 97, Open: 3, Wanted: 101}), Fail,
			"--database-connections"},
		"limited sessions": {vanishedProcesses(store.Sessions{}), OK, "ends"},
		"unlimited sessions": {vanishedProcesses(store.Sessions{Role: "chaveiro",
			Unlimited: []string{"statement_timeout"}}), Warn, "ALTER ROLE chaveiro SET"},
		"no authority":                    {authorities(x509.NewCertPool(), nil), Fail, "ca-certificates"},
		"authorities that cannot be read": {authorities(nil, errors.New("gone")), Fail, "gone"},
		"no certificate":                  {ownCertificate("/nowhere.crt", "/nowhere.key", now), Fail, "--tls-cert"},
		"no rotation":                     {rotation("", nil), OK, "no rotation"},
		"a rotation":                      {rotation("PROMOTED", nil), Warn, "chaveiro keyset rotate"},
		"a rotation that cannot be read":  {rotation("", errors.New("gone")), Fail, "gone"},
		"a backup of today":               {lastBackup(now.Add(-time.Hour), nil, now), OK, "the last one"},
		"an old backup":                   {lastBackup(now.Add(-50*time.Hour), nil, now), Warn, "chaveiro backup"},
		"no backup":                       {lastBackup(time.Time{}, nil, now), Warn, "none was ever made"},
		"a note that cannot be read":      {lastBackup(time.Time{}, errors.New("damaged"), now), Fail, "damaged"},
		"passkeys of this address":        {passkeys(factor.Moved{}, nil, https), OK, "none"},
		"passkeys of another address": {
			passkeys(factor.Moved{Passkeys: 3, Operators: 2, MadeAt: "https://old.example"}, nil, https), Warn,
			"3 passkeys of 2 operators were made at another address, such as https://old.example, " +
				"and never work at https://portal.example"},
		"passkeys that cannot be read": {passkeys(factor.Moved{}, errors.New("gone"), https), Fail, "gone"},
		"much space":                   {space("/x", bytes(2<<30, nil)), OK, "2048 MiB"},
		"little space":                 {space("/x", bytes(500<<20, nil)), Warn, "make room"},
		"no space":                     {space("/x", bytes(1<<20, nil)), Fail, "make room"},
		"space that cannot be told":    {space("/x", bytes(0, errors.New("gone"))), Fail, "gone"},
	} {
		t.Run(name, func(t *testing.T) { want(t, c.got, c.level, c.text) })
	}
}

func TestAnUnreadableAddressFromAProxyIsShown(t *testing.T) {
	t.Parallel()
	p := Patient{DataDir: t.TempDir(), BehindProxy: true,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		PublicURL:      &url.URL{Scheme: "https", Host: "portal.example"}}
	want(t, proxy(p), OK, "1 networks")
	must.Do(t, NoteMisread(p.DataDir, "aaaaaaa"))
	want(t, proxy(p), Warn, `of the form "aaaaaaa"`)
	for range 2 {
		must.Do(t, NoteMisread(p.DataDir, ""))
	}
	want(t, proxy(p), OK, "1 networks")
}

func TestAnAddressThatThePageSetInAnEarlierVersionIsFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		p := providers.All()["SHOWKASE"]
		if got := addresses(ctx, s, p, nil); len(got) != 0 {
			t.Errorf("where nothing is stored: %v", got)
		}
		must.Do(t, s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			values := map[string]string{"checkUrl": "https://check.example/token", "checkRefusedText": "x"}
			return tx.ProviderSetting.Create().SetProvider("SHOWKASE").SetValues(values).Exec(ctx)
		}))
		got := addresses(ctx, s, p, nil)
		if len(got) != 1 {
			t.Fatalf("found %v, want one finding", got)
		}
		want(t, got[0], Warn, "CHAVEIRO_SHOWKASE_CHECK_URL")
		if strings.Contains(got[0].Text, "check.example") {
			t.Errorf("it tells the address: %s", got[0])
		}
		if got := addresses(ctx, s, p, provider.Values{"checkUrl": "https://check.example/token"}); len(got) != 0 {
			t.Errorf("where the environment sets it: %v", got)
		}
	})
}

// Proves: 12.2
func TestFilesThatOthersMayReadAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "data", "chaveiro.db")
	want(t, folder(data), Fail, "is missing")
	must.Do(t, os.Mkdir(data, 0o755))
	want(t, folder(data), Fail, "chmod 700")
	must.Do(t, os.Chmod(data, 0o700))
	want(t, folder(data), OK, "closed")
	want(t, files("sqlite:" + file)[0], Fail, "is missing")
	must.Do(t, os.WriteFile(file, nil, 0o600))
	want(t, files("sqlite:" + file)[0], OK, "closed")
	must.Do(t, os.WriteFile(file+"-wal", nil, 0o600))
	must.Do(t, os.Chmod(file+"-wal", 0o640)) // past the umask
	want(t, files("sqlite:" + file)[0], Fail, "chmod 600 "+file+"-wal")
	want(t, folder(file), Fail, "is no folder")
	if got := files("postgres://u@h/d"); len(got) != 0 {
		t.Errorf("%v", got)
	}

	key := filepath.Join(dir, "master.key")
	want(t, masterKey(key, data), Fail, "is missing")
	_, err := seal.CreateMasterKey(key)
	must.Do(t, err)
	want(t, masterKey(key, data), OK, "is there")
	must.Do(t, os.Chmod(key, 0o644))
	want(t, masterKey(key, data), Fail, "chmod 600")
	_, err = seal.CreateMasterKey(filepath.Join(data, "master.key"))
	must.Do(t, err)
	want(t, masterKey(filepath.Join(data, "master.key"), data), Fail, "is in the data folder")

	token := filepath.Join(dir, "metrics.token")
	want(t, metricsToken(token), Fail, "no such file")
	must.Do(t, os.WriteFile(token, []byte(strings.Repeat("x", 32)), 0o600))
	want(t, metricsToken(token), OK, "closed")
	must.Do(t, os.Chmod(token, 0o640))
	want(t, metricsToken(token), Fail, "chmod 600")
}

func TestTheDoctorChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		log := slog.New(slog.DiscardHandler)
		dir := t.TempDir()
		p := Patient{
			DatabaseURL: databaseURL, DataDir: filepath.Join(dir, "data"), MasterKeyFile: filepath.Join(dir, "master.key"),
			AuditAnchorFile: filepath.Join(dir, "master.key.anchor"),
			PublicURL:       &url.URL{Scheme: "https", Host: "portal.example"}, Log: log,
		}
		about := func(what string) (Finding, bool) {
			for _, f := range Examine(t.Context(), p) {
				if f.About == what {
					return f, true
				}
			}
			return Finding{}, false
		}
		if got, _ := about("database"); got.Level != Fail {
			t.Errorf("of no database: %s", got)
		}
		if empty, err := store.IsEmpty(t.Context(), databaseURL); err != nil || !empty {
			t.Fatalf("it made something (%v)", err)
		}
		must.Do(t, os.Mkdir(p.DataDir, 0o700))
		must.Do(t, store.Migrate(t.Context(), databaseURL, log))
		s, err := store.Open(t.Context(), databaseURL, log)
		must.Do(t, err)
		defer s.Close()
		_, err = keyring.OpenKeyset(t.Context(), s, p.MasterKeyFile, p.DataDir, log)
		must.Do(t, err)
		for what, level := range map[string]Level{"master key": OK, "data folder": OK, "clock": OK, "integrity": OK,
			"canary": OK, "rotation": OK, "backup": Warn, "proxy": Warn} {
			if got, found := about(what); !found || got.Level != level {
				t.Errorf("found %s, want %s of the %s", got, level, what)
			}
		}
		level := OK
		if s.Dialect() == dialect.Postgres {
			level = Fail // that of the tests has fsync off
			for _, what := range []string{"connections", "sessions"} {
				if got, found := about(what); !found || got.Level == Fail {
					t.Errorf("found %s of the %s", got, what)
				}
			}
		}
		if got, _ := about("durability"); got.Level != level {
			t.Errorf("found %s, want %s", got, level)
		}
		must.Do(t, os.Remove(p.MasterKeyFile))
		if got, _ := about("canary"); got.Level != Fail || !strings.Contains(got.Text, "is missing") {
			t.Errorf("without its key: %s", got)
		}
	})
}
