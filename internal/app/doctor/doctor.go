// Package doctor checks an installation and says what to fix. It changes only what every opening of a database does:
// the permissions of its file.
package doctor

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/internal/app/metrics/token"
	"github.com/chaveiro/chaveiro/internal/base/diskspace"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Level says how bad a finding is.
type Level string

// The levels, from the best to the worst.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Finding is the result of one check: one line.
type Finding struct {
	Level Level
	// About names the thing that was checked.
	About string
	// Text says what was found and, unless that is good, what to do.
	Text string
}

// String returns the line.
func (f Finding) String() string { return fmt.Sprintf("%-4s  %-12s  %s", f.Level, f.About, f.Text) }

func ok(about, format string, args ...any) Finding {
	return Finding{OK, about, fmt.Sprintf(format, args...)}
}

func warn(about, format string, args ...any) Finding {
	return Finding{Warn, about, fmt.Sprintf(format, args...)}
}

func fail(about, format string, args ...any) Finding {
	return Finding{Fail, about, fmt.Sprintf(format, args...)}
}

// Patient is the installation to check.
type Patient struct {
	DatabaseURL, DataDir, MasterKeyFile string
	// AuditAnchorFile is the file that records the head of the audit trail.
	AuditAnchorFile string
	// DirectURL is the address of the database without the pooler of DatabaseURL; empty when there is none.
	DirectURL string
	// Connections is the limit of database connections; 0 for the default.
	Connections int

	PublicURL   *url.URL
	BehindProxy bool
	// TLSCert and TLSKey are the files of the portal's own certificate; empty when it has none.
	TLSCert, TLSKey string
	TrustedProxies  []netip.Prefix
	// MetricsTokenFile is the file with the token for the metrics; empty when there is none.
	MetricsTokenFile string
	// Providers are the known marketplaces; Fixed are their settings from the environment.
	Providers provider.Registry
	Fixed     map[provider.Code]provider.Values
	Log       *slog.Logger
}

// Examine returns the findings, in the order in which to fix them.
func Examine(ctx context.Context, p Patient) []Finding {
	findings := []Finding{
		masterKey(p.MasterKeyFile, p.DataDir),
		folder(p.DataDir),
	}
	findings = append(findings, files(p.DatabaseURL)...)
	findings = append(findings, publicURL(p.PublicURL), proxy(p), authorities(x509.SystemCertPool()))
	if p.TLSCert != "" {
		findings = append(findings, ownCertificate(p.TLSCert, p.TLSKey, time.Now()))
	}
	findings = append(findings, server(p.DatabaseURL)...)
	if p.MetricsTokenFile != "" {
		findings = append(findings, metricsToken(p.MetricsTokenFile))
	}
	findings = append(findings, database(ctx, p)...)
	at, err := backup.Last(p.DataDir)
	findings = append(findings, answersInSpool(p.DataDir), lastBackup(at, err, time.Now()))
	return append(findings, spaces(p.DataDir, p.DatabaseURL)...)
}

func masterKey(path, dataDir string) Finding {
	if _, err := seal.LoadMasterKey(path, dataDir); err != nil {
		return fail("master key", "%v", err)
	}
	return ok("master key", "%s is there, and closed to others", path)
}

// folder checks the data folder.
func folder(path string) Finding {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("data folder", "%s is missing: start the portal once, or name the folder with --data-dir", path)
	case err != nil:
		return fail("data folder", "%v", err)
	case !info.IsDir():
		return fail("data folder", "%s is no folder: name it with --data-dir", path)
	case info.Mode().Perm()&0o077 != 0:
		return fail("data folder", "%s has mode %04o, which lets others in: run chmod 700 %[1]s", path, info.Mode().Perm())
	case !isOwn(info):
		return fail("data folder", "%s belongs to another user: run chown %d %[1]s", path, os.Geteuid())
	}
	return ok("data folder", "%s is closed to others", path)
}

