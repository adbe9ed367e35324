package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
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
	var since audit.Anchor
	if command.Since != "" {
		var err error
		if since, err = audit.ParseAnchor(command.Since); err != nil {
			return fmt.Errorf("--since: %w", err)
		}
	}
	return i.withStoreToRead(ctx, func(s *store.Store, keys *seal.Keyset) error {
		witness := portal.NewWitness(s, keys, i.settings)
		notes, _, err := witness.Notes(ctx)
		if err != nil {
			return err
		}
		report, err := audit.VerifySince(ctx, s, keys, since, append(anchors, notes...), func(seq, head int64) {
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
		reads, err := accesskey.VerifyReads(ctx, s, keys)
		if err != nil {
			return err
		}
		i.sayVerified(report)
		i.sayReads(reads)
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

// sayReads prints what a comparison of the reads of credentials with their digests found.
func (i *invocation) sayReads(of accesskey.VerifiedReads) {
	if of.Through == "" {
		i.say("no reads of credentials have a digest yet")
		return
	}
	i.say("whole: %d rows of reads of credentials, up to %s", of.Rows, of.Through)
	if of.Unverified > 0 {
		i.say("%d rows of reads are from before the first digest: nothing vouches for them", of.Unverified)
	}
}
