package servicetoken_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/servicetoken"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
)

// each runs test over a house with one administrator, in whose name ctx acts.
func each(t *testing.T, test func(t *testing.T, h stafftest.House, ctx context.Context)) {
	t.Helper()
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Clock.Stop()
		h.Hire(t, "ana@example.com", principal.Admin)
		actor, err := h.Sessions.Verify(t.Context(), h.Login(t, "ana@example.com").AccessToken)
		must.Do(t, err)
		test(t, h, principal.With(t.Context(), actor))
	})
}

func create(ctx context.Context, t *testing.T, h stafftest.House, in servicetoken.Input) (*ent.ServiceToken, string) {
	t.Helper()
	in.Name, in.Role, in.ExpiresAt = "Backup", principal.Viewer, h.Clock.Now().Add(time.Hour)
	row, text, err := h.ServiceTokens.Create(ctx, in)
	must.Do(t, err)
	return row, text
}

// wantRefusal fails unless a token is refused from an address for a reason; "" wants it to be taken.
func wantRefusal(t *testing.T, h stafftest.House, text, address string, reason fault.Reason) {
	t.Helper()
	_, err := h.ServiceTokens.Verify(t.Context(), text, address)
	var unproven fault.Unproven
	if err != nil && !errors.As(err, &unproven) {
		t.Fatal(err)
	}
	if unproven.Reason != reason {
		t.Errorf("from %s it is refused for %q, want %q", address, unproven.Reason, reason)
	}
}

func TestAServiceTokenIsTakenUntilItsEnd(t *testing.T) {
	each(t, func(t *testing.T, h stafftest.House, ctx context.Context) {
		row, text := create(ctx, t, h, servicetoken.Input{})
		found, err := h.ServiceTokens.Verify(t.Context(), text, "192.0.2.1")
		must.Do(t, err)
		if found.ID != row.ID || found.Role != principal.Viewer || !found.IsService() {
			t.Errorf("it stands for %+v", found)
		}
		h.Clock.Advance(time.Hour)
		wantRefusal(t, h, text, "192.0.2.1", fault.Expired)
	})
}

func TestARevokedServiceTokenEndsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h stafftest.House, ctx context.Context) {
		row, text := create(ctx, t, h, servicetoken.Input{})
		_, err := h.ServiceTokens.Revoke(ctx, row.ID, nil)
		must.Do(t, err)
		wantRefusal(t, h, text, "192.0.2.1", fault.Revoked)
		if _, err := h.ServiceTokens.Revoke(ctx, row.ID, nil); err != nil {
			t.Errorf("a second revocation: %v", err)
		}
	})
}

func TestAServiceTokenIsBoundToItsAddresses(t *testing.T) {
	each(t, func(t *testing.T, h stafftest.House, ctx context.Context) {
		_, text := create(ctx, t, h, servicetoken.Input{Addresses: []string{"192.0.2.0/24"}})
		wantRefusal(t, h, text, "192.0.2.7", "")
		wantRefusal(t, h, text, "198.51.100.7", fault.AddressNotAllowed)
	})
}

func TestServiceTokensEndWithTheRightsOfTheirMaker(t *testing.T) {
	each(t, func(t *testing.T, h stafftest.House, ctx context.Context) {
		row, text := create(ctx, t, h, servicetoken.Input{})
		var ended int
		end := func(ctx context.Context, tx *ent.Tx) (err error) {
			ended, err = h.ServiceTokens.EndOfMaker(ctx, tx, row.CreatedByID)
			return err
		}
		for _, want := range []int{1, 0} {
			must.Do(t, h.Store.Write(stafftest.AsSystem(t), end))
			if ended != want {
				t.Errorf("%d tokens end, want %d", ended, want)
			}
		}
		wantRefusal(t, h, text, "192.0.2.1", fault.Revoked)
	})
}

func TestOnlyAPersonWhoIsAnAdministratorMakesServiceTokens(t *testing.T) {
	each(t, func(t *testing.T, h stafftest.House, ctx context.Context) {
		in := servicetoken.Input{Name: "Backup", Role: principal.Viewer, ExpiresAt: h.Clock.Now().Add(time.Hour)}
		for name, p := range map[string]principal.Principal{
			"the program": principal.System{Task: "test"},
			"an operator": principal.Operator{ID: "opr_1", Role: principal.Editor, SessionID: "ses_1"},
			"a script":    principal.Operator{ID: "svt_1", Role: principal.Admin},
		} {
			if _, _, err := h.ServiceTokens.Create(principal.With(ctx, p), in); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTheLastUseOfAServiceTokenIsSavedOnce(t *testing.T) {
	each(t, func(t *testing.T, h stafftest.House, ctx context.Context) {
		row, text := create(ctx, t, h, servicetoken.Input{})
		wantRefusal(t, h, text, "192.0.2.1", "")
		wantRefusal(t, h, text, "192.0.2.2", "")
		must.Do(t, h.ServiceTokens.Flush(t.Context()))
		row, err := h.Store.Reader().ServiceToken.Get(stafftest.AsSystem(t), row.ID)
		must.Do(t, err)
		if row.LastUsedAt == nil || row.LastUsedAddress == nil || *row.LastUsedAddress != "192.0.2.2" {
			t.Errorf("last used at %v from %v", row.LastUsedAt, row.LastUsedAddress)
		}
	})
}
