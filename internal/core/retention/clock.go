package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/retentionclock"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// leap is how far the clock may be ahead of the last sweep, as after a weekend, and be believed at once.
	leap = 3 * day
	// catchUp is how many times faster than real time sweeps follow a clock that is further ahead.
	catchUp = 3
	// clockID is the id of the only row.
	clockID = "clock"
)

// believe returns which time to sweep at. Sweeps have believed the clock up to mark. It shows now, and elapsed has
// passed in this process since its last sweep, which no wrong clock can change.
//
// Nothing that is deleted comes back, so one wrong reading must delete little. A portal that was really off for a month
// catches up within two weeks.
func believe(mark, now time.Time, elapsed time.Duration) time.Time {
	ahead := now.Sub(mark)
	if ahead <= leap {
		return now
	}
	return mark.Add(min(catchUp*elapsed, ahead))
}

// tellTime returns which time a sweep is made at, and notes it for the next one.
func (s *Service) tellTime(ctx context.Context) (time.Time, error) {
	uptime, now := s.uptime(), s.now()
	elapsed := uptime - s.sweptAt
	mark, err := s.readMark(ctx, now.Add(-uptime))
	if err != nil {
		return time.Time{}, err
	}
	at := believe(mark, now, elapsed)
	if at.Before(now) {
		s.log.WarnContext(ctx, "the clock is far ahead of the last time that old data was deleted: deleting goes on slowly. "+
			"Is the clock right?", "clock", now, "deleted_as_of", at)
	}
	err = s.store.Write(store.InBackground(ctx), func(ctx context.Context, tx *ent.Tx) error {
		return tx.RetentionClock.Create().SetID(clockID).SetBelievedAt(later(mark, at)).
			OnConflictColumns(retentionclock.FieldID).UpdateBelievedAt().Exec(ctx)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("note until when old data is deleted: %w", err)
	}
	s.sweptAt = uptime
	return at, nil
}

// readMark returns up to when sweeps have believed the clock. Before the first sweep that is the newest event of the
// audit trail from before this process began, or its beginning.
func (s *Service) readMark(ctx context.Context, began time.Time) (time.Time, error) {
	row, err := s.store.Reader().RetentionClock.Get(ctx, clockID)
	if err == nil {
		return row.BelievedAt, nil
	}
	if !ent.IsNotFound(err) {
		return time.Time{}, fmt.Errorf("read until when old data was deleted: %w", err)
	}
	last, err := s.store.Reader().AuditEvent.Query().Where(auditevent.CreatedAtLT(began)).
		Order(ent.Desc(auditevent.FieldSeq)).Select(auditevent.FieldCreatedAt).First(ctx)
	if ent.IsNotFound(err) {
		return began, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the audit trail ends: %w", err)
	}
	return last.CreatedAt, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
