package e2e

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// troubled are answers of a provider that is down. None is its own word on credentials.
var troubled = []said{
	{http.StatusServiceUnavailable, "application/json", `{"message":"Service Unavailable"}`},
	{http.StatusForbidden, "text/html", `<html><body>403 Forbidden</body></html>`},
	{http.StatusUnauthorized, "application/json", `{"message":"Forbidden"}`},
	{http.StatusBadGateway, "text/html", `<html><body>502 Bad Gateway</body></html>`},
	{http.StatusOK, "text/html", `<html><body>Em manutenção</body></html>`},
}

// badly makes a share of all calls fail.
func badly(share float64) func(*http.Request) *said {
	return func(*http.Request) *said {
		if rand.Float64() >= share {
			return nil
		}
		return &troubled[rand.IntN(len(troubled))]
	}
}

const (
	openIncidents  = `SELECT COUNT(*) FROM provider_incidents WHERE closed_at IS NULL`
	allIncidents   = `SELECT COUNT(*) FROM provider_incidents`
	needAttention  = `SELECT COUNT(*) FROM marketplaces WHERE health_state = 'NEEDS_ATTENTION'`
	doNotWork      = `SELECT COUNT(*) FROM marketplaces WHERE health_state NOT IN ('CONNECTED', 'NEEDS_ATTENTION')`
	incidentIsTold = 2 * time.Minute // at most, until it is opened and until it is closed
)

func TestAnOutageOfAProviderIsOneIncidentAndNoShopsProblem(t *testing.T) {
	t.Parallel()
	at, h := newPlace(t), newHub(t, 10*time.Millisecond, 100*time.Millisecond)
	// A check every two seconds; ten thousand are checked as often as 64 calls at once carry: every three minutes.
	at.env = append(h.env, "CHAVEIRO_CHECK_EVERY=2s", "CHAVEIRO_CALLS_AT_ONCE=64")
	n, refused := size(300, 10000), size(9, 300)
	now := time.Now().UTC().Truncate(time.Microsecond)
	over := size(2*time.Second, 3*time.Minute)
	shops := at.seed(h, n, func(i int) stand {
		renewAt, checkAt := now.Add(20*time.Hour), now.Add(over*time.Duration(i)/time.Duration(n))
		return stand{ends: now.Add(23 * time.Hour), renewAt: &renewAt, checkAt: &checkAt}
	})
	at.seed(h, size(1500, 3000), ballast)
	p := at.start()
	defer func() {
		if t.Failed() {
			t.Logf("%v\n%s", at.standing(), tail(p.Output(), 60))
		}
	}()
	time.Sleep(size(4*time.Second, 4*time.Minute)) // a time without faults

	h.setTrouble(badly(1))
	down := time.Now()
	must.WaitFor(t, incidentIsTold, "an incident is opened", func() bool { return at.count(openIncidents) == 1 })
	opened := time.Since(down).Round(time.Second)
	for _, i := range rand.Perm(n)[:refused] {
		h.Revoke(shops[i].store)
	}
	time.Sleep(size(5*time.Second, 6*time.Minute))
	at.wantCount(needAttention, 0)

	h.setTrouble(badly(0.5))
	time.Sleep(size(4*time.Second, 2*time.Minute))
	if found := at.count(needAttention); found > refused {
		t.Errorf("%d connections need attention, of which only %d were refused", found, refused)
	}
	h.setTrouble(nil)
	up := time.Now()
	must.WaitFor(t, incidentIsTold, "the incident is closed", func() bool { return at.count(openIncidents) == 0 })
	closed := time.Since(up).Round(time.Second)
	must.WaitFor(t, size(time.Minute, 20*time.Minute), "every refused connection is found, and no other",
		func() bool {
			return at.count(needAttention) == refused && at.count(doNotWork) == 0
		})
	found := time.Since(up).Round(time.Second)
	at.wantCount(allIncidents, 1)
	report(t, "%d connections, provider down for %s and half bad for %s: one incident, opened after %s, "+
		"closed after %s; %d refused were all found %s after the end, 0 others",
		n, size(5*time.Second, 6*time.Minute), size(4*time.Second, 2*time.Minute), opened, closed, refused, found)
}

// wantCount checks that a count in the database is as it must be.
func (at *place) wantCount(statement string, want int) {
	at.t.Helper()
	if got := at.count(statement); got != want {
		at.t.Errorf("%s: %d, want %d", statement, got, want)
	}
}
