package seal

import (
	"fmt"
	"time"
)

// source is where a keyset that is followed comes from.
type source struct {
	refresh func() error
	lease   time.Duration
	at      time.Time // when it was last known to be the newest
}

// Follow makes the keyset one that other processes may change. It then seals only
// while it was Confirmed less than a lease ago, and asks refresh otherwise, and
// also when it meets a value of a key that it does not know. refresh brings in the
// newest keyset (by Use and Confirmed) or says why it cannot; it is safe for
// concurrent use, and as quick as a look into the database.
//
// A rotation relies on it: a lease after a change is stored, no process seals with
// the keys from before.
func (k *Keyset) Follow(refresh func() error, lease time.Duration) {
	k.source.Store(&source{refresh: refresh, lease: lease})
}

// Confirmed notes that at a time the keyset was the newest.
func (k *Keyset) Confirmed(at time.Time) {
	if from := k.source.Load(); from != nil {
		k.source.Store(&source{from.refresh, from.lease, at})
	}
}

// requireConfirmation returns an error if the keyset may not seal, because it may be old.
func (k *Keyset) requireConfirmation() error {
	from := k.source.Load()
	if from == nil || from.fresh(time.Now()) {
		return nil
	}
	return k.confirm()
}

// fresh asks both clocks: the monotonic one stands still while the machine sleeps,
// and the other may be set back.
func (s *source) fresh(now time.Time) bool {
	return now.Sub(s.at) < s.lease && now.Round(0).Sub(s.at.Round(0)) < s.lease
}

// confirm brings in the newest keyset.
func (k *Keyset) confirm() error {
	from := k.source.Load()
	if from == nil {
		return ErrNotOpened
	}
	if err := from.refresh(); err != nil {
		return fmt.Errorf("look for the newest keyset: %w", err)
	}
	return nil
}
