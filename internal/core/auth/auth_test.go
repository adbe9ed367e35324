package auth_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/auth"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const (
	issuer       = "https://portal.example"
	goodPassword = "correct horse battery staple"
)

// house is a service over a database of its own, with what a test needs to look behind it.
type house struct {
	*auth.Service
	store *store.Store
	keys  *seal.Keyset
	clock *clock
}

// each runs test over a house on SQLite and one on PostgreSQL, both without an operator.
func each(t *testing.T, test func(t *testing.T, h house)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		keys, err := seal.NewKeyset()
		check(t, err)
		h := house{store: s, keys: keys, clock: &clock{}}
		h.Service = h.instance(t)
		test(t, h)
	})
}

// instance returns one more service over the same database, as another process has it.
func (h house) instance(t *testing.T) *auth.Service {
	t.Helper()
	return h.instanceWith(t, password.ForTesting(t))
}

func (h house) instanceWith(t *testing.T, hasher *password.Hasher) *auth.Service {
	t.Helper()
	return h.instanceOf(t, "", hasher)
}

// instanceOf is instance of a portal that knows the name of its organisation.
func (h house) instanceOf(t *testing.T, organization string, hasher *password.Hasher) *auth.Service {
	t.Helper()
	public, err := url.Parse(issuer)
	check(t, err)
	s, err := auth.New(auth.Options{
		Store: h.store, Keys: h.keys, Hasher: hasher, PublicURL: public, Organization: organization, Now: h.clock.Now,
	})
	check(t, err)
	check(t, s.LoadSigningKeys(t.Context()))
	return s
}

func (h house) hire(t *testing.T, email string, role principal.Role) *ent.Operator {
	t.Helper()
	made, err := h.CreateOperator(asSystem(t), auth.NewOperator{Name: "Ana", Email: email, Password: goodPassword, Role: role})
	check(t, err)
	return made
}

func (h house) login(t *testing.T, email string) auth.Session {
	t.Helper()
	begun, err := h.Login(t.Context(), email, goodPassword, auth.Browser{})
	check(t, err)
	return begun
}

func asSystem(t *testing.T) context.Context { return principal.AsSystem(t.Context(), "test") }

// clock is the time of day, which a test may move.
type clock struct {
	mu      sync.Mutex
	ahead   time.Duration
	stopped time.Time
}

// stop makes the time stand still but for advance, so that a slow machine changes nothing.
func (c *clock) stop() {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped, c.ahead = now, 0
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped.Add(c.ahead)
	}
	return time.Now().UTC().Truncate(time.Microsecond).Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnOperatorIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		h.hire(t, "taken@example.com", principal.Admin)
		for _, c := range []struct{ name, email, password, want string }{
			{"", "new@example.com", goodPassword, "REQUIRED at name"},
			{"a\nb", "new@example.com", goodPassword, "INVALID_CHARACTERS at name"},
			{"\u200b", "new@example.com", goodPassword, "REQUIRED at name"},
			{"An\u200ba", "new@example.com", goodPassword, "HIDDEN_CHARACTERS at name"},
			{"Ana", "\u200b", goodPassword, "REQUIRED at email"},
			{"Ana", "n\u200bew@example.com", goodPassword, "HIDDEN_CHARACTERS at email"},
			{"Ana", "n\u0435w@example.com", goodPassword, "EMAIL_CONFUSABLE at email"}, // the Cyrillic e
			{"Ana", "\u200btaken@example.com\ufeff", goodPassword, "EMAIL_TAKEN at email"},
			{strings.Repeat("x", 201), "new@example.com", goodPassword, "TOO_LONG at name"},
			{"Ana", "", goodPassword, "REQUIRED at email"},
			{"Ana", "new", goodPassword, "EMAIL_INVALID at email"},
			{"Ana", "Ana <new@example.com>", goodPassword, "EMAIL_INVALID at email"},
			{"Ana", "new@example.com\r\nBcc: x@example.com", goodPassword, "EMAIL_INVALID at email"},
			{"Ana", strings.Repeat("x", 250) + "@example.com", goodPassword, "EMAIL_INVALID at email"},
			{"Ana", "TAKEN@example.com", goodPassword, "EMAIL_TAKEN at email"},
			{"Ana", "new@example.com", "", "REQUIRED at password"},
			{"Ana", "new@example.com", "short", "PASSWORD_TOO_SHORT at password"},
			{"Ana", "new@example.com", strings.Repeat("long ", 26), "PASSWORD_TOO_LONG at password"},
			{"Ana", "new@example.com", "passwordpassword", "PASSWORD_COMMON at password"},
			{"Ana", "long.name@example.com", "my LONG.NAME is it", "PASSWORD_GUESSABLE at password"},
			{"Ana", "new@example.com", "the Chaveiro of mine", "PASSWORD_GUESSABLE at password"},
			{"", "", "", "REQUIRED at name, REQUIRED at email, REQUIRED at password"},
		} {
			_, err := h.CreateOperator(asSystem(t), auth.NewOperator{Name: c.name, Email: c.email, Password: c.password, Role: principal.Editor})
			if err == nil || err.Error() != c.want {
				t.Errorf("%.20q %.20q: %v, want %s", c.name, c.email, err, c.want)
			}
		}
		if n, err := h.store.Reader().Operator.Query().Count(asSystem(t)); err != nil || n != 1 {
			t.Errorf("%d operators, %v", n, err)
		}
	})
}

