package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// usage is what a process has used of the machine.
type usage struct {
	at      time.Time
	cpu     time.Duration
	written int64 // bytes to the disk
}

// tick is the unit of times in /proc/PID/stat; Linux has had no other for programs to see.
const tick = 10 * time.Millisecond

// usage reads what the process has used until now; it skips the test where there is no /proc.
func (p *process) usage() usage {
	p.t.Helper()
	folder := fmt.Sprintf("/proc/%d", p.Command.Process.Pid)
	stat, err := os.ReadFile(folder + "/stat")
	if os.IsNotExist(err) {
		p.t.Skip("there is no /proc")
	}
	must.Do(p.t, err)
	_, after, _ := strings.Cut(string(stat), ") ") // the name before it may have spaces
	fields := strings.Fields(after)
	user, err := strconv.ParseInt(fields[11], 10, 64)
	must.Do(p.t, err)
	system, err := strconv.ParseInt(fields[12], 10, 64)
	must.Do(p.t, err)
	data, err := os.ReadFile(folder + "/io")
	must.Do(p.t, err)
	_, rest, _ := strings.Cut(string(data), "\nwrite_bytes: ")
	line, _, _ := strings.Cut(rest, "\n")
	written, err := strconv.ParseInt(line, 10, 64)
	must.Do(p.t, err)
	return usage{time.Now(), time.Duration(user+system) * tick, written}
}

// since says what was used after an earlier look.
func (u usage) since(before usage) string {
	passed := u.at.Sub(before.at)
	return fmt.Sprintf("%.1f %% of a core, %.2f MB written a minute", 100*float64(u.cpu-before.cpu)/float64(passed),
		float64(u.written-before.written)/1e6/passed.Minutes())
}

// afterOutage is the i-th of n pairs of 24 h, two hours after the portal stopped. The pairs due since then are overdue,
// half of them have ended, and all checks are due.
func afterOutage(began time.Time, i, n int) stand {
	ends := began.Add(-time.Hour + time.Duration(i)*24*time.Hour/time.Duration(n))
	renewAt, checkAt := ends.Add(-time.Hour), began.Add(-time.Duration(i%120)*time.Minute)
	if renewAt.Before(checkAt) {
		checkAt = renewAt
	}
	return stand{ends: ends, renewAt: &renewAt, checkAt: &checkAt, key: i%32 == 0 && i < 1600}
}

// allOverdue is the i-th of n pairs that are all overdue: every third has ended.
func allOverdue(began time.Time, i, n int) stand {
	ends := began.Add(-time.Hour + time.Duration(i)*3*time.Hour/time.Duration(n))
	renewAt := began.Add(-time.Minute)
	return stand{ends: ends, renewAt: &renewAt, checkAt: &renewAt, key: i%32 == 0 && i < 1600}
}

func TestABacklogIsWorkedOffInTheOrderOfTheEndsAndNoEndedPairIsShownConnected(t *testing.T) {
	t.Parallel()
	at, h := newPlace(t), newHub(t, 500*time.Millisecond, 500*time.Millisecond)
	at.env = h.env
	if !whole { // so that a hundred renewals take no minute
		at.env = append(at.env, "CHAVEIRO_CALLS_AT_ONCE=16")
	}
	n, standOf := size(2000, 20000), size(allOverdue, afterOutage)
	began := time.Now().UTC().Truncate(time.Microsecond)
	shops := at.seed(h, n, func(i int) stand { return standOf(began, i, n) })
	began = time.Now()
	p := at.start()
	before := p.usage()
	stopPolling := at.poll(p, h, shops)

	at.wantReaderFirst(p, h, shops[480])
	overdue := n // the test waits for the first of them
	if whole {
		// By their end, and not by their time: a check plans that anew.
		late := `SELECT COUNT(*) FROM marketplaces WHERE credential_version = 1 AND credentials_expire_at <= '` +
			stamp(began.Add(time.Hour)) + `'`
		overdue = at.count(late)
		must.WaitFor(t, 30*time.Minute, "every overdue pair is fresh", func() bool { return at.count(late) == 0 })
	} else {
		must.WaitFor(t, 50*time.Second, "sixty pairs are renewed",
			func() bool { done, _ := h.renewals(); return done >= 60 })
	}
	took, used := time.Since(began).Round(time.Second), p.usage()
	polls := stopPolling()
	at.wantInOrder(h, shops, 60)
	report(t, "%d pairs of 24 h, %d overdue after two hours: fresh after %s; %s; "+
		"%d looks of 50 back-offices, none shown CONNECTED past its end",
		n, overdue, took, used.since(before), polls)
}

// stamp writes a time as SQLite's driver does.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.999999999-07:00") }

