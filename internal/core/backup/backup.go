// Package backup takes an installation's whole database elsewhere: to a file while the portal serves, from which it
// restores the database, and to a database of the other dialect while the portal is stopped. Secrets stay sealed in the
// file, and the master key is not in it: the file alone opens nothing.
//
// The file is a tar archive: a manifest, a keyed hash of it by the installation's keyset, and the database as package
// store dumps it. The manifest has the keyset, encrypted by the master key, and the hash of the database. So a restore
// knows that the file is the installation's own before it reads the database. On demand the archive as a whole is
// encrypted with age to recipients, whose identities need not be on this machine.
//
// A backup that is killed leaves nothing readable, where the system allows: its file has no name until it is whole, and
// the dump that it is made of has none at all. PostgreSQL's is encrypted, too, by a key in memory.
package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/hmac"
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
	"time"

	"entgo.io/ent/dialect"
	"filippo.io/age"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Manifest says what a backup is.
type Manifest struct {
	// Format is the form of the file: 2.
	Format int `json:"format"`
	// Version is the program that wrote it.
	Version string `json:"version"`
	// Dialect is the database's: sqlite3 or postgres. A backup of one cannot be restored as the other.
	Dialect string `json:"dialect"`
	// Time is when the backup started.
	Time time.Time `json:"time"`
	// AuditHead is the end of the audit chain shortly before the dump, which has at least the events up to it.
	AuditHead string `json:"auditHead"`
	// Size and SHA256 are those of the database.
	Size   int64  `json:"size"`
	SHA256 []byte `json:"sha256"`
	// Keyset is the installation's keyset, encrypted by the master key.
	Keyset []byte `json:"keyset"`
}

const (
	format       = 2
	manifestName = "manifest.json"
	macName      = "manifest.mac"
	databaseName = "database"
	maxManifest  = 64 << 10 // bytes
)

// Installation is what is backed up and restored.
type Installation struct {
	DatabaseURL, DataDir, MasterKeyFile string
	// AuditAnchorFile is the file with the noted anchor of the audit trail.
	AuditAnchorFile string
	// EncryptTo are the recipients of the backups that Write makes. Without any a backup is not encrypted.
	EncryptTo []age.Recipient
	// IdentityFile has the age identity that opens an encrypted backup; "" for none.
	IdentityFile string
	// Version is the program's.
	Version string
	Log     *slog.Logger
}

// Write writes a backup to a new file that only its owner can read, and notes its time in the data folder. It returns
// an error that wraps fs.ErrExist if path exists. s and keys are the installation's.
//
// While the database accepts no writes, as on a full disk, a backup on another disk is still made. The log then says
// that the audit trail has no event of it, or that its time is not noted.
func (i Installation) Write(
	ctx context.Context, s *store.Store, keys *seal.Keyset, path string,
) (m Manifest, err error) {
	if _, err := os.Lstat(path); err == nil {
		return Manifest{}, fmt.Errorf("%s is there already, and a backup replaces nothing: %w", path, fs.ErrExist)
	}
	ctx = principal.AsSystem(ctx, "command line")
	err = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Action: "portal.backup"})
	})
	switch {
	case store.CannotSave(err):
		i.Log.Warn("the audit trail gets no event of this backup: the database takes no changes", "err", err)
	case err != nil:
		return Manifest{}, err
	}
	head, err := audit.Head(ctx, s)
	if err != nil {
		return Manifest{}, err
	}
	keyset, err := keyring.Encrypted(ctx, s)
	if err != nil {
		return Manifest{}, err
	}
	m = Manifest{
		Format: format, Version: i.Version, Dialect: s.Dialect(), Time: time.Now().UTC().Truncate(time.Second),
		AuditHead: head.String(), Keyset: keyset,
	}

	work, err := openWorkFolder(filepath.Dir(path), i.Log)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { err = errors.Join(err, work.close()) }()
	database, err := i.dump(ctx, work)
	if err != nil {
		return Manifest{}, err
	}
	defer database.close()
	switch after, err := keyring.Encrypted(ctx, s); {
	case err != nil:
		return Manifest{}, err
	case !bytes.Equal(after, keyset): // the manifest and the database might need two master keys
		return Manifest{}, errors.New("the keys were changed while the backup was made: make it again")
	}
	if err := m.measure(database); err != nil {
		return Manifest{}, err
	}
	if err := i.pack(path, work, database, m, keys); err != nil {
		return Manifest{}, fmt.Errorf("write the backup: %w", err)
	}
	if err := note(i.DataDir, m.Time); err != nil {
		i.Log.Warn("the backup is made, but metrics and doctor show the time of the one before", "err", err)
	}
	return m, nil
}

