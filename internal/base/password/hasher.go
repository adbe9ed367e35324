// Package password hashes the passwords of operators, verifies them and says
// which are too weak to be chosen.
package password

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Params are the costs of one argon2id hash.
type Params struct {
	Memory      uint32 // KiB
	Iterations  uint32
	Parallelism uint8 // lanes
}

// Default is what a hash costs unless an installation wants more: 64 MiB, and
// about 200 ms of one core.
var Default = Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 1}

var (
	// floor is the least that OWASP's cheat sheet and ASVS appendix C allow.
	floor = Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1}
	// ceiling keeps a stored hash that somebody has altered from costing more
	// memory or time than a login is worth.
	ceiling = Params{Memory: 256 * 1024, Iterations: 10, Parallelism: 4}
)

// Lengths in bytes.
const (
	saltLength = 16
	keyLength  = 32
	// maxHash is longer than any hash within the ceiling.
	maxHash = 256
)

// maxWait is how long a caller waits for others to finish hashing.
const maxWait = 2 * time.Second

// giveWayTime is how long less urgent work waits for a hash. It is short, so that those who try passwords all day slow
// others down but never stop them.
const giveWayTime = 10 * time.Millisecond

var (
	// ErrBusy is the fault.Busy of a password that waited too long for its turn to be hashed: too many operators log in at
	// this moment.
	ErrBusy = fmt.Errorf("too many passwords are being hashed: %w", fault.Busy)
	// ErrBadHash is a stored hash that is no argon2id hash, or whose costs are
	// under the floor or over the ceiling.
	ErrBadHash = errors.New("stored password hash is refused")
)

// Hasher hashes and verifies passwords, at most as many at once as half of the
// cores, so that logins cannot starve everything else of processor or memory. It
// is safe for concurrent use.
type Hasher struct {
	params  Params
	floor   Params
	slots   chan struct{}
	reserve chan struct{} // a turn for contexts that are marked by Known
	idle    *time.Timer   // returns the memory of hashes to the system
	dummy   string        // a hash of these params that matches no password
}

// NewHasher returns a Hasher that makes hashes of these costs. Returns an error if
// they are under m=19456, t=2, p=1 or over m=262144, t=10, p=4.
func NewHasher(params Params) (*Hasher, error) {
	if !params.within(floor, ceiling) {
		return nil, fmt.Errorf("password hashes of %v are not between %v and %v", params, floor, ceiling)
	}
	return newHasher(params, floor), nil
}

// ForTesting returns a Hasher that costs next to nothing and protects nothing. It
// takes the test, so that nothing but a test can have one.
func ForTesting(t interface{ Helper() }) *Hasher {
	t.Helper()
	cheap := Params{Memory: 8, Iterations: 1, Parallelism: 1}
	return newHasher(cheap, cheap)
}

// BusyForTesting returns a Hasher that never has a free turn for a stranger.
func BusyForTesting(t interface{ Helper() }) *Hasher {
	t.Helper()
	h := ForTesting(t)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	return h
}

func newHasher(params, floor Params) *Hasher {
	salt := base64.RawStdEncoding.EncodeToString(make([]byte, saltLength))
	key := base64.RawStdEncoding.EncodeToString(make([]byte, keyLength))
	idle := time.AfterFunc(keepTime, debug.FreeOSMemory)
	idle.Stop()
	return &Hasher{
		params:  params,
		floor:   floor,
		slots:   make(chan struct{}, max(1, runtime.NumCPU()/2)),
		reserve: make(chan struct{}, 1),
		idle:    idle,
		dummy:   fmt.Sprintf("$argon2id$v=%d$%v$%s$%s", argon2.Version, params, salt, key),
	}
}

// Hash returns the hash to store, a PHC string ($argon2id$v=19$m=...) that holds
// its own costs and salt. Returns ErrBusy after 2 s without a turn, the context's
// error if that ends first, and a RuleError of code TooLong for a password over
// 512 bytes; no other rule is checked here.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > maxBytes {
		return "", &RuleError{Code: TooLong, Max: MaxLength}
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	hash, err := argon2id.CreateHash(norm.NFC.String(password), &argon2id.Params{
		Memory:      h.params.Memory,
		Iterations:  h.params.Iterations,
		Parallelism: h.params.Parallelism,
		SaltLength:  saltLength,
		KeyLength:   keyLength,
	})
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// Verify reports whether the password is the one that was hashed, and if so
// whether it should be hashed again because this Hasher's costs are higher. A
// password over 512 bytes is never right and costs nothing. Returns ErrBusy after
// 2 s without a turn, the context's error if that ends first, and ErrBadHash if
// the hash is not one that a Hasher makes.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (ok, rehash bool, err error) {
	if len(password) > maxBytes {
		return false, false, nil
	}
	stored, err := h.costs(hash)
	if err != nil {
		return false, false, err
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	ok, err = argon2id.ComparePasswordAndHash(norm.NFC.String(password), hash)
	if err != nil {
		return false, false, fmt.Errorf("verify a password: %w", err)
	}
	return ok, ok && !h.params.within(Params{}, stored), nil
}

