package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
)

// Proves: 6.4, 6.8
func TestEverySealedColumnIsRegistered(t *testing.T) {
	t.Parallel()
	registered := map[string]keyring.Sealed{}
	for _, c := range keyring.SealedColumns {
		registered[c.String()] = c
	}
	for _, table := range tables.Tables {
		columns := map[string]bool{}
		for _, c := range table.Columns {
			columns[c.Name] = true
		}
		for _, c := range table.Columns {
			name := table.Name + "." + c.Name
			found, ok := registered[name]
			if strings.HasSuffix(c.Name, "_sealed") && !ok {
				t.Errorf("%s is not among SealedColumns: a rotation of the keyset would lose it", name)
			}
			if ok && found.Client != "" && !columns[found.Client] {
				t.Errorf("%s: the table has no column %s", name, found.Client)
			}
			if ok && found.Optional != c.Nullable {
				t.Errorf("%s: Optional is %t, and the column may be NULL is %t", name, found.Optional, c.Nullable)
			}
			delete(registered, name)
		}
	}
	for name := range registered {
		t.Errorf("%s is not in the schema", name)
	}
}

// newSigningKey stores a sealed value and returns its id.
func (s *site) newSigningKey(t *testing.T, keys *seal.Keyset, id, secret string) {
	t.Helper()
	sealed, err := keys.Seal(signingPlace(id), []byte(secret))
	must.Do(t, err)
	s.write(t, func(ctx context.Context, tx *ent.Tx) error {
		return tx.SigningKey.Create().SetID(id).SetPublicKey([]byte("x")).SetPrivateKeySealed(sealed).
			SetSignsFrom(time.Now()).Exec(ctx)
	})
}

func signingPlace(id string) seal.Place {
	return seal.Place{Table: "signing_keys", Column: "private_key_sealed", RowID: id}
}

func (s *site) rotation(say func(string, ...any)) keyring.Rotation {
	return keyring.Rotation{Store: s.store, MasterKeyFile: s.masterKey, DataDir: s.dataDir, Say: say}
}

var discardLog = slog.New(slog.DiscardHandler)

func quiet(string, ...any) {}

// Proves: 6.4
func TestARotationSealsEveryValueAgainAndForgetsTheOldKey(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		old, err := s.start(t)
		must.Do(t, err)
		const n = 450 // more than two batches
		for i := range n {
			s.newSigningKey(t, old, fmt.Sprintf("sgk_%04d", i), fmt.Sprint("secret ", i))
		}
		var said []string
		must.Do(t, s.rotation(func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }).
			Run(t.Context()))
		if all := strings.Join(said, "\n"); !strings.Contains(all, "signing_keys.private_key_sealed: 450 sealed again") ||
			!strings.Contains(all, "done") {
			t.Errorf("it says %s", all)
		}
		keys, err := s.start(t)
		must.Do(t, err)
		rows, err := s.store.Reader().SigningKey.Query().Order(ent.Asc("id")).All(asSystem(t))
		must.Do(t, err)
		for i, row := range rows {
			if plain, err := keys.Open(signingPlace(row.ID), row.PrivateKeySealed); err != nil ||
				string(plain) != fmt.Sprint("secret ", i) {
				t.Fatalf("%s holds %q, %v", row.ID, plain, err)
			}
			if _, err := old.Open(signingPlace(row.ID), row.PrivateKeySealed); err == nil {
				t.Fatalf("%s opens with the old key", row.ID)
			}
		}
		counts, err := keyring.OpenAll(t.Context(), s.store, keys)
		must.Do(t, err)
		for _, c := range counts {
			if c.Failed > 0 {
				t.Errorf("%s: %d of %d do not open", c.Sealed, c.Failed, c.Values)
			}
		}
	})
}

