package accesskey

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/readdigest"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Reads are counted in a table, without an event each. So that a change of the table shows, the audit trail has digests
// of it. The digest of a day is the sum of the keyed hashes of its rows. The trail gets it when the day is over, and
// gets the difference with each later change that the program makes: when a month is counted together, a client erased,
// and an old read removed. So all differences of a day sum up to the digest of the rows that are there.

const (
	// digestAction is the action of the events with digests.
	digestAction = "credentials.digest"
	// digestID is the id of the only row of read_digests.
	digestID = "reads"
	// lateness is for how long after a day its reads are usually saved. Later ones count for the first day without a
	// digest.
	lateness = time.Hour
	// digestDays caps the days of one digest: those from before an upgrade may be many.
	digestDays = 31
	// digestBatch is how many reads are read at once, or removed in one transaction.
	digestBatch = 2000
	// digestTries is how often a digest is made anew because reads came or went meanwhile.
	digestTries = 5
)

// Why an event has digests: its cause.
const (
	dayOver      = "DAY_OVER"
	monthFolded  = "MONTH_FOLDED"
	clientErased = "CLIENT_ERASED"
	timeOver     = "TIME_OVER"
)

// sum is a sum of keyed hashes modulo 2^256, its least part first. Rows enter and leave it in any order.
type sum [4]uint64

func sumOf(mac []byte) (s sum) {
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(mac[8*i:])
	}
	return s
}

func (s sum) plus(t sum) (r sum) {
	carry := uint64(0)
	for i := range s {
		r[i], carry = bits.Add64(s[i], t[i], carry)
	}
	return r
}

func (s sum) minus(t sum) (r sum) {
	borrow := uint64(0)
	for i := range s {
		r[i], borrow = bits.Sub64(s[i], t[i], borrow)
	}
	return r
}

// MarshalText implements encoding.TextMarshaler.
func (s sum) MarshalText() ([]byte, error) {
	var raw [32]byte
	for i, part := range s {
		binary.LittleEndian.PutUint64(raw[8*i:], part)
	}
	return hex.AppendEncode(nil, raw[:]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *sum) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != 32 {
		return fmt.Errorf("%q is no sum of hashes", text)
	}
	*s = sumOf(raw)
	return nil
}

// digest has a sum for each day, by its date.
type digest map[string]sum

func (d digest) add(keys audit.Keys, r *ent.CredentialRead) {
	day := dateOf(r.Day)
	d[day] = d[day].plus(sumOf(readMAC(keys, r)))
}

func (d digest) take(keys audit.Keys, r *ent.CredentialRead) {
	day := dateOf(r.Day)
	d[day] = d[day].minus(sumOf(readMAC(keys, r)))
}

// before leaves out the days from an instant on.
func (d digest) before(end time.Time) digest {
	maps.DeleteFunc(d, func(day string, _ sum) bool { return day >= dateOf(end) })
	return d
}

func dateOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// readMAC returns the keyed hash of a row: all that it says.
func readMAC(keys audit.Keys, r *ent.CredentialRead) []byte {
	text, err := json.Marshal([]any{
		r.AccessKeyID, r.ClientID, r.MarketplaceID, r.CredentialVersion, r.Address, r.Day.Unix(), r.Count,
		r.FirstAt.UnixMicro(), r.LastAt.UnixMicro(),
	})
	if err != nil {
		panic(err) // texts and numbers always have a form
	}
	return keys.MAC("credential read", text)
}

// digested is what an event with digests says.
type digested struct {
	cause string
	// from and through are the days that were over, without the last; zero with other causes.
	from, through time.Time
	sums          digest
}

// The fields of an event with digests.
const (
	causeField = "cause"
	fromField  = "firstDay"
	untilField = "beforeDay"
	sumsField  = "sums"
)

// appendDigest appends an event with digests; none where nothing changed.
func appendDigest(ctx context.Context, tx *ent.Tx, of digested) error {
	if len(of.sums) == 0 {
		return nil
	}
	changes := []audit.Change{{Field: causeField, New: of.cause}}
	if of.cause == dayOver {
		changes = append(changes,
			audit.Change{Field: fromField, New: dateOf(of.from)}, audit.Change{Field: untilField, New: dateOf(of.through)})
	}
	changes = append(changes, audit.Change{Field: sumsField, New: of.sums})
	return audit.Append(ctx, tx, audit.Event{Action: digestAction, Changes: changes})
}

