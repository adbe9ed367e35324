// Package backlog collects notes that requests leave, to save them later and together: a read never writes.
package backlog

import (
	"context"
	"maps"
	"sync"
	"time"
)

// lastSave bounds the save at the end.
const lastSave = 5 * time.Second

// Latest holds the newest unsaved note of each id. The zero value is empty; it is safe for concurrent use.
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

// Take returns all notes, to be saved, and clears them.
func (l *Latest[V]) Take() map[string]V {
	l.mu.Lock()
	defer l.mu.Unlock()
	pending := l.last
	l.last = nil
	return pending
}

// PutBack returns notes that could not be saved. A note made meanwhile is newer and stays.
func (l *Latest[V]) PutBack(pending map[string]V) {
	if len(pending) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.Copy(pending, l.last)
	l.last = pending
}

// SaveEvery calls save every so often until ctx ends, and then saveAll once. It passes errors to report.
func SaveEvery(
	ctx context.Context, every time.Duration, save, saveAll func(context.Context) error, report func(error),
) {
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
			if err := saveAll(last); err != nil {
				report(err)
			}
			return
		}
	}
}
