package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// newWitness makes the row of a keyset and returns the witness of a trail that has not begun.
func newWitness(t *testing.T, s *store.Store) audit.Witness {
	t.Helper()
	must.Do(t, s.Write(asSystem(t), func(ctx context.Context, tx *ent.Tx) error {
		return tx.Keyset.Create().SetID("keyset").SetEncrypted([]byte{1}).SetCanary([]byte{1}).Exec(ctx)
	}))
	return audit.Witness{Store: s, Keys: keys, File: filepath.Join(t.TempDir(), "master.key.anchor")}
}

// noted appends events and notes how far the trail has come.
func noted(t *testing.T, w audit.Witness, n int) audit.Anchor {
	t.Helper()
	appendEvents(t, w.Store, n)
	at, problems, err := w.Note(t.Context())
	must.Do(t, err)
	if len(problems) > 0 || at.String() != head(t, w.Store).String() {
		t.Fatalf("noted %s, wrong is %q", at, problems)
	}
	return at
}

// wantProblems fails unless a quick look finds problems with these words, in this order, and no other.
func wantProblems(t *testing.T, w audit.Witness, want ...string) {
	t.Helper()
	got, err := w.Check(t.Context())
	must.Do(t, err)
	for i, problem := range got {
		if i >= len(want) || !strings.Contains(problem, want[i]) {
			t.Errorf("found %q, want %q", got, want)
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// wantBrokenBy fails unless the chain, walked against what was noted, is broken at an event.
func wantBrokenBy(t *testing.T, w audit.Witness, seq int64) {
	t.Helper()
	notes, _, err := w.Notes(t.Context())
	must.Do(t, err)
	_, err = audit.Verify(t.Context(), w.Store, keys, notes, func(int64, int64) {})
	var broken *audit.Broken
	if !errors.As(err, &broken) || broken.Seq != seq {
		t.Errorf("got %v, want broken at %d", err, seq)
	}
}

// wipe empties the trail outside the program. On SQLite it drops the triggers too.
func wipe(t *testing.T, s *store.Store, more ...string) {
	t.Helper()
	must.Do(t, raw(t, s, false, append(more,
		`DELETE FROM audit_events`, `DELETE FROM audit_heads`, `DELETE FROM audit_checkpoints`)...))
}

// withoutGuards returns what Check reports of the triggers that wipe dropped, if any.
func withoutGuards(s *store.Store) []string {
	if s.Dialect() == dialect.SQLite {
		return []string{"it lacks the triggers audit_events_no_update, audit_events_no_delete"}
	}
	return nil
}

// Proves: 11.3
func TestAWipedTrailIsBrokenAndNeverWholeAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		noted(t, w, 4)
		wipe(t, s)
		cut := []string{"the note beside the keyset knows event 5", w.File + " knows event 5"}
		wantProblems(t, w, append(cut, withoutGuards(s)...)...)
		if older, err := w.IsOlder(t.Context()); err != nil || older {
			t.Errorf("a trail without its end, whose note is there, is taken for an older copy (%v)", err)
		}
		wantBrokenBy(t, w, 1)
		if at := head(t, s); at.Seq != 0 {
			t.Errorf("looking at it began a chain: %s", at)
		}

		appendEvents(t, s, 4) // the portal goes on: behind what is known, and says so
		if at := head(t, s); at.Seq != 10 {
			t.Errorf("the chain goes on to event %d, want 10", at.Seq)
		}
		wantBrokenBy(t, w, 1)
		missing := []string{"event 5 is missing, which " + w.File}
		wantProblems(t, w, append(missing, withoutGuards(s)...)...)
		_, problems, err := w.Note(t.Context())
		must.Do(t, err)
		if len(problems) == 0 {
			t.Error("a wiped trail was noted as if it were whole")
		}
		wantBrokenBy(t, w, 1)
	})
}

// Proves: 11.3
func TestATrailThatWasWipedWithItsNoteIsFoundByTheAnchorFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		noted(t, w, 4)
		wipe(t, s, `UPDATE keysets SET trail_anchor = NULL, trail_mac = NULL`)
		must.Do(t, audit.Begin(t.Context(), s)) // nothing in the database says that there was one
		wantProblems(t, w, append([]string{"it ends at event 1, and " + w.File + " knows event 5"}, withoutGuards(s)...)...)
		wantBrokenBy(t, w, 2)
	})
}

func TestAnEndThatWasCutOffIsFoundByTheProgramsOwnNotes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		noted(t, w, 9)
		must.Do(t, raw(t, s, false, `DELETE FROM audit_events WHERE seq > 8`,
			`UPDATE audit_heads SET seq = 8, hash = (SELECT hash FROM audit_events WHERE seq = 8)`))
		cut := []string{"the note beside the keyset knows event 10", w.File + " knows event 10"}
		wantProblems(t, w, append(cut, withoutGuards(s)...)...)
		wantBrokenBy(t, w, 9)
		appendEvents(t, s, 4) // and grown again
		cut = []string{"event 10 is not the one that the note", "event 10 is not the one that " + w.File}
		wantProblems(t, w, append(cut, withoutGuards(s)...)...)
		wantBrokenBy(t, w, 10)
	})
}

