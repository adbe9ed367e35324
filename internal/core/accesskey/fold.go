package accesskey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// keptByDay is for how long reads are counted by day. The days of a month that ended longer ago are counted together.
	keptByDay = 35 * 24 * time.Hour
	// foldedKeys caps the keys whose reads one transaction folds: each has up to a few thousand rows.
	foldedKeys = 20
)

// foldReads counts together, as of a time, the reads of each month that ended more than 35 days before and has digests.
// Who read what, how often, when first and last stays as it was: the rows of the days become one, of the first day of
// their month. It works in small transactions. Another instance may fold at the same time: what one has taken the other
// does not find.
func (s *Service) foldReads(ctx context.Context, now time.Time) error {
	ctx = principal.AsSystem(ctx, "fold reads")
	oldest, err := s.store.Reader().CredentialRead.Query().Order(ent.Asc(credentialread.FieldDay)).
		Select(credentialread.FieldDay).First(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the oldest read: %w", err)
	}
	row, err := s.store.Reader().ReadDigest.Get(ctx, digestID)
	if ent.IsNotFound(err) || err == nil && row.Through == nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up to when reads have digests: %w", err)
	}
	end := now.Add(-keptByDay)
	if row.Through.Before(end) {
		end = *row.Through
	}
	for month := monthOf(oldest.Day); ; month = month.AddDate(0, 1, 0) {
		if month.AddDate(0, 1, 0).After(end) {
			return nil
		}
		if err := s.foldMonth(ctx, month); err != nil {
			return err
		}
	}
}

// monthOf returns when the month of an instant begins.
func monthOf(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// foldMonth counts together the reads of a month.
func (s *Service) foldMonth(ctx context.Context, month time.Time) error {
	for {
		var keys []string
		err := s.store.Reader().CredentialRead.Query().Where(restOf(month)).Limit(foldedKeys).
			Unique(true).Select(credentialread.FieldAccessKeyID).Scan(ctx, &keys)
		if err != nil {
			return fmt.Errorf("look for reads of a month: %w", err)
		}
		if len(keys) == 0 {
			return nil
		}
		err = s.store.Write(store.InBackground(ctx), func(ctx context.Context, tx *ent.Tx) error {
			return s.foldKeys(ctx, tx, month, keys)
		})
		if err != nil {
			return err
		}
	}
}

// inMonth finds the reads of a month, and restOf those of all its days but the first, whose rows take in the others.
func inMonth(month time.Time) predicate.CredentialRead {
	return credentialread.And(credentialread.DayGTE(month), credentialread.DayLT(month.AddDate(0, 1, 0)))
}

func restOf(month time.Time) predicate.CredentialRead {
	return credentialread.And(inMonth(month), credentialread.DayGT(month))
}

// foldKeys counts together the reads of some keys in a month. Those of an erased client go.
func (s *Service) foldKeys(ctx context.Context, tx *ent.Tx, month time.Time, keys []string) error {
	of := credentialread.And(credentialread.AccessKeyIDIn(keys...), inMonth(month))
	var ids []string
	err := tx.CredentialRead.Query().Where(of).Unique(true).Select(credentialread.FieldClientID).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("look for the clients of reads: %w", err)
	}
	// An erasure waits, or is seen here.
	kept, err := tx.ClientRecord.Query().
		Where(clientrecord.IDIn(ids...), clientrecord.ErasedAtIsNil(), store.ForShare).Order(ent.Asc(clientrecord.FieldID)).
		IDs(ctx)
	if err != nil {
		return fmt.Errorf("lock the clients of reads: %w", err)
	}
	by, err := takeReads(ctx, tx, of)
	if err != nil {
		return err
	}
	days := slices.DeleteFunc(by.rows, func(r *ent.CredentialRead) bool { return !slices.Contains(kept, r.ClientID) })
	var written rows
	for _, r := range sumReads(days, month) {
		by.sums.add(store.KeysOf(ctx), r)
		written = append(written, []any{
			r.ID, r.AccessKeyID, r.MarketplaceID, r.CredentialVersion, r.Address, r.ClientID,
			textOf(r.CreatedAt), textOf(r.Day), textOf(r.FirstAt), textOf(r.LastAt), r.Count,
		})
	}
	if err := appendDigest(ctx, tx, digested{cause: monthFolded, sums: by.sums}); err != nil || len(written) == 0 {
		return err
	}
	text, err := written.text()
	if err != nil {
		return err
	}
	return s.upsertReads(ctx, text)
}

// sumReads returns the rows of a month for those of its days.
func sumReads(days []*ent.CredentialRead, month time.Time) []*ent.CredentialRead {
	type same struct {
		key, marketplace, address string
		version                   int64
	}
	sums := map[same]*ent.CredentialRead{}
	var order []*ent.CredentialRead
	for _, day := range days {
		of := same{day.AccessKeyID, day.MarketplaceID, day.Address, day.CredentialVersion}
		sum := sums[of]
		if sum == nil {
			first := *day
			first.Day = month
			sums[of] = &first
			order = append(order, &first)
			continue
		}
		sum.Count += day.Count
		if day.FirstAt.Before(sum.FirstAt) {
			sum.FirstAt = day.FirstAt
		}
		if day.LastAt.After(sum.LastAt) {
			sum.LastAt = day.LastAt
		}
	}
	return order
}
