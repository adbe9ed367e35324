package keeper

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaveiro/chaveiro/internal/provider"
)

func testLane(atOnce, allowance int) *lane {
	l := newLane(nil, nil, atOnce)
	l.load.Allowance = allowance
	return l
}

// begun fills the slots with calls under way, of which renewing are renewals.
func (l *lane) begun(calls, renewing int) {
	for range calls {
		l.slots <- struct{}{}
	}
	for range renewing {
		l.begin()
	}
}

func TestReadersKeepAQuarterOfTheAllowance(t *testing.T) {
	t.Parallel()
	l := testLane(100, 20)
	for i := range 15 {
		if wait := l.turn(testNow, false); wait != 0 {
			t.Fatalf("renewal %d waits %s", i, wait)
		}
	}
	if l.turn(testNow, false) == 0 || l.turns(testNow) != 0 {
		t.Error("what is due took what is left to readers")
	}
	for i := range 5 {
		if wait := l.turn(testNow, true); wait != 0 {
			t.Fatalf("reader %d waits %s", i, wait)
		}
	}
	if wait := l.turn(testNow, true); wait != time.Minute {
		t.Errorf("a reader more waits %s, want a minute", wait)
	}
}

func TestAnAllowanceOfOneIsForBoth(t *testing.T) {
	t.Parallel()
	for _, waited := range []bool{true, false} {
		if wait := testLane(4, 1).turn(testNow, waited); wait != 0 {
			t.Errorf("waited %t: %s", waited, wait)
		}
	}
	if wait := testLane(4, 0).turn(testNow, false); wait != 0 {
		t.Errorf("without any allowance one a minute is made, but it waits %s", wait)
	}
}

// TestNoMinuteHasMoreThanItsAllowance draws times of turns, and counts the turns granted in every sliding minute.
func TestNoMinuteHasMoreThanItsAllowance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		allowance := rapid.IntRange(1, 12).Draw(t, "allowance")
		l, at := testLane(4, allowance), testNow
		var granted, due []time.Time
		for range 150 {
			at = at.Add(time.Duration(rapid.IntRange(0, 9000).Draw(t, "passes")) * time.Millisecond)
			waited := rapid.Bool().Draw(t, "waited")
			wait := l.turn(at, waited)
			if wait == 0 {
				if granted = append(granted, at); !waited {
					due = append(due, at)
				}
				continue
			}
			then := testLane(4, allowance)
			then.renewed = slices.Clone(l.renewed)
			if again := then.turn(at.Add(wait), waited); again != 0 {
				t.Fatalf("it is to wait %s, and then %s more", wait, again)
			}
		}
		for what, c := range map[string]struct {
			times []time.Time
			most  int
		}{"all": {granted, allowance}, "what is due": {due, allowance - allowance/readersKeep}} {
			for i, first := range c.times {
				n := 0
				for _, other := range c.times[i:] {
					if other.Sub(first) < time.Minute {
						n++
					}
				}
				if n > c.most {
					t.Fatalf("%s: %d in a minute, allowed are %d", what, n, c.most)
				}
			}
		}
	})
}

func TestAClockThatIsPutBackDoesNotHoldUpRenewals(t *testing.T) {
	t.Parallel()
	l := testLane(4, 1)
	l.turn(testNow.Add(24*time.Hour), true)
	if wait := l.turn(testNow, true); wait != 0 {
		t.Errorf("it waits %s", wait)
	}
	l = testLane(4, 1)
	for range 3 * faultsToPause {
		l.heard(testNow.Add(24*time.Hour), provider.Transient)
	}
	if l.room(testNow) == 0 {
		t.Error("a provider that was down a day ahead is left alone until then")
	}
}

func TestRenewalsLeaveAPlaceToChecks(t *testing.T) {
	t.Parallel()
	l := testLane(8, 1000)
	for renewing, want := range map[int]int{0: 6, 4: 2, 6: 0, 7: 0} {
		l.renewing = renewing
		if got := l.turns(testNow); got != want {
			t.Errorf("with %d renewals under way %d may begin, want %d", renewing, got, want)
		}
	}
	if got := testLane(1, 1000).turns(testNow); got != 1 {
		t.Errorf("with one call at once %d renewals may begin", got)
	}
}

