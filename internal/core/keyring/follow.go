package keyring

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// followEvery is how often an instance checks whether the keyset has changed.
	followEvery = 2 * time.Second
	// keysetLease is how long an instance seals after its last check.
	keysetLease = 6 * time.Second
	// refreshTime bounds one check. refreshPause is the least time between two, as failed openings cause checks too.
	refreshTime  = 2 * time.Second
	refreshPause = time.Second
)

// Follower keeps the keyset of a running instance up to date.
type Follower struct {
	store                  *store.Store
	keys                   *seal.Keyset
	masterKeyFile, dataDir string
	log                    *slog.Logger

	mu       sync.Mutex
	revision int64
	// encrypted is the keyset as it is stored. It tells two keysets of the same revision apart, but where the canary is
	// the same: that is the same keyset under another master key.
	encrypted, canary []byte
	readAt            time.Time
	failed            error
}

// Follow keeps keys, which OpenKeyset returned, up to date with rotations. From now on keys seal only while Run of the
// Follower runs.
func Follow(s *store.Store, keys *seal.Keyset, masterKeyFile, dataDir string, log *slog.Logger) (*Follower, error) {
	f := &Follower{store: s, keys: keys, masterKeyFile: masterKeyFile, dataDir: dataDir, log: log}
	keys.Follow(f.refresh, keysetLease)
	return f, f.refresh()
}

// Run checks for a newer keyset until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := f.refresh()
		if err != nil && !failing {
			f.log.Error("the newest keyset could not be read: nothing is sealed until it can", "err", err)
		}
		failing = err != nil
	}
}

// refresh reads the newest keyset. Calls within refreshPause of the last read get its result.
func (f *Follower) refresh() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.readAt) < refreshPause {
		return f.failed
	}
	f.failed = f.read()
	f.readAt = time.Now()
	return f.failed
}

func (f *Follower) read() error {
	// The caller that seals has a context, but package seal does not pass it on.
	ctx, cancel := context.WithTimeout(context.Background(), refreshTime)
	defer cancel()
	began := time.Now()
	stored, err := read(ctx, f.store)
	if err != nil {
		return err
	}
	if stored.Revision != f.revision || !bytes.Equal(stored.Encrypted, f.encrypted) {
		newer, err := open(stored, f.masterKeyFile, f.dataDir)
		switch {
		case errors.Is(err, errLost) && stored.Revision == f.revision && bytes.Equal(stored.Canary, f.canary):
			f.log.Warn("the keyset is encrypted by another master key now: the next start needs that one")
		case err != nil:
			return err
		default:
			if err := f.keys.Use(newer); err != nil {
				return err
			}
			if f.revision != 0 {
				f.log.Info("the keyset has changed", "revision", stored.Revision)
			}
		}
		f.revision, f.encrypted, f.canary = stored.Revision, stored.Encrypted, stored.Canary
	}
	f.keys.Confirmed(began)
	return nil
}
