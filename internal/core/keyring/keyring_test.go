package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

var place = seal.Place{Table: "t", Column: "c", RowID: "r"}

// site is the database and the files of an installation.
type site struct {
	store              *store.Store
	masterKey, dataDir string
	log                bytes.Buffer
}

// each runs test over a site on SQLite and one on PostgreSQL, both never started.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		dir := t.TempDir()
		s := &site{store: db, masterKey: filepath.Join(dir, "master.key"), dataDir: filepath.Join(dir, "data")}
		must.Do(t, os.Mkdir(s.dataDir, 0o700))
		test(t, s)
	})
}

func (s *site) start(t *testing.T) (*seal.Keyset, error) {
	t.Helper()
	return keyring.OpenKeyset(t.Context(), s.store, s.masterKey, s.dataDir, slog.New(slog.NewTextHandler(&s.log, nil)))
}

// rows returns the stored keysets.
func (s *site) rows(t *testing.T) []*ent.Keyset {
	t.Helper()
	rows, err := s.store.Reader().Keyset.Query().All(asSystem(t))
	must.Do(t, err)
	return rows
}

func (s *site) write(t *testing.T, change func(ctx context.Context, tx *ent.Tx) error) {
	t.Helper()
	must.Do(t, s.store.Write(asSystem(t), change))
}

// refuses fails unless a start is refused with a sentence that contains want, and leaves everything as it was.
func (s *site) refuses(t *testing.T, want string) {
	t.Helper()
	before, file := s.rows(t), read(t, s.masterKey)
	_, err := s.start(t)
	var refused *keyring.ConfigError
	if !errors.As(err, &refused) {
		t.Fatalf("%v, want a ConfigError", err)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("the sentence %q lacks %q", err, want)
	}
	if !slices.EqualFunc(before, s.rows(t), func(a, b *ent.Keyset) bool {
		return bytes.Equal(a.Encrypted, b.Encrypted) && bytes.Equal(a.Canary, b.Canary)
	}) {
		t.Error("the keyset has changed")
	}
	if !bytes.Equal(file, read(t, s.masterKey)) {
		t.Error("the master key file has changed")
	}
}

// read returns the content of a file, nil when there is none.
func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return data
}

func asSystem(t *testing.T) context.Context { return principal.AsSystem(t.Context(), "test") }

func TestTheFirstStartMakesTheSecretsThatTheSecondOpens(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		first, err := s.start(t)
		must.Do(t, err)
		info, err := os.Stat(s.masterKey)
		must.Do(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("the master key file has mode %o", info.Mode().Perm())
		}
		if !strings.Contains(s.log.String(), s.masterKey) ||
			strings.Contains(s.log.String(), strings.TrimSpace(string(read(t, s.masterKey)))) {
			t.Errorf("the log does not name the file, or shows the key: %s", s.log.String())
		}
		sealed, err := first.Seal(place, []byte("secret"))
		must.Do(t, err)
		rows, file := s.rows(t), read(t, s.masterKey)

		second, err := s.start(t)
		must.Do(t, err)

		if plain, err := second.Open(place, sealed); err != nil || string(plain) != "secret" {
			t.Errorf("%q, %v", plain, err)
		}
		if after := s.rows(t); len(after) != 1 || !bytes.Equal(after[0].Encrypted, rows[0].Encrypted) ||
			!bytes.Equal(file, read(t, s.masterKey)) {
			t.Error("the second start changed something")
		}
	})
}

func TestAnExistingMasterKeyFileIsUsed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := seal.CreateMasterKey(s.masterKey)
		must.Do(t, err)
		file := read(t, s.masterKey)
		_, err = s.start(t)
		must.Do(t, err)
		if !bytes.Equal(file, read(t, s.masterKey)) {
			t.Error("it was replaced")
		}
	})
}

func TestProcessesThatStartAtOnceShareOneKeyset(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := seal.CreateMasterKey(s.masterKey)
		must.Do(t, err)
		const n = 8
		keysets := make(chan *seal.Keyset, n)
		for i := range n {
			go func() {
				time.Sleep(time.Duration(i) * 300 * time.Microsecond) // some come while another makes it
				keys, err := keyring.OpenKeyset(t.Context(), s.store, s.masterKey, s.dataDir, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Error(err)
				}
				keysets <- keys
			}()
		}
		first := <-keysets
		for range n - 1 {
			if other := <-keysets; first != nil && other != nil && first.Fingerprint("x") != other.Fingerprint("x") {
				t.Error("two keysets")
			}
		}
		if rows := s.rows(t); len(rows) != 1 {
			t.Errorf("%d keysets are stored", len(rows))
		}
	})
}

func TestAStartOverDataWithTheWrongKeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := s.start(t)
		must.Do(t, err)
		right := s.masterKey
		elsewhere := filepath.Join(filepath.Dir(right), "other.key")

		t.Run("a missing file", func(t *testing.T) {
			s.masterKey = elsewhere
			s.refuses(t, elsewhere+" is missing, and the data cannot be opened without it")
			if read(t, elsewhere) != nil {
				t.Error("a new one was made")
			}
		})
		t.Run("another master key", func(t *testing.T) {
			s.masterKey = elsewhere
			_, err := seal.CreateMasterKey(elsewhere)
			must.Do(t, err)
			s.refuses(t, "is not the one that this database was made with")
		})
		t.Run("a file that others may read", func(t *testing.T) {
			s.masterKey = right
			must.Do(t, os.Chmod(right, 0o644))
			s.refuses(t, "0600")
			must.Do(t, os.Chmod(right, 0o600))
		})
		t.Run("the right one again", func(t *testing.T) {
			s.masterKey = right
			if _, err := s.start(t); err != nil {
				t.Error(err)
			}
		})
		t.Run("a file that was cut short", func(t *testing.T) {
			s.masterKey = right
			must.Do(t, os.WriteFile(right, read(t, right)[:20], 0o600))
			s.refuses(t, "backup")
		})
	})
}

func TestAKeysetThatIsNotWholeIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(stored *ent.Keyset) (encrypted, canary []byte)
		want   string
	}{
		"cut short": {func(k *ent.Keyset) ([]byte, []byte) { return k.Encrypted[:len(k.Encrypted)/2], k.Canary },
			"the keyset in the database is damaged"},
		"altered": {func(k *ent.Keyset) ([]byte, []byte) {
			return bytes.Replace(k.Encrypted, []byte(`"dataKeys":"`), []byte(`"dataKeys":"AAAA`), 1), k.Canary
		}, "the keyset in the database is damaged"},
		"no JSON": {func(k *ent.Keyset) ([]byte, []byte) { return []byte("x"), k.Canary },
			"the keyset in the database is damaged"},
		"another canary": {func(k *ent.Keyset) ([]byte, []byte) {
			return k.Encrypted, append(bytes.Clone(k.Canary[:len(k.Canary)-1]), k.Canary[len(k.Canary)-1]^1)
		}, "canary"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *site) {
				_, err := s.start(t)
				must.Do(t, err)
				stored := s.rows(t)[0]
				encrypted, canary := c.damage(stored)
				s.write(t, func(ctx context.Context, tx *ent.Tx) error {
					return tx.Keyset.UpdateOne(stored).SetEncrypted(encrypted).SetCanary(canary).Exec(ctx)
				})
				s.refuses(t, c.want)
			})
		})
	}
}

func TestNoKeysetIsMadeOverDataThatExists(t *testing.T) {
	for name, leave := range map[string]func(ctx context.Context, tx *ent.Tx) error{
		"an operator": func(ctx context.Context, tx *ent.Tx) error {
			return tx.Operator.Create().SetName("Ana").SetEmail("a@example.com").SetRole(principal.Admin).
				SetPasswordHash("x").Exec(ctx)
		},
		"a signing key": func(ctx context.Context, tx *ent.Tx) error {
			return tx.SigningKey.Create().SetPublicKey([]byte("x")).SetPrivateKeySealed([]byte("x")).
				SetSignsFrom(time.Now()).Exec(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *site) {
				s.write(t, leave)
				s.refuses(t, "the database holds data but no keyset")
				if read(t, s.masterKey) != nil {
					t.Error("a master key file was made")
				}
			})
		})
	}
}

func TestAnEncryptedKeysetThatDoesNotOpenIsRefusedWithoutMentioningTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := s.start(t)
		must.Do(t, err)
		encrypted, err := keyring.Encrypted(t.Context(), s.store)
		must.Do(t, err)
		_, err = keyring.OpenEncrypted(encrypted, s.masterKey, s.dataDir)
		must.Do(t, err)
		other := filepath.Join(t.TempDir(), "other.key")
		_, err = seal.CreateMasterKey(other)
		must.Do(t, err)
		for name, c := range map[string]struct {
			encrypted []byte
			file      string
			want      error
		}{
			"a missing file":     {encrypted, s.masterKey + ".missing", fs.ErrNotExist},
			"another master key": {encrypted, other, seal.ErrWrongMasterKey},
			"cut short":          {encrypted[:len(encrypted)/2], s.masterKey, seal.ErrKeysetDamaged},
		} {
			_, err := keyring.OpenEncrypted(c.encrypted, c.file, s.dataDir)
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "database") ||
				strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	})
}
