package logging

import (
	"context"
	"io"
	"log/slog"
	"slices"
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
	handler := New(b, format, level).Handler()
	if json, is := handler.(*slog.JSONHandler); is {
		handler = frugal{json, slog.NewJSONHandler(b, &slog.HandlerOptions{Level: level})}
	}
	return slog.New(atOnce{handler, b}), b.flush
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

// frugal is a handler that writes a line without looking for secrets part by part where a glance says that it has none.
type frugal struct {
	slog.Handler              // redacts
	plain        slog.Handler // nil where what was given once for all lines has a secret
}

// Handle implements slog.Handler.
func (h frugal) Handle(ctx context.Context, record slog.Record) error {
	if h.plain == nil || mayHaveSecret(record.Message) {
		return h.Handler.Handle(ctx, record)
	}
	plain := true
	record.Attrs(func(attr slog.Attr) bool {
		plain = isPlain(attr)
		return plain
	})
	if !plain {
		return h.Handler.Handle(ctx, record)
	}
	return h.plain.Handle(ctx, record)
}

// isPlain reports whether redactForJSON leaves an attribute as it is. It may say no of one that it does.
func isPlain(attr slog.Attr) bool {
	switch attr.Value.Kind() {
	case slog.KindAny, slog.KindGroup, slog.KindLogValuer, slog.KindDuration:
		return false
	case slog.KindString:
		if mayHaveSecret(attr.Value.String()) {
			return false
		}
	}
	return !names.areSecret(attr.Key)
}

// WithAttrs implements slog.Handler.
func (h frugal) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := frugal{Handler: h.Handler.WithAttrs(attrs)}
	if h.plain != nil && !slices.ContainsFunc(attrs, func(attr slog.Attr) bool { return !isPlain(attr) }) {
		with.plain = h.plain.WithAttrs(attrs)
	}
	return with
}

// WithGroup implements slog.Handler.
func (h frugal) WithGroup(name string) slog.Handler {
	with := frugal{Handler: h.Handler.WithGroup(name)}
	if h.plain != nil && !names.areSecret(name) {
		with.plain = h.plain.WithGroup(name)
	}
	return with
}
