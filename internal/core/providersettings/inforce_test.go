package providersettings

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const hub = provider.Code("PLUG4MARKET")

// world is a database and a clock, for the settings of several processes.
type world struct {
	t     *testing.T
	ctx   context.Context
	store *store.Store
	keys  *seal.Keyset
	at    time.Time
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	keys, err := seal.NewKeyset()
	must.Do(t, err)
	admin := principal.Operator{ID: "opr_1", Name: "Ana", Role: principal.Admin, SessionID: "ses_1"}
	return &world{
		t: t, ctx: principal.With(t.Context(), admin), store: s, keys: keys,
		at: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC),
	}
}

// process returns the settings as one process of the portal has them.
func (w *world) process(fixed Fixed) *Service {
	clock, all := func() time.Time { return w.at }, providers.All()
	return New(Options{
		Store: w.store, Keys: w.keys, Providers: all, Now: clock, Fixed: fixed, Portal: "https://portal.example",
		Allows: func(*url.URL) bool { return true },
		Connections: connection.New(connection.Options{
			Store: w.store, Keys: w.keys, Providers: all, Now: clock, Live: live.New(w.store, slog.New(slog.DiscardHandler)),
		}),
	})
}

func (w *world) set(s *Service, name, value string) error {
	_, err := s.Set(w.ctx, hub, []Change{{name, value}})
	return err
}

func (w *world) want(s *Service, name, value string) {
	w.t.Helper()
	values, err := s.InForce(w.ctx, hub)
	must.Do(w.t, err)
	if values[name] != value {
		w.t.Errorf("%s is %q, want %q", name, values[name], value)
	}
}

func TestTheEnvironmentOverridesStoredSettingsAndTheyTheDefault(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		plain := w.process(nil)
		w.want(plain, "leadMinutes", "60")
		must.Do(t, w.set(plain, "leadMinutes", " 90 "))
		w.want(plain, "leadMinutes", "90")
		fixed := w.process(Fixed{hub: {"leadMinutes": "30"}})
		w.want(fixed, "leadMinutes", "30")
		var bad fault.List
		if err := w.set(fixed, "leadMinutes", "45"); !errors.As(err, &bad) || bad[0].Code != fault.SettingFixed {
			t.Errorf("a setting of the environment was changed: %v", err)
		}
		must.Do(t, w.set(plain, "leadMinutes", ""))
		w.want(plain, "leadMinutes", "60")
	})
}

func TestAnotherProcessSeesAChangedSettingWithinSettingsAge(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		here, there := w.process(nil), w.process(nil)
		w.want(there, "leadMinutes", "60")
		must.Do(t, w.set(here, "leadMinutes", "90"))
		w.want(here, "leadMinutes", "90")
		w.want(there, "leadMinutes", "60")
		w.at = w.at.Add(settingsAge)
		w.want(there, "leadMinutes", "90")
		// What was read before the clock was put back is not newer than what is stored.
		must.Do(t, w.set(here, "leadMinutes", "120"))
		w.at = w.at.Add(-time.Hour)
		w.want(there, "leadMinutes", "120")
	})
}

func TestARefusedHouseLogInStaysRefusedUntilTheSettingsAreSaved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		here, there := w.process(nil), w.process(nil)
		must.Do(t, here.RefuseHouse(w.ctx, hub))
		must.Do(t, here.RefuseHouse(w.ctx, hub)) // it is recorded once
		w.want(there, "leadMinutes", "60")
		for name, one := range map[string]*Service{"here": here, "there": there} {
			if !one.HouseRefused(hub) {
				t.Errorf("%s the log-in is not known as refused", name)
			}
		}
		recorded, err := s.Reader().AuditEvent.Query().Where(auditevent.Action("provider.house_refused")).
			Count(principal.AsSystem(t.Context(), "test"))
		must.Do(t, err)
		if recorded != 1 {
			t.Errorf("the trail has it %d times", recorded)
		}
		must.Do(t, w.set(here, "houseLogin", "casa@example.com"))
		w.at = w.at.Add(settingsAge)
		for _, one := range []*Service{here, there} {
			w.want(one, "houseLogin", "casa@example.com")
			if one.HouseRefused(hub) {
				t.Error("a changed log-in counts as refused")
			}
		}
	})
}

func TestASecretOfTheSettingsIsSealedAndNeverShown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		here := w.process(nil)
		must.Do(t, w.set(here, "housePassword", "uma senha da casa"))
		w.want(here, "housePassword", "uma senha da casa")
		all, err := here.List(w.ctx)
		must.Do(t, err)
		for _, status := range all {
			for _, one := range status.Settings {
				if one.Name == "housePassword" && (one.Value != nil || one.Secret == nil || one.Secret.SetBy != "Ana") {
					t.Errorf("the password is shown as %+v", one)
				}
			}
		}
		stored, err := s.Reader().ProviderSetting.Query().All(principal.AsSystem(t.Context(), "test"))
		must.Do(t, err)
		if len(stored) != 1 || stored[0].Values["housePassword"] != "" || len(stored[0].SecretsSealed) == 0 {
			t.Errorf("stored is %v", stored)
		}
		// A secret of a lost keyset is removed, and the other settings stay.
		must.Do(t, w.set(here, "leadMinutes", "90"))
		w.keys, err = seal.NewKeyset()
		must.Do(t, err)
		after := w.process(nil)
		must.Do(t, after.ForgetLost(w.ctx))
		w.want(after, "housePassword", "")
		w.want(after, "leadMinutes", "90")
	})
}

func TestABadSettingIsRefusedAtItsFieldAndNothingIsStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		here := w.process(nil)
		_, err := here.Set(w.ctx, hub, []Change{{"leadMinutes", "90"}, {"timeoutSeconds", "500"}, {"nonsense", "1"}})
		var bad fault.List
		if !errors.As(err, &bad) || len(bad) != 2 {
			t.Fatalf("got %v", err)
		}
		w.want(here, "leadMinutes", "60")
		if _, err := here.Set(t.Context(), hub, nil); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a caller without a principal changed settings: %v", err)
		}
	})
}

func TestASettingOfTheEnvironmentIsReadFromItsFileAndRefusedByItsName(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	must.Do(t, os.WriteFile(file, []byte("  uma senha\n"), 0o600))
	read := func(environment map[string]string) (Fixed, error) {
		return ReadFixed(providers.All(), func(name string) (string, bool) {
			text, ok := environment[name]
			return text, ok
		}, func(*url.URL) bool { return true })
	}
	fixed, err := read(map[string]string{
		"CHAVEIRO_PLUG4MARKET_HOUSE_PASSWORD_FILE": file, "CHAVEIRO_PLUG4MARKET_LEAD_MINUTES": "",
	})
	must.Do(t, err)
	if got := fixed[hub]; len(got) != 1 || got["housePassword"] != "uma senha" {
		t.Errorf("read %v", got)
	}
	for name, wrong := range map[string]struct{ value, want string }{
		"CHAVEIRO_PLUG4MARKET_HOUSE_PASSWORD_FILE": {file + ".missing", "no such file"},
		"CHAVEIRO_PLUG4MARKET_LEAD_MINUTES":        {"soon", "Enter a whole number."},
		"CHAVEIRO_NUVEMSHOP_URL":                   {":::", "Enter an https address without user and parameters."},
	} {
		_, err := read(map[string]string{name: wrong.value})
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), wrong.want) {
			t.Errorf("%s=%s gives %v", name, wrong.value, err)
		}
	}
}
