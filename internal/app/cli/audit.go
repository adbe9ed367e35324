package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// verifyAudit walks the audit chain, compares it with all that other places know of it, and prints its end.
func (i *invocation) verifyAudit(ctx context.Context, command config.AuditVerify) error {
	var anchors []audit.Noted
	if command.Anchor != "" {
		at, err := audit.ParseAnchor(command.Anchor)
		if err != nil {
			return fmt.Errorf("--anchor: %w", err)
		}
		anchors = []audit.Noted{{Anchor: at}}
	}
	return i.withStoreToRead(ctx, func(s *store.Store, keys *seal.Keyset) error {
		witness := portal.NewWitness(s, keys, i.settings)
		notes, _, err := witness.Notes(ctx)
		if err != nil {
			return err
		}
		report, err := audit.Verify(ctx, s, keys, append(anchors, notes...), func(seq, head int64) {
			i.say("verified up to event %d of %d", seq, head)
		})
		if err != nil {
			return err
		}
		problems, err := witness.Check(ctx)
		if err != nil {
			return err
		}
		for _, problem := range problems {
			i.say("wrong: %s", problem)
		}
		if len(problems) > 0 {
			return errors.New("the audit trail is not as it should be")
		}
		i.sayVerified(report)
		return nil
	})
}

// sayVerified prints what a verification of a whole trail found.
func (i *invocation) sayVerified(report audit.Report) {
	if report.Unverified > 0 {
		i.say("%d events are from before a recovery: their key is lost, and nothing vouches for them", report.Unverified)
	}
	i.say("whole: %d events from %d, the details of %d erased", report.Verified, report.From, report.Erased)
	i.say("anchor %s", report.Head)
}