// VerifyDummy costs what Verify of a hash of this Hasher costs and tells nothing:
// it is for an e-mail that nobody has, so that the time does not give that away.
// Returns ErrBusy or the context's error as Verify does.
func (h *Hasher) VerifyDummy(ctx context.Context, password string) error {
	_, _, err := h.Verify(ctx, password, h.dummy)
	return err
}

// costs returns what verifying a stored hash costs, ErrBadHash if that is out of
// bounds or the hash is not like ours. (One with an empty key would match every
// password.)
func (h *Hasher) costs(hash string) (Params, error) {
	if len(hash) > maxHash {
		return Params{}, fmt.Errorf("%w: it is too long", ErrBadHash)
	}
	stored, salt, key, err := argon2id.DecodeHash(hash)
	if err != nil {
		return Params{}, fmt.Errorf("%w: %w", ErrBadHash, err)
	}
	if len(salt) != saltLength || len(key) != keyLength {
		return Params{}, fmt.Errorf("%w: its salt has %d bytes, its key %d", ErrBadHash, len(salt), len(key))
	}
	params := Params{Memory: stored.Memory, Iterations: stored.Iterations, Parallelism: stored.Parallelism}
	if !params.within(h.floor, ceiling) {
		return Params{}, fmt.Errorf("%w: its costs are %v", ErrBadHash, params)
	}
	return params, nil
}

// GiveWay waits 10 ms, or until the context ends, if each turn is taken. Work that nobody waits for calls it before it
// begins: a hash then has its core nearly alone, and who logs in does not wait twice as long.
func (h *Hasher) GiveWay(ctx context.Context) {
	if len(h.slots) < cap(h.slots) {
		return
	}
	timer := time.NewTimer(giveWayTime)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

type knownKey struct{}

// Known returns a context for a caller that is no stranger: strangers never take one of the turns.
func Known(ctx context.Context) context.Context { return context.WithValue(ctx, knownKey{}, true) }

// acquire waits for a turn. The caller ends the turn with release.
func (h *Hasher) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil { // select would choose at random
		return nil, fmt.Errorf("wait to hash a password: %w", err)
	}
	timeout := time.NewTimer(maxWait)
	defer timeout.Stop()
	var reserve chan struct{} // of a stranger: nil, which is never ready
	if ctx.Value(knownKey{}) != nil {
		reserve = h.reserve
	}
	select {
	case h.slots <- struct{}{}:
		return func() { h.giveBack(h.slots) }, nil
	case reserve <- struct{}{}:
		return func() { h.giveBack(h.reserve) }, nil
	case <-timeout.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

const (
	// dear is from how much memory, in KiB, that of a hash is collected at once.
	dear = 1024
	// keepTime is how long the process keeps the memory of the last hash.
	keepTime = 3 * time.Second
)

// giveBack ends a turn, once the memory of its hash can be used again. Without that the collector would let as much
// garbage pile up as the hash took, and the next hash take as much again.
//
// The next hash is a third faster in memory that the process still has. So that goes back to the system only when
// nobody has logged in for a while.
func (h *Hasher) giveBack(turns chan struct{}) {
	if h.params.Memory < dear {
		<-turns
		return
	}
	go func() {
		runtime.GC()
		h.idle.Reset(keepTime)
		<-turns
	}()
}

// String returns the costs as a PHC string has them: m=65536,t=3,p=1.
func (p Params) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Iterations, p.Parallelism)
}

// within reports whether no cost is under least or over most.
func (p Params) within(least, most Params) bool {
	return least.Memory <= p.Memory && p.Memory <= most.Memory &&
		least.Iterations <= p.Iterations && p.Iterations <= most.Iterations &&
		least.Parallelism <= p.Parallelism && p.Parallelism <= most.Parallelism
}