// wantInOrder checks that the pairs that ended first were renewed first. Pairs of one moment may swap, and so may the
// one whose reader waited.
func (at *place) wantInOrder(h *hub, shops []shop, n int) {
	at.t.Helper()
	h.mu.Lock()
	order := slices.Clone(h.order)
	h.mu.Unlock()
	for i, store := range order[:min(n, len(order))] {
		place := slices.IndexFunc(shops, func(one shop) bool { return one.store == store })
		if place > i+40 && place != 480 {
			at.t.Errorf("the pair that ends as number %d was renewed as number %d", place, i)
		}
	}
}

// wantReaderFirst checks that a back-office that waits for its ended pair gets the new one before pairs that end
// sooner.
func (at *place) wantReaderFirst(p *process, h *hub, one shop) {
	at.t.Helper()
	body, err := p.Post(one.key, `{ integration { marketplaces {
		credentials { ... on Plug4MarketCredentials { accessToken } } } } }`, nil)
	must.Do(at.t, err)
	if h.Refreshes(one.store) != 1 || !strings.Contains(body, h.CurrentAccess(one.store)) {
		at.t.Errorf("who waited for a renewal got %d renewals and another token:\n%s",
			h.Refreshes(one.store), tail(p.Output(), 20))
	}
	if done, _ := h.renewals(); done > 400 {
		at.t.Errorf("who waited was number %d", done)
	}
}

// poll reads the health of the shops with a key in a loop. It fails the test when an ended pair that was not renewed is
// shown as working. The returned function stops it, and returns the number of reads.
func (at *place) poll(p *process, h *hub, shops []shop) (stop func() int) {
	shops = slices.DeleteFunc(slices.Clone(shops), func(one shop) bool { return one.key == "" })
	ended, asked := make(chan struct{}), 0
	var polling sync.WaitGroup
	polling.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
			}
			one := shops[i%len(shops)]
			state, err := healthOf(p, one.key)
			if err != nil {
				at.t.Errorf("a back-office was not answered: %v", err)
				return
			}
			asked++
			works := state == "CONNECTED" || state == "EXPIRING"
			if works && h.Refreshes(one.store) == 0 && at.hasEnded(one) {
				at.t.Errorf("%s is shown %s although its pair has ended", one.store, state)
			}
		}
	})
	return func() int {
		close(ended)
		polling.Wait()
		return asked
	}
}

// hasEnded reports whether the seeded pair of a shop had ended a moment ago.
func (at *place) hasEnded(one shop) bool {
	return at.count(`SELECT COUNT(*) FROM marketplaces WHERE external_account = '`+one.store+`'
		AND credentials_expire_at < '`+stamp(time.Now().Add(-time.Second))+`'`) == 1
}

func healthOf(p *process, key string) (string, error) {
	body, err := p.Post(key, `{ integration { marketplaces { health { state reason } } } }`, nil)
	if err != nil {
		return "", err
	}
	var answer struct {
		Data struct {
			Integration struct {
				Marketplaces []struct{ Health struct{ State string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Data.Integration.Marketplaces) != 1 {
		return "", fmt.Errorf("answered %s, %v", body, err)
	}
	return answer.Data.Integration.Marketplaces[0].Health.State, nil
}

func TestABacklogThatWaitsForTheRateLimitCostsAlmostNothing(t *testing.T) {
	t.Parallel()
	at, h := newPlace(t), newHub(t, 0, 0)
	at.env = append(h.env, "CHAVEIRO_PLUG4MARKET_REFRESHES_PER_MINUTE=5")
	n := size(500, 5000)
	at.seed(h, n, due)
	const late = `SELECT COUNT(*) FROM marketplaces WHERE credential_version = 1 AND renew_at < '%s'`
	seeded := stamp(time.Now())
	p := at.start()
	time.Sleep(5 * time.Second) // the cost of the start does not count
	before := p.usage()
	time.Sleep(size(15*time.Second, 2*time.Minute))
	after := p.usage()
	done, _ := h.renewals()
	if done == 0 || done > size(10, 20) {
		t.Errorf("%d renewals were made, at 5 a minute", done)
	}
	if still := at.count(fmt.Sprintf(late, seeded)); still < n-done-1 {
		t.Errorf("only %d of %d renewals that were put off are as late as they were", still, n-done)
	}
	// A process once wrote 8 MB a second here; one that only renews its heartbeat writes a hundredth.
	if rate := float64(after.written-before.written) / after.at.Sub(before.at).Seconds(); rate > 1e6 {
		t.Errorf("%.0f bytes are written a second while nothing can be done", rate)
	}
	report(t, "%d overdue pairs, 5 renewals a minute: %s", n, after.since(before))
}
