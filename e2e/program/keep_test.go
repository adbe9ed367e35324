package program

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// hub is a simulated Plug4Market with one store, for the processes of a test.
type hub struct {
	*simulated.Plug4Market
	env []string
}

const storeCNPJ = "12ABC34501DE35"

// newHub returns a hub whose calls may take a second, so that leases are short.
func newHub(t *testing.T) hub {
	t.Helper()
	providers := simulated.New(time.Now)
	server := httptest.NewServer(providers.Plug4Market.Handler())
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	must.Do(t, err)
	return hub{providers.Plug4Market, []string{
		"CHAVEIRO_DEV=true", "CHAVEIRO_KEY_RATE=100", // a hundred readers have one key
		"CHAVEIRO_ALLOW_PRIVATE_HOSTS=" + u.Host,
		"CHAVEIRO_PLUG4MARKET_URL=" + server.URL,
		"CHAVEIRO_PLUG4MARKET_TIMEOUT_SECONDS=2",
	}}
}

// shop is a client with a Plug4Market connection that works, and its key.
type shop struct{ session, key, marketplace string }

// connect makes a client with its product, connection and key, and waits for the first check.
func (h hub) connect(t *testing.T, p *process) shop {
	t.Helper()
	s := shop{session: p.setUp()}
	access, refresh := h.AddStore(storeCNPJ, "16727230000197")
	client := p.createClient(s.session, "Padaria São João", storeCNPJ)
	product := regexp.MustCompile(`prd_\w+`).
		FindString(p.mustPost(s.session, `{ products { edges { node { id } } } }`, nil))
	owned := regexp.MustCompile(`cpr_\w+`).FindString(p.mustPost(s.session, `mutation($client: ID!, $product: ID!) {
		addClientProduct(input: {clientId: $client, productId: $product}) { clientProduct { id } } }`,
		vars{"client": client, "product": product}))
	s.marketplace = regexp.MustCompile(`mkp_\w+`).
		FindString(p.mustPost(s.session, `mutation($owned: ID!, $access: String!, $refresh: String!) {
		addMarketplace(input: {clientProductId: $owned, description: "Hub",
			config: {plug4Market: {accessToken: $access, refreshToken: $refresh}}})
		{ marketplace { id } userErrors { code } } }`, vars{"owned": owned, "access": access, "refresh": refresh}))
	s.key = regexp.MustCompile(`chv_test_\w+`).FindString(p.mustPost(s.session, `mutation($owned: ID!) {
		createAccessKey(input: {clientProductId: $owned, name: "Retaguarda"}) { token userErrors { code } } }`,
		vars{"owned": owned}))
	s.wait(t, p, "CONNECTED")
	return s
}

// seen is what the back-office sees of the connection.
type seen struct {
	Health struct{ State, Reason, Message string }

	CredentialVersion int
	Credentials       struct{ AccessToken, ExpiresAt string }
}

func (s shop) read(p *process, fields string) (seen, error) {
	body, err := p.Post(s.key,
		`{ integration { marketplaces { health { state reason message } credentialVersion `+fields+` } } }`, nil)
	if err != nil {
		return seen{}, err
	}
	var answer struct {
		Data   struct{ Integration struct{ Marketplaces []seen } }
		Errors []json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return seen{}, err
	}
	if len(answer.Errors) > 0 || len(answer.Data.Integration.Marketplaces) != 1 {
		return seen{}, fmt.Errorf("answered %s", body)
	}
	return answer.Data.Integration.Marketplaces[0], nil
}

const credentials = `credentials { ... on Plug4MarketCredentials { accessToken expiresAt } }`

