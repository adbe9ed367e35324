package signing_test

import (
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent/signingkey"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
)

// signingKids returns the ids of the signing keys, in the order in which they sign.
func signingKids(t *testing.T, h stafftest.House) []string {
	t.Helper()
	ids, err := h.Store.Reader().SigningKey.Query().Order(signingkey.BySignsFrom()).IDs(stafftest.AsSystem(t))
	must.Do(t, err)
	return ids
}

// Two instances serve a session for half an hour, in which a command rotates the key. Each tends its keys once a
// minute, at different times, and each accepts every token of the other.
func TestASigningKeyIsRotatedUnderLoadAndNoTokenIsRefused(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "ana@example.com", principal.Admin)
		instances := []*staff.Staff{h.Staff, h.Instance(t)}
		first := signingKids(t, h)
		current := h.Login(t, "ana@example.com").Session
		type issued struct {
			token string
			until time.Time
		}
		var alive []issued
		const step = 20 * time.Second
		for n := range 90 {
			if n == 9 {
				from, err := instances[1].Signing.Rotate(t.Context())
				must.Do(t, err)
				if ahead := from.Sub(h.Clock.Now()); ahead < 9*time.Minute || ahead > 11*time.Minute {
					t.Errorf("it signs %s after it is published", ahead)
				}
				if again, err := instances[0].Signing.Rotate(t.Context()); err != nil || !again.Equal(from) {
					t.Errorf("a second command gives %v (%v), want the key that is published, of %v", again, err, from)
				}
			}
			renewed, err := instances[n%2].Sessions.Refresh(t.Context(), current.RefreshToken, session.Browser{})
			must.Do(t, err)
			current = renewed
			alive = append(alive, issued{current.AccessToken, current.AccessExpiresAt})
			for _, token := range alive {
				if h.Clock.Now().After(token.until) {
					continue
				}
				for i, instance := range instances {
					if _, err := instance.Sessions.Verify(t.Context(), token.token); err != nil {
						t.Fatalf("step %d: instance %d refuses a token: %v", n, i, err)
					}
				}
			}
			h.Clock.Advance(step)
			if n%3 != 2 {
				must.Do(t, instances[n%3].Signing.Tend(t.Context()))
			}
		}
		if got := signingKids(t, h); len(got) != 1 || got[0] == first[0] {
			t.Errorf("after half an hour there are the keys %q; the first was %q", got, first)
		}
	})
}

// Proves: 3.2
func TestASigningKeyIsReplacedAfter90DaysByOneThatWasPublishedBefore(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Clock.Advance(90*24*time.Hour - 11*time.Minute)
		must.Do(t, h.Signing.Tend(t.Context()))
		if got := signingKids(t, h); len(got) != 1 {
			t.Fatalf("too early: %q", got)
		}
		h.Clock.Advance(2 * time.Minute)
		var both sync.WaitGroup
		for _, instance := range []*staff.Staff{h.Instance(t), h.Instance(t), h.Staff} {
			both.Go(func() {
				if err := instance.Signing.Tend(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if got := signingKids(t, h); len(got) != 2 {
			t.Fatalf("three instances published %d keys", len(got)-1)
		}
	})
}
