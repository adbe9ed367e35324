package keyring

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// followEvery is how often an instance looks whether the keyset has changed.
	followEvery = 2 * time.Second
	// keysetLease is how long it seals without having looked.
	keysetLease = 6 * time.Second
	// refreshTime bounds one look, refreshPause the looks that failed openings cause.
	refreshTime  = 2 * time.Second
	refreshPause = time.Second
)

// Follower keeps the keyset of a running instance the newest.
type Follower struct {
	store                  *store.Store
	keys                   *seal.Keyset
	masterKeyFile, dataDir string
	log                    *slog.Logger

	mu       sync.Mutex
	revision int64
	// encrypted is the keyset as it is stored, which tells two of one revision apart.
	encrypted []byte
	readAt    time.Time
	failed    error
}

// Follow makes keys, which OpenKeyset returned, follow what rotations do to them. From now on they need the Follower to
// Run.
func Follow(s *store.Store, keys *seal.Keyset, masterKeyFile, dataDir string, log *slog.Logger) (*Follower, error) {
	f := &Follower{store: s, keys: keys, masterKeyFile: masterKeyFile, dataDir: dataDir, log: log}
	keys.Follow(f.refresh, keysetLease)
	return f, f.refresh()
}

// Run looks for the newest keyset until ctx ends.
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

// refresh brings in the newest keyset. Those who ask at once, or one after the other in no time, get one answer.
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
	// Whoever seals has a context of their own, which package seal does not know.
	ctx, cancel := context.WithTimeout(context.Background(), refreshTime)
	defer cancel()
	began := time.Now()
	stored, err := read(ctx, f.store)
	if err != nil {
		return err
	}
	if stored.Revision != f.revision || !bytes.Equal(stored.Encrypted, f.encrypted) {
		newer, err := open(stored, f.masterKeyFile, f.dataDir)
		if err != nil {
			return err
		}
		if err := f.keys.Use(newer); err != nil {
			return err
		}
		if f.revision != 0 {
			f.log.Info("the keyset has changed", "revision", stored.Revision)
		}
		f.revision, f.encrypted = stored.Revision, stored.Encrypted
	}
	f.keys.Confirmed(began)
	return nil
}
