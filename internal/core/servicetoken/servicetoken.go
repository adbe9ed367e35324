package servicetoken

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	maxName = 200
	// maxLife is how far ahead the end of a token may lie.
	maxLife = 366 * 24 * time.Hour
	// maxWorking is how many tokens may work at once.
	maxWorking = 100
	// task is what the program does where it changes a token for an administrator.
	task = "operators"
)

// Service makes, lists, verifies and revokes service tokens.
type Service struct {
	store *store.Store
	live  *live.Bus
	now   func() time.Time
	uses  backlog.Latest[use] // by the id of the token
}

// New returns the service. bus publishes the tokens that end; nil publishes nothing.
func New(s *store.Store, bus *live.Bus, now func() time.Time) *Service {
	return &Service{store: s, live: bus, now: now}
}

// Input is a service token to be made.
type Input struct {
	Name      string
	Role      principal.Role
	ExpiresAt time.Time
	// Scopes are what the token may do beside reading.
	Scopes principal.Scopes
	// Addresses are the addresses and networks that the token works from; an empty list means anywhere.
	Addresses      []string
	IdempotencyKey *string
}

// draft is a checked Input.
type draft struct {
	Input
	networks []netip.Prefix
}

// Create makes a token for a script and returns its text, which no later call returns. The text is empty when the
// request was a repetition. It returns a fault.List when the input can be mended.
func (s *Service) Create(ctx context.Context, in Input) (row *ent.ServiceToken, text string, err error) {
	now := s.now()
	checked, err := checkInput(in, now)
	if err != nil {
		return nil, "", err
	}
	secret, err := token.New(token.Script)
	if err != nil {
		return nil, "", err
	}
	actor, err := principal.Administrator(ctx)
	if err != nil {
		return nil, "", err
	}
	err = audit.WriteAs(ctx, s.store, actor, task, func(ctx context.Context, tx *ent.Tx) (audit.Event, error) {
		id := ident.New(ident.ServiceToken)
		known, err := idempotency.Reserve(principal.With(ctx, actor), tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "createServiceToken",
			Input: []any{checked.Name, in.Role, in.ExpiresAt, in.Scopes, checked.networks},
		}, id)
		if err != nil {
			return audit.Event{}, err
		}
		if known != id {
			row, err = tx.ServiceToken.Get(ctx, known)
			return audit.Event{}, err
		}
		if err := requireRoom(ctx, tx, now); err != nil {
			return audit.Event{}, err
		}
		if row, err = insert(ctx, tx, id, checked, secret, actor); err != nil {
			return audit.Event{}, err
		}
		text = secret.Reveal()
		return audit.Event{Action: "service_token.create", ObjectID: id, Changes: []audit.Change{
			{Field: "name", New: checked.Name}, {Field: "role", New: in.Role}, {Field: "expiresAt", New: row.ExpiresAt},
			{Field: "scopes", New: in.Scopes.List()}, {Field: "addresses", New: accesskey.Told(checked.networks)},
		}}, nil
	})
	return row, text, err
}

// checkInput returns a fault.List when the input can be mended.
func checkInput(in Input, now time.Time) (draft, error) {
	var bad fault.List
	in.Name = bad.Line(in.Name, maxName, "name")
	switch {
	case !in.ExpiresAt.After(now):
		bad.Add(fault.ExpiryPast, nil, "expiresAt")
	case in.ExpiresAt.After(now.Add(maxLife)):
		bad.Add(fault.OutOfRange, []any{1, 366}, "expiresAt")
	}
	networks := accesskey.Networks(&bad, in.Addresses)
	return draft{in, networks}, bad.Err()
}

// requireRoom returns a fault.List when maxWorking tokens work already.
func requireRoom(ctx context.Context, tx *ent.Tx, now time.Time) error {
	working, err := tx.ServiceToken.Query().
		Where(servicetoken.RevokedAtIsNil(), servicetoken.ExpiresAtGT(now)).
		Count(ctx)
	if err != nil {
		return fmt.Errorf("count the service tokens: %w", err)
	}
	if working >= maxWorking {
		return fault.List{{Code: fault.LimitReached, Args: []any{maxWorking}}}
	}
	return nil
}

