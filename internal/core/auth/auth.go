// Package auth knows operators: it makes them, logs them in, keeps their sessions, and says who an access token is.
package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/typed"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	accessLife   = 5 * time.Minute
	idleLife     = 30 * time.Minute
	absoluteLife = 12 * time.Hour
	// grace is how long a second tab that sends the same refresh token gets the same successor.
	grace       = 10 * time.Second
	maxSessions = 10
	// cacheLife is how long an ended session or a lost role may go unnoticed by an access token.
	cacheLife = 5 * time.Second
	setupLife = 30 * time.Minute
	maxName   = 200
)

// listedAs returns what a passkey and an app are listed under: the product's name and, where it is known, the house's. A colon
// would end the name in an app's address.
func listedAs(organization string) string {
	if organization == "" {
		return "Chaveiro"
	}
	return "Chaveiro – " + strings.ReplaceAll(organization, ":", "")
}

// Demand says of whom a second factor is demanded.
type Demand string

// The demands.
const (
	FromNobody Demand = "optional"
	FromAdmins Demand = "admins"
	FromAll    Demand = "all"
)

// Options are what a Service works with.
type Options struct {
	Store  *store.Store
	Keys   *seal.Keyset
	Hasher *password.Hasher
	// PublicURL stands in the access tokens as their issuer, begins the links, and is what passkeys are bound to.
	PublicURL *url.URL
	// AdminOrigins are where the admin page is hosted beside that: passkeys may answer there too; none if empty.
	AdminOrigins []string
	// SecondFactor says of whom a second factor is demanded; empty: of nobody.
	SecondFactor Demand
	// Measure is told how each log-in, or half of one, ended. It must not wait for anything; nil tells nobody.
	Measure func(LoginOutcome)
	// Strangers records the log-ins that fail; nil is one of the service's own.
	Strangers *audit.Strangers
	// Organization is the name of the software house, which is in no password; empty if it is not known.
	Organization string
	// Live is told whose rights have changed; nil tells nobody.
	Live *live.Bus
	// Now is the clock.
	Now func() time.Time
}

// Service works on operators, their sessions and what proves who they are, and on service tokens.
type Service struct {
	store     *store.Store
	keys      *seal.Keyset
	hasher    *password.Hasher
	party     *webauthn.WebAuthn
	publicURL string
	demand    Demand
	// organization is not in passwords, and listedAs is what an app calls the portal.
	organization, listedAs string

	measure   func(LoginOutcome)
	now       func() time.Time
	signing   signing
	live      *live.Bus
	known     *lru.Cache[string, known]
	uses      backlog.Latest[use] // of service tokens, by id
	strangers *audit.Strangers
}

// known is who a session's operator was when it was last read.
type known struct {
	operator principal.Operator
	readAt   time.Time
}

// maxKnown is how many sessions are remembered.
const maxKnown = 10_000

// New returns the service. It returns an error when the public URL is none that passkeys can be bound to.
func New(o Options) (*Service, error) {
	cache, err := lru.New[string, known](maxKnown)
	if err != nil {
		return nil, err
	}
	party, err := newRelyingParty(o)
	if err != nil {
		return nil, err
	}
	return &Service{
		store: o.Store, keys: o.Keys, hasher: o.Hasher, party: party,
		publicURL: o.PublicURL.String(), demand: o.SecondFactor, measure: o.Measure,
		organization: o.Organization, listedAs: listedAs(o.Organization), now: o.Now, live: o.Live, known: cache,
		strangers: cmp.Or(o.Strangers, audit.NewStrangers(o.Store, o.Now, nil)),
	}, nil
}

// narrowed tells who keeps a stream open for operators or service tokens that they may do less than before.
func (s *Service) narrowed(ctx context.Context, tx *ent.Tx, ids ...string) error {
	for _, id := range ids {
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.RightsChanged, ObjectID: id}); err != nil {
			return err
		}
	}
	return nil
}

// NewOperator is an operator to be made.
type NewOperator struct {
	Name     string
	Email    string
	Password string
	Role     principal.Role
}

// CreateOperator makes an operator. It returns a fault.List when the input can be mended. Who calls it has checked that
// the caller may.
func (s *Service) CreateOperator(ctx context.Context, in NewOperator) (*ent.Operator, error) {
	checked, err := s.check(ctx, in)
	if err != nil {
		return nil, err
	}
	var made *ent.Operator
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if made, err = insert(ctx, tx, checked); err != nil {
			return err
		}
		return audit.Append(ctx, tx, creation(made))
	})
	return made, err
}

