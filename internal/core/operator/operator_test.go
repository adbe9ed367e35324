package operator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
)

// Proves: 2.3
func TestAnOperatorIsRefused(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "taken@example.com", principal.Admin)
		for _, c := range []struct{ name, email, password, want string }{
			{"", "new@example.com", stafftest.Password, "REQUIRED at name"},
			{"a\nb", "new@example.com", stafftest.Password, "INVALID_CHARACTERS at name"},
			{"\u200b", "new@example.com", stafftest.Password, "REQUIRED at name"},
			{"An\u200ba", "new@example.com", stafftest.Password, "HIDDEN_CHARACTERS at name"},
			{"Ana", "\u200b", stafftest.Password, "REQUIRED at email"},
			{"Ana", "n\u200bew@example.com", stafftest.Password, "HIDDEN_CHARACTERS at email"},
			{"Ana", "n\u0435w@example.com", stafftest.Password, "EMAIL_CONFUSABLE at email"}, // the Cyrillic e
			{"Ana", "\u200btaken@example.com\ufeff", stafftest.Password, "EMAIL_TAKEN at email"},
			{strings.Repeat("x", 201), "new@example.com", stafftest.Password, "TOO_LONG at name"},
			{"Ana", "", stafftest.Password, "REQUIRED at email"},
			{"Ana", "new", stafftest.Password, "EMAIL_INVALID at email"},
			{"Ana", "Ana <new@example.com>", stafftest.Password, "EMAIL_INVALID at email"},
			{"Ana", "new@example.com\r\nBcc: x@example.com", stafftest.Password, "EMAIL_INVALID at email"},
			{"Ana", strings.Repeat("x", 250) + "@example.com", stafftest.Password, "EMAIL_INVALID at email"},
			{"Ana", "TAKEN@example.com", stafftest.Password, "EMAIL_TAKEN at email"},
			{"Ana", "new@example.com", "", "REQUIRED at password"},
			{"Ana", "new@example.com", "short", "PASSWORD_TOO_SHORT at password"},
			{"Ana", "new@example.com", strings.Repeat("long ", 26), "PASSWORD_TOO_LONG at password"},
			{"Ana", "new@example.com", "passwordpassword", "PASSWORD_COMMON at password"},
			{"Ana", "long.name@example.com", "my LONG.NAME is it", "PASSWORD_GUESSABLE at password"},
			{"Ana", "new@example.com", "the Chaveiro of mine", "PASSWORD_GUESSABLE at password"},
			{"", "", "", "REQUIRED at name, REQUIRED at email, REQUIRED at password"},
		} {
			_, err := h.Operators.Create(stafftest.AsSystem(t), operator.Input{
				Name: c.name, Email: c.email, Password: c.password, Role: principal.Editor,
			})
			if err == nil || err.Error() != c.want {
				t.Errorf("%.20q %.20q: %v, want %s", c.name, c.email, err, c.want)
			}
		}
		if n, err := h.Store.Reader().Operator.Query().Count(stafftest.AsSystem(t)); err != nil || n != 1 {
			t.Errorf("%d operators, %v", n, err)
		}
	})
}

// Proves: 2.3
func TestThePortalOfAnOrganisationKeepsItsNameOutOfPasswords(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		of := h.InstanceOf(t, "Softhouse: Açaí Ltda.", password.ForTesting(t))
		_, err := of.Operators.Create(stafftest.AsSystem(t), operator.Input{
			Name: "Ana", Email: "ana@example.com", Password: "nossa SoftHouse querida", Role: principal.Admin,
		})
		if err == nil || err.Error() != "PASSWORD_GUESSABLE at password" {
			t.Errorf("%v", err)
		}
		h.Hire(t, "ana@example.com", principal.Admin)
		for name, portal := range map[string]*staff.Staff{"Chaveiro – Softhouse Açaí Ltda.": of, "Chaveiro": h.Staff} {
			begun, err := portal.Logins.Login(t.Context(), "ana@example.com", stafftest.Password, session.Browser{})
			must.Do(t, err)
			who, err := portal.Sessions.Verify(t.Context(), begun.AccessToken)
			must.Do(t, err)
			typed := stafftest.Password
			proof := login.Reauthentication{Password: &typed}
			proved, err := portal.Logins.Reauthenticate(principal.With(t.Context(), who), proof, session.Browser{})
			must.Do(t, err)
			who, err = portal.Sessions.Verify(t.Context(), proved.AccessToken)
			must.Do(t, err)
			app, err := portal.Factors.BeginTOTP(principal.With(t.Context(), who))
			must.Do(t, err)
			address, err := url.Parse(app.Address)
			must.Do(t, err)
			if got := address.Query().Get("issuer"); got != name || address.Path != "/"+name+":ana@example.com" {
				t.Errorf("an app lists it as %q, by %q, want %q", got, address.Path, name)
			}
		}
	})
}

