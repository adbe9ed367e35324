// Package backlog keeps what requests leave to be saved later and together: a read never writes.
package backlog

import (
	"context"
	"maps"
	"sync"
	"time"
)

// lastSave bounds the save when all ends.
const lastSave = 5 * time.Second

// Latest is the newest note of each id that is not saved yet. The zero value has none; it is safe for concurrent use.
type Latest[V any] struct {
	mu   sync.Mutex
	last map[string]V
}

// Note replaces the note of an id.
func (l *Latest[V]) Note(id string, note V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[string]V{}
	}
	l.last[id] = note
}

// Take returns all notes, to be saved, and forgets them.
func (l *Latest[V]) Take() map[string]V {
	l.mu.Lock()
	defer l.mu.Unlock()
	pending := l.last
	l.last = nil
	return pending
}

// PutBack takes back notes that could not be saved. What was noted meanwhile is newer and stays.
func (l *Latest[V]) PutBack(pending map[string]V) {
	if len(pending) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.Copy(pending, l.last)
	l.last = pending
}

// SaveEvery calls save every so often until ctx ends, and once more then. report is told of an error.
func SaveEvery(ctx context.Context, every time.Duration, save func(context.Context) error, report func(error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := save(ctx); err != nil && ctx.Err() == nil { // otherwise the last save follows
				report(err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
			defer cancel()
			if err := save(last); err != nil {
				report(err)
			}
			return
		}
	}
}
