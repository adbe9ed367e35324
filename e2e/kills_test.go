package e2e

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// house is a software house whose log-in the simulated hub knows.
type house interface {
	AddHouse(cnpj, login, password string)
	SetLockAfter(wrong int)
	WrongPasswords(login string) int
	HouseLogins(login string) int
}

// atOnceEach caps the concurrent renewals of one process.
const atOnceEach = 3

const (
	houseLogin    = "casa@example.com"
	housePassword = "uma senha da casa"
)

func TestAKilledProcessLosesOnlyTheCallsThatItHadUnderWay(t *testing.T) {
	t.Parallel()
	s := newScene(t, newPostgresPlace(t), 2, size(40, 1200))
	kills, exposed, slowest := s.killAtRandom()
	s.settle(size(90*time.Second, 10*time.Minute))
	lost, unheard := s.lost(), s.hub.unheardStores()
	for _, store := range lost {
		if exposed[store].IsZero() {
			t.Errorf("the pair of %s is lost although no killed process had its answer under way", store)
		}
	}
	for _, store := range unheard {
		if !slices.Contains(lost, store) {
			t.Errorf("the answer for %s reached nobody, and its connection does not say so", store)
		}
	}
	for how, n := range s.at.standing() {
		if !strings.HasPrefix(how, "CONNECTED ") && how != "NEEDS_ATTENTION RENEWAL_LOST" {
			t.Errorf("%d connections are %s", n, how)
		}
	}
	// One deliberate retry per lost answer, and one more if a kill hit the retry.
	if reuses, most := s.hub.Reuses(), len(lost)+kills*atOnceEach; reuses > most {
		t.Errorf("spent tokens were sent %d times, for %d lost pairs", reuses, len(lost))
	}
	rest := slices.DeleteFunc(slices.Clone(s.shops), func(one shop) bool { return slices.Contains(lost, one.store) })
	s.at.wantCurrent(s.hub, rest)
	s.showIfFailed()
	report(t, "%d kills, %d answers reached nobody, %d RENEWAL_LOST; what was free went on within %s; %d renewals; %s",
		kills, len(unheard), len(lost), slowest.Round(time.Second), s.done(), s.took())
}

func TestWithTheHousesLogInEveryPairThatAKillLostIsReplaced(t *testing.T) {
	t.Parallel()
	at := newPostgresPlace(t)
	password := at.path("house.password")
	must.Do(t, os.WriteFile(password, []byte(housePassword+"\n"), 0o600))
	at.env = []string{
		"CHAVEIRO_PLUG4MARKET_HOUSE_LOGIN=" + houseLogin, "CHAVEIRO_PLUG4MARKET_HOUSE_PASSWORD_FILE=" + password,
		"CHAVEIRO_PLUG4MARKET_HOUSE_CNPJ=" + houseCNPJ,
	}
	s := newScene(t, at, 2, size(40, 1200))
	known, ok := any(s.hub.Plug4Market).(house)
	if !ok {
		t.Skip("the simulated hub knows no software house yet")
	}
	known.AddHouse(houseCNPJ, houseLogin, housePassword)
	known.SetLockAfter(3)
	kills, exposed, _ := s.killAtRandom()
	must.WaitFor(t, size(90*time.Second, 10*time.Minute), "every connection works again", func() bool {
		return s.at.count(`SELECT COUNT(*) FROM marketplaces WHERE next_check_at IS NOT NULL AND
			(health_state <> 'CONNECTED' OR credential_version = 1 OR renewal_begun_at IS NOT NULL)`) == 0 && len(s.lost()) == 0
	})
	unheard, slowest := s.hub.unheardStores(), time.Duration(0)
	for _, store := range unheard {
		// From the last kill that affected the store: a second process may be killed during the repair too.
		minted, killed := s.hub.mintedAt(store), exposed[store]
		if after := minted.Sub(killed); minted.IsZero() || killed.IsZero() || after > time.Minute {
			t.Errorf("the answer for %s reached nobody, and a new pair came %s after the kill", store, after)
		} else {
			slowest = max(slowest, after)
		}
	}
	for how, n := range s.at.standing() {
		if !strings.HasPrefix(how, "CONNECTED ") {
			t.Errorf("%d connections are %s", n, how)
		}
	}
	if wrong := known.WrongPasswords(houseLogin); wrong > 2 {
		t.Errorf("the hub saw %d wrong passwords", wrong)
	}
	s.at.wantCurrent(s.hub, s.shops)
	s.showIfFailed()
	report(t, "%d kills, %d answers reached nobody and their pairs were made anew within %s; %d log-ins, %d wrong; %s",
		kills, len(unheard), slowest.Round(time.Second), known.HouseLogins(houseLogin),
		known.WrongPasswords(houseLogin), s.took())
}

// killAtRandom kills a random process during renewals and starts another, in a loop. It returns the number of kills
// and, by store, when a process with a lease on its pair was last killed. slowest is the time from the last restart
// until no killed process holds a lease.
func (s *scene) killAtRandom() (kills int, exposed map[string]time.Time, slowest time.Duration) {
	s.t.Helper()
	exposed = map[string]time.Time{}
	for range size(4, 50) {
		// The whole size leaves the survivor the time to find out: a portal is not killed every few seconds.
		time.Sleep(between(size(200*time.Millisecond, 14*time.Second), size(2*time.Second, 20*time.Second)))
		s.inFlight()
		which := rand.IntN(len(s.processes))
		name, at := s.processes[which].instance(), time.Now()
		s.processes[which].Kill()
		kills++
		for _, store := range s.stores("lease_by = '" + name + "'") {
			exposed[store] = at
		}
		s.processes[which] = s.at.start()
	}
	begun := time.Now()
	must.WaitFor(s.t, size(90*time.Second, 5*time.Minute), "what the killed processes had begun is taken over",
		func() bool {
			return s.at.count(`SELECT COUNT(*) FROM marketplaces WHERE lease_by IS NOT NULL AND
			lease_by NOT IN (SELECT id FROM instances)`) == 0 && s.at.count(`SELECT COUNT(*) FROM instances`) == len(s.processes)
		})
	return kills, exposed, time.Since(begun)
}

// lost are the stores whose connections say RENEWAL_LOST.
func (s *scene) lost() []string {
	s.t.Helper()
	return s.stores("health_state = 'NEEDS_ATTENTION' AND health_reason = 'RENEWAL_LOST'")
}

// stores are those whose connections match a condition.
func (s *scene) stores(condition string) (stores []string) {
	s.t.Helper()
	db := s.at.db()
	defer func() { _ = db.Close() }()
	rows, err := db.Query("SELECT external_account FROM marketplaces WHERE " + condition)
	must.Do(s.t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var store string
		must.Do(s.t, rows.Scan(&store))
		stores = append(stores, store)
	}
	must.Do(s.t, rows.Err())
	return stores
}

// unheardStores are the stores whose new pair reached nobody.
func (h *hub) unheardStores() (stores []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for store := range h.unheard {
		stores = append(stores, store)
	}
	return stores
}

// mintedAt returns when the house got the last pair of a store; the zero time when it never did.
func (h *hub) mintedAt(store string) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.minted[store]
}