// holdDigests returns from which day on reads have no digest; the zero time when none has. It stays so until the end of
// the transaction, which must not have locked the end of the audit trail.
func holdDigests(ctx context.Context, tx *ent.Tx) (through time.Time, err error) {
	row, err := tx.ReadDigest.Query().Where(readdigest.ID(digestID), store.ForShare).Only(ctx)
	switch {
	case ent.IsNotFound(err) || err == nil && row.Through == nil:
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, fmt.Errorf("look up to when reads have digests: %w", err)
	}
	return row.Through.UTC(), nil
}

// DigestReads gives the audit trail a digest of each day of reads that is over, as of a time. The first call of an
// installation only makes ready for it.
func (s *Service) DigestReads(ctx context.Context, now time.Time) error {
	ctx = principal.AsSystem(ctx, "digest of reads")
	end := beginOf(dayOf(now.Add(-lateness)))
	for tries := 0; tries < digestTries; tries++ {
		step, err := s.digestNext(ctx, end)
		if err != nil {
			return fmt.Errorf("make a digest of reads: %w", err)
		}
		switch step {
		case nothingLeft:
			return nil
		case digestMade:
			tries = -1
		case readsChanged:
		}
	}
	return errors.New("make a digest of reads: they change all the time")
}

// step is how an attempt to make a digest ended.
type step int

const (
	nothingLeft step = iota
	digestMade
	// readsChanged says that reads came or went meanwhile, or that another instance was first.
	readsChanged
)

// digestNext makes a digest of the next days before end that have none.
func (s *Service) digestNext(ctx context.Context, end time.Time) (step, error) {
	row, err := s.store.Reader().ReadDigest.Get(ctx, digestID)
	if ent.IsNotFound(err) {
		return nothingLeft, s.store.Write(store.InBackground(ctx), func(ctx context.Context, tx *ent.Tx) error {
			return tx.ReadDigest.Create().SetID(digestID).OnConflictColumns(readdigest.FieldID).Ignore().Exec(ctx)
		})
	}
	if err != nil {
		return nothingLeft, err
	}
	without := credentialread.DayLT(end)
	if row.Through != nil {
		without = credentialread.And(without, credentialread.DayGTE(*row.Through))
	}
	of := reads{s.store.Reader(), s.store.Keys()}
	first, some, err := of.nextDay(ctx, without)
	if err != nil || !some {
		return nothingLeft, err
	}
	from, through := monthOf(first), first.AddDate(0, 0, digestDays)
	if row.Through != nil {
		from = *row.Through
	} // else there is none before, and its month will be counted together
	if through.After(end) {
		through = end
	}
	which := credentialread.And(without, credentialread.DayLT(through))
	sums, seen, err := of.sumUp(ctx, which)
	if err != nil {
		return nothingLeft, err
	}
	ended := readsChanged
	err = s.store.Write(store.InBackground(ctx), func(ctx context.Context, tx *ent.Tx) error {
		ended = readsChanged
		held, err := tx.ReadDigest.Query().Where(readdigest.ID(digestID), store.ForUpdate).Only(ctx)
		if err != nil || !isSame(held.Through, row.Through) {
			return err
		}
		now, err := countReads(ctx, tx.CredentialRead.Query().Where(which))
		if err != nil || now != seen {
			return err
		}
		if err := held.Update().SetThrough(through).Exec(ctx); err != nil {
			return err
		}
		ended = digestMade
		return appendDigest(ctx, tx, digested{cause: dayOver, from: from, through: through, sums: sums})
	})
	return ended, err
}

