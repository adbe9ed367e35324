package accesskey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// house is a database with an operator and shops that may have keys.
type house struct {
	*Service
	store  *store.Store
	system context.Context
	maker  context.Context
	shops  []*ent.ClientProduct

	mu  sync.Mutex
	now time.Time
}

func (h *house) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newHouse(t *testing.T, s *store.Store, shops int, brakes Brakes) *house {
	t.Helper()
	h := &house{store: s, system: principal.AsSystem(t.Context(), "test"), now: time.Now().UTC().
		Truncate(time.Microsecond)}
	h.Service = New(s, token.Live, live.New(s, slog.New(slog.DiscardHandler)), func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.now
	}, brakes)
	err := s.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
		maker, err := tx.Operator.Create().SetName("Otto").SetEmail("otto@example.com").SetRole(principal.Editor).
			SetPasswordHash("x").Save(ctx)
		if err != nil {
			return err
		}
		h.maker = principal.With(t.Context(), principal.Operator{
			ID: maker.ID, Name: maker.Name, Role: maker.Role, SessionID: "ses_1", AuthenticatedAt: h.now.Add(time.Hour),
		})
		sold, err := tx.Product.Create().SetCode("x").SetName("x").SetNameKey("x").SetHasMarketplaces(false).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		for i := range shops {
			name := fmt.Sprintf("loja %d", i)
			client, err := tx.ClientRecord.Create().SetName(name).SetNameKey(name).SetSearchText(name).
				SetDocument(fmt.Sprint(i)).Save(ctx)
			if err != nil {
				return err
			}
			owned, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(sold.ID).Save(ctx)
			if err != nil {
				return err
			}
			h.shops = append(h.shops, owned)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// make makes a key of a shop.
func (h *house) make(shop int) error {
	_, err := h.Create(h.maker, CreateInput{ClientProductID: h.shops[shop].ID, Name: "Caixa"})
	return err
}

// read asks whether a key of a shop may read from an address, and notes the read if so.
func (h *house) read(shop int, address string, bound bool) error {
	of := h.shops[shop]
	key := principal.Key{ID: "key_" + of.ID, Name: "Caixa", ClientID: of.ClientID, ClientProductID: of.ID, Bound: bound}
	ctx := audit.WithOrigin(principal.With(h.system, key), audit.Origin{Address: address, RequestID: "req"})
	err := h.brakeRead(ctx, key)
	if err == nil {
		h.CredentialsRead(ctx, &ent.Marketplace{ID: "mkp_" + of.ID})
	}
	return err
}

func isThrottled(err error) bool {
	var wait fault.Throttled
	return errors.As(err, &wait) && wait.After > 0
}

// events saves what is noted, and returns how many refused events of an action there are.
func (h *house) events(t *testing.T, action string) int {
	t.Helper()
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := h.store.Reader().AuditEvent.Query().
		Where(auditevent.Action(action), auditevent.ResultEQ(auditevent.ResultREFUSED)).Count(h.system)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Proves: 5.4
func TestMakingKeysForUnusuallyManyShopsIsThrottledAndRecorded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 5, Brakes{Issued: 3, Read: 100})
		for shop := range 3 {
			if err := h.make(shop); err != nil {
				t.Fatalf("shop %d: %v", shop, err)
			}
		}
		if err := h.make(0); err != nil {
			t.Errorf("a second key of a shop: %v", err)
		}
		for range 2 {
			if err := h.make(3); !isThrottled(err) {
				t.Errorf("the fourth shop: %v", err)
			}
		}
		if n := h.events(t, "access_key.brake"); n != 1 {
			t.Errorf("%d events, want 1", n)
		}
		h.advance(brakeTime + time.Second)
		if err := h.make(3); err != nil {
			t.Errorf("after the minutes are over: %v", err)
		}
	})
}

