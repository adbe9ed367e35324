package e2e

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// scene is a portal of one or two processes. All its pairs are due for renewal, and the hub answers slowly.
type scene struct {
	t         *testing.T
	at        *place
	hub       *hub
	shops     []shop
	processes []*process
	began     time.Time
}

// scenes runs a proof with each database and number of processes. SQLite has one.
func scenes(t *testing.T, postgres func(*testing.T) *place, prove func(*testing.T, *scene)) {
	t.Helper()
	for _, on := range []struct {
		name     string
		newPlace func(*testing.T) *place
		most     int
	}{{"sqlite", newPlace, 1}, {"postgres", postgres, 2}} {
		for processes := 1; processes <= on.most; processes++ {
			t.Run(fmt.Sprintf("%s, instances %d", on.name, processes), func(t *testing.T) {
				t.Parallel()
				prove(t, newScene(t, on.newPlace(t), processes, size(40, 200)))
			})
		}
	}
}

func newScene(t *testing.T, at *place, processes, renewals int) *scene {
	t.Helper()
	s := &scene{t: t, at: at, hub: newHub(t, 100*time.Millisecond, size(2*time.Second, 10*time.Second)), began: time.Now()}
	at.env = append(at.env, s.hub.env...)
	at.env = append(at.env, "CHAVEIRO_CALLS_AT_ONCE=4")
	s.shops = at.seed(s.hub, renewals, due)
	at.seed(s.hub, 1500, ballast)
	for range processes {
		s.processes = append(s.processes, at.launch())
	}
	for _, p := range s.processes {
		p.WaitReady()
	}
	return s
}

// done returns how many renewals the hub has made.
func (s *scene) done() int {
	done, _ := s.hub.renewals()
	return done
}

