package keeper

import (
	"slices"
	"testing"
	"time"
)

// watchBeats looks at the beats every beatEvery, and returns after what time each id was silent. beat returns what a
// look finds at a time; ok is whether the database can be read.
func watchBeats(
	b *beats, length time.Duration, beat func(at time.Duration) map[string]int64, ok func(time.Duration) bool,
) map[string]time.Duration {
	start, found := time.Now(), map[string]time.Duration{}
	for at := time.Duration(0); at <= length; at += beatEvery {
		if !ok(at) {
			continue
		}
		for _, id := range b.look(beat(at), start.Add(at)) {
			if _, known := found[id]; !known {
				found[id] = at
			}
		}
	}
	return found
}

func always(time.Duration) bool { return true }

// until returns a beat that rises with every look until an instant.
func until(end time.Duration) func(time.Duration) int64 {
	return func(at time.Duration) int64 { return int64(min(at, end) / beatEvery) }
}

func TestAProcessWhoseBeatStandsStillIsSilentSoon(t *testing.T) {
	t.Parallel()
	own, other := until(time.Hour), until(30*time.Second)
	silent := watchBeats(&beats{}, 2*time.Minute, func(at time.Duration) map[string]int64 {
		return map[string]int64{"own": own(at), "other": other(at)}
	}, always)
	if at := silent["other"]; at != 30*time.Second+silentAfter {
		t.Errorf("the other is silent after %s", at)
	}
	if at, ok := silent["own"]; ok {
		t.Errorf("the process itself is silent after %s", at)
	}
}

func TestAProcessOfLongAgoIsSilentAfterAFewLooks(t *testing.T) {
	t.Parallel()
	silent := watchBeats(&beats{}, time.Minute,
		func(time.Duration) map[string]int64 { return map[string]int64{"old": 7} }, always)
	if at := silent["old"]; at != silentAfter {
		t.Errorf("it is silent after %s, want %s", at, silentAfter)
	}
}

// TestNoProcessCountsAsSilentWhileTheDatabaseIsAway takes the database away for several times. After each, the other
// process needs up to the time of one try to beat again.
func TestNoProcessCountsAsSilentWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for _, away := range []time.Duration{4 * time.Second, 9 * time.Second, 15 * time.Second, 30 * time.Second, time.Hour} {
		from := 30 * time.Second
		back := from + away
		read := func(at time.Duration) bool { return at < from || at >= back }
		other := func(at time.Duration) map[string]int64 {
			beat := int64(min(at, from-beatEvery) / beatEvery) // the last one was read
			if at >= back+min(away, beatTime) {                // its try begun while the database was away has ended
				beat += 1 + int64((at-back)/beatEvery)
			}
			return map[string]int64{"other": beat}
		}
		if silent := watchBeats(&beats{}, back+time.Minute, other, read); len(silent) > 0 {
			t.Errorf("away for %s: silent %v", away, silent)
		}
	}
}

func TestAProcessThatDiedWhileTheDatabaseWasAwayIsFoundAfterwards(t *testing.T) {
	t.Parallel()
	read := func(at time.Duration) bool { return at < 30*time.Second || at >= time.Minute }
	other := until(30 * time.Second)
	silent := watchBeats(&beats{}, 3*time.Minute,
		func(at time.Duration) map[string]int64 { return map[string]int64{"other": other(at)} }, read)
	if at, ok := silent["other"]; !ok || at > time.Minute+beatTime+silentAfter+beatEvery {
		t.Errorf("it is silent after %s (%t)", at, ok)
	}
}

func TestAProcessThatBeatsAgainIsNoLongerCountedAsStill(t *testing.T) {
	t.Parallel()
	b, at := &beats{}, time.Now()
	look := func(beat int64) []string {
		at = at.Add(beatEvery)
		return b.look(map[string]int64{"other": beat}, at)
	}
	for range 20 {
		for range 3 { // three still looks, then a beat
			if silent := look(1); len(silent) > 0 {
				t.Fatalf("silent: %v", silent)
			}
		}
		if silent := look(2); len(silent) > 0 {
			t.Fatalf("silent: %v", silent)
		}
	}
	if n := b.processes(); n != 1 {
		t.Errorf("%d processes", n)
	}
	b.look(map[string]int64{"a": 1, "b": 1, "c": 1}, at.Add(beatEvery))
	if n := b.processes(); n != 3 {
		t.Errorf("%d processes, want 3", n)
	}
}

func TestTheClockOfTheLastLookIsRemembered(t *testing.T) {
	t.Parallel()
	b, now := &beats{}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	got := []time.Time{b.last(now), b.last(now.Add(time.Hour)), b.last(now)}
	if want := []time.Time{{}, now, now.Add(time.Hour)}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
