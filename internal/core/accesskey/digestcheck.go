package accesskey

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditcheckpoint"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// AlteredReads is the first day whose reads are not those that the audit trail has the digest of.
type AlteredReads struct {
	// Day is its date.
	Day string
}

// Error implements error.
func (a *AlteredReads) Error() string {
	return "the reads of credentials of " + a.Day + " are not what was written: some were altered, added or removed"
}

// VerifiedReads says which reads were compared with their digests.
type VerifiedReads struct {
	// Rows are how many rows of reads were verified. Unverified are from before the first digest in the trail, or the last
	// recovery.
	Rows, Unverified int
	// Through is the first day without a digest; empty when none has one.
	Through string
}

// VerifyReads compares the reads of credentials with the digests in the audit trail, which the caller has verified. It
// returns an *AlteredReads for the first day that differs. The portal may work meanwhile.
func VerifyReads(ctx context.Context, s *store.Store, keys audit.Keys) (report VerifiedReads, err error) {
	ctx = principal.AsSystem(ctx, "verify the reads of credentials")
	of := reads{s.Reader(), keys}
	for range digestTries {
		at, ledgerErr := of.readLedger(ctx)
		if ledgerErr != nil {
			return VerifiedReads{}, ledgerErr
		}
		report, err = of.compare(ctx, at)
		now, lastErr := of.lastDigest(ctx)
		if lastErr != nil {
			return VerifiedReads{}, lastErr
		}
		if now == at.last {
			break
		}
	}
	return report, err
}

// ledger is what the audit trail says of the reads: the digests of the days of a period.
type ledger struct {
	from, through string // dates; empty without a digest
	sums          digest
	last          int64 // the number of the last event with digests
}

// digestEvents returns the query of the events with digests, but those from before a recovery, whose key is lost.
func (of reads) digestEvents(ctx context.Context) (*ent.AuditEventQuery, error) {
	query := of.reader.AuditEvent.Query().Where(auditevent.Action(digestAction))
	last, err := of.reader.AuditCheckpoint.Query().Where(auditcheckpoint.KindEQ(auditcheckpoint.KindRECOVERY)).
		Order(ent.Desc(auditcheckpoint.FieldThroughSeq)).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return query, nil
	case err != nil:
		return nil, fmt.Errorf("look for a recovery: %w", err)
	}
	return query.Where(auditevent.SeqGT(last.ThroughSeq)), nil
}

func (of reads) lastDigest(ctx context.Context) (int64, error) {
	query, err := of.digestEvents(ctx)
	if err != nil {
		return 0, err
	}
	last, err := query.Order(ent.Desc(auditevent.FieldSeq)).First(ctx)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for the last digest of reads: %w", err)
	}
	return *last.Seq, nil
}

// readLedger sums up the digests in the audit trail.
func (of reads) readLedger(ctx context.Context) (*ledger, error) {
	query, err := of.digestEvents(ctx)
	if err != nil {
		return nil, err
	}
	l := &ledger{sums: digest{}}
	for {
		events, err := query.Clone().Where(auditevent.SeqGT(l.last)).Order(auditevent.BySeq()).Limit(digestBatch).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the digests of reads: %w", err)
		}
		for _, event := range events {
			if err := l.enter(event); err != nil {
				return nil, err
			}
		}
		if len(events) < digestBatch {
			return l, nil
		}
	}
}

// enter enters an event with digests.
func (l *ledger) enter(event *ent.AuditEvent) error {
	var changes []struct {
		Field string
		New   json.RawMessage
	}
	if err := json.Unmarshal(event.Changes, &changes); err != nil {
		return fmt.Errorf("read the digests of event %d: %w", *event.Seq, err)
	}
	for _, c := range changes {
		var err error
		switch c.Field {
		case fromField:
			if l.from == "" {
				err = json.Unmarshal(c.New, &l.from)
			}
		case untilField:
			err = json.Unmarshal(c.New, &l.through)
		case sumsField:
			var sums digest
			err = json.Unmarshal(c.New, &sums)
			for day, s := range sums {
				l.sums[day] = l.sums[day].plus(s)
			}
		}
		if err != nil {
			return fmt.Errorf("read the digests of event %d: %w", *event.Seq, err)
		}
	}
	l.last = *event.Seq
	return nil
}

// compare compares the reads with what the audit trail says of them.
func (of reads) compare(ctx context.Context, said *ledger) (VerifiedReads, error) {
	report := VerifiedReads{Through: said.through}
	rest := digest{}
	for day, s := range said.sums {
		if day >= said.from { // the digests of older days were trimmed
			rest[day] = s
		}
	}
	err := of.eachRead(ctx, credentialread.IDNEQ(""), func(r *ent.CredentialRead) error {
		switch day := dateOf(r.Day); {
		case day >= said.through:
		case day < said.from:
			report.Unverified++
		default:
			report.Rows++
			rest.take(of.keys, r)
		}
		return nil
	})
	if err != nil {
		return VerifiedReads{}, err
	}
	var altered []string
	for day, s := range rest {
		if s != (sum{}) {
			altered = append(altered, day)
		}
	}
	if len(altered) > 0 {
		return report, &AlteredReads{Day: slices.Min(altered)}
	}
	return report, nil
}