func (s shop) wait(t *testing.T, p *process, state string) seen {
	t.Helper()
	var last seen
	for range 900 {
		var err error
		if last, err = s.read(p, ""); err == nil && last.Health.State == state {
			return last
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the connection stands at %+v, not at %s, after 45 s\n%s", last, state, p.Output())
	return last
}

// expire ages the stored pair by a day.
func (at *place) expire() {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	past := time.Now().UTC().Add(-time.Minute).Truncate(time.Microsecond)
	statement := `UPDATE marketplaces SET credentials_expire_at = ?`
	if at.postgres != "" {
		statement = `UPDATE marketplaces SET credentials_expire_at = $1`
	}
	_, err := db.Exec(statement, past)
	must.Do(at.t, err)
}

// due makes the connection due now.
func (at *place) due() {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	statement := `UPDATE marketplaces SET next_check_at = ?`
	if at.postgres != "" {
		statement = `UPDATE marketplaces SET next_check_at = $1`
	}
	_, err := db.Exec(statement, time.Now().UTC().Add(-time.Second).Truncate(time.Microsecond))
	must.Do(at.t, err)
}

// Proves: 10.5
func TestManyReadersOfAnExpiredPairCauseOneRenewalAndAllGetTheNewToken(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, h := newPlace(t), newHub(t)
			at.env = h.env
			first := at.start()
			s := h.connect(t, first)
			processes := []*process{first, first}
			if at.postgres != "" {
				processes[1] = at.start()
			}
			reached, release := h.HoldAnswer("/auth/refresh")
			at.expire()

			var (
				readers sync.WaitGroup
				mu      sync.Mutex
				tokens  = map[string]int{}
				faults  []error
			)
			for i := range 100 {
				readers.Go(func() {
					got, err := s.read(processes[i%2], credentials)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						faults = append(faults, err)
					}
					tokens[got.Credentials.AccessToken]++
				})
			}
			<-reached
			time.Sleep(300 * time.Millisecond) // so that most readers wait
			release()
			readers.Wait()
			if len(faults) > 0 {
				t.Fatalf("%d readers failed, the first: %v", len(faults), faults[0])
			}
			if got := h.Refreshes(storeCNPJ); got != 1 {
				t.Errorf("%d renewals, want 1", got)
			}
			if tokens[h.CurrentAccess(storeCNPJ)] != 100 {
				t.Errorf("%d of 100 readers got the new token", tokens[h.CurrentAccess(storeCNPJ)])
			}
			if h.Reuses() != 0 {
				t.Errorf("a spent refresh token was sent %d times", h.Reuses())
			}
		})
	}
}

func TestARenewalWhoseProcessIsKilledIsTakenUpByTheNext(t *testing.T) {
	t.Parallel()
	holdCall := func(h hub) (<-chan struct{}, func()) { return h.Hold("/auth/refresh") }
	holdAnswer := func(h hub) (<-chan struct{}, func()) { return h.HoldAnswer("/auth/refresh") }
	scenarios := []struct {
		name     string
		hold     func(hub) (<-chan struct{}, func()) // the moment of the kill
		rotation simulated.Rotation
		state    string
		reason   string
		reuses   int
	}{
		{"before the provider has it", holdCall, simulated.Strict, "CONNECTED", "CHECK_PASSED", 0},
		{"after it, with a provider that takes the old token", holdAnswer, simulated.Lenient, "CONNECTED", "CHECK_PASSED", 0},
		{"after it, with a provider that does not", holdAnswer, simulated.Strict, "NEEDS_ATTENTION", "RENEWAL_LOST", 1},
	}
	for _, sc := range scenarios {
		for name, newPlace := range places(t) {
			t.Run(sc.name+", "+name, func(t *testing.T) {
				t.Parallel()
				at, h := newPlace(t), newHub(t)
				h.SetRotation(sc.rotation)
				at.env = h.env
				first := at.start()
				s := h.connect(t, first)
				// It is let go by the end of its caller. A release right after the kill would let a provider that has not
				// noticed the end yet do the call.
				reached, release := sc.hold(h)
				defer release()
				at.expire()
				at.due()
				select {
				case <-reached:
				case <-time.After(20 * time.Second):
					t.Fatalf("no renewal was begun\n%s", first.Output())
				}
				must.Do(t, first.Command.Process.Signal(syscall.SIGKILL))
				<-first.Ended
				at.query(`SELECT COUNT(*) FROM marketplaces WHERE renewal_begun_at IS NOT NULL AND lease_by IS NOT NULL`, 1)

				second := at.start()
				at.wantAfterKill(s, second, sc.state, sc.reason)
				if got := h.Reuses(); got != sc.reuses {
					t.Errorf("a spent refresh token was sent %d times, want %d", got, sc.reuses)
				}
				if sc.state == "CONNECTED" {
					got, err := s.read(second, credentials)
					must.Do(t, err)
					if got.Credentials.AccessToken != h.CurrentAccess(storeCNPJ) {
						t.Error("the back-office has another token than the provider")
					}
				}
			})
		}
	}
}

