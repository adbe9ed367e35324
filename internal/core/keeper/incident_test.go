package keeper

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// seen makes a lane learn of a visit to a connection whose health had a reason.
func seenAs(t *troubles, at time.Duration, id string, was provider.Reason, a answer) {
	row := testRow(was, 20*time.Hour)
	row.ID = id
	a.asked = true
	t.learn(testNow.Add(at), row, a)
}

var (
	fine = result(provider.OK, provider.CheckPassed)
	down = result(provider.Transient, provider.Unreachable)
	no   = result(provider.Refused, provider.TokenRefused)
)

func isSuspected(t *troubles, at time.Duration) bool {
	_, _, yes := t.suspected(testNow.Add(at))
	return yes
}

func TestAnIncidentIsSuspectedWhenManyThatWorkedTurnBad(t *testing.T) {
	t.Parallel()
	var tr troubles
	for i := range incidentLeast {
		if isSuspected(&tr, time.Minute) {
			t.Fatalf("after %d connections", i)
		}
		a := down
		if i%2 == 1 {
			a = no
		}
		a.Message = "out of service"
		seenAs(&tr, time.Duration(i)*time.Second, fmt.Sprint(i), provider.CheckPassed, a)
	}
	evidence, since, yes := tr.suspected(testNow.Add(time.Minute))
	if !yes || !since.Equal(testNow) {
		t.Errorf("suspected %t since %s", yes, since)
	}
	if want := "TOKEN_REFUSED: 2; UNREACHABLE: 3; out of service"; evidence != want {
		t.Errorf("%q, want %q", evidence, want)
	}
}

func TestNoIncidentIsSuspected(t *testing.T) {
	t.Parallel()
	for name, visits := range map[string]func(tr *troubles){
		"of one connection that is visited again and again": func(tr *troubles) {
			for range 50 {
				seenAs(tr, 0, "one", provider.CheckPassed, down)
			}
		},
		"of connections that did not work before": func(tr *troubles) {
			for i := range 50 {
				seenAs(tr, 0, fmt.Sprint(i), provider.Unreachable, down)
				seenAs(tr, 0, fmt.Sprint("r", i), provider.NotCheckedYet, no)
			}
		},
		"of fewer than half of the visits": func(tr *troubles) {
			for i := range 49 {
				seenAs(tr, 0, fmt.Sprint(i), provider.CheckPassed, no)
			}
			for i := range 51 {
				seenAs(tr, 0, fmt.Sprint("good", i), provider.CheckPassed, fine)
			}
		},
		"of what was longer ago than the window": func(tr *troubles) {
			for i := range 50 {
				seenAs(tr, -incidentWindow-time.Second, fmt.Sprint(i), provider.CheckPassed, down)
			}
		},
		"of what was seen before the clock was put back": func(tr *troubles) {
			for i := range 50 {
				seenAs(tr, time.Hour, fmt.Sprint(i), provider.CheckPassed, down)
			}
		},
		"of what the house's log-in did, or nobody was asked, or cannot be tested, or is suspended": func(tr *troubles) {
			for i := range 50 {
				minted := no
				minted.minted = true
				seenAs(tr, 0, fmt.Sprint(i), provider.CheckPassed, minted)
				tr.learn(testNow, testRow(provider.CheckPassed, time.Hour), down)
				seenAs(tr, 0, fmt.Sprint("u", i), provider.CheckPassed, result(provider.Untestable, ""))
				seenAs(tr, 0, fmt.Sprint("h", i), provider.CheckPassed, result(provider.Halted, ""))
			}
		},
	} {
		var tr troubles
		visits(&tr)
		if isSuspected(&tr, 0) {
			t.Error(name)
		}
	}
}

