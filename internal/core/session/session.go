package session

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/signing"
	"github.com/chaveiro/chaveiro/internal/core/throttle"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	idleLife     = 30 * time.Minute
	absoluteLife = 12 * time.Hour
	maxSessions  = 10
)

// Demand says of which operators the portal demands a second factor.
type Demand string

// The demands.
const (
	FromNobody Demand = "optional"
	FromAdmins Demand = "admins"
	FromAll    Demand = "all"
)

// The values of the claim amr (RFC 8176): how an operator proved the log-in of a session.
const (
	ByPassword = "pwd"
	ByCode     = "otp"
	ByPasskey  = "pop" // proof of possession of a key
)

// Options are what a Service works with.
type Options struct {
	Store    *store.Store
	Keys     *seal.Keyset
	Signing  *signing.Service
	Tickets  *ticket.Service
	Throttle *throttle.Service
	// SecondFactor says of which operators a second factor is demanded; the zero value demands it of none.
	SecondFactor Demand
	// Live publishes the operators whose sessions end; nil publishes nothing.
	Live *live.Bus
	// Now is the clock.
	Now func() time.Time
}

// Service begins, refreshes, verifies and ends sessions.
type Service struct {
	store    *store.Store
	keys     *seal.Keyset
	signing  *signing.Service
	tickets  *ticket.Service
	throttle *throttle.Service
	demand   Demand
	live     *live.Bus
	now      func() time.Time
	memory   *lru.Cache[string, memory] // by the id of the session
}

// New returns the service.
func New(o Options) (*Service, error) {
	cache, err := lru.New[string, memory](maxMemory)
	if err != nil {
		return nil, err
	}
	return &Service{
		store: o.Store, keys: o.Keys, signing: o.Signing, tickets: o.Tickets, throttle: o.Throttle,
		demand: o.SecondFactor, live: o.Live, now: o.Now, memory: cache,
	}, nil
}

// Session is a log-in as its browser holds it.
type Session struct {
	// Operator is the operator who is logged in.
	Operator *ent.Operator
	// AccessToken is a JWT that works until AccessExpiresAt.
	AccessToken     string
	AccessExpiresAt time.Time
	// RefreshToken is good for one exchange, until RefreshExpiresAt; empty when the browser keeps the one it has.
	RefreshToken     string
	RefreshExpiresAt time.Time
	// Device is the cookie that the browser is known by until DeviceExpiresAt; empty when it keeps the one it has.
	Device          string
	DeviceExpiresAt time.Time
}

// Begin makes a session, proved by methods, and its first pair of tokens. It ends the operator's oldest sessions over
// the limit. It returns a fault.List of INVALID_CREDENTIALS when the operator was disabled meanwhile.
func (s *Service) Begin(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, browser Browser, methods string,
) (Session, error) {
	now, before := s.now(), person.LastLoginAt
	if since, ok := s.throttle.DeviceSince(person.ID, browser.Device); ok && (before == nil || since.Before(*before)) {
		before = &since // the changes that this browser has not seen begin there
	}
	// The update waits for a transaction that changes the operator, and so sees that the operator was disabled
	// meanwhile.
	person, err := tx.Operator.UpdateOneID(person.ID).SetLastLoginAt(now).Save(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("note the log-in: %w", err)
	}
	if person.DisabledAt != nil {
		return Session{}, fault.New(fault.InvalidCredentials)
	}
	if err := endOldest(ctx, tx, person.ID, now); err != nil {
		return Session{}, err
	}
	row, err := tx.Session.Create().
		SetID(ident.New(ident.Session)).
		SetOperatorID(person.ID).
		SetAuthenticatedAt(now).
		SetLastUsedAt(now).
		SetExpiresAt(now.Add(absoluteLife)).
		SetUserAgentHash(browser.agentHash()).
		SetBrowser(browser.label()).
		SetMethods(methods).
		SetAddress(browser.Address).
		SetNillableChangesSince(before).
		Save(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("insert the session: %w", err)
	}
	refresh, hash := token.NewOpaque()
	if err := tx.RefreshToken.Create().SetSessionID(row.ID).SetHash(hash).Exec(ctx); err != nil {
		return Session{}, fmt.Errorf("insert the refresh token: %w", err)
	}
	event := audit.Event{
		Action: "session.login", ObjectID: person.ID, Changes: []audit.Change{{Field: "methods", New: methods}},
	}
	if err := audit.Append(principal.With(ctx, s.principalOf(row, person)), tx, event); err != nil {
		return Session{}, err
	}
	result, err := s.issue(ctx, row, person, refresh, "")
	result.Device, result.DeviceExpiresAt = s.throttle.NewDevice(person.ID)
	return result, err
}

// endOldest ends the operator's oldest sessions, so that there is room for one more.
func endOldest(ctx context.Context, tx *ent.Tx, operatorID string, now time.Time) error {
	oldest, err := tx.Session.Query().
		Where(session.OperatorID(operatorID), session.EndedAtIsNil(), session.ExpiresAtGT(now)).
		Order(ent.Desc(session.FieldID)).
		Offset(maxSessions - 1).
		IDs(ctx)
	if err != nil {
		return fmt.Errorf("list the operator's sessions: %w", err)
	}
	if len(oldest) == 0 {
		return nil
	}
	err = tx.Session.Update().Where(session.IDIn(oldest...)).SetEndedAt(now).SetEndReason("too many sessions").Exec(ctx)
	if err != nil {
		return fmt.Errorf("end older sessions: %w", err)
	}
	return nil
}

// issue signs an access token for a session and joins it with a refresh token. presence is the text of a proof of
// presence, or empty. It returns fault.Unauthenticated for rows that were changed behind the program: requests trust a
// signed token.
func (s *Service) issue(
	ctx context.Context, row *ent.Session, person *ent.Operator, refresh, presence string,
) (Session, error) {
	if !s.vouches(ctx, row, person) {
		return Session{}, fault.Unauthenticated
	}
	text, expiresAt, err := s.signing.Sign(row, presence)
	if err != nil {
		return Session{}, err
	}
	return Session{
		Operator:         person,
		AccessToken:      text,
		AccessExpiresAt:  expiresAt,
		RefreshToken:     refresh,
		RefreshExpiresAt: row.ExpiresAt,
	}, nil
}

// Renewal says what a proof of an operator who is logged in is good for.
type Renewal struct {
	// Login renews the log-in of the session.
	Login bool
	// Presence puts a proof of presence into the new access token.
	Presence bool
}

// Renew returns a new access token of the actor's session, after a proof. It records the proof.
func (s *Service) Renew(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, actor principal.Operator, renewal Renewal,
) (Session, error) {
	row, err := tx.Session.Get(ctx, actor.SessionID)
	if err != nil {
		return Session{}, fmt.Errorf("read the session: %w", err)
	}
	if renewal.Login {
		if row, err = tx.Session.UpdateOneID(row.ID).SetAuthenticatedAt(s.now()).ClearMovedAt().Save(ctx); err != nil {
			return Session{}, fmt.Errorf("note the proof: %w", err)
		}
		s.Forget(ctx, row.ID)
	}
	presence := ""
	if renewal.Presence {
		presence, err = s.tickets.Create(ctx, tx, ticket.Draft{
			Purpose: ticket.Presence, OperatorID: actor.ID, Life: ticket.Life,
		})
		if err != nil {
			return Session{}, err
		}
	}
	event := audit.Event{Action: "session.reauthenticated", ObjectID: actor.ID}
	if err := audit.Append(principal.With(ctx, actor), tx, event); err != nil {
		return Session{}, err
	}
	return s.issue(ctx, row, person, "", presence)
}