func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// files checks the files of a SQLite database.
func files(databaseURL string) []Finding {
	path, err := store.FileOf(databaseURL)
	if err != nil {
		return []Finding{fail("database", "%v", err)}
	}
	if path == "" {
		return nil
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if name == path {
				return []Finding{fail("database",
					"%s is missing: start the portal once, restore a backup, or name the file with --database-url", path)}
			}
		case err != nil:
			return []Finding{fail("database", "%v", err)}
		case info.Mode().Perm()&0o077 != 0:
			return []Finding{
				fail("database", "%s has mode %04o, which lets others read it: run chmod 600 %[1]s", name, info.Mode().Perm())}
		}
	}
	return []Finding{ok("database", "%s is closed to others", path)}
}

func publicURL(u *url.URL) Finding {
	host := u.Hostname()
	address, err := netip.ParseAddr(host)
	switch {
	case u.Scheme == "http":
		return warn("public URL", "%s is for this machine alone: set --public-url to the https address that others use", u)
	case err == nil && address.IsLoopback(), host == "localhost":
		return warn("public URL", "%s is this machine as it sees itself: set --public-url to the name that others use", u)
	case err == nil:
		return warn("public URL",
			"%s is an address: a name goes on when the machine moves, and gets a certificate more easily", u)
	case !strings.Contains(host, "."):
		return warn("public URL", "%s has a host without a domain: marketplaces and merchants cannot reach it", u)
	}
	return ok("public URL", "%s", u)
}

func proxy(p Patient) Finding {
	for _, network := range p.TrustedProxies {
		if network.Bits() == 0 {
			return fail("proxy",
				"--trusted-proxies trusts every address, so that anybody may claim any: name the proxy's own network")
		}
	}
	if len(p.TrustedProxies) == 0 && p.TLSCert == "" && (p.BehindProxy || p.PublicURL.Scheme == "https") {
		return warn("proxy", "no proxy is trusted, so that the log and the audit trail show the proxy's address for "+
			"everybody's: set --trusted-proxies")
	}
	shape, err := os.ReadFile(filepath.Join(p.DataDir, misreadName))
	switch {
	case err == nil && len(shape) > 0:
		return warn("proxy", "a trusted proxy sends addresses of the form %q, which cannot be read, so that its own is "+
			"shown for everybody's: "+
			"let it send X-Forwarded-For with an IP address", shape)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return warn("proxy", "what the portal saw of the proxy cannot be read: %v", err)
	}
	return ok("proxy", "trusted: %d networks", len(p.TrustedProxies))
}

// misreadName is the file in the data folder where a serving portal notes an address that it could not read.
const misreadName = "proxy.unread"

// NoteMisread notes in the data folder the shape of an address from a proxy that the portal could not read. The empty
// shape means that there was none.
func NoteMisread(dataDir, shape string) error {
	path := filepath.Join(dataDir, misreadName)
	if shape == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget what was seen of the proxy: %w", err)
		}
		return nil
	}
	if err := os.WriteFile(path, []byte(shape), 0o600); err != nil {
		return fmt.Errorf("note what was seen of the proxy: %w", err)
	}
	return nil
}

func metricsToken(path string) Finding {
	if _, err := token.Load(path); err != nil {
		return fail("metrics", "%v", err)
	}
	return ok("metrics", "%s is there, and closed to others", path)
}

