package accesskey

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// partSize caps how many keys one transaction saves: others write between two of them.
const partSize = 64

// Run saves what is noted of keys at each interval until ctx ends, and once more then. It passes an error to report,
// and retries what was not saved with the next save.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.saveDue, s.Flush, report)
}

// Flush saves all that is noted: uses, reads, refusals and traces. It drops those of clients that were erased
// meanwhile. What it cannot save stays noted.
func (s *Service) Flush(ctx context.Context) error { return s.save(ctx, true) }

// saveDue is Flush without the repetitions of keys that were saved within the last minute.
func (s *Service) saveDue(ctx context.Context) error { return s.save(ctx, false) }

// save saves in small transactions. A part that fails does not stop the others, unless the database does no work at
// all.
func (s *Service) save(ctx context.Context, everything bool) error {
	ctx = principal.AsSystem(ctx, "last use of access keys")
	taken, dropped := s.notes.take(s.now(), everything)
	all := join(taken, s.refusals.take())
	failed := []error{lost(dropped), s.saveTraces(ctx)}
	for len(all) > 0 {
		part := all[:min(len(all), partSize)]
		if err := s.savePart(ctx, part); err != nil {
			if ctx.Err() != nil || store.IsUnavailable(err) {
				part = all
			}
			s.notes.putBack(part)
			s.refusals.putBack(part)
			failed = append(failed, fmt.Errorf("save the last uses of access keys: %w", err))
		}
		all = all[len(part):]
	}
	return errors.Join(failed...)
}

// savePart saves what is noted of a few keys in one transaction, and tells the pages.
func (s *Service) savePart(ctx context.Context, part []noted) error {
	err := s.store.Write(store.InBackground(ctx), func(ctx context.Context, tx *ent.Tx) error {
		found, err := s.findStates(ctx, part)
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(part), func(n noted) bool {
			_, known := found[n.key.ID]
			return !known
		})
		if err := s.recordRareUses(ctx, tx, kept, found); err != nil {
			return err
		}
		if err := s.saveUses(ctx, kept); err != nil {
			return fmt.Errorf("save the uses: %w", err)
		}
		for _, n := range kept {
			if n.refused != nil {
				if err := saveRefusal(ctx, tx, n.key.ID, *n.refused); err != nil {
					return err
				}
			}
		}
		return s.saveReads(ctx, tx, kept)
	})
	if err != nil {
		return err
	}
	for _, n := range part {
		for _, r := range n.reads {
			s.counts.Count(activity.Reads, provider.Code(r.provider), r.count)
		}
		if !n.used.at.IsZero() || n.refused != nil {
			s.live.Tell(live.Event{
				Topic: live.AccessKeyUsed, ClientID: n.key.ClientID, ClientProductID: n.key.ClientProductID, ObjectID: n.key.ID,
			})
		}
	}
	return nil
}

