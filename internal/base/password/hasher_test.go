package password_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/password"
)

const good = "cavalo bateria grampo"

func TestAHashVerifiesItsPasswordAndNoOther(t *testing.T) {
	t.Parallel()
	h := password.ForTesting(t)
	hash := mustHash(t, h, good)
	for typed, want := range map[string]bool{
		good:                  true,
		good + " ":            false,
		strings.ToUpper(good): false,
		"":                    false,
	} {
		ok, rehash, err := h.Verify(t.Context(), typed, hash)
		if err != nil || ok != want || rehash {
			t.Errorf("Verify(%q) = %v, %v, %v; want %v", typed, ok, rehash, err, want)
		}
	}
}

// Proves: 2.2
func TestAPasswordIsTheSameHoweverItsLettersAreComposed(t *testing.T) {
	t.Parallel()
	h := password.ForTesting(t)
	hash := mustHash(t, h, "coraça\u0303o de leão")
	if ok, _, err := h.Verify(t.Context(), "corac\u0327ão de lea\u0303o", hash); err != nil || !ok {
		t.Errorf("Verify = %v, %v; want true", ok, err)
	}
}

func TestEveryHashHasItsOwnSalt(t *testing.T) {
	t.Parallel()
	h := password.ForTesting(t)
	if first, second := mustHash(t, h, good), mustHash(t, h, good); first == second {
		t.Error("equal passwords can be told by their hashes")
	}
}