// creation is the event of an operator that was made.
func creation(made *ent.Operator) audit.Event {
	return audit.Event{Action: "operator.create", ObjectID: made.ID, Changes: []audit.Change{
		{Field: "email", New: made.Email}, {Field: "role", New: made.Role},
	}}
}

// checked is an operator whose input is good and whose password is hashed: what costs time is done before a
// transaction begins.
type checked struct {
	name, email, hash string
	role              principal.Role
}

func (s *Service) check(ctx context.Context, in NewOperator) (checked, error) {
	var bad fault.List
	name, email := checkIdentity(&bad, in.Name, in.Email)
	s.checkPassword(&bad, in.Password, email, password.MinLength)
	if err := bad.Err(); err != nil {
		return checked{}, err
	}
	hash, err := s.hasher.Hash(ctx, in.Password)
	if err != nil {
		return checked{}, busy(err)
	}
	return checked{name: name, email: email, hash: hash, role: in.Role}, nil
}

// checkIdentity returns the name and the e-mail address as they are stored.
func checkIdentity(bad *fault.List, name, email string) (string, string) {
	name = bad.Line(name, maxName, "name")
	address := emailAddress(email)
	switch {
	case typed.Trim(email) == "":
		bad.Add(fault.Required, nil, "email")
	case typed.Hides(typed.Trim(email)):
		bad.Add(fault.HiddenCharacters, nil, "email")
	case address == "":
		bad.Add(fault.EmailInvalid, nil, "email")
	case typed.LooksLikeAnother(address):
		bad.Add(fault.EmailConfusable, nil, "email")
	}
	return name, address
}

func (s *Service) checkPassword(bad *fault.List, text, email string, minLength int) {
	if text == "" {
		bad.Add(fault.Required, nil, "password")
		return
	}
	var rule *password.RuleError
	if !errors.As(password.Check(text, minLength, email, s.organization), &rule) {
		return
	}
	switch rule.Code {
	case password.TooShort:
		bad.Add(fault.PasswordTooShort, []any{rule.Min}, "password")
	case password.TooLong:
		bad.Add(fault.PasswordTooLong, []any{rule.Max}, "password")
	case password.Common:
		bad.Add(fault.PasswordCommon, nil, "password")
	default:
		bad.Add(fault.PasswordGuessable, nil, "password")
	}
}

func insert(ctx context.Context, tx *ent.Tx, in checked) (*ent.Operator, error) {
	if err := emailIsFree(ctx, tx, in.email, ""); err != nil {
		return nil, err
	}
	made, err := tx.Operator.Create().
		SetName(in.name).
		SetEmail(in.email).
		SetPasswordHash(in.hash).
		SetRole(in.role).
		Save(ctx)
	if store.IsUniqueViolation(err, operator.Table, operator.FieldEmail) {
		return nil, fault.New(fault.EmailTaken, "email")
	}
	if err != nil {
		return nil, fmt.Errorf("insert the operator: %w", err)
	}
	return made, nil
}

// emailIsFree returns a fault.List when another operator than one has an e-mail address.
func emailIsFree(ctx context.Context, tx *ent.Tx, email, except string) error {
	taken, err := tx.Operator.Query().Where(operator.Email(email), operator.IDNEQ(except)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the e-mail address: %w", err)
	}
	if taken {
		return fault.New(fault.EmailTaken, "email")
	}
	return nil
}

// byEmail returns the operator of an e-mail address in lower case; nil when there is none.
func (s *Service) byEmail(ctx context.Context, email string) (*ent.Operator, error) {
	found, err := s.store.Reader().Operator.Query().Where(operator.Email(email)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the operator: %w", err)
	}
	return found, nil
}

// emailAddress returns a bare e-mail address in lower case, or "" when text is none.
func emailAddress(text string) string {
	text = typed.Trim(text)
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || len(text) > 254 {
		return ""
	}
	return strings.ToLower(text)
}

// busy turns a hasher that has no free turn into a refusal that tells the caller to try again.
func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return fault.Busy
	}
	return err
}

// newToken returns 256 random bits as text, and their hash, which is what is stored.
func newToken() (text string, hash []byte) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // it never fails: it ends the program instead
	text = base64.RawURLEncoding.EncodeToString(random)
	return text, hashToken(text)
}

func hashToken(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