func TestAProviderThatSeemsDownIsAskedOneAtATime(t *testing.T) {
	t.Parallel()
	l := testLane(4, 100)
	for range faultsToPause - 1 {
		l.heard(testNow, provider.Transient)
	}
	if got := l.room(testNow); got != 4 {
		t.Errorf("after some faults there is room for %d", got)
	}
	at := testNow
	for _, pause := range []time.Duration{30 * time.Second, time.Minute, time.Minute, time.Minute} {
		l.heard(at, provider.Transient)
		if got := l.room(at.Add(pause - time.Second)); got != 0 {
			t.Errorf("within the pause of %s there is room for %d", pause, got)
		}
		if got := l.room(at.Add(pause)); got != 1 {
			t.Errorf("after the pause of %s there is room for %d", pause, got)
		}
		at = at.Add(pause)
	}
	for _, o := range []provider.Outcome{provider.OK, provider.Refused, provider.Halted, provider.Untestable} {
		l.heard(at, provider.Transient)
		l.heard(at, o)
		if got := l.room(at.Add(time.Hour)); got != 4 {
			t.Errorf("after %s there is room for %d", o, got)
		}
	}
}

func TestAllowanceFollowsTheNumberOfPairs(t *testing.T) {
	t.Parallel()
	const life = 23 * time.Hour
	for name, c := range map[string]struct {
		pairs, overdue, ceiling, processes int
		want                               int
	}{
		"nothing to renew":                   {0, 0, 1000, 1, 5},
		"a few pairs":                        {100, 0, 1000, 1, 5},
		"20,000 pairs, steady, and a half":   {20000, 0, 1000, 1, 22},
		"20,000 pairs, two hours behind":     {20000, 1740, 1000, 1, 153},
		"the setting is a ceiling":           {20000, 1740, 60, 1, 60},
		"a ceiling below the least":          {20000, 0, 3, 1, 3},
		"two processes share":                {20000, 0, 1000, 2, 11},
		"a share is rounded up":              {20000, 0, 1000, 3, 8},
		"one a minute is always let through": {0, 0, 1, 50, 1},
	} {
		if got := allowance(renewalsNeeded(c.pairs, c.overdue, life), c.ceiling, c.processes); got != c.want {
			t.Errorf("%s: %d a minute, want %d", name, got, c.want)
		}
	}
	if got := renewalsNeeded(100, 100, 0); got != 0 {
		t.Errorf("without a known life %d a minute are needed", got)
	}
	if !(Load{Needed: 6, Ceiling: 5}).IsOverloaded() || (Load{Needed: 5, Ceiling: 5}).IsOverloaded() {
		t.Error("a load is too much just when more is needed than allowed")
	}
}

func TestChecksAreRarerWhenTheCallsAtATimeDoNotSuffice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		connections, atOnce int
		want                time.Duration
	}{{0, 4, time.Hour}, {14400, 4, time.Hour}, {28800, 4, 2 * time.Hour}, {28800, 16, time.Hour},
		{28800, 0, 8 * time.Hour}} {
		if got := stretchInterval(time.Hour, c.connections, c.atOnce); got != c.want {
			t.Errorf("%d connections with %d at once: every %s, want %s", c.connections, c.atOnce, got, c.want)
		}
	}
}

// simulation runs a lane with pairs and a provider that answers after a while, in steps of half a second. The turns,
// the slots and the counts are the lane's own; the clock is simulated.
type simulation struct {
	lane    *lane
	pairs   []time.Duration // when each is due
	answers []time.Duration // when the calls under way end
	took    time.Duration
	life    time.Duration
	ceiling int
}

