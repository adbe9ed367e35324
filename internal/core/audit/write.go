package audit

import (
	"context"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// WriteAs runs change in one transaction with the rights of the program, at a task of the program. It records the event
// that change returns as an act of actor. An event without an action says that nothing changed, and is not recorded.
func WriteAs(
	ctx context.Context, s *store.Store, actor principal.Operator, task string,
	change func(ctx context.Context, tx *ent.Tx) (Event, error),
) error {
	return s.Write(principal.AsSystem(ctx, task), func(ctx context.Context, tx *ent.Tx) error {
		event, err := change(ctx, tx)
		if err != nil || event.Action == "" {
			return err
		}
		return Append(principal.With(ctx, actor), tx, event)
	})
}

// Difference returns the change of one field, and none when the field stays as it was.
func Difference[T comparable](field string, before, after T) []Change {
	if before == after {
		return nil
	}
	return []Change{{Field: field, Old: before, New: after}}
}