// Proves: 6.4
func TestValuesThatDoNotOpenAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		keys, err := s.start(t)
		must.Do(t, err)
		for i := range 3 {
			s.newSigningKey(t, keys, fmt.Sprint("sgk_", i), "secret")
		}
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			first, err := tx.SigningKey.Get(ctx, "sgk_0")
			if err != nil {
				return err
			}
			return tx.SigningKey.Create().SetID("sgk_9").SetPublicKey([]byte("x")).SetPrivateKeySealed(first.PrivateKeySealed).
				SetSignsFrom(time.Now()).Exec(ctx)
		})
		counts, err := keyring.OpenAll(t.Context(), s.store, keys)
		must.Do(t, err)
		for _, c := range counts {
			if c.Table == "signing_keys" && (c.Values != 4 || c.Failed != 1) {
				t.Errorf("%+v, want the one copied to another row to fail", c)
			}
		}
		// It is of a known key: a rotation may not go on as if it were lost.
		err = s.rotation(quiet).Run(t.Context())
		if !errors.Is(err, seal.ErrNotOpened) || !strings.Contains(err.Error(), "the old key stays") {
			t.Errorf("%v", err)
		}
		s.write(t, func(ctx context.Context, tx *ent.Tx) error { return tx.SigningKey.DeleteOneID("sgk_9").Exec(ctx) })
		must.Do(t, s.rotation(quiet).Run(t.Context()))
		if stage, err := keyring.Stage(t.Context(), s.store); err != nil || stage != "" {
			t.Errorf("the rotation stands at %q (%v)", stage, err)
		}
	})
}

func TestARunningInstanceFollowsARotation(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		keys, err := s.start(t)
		must.Do(t, err)
		follower, err := keyring.Follow(s.store, keys, s.masterKey, s.dataDir, discardLog)
		must.Do(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); follower.Run(ctx) }()
		defer func() { stop(); <-ended }()
		sealed, err := keys.Seal(place, []byte("before"))
		must.Do(t, err)
		must.Do(t, s.rotation(quiet).Run(t.Context())) // without waiting: the worst case
		newer, err := s.start(t)
		must.Do(t, err)
		fresh, err := newer.Seal(place, []byte("after"))
		must.Do(t, err)
		deadline := time.Now().Add(20 * time.Second)
		for {
			plain, err := keys.Open(place, fresh)
			if err == nil && string(plain) == "after" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("it does not follow: %v", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		if again, err := keys.Seal(place, []byte("x")); err != nil || !newer.IsCurrent(again) {
			t.Errorf("it seals with the old key (%v)", err)
		}
		if _, err := keys.Open(place, sealed); err == nil {
			t.Error("it still has the old key")
		}
	})
}

// Proves: 6.3
func TestACanaryThatIsAbsentWhileValuesAreSealedIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		keys, err := s.start(t)
		must.Do(t, err)
		s.newSigningKey(t, keys, "sgk_1", "secret")
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			_, err := tx.Keyset.Delete().Exec(ctx)
			return err
		})
		s.refuses(t, "the database holds data but no keyset")
	})
}

func TestWithoutItsMasterKeyAnInstallationIsRecoveredOnlyWhenAsked(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		old, err := s.start(t)
		must.Do(t, err)
		audit.Keep(s.store, old)
		s.newSigningKey(t, old, "sgk_1", "secret")
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			return audit.Append(ctx, tx, audit.Event{Action: "test"})
		})
		before := s.rows(t)[0]
		must.Do(t, s.recovery().Run(t.Context()))
		if same, err := s.start(t); err != nil || same.Fingerprint("x") != old.Fingerprint("x") {
			t.Errorf("nothing is lost, and it made a new keyset (%v)", err)
		}
		must.Do(t, os.Remove(s.masterKey))
		s.refuses(t, "is missing")

		must.Do(t, s.recovery().Run(t.Context()))
		keys, err := s.start(t)
		if err != nil || keys.Fingerprint("x") == old.Fingerprint("x") {
			t.Fatalf("the next start does not find a new keyset (%v)", err)
		}
		if after := s.rows(t); len(after) != 1 || after[0].Revision != before.Revision+1 {
			t.Errorf("%d keysets, revision %d", len(after), after[0].Revision)
		}
		kept, err := filepath.Glob(filepath.Join(s.dataDir, "keyset.lost-*.json"))
		must.Do(t, err)
		if len(kept) != 1 || string(read(t, kept[0])) != string(before.Encrypted) {
			t.Errorf("the lost keyset is not kept: %q", kept)
		}
		if left, err := s.store.Reader().SigningKey.Query().Count(asSystem(t)); err != nil || left != 0 {
			t.Errorf("%d signing keys are left that nobody can open (%v)", left, err)
		}
		report, err := audit.Verify(t.Context(), s.store, keys, nil, func(int64, int64) {})
		if err != nil || report.Unverified != 2 || report.Verified != 1 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// recovery returns a recovery of the site, with the default flags.