// measure fills in size and hash of the database.
func (m *Manifest) measure(of *dump) error {
	database, err := of.read()
	if err != nil {
		return fmt.Errorf("read the dump: %w", err)
	}
	sum := sha256.New()
	if m.Size, err = io.Copy(sum, database); err != nil {
		return fmt.Errorf("read the dump: %w", err)
	}
	m.SHA256 = sum.Sum(nil)
	return nil
}

func mac(keys *seal.Keyset, manifest []byte) []byte { return keys.MAC("backup", manifest) }

// pack writes the archive to a file that gets the name of the backup when it is whole.
func (i Installation) pack(path string, work *workFolder, of *dump, m Manifest, keys *seal.Keyset) error {
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	database, err := of.read()
	if err != nil {
		return err
	}
	target, err := newTarget(path, work)
	if err != nil {
		return err
	}
	defer target.file.Close()
	to, err := i.encrypt(target.file)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(to)
	for _, entry := range []struct {
		name string
		size int64
		from io.Reader
	}{
		{manifestName, int64(len(manifest)), bytes.NewReader(manifest)},
		{macName, sha256.Size, bytes.NewReader(mac(keys, manifest))},
		{databaseName, m.Size, database},
	} {
		header := &tar.Header{Name: entry.name, Mode: 0o600, Size: entry.size, ModTime: m.Time, Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(archive, entry.from); err != nil {
			return err
		}
	}
	if err := errors.Join(archive.Close(), to.Close(), target.file.Sync()); err != nil {
		return err
	}
	if err := target.name(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// noteName is the file in the data folder that says when the last backup was made.
const noteName = "last-backup"

// note overwrites the time of the last backup in place, as each time has the same length. So it needs no room on a full
// disk, and a failure leaves the time before.
func note(dataDir string, at time.Time) error {
	file, err := os.OpenFile(filepath.Join(dataDir, noteName), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("note the time of the backup: %w", err)
	}
	_, err = file.WriteAt([]byte(at.Format(time.RFC3339)+"\n"), 0)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("note the time of the backup: %w", err)
	}
	return nil
}

// Last returns when the last backup was made; the zero time when none was.
func Last(dataDir string) (time.Time, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, noteName))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 { // the disk was full at the first note
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time of the last backup: %w", err)
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time of the last backup: %w", err)
	}
	return at, nil
}

// Restore makes the database from a backup. Where there is a database already it refuses, and changes nothing. It
// refuses a damaged backup, or one of another keyset, before it loads any of it. If the audit chain is not what was
// written, it refuses too, and removes what it restored.
func (i Installation) Restore(ctx context.Context, path string) (m Manifest, err error) {
	empty, err := store.IsEmpty(ctx, i.DatabaseURL)
	if err != nil {
		return Manifest{}, err
	}
	if !empty {
		return Manifest{}, errors.New(
			"there is a database already, which a restore does not replace: move it away, or name another with --database-url")
	}
	ofDialect, err := store.DialectOf(i.DatabaseURL)
	if err != nil {
		return Manifest{}, err
	}
	work, err := openWorkFolder(i.besideDatabase(), i.Log)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { err = errors.Join(err, work.close()) }()
	dump, from, err := i.unpack(path, ofDialect, work)
	if err != nil {
		return Manifest{}, err
	}
	if file, _ := store.FileOf(i.DatabaseURL); file != "" { // checked before the file gets the database's name
		if err := i.check(ctx, "sqlite:"+dump, from); err != nil {
			return Manifest{}, refuseBackup(err)
		}
		return from, store.Load(ctx, i.DatabaseURL, dump)
	}
	if err := store.Load(ctx, i.DatabaseURL, dump); err != nil {
		return Manifest{}, err
	}
	if err := i.check(ctx, i.DatabaseURL, from); err != nil {
		return Manifest{}, errors.Join(refuseBackup(err), store.Discard(context.WithoutCancel(ctx), i.DatabaseURL))
	}
	return from, nil
}