// TestASuddenOutageIsSeenAtOnceHoweverManyVisitsWereGoodBefore starts with as many good visits as a provider with
// 50,000 connections has in the window.
func TestASuddenOutageIsSeenAtOnceHoweverManyVisitsWereGoodBefore(t *testing.T) {
	t.Parallel()
	var tr troubles
	for i := range 4000 {
		seenAs(&tr, time.Duration(i)*50*time.Millisecond, fmt.Sprint("good", i), provider.CheckPassed, fine)
	}
	for i := range incidentLeast {
		if isSuspected(&tr, 4*time.Minute) {
			t.Fatalf("after %d connections", i)
		}
		seenAs(&tr, 4*time.Minute, fmt.Sprint(i), provider.CheckPassed, down)
	}
	// when the first turned bad
	if _, since, yes := tr.suspected(testNow.Add(4 * time.Minute)); !yes || !since.Equal(testNow.Add(4*time.Minute)) {
		t.Errorf("suspected %t since %s", yes, since)
	}
}

func TestFewRefusalsAmongManyGoodVisitsAreNoIncident(t *testing.T) {
	t.Parallel()
	var tr troubles
	for i := range 4000 {
		a := fine
		if i%4 == 0 {
			a = no
		}
		at := time.Duration(i) * 50 * time.Millisecond
		if seenAs(&tr, at, fmt.Sprint(i), provider.CheckPassed, a); i%50 == 0 && isSuspected(&tr, at) {
			t.Fatalf("after %d visits", i)
		}
	}
}

func TestConnectionsThatEndSoonCountAsWorking(t *testing.T) {
	t.Parallel()
	var tr troubles
	for i := range incidentLeast {
		seenAs(&tr, 0, fmt.Sprint(i), provider.RenewalDelayed, down)
	}
	if !isSuspected(&tr, 0) {
		t.Error("no incident is suspected")
	}
}

func TestAnIncidentEndsAfterEnoughGoodVisits(t *testing.T) {
	t.Parallel()
	var tr troubles
	for range 2 * probesToClose {
		seenAs(&tr, 0, "before", provider.CheckPassed, fine)
	}
	tr.set("inc_1", testNow)
	if tr.over() != "" {
		t.Fatal("what was good before the incident ended it")
	}
	for i := range 100 {
		a := fine
		if i%probesToClose == 0 {
			a = down
		}
		if seenAs(&tr, 0, fmt.Sprint(i%3), provider.Incident, a); tr.over() != "" {
			t.Fatal("it is over while one visit of eight is a fault")
		}
	}
	seenAs(&tr, 0, "refused", provider.Incident, no)
	for i := range probesToClose {
		if tr.over() != "" {
			t.Fatalf("it is over %d good visits after a bad one", i)
		}
		seenAs(&tr, 0, fmt.Sprint(i), provider.Incident, fine)
		seenAs(&tr, 0, "refused", provider.Incident, no) // it really is
	}
	if tr.over() != "inc_1" || !tr.isOpen() {
		t.Errorf("over %q, open %t", tr.over(), tr.isOpen())
	}
	tr.set("", testNow)
	if tr.over() != "" || tr.isOpen() || isSuspected(&tr, 0) {
		t.Error("an incident that was closed goes on")
	}
}

func TestProbesAreSpaced(t *testing.T) {
	t.Parallel()
	var tr troubles
	if tr.probe(testNow, 0) != 0 || tr.probe(testNow, 10) != 1 {
		t.Fatal("the first probe")
	}
	for at, want := range map[time.Duration]int{time.Second: 0, probeEvery - time.Millisecond: 0} {
		if got := tr.probe(testNow.Add(at), 10); got != want {
			t.Errorf("after %s: %d", at, got)
		}
	}
	if tr.probe(testNow.Add(probeEvery), 10) != 1 {
		t.Error("after the pause there is no probe")
	}
	if tr.probe(testNow.Add(-24*time.Hour), 10) != 1 {
		t.Error("after the clock was put back there is no probe")
	}
}