func (s *site) recovery() keyring.Recovery {
	return keyring.Recovery{Store: s.store, MasterKeyFile: s.masterKey, DataDir: s.dataDir, Log: discardLog}
}

// Proves: 6.7
func TestASecondRecoveryIsRefusedUnlessItIsReallyMeant(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, err := s.start(t)
		must.Do(t, err)
		ofFirst := s.masterKey + ".first"
		must.Do(t, os.Remove(s.masterKey))
		must.Do(t, s.recovery().Run(t.Context()))
		recovered, err := s.start(t)
		must.Do(t, err)
		must.Do(t, os.Rename(s.masterKey, ofFirst))

		for name, prepare := range map[string]func(){
			"without a file": func() {},
			"with another":   func() { _, err := seal.CreateMasterKey(s.masterKey); must.Do(t, err) },
		} {
			prepare()
			before, file := s.rows(t)[0], read(t, s.masterKey)
			var refused *keyring.ConfigError
			if err := s.recovery().Run(t.Context()); !errors.As(err, &refused) ||
				!strings.Contains(err.Error(), "put that file back") || !strings.Contains(err.Error(), "--again") {
				t.Errorf("%s: %v", name, err)
			}
			if after := s.rows(t)[0]; !bytes.Equal(before.Encrypted, after.Encrypted) ||
				!bytes.Equal(file, read(t, s.masterKey)) {
				t.Errorf("%s: it changed something", name)
			}
			if kept, err := filepath.Glob(filepath.Join(s.dataDir, "keyset.lost-*.json")); err != nil || len(kept) != 1 {
				t.Errorf("%s: there are %q (%v)", name, kept, err)
			}
			must.Do(t, os.RemoveAll(s.masterKey))
		}

		meant := s.recovery()
		meant.MasterKeyFile = ofFirst
		must.Do(t, meant.Run(t.Context())) // the right file: there is nothing to recover
		meant = s.recovery()
		meant.Again = true
		must.Do(t, meant.Run(t.Context()))
		if keys, err := s.start(t); err != nil || keys.Fingerprint("x") == recovered.Fingerprint("x") {
			t.Errorf("one that is meant makes no new keyset (%v)", err)
		}
	})
}

func TestAChangedMasterKeyIsTheOnlyOneThatOpens(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		keys, err := s.start(t)
		must.Do(t, err)
		newer := filepath.Join(filepath.Dir(s.masterKey), "new.key")
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Keyset.Update().SetRotation(keyset.RotationPUBLISHED).SetRotationSince(time.Now()).Exec(ctx)
		})
		if err := s.rotation(quiet).Rewrap(t.Context(), newer); err == nil {
			t.Error("it was changed during a rotation")
		}
		s.write(t, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Keyset.Update().ClearRotation().ClearRotationSince().Exec(ctx)
		})
		must.Do(t, s.rotation(quiet).Rewrap(t.Context(), newer))
		s.refuses(t, "is not the one")
		s.masterKey = newer
		if again, err := s.start(t); err != nil || again.Fingerprint("x") != keys.Fingerprint("x") {
			t.Errorf("the new one does not open (%v)", err)
		}
	})
}
