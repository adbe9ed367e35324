package accesskey

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// exposable is what flagging needs of a stored key or service token.
type exposable struct {
	hash      []byte
	exposedAt *time.Time
	// flag sets the time of the exposure. It returns 0 when another request has set it.
	flag  func(ctx context.Context, tx *ent.Tx, at time.Time) (int, error)
	event audit.Event
}

// FlagExposed flags a key or service token that came in a place where others can read it, such as a URL. The first time
// it also appends an audit event. A text that is no key or token of this portal changes nothing: only a caller with the
// whole secret can flag it.
func (s *Service) FlagExposed(ctx context.Context, text, where string) error {
	secret, err := token.Parse(text)
	if err != nil {
		return nil
	}
	ctx = principal.AsSystem(ctx, "exposed credential")
	find := s.exposedKey
	switch secret.Environment() {
	case token.Script:
		find = s.exposedServiceToken
	case s.environment:
	default:
		return nil
	}
	found, err := find(ctx, secret)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up what was exposed: %w", err)
	}
	if !secret.Matches(found.hash) || found.exposedAt != nil {
		return nil
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		flagged, err := found.flag(ctx, tx, s.now())
		if err != nil {
			return fmt.Errorf("flag what was exposed: %w", err)
		}
		if flagged == 0 { // by another request at the same time
			return nil
		}
		found.event.Changes = []audit.Change{{Field: "where", New: where}}
		return audit.Append(ctx, tx, found.event)
	})
}

func (s *Service) exposedKey(ctx context.Context, secret token.Token) (exposable, error) {
	key, err := s.store.Reader().AccessKey.Query().Where(accesskey.VisiblePart(secret.VisiblePart())).Only(ctx)
	if err != nil {
		return exposable{}, err
	}
	return exposable{
		hash: key.Hash, exposedAt: key.ExposedAt,
		flag: func(ctx context.Context, tx *ent.Tx, at time.Time) (int, error) {
			return tx.AccessKey.Update().Where(accesskey.ID(key.ID), accesskey.ExposedAtIsNil()).SetExposedAt(at).Save(ctx)
		},
		event: audit.Event{Action: "access_key.exposed", ObjectID: key.ID, ClientID: key.ClientID},
	}, nil
}

func (s *Service) exposedServiceToken(ctx context.Context, secret token.Token) (exposable, error) {
	row, err := s.store.Reader().ServiceToken.Query().Where(servicetoken.VisiblePart(secret.VisiblePart())).Only(ctx)
	if err != nil {
		return exposable{}, err
	}
	return exposable{
		hash: row.Hash, exposedAt: row.ExposedAt,
		flag: func(ctx context.Context, tx *ent.Tx, at time.Time) (int, error) {
			return tx.ServiceToken.Update().Where(servicetoken.ID(row.ID), servicetoken.ExposedAtIsNil()).
				SetExposedAt(at).Save(ctx)
		},
		event: audit.Event{Action: "service_token.exposed", ObjectID: row.ID},
	}, nil
}
