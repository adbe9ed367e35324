package audit

import (
	"context"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// WriteAs runs change in one transaction with the rights of the program, as the named task. It records the event that
// change returns with actor as its actor. An event without an action means that nothing changed, and is not recorded.
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

// Difference returns the change of one field, or none when the field is unchanged.
func Difference[T comparable](field string, before, after T) []Change {
	if before == after {
		return nil
	}
	return []Change{{Field: field, Old: before, New: after}}
}