func refuseBackup(err error) error { return fmt.Errorf("the backup is refused: %w", err) }

// besideDatabase returns the folder where the backup is unpacked. For SQLite it is that of the database file, as the
// unpacked file is renamed to it.
func (i Installation) besideDatabase() string {
	if file, err := store.FileOf(i.DatabaseURL); err == nil && file != "" {
		return filepath.Dir(file)
	}
	return i.DataDir
}

// unpack checks a backup, which must be of the dialect unless that is "", and writes its database to a file in a work
// folder. It returns the path of that and the manifest. It returns an error unless the keyset authenticates the
// manifest, and the manifest's hash the database.
func (i Installation) unpack(path, ofDialect string, work *workFolder) (dump string, m Manifest, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", m, fmt.Errorf("read the backup: %w", err)
	}
	defer file.Close()
	from, err := i.decrypt(path, file)
	if err != nil {
		return "", m, err
	}
	to, err := work.newFile(databaseName)
	if err != nil {
		return "", m, fmt.Errorf("unpack the backup: %w", err)
	}
	m, err = i.unpackTo(to, from, path, ofDialect)
	return to.Name(), m, errors.Join(err, to.Close())
}

func (i Installation) unpackTo(to *os.File, from io.Reader, path, ofDialect string) (m Manifest, err error) {
	archive := tar.NewReader(from)
	raw, err := entry(archive, manifestName, maxManifest)
	if err != nil {
		return m, err
	}
	sum, err := entry(archive, macName, sha256.Size)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%s is no backup: %w", path, err)
	}
	if err := i.checkManifest(m, ofDialect, raw, sum); err != nil {
		return m, err
	}
	header, err := archive.Next()
	if err != nil || header.Name != databaseName {
		return m, cut(err)
	}
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(to, hash), io.LimitReader(archive, m.Size+1))
	if err != nil || size != m.Size {
		return m, cut(err)
	}
	if !bytes.Equal(hash.Sum(nil), m.SHA256) {
		return m, errors.New("the backup is damaged: its database is not what the manifest says")
	}
	if _, err := archive.Next(); !errors.Is(err, io.EOF) {
		return m, cut(err)
	}
	return m, to.Sync()
}

// checkManifest checks a manifest, whose text is raw, and its keyed hash sum.
func (i Installation) checkManifest(m Manifest, ofDialect string, raw, sum []byte) error {
	switch {
	case m.Format != format:
		return fmt.Errorf("the backup has format %d, and this program reads format %d: restore it with the version that "+
			"wrote it, which by its manifest is %q", m.Format, format, m.Version)
	case ofDialect != "" && m.Dialect != ofDialect:
		return fmt.Errorf("the backup is of %s, and the database to restore is %s", m.Dialect, ofDialect)
	}
	keys, err := i.openKeyset(m)
	if err != nil {
		return refuseBackup(err)
	}
	if !hmac.Equal(sum, mac(keys, raw)) {
		return refuseBackup(errors.New("its manifest was altered"))
	}
	return nil
}

// openKeyset returns the keyset that a backup has in its manifest.
func (i Installation) openKeyset(m Manifest) (*seal.Keyset, error) {
	keys, err := keyring.OpenEncrypted(m.Keyset, i.MasterKeyFile, i.DataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the master key file %s is missing: put back the one of this backup, or name its place with "+
			"--master-key-file", i.MasterKeyFile)
	case errors.Is(err, seal.ErrWrongMasterKey):
		return nil, fmt.Errorf("the master key is not the one of this backup: put the right file at %s, or name its place "+
			"with --master-key-file", i.MasterKeyFile)
	case errors.Is(err, seal.ErrKeysetDamaged):
		return nil, fmt.Errorf("the keyset in its manifest is damaged (%w): take another backup", err)
	}
	return keys, err
}

