package httpserver_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

// vault fakes the checks of keys and service tokens. It accepts the good ones and records each credential it is asked
// about.
type vault struct {
	*fakeKeys
	fakeSessions
	mu    sync.Mutex
	good  map[string]bool
	asked []string
}

func (v *vault) ask(credential string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = append(v.asked, credential)
	if !v.good[credential] {
		return fault.Unauthenticated
	}
	return nil
}

func (v *vault) Authenticate(ctx context.Context, key, address string) (principal.Key, error) {
	if ctx.Err() != nil {
		_ = v.ask(key)
		return principal.Key{}, ctx.Err()
	}
	return principal.Key{ID: key}, v.askFrom(address, key)
}

// notTakenFrom is an address from which the vault refuses every credential.
const notTakenFrom = "198.51.100.9"

func (v *vault) askFrom(address, credential string) error {
	if err := v.ask(credential); err != nil || address == notTakenFrom {
		return fault.Unauthenticated
	}
	return nil
}

func (v *vault) VerifyService(_ context.Context, token, address string) (principal.Operator, error) {
	return principal.Operator{ID: token}, v.askFrom(address, token)
}

// guarded returns a portal where an address may look up 3 bad credentials, and where the given ones are good.
func guarded(t *testing.T, good ...string) (portal, *vault) {
	t.Helper()
	v := &vault{fakeKeys: &fakeKeys{}, good: map[string]bool{}}
	for _, credential := range good {
		v.good[credential] = true
	}
	return newPortal(t, func(o *httpserver.Options) {
		o.Keys, o.Sessions, o.ServiceTokens = v, v, serviceTokens(v.VerifyService)
		o.Rates = ratelimit.Rates{Key: never(100), Operator: never(100), Stranger: never(3), LookUp: never(3),
			KeyPoints: never(100), Webhook: never(2)}
	}), v
}

func with(credential string) request { return post(query, "Authorization", "Bearer "+credential) }

// flood sends 50 made-up credentials from the usual address, and returns how many were looked up.
func (v *vault) flood(t *testing.T, p portal, prefix string) int {
	t.Helper()
	v.asked = nil
	for i := range 50 {
		answer, body := p.send(t, with(fmt.Sprintf("%s%d", prefix, i)))
		if answer.StatusCode != http.StatusUnauthorized && answer.StatusCode != http.StatusTooManyRequests {
			t.Fatalf("a made-up credential is answered %d: %s", answer.StatusCode, body)
		}
		if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
			t.Error("it does not say how long to wait")
		}
	}
	return len(v.asked)
}

// Proves: 5.6
func TestFewMadeUpCredentialsAreLookedUpAndGoodOnesStillWork(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]string{"keys": "chv_live_", "service tokens": "chv_serv_"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			known, fresh, revoked := prefix+"known", prefix+"fresh", prefix+"revoked"
			p, v := guarded(t, known, fresh, revoked)
			p.send(t, with(known))
			p.send(t, with(revoked))
			if looked := v.flood(t, p, prefix+"made_up_"); looked != 3 {
				t.Errorf("%d of 50 were looked up, want 3", looked)
			}
			delete(v.good, revoked)
			elsewhere := with(fresh)
			elsewhere.address = "198.51.100.7:1"
			misplaced := with(known)
			misplaced.address = notTakenFrom + ":1"
			asked := len(v.asked)
			for i, step := range []struct {
				what   string
				send   request
				status int
			}{
				{"one that was good before", with(known), 200},
				{"one that nobody has seen yet", with(fresh), 429},
				{"that one from another address", elsewhere, 200},
				{"it here again, where it was not good before", with(fresh), 429},
				{"one that was good here, from where it is not taken", misplaced, 401},
				{"it here", with(known), 200},
				{"one that was revoked since", with(revoked), 401},
				{"it again", with(revoked), 429},
				{"an operator", with(goodJWT), 200},
			} {
				if answer, body := p.send(t, step.send); answer.StatusCode != step.status {
					t.Errorf("step %d, %s: status %d, want %d: %s", i+1, step.what, answer.StatusCode, step.status, body)
				}
			}
			if got := strings.Join(v.asked[asked:], " "); got != strings.Join(
				[]string{known, fresh, known, known, revoked}, " ") {
				t.Errorf("looked up were %s", got)
			}
		})
	}
}

// Proves: 5.6
func TestGoodKeysDoNotUseUpTheLookUpsOfTheirAddress(t *testing.T) {
	t.Parallel()
	var keys []string
	for i := range 40 {
		keys = append(keys, fmt.Sprintf("chv_live_%d", i))
	}
	p, v := guarded(t, keys...)
	for _, key := range keys {
		if answer, body := p.send(t, with(key)); answer.StatusCode != http.StatusOK {
			t.Fatalf("%s is answered %d: %s", key, answer.StatusCode, body)
		}
	}
	if looked := v.flood(t, p, "chv_live_made_up_"); looked != 3 { // no look-up was given back twice
		t.Errorf("%d of 50 were looked up, want 3", looked)
	}
}