// outage simulates a lane whose provider is down for an hour and then recovers slowly, with checks one after the other.
// One in refused connections is really refused from then on; 0 for none. It returns when incidents opened and closed,
// and how many connections have a wrong health in the end.
func outage(recovery time.Duration, refused int, seed uint64) (opened, closed []time.Duration, alarms int) {
	const begins, lasts = 10 * time.Minute, time.Hour
	isRefused := func(i int) bool { return refused > 0 && i%refused == 0 }
	random := rand.New(rand.NewPCG(seed, 2)) // #nosec G404 -- faults that repeat
	l := testLane(DefaultAtOnce, leastAllowance)
	rows := make([]*connection.Row, 400)
	for i := range rows {
		rows[i] = testRow(provider.CheckPassed, 1000*time.Hour)
		rows[i].ID, rows[i].NextCheckAt = fmt.Sprint(i), in(time.Duration(i)*time.Hour/time.Duration(len(rows)))
	}
	for at := time.Duration(0); at < 150*time.Minute; at += time.Second {
		now := testNow.Add(at)
		if at%watchEvery == 0 {
			if id := l.troubles.over(); id != "" {
				l.troubles.set("", now)
				closed = append(closed, at)
				for i, row := range rows {
					if row.HealthReason == string(provider.Incident) {
						row.NextCheckAt = in(at + time.Duration(i)*250*time.Millisecond)
					}
				}
			} else if _, since, yes := l.troubles.suspected(now); yes && !l.troubles.isOpen() {
				l.troubles.set("inc", now)
				opened = append(opened, at)
				for i, row := range rows {
					if s := connection.State(row); !row.HealthSince.Before(since) &&
						(s == provider.Failing || s == provider.NeedsAttention) {
						rows[i] = connection.Blamed(row, now)
					}
				}
			}
		}
		n := l.room(now)
		if l.troubles.isOpen() {
			n = l.troubles.probe(now, n)
		}
		for range n {
			first := -1
			for i, row := range rows {
				due := row.NextCheckAt != nil && (l.troubles.isOpen() || !row.NextCheckAt.After(now))
				if due && (first < 0 || row.NextCheckAt.Before(*rows[first].NextCheckAt)) {
					first = i
				}
			}
			if first < 0 {
				break
			}
			a := fine
			healthy := 1.0
			if up := at - begins - lasts; at >= begins && up < recovery {
				healthy = max(0, float64(up)/float64(recovery+1))
			}
			if random.Float64() >= healthy {
				a = []answer{down, no}[random.IntN(2)]
			} else if at >= begins && isRefused(first) {
				a = no
			}
			a.asked = true
			f := testFacts(rows[first], a)
			f.now, f.incident, f.spread = now, l.troubles.isOpen(), func(d time.Duration) time.Duration { return d }
			noPlan(&f)
			before := rows[first]
			rows[first] = connection.Visited(before, decide(f), now)
			l.heard(now, a.Outcome)
			l.troubles.learn(now, before, a)
		}
	}
	for i, row := range rows {
		if (connection.State(row) == provider.NeedsAttention) != isRefused(i) {
			alarms++
		}
	}
	return opened, closed, alarms
}

func TestAnOutageIsOneIncidentAndNoAlarmOfAShop(t *testing.T) {
	t.Parallel()
	opened, closed, alarms := outage(0, 33, 1)
	if len(opened) != 1 || opened[0] > 12*time.Minute {
		t.Errorf("incidents were opened at %v", opened)
	}
	if len(closed) != 1 || closed[0] > 72*time.Minute {
		t.Errorf("they were closed at %v, the provider was back at 1h10m", closed)
	}
	if alarms > 0 {
		t.Errorf("%d connections say the wrong thing in the end", alarms)
	}
}

func TestASlowRecoveryDoesNotMakeIncidentsFlap(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		opened, closed, _ := outage(20*time.Minute, 0, seed)
		if len(opened) != 1 || len(closed) != 1 {
			t.Errorf("opened at %v, closed at %v", opened, closed)
		}
	}
}

func TestTheEvidenceOfAnIncidentIsShort(t *testing.T) {
	t.Parallel()
	var tr troubles
	for i := range incidentLeast {
		a := down
		a.Message = strings.Repeat("x", 500)
		seenAs(&tr, 0, fmt.Sprint(i), provider.CheckPassed, a)
	}
	if evidence, _, _ := tr.suspected(testNow); len([]rune(evidence)) > 500 {
		t.Errorf("%d characters", len([]rune(evidence)))
	}
}