// The statements of a save bypass the privacy policies: the program itself counts what keys do. Each takes an array of
// arrays as JSON, so that its text is the same for any number of keys and the drivers keep it prepared. They are
// written for PostgreSQL.
const (
	// eachRow are the members of the array, as e.value. The limit says nothing that was not so; but because the planner
	// does not see it, it expects 10 rows. For the 100 of jsonb_array_elements it read the whole tables.
	eachRow = `(SELECT value FROM jsonb_array_elements($1::jsonb) LIMIT (SELECT jsonb_array_length($1::jsonb))) AS e`

	// statesQuery takes ids of keys and their clients. It returns the keys of clients that are not erased, and locks the
	// clients against an erasure.
	statesQuery = `
SELECT e.value->>0, k.created_at, k.last_used_at,
	k.bait_used_at IS NULL AND (k.bait_since IS NOT NULL OR c.bait_since IS NOT NULL)
FROM ` + eachRow + `
JOIN clients c ON c.id = e.value->>1
LEFT JOIN access_keys k ON k.id = e.value->>0
WHERE c.erased_at IS NULL FOR SHARE OF c`

	// usesUpdate takes ids of keys, times and addresses.
	usesUpdate = `
UPDATE access_keys SET last_used_at = (e.value->>1)::timestamptz, last_used_address = e.value->>2
FROM ` + eachRow + `
WHERE access_keys.id = e.value->>0 AND (last_used_at IS NULL OR last_used_at < (e.value->>1)::timestamptz)`

	// newReadsQuery takes the rows of readsUpsert. It returns the ids of those that are the first read of a version from
	// an address. A version that the portal made by renewing is no news to a key that read the one before from there.
	newReadsQuery = `
SELECT e.value->>0
FROM ` + eachRow + `
LEFT JOIN marketplaces m ON m.id = e.value->>2 AND m.credential_version = (e.value->>3)::bigint
	AND m.renewed_at IS NOT NULL
WHERE NOT EXISTS (
	SELECT 1 FROM credential_reads r
	WHERE r.access_key_id = e.value->>1 AND r.marketplace_id = e.value->>2
	AND r.credential_version = (e.value->>3)::bigint AND r.address = e.value->>4)
AND (m.id IS NULL OR NOT EXISTS (
	SELECT 1 FROM credential_reads r
	WHERE r.access_key_id = e.value->>1 AND r.marketplace_id = e.value->>2 AND r.address = e.value->>4))`

	readsUpsert = `
INSERT INTO credential_reads (id, access_key_id, marketplace_id, credential_version, address, client_id, created_at, day,
	first_at, last_at, count)
SELECT e.value->>0, e.value->>1, e.value->>2, (e.value->>3)::bigint, e.value->>4, e.value->>5,
	(e.value->>6)::timestamptz, (e.value->>7)::timestamptz, (e.value->>8)::timestamptz, (e.value->>9)::timestamptz,
	(e.value->>10)::bigint
FROM ` + eachRow + `
WHERE true
ON CONFLICT (access_key_id, marketplace_id, credential_version, address, day) DO UPDATE SET
	count = credential_reads.count + excluded.count,
	first_at = CASE WHEN excluded.first_at < credential_reads.first_at THEN excluded.first_at
		ELSE credential_reads.first_at END,
	last_at = CASE WHEN excluded.last_at > credential_reads.last_at THEN excluded.last_at
		ELSE credential_reads.last_at END`
)

// forSQLite turns a statement for PostgreSQL into one for SQLite, which has one writer and no such types.
var forSQLite = strings.NewReplacer(eachRow, "json_each($1) AS e",
	"::timestamptz", "", "::bigint", "", " FOR SHARE OF c", "")

func (s *Service) inDialect(statement string) string {
	if s.store.Dialect() == dialect.SQLite {
		return forSQLite.Replace(statement)
	}
	return statement
}

// timeText is how SQLite's driver writes a time; PostgreSQL reads it too.
const timeText = "2006-01-02 15:04:05.999999999-07:00"

// textOf writes a time to the microsecond, which is what PostgreSQL keeps.
func textOf(at time.Time) string { return at.UTC().Truncate(time.Microsecond).Format(timeText) }

// rows are the argument of one of the statements.
type rows [][]any

func (r rows) text() (string, error) {
	text, err := json.Marshal(r)
	return string(text), err
}

// state is what decides whether the use of a key is rare.
type state struct {
	unused bool // for the time of silence, or since the key was made
	bait   bool // and was not used since
}

// findStates returns the states of the keys whose clients are not erased, by id. The clients cannot be erased until the
// transaction ends.
func (s *Service) findStates(ctx context.Context, part []noted) (map[string]state, error) {
	asked := make(rows, len(part))
	for i, n := range part {
		asked[i] = []any{n.key.ID, n.key.ClientID}
	}
	text, err := asked.text()
	if err != nil {
		return nil, err
	}
	found, before := make(map[string]state, len(part)), s.now().Add(-silence)
	err = store.Query(ctx, s.inDialect(statesQuery), func(scan func(...any) error) error {
		var (
			id            string
			created, used *time.Time
			bait          *bool
		)
		if err := scan(&id, &created, &used, &bait); err != nil {
			return err
		}
		found[id] = state{
			unused: created != nil && created.Before(before) && (used == nil || used.Before(before)),
			bait:   bait != nil && *bait,
		}
		return nil
	}, text)
	if err != nil {
		return nil, fmt.Errorf("find the states of keys: %w", err)
	}
	return found, nil
}