// inFlight waits, with a limit, until a renewal is running.
func (s *scene) inFlight() {
	for range 50 {
		if _, under := s.hub.renewals(); under > 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// settle waits until no renewal is due and no process holds a lease.
func (s *scene) settle(most time.Duration) {
	s.t.Helper()
	defer s.showIfFailed()
	must.WaitFor(s.t, most, "every pair is renewed", func() bool {
		return s.at.count(`SELECT COUNT(*) FROM marketplaces WHERE health_state <> 'NEEDS_ATTENTION' AND
			(lease_by IS NOT NULL OR renewal_begun_at IS NOT NULL OR credential_version = 1 AND next_check_at IS NOT NULL)`) == 0
	})
}

// wantNothingLost checks that every answer of the hub was saved, and that no refresh token was sent twice.
func (s *scene) wantNothingLost() {
	s.t.Helper()
	standing := s.at.standing()
	for how, n := range standing {
		if !strings.HasPrefix(how, "CONNECTED ") {
			s.t.Errorf("%d connections are %s", n, how)
		}
	}
	if twice, reuses := s.hub.sentTwice(), s.hub.Reuses(); twice > 0 || reuses > 0 {
		s.t.Errorf("%d refresh tokens were sent twice, %d were refused for it", twice, reuses)
	}
	s.at.wantCurrent(s.hub, s.shops)
	s.showIfFailed()
}

// showIfFailed logs the states of the connections and the output of the processes if the test has failed.
func (s *scene) showIfFailed() {
	s.t.Helper()
	if !s.t.Failed() {
		return
	}
	done, under := s.hub.renewals()
	s.t.Logf("%d renewed, %d under way, %v; %d leased, %d begun, %d not renewed", done, under, s.at.standing(),
		s.at.count(`SELECT COUNT(*) FROM marketplaces WHERE lease_by IS NOT NULL`),
		s.at.count(`SELECT COUNT(*) FROM marketplaces WHERE renewal_begun_at IS NOT NULL`),
		s.at.count(`SELECT COUNT(*) FROM marketplaces WHERE credential_version = 1 AND next_check_at IS NOT NULL`))
	for i, p := range s.processes {
		s.t.Logf("process %d:\n%s", i, tail(p.Output(), 60))
	}
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (s *scene) took() time.Duration { return time.Since(s.began).Round(time.Second) }

func TestNoStopOfAProcessLosesAnAnswer(t *testing.T) {
	t.Parallel()
	scenes(t, newPostgresPlace, func(t *testing.T, s *scene) {
		stops, caught := size(5, 50), 0
		for i := range stops {
			// Spread over the renewals: the last ones are for the last stop.
			most := size(2*time.Second, 5*time.Second)
			time.Sleep(between(300*time.Millisecond, most))
			s.inFlight()
			if _, under := s.hub.renewals(); under > 0 {
				caught++
			}
			by := syscall.SIGTERM
			if i == 3 {
				by = syscall.SIGINT
			}
			which := rand.IntN(len(s.processes))
			s.processes[which].Stop(by)
			s.processes[which] = s.at.start()
		}
		s.settle(size(time.Minute, 10*time.Minute))
		s.wantNothingLost()
		report(t, "%d stops, %d with renewals under way; %d renewals, 0 lost, 0 tokens sent twice; %s",
			stops, caught, s.done(), s.took())
	})
}

func TestNoRestartOfTheDatabaseLosesAnAnswer(t *testing.T) {
	t.Parallel()
	scenes(t, newClusterPlace, func(t *testing.T, s *scene) {
		restarts, caught, away := size(3, 50), 0, time.Duration(0)
		for range restarts {
			time.Sleep(between(100*time.Millisecond, 2*time.Second))
			s.inFlight()
			if _, under := s.hub.renewals(); under > 0 {
				caught++
			}
			gone := between(2*time.Second, size(4*time.Second, 30*time.Second))
			resume := s.at.pause()
			time.Sleep(gone)
			resume()
			away += gone
		}
		s.settle(size(time.Minute, 10*time.Minute))
		s.wantNothingLost()
		report(t, "database away %d times, %s in all, %d times with renewals under way; %d renewals, 0 lost, "+
			"0 tokens sent twice; %s",
			restarts, away.Round(time.Second), caught, s.done(), s.took())
	})
}

func TestAStopDuringADatabaseOutageKeepsTheAnswerForTheNextStart(t *testing.T) {
	t.Parallel()
	for name, newPlace := range map[string]func(*testing.T) *place{"sqlite": newPlace, "postgres": newClusterPlace} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, h := newPlace(t), newHub(t, 0, 0)
			at.env = h.env
			one := at.seed(h, 1, due)
			reached, release := h.HoldAnswer(refreshPath)
			first := at.start()
			select {
			case <-reached:
			case <-time.After(30 * time.Second):
				t.Fatalf("no renewal was begun\n%s", first.Output())
			}
			resume := at.pause()
			release()
			must.WaitFor(t, time.Minute, "the answer is held", func() bool {
				return strings.Contains(first.Output(), "could not be saved")
			})
			first.Stop(syscall.SIGTERM)
			at.wantSpooled(h, one[0])
			resume()

			second := at.start()
			must.WaitFor(t, time.Minute, "the answer is taken up", func() bool {
				return at.count(`SELECT COUNT(*) FROM marketplaces WHERE credential_version = 2 AND renewal_begun_at IS NULL`) == 1
			})
			at.wantCurrent(h, one)
			must.WaitFor(t, 10*time.Second, "the file is deleted", func() bool { return len(at.spooled()) == 0 })
			if h.Refreshes(one[0].store) != 1 || h.sentTwice() != 0 {
				t.Errorf("%d renewals, %d tokens sent twice\n%s", h.Refreshes(one[0].store), h.sentTwice(), second.Output())
			}
		})
	}
}

// spooled returns the files of the spool.
func (at *place) spooled() []string {
	at.t.Helper()
	names, err := filepath.Glob(at.path("data/spool/*.sealed"))
	must.Do(at.t, err)
	return names
}

// wantSpooled checks that the spool has one answer, sealed and readable only by this user.
func (at *place) wantSpooled(h *hub, one shop) {
	at.t.Helper()
	names := at.spooled()
	if len(names) != 1 {
		at.t.Fatalf("%d files are in the spool, want 1", len(names))
	}
	info, err := os.Lstat(names[0])
	must.Do(at.t, err)
	if info.Mode() != fs.FileMode(0o600) {
		at.t.Errorf("the file has mode %v", info.Mode())
	}
	data, err := os.ReadFile(names[0])
	must.Do(at.t, err)
	for _, secret := range []string{h.CurrentAccess(one.store), h.CurrentRefresh(one.store)} {
		if strings.Contains(string(data), secret) {
			at.t.Error("a token is in the file as it is")
		}
	}
}
