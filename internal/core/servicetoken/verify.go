package servicetoken

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Verify returns the principal that a service token stands for, and notes that it was used from a network address. It
// returns a fault.Unproven for a token that is malformed, unknown, revoked or expired, or that is bound to other
// addresses. It asks the database each time: a revocation acts at once.
func (s *Service) Verify(ctx context.Context, text, address string) (principal.Operator, error) {
	secret, err := token.ParseFor(token.Script, text)
	if err != nil {
		return principal.Operator{}, err
	}
	row, err := s.find(ctx, secret.VisiblePart())
	if errors.Is(err, sql.ErrNoRows) {
		// The comparison is made all the same, so that an unknown token takes as long.
		secret.Matches(make([]byte, len(secret.Hash())))
		return principal.Operator{}, fault.Unproven{Reason: fault.Unknown}
	}
	if err != nil {
		return principal.Operator{}, fmt.Errorf("look up the service token: %w", err)
	}
	switch {
	case !secret.Matches(row.Hash), !store.Vouches(ctx, s.store, row):
		return principal.Operator{}, fault.Unproven{Reason: fault.Unknown}
	case row.RevokedAt != nil:
		return principal.Operator{}, fault.Unproven{Reason: fault.Revoked, Since: *row.RevokedAt}
	case !s.now().Before(row.ExpiresAt):
		return principal.Operator{}, fault.Unproven{Reason: fault.Expired, Since: row.ExpiresAt}
	case !accesskey.Allows(row.Addresses, address):
		return principal.Operator{}, fault.Unproven{Reason: fault.AddressNotAllowed, About: address}
	}
	s.uses.Note(row.ID, use{at: s.now(), address: address})
	return principal.Operator{ID: row.ID, Name: row.Name, Role: row.Role, Scopes: row.Scopes}, nil
}

// tokenQuery reads what decides about a token. It is raw, as every request of a script runs it. It bypasses the privacy
// policies: it reads one row by a unique column, before there is a principal.
const tokenQuery = `
SELECT id, mac, name, role, visible_part, hash, created_by_id, scopes, addresses, expires_at, revoked_at
FROM service_tokens WHERE visible_part = $1`

// find reads a token by its visible part, without the columns that decide nothing. It returns sql.ErrNoRows when there
// is none.
func (s *Service) find(ctx context.Context, visiblePart string) (*ent.ServiceToken, error) {
	var bound []byte
	r := &ent.ServiceToken{}
	err := s.store.DB().QueryRowContext(store.Reading(ctx), tokenQuery, visiblePart).
		Scan(&r.ID, &r.MAC, &r.Name, &r.Role, &r.VisiblePart, &r.Hash, &r.CreatedByID, &r.Scopes, &bound, &r.ExpiresAt,
			&r.RevokedAt)
	if err == nil && len(bound) > 0 {
		err = json.Unmarshal(bound, &r.Addresses)
	}
	return r, err
}

// use is when and from where a service token was last used.
type use struct {
	at      time.Time
	address string
}

// Run saves the last uses of service tokens every few seconds until ctx ends, and once more then. It passes errors to
// report. The uses of a save that failed are saved with the next one.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, s.Flush, report)
}

// Flush saves the noted uses of service tokens in one transaction.
func (s *Service) Flush(ctx context.Context) error {
	pending := s.uses.Take()
	if len(pending) == 0 {
		return nil
	}
	ctx = principal.AsSystem(ctx, "last use of service tokens")
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(pending)) { // so that two instances do not wait for each other
			last := pending[id]
			err := tx.ServiceToken.Update().
				Where(
					servicetoken.ID(id),
					servicetoken.Or(servicetoken.LastUsedAtIsNil(), servicetoken.LastUsedAtLT(last.at)),
				).
				SetLastUsedAt(last.at).
				SetLastUsedAddress(last.address).
				Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.uses.PutBack(pending)
		return fmt.Errorf("save the last uses of service tokens: %w", err)
	}
	return nil
}
