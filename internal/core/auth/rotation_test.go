package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent/signingkey"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/auth"
)

// signingKids returns the ids of the signing keys, in the order in which they sign.
func (h house) signingKids(t *testing.T) []string {
	t.Helper()
	ids, err := h.store.Reader().SigningKey.Query().Order(signingkey.BySignsFrom()).IDs(asSystem(t))
	check(t, err)
	return ids
}

// Two instances serve a session for half an hour in which the key is changed by command. Each tends its keys once a
// minute, not at the same time, and each knows every token of the other.
func TestASigningKeyIsRotatedUnderLoadAndNoTokenIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.hire(t, "ana@example.com", principal.Admin)
		instances := []*auth.Service{h.Service, h.instance(t)}
		first := h.signingKids(t)
		session := h.login(t, "ana@example.com")
		type issued struct {
			token string
			until time.Time
		}
		var alive []issued
		const step = 20 * time.Second
		for n := range 90 {
			if n == 9 {
				from, err := instances[1].RotateSigningKey(t.Context())
				check(t, err)
				if ahead := from.Sub(h.clock.Now()); ahead < 9*time.Minute || ahead > 11*time.Minute {
					t.Errorf("it signs %s after it is published", ahead)
				}
				if again, err := instances[0].RotateSigningKey(t.Context()); err != nil || !again.Equal(from) {
					t.Errorf("a second command gives %v (%v), want the key that is published, of %v", again, err, from)
				}
			}
			var err error
			session, err = instances[n%2].Refresh(t.Context(), session.RefreshToken, auth.Browser{})
			check(t, err)
			alive = append(alive, issued{session.AccessToken, session.AccessExpiresAt})
			for _, token := range alive {
				if h.clock.Now().After(token.until) {
					continue
				}
				for i, instance := range instances {
					if _, err := instance.Verify(t.Context(), token.token); err != nil {
						t.Fatalf("step %d: instance %d refuses a token: %v", n, i, err)
					}
				}
			}
			h.clock.advance(step)
			if n%3 != 2 {
				check(t, instances[n%3].TendSigningKeys(t.Context()))
			}
		}
		if got := h.signingKids(t); len(got) != 1 || got[0] == first[0] {
			t.Errorf("after half an hour there are the keys %q; the first was %q", got, first)
		}
	})
}

func TestASigningKeyIsReplacedAfter90DaysByOneThatWasPublishedBefore(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.clock.advance(90*24*time.Hour - 11*time.Minute)
		check(t, h.TendSigningKeys(t.Context()))
		if got := h.signingKids(t); len(got) != 1 {
			t.Fatalf("too early: %q", got)
		}
		h.clock.advance(2 * time.Minute)
		var both sync.WaitGroup
		for _, instance := range []*auth.Service{h.instance(t), h.instance(t), h.Service} {
			both.Go(func() {
				if err := instance.TendSigningKeys(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if got := h.signingKids(t); len(got) != 2 {
			t.Fatalf("three instances published %d keys", len(got)-1)
		}
	})
}
