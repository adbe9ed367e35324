package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
)

// maxAltered caps how many rows the command lists.
const maxAltered = 1000

// showGrants lists the rows that let a caller in and were changed behind the portal, or adopts one.
func (i *invocation) showGrants(ctx context.Context, command config.Grants) error {
	if command.Adopt != "" {
		return i.adoptGrant(ctx, command.Adopt)
	}
	return i.withStoreToRead(ctx, func(s *store.Store, keys *seal.Keyset) error {
		if !keys.CoversGrants() {
			return errors.New("the rows of a version before are not authenticated yet: start the portal once")
		}
		rows, err := s.AlteredGrants(ctx, maxAltered)
		if err != nil {
			return err
		}
		for _, row := range rows {
			i.say("%s %s", row.Table, row.ID)
		}
		if len(rows) > 0 {
			const what = "rows were changed behind the portal and let nobody in (docs/operations.md)"
			return fmt.Errorf("%d %s", len(rows), what)
		}
		i.say("every row that lets somebody in is as the portal wrote it")
		return nil
	})
}

// adoptGrant takes a row as it is now.
func (i *invocation) adoptGrant(ctx context.Context, id string) error {
	err := i.withStore(ctx, func(s *store.Store, _ *seal.Keyset) error { return keyring.AdoptGrant(ctx, s, id) })
	if err != nil {
		return err
	}
	i.say("%s is taken as it is", id)
	return nil
}
