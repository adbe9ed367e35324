package logging

import (
	"io"
	"log/slog"
)

// NewText returns a logger in the text form of a terminal, without a terminal.
func NewText(w io.Writer, coloured bool, level slog.Leveler) *slog.Logger {
	return slog.New(text(w, coloured, level))
}

// Verdicts returns how many names have a remembered verdict.
func Verdicts() (n int) {
	names.known.Range(func(any, any) bool { n++; return true })
	return n
}
