package keeper

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// hub is a local server as a provider with pairs and a log-in of the software house.
type hub struct {
	server *httptest.Server

	mu       sync.Mutex
	tokens   map[string]bool // refresh tokens that are good once
	sessions map[string]bool
	refuses  bool // the house's log-in
	down     bool // for mints
	unknown  bool // the store
	count    map[string]int
}

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{tokens: map[string]bool{}, sessions: map[string]bool{}, count: map[string]int{}}
	h.server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.server.Close)
	return h
}

func (h *hub) host() string {
	u, _ := url.Parse(h.server.URL) // httptest's own
	return u.Host
}

// serve answers "POST /what/of" with 401, 503, 404 or a fresh text.
func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	what, of, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	h.count[what]++
	fresh := what + "-" + seal8(len(h.tokens)+len(h.sessions))
	switch {
	case what == "login" && h.refuses, what == "refresh" && !h.tokens[of], what == "mint" &&
		!h.sessions[r.Header.Get("Session")]:
		w.WriteHeader(http.StatusUnauthorized)
		return
	case what == "mint" && h.down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case what == "mint" && h.unknown:
		w.WriteHeader(http.StatusNotFound)
		return
	case what == "login":
		h.sessions[fresh] = true
	default:
		delete(h.tokens, of)
		h.tokens[fresh] = true
	}
	_ = json.NewEncoder(w).Encode(fresh)
}

func seal8(n int) string {
	return strings.Repeat("x", 8) + string(rune('a'+n%26)) + strings.Repeat("y", n/26)
}

func (h *hub) calls(what string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count[what]
}

func (h *hub) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// ask calls the server. The status is 0 when there is no answer.
func (h *hub) ask(ctx context.Context, c provider.Call, path, session string) (text string, status int) {
	a, err := c.HTTP.Do(ctx, outbound.Request{
		Method: http.MethodPost, URL: h.server.URL + path, Header: http.Header{"Session": {session}},
		Timeout: 10 * time.Second,
	})
	if err != nil {
		return "", 0
	}
	if a.Status == http.StatusOK && json.Unmarshal(a.Body, &text) != nil {
		return "", 0
	}
	return text, a.Status
}

func (*hub) Code() provider.Code { return "HUB" }

func (*hub) Name() string { return "Hub" }

func (*hub) Settings() []provider.Setting {
	return []provider.Setting{{Name: "house", Kind: provider.Text, Env: "HUB_HOUSE"}}
}

func (*hub) Config(provider.Record) (provider.Config, error) { return nil, nil }

func (*hub) Credentials(provider.Record, provider.Secrets, provider.Values) (provider.Credentials, error) {
	return nil, nil
}

func (*hub) Unchecked() provider.Health { return provider.Health{Reason: provider.NotCheckedYet} }

func (*hub) Renewal(_ provider.Values, r provider.Record) *provider.Renewal {
	plan := &provider.Renewal{Timeout: 10 * time.Second, Life: 23 * time.Hour, PerMinute: 1000, Spends: true}
	if r.ExpireAt != nil {
		plan.At = r.ExpireAt.Add(-time.Hour)
	}
	return plan
}

func renewedTo(token string, status int, now time.Time, refused provider.Reason) provider.Renewed {
	r := provider.Renewed{Result: provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}}
	switch status {
	case http.StatusOK:
		r.Outcome, r.Reason = provider.OK, provider.CheckPassed
		r.Secrets = provider.Secrets{"accessToken": seal.NewSecret("access"), "refreshToken": seal.NewSecret(token)}
		r.ExpireAt = map[string]time.Time{"accessToken": now.Add(24 * time.Hour)}
	case http.StatusUnauthorized:
		r.Outcome, r.Reason = provider.Refused, refused
	case http.StatusNotFound:
		r.Outcome, r.Reason = provider.Refused, provider.StoreUnknown
	}
	return r
}

func (h *hub) Refresh(ctx context.Context, c provider.Call) provider.Renewed {
	token, status := h.ask(ctx, c, "/refresh/"+c.Secrets["refreshToken"].Reveal(), "")
	return renewedTo(token, status, c.Now, provider.RenewalRefused)
}

func (*hub) CanMint(settings provider.Values) bool { return settings["house"] != "" }

func (h *hub) Enter(ctx context.Context, c provider.Call) provider.Entered {
	session, status := h.ask(ctx, c, "/login/"+c.Settings["house"], "")
	e := provider.Entered{Result: renewedTo("", status, c.Now, provider.HouseLoginRefused).Result}
	if e.Outcome == provider.OK {
		e.Session = seal.NewSecret(session)
	}
	return e
}

func (h *hub) Mint(ctx context.Context, c provider.Call, session seal.Secret, document string) provider.Renewed {
	token, status := h.ask(ctx, c, "/mint/"+document, session.Reveal())
	return renewedTo(token, status, c.Now, provider.SessionEnded)
}

// eachHub runs a test with a keeper and connections whose refresh tokens the provider does not know.
func eachHub(t *testing.T, house string, n int, test func(t *testing.T, w *world, k *Keeper, h *hub, ids []string)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newHub(t)
		w := newWorld(t, s, h)
		w.fixed["HUB"] = provider.Values{}
		if house != "" {
			w.fixed["HUB"]["house"] = house
		}
		k := w.process()
		var ids []string
		for range n {
			ends := w.now().Add(30 * time.Minute)
			ids = append(ids, w.add(k, "HUB", map[string]string{"accessToken": "old", "refreshToken": "lost"}, &ends))
		}
		test(t, w, k, h, ids)
	})
}

