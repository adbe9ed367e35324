package backup_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store"
)

// leave makes a folder as a killed command leaves it, and returns its path.
func leave(t *testing.T, folder, name string) string {
	t.Helper()
	path := filepath.Join(folder, ".chaveiro-unfinished-"+name)
	must.Do(t, os.Mkdir(path, 0o700))
	for _, file := range []string{"database", "lock"} {
		must.Do(t, os.WriteFile(filepath.Join(path, file), []byte("planted"), 0o600))
	}
	return path
}

func TestEachCommandRemovesWhatAKilledOneLeftAndNotWhatAnotherIsAtWorkWith(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		backups, _ := newIdentity(t)
		backups = filepath.Dir(backups)
		file := filepath.Join(backups, "chaveiro.backup")
		other := s.elsewhere(t)
		unpacks := other.DataDir
		if database, _ := store.FileOf(other.DatabaseURL); database != "" {
			unpacks = filepath.Dir(database)
		}
		for _, c := range []struct {
			name, folder string
			do           func() error
		}{
			{"backup", backups, func() error { _, err := s.Write(t.Context(), s.store, s.keys, file); return err }},
			{"check", unpacks, func() error { _, err := other.Check(t.Context(), file); return err }},
			{"restore", unpacks, func() error { _, err := other.Restore(t.Context(), file); return err }},
		} {
			var log bytes.Buffer
			s.Log = slog.New(slog.NewTextHandler(&log, nil))
			other.Log = s.Log
			left, inUse := leave(t, c.folder, "left"), leave(t, c.folder, "in-use")
			must.Do(t, os.Mkdir(filepath.Join(c.folder, "of-somebody"), 0o700))
			lock, err := os.OpenFile(filepath.Join(inUse, "lock"), os.O_RDWR, 0)
			must.Do(t, err)
			locked, err := store.TryLockFile(lock)
			if err != nil || !locked {
				t.Fatal(locked, err)
			}
			if err := c.do(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if got := unfinishedIn(t, c.folder); !slices.Equal(got, []string{inUse}) {
				t.Errorf("%s leaves %q", c.name, got)
			}
			if !strings.Contains(log.String(), left) || strings.Contains(log.String(), inUse) {
				t.Errorf("%s: the log says %s", c.name, log.String())
			}
			must.Do(t, errors.Join(lock.Close(), os.RemoveAll(inUse), os.Remove(filepath.Join(c.folder, "of-somebody"))))
		}
	})
}

func TestBackupsToOneFolderAtOnceDoNotDisturbEachOther(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		folder := t.TempDir()
		var running sync.WaitGroup
		for _, name := range []string{"1", "2", "3", "4"} {
			running.Go(func() {
				if _, err := s.Write(t.Context(), s.store, s.keys, filepath.Join(folder, name)); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		for _, name := range []string{"1", "2", "3", "4"} {
			if _, err := s.elsewhere(t).Check(t.Context(), filepath.Join(folder, name)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if left := unfinishedIn(t, folder); len(left) > 0 {
			t.Errorf("they leave %q", left)
		}
	})
}

func TestABackupThatFailsLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, recipient := newIdentity(t)
		folder := t.TempDir()
		for _, to := range [][]age.Recipient{nil, {recipient}} {
			s.EncryptTo = to
			there := s.DatabaseURL
			s.DatabaseURL = s.elsewhere(t).DatabaseURL + "missing"
			if _, err := s.Write(t.Context(), s.store, s.keys, filepath.Join(folder, "chaveiro.backup")); err == nil {
				t.Error("a backup of nothing is made")
			}
			s.DatabaseURL = there
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("it leaves %v (%v)", left, err)
			}
		}
	})
}
