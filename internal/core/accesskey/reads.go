package accesskey

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// maxReads caps how many different reads wait for the next save.
	maxReads = 20_000
	// maxAnnounced caps how many groups of reads are remembered as recorded in the audit trail. The database is queried
	// for the others.
	maxAnnounced = 100_000
	// maxReadMarketplaces caps the answer of ReadMarketplaces. A client product has at most 50 marketplaces at once;
	// removed ones come on top.
	maxReadMarketplaces = 500
)

// readKey is the key by which reads are counted.
type readKey struct {
	group       readGroup
	marketplace string
	version     int64
}

// readGroup is the reads that share one audit event: those of a key from an address in an hour.
type readGroup struct {
	key, address string
	hour         time.Time
}

// read counts the reads of one readKey.
type read struct {
	key         principal.Key
	provider    string
	requestID   string // of the first read
	count       int64
	first, last time.Time
}

// noted are reads that are not in the database yet.
type noted struct {
	pending map[readKey]read
	dropped int64
}

// lost returns an error when reads were dropped because there were too many.
func (n noted) lost() error {
	if n.dropped == 0 {
		return nil
	}
	return fmt.Errorf("%d reads of credentials were not counted: too many at once", n.dropped)
}

// reads collects reads between two saves, so that a read never writes.
type reads struct {
	mu sync.Mutex
	noted

	// announced are the groups of the latest hour that have an audit event.
	announced map[readGroup]bool
	hour      time.Time
}

// CredentialsRead notes in memory that the access key of the context got the credentials of a marketplace; Run saves
// it. It does not block.
func (s *Service) CredentialsRead(ctx context.Context, m *ent.Marketplace) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return
	}
	of := remember.Read{MarketplaceID: m.ID, Provider: m.Provider, Version: m.CredentialVersion}
	remember.From(ctx).Read(of)
	s.noteRead(key, audit.OriginFrom(ctx), of)
}

// HandOutAgain is called before an answer with credentials is given again to the access key of the context. It notes
// each of them as CredentialsRead does. It returns an error where MayOpen stops a caller who reads unusually many
// shops, and then notes nothing.
func (s *Service) HandOutAgain(ctx context.Context, again []remember.Read) error {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return fault.Forbidden
	}
	if len(again) == 0 {
		return nil
	}
	if err := s.brakeRead(ctx, key); err != nil {
		return err
	}
	for _, of := range again {
		s.noteRead(key, audit.OriginFrom(ctx), of)
	}
	return nil
}

// noteRead notes that a key got credentials.
func (s *Service) noteRead(key principal.Key, origin audit.Origin, of remember.Read) {
	now := s.now()
	at := readKey{
		group:       readGroup{key: key.ID, address: origin.Address, hour: now.Truncate(time.Hour)},
		marketplace: of.MarketplaceID, version: of.Version,
	}
	s.reads.mu.Lock()
	defer s.reads.mu.Unlock()
	r, known := s.reads.pending[at]
	if !known {
		if len(s.reads.pending) >= maxReads {
			s.reads.dropped++
			return
		}
		r = read{key: key, provider: of.Provider, requestID: origin.RequestID, first: now}
	}
	r.count++
	r.last = now
	s.reads.pending[at] = r
}

func (r *reads) take() noted {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.noted
	r.noted = noted{pending: map[readKey]read{}}
	return taken
}

func (r *reads) putBack(n noted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropped += n.dropped
	for at, old := range n.pending {
		if newer, ok := r.pending[at]; ok {
			old.count += newer.count
			old.last = newer.last
		} else if len(r.pending) >= maxReads {
			r.dropped += old.count
			continue
		}
		r.pending[at] = old
	}
}