// database checks the database if it exists, because opening a missing one would create it.
func database(ctx context.Context, p Patient) []Finding {
	if err := store.CheckWAL(p.DatabaseURL); err != nil { // before anything opens the file
		return []Finding{fail("wal", "%v", err)}
	}
	if empty, err := store.IsEmpty(ctx, cmp.Or(p.DirectURL, p.DatabaseURL)); err != nil {
		return []Finding{fail("database", "%v", err)}
	} else if empty {
		return []Finding{fail("database", "there is nothing in it: start the portal once, or restore a backup")}
	}
	s, err := store.Open(ctx, p.DatabaseURL, p.Log, store.Connections(p.Connections), store.Direct(p.DirectURL))
	if err != nil {
		return []Finding{fail("database", "%v", err)}
	}
	defer func() { _ = s.Close() }() // nothing was written
	findings := []Finding{encoding(s.CheckEncoding(ctx), s.CheckCollation(ctx))}
	if s.Dialect() == dialect.Postgres {
		findings = append(findings, pooler(s.CheckTransactions(ctx), p.DirectURL != ""))
	} else {
		findings = append(findings, ok("wal", "the database has its last changes, as far as its files show"))
	}
	condition, err := s.Condition(ctx)
	if err != nil {
		findings = append(findings, fail("durability", "%v", err))
	} else {
		findings = append(findings, durability(condition.Weak), clock(condition.Clock, condition.Asked))
		if condition.Sessions != nil {
			findings = append(findings, connections(*condition.Sessions), vanishedProcesses(*condition.Sessions))
		}
	}
	if err := s.CheckIntegrity(ctx, true); err != nil {
		findings = append(findings, fail("integrity", "%v: stop the portal and restore a backup", err))
	} else {
		findings = append(findings, ok("integrity", "the database is whole, as far as a quick look shows"))
	}
	findings = append(findings, triggers(s.LostTriggers(ctx)))
	keys, err := keyring.OpenExisting(ctx, s, p.MasterKeyFile, p.DataDir)
	findings = append(findings, canary(err), rotation(keyring.Stage(ctx, s)))
	if err == nil {
		s.Keep(keys)
		witness := audit.Witness{Store: s, Keys: keys, File: p.AuditAnchorFile}
		older, err := witness.IsOlder(ctx)
		findings = append(findings, age(older, err, p.AuditAnchorFile)...)
		findings = append(findings, trail(witness.Check(ctx)))
		if keys.CoversGrants() {
			findings = append(findings, grants(s.AlteredGrants(ctx, maxAltered)))
		} else {
			findings = append(findings,
				warn("grants", "the rows of a version before are not authenticated yet: start the portal once"))
		}
		findings = append(findings, secrets(ctx, s, keys))
	}
	findings = append(findings, dumpTool(ctx, s)...)
	moved, err := factor.CountMoved(ctx, s, p.PublicURL)
	findings = append(findings, passkeys(moved, err, p.PublicURL))
	return append(findings, connectionsOf(ctx, s, p.Providers, p.Fixed)...)
}

// passkeys finds passkeys that cannot work because they belong to another host.
func passkeys(moved factor.Moved, err error, u *url.URL) Finding {
	switch {
	case err != nil:
		return fail("passkeys", "%v", err)
	case moved.Passkeys > 0:
		return warn("passkeys",
			"%d passkeys of %d operators were made at another address, such as %s, and never work at %s: "+
				"set --public-url back, or let these operators log in another way and make new ones; an administrator removes "+
				"the second factor of "+
				"those who have no other", moved.Passkeys, moved.Operators, moved.MadeAt, u)
	}
	return ok("passkeys", "none was made at another address of the portal")
}

func durability(weak []string) Finding {
	if len(weak) > 0 {
		return fail("durability", "an answered change may be lost with the power: %s", strings.Join(weak, "; "))
	}
	return ok("durability", "an answered change is on the disk")
}

// connections checks whether the database server allows all connections that the portal opens.
func connections(s store.Sessions) Finding {
	switch {
	case s.Wanted > s.Max:
		return fail("connections", "an instance opens up to %d, and the server takes %d: "+
			"lower --database-connections, or raise max_connections", s.Wanted, s.Max)
	case s.Open+s.Wanted > s.Max:
		return warn("connections", "an instance opens up to %d, and %d of the server's %d are open now: "+
			"one more instance may find no room", s.Wanted, s.Open, s.Max)
	}
	return ok("connections", "an instance opens up to %d, and %d of the server's %d are open now", s.Wanted, s.Open, s.Max)
}

// vanishedProcesses checks whether the database server releases the locks of an instance that has vanished.
func vanishedProcesses(s store.Sessions) Finding {
	if len(s.Unlimited) > 0 {
		return warn("sessions", "an instance that vanishes may keep its locks: through a pooler the portal cannot set %s; "+
			"run ALTER ROLE %s SET for each (docs/operations.md)", strings.Join(s.Unlimited, " and "), s.Role)
	}
	return ok("sessions", "the server ends what a vanished instance leaves behind")
}

