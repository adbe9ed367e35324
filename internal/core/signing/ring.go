package signing

import (
	"crypto/ed25519"
	"sync"
	"time"
)

// ring holds the keys of the access tokens as this instance read them last.
type ring struct {
	mu      sync.Mutex
	public  map[string]ed25519.PublicKey
	signers []signer // in the order in which they sign
	// unknownAt is when an unknown key id last caused a read of the keys.
	unknownAt time.Time
	// reading is locked while the keys are read.
	reading sync.Mutex
}

// find returns the key of an id; nil when the id is unknown. done reports that reading the keys again is useless.
func (r *ring) find(kid string, now time.Time) (key ed25519.PublicKey, done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, ok := r.public[kid]
	return key, ok || now.Sub(r.unknownAt) < reloadEvery
}

// signer signs from a time until the next one does.
type signer struct {
	kid  string
	from time.Time
	key  ed25519.PrivateKey
}

// at returns the signer of a time: the last whose time has come.
func (r *ring) at(now time.Time) signer {
	r.mu.Lock()
	defer r.mu.Unlock()
	current := r.signers[0]
	for _, next := range r.signers[1:] {
		if next.from.After(now) {
			break
		}
		current = next
	}
	return current
}
