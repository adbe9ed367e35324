package spool

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
)

const secret = "the-refresh-token-that-nobody-may-read"

var (
	answer  = Answer{Kind: "renewal", RowID: "mkt_1", ClientID: "cli_1", Plain: []byte(secret)}
	errAway = errors.New("the database is away")
)

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// place is a data folder with its keys and its log: all that outlives a process.
type place struct {
	dir  string
	keys *seal.Keyset
	log  *logBuffer
}

func newPlace(t *testing.T) place {
	t.Helper()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	return place{t.TempDir(), keys, &logBuffer{}}
}

// start returns the spool of a new process, with a short patience.
func (p place) start(t *testing.T) *Spool {
	t.Helper()
	s, err := New(
		Options{Dir: p.dir, Keys: p.keys, Log: slog.New(slog.NewTextHandler(p.log, nil)), Patience: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files returns the names of the spooled answers, and fails when the secret stands in any file or in the log.
func (p place) files(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("%s has the answer in clear", path)
		}
		if strings.HasSuffix(path, suffix) {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.log.String(), secret) {
		t.Error("the log has the answer in clear")
	}
	return names
}

func away(context.Context) error { return errAway }

// taken collects the answers of a kind in a list.
func taken(t *testing.T, s *Spool, kind string) (got []Answer) {
	t.Helper()
	if err := s.TakeUp(t.Context(), kind, func(_ context.Context, a Answer) error {
		got = append(got, a)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAnAnswerThatIsSavedAtOnceIsNotSpooled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	if !s.Save(answer, func(context.Context) error { return nil }, nil) {
		t.Error("it is not saved")
	}
	if files := p.files(t); len(files) > 0 {
		t.Errorf("files: %v", files)
	}
}

func TestAnAnswerIsHeldUntilItIsSaved(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	tries, retries := 0, 0
	saved := s.Save(answer, func(ctx context.Context) error {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("a try has no end")
		}
		if tries++; tries == 1 {
			return errAway
		}
		if _, held := s.Waiting(); held != 1 {
			t.Errorf("%d answers are held", held)
		}
		if tries < 4 {
			return errAway
		}
		return nil
	}, func(context.Context) {
		if retries++; retries != tries {
			t.Errorf("retry %d comes after try %d", retries, tries)
		}
	})
	if _, held := s.Waiting(); !saved || tries != 4 || retries != 3 || held != 0 {
		t.Errorf("saved %t, %d tries, %d retries, %d held", saved, tries, retries, held)
	}
	if files := p.files(t); len(files) > 0 {
		t.Errorf("files: %v", files)
	}
}

// TestThePausesGrow counts tries. A slow machine makes fewer; with a constant pause there would be many more.
func TestThePausesGrow(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	begun, tries := time.Now(), 0
	s.Save(answer, func(context.Context) error {
		tries++
		if time.Since(begun) > 2*time.Second {
			return nil
		}
		return errAway
	}, nil)
	if tries > 7 { // at 0, 0.1, 0.3, 0.7, 1.5 and 3.1 seconds
		t.Errorf("%d tries in about two seconds", tries)
	}
}

func TestAStopWritesWhatCannotBeSavedAndTheNextStartTakesItUp(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	s.Stop()
	if s.Save(answer, away, nil) {
		t.Error("it says that it is saved")
	}
	files := p.files(t)
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(files[0])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the mode of its folder is %v (%v)", info.Mode(), err)
	}
	if n, err := Files(p.dir); n != 1 || err != nil {
		t.Errorf("%d answers wait (%v)", n, err)
	}
	next := p.start(t)
	if got := taken(t, next, "grant"); len(got) > 0 {
		t.Errorf("another kind takes up %v", got)
	}
	got := taken(t, next, "renewal")
	if len(got) != 1 || got[0].RowID != answer.RowID || got[0].ClientID != answer.ClientID ||
		string(got[0].Plain) != secret {
		t.Errorf("it takes up %d answers", len(got))
	}
	if n, err := Files(p.dir); n != 0 || err != nil {
		t.Errorf("%d answers wait after that (%v)", n, err)
	}
}

func TestAStopInTheMiddleEndsTheWaiting(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	first := make(chan struct{})
	ended := make(chan bool)
	go func() {
		ended <- s.Save(answer, func(context.Context) error {
			select {
			case <-first:
			default:
				close(first)
			}
			return errAway
		}, nil)
	}()
	<-first
	s.Stop()
	if <-ended {
		t.Error("it says that it is saved")
	}
	if files := p.files(t); len(files) != 1 {
		t.Errorf("files: %v", files)
	}
}

func TestAnAnswerIsSavedWithinThePatienceOfAStop(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	s.patience = time.Hour
	s.Stop()
	tries := 0
	if !s.Save(answer, func(context.Context) error {
		if tries++; tries < 3 {
			return errAway
		}
		return nil
	}, nil) {
		t.Error("it is not saved")
	}
	if files := p.files(t); len(files) > 0 {
		t.Errorf("files: %v", files)
	}
}

func TestDrainWaitsForCallsAndHeldAnswers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	s.patience = time.Hour
	done := s.Begin()
	var back atomic.Bool
	saved := make(chan bool)
	drained := make(chan struct{})
	go func() {
		s.Drain()
		close(drained)
	}()
	go func() {
		defer done()
		saved <- s.Save(answer, func(context.Context) error {
			if !back.Load() {
				return errAway
			}
			return nil
		}, nil)
	}()
	select {
	case <-drained:
		t.Fatal("it did not wait")
	case <-time.After(300 * time.Millisecond):
	}
	if calls, _ := s.Waiting(); calls != 1 {
		t.Errorf("%d calls are under way", calls)
	}
	back.Store(true)
	if !<-saved {
		t.Error("the answer is not saved")
	}
	<-drained
	if calls, held := s.Waiting(); calls != 0 || held != 0 {
		t.Errorf("%d calls, %d held", calls, held)
	}
	done() // again: it counts once
	if calls, _ := s.Waiting(); calls != 0 {
		t.Errorf("%d calls are under way", calls)
	}
}

func TestAFileThatIsDamagedStaysForAPerson(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	for _, row := range []string{"a", "b", "c", "d"} {
		if err := s.Keep(Answer{Kind: "renewal", RowID: row, Plain: []byte(secret)}); err != nil {
			t.Fatal(err)
		}
	}
	files := p.files(t)
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, damaged := range [][]byte{content[:len(content)/2],
		bytes.Replace(content, []byte(`"a"`), []byte(`"x"`), 1), nil} {
		if err := os.WriteFile(files[i], damaged, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := taken(t, p.start(t), "renewal")
	if len(got) != 1 || got[0].RowID != "d" {
		t.Errorf("it takes up %d answers", len(got))
	}
	if left := p.files(t); !slices.Equal(left, files[:3]) {
		t.Errorf("there are still %v", left)
	}
	if n := strings.Count(p.log.String(), "it stays for a person"); n != 3 {
		t.Errorf("the log tells of %d files", n)
	}
}

func TestAnAnswerOpensWithItsOwnKeysOnly(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	if err := p.start(t).Keep(answer); err != nil {
		t.Fatal(err)
	}
	other := newPlace(t)
	other.dir = p.dir
	if got := taken(t, other.start(t), "renewal"); len(got) > 0 {
		t.Error("other keys open it")
	}
	if got := taken(t, p.start(t), "renewal"); len(got) != 1 {
		t.Error("its own keys do not open it afterwards")
	}
}

func TestAnAnswerThatCannotBeSavedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	for _, row := range []string{"a", "b", "c"} {
		if err := s.Keep(Answer{Kind: "renewal", RowID: row, Plain: []byte(secret)}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := s.TakeUp(t.Context(), "renewal", func(_ context.Context, a Answer) error {
		if got = append(got, a.RowID); a.RowID == "a" {
			return errAway
		}
		return nil
	})
	if !errors.Is(err, errAway) || !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%v after %v", err, got)
	}
	if again := taken(t, s, "renewal"); len(again) != 1 || again[0].RowID != "a" {
		t.Errorf("the next time it takes up %d answers", len(again))
	}
}

func TestTwoAnswersForOneRowAreTwoFiles(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.start(t)
	for range 2 {
		if err := s.Keep(answer); err != nil {
			t.Fatal(err)
		}
	}
	if files := p.files(t); len(files) != 2 {
		t.Errorf("files: %v", files)
	}
}

func TestAFolderWithoutASpoolHasNoAnswers(t *testing.T) {
	t.Parallel()
	if n, err := Files(t.TempDir()); n != 0 || err != nil {
		t.Errorf("%d answers (%v)", n, err)
	}
}