func TestLostPairsHealThemselvesByOneLogInOfTheHouse(t *testing.T) {
	eachHub(t, "house", 3, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		w.step(k)
		for _, id := range ids {
			w.has(id, provider.CheckPassed)
			row := w.row(id)
			if row.MintedAt == nil || !row.MintedAt.Equal(w.now()) || row.RenewalBegunAt != nil || row.LeaseBy != nil ||
				len(row.PreviousSealed) > 0 {
				t.Errorf("minted at %v, begun at %v, leased by %v, %d bytes of before", row.MintedAt, row.RenewalBegunAt,
					row.LeaseBy, len(row.PreviousSealed))
			}
		}
		if logins, mints, refreshes := h.calls("login"), h.calls("mint"), h.calls("refresh"); logins != 1 || mints != 3 ||
			refreshes != 3 {
			t.Errorf("%d log-ins, %d mints, %d renewals", logins, mints, refreshes)
		}
		w.advance(24 * time.Hour)
		w.step(k)
		if mints, refreshes := h.calls("mint"), h.calls("refresh"); mints != 3 || refreshes != 6 {
			t.Errorf("a day later: %d mints, %d renewals", mints, refreshes)
		}
	})
}

func TestWithoutTheHousesLogInALostPairNeedsAPerson(t *testing.T) {
	eachHub(t, "", 1, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		w.step(k)
		w.has(ids[0], provider.RenewalRefused)
		if row := w.row(ids[0]); row.NextCheckAt != nil || h.calls("login") != 0 {
			t.Errorf("it is visited at %v, after %d log-ins", row.NextCheckAt, h.calls("login"))
		}
	})
}

func TestAConnectionRefusedBeforeTheHousesLogInWasSetHealsOnceItIs(t *testing.T) {
	eachHub(t, "", 2, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		w.step(k)
		w.check(k.planMints(w.ctx)) // there is no log-in yet
		if row := w.row(ids[0]); row.NextCheckAt != nil {
			t.Errorf("it is planned for %v", row.NextCheckAt)
		}
		w.fixed["HUB"]["house"] = "house"
		later := w.process()
		w.check(later.planMints(w.ctx))
		w.step(later)
		for _, id := range ids {
			w.has(id, provider.CheckPassed)
		}
		if refreshes := h.calls("refresh"); refreshes != 2 {
			t.Errorf("the refused tokens were sent again: %d renewals", refreshes)
		}
	})
}

func TestARefusedLogInOfTheHouseStopsForAllAtOnce(t *testing.T) {
	eachHub(t, "house", 5, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		h.refuses = true
		w.step(k)
		for range 30 {
			w.advance(time.Minute)
			w.step(k)
		}
		other := w.process()
		for range 3 {
			w.advance(time.Hour)
			w.step(other)
		}
		for _, id := range ids {
			w.has(id, provider.RenewalRefused)
		}
		if logins := h.calls("login"); logins != 1 {
			t.Errorf("the provider saw %d log-ins of the house", logins)
		}
		if mints := h.calls("mint"); mints != 0 {
			t.Errorf("and %d mints", mints)
		}
		if n := w.events("provider.house_refused"); n != 1 {
			t.Errorf("the audit trail has it %d times", n)
		}
	})
}

func TestAMintThatGivesNothingIsTriedOnceAnHourAndTheRefusedTokenIsNotSentAgain(t *testing.T) {
	eachHub(t, "house", 1, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		h.down = true
		w.step(k)
		w.has(ids[0], provider.RenewalRefused)
		for range 55 {
			w.advance(time.Minute)
			w.step(k)
		}
		if mints, refreshes := h.calls("mint"), h.calls("refresh"); mints != 1 || refreshes != 1 {
			t.Errorf("within the hour: %d mints, %d renewals", mints, refreshes)
		}
		h.set(func() { h.down = false })
		w.advance(10 * time.Minute)
		w.step(k)
		w.has(ids[0], provider.CheckPassed)
		if mints, refreshes := h.calls("mint"), h.calls("refresh"); mints != 2 || refreshes != 1 {
			t.Errorf("after the hour: %d mints, %d renewals", mints, refreshes)
		}
	})
}

func TestASessionOfTheHouseThatEndedIsEnteredAgainOnce(t *testing.T) {
	eachHub(t, "house", 2, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		l := k.lanes["HUB"]
		v, err := k.prepare(w.ctx, task{lane: l, row: w.row(ids[0])})
		w.check(err)
		first, err := k.ask(w.ctx, v)
		w.check(err)
		h.set(func() { h.sessions = map[string]bool{} })
		second, err := k.ask(w.ctx, v)
		w.check(err)
		if first.Outcome != provider.OK || second.Outcome != provider.OK || h.calls("login") != 2 {
			t.Errorf("%s, %s after %d log-ins", first.Outcome, second.Outcome, h.calls("login"))
		}
	})
}

func TestAStoreThatTheHouseDoesNotHaveIsReported(t *testing.T) {
	eachHub(t, "house", 1, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		h.unknown = true
		w.step(k)
		w.has(ids[0], provider.StoreUnknown)
		h.set(func() { h.unknown = false })
		w.advance(2 * time.Hour)
		w.step(k)
		w.has(ids[0], provider.CheckPassed)
	})
}

// TestAConnectionThatWasLostWithADeadProcessHealsAtOnce lets a process die after it has sent the token.
func TestAConnectionThatWasLostWithADeadProcessHealsAtOnce(t *testing.T) {
	eachHub(t, "house", 1, func(t *testing.T, w *world, k *Keeper, h *hub, ids []string) {
		silence(w, k, dead(w, ids[0], true))
		w.step(k)
		w.has(ids[0], provider.CheckPassed)
		if row := w.row(ids[0]); row.MintedAt == nil || row.RenewalBegunAt != nil {
			t.Errorf("minted at %v, begun at %v", row.MintedAt, row.RenewalBegunAt)
		}
	})
}