func insert(
	ctx context.Context, tx *ent.Tx, id string, in draft, secret token.Token, maker principal.Operator,
) (*ent.ServiceToken, error) {
	create := tx.ServiceToken.Create().
		SetID(id).
		SetName(in.Name).
		SetRole(in.Role).
		SetVisiblePart(secret.VisiblePart()).
		SetLast4(secret.Last4()).
		SetHash(secret.Hash()).
		SetCreatedBy(maker.Name).
		SetCreatedByID(maker.ID).
		SetScopes(in.Scopes).
		SetExpiresAt(in.ExpiresAt.UTC().Truncate(time.Microsecond))
	if len(in.networks) > 0 {
		create.SetAddresses(in.networks)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the service token: %w", err)
	}
	return row, nil
}

// Revoke ends a service token at once, with the installs that it began and those access keys of its making that are
// named. It returns a fault.List when there is no such token, or a key is none that it made.
func (s *Service) Revoke(ctx context.Context, id string, accessKeyIDs []string) (*ent.ServiceToken, error) {
	actor, err := principal.Administrator(ctx)
	if err != nil {
		return nil, err
	}
	var revoked *ent.ServiceToken
	err = audit.WriteAs(ctx, s.store, actor, task, func(ctx context.Context, tx *ent.Tx) (audit.Event, error) {
		row, err := tx.ServiceToken.Query().Where(servicetoken.ID(id), store.ForUpdate).Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the service token: %w", err)
		}
		if err := accesskey.RevokeMade(principal.With(ctx, actor), tx, s.live, id, accessKeyIDs, s.now()); err != nil {
			return audit.Event{}, err
		}
		if revoked = row; row.RevokedAt != nil {
			return audit.Event{}, nil
		}
		if err := install.EndOfMakers(ctx, tx, s.now(), id); err != nil {
			return audit.Event{}, err
		}
		if revoked, err = tx.ServiceToken.UpdateOne(row).SetRevokedAt(s.now()).Save(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("revoke the service token: %w", err)
		}
		return audit.Event{Action: "service_token.revoke", ObjectID: id}, s.live.PublishRights(ctx, tx, id)
	})
	return revoked, err
}

// EndOfMaker revokes the service tokens that an operator made, in the transaction that takes the operator's rights: a
// token does not live on with rights that its maker has lost. The installs that the tokens began end with them. It
// returns how many tokens it revoked.
func (s *Service) EndOfMaker(ctx context.Context, tx *ent.Tx, operatorID string) (int, error) {
	ids, err := tx.ServiceToken.Query().
		Where(servicetoken.CreatedByID(operatorID), servicetoken.RevokedAtIsNil()).
		IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("list the operator's service tokens: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	if err := tx.ServiceToken.Update().Where(servicetoken.IDIn(ids...)).SetRevokedAt(s.now()).Exec(ctx); err != nil {
		return 0, fmt.Errorf("revoke the operator's service tokens: %w", err)
	}
	if err := s.live.PublishRights(ctx, tx, ids...); err != nil {
		return 0, err
	}
	return len(ids), install.EndOfMakers(ctx, tx, s.now(), ids...)
}

// List returns a page of service tokens, newest first. It returns a fault.BadRequest when the arguments make no sense.
func (s *Service) List(ctx context.Context, args page.Args) (*page.Connection[*ent.ServiceToken], error) {
	window, err := args.Window(page.Order{Desc: true})
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Reader().ServiceToken.Query().Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list service tokens: %w", err)
	}
	return page.New(window, rows,
		func(t *ent.ServiceToken) (string, string) { return "", t.ID },
		func(ctx context.Context) (int, error) { return s.store.Reader().ServiceToken.Query().Count(ctx) },
	), nil
}