// wantAfterKill waits until a process has taken the connection over, and checks its state.
func (at *place) wantAfterKill(s shop, p *process, state, reason string) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	must.WaitFor(at.t, patience, "no renewal is under way", func() bool {
		var open int
		must.Do(at.t, db.QueryRow(`SELECT COUNT(*) FROM marketplaces WHERE lease_by IS NOT NULL OR renewal_begun_at IS NOT
			NULL`).Scan(&open))
		return open == 0
	})
	got, err := s.read(p, "")
	must.Do(at.t, err)
	if got.Health.State != state || got.Health.Reason != reason {
		at.t.Errorf("it stands at %+v, want %s, %s", got.Health, state, reason)
	}
	if reason == "RENEWAL_LOST" && !strings.Contains(got.Health.Message, "par de tokens") {
		at.t.Errorf("the message does not say what to do: %s", got.Health.Message)
	}
}

func TestARenewalWhoseAnswerCameAndWasNotSavedIsTakenUpByTheNext(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, h := newPlace(t), newHub(t)
			h.SetRotation(simulated.Lenient)
			at.env = h.env
			first := at.start()
			s := h.connect(t, first)
			reached, release := h.HoldAnswer("/auth/refresh")
			at.expire()
			at.due()
			<-reached
			unlock := at.lockSaves() // the answer arrives, but cannot be saved yet
			before := h.Refreshes(storeCNPJ)
			release()
			time.Sleep(500 * time.Millisecond)
			must.Do(t, first.Command.Process.Signal(syscall.SIGKILL))
			<-first.Ended
			unlock()
			at.query(`SELECT COUNT(*) FROM marketplaces WHERE renewal_begun_at IS NOT NULL AND credential_version = 1`, 1)

			second := at.start()
			at.wantAfterKill(s, second, "CONNECTED", "CHECK_PASSED")
			if got := h.Refreshes(storeCNPJ) - before; got != 1 {
				t.Errorf("%d renewals by the survivor, want 1", got)
			}
		})
	}
}

// lockSaves blocks the save of a renewal until the returned function is called.
func (at *place) lockSaves() (unlock func()) {
	at.t.Helper()
	db := at.db()
	connection, err := db.Conn(at.t.Context())
	must.Do(at.t, err)
	begin, lock := "BEGIN IMMEDIATE", "SELECT 1"
	if at.postgres != "" {
		begin, lock = "BEGIN", "SELECT id FROM client_products FOR UPDATE"
	}
	for _, statement := range []string{begin, lock} {
		_, err := connection.ExecContext(at.t.Context(), statement)
		must.Do(at.t, err)
	}
	return func() {
		_, err := connection.ExecContext(at.t.Context(), "ROLLBACK")
		must.Do(at.t, err)
		must.Do(at.t, connection.Close())
		must.Do(at.t, db.Close())
	}
}

func TestALeaseOfAProcessThatDiedBeforeTheCallEndsAndTheRenewalIsMade(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, h := newPlace(t), newHub(t)
			at.env = h.env
			p := at.start()
			s := h.connect(t, p)
			db := at.db()
			set := `UPDATE marketplaces SET lease_by = 'ins_dead', lease_until = ?, credentials_expire_at = ?, next_check_at = ?`
			if at.postgres != "" {
				set = `UPDATE marketplaces SET lease_by = 'ins_dead', lease_until = $1, credentials_expire_at = $2,
					next_check_at = $3`
			}
			now := time.Now().UTC().Truncate(time.Microsecond)
			_, err := db.Exec(set, now.Add(3*time.Second), now.Add(-time.Minute), now.Add(-time.Minute))
			must.Do(t, err)
			must.Do(t, db.Close())

			got, err := s.read(p, credentials) // waits for the lease, and then for the renewal
			must.Do(t, err)
			if got.Credentials.AccessToken != h.CurrentAccess(storeCNPJ) || h.Refreshes(storeCNPJ) != 1 || h.Reuses() != 0 {
				t.Errorf("version %d after %d renewals", got.CredentialVersion, h.Refreshes(storeCNPJ))
			}
			if time.Since(now) < 3*time.Second {
				t.Error("the lease was not waited for")
			}
		})
	}
}
