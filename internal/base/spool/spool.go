// Package spool loses no answer that cannot be asked for again. Who makes a call that spends something says so (Begin),
// and gives what was answered to Save, which tries to save it for as long as the process lives. When the process is to
// stop while the database is away, the answer goes sealed to a file in the data folder, and the next start takes it up.
package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
)

const (
	folder = "spool"
	suffix = ".sealed"
	// reserve is a file that takes the room of some answers, so that there is some on a full disk.
	reserve     = "reserve"
	reserveSize = 1 << 20
	// saveTime bounds one try to save.
	saveTime   = 15 * time.Second
	firstPause = 100 * time.Millisecond
	longPause  = 2 * time.Second
	// tellEvery is how often the log says that an answer still waits.
	tellEvery = time.Minute
)

// StopPatience is how long a stop goes on trying to save an answer before it is written to a file.
const StopPatience = 20 * time.Second

// Answer is what a provider answered.
type Answer struct {
	// Kind says which package takes it up: a short word.
	Kind string `json:"kind"`
	// RowID and ClientID say what it belongs to: it opens for nothing else.
	RowID    string `json:"rowId"`
	ClientID string `json:"clientId"`
	// Plain is the answer itself. It is never written as it is.
	Plain []byte `json:"-"`
}

func (a Answer) place() seal.Place {
	return seal.Place{Table: folder, Column: a.Kind, RowID: a.RowID, ClientID: a.ClientID}
}

// Spool is the spool of one process.
type Spool struct {
	dir      string
	keys     *seal.Keyset
	log      *slog.Logger
	patience time.Duration
	stopping chan struct{}
	stopOnce sync.Once

	mu      sync.Mutex
	calls   int // that spend something, under way
	held    int // answered and not saved
	written int // to files, by this process
}

// Options are what a Spool is made of.
type Options struct {
	// Dir is the data folder.
	Dir  string
	Keys *seal.Keyset
	Log  *slog.Logger
	// Patience is how long a stop goes on trying; StopPatience when it is 0.
	Patience time.Duration
}

// New returns the spool in a data folder, and makes its folder there, for this user alone.
func New(o Options) (*Spool, error) {
	s := &Spool{
		dir: filepath.Join(o.Dir, folder), keys: o.Keys, log: o.Log, patience: o.Patience, stopping: make(chan struct{}),
	}
	if s.patience == 0 {
		s.patience = StopPatience
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	if err := s.reserveRoom(); err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	return s, nil
}

// reserveRoom writes the file that keeps room. On a full disk there is none to be kept, which is no reason not to
// start.
func (s *Spool) reserveRoom() error {
	path := filepath.Join(s.dir, reserve)
	if info, err := os.Stat(path); err == nil && info.Size() >= reserveSize {
		return nil
	}
	err := os.WriteFile(path, make([]byte, reserveSize), 0o600)
	if err != nil && isFull(err) {
		s.log.Warn("no room could be kept for answers of providers: the disk is full", "path", path)
		return nil
	}
	return err
}

// Begin says that a call is under way whose answer cannot be asked for again. done says that it is over: saved, or
// nothing worth saving.
func (s *Spool) Begin() (done func()) {
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.calls--
		s.mu.Unlock()
	})
}

// Waiting returns how many calls are under way, and how many answers are held that could not be saved yet.
func (s *Spool) Waiting() (calls, held int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.held
}

