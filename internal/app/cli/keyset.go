package cli

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
)

// rotateKeyset changes the keys that seal, or the master key.
func (i *invocation) rotateKeyset(ctx context.Context, command config.KeysetRotate) error {
	return i.withStore(ctx, func(s *store.Store, _ *seal.Keyset) error {
		rotation := keyring.Rotation{
			Store: s, MasterKeyFile: i.settings.MasterKeyFile, DataDir: i.settings.DataDir,
			Settle: command.Settle, Say: i.say,
		}
		if command.MasterKey != "" {
			return rotation.Rewrap(ctx, command.MasterKey)
		}
		return rotation.Run(ctx)
	})
}

// verifyKeyset opens every sealed value.
func (i *invocation) verifyKeyset(ctx context.Context) error {
	return i.withStoreToRead(ctx, func(s *store.Store, keys *seal.Keyset) error {
		counts, err := keyring.OpenAll(ctx, s, keys)
		if err != nil {
			return err
		}
		failures := 0
		for _, c := range counts {
			i.say("%s: %d values, %d do not open", c.Sealed, c.Values, c.Failed)
			failures += c.Failed
		}
		if failures > 0 {
			return fmt.Errorf("%d sealed values do not open", failures)
		}
		return nil
	})
}