// saveReads counts the reads of known clients, and appends an audit event for each key, address and hour without one.
// Several instances may each append one.
func (s *Service) saveReads(ctx context.Context, tx *ent.Tx, reads map[readKey]read, known map[string]bool) error {
	groups := map[readGroup][]readKey{}
	var rows []*ent.CredentialReadCreate
	for at, r := range reads {
		if !known[r.key.ClientID] {
			continue
		}
		groups[at.group] = append(groups[at.group], at)
		rows = append(rows, tx.CredentialRead.Create().
			SetAccessKeyID(at.group.key).SetClientID(r.key.ClientID).SetMarketplaceID(at.marketplace).
			SetCredentialVersion(at.version).SetAddress(at.group.address).SetHour(at.group.hour).
			SetCount(r.count).SetFirstAt(r.first).SetLastAt(r.last))
	}
	for group, of := range groups {
		if err := s.announce(ctx, tx, group, of, reads); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(rows, 500) {
		err := tx.CredentialRead.CreateBulk(some...).
			OnConflict(
				entsql.ConflictColumns(credentialread.FieldAccessKeyID, credentialread.FieldHour, credentialread.FieldAddress,
					credentialread.FieldMarketplaceID, credentialread.FieldCredentialVersion),
				entsql.ResolveWith(addCount),
			).
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("count the reads of credentials: %w", err)
		}
	}
	return nil
}

// addCount adds to the count of a row that exists.
func addCount(u *entsql.UpdateSet) {
	for _, column := range u.UpdateColumns() {
		u.SetIgnore(column)
	}
	u.Set(credentialread.FieldCount, entsql.Expr("credential_reads.count + excluded.count"))
	u.SetExcluded(credentialread.FieldLastAt)
}

// announce appends the audit event of a group, unless it exists.
func (s *Service) announce(
	ctx context.Context, tx *ent.Tx, group readGroup, of []readKey, reads map[readKey]read,
) error {
	if s.reads.isAnnounced(group) {
		return nil
	}
	exists, err := tx.CredentialRead.Query().
		Where(credentialread.AccessKeyID(group.key), credentialread.Hour(group.hour), credentialread.Address(group.address)).
		Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for reads of this hour: %w", err)
	}
	if !exists {
		if err := appendRead(ctx, tx, group, of, reads); err != nil {
			return err
		}
	}
	store.AfterCommit(ctx, func() { s.reads.setAnnounced(group) })
	return nil
}

func (r *reads) isAnnounced(group readGroup) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.announced[group]
}

// setAnnounced remembers a group if it is of the latest hour.
func (r *reads) setAnnounced(group readGroup) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if group.hour.After(r.hour) {
		r.hour, r.announced = group.hour, map[readGroup]bool{}
	}
	if group.hour.Equal(r.hour) && len(r.announced) < maxAnnounced {
		r.announced[group] = true
	}
}

// appendRead appends the audit event of a group, with the key as actor and the address that it called from.
func appendRead(ctx context.Context, tx *ent.Tx, group readGroup, of []readKey, reads map[readKey]read) error {
	slices.SortFunc(of, func(a, b readKey) int { return strings.Compare(a.marketplace, b.marketplace) })
	first := reads[of[0]]
	changes := make([]audit.Change, len(of))
	for i, at := range of {
		changes[i] = audit.Change{Field: "marketplace", New: map[string]any{
			"id": at.marketplace, "provider": reads[at].provider, "credentialVersion": at.version,
		}}
	}
	ctx = audit.WithOrigin(principal.With(ctx, first.key),
		audit.Origin{Address: group.address, RequestID: first.requestID})
	return audit.Append(ctx, tx, audit.Event{
		Action: "credentials.read", ObjectID: group.key, ClientID: first.key.ClientID, Changes: changes,
	})
}

// ReadsInput selects the reads of a key since an instant; all stored ones when Since is nil.
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
		where = append(where, credentialread.HourGTE(since.UTC().Truncate(time.Hour)), credentialread.LastAtGTE(since.UTC()))
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
		at, err := time.Parse("2006-01-02 15:04:05.999999999-07:00", from)
		*i = instant(at.UTC())
		return err
	default:
		return fmt.Errorf("a time is a %T", from)
	}
}