func TestThePortalOfAnOrganisationKeepsItsNameOutOfPasswords(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		of := h.instanceOf(t, "Softhouse: Açaí Ltda.", password.ForTesting(t))
		_, err := of.CreateOperator(asSystem(t), auth.NewOperator{Name: "Ana", Email: "ana@example.com", Password: "nossa SoftHouse querida", Role: principal.Admin})
		if err == nil || err.Error() != "PASSWORD_GUESSABLE at password" {
			t.Errorf("%v", err)
		}
		h.hire(t, "ana@example.com", principal.Admin)
		for name, portal := range map[string]*auth.Service{"Chaveiro – Softhouse Açaí Ltda.": of, "Chaveiro": h.Service} {
			begun, err := portal.Login(t.Context(), "ana@example.com", goodPassword, auth.Browser{})
			check(t, err)
			who, err := portal.Verify(t.Context(), begun.AccessToken)
			check(t, err)
			typed := goodPassword
			proved, err := portal.Reauthenticate(principal.With(t.Context(), who), auth.Reauthentication{Password: &typed}, auth.Browser{})
			check(t, err)
			who, err = portal.Verify(t.Context(), proved.AccessToken)
			check(t, err)
			app, err := portal.BeginTOTP(principal.With(t.Context(), who))
			check(t, err)
			address, err := url.Parse(app.Address)
			check(t, err)
			if got := address.Query().Get("issuer"); got != name || address.Path != "/"+name+":ana@example.com" {
				t.Errorf("an app lists it as %q, by %q, want %q", got, address.Path, name)
			}
		}
	})
}

func TestOnlyTheProgramItselfMakesOperators(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		for name, p := range map[string]principal.Principal{
			"nobody": nil, "an administrator": principal.Operator{ID: "opr_1", Role: principal.Admin}, "a key": principal.Key{ID: "key_1"},
		} {
			ctx := t.Context()
			if p != nil {
				ctx = principal.With(ctx, p)
			}
			if _, err := h.CreateOperator(ctx, auth.NewOperator{Name: "Ana", Email: "a@example.com", Password: goodPassword, Role: principal.Admin}); err == nil {
				t.Errorf("%s made an operator", name)
			}
		}
	})
}

func TestTheFirstAdministratorIsMadeWithTheSetUpTokenOnce(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		first, err := h.NewSetupToken(t.Context())
		check(t, err)
		second, err := h.NewSetupToken(t.Context())
		check(t, err)
		required := func(want bool) {
			t.Helper()
			if got, err := h.SetupRequired(t.Context()); err != nil || got != want {
				t.Errorf("set-up is required: %t, %v", got, err)
			}
		}
		setUp := func(token, password string) (auth.Session, error) {
			return h.CreateFirstAdministrator(t.Context(), auth.FirstAdministrator{SetupToken: token, Name: "Ana", Email: "Ana@Example.com", Password: password}, auth.Browser{Address: "192.0.2.1"})
		}
		required(true)
		for name, token := range map[string]string{"an empty token": "", "a wrong token": second + "x", "a replaced token": first} {
			if _, err := setUp(token, goodPassword); !fault.Is(err, fault.SetupTokenInvalid) {
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

		made, err := setUp(second, goodPassword) // what was refused has not used it up
		check(t, err)
		if made.Operator.Email != "ana@example.com" || made.Operator.Role != "ADMIN" {
			t.Errorf("made %v", made.Operator)
		}
		if who, err := h.Verify(t.Context(), made.AccessToken); err != nil || who.ID != made.Operator.ID || who.Role != principal.Admin {
			t.Errorf("the session is of %+v, %v", who, err)
		}
		required(false)
		if _, err := setUp(second, goodPassword); !fault.Is(err, fault.SetupDone) {
			t.Errorf("a second use: %v", err)
		}
		if token, err := h.NewSetupToken(t.Context()); token != "" || err != nil {
			t.Errorf("a set-up token beside an operator: %q, %v", token, err)
		}
	})
}

func TestASetUpTokenEndsAfterHalfAnHour(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		token, err := h.NewSetupToken(t.Context())
		check(t, err)
		h.clock.advance(30 * time.Minute)
		_, err = h.CreateFirstAdministrator(t.Context(), auth.FirstAdministrator{SetupToken: token, Name: "Ana", Email: "a@example.com", Password: goodPassword}, auth.Browser{})
		if !fault.Is(err, fault.SetupTokenInvalid) {
			t.Errorf("%v", err)
		}
	})
}

func TestOfConcurrentSetUpsOneMakesAnAdministrator(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		token, err := h.NewSetupToken(t.Context())
		check(t, err)
		const n = 6
		errs := make(chan error, n)
		for i := range n {
			go func() {
				_, err := h.CreateFirstAdministrator(t.Context(), auth.FirstAdministrator{
					SetupToken: token, Name: "Ana", Email: fmt.Sprintf("a%d@example.com", i), Password: goodPassword,
				}, auth.Browser{})
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
		if rows, err := h.store.Reader().Operator.Query().Count(asSystem(t)); err != nil || rows != 1 || made != 1 {
			t.Errorf("%d were told so, there are %d, %v", made, rows, err)
		}
	})
}

func TestASetUpTokenIsStoredAsAHash(t *testing.T) {
	each(t, func(t *testing.T, h house) {
		token, err := h.NewSetupToken(t.Context())
		check(t, err)
		row, err := h.store.Reader().OneTimeToken.Query().Only(asSystem(t))
		check(t, err)
		if len(row.Hash) != 32 || strings.Contains(string(row.Hash), token) {
			t.Errorf("stored as %x", row.Hash)
		}
	})
}