func isSame(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// reads are the reads of an installation, with the keys of their hashes.
type reads struct {
	reader *ent.Client
	keys   audit.Keys
}

// tally tells whether reads came or went.
type tally struct {
	Rows  int   `json:"rows"`
	Count int64 `json:"total"`
}

func countReads(ctx context.Context, query *ent.CredentialReadQuery) (of tally, err error) {
	var found []tally
	err = query.Aggregate(
		ent.As(ent.Count(), "rows"),
		func(s *entsql.Selector) string {
			return entsql.As("COALESCE(SUM("+s.C(credentialread.FieldCount)+"), 0)", "total")
		},
	).Scan(ctx, &found)
	if err != nil {
		return tally{}, fmt.Errorf("count reads: %w", err)
	}
	return found[0], nil
}

// sumUp returns the digest of the reads that match, and how many they are.
func (of reads) sumUp(ctx context.Context, which predicate.CredentialRead) (digest, tally, error) {
	sums, seen := digest{}, tally{}
	err := of.eachRead(ctx, which, func(r *ent.CredentialRead) error {
		sums.add(of.keys, r)
		seen.Rows++
		seen.Count += r.Count
		return nil
	})
	return sums, seen, err
}

// eachRead passes the reads that match to a function, day by day.
func (of reads) eachRead(
	ctx context.Context, which predicate.CredentialRead, pass func(*ent.CredentialRead) error,
) error {
	day, some, err := of.nextDay(ctx, which)
	for ; err == nil && some; day, some, err = of.nextDay(ctx, credentialread.And(which, credentialread.DayGT(day))) {
		for last, n := "", digestBatch; n == digestBatch; {
			rows, err := of.reader.CredentialRead.Query().
				Where(credentialread.Day(day), credentialread.IDGT(last)).
				Order(ent.Asc(credentialread.FieldID)).Limit(digestBatch).All(ctx)
			if err != nil {
				return fmt.Errorf("read the reads of credentials: %w", err)
			}
			for _, r := range rows {
				if err := pass(r); err != nil {
					return err
				}
				last = r.ID
			}
			n = len(rows)
		}
	}
	return err
}

// nextDay returns the first day with reads that match; false when there is none.
func (of reads) nextDay(ctx context.Context, which predicate.CredentialRead) (day time.Time, some bool, err error) {
	first, err := of.reader.CredentialRead.Query().Where(which).Order(ent.Asc(credentialread.FieldDay)).
		Select(credentialread.FieldDay).First(ctx)
	if ent.IsNotFound(err) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look for a day with reads: %w", err)
	}
	return first.Day.UTC(), true, nil
}

// TidyReads keeps the reads of credentials in bounds, as of a time. It gives the audit trail the digests of the days
// that are over, counts old months together, and removes the reads from before an instant.
func (s *Service) TidyReads(ctx context.Context, now, before time.Time) error {
	return errors.Join(s.DigestReads(ctx, now), s.foldReads(ctx, now), s.removeReads(ctx, before))
}

// removeReads removes the reads of days that began before an instant, in small transactions.
func (s *Service) removeReads(ctx context.Context, before time.Time) error {
	ctx = principal.AsSystem(ctx, "removal of old reads")
	for {
		removed := 0
		err := s.store.Write(store.InBackground(ctx), func(ctx context.Context, tx *ent.Tx) (err error) {
			removed, err = removeSome(ctx, tx, before)
			return err
		})
		if err != nil {
			return fmt.Errorf("remove old reads of credentials: %w", err)
		}
		if removed < digestBatch {
			return nil
		}
	}
}

func removeSome(ctx context.Context, tx *ent.Tx, before time.Time) (int, error) {
	through, err := holdDigests(ctx, tx)
	if err != nil {
		return 0, err
	}
	ids, err := tx.CredentialRead.Query().Where(credentialread.DayLT(before)).Limit(digestBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	gone, err := takeReads(ctx, tx, credentialread.IDIn(ids...))
	if err != nil {
		return 0, err
	}
	return len(ids), appendDigest(ctx, tx, digested{cause: timeOver, sums: gone.sums.before(through)})
}

// ForgetReads removes what the keys of a client have read. The transaction must not have locked the end of the audit
// trail.
func ForgetReads(ctx context.Context, tx *ent.Tx, clientID string) error {
	through, err := holdDigests(ctx, tx)
	if err != nil {
		return err
	}
	gone, err := takeReads(ctx, tx, credentialread.ClientID(clientID))
	if err != nil {
		return err
	}
	return appendDigest(ctx, tx, digested{cause: clientErased, sums: gone.sums.before(through)})
}

// taken are reads that were removed, and what their removal changes in the digests.
type taken struct {
	rows []*ent.CredentialRead
	sums digest
}

// takeReads removes the reads that match, and returns them in the order of their ids.
func takeReads(ctx context.Context, tx *ent.Tx, which predicate.CredentialRead) (taken, error) {
	rows, err := tx.CredentialRead.Query().Where(which, store.ForUpdate).Order(ent.Asc(credentialread.FieldID)).All(ctx)
	if err != nil {
		return taken{}, fmt.Errorf("read the reads to remove: %w", err)
	}
	of, keys := taken{rows: rows, sums: digest{}}, store.KeysOf(ctx)
	for _, r := range rows {
		of.sums.take(keys, r)
	}
	if _, err := tx.CredentialRead.Delete().Where(which).Exec(ctx); err != nil {
		return taken{}, fmt.Errorf("remove reads: %w", err)
	}
	return of, nil
}
