package throttle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
)

const bia = "bia@example.com"

// tryFrom is try from a browser.
func (h house) tryFrom(t *testing.T, email, password string, from session.Browser) time.Duration {
	t.Helper()
	return waitOf(t, func() error {
		_, err := h.Logins.Login(t.Context(), email, password, from)
		return err
	})
}

// tryPasskey begins a log-in with a passkey alone, and returns how long it is told to wait.
func (h house) tryPasskey(t *testing.T, from session.Browser) time.Duration {
	t.Helper()
	return waitOf(t, func() error {
		_, err := h.Logins.BeginPasskey(t.Context(), from)
		return err
	})
}

func waitOf(t *testing.T, try func() error) time.Duration {
	t.Helper()
	var wait fault.Throttled
	if err := try(); errors.As(err, &wait) {
		return wait.After
	} else if err != nil && !fault.Is(err, fault.InvalidCredentials) {
		t.Fatal(err)
	}
	return 0
}

// invent makes failed log-ins with e-mail addresses that no operator has, until the network address has to wait.
func (h house) invent(t *testing.T, address string) {
	t.Helper()
	for i := range 21 {
		h.try(t, fmt.Sprintf("nobody%d@example.com", i), "wrong", address)
	}
	if h.try(t, "somebody@example.com", "wrong", address) == 0 {
		t.Fatalf("%s does not wait", address)
	}
}

// Proves: 2.5
func TestStrangersAtAnAddressKeepNoOperatorOutWhoLoggedInFromItLately(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		h.Hire(t, bia, principal.Admin)
		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		h.invent(t, "192.0.2.1")
		h.invent(t, "192.0.2.2")

		h.admit(t, ana, stafftest.Password, "192.0.2.1")
		if h.try(t, bia, stafftest.Password, "192.0.2.1") == 0 {
			t.Error("who never logged in from there does not wait")
		}
		if wait := h.tryPasskey(t, session.Browser{Address: "192.0.2.1"}); wait != 0 {
			t.Errorf("a passkey is told to wait %s", wait)
		}
		if h.tryPasskey(t, session.Browser{Address: "192.0.2.2"}) == 0 {
			t.Error("a passkey does not wait where only strangers were")
		}
		for range 6 {
			h.admit(t, ana, "wrong", "192.0.2.1")
		}
		if wait := h.try(t, ana, stafftest.Password, "192.0.2.1"); wait != time.Second {
			t.Errorf("after failures of her own she is told to wait %s", wait)
		}
	})
}

// Proves: 2.5
func TestABrowserThatAnOperatorLoggedInFromWaitsForItsOwnFailuresOnly(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		h.Hire(t, bia, principal.Admin)
		begun, err := h.Logins.Login(t.Context(), ana, stafftest.Password, session.Browser{Address: "192.0.2.1"})
		must.Do(t, err)
		if left := begun.DeviceExpiresAt.Sub(h.Clock.Now()); left != 30*24*time.Hour {
			t.Errorf("the browser is known for %s", left)
		}
		hers := func(address string) session.Browser { return session.Browser{Address: address, Device: begun.Device} }
		for range 6 { // by another person in her own network
			h.admit(t, ana, "wrong", "192.0.2.1")
		}
		h.invent(t, "192.0.2.2")
		for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
			if wait := h.tryPasskey(t, hers(address)); wait != 0 {
				t.Errorf("her passkey at %s is told to wait %s", address, wait)
			}
		}
		for range 6 {
			if wait := h.tryFrom(t, ana, "wrong", hers("192.0.2.2")); wait != 0 {
				t.Fatalf("her own browser is told to wait %s", wait)
			}
		}
		if wait := h.tryFrom(t, ana, stafftest.Password, hers("192.0.2.3")); wait != time.Second {
			t.Errorf("after its own failures it is told to wait %s", wait)
		}
		if h.tryFrom(t, bia, stafftest.Password, hers("192.0.2.2")) == 0 {
			t.Error("another operator does not wait in her browser")
		}
		h.Clock.Advance(time.Second)
		if wait := h.tryFrom(t, ana, stafftest.Password, hers("192.0.2.2")); wait != 0 {
			t.Errorf("a second later it is told to wait %s", wait)
		}
	})
}

// Proves: 2.5
func TestABrowserCookieThatIsForgedOrOldIsIgnored(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.Clock.Stop()
		h.Hire(t, ana, principal.Admin)
		second := h.Hire(t, bia, principal.Admin)
		begun, err := h.Logins.Login(t.Context(), ana, stafftest.Password, session.Browser{Address: "192.0.2.1"})
		must.Do(t, err)
		parts := strings.Split(begun.Device, ".")
		h.invent(t, "192.0.2.2")
		for name, of := range map[string]struct{ email, cookie string }{
			"nothing":          {ana, ""},
			"no form":          {ana, "..."},
			"another operator": {bia, strings.Join([]string{parts[0], second.ID, parts[2], parts[3]}, ".")},
			"another time":     {ana, strings.Join([]string{parts[0], parts[1], "9" + parts[2], parts[3]}, ".")},
			"too long":         {ana, strings.Repeat("x", 300) + begun.Device},
		} {
			browser := session.Browser{Address: "192.0.2.2", Device: of.cookie}
			if h.tryFrom(t, of.email, stafftest.Password, browser) == 0 {
				t.Errorf("%s is taken", name)
			}
		}
		h.Clock.Advance(30 * 24 * time.Hour)
		h.invent(t, "192.0.2.2")
		if h.tryFrom(t, ana, stafftest.Password, session.Browser{Address: "192.0.2.2", Device: begun.Device}) == 0 {
			t.Error("a cookie of 30 days ago is taken")
		}
	})
}