func TestAForgedNoteIsReportedAndNotUsed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		noted(t, w, 4)
		must.Do(t,
			raw(t, s, true, `UPDATE keysets SET trail_anchor = '`+audit.Anchor{Seq: 2, Hash: make([]byte, 32)}.String()+`'`))
		wantProblems(t, w, "the note beside the keyset was not made by this installation")
		must.Do(t, os.WriteFile(w.File, []byte("nonsense"), 0o600))
		wantProblems(t, w, "the note beside the keyset was not made by this installation", w.File+" is no anchor")
	})
}

func TestTheAnchorOfAnotherInstallationIsPutAside(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	w := newWitness(t, s)
	other := audit.Anchor{Seq: 900, Hash: make([]byte, 32)}.String() + " of-another\n"
	must.Do(t, os.WriteFile(w.File, []byte(other), 0o600))
	at := noted(t, w, 4)
	text, err := os.ReadFile(w.File)
	must.Do(t, err)
	if !strings.HasPrefix(string(text), at.String()+" ") {
		t.Errorf("the file says %s", text)
	}
	aside, err := filepath.Glob(w.File + ".before-*")
	must.Do(t, err)
	if len(aside) != 1 {
		t.Fatalf("put aside: %v", aside)
	}
	if text, err = os.ReadFile(aside[0]); err != nil || string(text) != other {
		t.Errorf("%s, %v", text, err)
	}
	left, err := filepath.Glob(w.File + "*")
	must.Do(t, err)
	if len(left) != 2 {
		t.Errorf("left are %v", left)
	}
}

func TestNotedEventsMayBeTrimmed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		noted(t, w, 4)
		appendEvents(t, s, 4)
		if _, err := audit.Trim(t.Context(), s, keys, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		wantProblems(t, w)
		notes, _, err := w.Notes(t.Context())
		must.Do(t, err)
		if _, err := audit.Verify(t.Context(), s, keys, notes, func(int64, int64) {}); err != nil {
			t.Error(err)
		}
		noted(t, w, 2)
	})
}

// Proves: 11.3
func TestATriggerThatIsTurnedOffIsFound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		noted(t, w, 2)
		off, name := `DROP TRIGGER audit_heads_forward`, "audit_heads_forward"
		if s.Dialect() == dialect.Postgres {
			off, name = `ALTER TABLE audit_heads DISABLE TRIGGER audit_heads_guarded`, "audit_heads_guarded"
		}
		must.Do(t, raw(t, s, true, off))
		wantProblems(t, w, "it lacks the triggers "+name)
	})
}

func TestRestartNotesARestoredTrailThatIsShorterThanItsNotes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWitness(t, s)
		appendEvents(t, s, 2)
		later := audit.Anchor{Seq: 50, Hash: bytes.Repeat([]byte{7}, 32)}
		before := noted(t, w, 2)
		text, err := os.ReadFile(w.File)
		must.Do(t, err)
		must.Do(t, os.WriteFile(w.File, bytes.Replace(text, []byte(before.String()), []byte(later.String()), 1), 0o600))
		wantProblems(t, w, "knows event 50")
		had, err := w.Restart(t.Context())
		must.Do(t, err)
		if had.String() != later.String() {
			t.Errorf("it had come to %s", had)
		}
		wantProblems(t, w)
	})
}

// Proves: 11.3
func TestTheLogSaysHowFarTheTrailHasComeOrWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	for _, wiped := range []bool{false, true} {
		s := storetest.SQLite(t)
		w := newWitness(t, s)
		want := "anchor=" + noted(t, w, 1).String()
		if wiped {
			wipe(t, s)
			want = "level=ERROR"
		}
		ctx, stop := context.WithCancel(t.Context())
		var log bytes.Buffer
		w.Watch(ctx, slog.New(stopAfter{slog.NewTextHandler(&log, nil), want, stop}))
		if !strings.Contains(log.String(), want) || wiped && !strings.Contains(log.String(), "its end was cut off") {
			t.Errorf("the log says %s", log.String())
		}
	}
}

// stopAfter calls stop after the log line that contains a text.
type stopAfter struct {
	slog.Handler
	last string
	stop func()
}

func (h stopAfter) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	found := "level=" + r.Level.String()
	r.Attrs(func(a slog.Attr) bool {
		found += " " + a.String()
		return true
	})
	if strings.Contains(found, h.last) {
		h.stop()
	}
	return err
}
