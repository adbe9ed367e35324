package logging

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// flushAfter is the longest time that a line waits for others.
	flushAfter = 100 * time.Millisecond
	// flushAt is how many bytes are written at the latest.
	flushAt = 32 << 10
)

// NewBuffered is New for a program that writes many lines: they are written together, within a tenth of a second.
// Warnings and errors are written at once, and what a person sees on a terminal. The caller calls flush at the end.
func NewBuffered(w io.Writer, format Format, level slog.Leveler) (log *slog.Logger, flush func()) {
	if isTerminal(w) {
		return New(w, format, level), func() {}
	}
	b := &buffer{to: w, lines: make([]byte, 0, flushAt)}
	return slog.New(atOnce{New(b, format, level).Handler(), b}), b.flush
}

// buffer collects whole lines and writes them together, in their order.
type buffer struct {
	to io.Writer

	mu    sync.Mutex
	lines []byte
	waits *time.Timer // until the lines are written; nil when there are none
}

// Write implements io.Writer for a handler, which writes a line at a time.
func (b *buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines)+len(line) > flushAt {
		b.writeOut()
	}
	b.lines = append(b.lines, line...)
	if b.waits == nil {
		b.waits = time.AfterFunc(flushAfter, b.flush)
	}
	return len(line), nil
}

// flush writes the lines that wait.
func (b *buffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writeOut()
}

func (b *buffer) writeOut() {
	if b.waits != nil {
		b.waits.Stop()
		b.waits = nil
	}
	if len(b.lines) == 0 {
		return
	}
	_, _ = b.to.Write(b.lines) // there is no other place to tell of it
	if b.lines = b.lines[:0]; cap(b.lines) > 2*flushAt {
		b.lines = make([]byte, 0, flushAt) // after a line that was unusually long
	}
}

// atOnce is a handler that leaves no warning and no error in the buffer.
type atOnce struct {
	slog.Handler
	buffer *buffer
}

// Handle implements slog.Handler.
func (h atOnce) Handle(ctx context.Context, record slog.Record) error {
	err := h.Handler.Handle(ctx, record)
	if record.Level >= slog.LevelWarn {
		h.buffer.flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h atOnce) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atOnce{h.Handler.WithAttrs(attrs), h.buffer}
}

// WithGroup implements slog.Handler.
func (h atOnce) WithGroup(name string) slog.Handler {
	return atOnce{h.Handler.WithGroup(name), h.buffer}
}
