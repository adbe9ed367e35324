package cli

import (
	"context"

	"github.com/chaveiro/chaveiro/internal/app/portal"
)

// migrate brings the database up to date.
func (i *invocation) migrate(ctx context.Context) error {
	return portal.Migrate(ctx, i.settings, i.log)
}