// Proves: 2.1
func TestADefaultHashHasTheDocumentedCosts(t *testing.T) {
	t.Parallel()
	h, err := password.NewHasher(password.Default)
	if err != nil {
		t.Fatalf("NewHasher: %v", err)
	}
	hash := mustHash(t, h, good)
	form := regexp.MustCompile(`^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	if !form.MatchString(hash) {
		t.Errorf("hash %s does not match %s", hash, form)
	}
	if ok, rehash, err := h.Verify(t.Context(), good, hash); err != nil || !ok || rehash {
		t.Errorf("Verify = %v, %v, %v; want true, false", ok, rehash, err)
	}
}

// Proves: 2.1
func TestALoginWithLowerCostsAsksForANewHash(t *testing.T) {
	t.Parallel()
	least, err := password.NewHasher(password.Floor)
	if err != nil {
		t.Fatal(err)
	}
	hash := mustHash(t, least, good)
	higher := func(change func(*password.Params)) *password.Hasher {
		params := password.Floor
		change(&params)
		h, err := password.NewHasher(params)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for name, h := range map[string]*password.Hasher{
		"memory":      higher(func(p *password.Params) { p.Memory++ }),
		"iterations":  higher(func(p *password.Params) { p.Iterations++ }),
		"parallelism": higher(func(p *password.Params) { p.Parallelism++ }),
	} {
		if ok, rehash, err := h.Verify(t.Context(), good, hash); err != nil || !ok || !rehash {
			t.Errorf("more %s: Verify = %v, %v, %v; want true, true", name, ok, rehash, err)
		}
		if ok, rehash, err := h.Verify(t.Context(), "wrong", hash); err != nil || ok || rehash {
			t.Errorf("more %s, wrong password: Verify = %v, %v, %v; want false, false", name, ok, rehash, err)
		}
		if ok, rehash, err := least.Verify(t.Context(), good, mustHash(t, h, good)); err != nil || !ok || rehash {
			t.Errorf("less %s: Verify = %v, %v, %v; want true, false", name, ok, rehash, err)
		}
	}
}

// Proves: 2.1
func TestNewHasherRefusesCostsOutOfBounds(t *testing.T) {
	t.Parallel()
	for _, params := range []password.Params{
		{},
		{Memory: 19455, Iterations: 2, Parallelism: 1},
		{Memory: 19456, Iterations: 1, Parallelism: 1},
		{Memory: 19456, Iterations: 2, Parallelism: 0},
		{Memory: 1 << 20, Iterations: 2, Parallelism: 1},
		{Memory: 19456, Iterations: 11, Parallelism: 1},
		{Memory: 19456, Iterations: 2, Parallelism: 5},
	} {
		if _, err := password.NewHasher(params); err == nil {
			t.Errorf("NewHasher(%v) succeeded", params)
		}
	}
	for _, params := range []password.Params{password.Default, password.Floor, password.Ceiling} {
		if _, err := password.NewHasher(params); err != nil {
			t.Errorf("NewHasher(%v): %v", params, err)
		}
	}
}

const (
	salt22 = "$AAAAAAAAAAAAAAAAAAAAAA"
	key43  = "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestVerifyRefusesAStoredHashThatNoHasherMakes(t *testing.T) {
	t.Parallel()
	h, err := password.NewHasher(password.Default)
	if err != nil {
		t.Fatal(err)
	}
	for name, hash := range map[string]string{
		"nothing":               "",
		"no PHC string":         "5f4dcc3b5aa765d61d8327deb882cf99",
		"another algorithm":     "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"another variant":       "$argon2i$v=19$m=65536,t=3,p=1" + salt22 + key43,
		"another version":       "$argon2id$v=16$m=65536,t=3,p=1" + salt22 + key43,
		"memory under floor":    "$argon2id$v=19$m=19455,t=2,p=1" + salt22 + key43,
		"too few iterations":    "$argon2id$v=19$m=19456,t=1,p=1" + salt22 + key43,
		"no lane":               "$argon2id$v=19$m=19456,t=2,p=0" + salt22 + key43,
		"memory over ceiling":   "$argon2id$v=19$m=4194304,t=2,p=1" + salt22 + key43,
		"too many iterations":   "$argon2id$v=19$m=19456,t=4294967295,p=1" + salt22 + key43,
		"too many lanes":        "$argon2id$v=19$m=19456,t=2,p=255" + salt22 + key43,
		"costs that overflow":   "$argon2id$v=19$m=99999999999,t=2,p=1" + salt22 + key43,
		"an empty key":          "$argon2id$v=19$m=65536,t=3,p=1" + salt22 + "$",
		"a short key":           "$argon2id$v=19$m=65536,t=3,p=1" + salt22 + "$AAAA",
		"an empty salt":         "$argon2id$v=19$m=65536,t=3,p=1$" + key43,
		"a key that is no text": "$argon2id$v=19$m=65536,t=3,p=1" + salt22 + "$\xff",
		"a key without end":     "$argon2id$v=19$m=65536,t=3,p=1" + salt22 + strings.Repeat(key43, 1<<16),
	} {
		ok, rehash, err := h.Verify(t.Context(), good, hash)
		if !errors.Is(err, password.ErrBadHash) || ok || rehash {
			t.Errorf("%s: Verify = %v, %v, %v; want %v", name, ok, rehash, err, password.ErrBadHash)
		}
	}
}

// Proves: 2.2
func TestAPasswordOver512BytesIsNeverHashed(t *testing.T) {
	t.Parallel()
	h := password.ForTesting(t)
	defer h.Occupy()() // it needs no turn either
	long := strings.Repeat("a", 513)

	var refused *password.RuleError
	if _, err := h.Hash(t.Context(), long); !errors.As(err, &refused) || refused.Code != password.TooLong {
		t.Errorf("Hash: %v; want %s", err, password.TooLong)
	}
	if ok, _, err := h.Verify(t.Context(), long, h.DummyHash()); err != nil || ok {
		t.Errorf("Verify = %v, %v; want false", ok, err)
	}
	if err := h.VerifyDummy(t.Context(), long); err != nil {
		t.Errorf("VerifyDummy: %v", err)
	}
}

// Proves: 2.6
func TestVerifyDummyCostsWhatAVerifyCosts(t *testing.T) {
	t.Parallel()
	h, err := password.NewHasher(password.Default)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.VerifyDummy(t.Context(), good); err != nil {
		t.Errorf("VerifyDummy: %v", err)
	}
	if costs, err := h.Costs(h.DummyHash()); err != nil || costs != password.Default {
		t.Errorf("the dummy costs %v, %v; want %v", costs, err, password.Default)
	}
	if ok, _, err := h.Verify(t.Context(), "", h.DummyHash()); err != nil || ok {
		t.Errorf("a password matches the dummy: %v, %v", ok, err)
	}
}

// operations are the three calls that cost a hash.
var operations = map[string]func(*password.Hasher, context.Context) error{
	"Hash": func(h *password.Hasher, ctx context.Context) error {
		_, err := h.Hash(ctx, good)
		return err
	},
	"Verify": func(h *password.Hasher, ctx context.Context) error {
		_, _, err := h.Verify(ctx, good, h.DummyHash())
		return err
	},
	"VerifyDummy": func(h *password.Hasher, ctx context.Context) error {
		return h.VerifyDummy(ctx, good)
	},
}

// Proves: 2.1
func TestACallerThatWaitsTwoSecondsForATurnGetsBusy(t *testing.T) {
	t.Parallel()
	for name, operate := range operations {
		synctest.Test(t, func(t *testing.T) {
			h := password.ForTesting(t)
			defer h.Occupy()()
			start := time.Now()
			if err := operate(h, t.Context()); !errors.Is(err, password.ErrBusy) {
				t.Errorf("%s: %v; want %v", name, err, password.ErrBusy)
			}
			if waited := time.Since(start); waited != 2*time.Second {
				t.Errorf("%s waited %v; want 2s", name, waited)
			}
		})
	}
}

// Proves: 2.1
func TestOneTurnIsReservedForKnownCallers(t *testing.T) {
	t.Parallel()
	h := password.BusyForTesting(t)
	for range 3 { // the turn is given back
		if err := h.VerifyDummy(password.Known(t.Context()), "a password"); err != nil {
			t.Fatalf("while strangers have all other turns: %v", err)
		}
	}
}

func TestACallerThatGetsATurnInTimeIsServed(t *testing.T) {
	t.Parallel()
	for name, operate := range operations {
		synctest.Test(t, func(t *testing.T) {
			h := password.ForTesting(t)
			time.AfterFunc(1900*time.Millisecond, h.Occupy())
			if err := operate(h, t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			defer h.Occupy()() // hangs unless the turn was given back
		})
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, operate := range operations {
		synctest.Test(t, func(t *testing.T) {
			h := password.ForTesting(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			release := h.Occupy()
			start := time.Now()
			if err := operate(h, ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v; want %v", name, err, context.DeadlineExceeded)
			}
			if waited := time.Since(start); waited != time.Second {
				t.Errorf("%s waited %v; want 1s", name, waited)
			}
			release()
			if err := operate(h, ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s after the context's end: %v; want %v", name, err, context.DeadlineExceeded)
			}
		})
	}
}

func TestOthersGiveWayShortlyToHashesThatTakeEachTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := password.ForTesting(t)
		waits := func(ctx context.Context) time.Duration {
			start := time.Now()
			h.GiveWay(ctx)
			return time.Since(start)
		}
		if waited := waits(t.Context()); waited != 0 {
			t.Errorf("while a turn is free: waited %v", waited)
		}
		defer h.Occupy()()
		if waited := waits(t.Context()); waited != 10*time.Millisecond {
			t.Errorf("while all turns are taken: waited %v; want 10ms", waited)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if waited := waits(ended); waited != 0 {
			t.Errorf("for a caller that has gone: waited %v", waited)
		}
	})
}

func FuzzStoredHash(f *testing.F) {
	h := password.ForTesting(f)
	f.Add(mustHash(f, h, good))
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255" + salt22 + key43)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, hash string) {
		costs, err := h.Costs(hash)
		if err != nil {
			if !errors.Is(err, password.ErrBadHash) {
				t.Errorf("%q: %v", hash, err)
			}
			return
		}
		if costs.Memory > password.Ceiling.Memory || costs.Iterations > password.Ceiling.Iterations ||
			costs.Parallelism > password.Ceiling.Parallelism || costs.Parallelism == 0 {
			t.Errorf("%q would cost %v", hash, costs)
		}
		if costs.Memory > 1024 {
			return // allowed, but too slow for here
		}
		if _, _, err := h.Verify(t.Context(), good, hash); err != nil {
			t.Errorf("Verify of %q: %v", hash, err)
		}
	})
}

func mustHash(t testing.TB, h *password.Hasher, typed string) string {
	t.Helper()
	hash, err := h.Hash(t.Context(), typed)
	if err != nil {
		t.Fatalf("Hash: %v", err)
	}
	return hash
}
