package accesskey

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/page"
)

// maxReadMarketplaces caps the answer of ReadMarketplaces. A client product has at most 50 marketplaces at once;
// removed ones come on top.
const maxReadMarketplaces = 500

// ReadsInput selects the reads of a key since an instant, whole days of them; all stored ones when Since is nil.
type ReadsInput struct {
	KeyID string
	Since *time.Time
	Page  page.Args
}

// Reads returns a page of what a key has read, newest first. It returns a fault.BadRequest when the arguments are
// invalid.
func (s *Service) Reads(ctx context.Context, in ReadsInput) (*page.Connection[*ent.CredentialRead], error) {
	window, err := in.Page.Window(page.Order{Desc: true})
	if err != nil {
		return nil, err
	}
	where := readsSince(in.KeyID, in.Since)
	rows, err := s.store.Reader().CredentialRead.Query().Where(where...).Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the reads of a key: %w", err)
	}
	return page.New(window, rows,
		func(r *ent.CredentialRead) (string, string) { return "", r.ID },
		func(ctx context.Context) (int, error) {
			return s.store.Reader().CredentialRead.Query().Where(where...).Count(ctx)
		},
	), nil
}

func readsSince(keyID string, since *time.Time) []predicate.CredentialRead {
	where := []predicate.CredentialRead{credentialread.AccessKeyID(keyID)}
	if since != nil {
		// Older reads are counted by month: see FoldReads.
		where = append(where, credentialread.DayGTE(monthOf(*since)), credentialread.LastAtGTE(since.UTC()))
	}
	return where
}

// MarketplaceRead is what a key has read of one marketplace.
type MarketplaceRead struct {
	MarketplaceID string
	// Version is the newest version of the credentials among those read.
	Version int64
	// Count is how often they were read.
	Count int64
	// Addresses is from how many addresses they were read.
	Addresses int
	// LastAt is when they were last read.
	LastAt time.Time
	// AfterRevocation is whether the key was revoked before LastAt.
	AfterRevocation bool
}

// shownDays is of how many days, today included, ReadDays tells. Older reads may be counted by month.
const shownDays = 30

// maxDayRows caps the rows of ReadDays: of each key one for each day and address.
const maxDayRows = 20_000

// ReadDay is what a key read on one day.
type ReadDay struct {
	// Begins is when the day begins, in UTC.
	Begins time.Time
	// Count is how often it got the credentials of a marketplace.
	Count int64
	// Addresses is from how many addresses.
	Addresses int
	// LastAt is when it did so last, and LastAddress from where.
	LastAt      time.Time
	LastAddress string
}

// ReadDays returns what keys have read on each of the last 30 days, the oldest first, by the ids of the keys. Days
// without reads are left out.
func (s *Service) ReadDays(ctx context.Context, ids []string) (map[string][]*ReadDay, error) {
	var rows []struct {
		AccessKeyID string    `json:"access_key_id"`
		Day         time.Time `json:"day"`
		Address     string    `json:"address"`
		Count       int64     `json:"total"`
		LastAt      instant   `json:"last"`
	}
	err := s.store.Reader().CredentialRead.Query().
		Where(credentialread.AccessKeyIDIn(ids...), credentialread.DayGTE(beginOf(dayOf(s.now())-shownDays+1))).
		Order(ent.Desc(credentialread.FieldDay)).
		Limit(maxDayRows).
		GroupBy(credentialread.FieldAccessKeyID, credentialread.FieldDay, credentialread.FieldAddress).
		Aggregate(
			ent.As(ent.Sum(credentialread.FieldCount), "total"),
			ent.As(ent.Max(credentialread.FieldLastAt), "last"),
		).
		Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("sum up the days of keys: %w", err)
	}
	found := make(map[string][]*ReadDay, len(ids))
	for _, row := range slices.Backward(rows) {
		days := found[row.AccessKeyID]
		if n := len(days); n == 0 || !days[n-1].Begins.Equal(row.Day) {
			days = append(days, &ReadDay{Begins: row.Day.UTC()})
			found[row.AccessKeyID] = days
		}
		day := days[len(days)-1]
		day.Count += row.Count
		day.Addresses++
		if at := time.Time(row.LastAt); at.After(day.LastAt) {
			day.LastAt, day.LastAddress = at, row.Address
		}
	}
	return found, nil
}

// AfterRevocation reports whether a key was revoked before an instant at which it read.
func AfterRevocation(key *ent.AccessKey, at time.Time) bool {
	return key.RevokedAt != nil && at.After(*key.RevokedAt)
}

// Renewed reports whether a marketplace has newer credentials than those read, or was removed: now is nil then.
func (r *MarketplaceRead) Renewed(now *ent.Marketplace) bool {
	return now == nil || now.CredentialVersion > r.Version
}

// ReadMarketplaces returns what a key has read since an instant, by marketplace, at most 500. A nil since means all
// stored reads.
func (s *Service) ReadMarketplaces(
	ctx context.Context, key *ent.AccessKey, since *time.Time,
) ([]*MarketplaceRead, error) {
	var rows []struct {
		MarketplaceID string  `json:"marketplace_id"`
		Version       int64   `json:"version"`
		Count         int64   `json:"total"`
		Addresses     int     `json:"addresses"`
		LastAt        instant `json:"last"`
	}
	err := s.store.Reader().CredentialRead.Query().
		Where(readsSince(key.ID, since)...).
		Limit(maxReadMarketplaces).
		GroupBy(credentialread.FieldMarketplaceID).
		Aggregate(
			ent.As(ent.Max(credentialread.FieldCredentialVersion), "version"),
			ent.As(ent.Sum(credentialread.FieldCount), "total"),
			ent.As(ent.Max(credentialread.FieldLastAt), "last"),
			func(s *entsql.Selector) string {
				return entsql.As(entsql.Count(entsql.Distinct(s.C(credentialread.FieldAddress))), "addresses")
			},
		).
		Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("sum up the reads of a key: %w", err)
	}
	found := make([]*MarketplaceRead, len(rows))
	for i, r := range rows {
		found[i] = &MarketplaceRead{
			MarketplaceID: r.MarketplaceID, Version: r.Version, Count: r.Count, Addresses: r.Addresses,
			LastAt:          time.Time(r.LastAt),
			AfterRevocation: AfterRevocation(key, time.Time(r.LastAt)),
		}
	}
	slices.SortFunc(found, func(a, b *MarketplaceRead) int { return strings.Compare(a.MarketplaceID, b.MarketplaceID) })
	return found, nil
}

// instant is a time that a database function returned. SQLite has no type for times, and its driver recognizes them
// only in plain columns.
type instant time.Time

var _ sql.Scanner = (*instant)(nil)

// Scan implements sql.Scanner.
func (i *instant) Scan(from any) error {
	switch from := from.(type) {
	case time.Time:
		*i = instant(from.UTC())
		return nil
	case string:
		at, err := time.Parse(timeText, from)
		*i = instant(at.UTC())
		return err
	default:
		return fmt.Errorf("a time is a %T", from)
	}
}
