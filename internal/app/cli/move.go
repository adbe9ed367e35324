package cli

import (
	"context"

	"github.com/chaveiro/chaveiro/internal/app/config"
)

// moveDatabase moves the database to one of the other kind.
func (i *invocation) moveDatabase(ctx context.Context, command config.Move) error {
	if err := i.describeInstallation().Move(ctx, command.To, i.say); err != nil {
		return err
	}
	i.say("moved: from now on name the new database with --database-url (CHAVEIRO_DATABASE_URL); " +
		"the old one is served no more")
	return nil
}
