package logging

import (
	"io"
	"log/slog"
)

// NewText lets a test have the text form of a terminal without one.
func NewText(w io.Writer, coloured bool, level slog.Leveler) *slog.Logger {
	return slog.New(text(w, coloured, level))
}
