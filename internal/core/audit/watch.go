package audit

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// noteEvery is how often the end of the chain is noted, and announceEvery how often it is logged.
	noteEvery     = time.Minute
	announceEvery = time.Hour
	// noteTime is the deadline of one note.
	noteTime = 10 * time.Second
)

// Watch checks and notes the trail at once, every minute until ctx ends, and then once more. When something is wrong
// with it, it logs an error. Every hour it logs the head as an anchor, because the log is kept apart from the database.
func (w Witness) Watch(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(noteEvery)
	defer ticker.Stop()
	var reported string
	var announced time.Time
	for ended := false; ; {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
		head, problems, err := w.Note(bounded)
		cancel()
		if head.Seq > 0 && time.Since(announced) >= announceEvery {
			log.InfoContext(ctx, "head of the audit chain", "anchor", head.String())
			announced = time.Now()
		}
		message, wrong := "THE AUDIT TRAIL IS NOT WHAT WAS WRITTEN: find out who did it, and restore a backup from before",
			strings.Join(problems, "; ")
		if err != nil {
			message, wrong = "the audit trail could not be checked or noted", err.Error()
		}
		if wrong != "" && wrong != reported {
			log.ErrorContext(ctx, message, "wrong", wrong)
		}
		reported = wrong
		if ended {
			return
		}
		select {
		case <-ctx.Done():
			ended = true
		case <-ticker.C:
		}
	}
}

// denialsEvery is the least time between two events of the same denial.
const denialsEvery = time.Minute

// Denials records which principal was denied which field.
type Denials struct {
	store *store.Store
	now   func() time.Time
	log   *slog.Logger
	seen  *Seldom[denial]
}

// denial is a principal and the field that it may not ask for.
type denial struct{ kind, id, field string }

// NewDenials returns a recorder; now is the clock.
func NewDenials(s *store.Store, now func() time.Time, log *slog.Logger) *Denials {
	return &Denials{store: s, now: now, log: log, seen: NewSeldom[denial](denialsEvery)}
}

// RecordDenial records that the principal of ctx was denied a field of the API, at most once a minute per principal and
// field. The request is refused either way, so an error is only logged.
func (d *Denials) RecordDenial(ctx context.Context, field string) {
	what := denial{field: field}
	switch p := principal.From(ctx).(type) {
	case principal.Operator:
		what.kind, what.id = "operator", p.ID
	case principal.Key:
		what.kind, what.id = "key", p.ID
	default:
		return // a caller without a principal is refused earlier, and not recorded
	}
	if !d.seen.Admit(what, d.now()) {
		return
	}
	event := Event{Action: "access.denied", ObjectID: field, Refused: true}
	if key, ok := principal.From(ctx).(principal.Key); ok {
		event.ClientID = key.ClientID
	}
	err := d.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return Append(ctx, tx, event) })
	if err != nil {
		d.log.ErrorContext(ctx, "a denial was not recorded", "field", field, "request_id", OriginFrom(ctx).RequestID,
			"err", err)
	}
}