func TestOnlyTheProgramItselfMakesOperators(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		for name, p := range map[string]principal.Principal{
			"nobody":           nil,
			"an administrator": principal.Operator{ID: "opr_1", Role: principal.Admin},
			"a key":            principal.Key{ID: "key_1"},
		} {
			ctx := t.Context()
			if p != nil {
				ctx = principal.With(ctx, p)
			}
			in := operator.Input{Name: "Ana", Email: "a@example.com", Password: stafftest.Password, Role: principal.Admin}
			if _, err := h.Operators.Create(ctx, in); err == nil {
				t.Errorf("%s made an operator", name)
			}
		}
	})
}

// Proves: 2.4
func TestTheFirstAdministratorIsMadeWithTheSetUpTokenOnce(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		first, err := h.Operators.CreateSetupToken(t.Context())
		must.Do(t, err)
		second, err := h.Operators.CreateSetupToken(t.Context())
		must.Do(t, err)
		required := func(want bool) {
			t.Helper()
			if got, err := h.Operators.SetupRequired(t.Context()); err != nil || got != want {
				t.Errorf("set-up is required: %t, %v", got, err)
			}
		}
		setUp := func(token, password string) (session.Session, error) {
			return h.Operators.CreateFirstAdministrator(t.Context(), operator.FirstAdministrator{
				SetupToken: token, Name: "Ana", Email: "Ana@Example.com", Password: password,
			}, session.Browser{Address: "192.0.2.1"})
		}
		required(true)
		for name, token := range map[string]string{
			"an empty token": "", "a wrong token": second + "x", "a replaced token": first,
		} {
			if _, err := setUp(token, stafftest.Password); !fault.Is(err, fault.SetupTokenInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := setUp("wrong", "short"); err == nil || err.Error() != "SETUP_TOKEN_INVALID at setupToken" {
			t.Errorf("who lacks the token learns about the password: %v", err)
		}
		if _, err := setUp(second, "short"); !fault.Is(err, fault.PasswordTooShort) {
			t.Errorf("a bad password: %v", err)
		}
		required(true)

		made, err := setUp(second, stafftest.Password) // what was refused has not used it up
		must.Do(t, err)
		if made.Operator.Email != "ana@example.com" || made.Operator.Role != "ADMIN" {
			t.Errorf("made %v", made.Operator)
		}
		who, err := h.Sessions.Verify(t.Context(), made.AccessToken)
		if err != nil || who.ID != made.Operator.ID || who.Role != principal.Admin {
			t.Errorf("the session is of %+v, %v", who, err)
		}
		required(false)
		if _, err := setUp(second, stafftest.Password); !fault.Is(err, fault.SetupDone) {
			t.Errorf("a second use: %v", err)
		}
		if token, err := h.Operators.CreateSetupToken(t.Context()); token != "" || err != nil {
			t.Errorf("a set-up token beside an operator: %q, %v", token, err)
		}
	})
}

// Proves: 2.4
func TestASetUpTokenEndsAfterHalfAnHour(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		token, err := h.Operators.CreateSetupToken(t.Context())
		must.Do(t, err)
		h.Clock.Advance(30 * time.Minute)
		_, err = h.Operators.CreateFirstAdministrator(t.Context(), operator.FirstAdministrator{
			SetupToken: token, Name: "Ana", Email: "a@example.com", Password: stafftest.Password,
		}, session.Browser{})
		if !fault.Is(err, fault.SetupTokenInvalid) {
			t.Errorf("%v", err)
		}
	})
}

// Proves: 2.4
func TestOfConcurrentSetUpsOneMakesAnAdministrator(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		token, err := h.Operators.CreateSetupToken(t.Context())
		must.Do(t, err)
		const n = 6
		errs := make(chan error, n)
		for i := range n {
			go func() {
				_, err := h.Operators.CreateFirstAdministrator(t.Context(), operator.FirstAdministrator{
					SetupToken: token, Name: "Ana",
					Email: fmt.Sprintf("a%d@example.com", i), Password: stafftest.Password,
				}, session.Browser{})
				errs <- err
			}()
		}
		made := 0
		for range n {
			switch err := <-errs; {
			case err == nil:
				made++
			case !fault.Is(err, fault.SetupDone):
				t.Errorf("refused with %v", err)
			}
		}
		rows, err := h.Store.Reader().Operator.Query().Count(stafftest.AsSystem(t))
		if err != nil || rows != 1 || made != 1 {
			t.Errorf("%d were told so, there are %d, %v", made, rows, err)
		}
	})
}

func TestASetUpTokenIsStoredAsAHash(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		token, err := h.Operators.CreateSetupToken(t.Context())
		must.Do(t, err)
		row, err := h.Store.Reader().OneTimeToken.Query().Only(stafftest.AsSystem(t))
		must.Do(t, err)
		if len(row.Hash) != 32 || strings.Contains(string(row.Hash), token) {
			t.Errorf("stored as %x", row.Hash)
		}
	})
}