// recordRareUses records the uses of keys that were unused for long, and those of bait. It must run before the last use
// is overwritten.
func (s *Service) recordRareUses(ctx context.Context, tx *ent.Tx, part []noted, found map[string]state) error {
	for _, n := range part {
		is := found[n.key.ID]
		if is.unused && !n.used.at.IsZero() {
			if err := s.recordAfterSilence(ctx, tx, n); err != nil {
				return err
			}
		}
		if called, address := n.lastCall(); is.bait && called {
			if err := s.alarm(ctx, tx, n.key, address); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastCall reports whether the key was used or refused, and from where.
func (n *noted) lastCall() (called bool, address string) {
	switch {
	case !n.used.at.IsZero():
		return true, n.used.address
	case n.refused != nil:
		return true, n.refused.address
	default:
		return false, ""
	}
}

func (s *Service) saveUses(ctx context.Context, part []noted) error {
	var uses rows
	for _, n := range part {
		if !n.used.at.IsZero() {
			uses = append(uses, []any{n.key.ID, textOf(n.used.at), n.used.address})
		}
	}
	if len(uses) == 0 {
		return nil
	}
	text, err := uses.text()
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, s.inDialect(usesUpdate), text)
	return err
}

// counted is a read of a key on its way into the database.
type counted struct {
	id  string // of the row, unless there is one
	key principal.Key
	read
}

// saveReads counts reads, and appends an audit event for the first reads of a version from an address. Several
// instances may each append one.
func (s *Service) saveReads(ctx context.Context, tx *ent.Tx, part []noted) error {
	through, err := holdDigests(ctx, tx)
	if err != nil {
		return err
	}
	all := inOrder(part, dayOf(through))
	if len(all) == 0 {
		return nil
	}
	written := make(rows, len(all))
	for i, r := range all {
		written[i] = []any{
			r.id, r.key.ID, r.marketplace, r.version, r.address, r.key.ClientID,
			textOf(s.now()), textOf(beginOf(r.day)), textOf(r.first), textOf(r.last), r.count,
		}
	}
	text, err := written.text()
	if err != nil {
		return err
	}
	isNew := map[string]bool{}
	err = store.Query(ctx, s.inDialect(newReadsQuery), func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		isNew[id] = true
		return err
	}, text)
	if err != nil {
		return fmt.Errorf("look for earlier reads: %w", err)
	}
	if err := s.upsertReads(ctx, text); err != nil {
		return err
	}
	first := slices.DeleteFunc(all, func(r counted) bool { return !isNew[r.id] })
	for len(first) > 0 {
		end := slices.IndexFunc(first, func(r counted) bool {
			return r.key.ID != first[0].key.ID || r.address != first[0].address
		})
		if end < 0 {
			end = len(first)
		}
		if err := appendRead(ctx, tx, first[:end]); err != nil {
			return err
		}
		first = first[end:]
	}
	return nil
}

// upsertReads adds rows of reads, as the text of readsUpsert, to those that there are.
func (s *Service) upsertReads(ctx context.Context, text string) error {
	if _, err := store.Exec(ctx, s.inDialect(readsUpsert), text); err != nil {
		return fmt.Errorf("count the reads of credentials: %w", err)
	}
	return nil
}

// inOrder returns the reads of keys by key, address, marketplace and version. Those of a day before the first one that
// may be counted count for that one.
func inOrder(part []noted, first int64) (all []counted) {
	for _, n := range part {
		of := remembered{noted: noted{key: n.key}}
		for _, r := range n.reads {
			r.day = max(r.day, first)
			of.add(r) // it has room for as many as there are
		}
		for _, r := range of.reads {
			all = append(all, counted{ident.New(ident.CredentialRead), n.key, r})
		}
	}
	slices.SortFunc(all, func(a, b counted) int {
		return cmp.Or(strings.Compare(a.key.ID, b.key.ID), strings.Compare(a.address, b.address),
			strings.Compare(a.marketplace, b.marketplace), cmp.Compare(a.version, b.version), cmp.Compare(a.day, b.day))
	})
	return all
}

// appendRead appends the audit event of the first reads of a key from an address, with the key as actor.
func appendRead(ctx context.Context, tx *ent.Tx, first []counted) error {
	by := first[0]
	changes := make([]audit.Change, len(first))
	for i, r := range first {
		changes[i] = audit.Change{Field: "marketplace", New: map[string]any{
			"id": r.marketplace, "provider": r.provider, "credentialVersion": r.version,
		}}
	}
	ctx = audit.WithOrigin(principal.With(ctx, by.key), audit.Origin{Address: by.address, RequestID: by.requestID})
	return audit.Append(ctx, tx, audit.Event{
		Action: "credentials.read", ObjectID: by.key.ID, ClientID: by.key.ClientID, Changes: changes,
	})
}