// run simulates a time, and returns how many pairs are overdue at the end of each minute, and the most renewals in a
// minute.
func (s *simulation) run(from, length time.Duration) (overdue []int, most int) {
	const step = 500 * time.Millisecond
	made := map[int]int{}
	for at := from; at < from+length; at += step {
		now := testNow.Add(at)
		for len(s.answers) > 0 && s.answers[0] <= at {
			s.answers = s.answers[1:]
			<-s.lane.slots
			s.lane.end()
			s.pairs = append(s.pairs, at+s.life)
		}
		due, _ := slices.BinarySearch(s.pairs, at+1) // they are in order
		if at%measureEvery == 0 {
			before := s.lane.load.Needed
			s.lane.load.Needed = keepUp(before, len(s.pairs), due, s.life)
			s.lane.load.Allowance = allowance(s.lane.load.Needed, s.ceiling, 1)
		}
		if at%time.Minute == 0 {
			overdue = append(overdue, due)
		}
		for range min(due, s.lane.room(now), s.lane.turns(now)) {
			if s.lane.turn(now, true) != 0 {
				break
			}
			s.lane.begun(1, 1)
			s.pairs = s.pairs[1:]
			s.answers = append(s.answers, at+s.took)
			made[int(at/time.Minute)]++
			most = max(most, made[int(at/time.Minute)])
		}
	}
	return overdue, most
}

func pairsEvery(n int, life time.Duration) []time.Duration {
	pairs := make([]time.Duration, n)
	for i := range pairs {
		pairs[i] = time.Duration(i) * life / time.Duration(n)
	}
	return pairs
}

func TestTwentyThousandPairsOfADayAreKeptByOneProcess(t *testing.T) {
	t.Parallel()
	const life = 23 * time.Hour
	s := &simulation{lane: testLane(DefaultAtOnce, leastAllowance), pairs: pairsEvery(20000, life),
		took: 500 * time.Millisecond, life: life, ceiling: 1000}
	overdue, most := s.run(0, 3*time.Hour)
	for minute, n := range overdue[5:] {
		if n > 20 {
			t.Fatalf("minute %d: %d are overdue", minute+5, n)
		}
	}
	if most > 22 {
		t.Errorf("there was a minute with %d renewals; needed are 15", most)
	}
}

// TestABacklogOfTwoHoursIsWorkedOffInHalfAnHour begins two hours after the provider went away.
func TestABacklogOfTwoHoursIsWorkedOffInHalfAnHour(t *testing.T) {
	t.Parallel()
	const life = 23 * time.Hour
	s := &simulation{lane: testLane(DefaultAtOnce, leastAllowance), pairs: pairsEvery(20000, life),
		took: 500 * time.Millisecond, life: life, ceiling: 1000}
	overdue, most := s.run(2*time.Hour, 40*time.Minute)
	if overdue[0] < 1700 {
		t.Fatalf("the backlog is of %d", overdue[0])
	}
	if n := overdue[30]; n > 20 {
		t.Errorf("after 30 minutes %d are still overdue: %v", n, overdue)
	}
	if most > 160 {
		t.Errorf("there was a minute with %d renewals", most)
	}
	if s.lane.load.Needed > 25 {
		t.Errorf("after the backlog %d a minute are still allowed for", s.lane.load.Needed)
	}
}

func TestAWholeDaysBacklogIsWorkedOffAsFastAsTheCallsAtATimeAllow(t *testing.T) {
	t.Parallel()
	const life = 23 * time.Hour
	for ceiling, minutes := range map[int]int{1000: 70, 150: 220} {
		t.Run(fmt.Sprint(ceiling), func(t *testing.T) {
			t.Parallel()
			s := &simulation{lane: testLane(DefaultAtOnce, leastAllowance), pairs: pairsEvery(20000, life),
				took: 500 * time.Millisecond, life: life, ceiling: ceiling}
			overdue, most := s.run(life, time.Duration(minutes+5)*time.Minute)
			if n := overdue[minutes]; n > 200 {
				t.Errorf("after %d minutes %d are still overdue", minutes, n)
			}
			if most > ceiling {
				t.Errorf("there was a minute with %d renewals, allowed are %d", most, ceiling)
			}
		})
	}
}
