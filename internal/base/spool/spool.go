// Package spool loses no answer that cannot be asked for again. A caller announces a call that spends a token (Begin),
// and passes the answer to Save, which retries for as long as the process lives. When the process stops while the
// database is away, Save writes the answer sealed to a file in the data folder. The next start saves it from there.
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
	// reserve is a file that reserves room for some answers on a full disk.
	reserve     = "reserve"
	reserveSize = 1 << 20
	// saveTime bounds one try to save.
	saveTime   = 15 * time.Second
	firstPause = 100 * time.Millisecond
	longPause  = 2 * time.Second
	// tellEvery is how often the log reports an answer that still waits.
	tellEvery = time.Minute
)

// StopPatience is how long a stop retries the save of an answer before it is written to a file.
const StopPatience = 20 * time.Second

// Answer is what a provider answered.
type Answer struct {
	// Kind is a short word for the package that saves the answer.
	Kind string `json:"kind"`
	// RowID and ClientID name the row that the answer belongs to: it opens for no other.
	RowID    string `json:"rowId"`
	ClientID string `json:"clientId"`
	// Plain is the answer itself. It is never written unsealed.
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
	calls   int // under way that spend a token
	held    int // answered and not saved
	written int // to files, by this process
}

// Options are what a Spool is made of.
type Options struct {
	// Dir is the data folder.
	Dir  string
	Keys *seal.Keyset
	Log  *slog.Logger
	// Patience is how long a stop retries; StopPatience when it is 0.
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

// reserveRoom writes the file that reserves room. A full disk does not stop the start: it has no room to reserve.
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

// Begin counts a call whose answer cannot be asked for again. The caller calls done when the answer is saved, or needs
// no save.
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

// Drain waits until no such call is under way, and every answer is saved or written to a file. It is called when no
// such call can begin any more, and logs what it waits for.
func (s *Spool) Drain() {
	s.Stop()
	logged := time.Time{}
	for {
		calls, held := s.Waiting()
		if calls == 0 && held == 0 {
			return
		}
		if time.Since(logged) >= 10*time.Second {
			s.log.Info("waiting for calls to providers whose answers cannot be asked for again", "calls", calls, "held", held)
			logged = time.Now()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Stop announces the end of the process: answers that cannot be saved soon are written to files.
func (s *Spool) Stop() { s.stopOnce.Do(func() { close(s.stopping) }) }

// Save calls save until it succeeds, with growing pauses, for as long as the process lives. After Stop, when the
// database stays away, it writes the answer sealed to a file and returns false. retry, which may be nil, is called
// before each further try.
func (s *Spool) Save(a Answer, save func(context.Context) error, retry func(context.Context)) (saved bool) {
	err := try(save)
	if err == nil {
		return true
	}
	s.countHeld(1)
	defer s.countHeld(-1)
	s.log.Error("an answer of a provider could not be saved: it is held and tried again", "kind", a.Kind, "row", a.RowID,
		"err", err)
	logged := time.Now()
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
		if time.Since(logged) >= tellEvery {
			s.log.Error("an answer of a provider still cannot be saved", "kind", a.Kind, "row", a.RowID, "err", err)
			logged = time.Now()
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

// file is the content of a file of the spool.
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
	if isFull(err) { // use the reserved room
		_ = os.Remove(filepath.Join(s.dir, reserve)) // if it is not there, there is nothing to gain
		err = writeDurably(path, data)
	}
	return err
}

// writeDurably writes a file as a whole or not at all, even if the power fails.
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

// TakeUp passes the answers of a kind that an earlier process wrote to save, one after the other, and deletes each that
// is saved. A failed save leaves its file and does not stop the others: the caller calls TakeUp again. A file that does
// not open stays where it is and is logged.
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
