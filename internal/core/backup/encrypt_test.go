package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/store"
)

// newIdentity makes an age identity, and returns the path of its file.
func newIdentity(t *testing.T) (path string, recipient age.Recipient) {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	must.Do(t, err)
	recipient = identity.Recipient()
	return identityFile(t, fmt.Sprintf("# public key: %s\n%s\n", recipient, identity)), recipient
}

func identityFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "identity")
	must.Do(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// Proves: 12.3
func TestAnEncryptedBackupIsReadByEachOfItsRecipientsAndByNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		first, toFirst := newIdentity(t)
		second, toSecond := newIdentity(t)
		stranger, _ := newIdentity(t)
		s.EncryptTo = []age.Recipient{toFirst, toSecond}
		must.Do(t, s.store.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.SigningKey.Create().SetID("sgk_1").SetPublicKey([]byte("planted-public")).SetPrivateKeySealed([]byte("x")).
				SetSignsFrom(time.Now()).Exec(ctx)
		}))
		path := s.backup(t)
		content, err := os.ReadFile(path)
		must.Do(t, err)
		if !strings.HasPrefix(string(content), "age-encryption.org/v1\n") {
			t.Errorf("it is no file of age: %q", content[:min(40, len(content))])
		}
		for _, clear := range []string{"planted-public", "manifest", "postgres", "SQLite"} {
			if bytes.Contains(content, []byte(clear)) {
				t.Errorf("%s is in it in clear", clear)
			}
		}

		for _, identity := range []string{first, second} {
			other := s.elsewhere(t)
			other.IdentityFile = identity
			_, err := other.Check(t.Context(), path)
			must.Do(t, err)
			m, err := other.Restore(t.Context(), path)
			must.Do(t, err)
			if m.Dialect != s.store.Dialect() {
				t.Errorf("%+v", m)
			}
		}
		for identity, says := range map[string]string{
			"": "is encrypted: name the file with the age identity", stranger: "is not one that",
		} {
			other := s.elsewhere(t)
			other.IdentityFile = identity
			wantRefused(t, other, path, says)
		}
		other := s.elsewhere(t)
		other.IdentityFile, other.MasterKeyFile = first, other.MasterKeyFile+".missing"
		wantRefused(t, other, path, "is missing: put back the one of this backup")
	})
}

// wantRefused checks that neither a check nor a restore takes a backup, and that both leave nothing.
func wantRefused(t *testing.T, s *site, path, says string) {
	t.Helper()
	for what, do := range map[string]func(context.Context, string) (backup.Manifest, error){
		"check": s.Check, "restore": s.Restore,
	} {
		if _, err := do(t.Context(), path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("the %s says %v, want %q", what, err, says)
		} else if strings.Contains(err.Error(), "AGE-SECRET-KEY-") {
			t.Errorf("the %s shows the identity: %v", what, err)
		}
	}
	if empty, err := store.IsEmpty(t.Context(), s.DatabaseURL); err != nil || !empty {
		t.Errorf("it left something: empty %v (%v)", empty, err)
	}
	folders := []string{s.DataDir}
	if file, _ := store.FileOf(s.DatabaseURL); file != "" {
		folders = append(folders, filepath.Dir(file))
	}
	for _, folder := range folders {
		if left := unfinishedIn(t, folder); len(left) > 0 {
			t.Errorf("it left %q", left)
		}
	}
}

// unfinishedIn returns what killed or running commands have in a folder.
func unfinishedIn(t *testing.T, folder string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(folder, ".chaveiro-unfinished-*"))
	must.Do(t, err)
	return left
}

// Proves: 12.3
func TestAnEncryptedBackupThatIsNotWhatWasWrittenIsRefusedBeforeAnythingIsRestored(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		identity, recipient := newIdentity(t)
		s.EncryptTo = []age.Recipient{recipient}
		content, err := os.ReadFile(s.backup(t))
		must.Do(t, err)
		flipped := func(at int) []byte {
			other := slices.Clone(content)
			other[at] ^= 1
			return other
		}
		n := len(content)
		for name, content := range map[string][]byte{
			"its header":            content[:100],
			"cut in the middle":     content[:n/2],
			"cut by a byte":         content[:n-1],
			"altered in its header": flipped(bytes.Index(content, []byte("\n--- ")) + 9), // its MAC
			"altered in the middle": flipped(n / 2),
			"altered at the end":    flipped(n - 1),
			"more behind it":        append(slices.Clone(content), 0),
		} {
			t.Run(name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "other.backup")
				must.Do(t, os.WriteFile(path, content, 0o600))
				other := s.elsewhere(t)
				other.IdentityFile = identity
				wantRefused(t, other, path, "the backup is cut short or altered")
			})
		}
	})
}

// Proves: 6.2
func TestAnIdentityFileIsRefusedThatOthersCanReadOrThatHoldsNone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		identity, recipient := newIdentity(t)
		s.EncryptTo = []age.Recipient{recipient}
		path := s.backup(t)
		text, err := os.ReadFile(identity)
		must.Do(t, err)
		open := identityFile(t, string(text))
		must.Do(t, os.Chmod(open, 0o644))
		link := filepath.Join(t.TempDir(), "link")
		must.Do(t, os.Symlink(identity, link))
		for file, says := range map[string]string{
			open: "0600 or 0400", link: "is a link", identity + ".missing": "is missing",
			identityFile(t, ""): "does not hold an age identity", identityFile(t, "AGE-SECRET-KEY-1planted"): "does not hold",
			identityFile(t, "planted "+string(text)): "does not hold",
		} {
			other := s.elsewhere(t)
			other.IdentityFile = file
			wantRefused(t, other, path, says)
		}
		plain := s.elsewhere(t) // which asks for no identity
		plain.IdentityFile = identity + ".missing"
		s.EncryptTo = nil
		_, err = plain.Check(t.Context(), s.backup(t))
		must.Do(t, err)
	})
}