func cut(err error) error {
	return fmt.Errorf("the backup is cut short or altered, or no backup: %w", errors.Join(err, io.ErrUnexpectedEOF))
}

// entry reads the next, small, entry of an archive.
func entry(archive *tar.Reader, name string, limit int64) ([]byte, error) {
	header, err := archive.Next()
	if err != nil || header.Name != name || header.Size > limit {
		return nil, cut(err)
	}
	data, err := io.ReadAll(archive)
	if err != nil {
		return nil, cut(err)
	}
	return data, nil
}

// openFilled opens a database that was just filled, and its keyset by the master key. It returns an error when the
// database is damaged.
func (i Installation) openFilled(ctx context.Context, databaseURL string) (*store.Store, *seal.Keyset, error) {
	s, err := store.Open(ctx, databaseURL, i.Log)
	if err != nil {
		return nil, nil, err
	}
	var keys *seal.Keyset
	if err = s.CheckIntegrity(ctx, false); err == nil {
		keys, err = keyring.OpenExisting(ctx, s, i.MasterKeyFile, i.DataDir)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, keys, nil
}

// Check verifies a backup without restoring it. It needs the master key and, for the time, as much room as a restore,
// and changes nothing. It returns an error unless a restore would succeed: of SQLite the database is opened, and its
// integrity, its canary and its audit trail are verified. Of PostgreSQL the manifest and the hash vouch for the dump,
// and pg_restore reads all of it; to verify the trail it takes a server to restore it to.
func (i Installation) Check(ctx context.Context, path string) (m Manifest, err error) {
	work, err := openWorkFolder(i.besideDatabase(), i.Log)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { err = errors.Join(err, work.close()) }()
	dump, m, err := i.unpack(path, "", work)
	if err != nil {
		return Manifest{}, err
	}
	if m.Dialect == dialect.Postgres {
		return m, store.CheckDump(ctx, dump)
	}
	head, err := audit.ParseAnchor(m.AuditHead)
	if err != nil {
		return Manifest{}, refuseBackup(err)
	}
	s, _, err := i.verify(ctx, "sqlite:"+dump, head)
	if err != nil {
		return Manifest{}, refuseBackup(err)
	}
	return m, s.Close()
}

// verify verifies that a database is what was backed up: its integrity, its canary, and its audit trail, which has come
// at least as far as head. The caller closes the store that it returns.
func (i Installation) verify(
	ctx context.Context, databaseURL string, head audit.Anchor,
) (s *store.Store, keys *seal.Keyset, err error) {
	if err := store.Migrate(ctx, databaseURL, i.Log); err != nil {
		return nil, nil, err
	}
	if s, keys, err = i.openFilled(ctx, databaseURL); err != nil {
		return nil, nil, err
	}
	if _, err := audit.Verify(ctx, s, keys, []audit.Noted{{Anchor: head}}, func(int64, int64) {}); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, keys, nil
}

// check verifies that the restored database is what was backed up, and records the restore.
func (i Installation) check(ctx context.Context, databaseURL string, from Manifest) (err error) {
	head, err := audit.ParseAnchor(from.AuditHead)
	if err != nil {
		return err
	}
	s, keys, err := i.verify(ctx, databaseURL, head)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	audit.Keep(s, keys)
	err = s.Write(principal.AsSystem(ctx, "command line"), func(ctx context.Context, tx *ent.Tx) error {
		return audit.Append(ctx, tx,
			audit.Event{Action: "portal.restore", Changes: []audit.Change{{Field: "backup", New: from.Time}}})
	})
	if err != nil {
		return err
	}
	before, err := audit.Witness{Store: s, Keys: keys, File: i.AuditAnchorFile}.Restart(ctx)
	if err != nil {
		i.Log.Warn("the anchor file does not know of the restore: delete it before the start", "err", err)
	}
	if before.Seq > head.Seq {
		i.Log.Warn("the audit trail had come further than this backup: what came after it is lost",
			"had", before.String(), "backup", head.String())
	}
	return nil
}
