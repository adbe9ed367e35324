package accesskey

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
)

// Exposed flags a key that came in a place where others can read it, such as a URL, and records that, the first time. A
// text that is no key of ours changes nothing: only who has the whole key can have it flagged.
func (s *Service) Exposed(ctx context.Context, text, where string) error {
	token, err := Parse(text)
	if err != nil || token.Environment() != s.environment {
		return nil
	}
	ctx = principal.AsSystem(ctx, "exposed access key")
	key, err := s.store.Reader().AccessKey.Query().Where(accesskey.VisiblePart(token.VisiblePart())).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up the exposed key: %w", err)
	}
	if !token.Matches(key.Hash) || key.ExposedAt != nil {
		return nil
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		flagged, err := tx.AccessKey.Update().
			Where(accesskey.ID(key.ID), accesskey.ExposedAtIsNil()).
			SetExposedAt(s.now()).
			Save(ctx)
		if err != nil {
			return fmt.Errorf("flag the exposed key: %w", err)
		}
		if flagged == 0 { // by another request at the same time
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "access_key.exposed", ObjectID: key.ID, ClientID: key.ClientID,
			Changes: []audit.Change{{Field: "where", New: where}},
		})
	})
}