func TestBackOfficesAloneGiveWay(t *testing.T) {
	t.Parallel()
	gaveWay := 0
	p := newPortal(t, func(o *httpserver.Options) { o.GiveWay = func(context.Context) { gaveWay++ } })
	for name, tt := range map[string]struct {
		request request
		want    int
	}{
		"a back-office": {post(query, "Authorization", "Bearer "+goodKey), 1},
		"an operator":   {post(query, "Authorization", "Bearer "+goodJWT), 0},
		"a script":      {post(query, "Authorization", "Bearer "+goodServiceToken), 0},
		"who logs in":   {post(query), 0},
	} {
		gaveWay = 0
		if answer, body := p.send(t, tt.request); answer.StatusCode != http.StatusOK || gaveWay != tt.want {
			t.Errorf("%s: gave way %d times, want %d: %d %s", name, gaveWay, tt.want, answer.StatusCode, body)
		}
	}
}

func TestRequestsWithoutACredentialUseNoLookUps(t *testing.T) {
	t.Parallel()
	p, _ := guarded(t, goodKey)
	for range 10 {
		p.send(t, post(query))
	}
	if answer, _ := p.send(t, with(goodKey)); answer.StatusCode != http.StatusOK {
		t.Errorf("a key is answered %d", answer.StatusCode)
	}
}

// deliveries accepts every delivery.
type deliveries struct {
	httpserver.Installs
	taken []string
}

func (d *deliveries) Webhook(_ context.Context, provider, topic string, _ http.Header, _ []byte) (bool, error) {
	d.taken = append(d.taken, provider+"/"+topic)
	return true, nil
}

func (d *deliveries) FindInvitation(context.Context, string) (install.Invitation, error) {
	return install.Invitation{State: install.LinkOpen, Client: "Loja"}, nil
}

// Proves: 5.6
func TestWebhooksAreCountedByAddress(t *testing.T) {
	t.Parallel()
	d := &deliveries{}
	p := newPortal(t, scarce, func(o *httpserver.Options) { o.Installs = d })
	deliver := func(path, address string) (int, string) {
		answer, _ := p.send(t, request{method: "POST", url: "/webhooks/" + path, body: "{}", address: address})
		return answer.StatusCode, answer.Header.Get("Retry-After")
	}
	const provider, stranger = "192.0.2.1:1", "198.51.100.7:1"
	for i, step := range []struct {
		path, address string
		status        int
	}{
		{"nuvemshop", provider, 204},
		{"nuvemshop/store-redact", provider, 204},
		{"nuvemshop", provider, 429},
		{"nuvemshop/store-redact", provider, 429},
		{strings.Repeat("made-up", 1000), provider, 429}, // a new provider name does not start a new count
		{"nuvemshop", stranger, 204},
	} {
		status, wait := deliver(step.path, step.address)
		if status != step.status || (wait != "") != (status == http.StatusTooManyRequests) {
			t.Errorf("step %d: status %d, Retry-After %q, want %d", i+1, status, wait, step.status)
		}
	}
	if got := strings.Join(d.taken, " "); got != "nuvemshop/ nuvemshop/store-redact nuvemshop/" {
		t.Errorf("taken: %s", got)
	}
}

// Proves: 5.6
func TestInstallPagesAreCountedAsAStrangersRequests(t *testing.T) {
	t.Parallel()
	p := newPortal(t, scarce, func(o *httpserver.Options) { o.Installs = &deliveries{} })
	link := get("/install/link/abc", "Accept-Language", "pt-BR")
	if answer, body := p.send(t, link); answer.StatusCode != http.StatusOK || !strings.Contains(body, "Loja") {
		t.Fatalf("status %d: %s", answer.StatusCode, body)
	}
	answer, body := p.send(t, link)
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" ||
		!strings.Contains(body, "muitas tentativas") || strings.Contains(body, "Loja") {
		t.Errorf("status %d, %v: %s", answer.StatusCode, answer.Header, body)
	}
}

func TestALookUpCountsEvenWhenItsCallerHasDisconnected(t *testing.T) {
	t.Parallel()
	p, v := guarded(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 10 {
		p.sendIn(gone, t, with(fmt.Sprintf("chv_live_%d", i)))
	}
	if len(v.asked) != 3 {
		t.Errorf("%d look-ups, want 3", len(v.asked))
	}
}