const (
	badClock   = 30 * time.Second
	driftClock = 2 * time.Second
)

func clock(database, here time.Time) Finding {
	apart := database.Sub(here).Abs().Round(time.Second / 10)
	switch {
	case apart > badClock:
		return fail("clock",
			"this machine and the database are %s apart, more than sessions and tokens bear: set both by NTP", apart)
	case apart > driftClock:
		return warn("clock", "this machine and the database are %s apart: set both by NTP", apart)
	}
	return ok("clock", "this machine and the database agree")
}

func canary(err error) Finding {
	if err != nil {
		return fail("canary", "%v", err)
	}
	return ok("canary", "the master key opens what is in the database")
}

func trail(problems []string, err error) Finding {
	switch {
	case err != nil:
		return fail("audit trail", "%v", err)
	case len(problems) > 0:
		return fail("audit trail", "it is not what was written: %s (docs/operations.md)", strings.Join(problems, "; "))
	}
	return ok("audit trail", "it has come as far as is known elsewhere, and the database guards it: "+
		"chaveiro audit verify looks at every event")
}

// maxAltered caps the rows changed outside the portal that are named.
const maxAltered = 10

func grants(altered []store.Grant, err error) Finding {
	if err != nil {
		return fail("grants", "%v", err)
	}
	if len(altered) == 0 {
		return ok("grants", "keys, tokens, operators and sessions are as the portal wrote them")
	}
	rows := make([]string, len(altered))
	for i, row := range altered {
		rows[i] = row.Table + " " + row.ID
	}
	return fail("grants", "changed in the database behind the portal, and letting nobody in: %s: chaveiro grants lists "+
		"all (docs/operations.md)",
		strings.Join(rows, ", "))
}

func rotation(stage string, err error) Finding {
	switch {
	case err != nil:
		return fail("rotation", "%v", err)
	case stage != "":
		return warn("rotation", "a rotation of the keyset stands at %s: finish it with chaveiro keyset rotate", stage)
	}
	return ok("rotation", "no rotation of the keyset is under way")
}

// oldBackup is the age of a backup that is reported: a daily backup may fail once.
const oldBackup = 49 * time.Hour

func lastBackup(at time.Time, err error, now time.Time) Finding {
	switch {
	case err != nil:
		return fail("backup", "%v", err)
	case at.IsZero():
		return warn("backup", "none was ever made: run chaveiro backup FILE, daily")
	case now.Sub(at) > oldBackup:
		return warn("backup", "the last one is from %s: run chaveiro backup FILE, daily", at.Format(time.RFC3339))
	}
	return ok("backup", "the last one is from %s", at.Format(time.RFC3339))
}

// spaces checks the disks of the data folder and of a SQLite file, which may be elsewhere.
func spaces(dataDir, databaseURL string) []Finding {
	findings := []Finding{space(dataDir, diskspace.Free)}
	path, err := store.FileOf(databaseURL)
	if folder := filepath.Dir(path); err == nil && path != "" && !isSame(folder, dataDir) {
		findings = append(findings, space(folder, diskspace.Free))
	}
	return findings
}

// isSame reports whether two paths lead to one folder.
func isSame(one, other string) bool {
	a, err := os.Stat(one)
	if err != nil {
		return false
	}
	b, err := os.Stat(other)
	return err == nil && os.SameFile(a, b)
}

const (
	littleSpace = 1 << 30
	noSpace     = 100 << 20
)

func space(path string, free func(string) (uint64, error)) Finding {
	bytes, err := free(path)
	mib := bytes >> 20
	switch {
	case err != nil:
		return fail("disk", "%v", err)
	case bytes < noSpace:
		return fail("disk", "%d MiB are free at %s, and changes fail when there are none: make room", mib, path)
	case bytes < littleSpace:
		return warn("disk", "%d MiB are free at %s: make room", mib, path)
	}
	return ok("disk", "%d MiB are free at %s", mib, path)
}