// Proves: 5.4
func TestKeysMadeAtTheSameTimeAreCountedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const shops, most = 8, 3
		h := newHouse(t, s, shops, Brakes{Issued: most, Read: 100})
		made := make(chan bool, shops)
		for shop := range shops {
			go func() {
				err := h.make(shop)
				if err != nil && !isThrottled(err) {
					t.Errorf("shop %d: %v", shop, err)
				}
				made <- err == nil
			}()
		}
		n := 0
		for range shops {
			if <-made {
				n++
			}
		}
		if n != most {
			t.Errorf("keys for %d shops were made at once, want %d", n, most)
		}
	})
}

// Proves: 5.4
func TestADisabledOperatorMakesNoKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), 1, Brakes{Issued: 3, Read: 3})
	err := h.store.Write(h.system, func(ctx context.Context, tx *ent.Tx) error {
		return tx.Operator.Update().SetDisabledAt(h.now).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.make(0); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("error %v", err)
	}
}

// Proves: 5.4
func TestAnAddressThatReadsUnusuallyManyShopsIsThrottledAndRecorded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHouse(t, s, 8, Brakes{Issued: 100, Read: 3})
		const hub = "203.0.113.7"
		for shop := range 2 { // shops that the address has read for long
			if err := h.read(shop, hub, false); err != nil {
				t.Fatal(err)
			}
		}
		h.events(t, "credentials.brake") // saves what is noted
		h.advance(time.Hour)
		for shop := 2; shop < 5; shop++ {
			if err := h.read(shop, hub, false); err != nil {
				t.Fatalf("shop %d: %v", shop, err)
			}
		}
		for range 2 {
			if err := h.read(5, hub, false); !isThrottled(err) {
				t.Errorf("the fourth new shop: %v", err)
			}
		}
		for name, err := range map[string]error{
			"a shop of these minutes":       h.read(4, hub, false),
			"a shop that was read before":   h.read(0, hub, false),
			"and again":                     h.read(0, hub, false),
			"a key that is bound":           h.read(6, hub, true),
			"the same shop from elsewhere":  h.read(5, "198.51.100.1", false),
			"an address without any before": h.read(6, "2001:db8::1", false),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := h.events(t, "credentials.brake"); n != 1 {
			t.Errorf("%d events, want 1", n)
		}
		h.advance(brakeTime)
		if err := h.read(5, hub, false); err != nil {
			t.Errorf("after the minutes are over: %v", err)
		}
	})
}

// Proves: 5.4
func TestANetworkOfIPv6IsOneAddressToTheBrake(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), 3, Brakes{Issued: 100, Read: 2})
	for shop, address := range []string{"2001:db8::1", "2001:db8::2"} {
		if err := h.read(shop, address, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.read(2, "2001:db8::3", false); !isThrottled(err) {
		t.Errorf("the third shop from the network: %v", err)
	}
}

// Proves: 2.8
func TestAKeyIsWidenedByAnyAddressThatWasNotAllowedBefore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after string
		want          bool
	}{
		"bound for the first time":    {"", "203.0.113.7/32", false},
		"from anywhere again":         {"203.0.113.7/32", "", true},
		"a part of the network":       {"203.0.113.0/24", "203.0.113.7/32", false},
		"the same":                    {"203.0.113.0/24", "203.0.113.0/24", false},
		"a larger network":            {"203.0.113.0/24", "203.0.0.0/16", true},
		"another beside":              {"203.0.113.0/24", "203.0.113.0/24 198.51.100.1/32", true},
		"one of two":                  {"203.0.113.0/24 198.51.100.0/24", "198.51.100.0/25", false},
		"IPv6 beside IPv4":            {"203.0.113.0/24", "2001:db8::/32", true},
		"everything by its own names": {"0.0.0.0/0", "0.0.0.0/0 ::/0", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := widens(prefixes(test.before), prefixes(test.after)); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}

func prefixes(text string) []netip.Prefix {
	var all []netip.Prefix
	for _, one := range strings.Fields(text) {
		all = append(all, netip.MustParsePrefix(one))
	}
	return all
}