// Drain waits until no call is under way any more whose answer cannot be asked for again, and every answer is saved or
// written to a file. It is called when nothing begins such calls any more, and says in the log what it waits for.
func (s *Spool) Drain() {
	s.Stop()
	told := time.Time{}
	for {
		calls, held := s.Waiting()
		if calls == 0 && held == 0 {
			return
		}
		if time.Since(told) >= 10*time.Second {
			s.log.Info("waiting for calls to providers whose answers cannot be asked for again", "calls", calls, "held", held)
			told = time.Now()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Stop says that the process is to end: what cannot be saved soon is written to files.
func (s *Spool) Stop() { s.stopOnce.Do(func() { close(s.stopping) }) }

// Save saves an answer by save, which is called again after each failure, with growing pauses, for as long as the
// process lives. Once it is to stop and the database stays away, the answer is written sealed to a file, and Save
// returns false. retry, which may be nil, is called before each further try.
func (s *Spool) Save(a Answer, save func(context.Context) error, retry func(context.Context)) (saved bool) {
	err := try(save)
	if err == nil {
		return true
	}
	s.countHeld(1)
	defer s.countHeld(-1)
	s.log.Error("an answer of a provider could not be saved: it is held and tried again", "kind", a.Kind, "row", a.RowID,
		"err", err)
	told := time.Now()
	var giveUp <-chan time.Time
	stopping := s.stopping
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		select {
		case <-time.After(pause):
		case <-stopping:
			stopping = nil
			giveUp = time.After(s.patience)
		case <-giveUp:
			writeErr := s.Keep(a)
			if writeErr == nil {
				s.log.Warn("an answer of a provider was written to the spool: the next start saves it", "kind", a.Kind,
					"row", a.RowID)
				return false
			}
			s.log.Error("an answer of a provider could not be written to the spool", "kind", a.Kind, "row", a.RowID,
				"err", writeErr)
			giveUp = time.After(time.Second)
		}
		if retry != nil {
			_ = try(func(ctx context.Context) error { retry(ctx); return nil })
		}
		if err = try(save); err == nil {
			s.log.Info("an answer of a provider is saved after all", "kind", a.Kind, "row", a.RowID)
			return true
		}
		if time.Since(told) >= tellEvery {
			s.log.Error("an answer of a provider still cannot be saved", "kind", a.Kind, "row", a.RowID, "err", err)
			told = time.Now()
		}
	}
}

func try(save func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), saveTime)
	defer cancel()
	return save(ctx)
}

func (s *Spool) countHeld(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += n
}

// file is what a file of the spool has in it.
type file struct {
	Answer
	Sealed []byte `json:"sealed"`
}

// Keep writes an answer sealed to a file.
func (s *Spool) Keep(a Answer) error {
	sealed, err := s.keys.SealUnconfirmed(a.place(), a.Plain)
	if err != nil {
		return fmt.Errorf("seal the answer: %w", err)
	}
	data, err := json.Marshal(file{Answer: a, Sealed: sealed})
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	s.mu.Lock()
	s.written++
	name := fmt.Sprintf("%s-%s-%d-%d%s", a.Kind, a.RowID, time.Now().UnixNano(), s.written, suffix)
	s.mu.Unlock()
	path := filepath.Join(s.dir, name)
	err = writeDurably(path, data)
	if isFull(err) { // the room that was kept for this
		_ = os.Remove(filepath.Join(s.dir, reserve)) // if it is not there, there is nothing to gain
		err = writeDurably(path, data)
	}
	return err
}

// writeDurably writes a file that is there whole or not at all, also after the power went.
func writeDurably(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(path+".new")))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Files returns how many answers wait in the files of a data folder.
func Files(dir string) (int, error) {
	names, err := list(filepath.Join(dir, folder))
	return len(names), err
}

func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the spool: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// TakeUp gives the answers of a kind that an earlier process wrote to save, one after the other, and deletes what was
// saved. An error of save leaves the file: the caller calls again, and the other answers do not wait for this one. A
// file that does not open stays where it is and is told.
func (s *Spool) TakeUp(ctx context.Context, kind string, save func(context.Context, Answer) error) error {
	names, err := list(s.dir)
	if err != nil {
		return err
	}
	var failed []error
	for _, name := range names {
		if ctx.Err() != nil {
			return errors.Join(append(failed, ctx.Err())...)
		}
		path := filepath.Join(s.dir, name)
		a, err := s.read(path)
		if err != nil {
			s.log.ErrorContext(ctx, "a file of the spool cannot be read: it stays for a person", "path", path, "err", err)
			continue
		}
		if a.Kind != kind {
			continue
		}
		bounded, cancel := context.WithTimeout(ctx, saveTime)
		err = save(bounded, a)
		cancel()
		if err != nil {
			failed = append(failed, fmt.Errorf("save the answer in %s: %w", path, err))
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("delete the saved answer: %w", err)
		}
		s.log.InfoContext(ctx, "an answer of a provider was taken up from the spool", "kind", a.Kind, "row", a.RowID)
	}
	return errors.Join(failed...)
}

func (s *Spool) read(path string) (Answer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Answer{}, err
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return Answer{}, errors.New("it is not an answer")
	}
	f.Plain, err = s.keys.Open(f.place(), f.Sealed)
	return f.Answer, err
}
