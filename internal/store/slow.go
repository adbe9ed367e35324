package store

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/span"
)

const (
	// slowEvery is how often there is such a line: when the disk is slow each statement is.
	slowEvery = time.Second
	// shownText is how many bytes of a statement are shown. It has no values, which are arguments.
	shownText = 300
)

// slowLog tells of slow statements: those that take longer than after.
type slowLog struct {
	log   *slog.Logger
	after time.Duration

	mu     sync.Mutex
	told   time.Time
	hidden int // slow statements since, which were not told of
}

// note tells of a statement that began at an instant, if it was slow. It adds each, without its text, to the trace of
// the context, if that has one.
func (l *slowLog) note(ctx context.Context, statement string, began time.Time) {
	now := time.Now()
	took := now.Sub(began)
	span.Past(ctx, "ask database", took, false)
	if took >= l.after {
		l.tell(ctx, statement, took, now)
	}
}

func (l *slowLog) tell(ctx context.Context, statement string, took time.Duration, now time.Time) {
	l.mu.Lock()
	if now.Sub(l.told) < slowEvery {
		l.hidden++
		l.mu.Unlock()
		return
	}
	hidden := l.hidden
	l.told, l.hidden = now, 0
	l.mu.Unlock()
	text := strings.Join(strings.Fields(statement), " ")
	if len(text) > shownText {
		text = text[:shownText] + "..."
	}
	l.log.WarnContext(ctx, "a statement was slow", "took", took, "statement", text, "others_not_shown", hidden)
}
