package operator

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/typed"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/factor"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/core/servicetoken"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/throttle"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const maxName = 200

// Options are what a Service works with.
type Options struct {
	Store         *store.Store
	Hasher        *password.Hasher
	Tickets       *ticket.Service
	Throttle      *throttle.Service
	Sessions      *session.Service
	Factors       *factor.Service
	Logins        *login.Service
	ServiceTokens *servicetoken.Service
	// PublicURL is the prefix of the links for passwords.
	PublicURL *url.URL
	// Organization is the name of the software house, which no password may contain; empty if it is unknown.
	Organization string
	// Live publishes the access keys that end with an operator; nil publishes nothing.
	Live *live.Bus
	// Now is the clock.
	Now func() time.Time
}

// Service makes, changes and disables operators.
type Service struct {
	store         *store.Store
	hasher        *password.Hasher
	tickets       *ticket.Service
	throttle      *throttle.Service
	sessions      *session.Service
	factors       *factor.Service
	logins        *login.Service
	serviceTokens *servicetoken.Service
	publicURL     string
	organization  string
	live          *live.Bus
	now           func() time.Time
}

// New returns the service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, hasher: o.Hasher, tickets: o.Tickets, throttle: o.Throttle, sessions: o.Sessions,
		factors: o.Factors, logins: o.Logins, serviceTokens: o.ServiceTokens,
		publicURL: o.PublicURL.String(), organization: o.Organization, live: o.Live, now: o.Now,
	}
}

// Status says whether an operator can log in.
type Status string

// The states.
const (
	Invited  Status = "INVITED"
	Active   Status = "ACTIVE"
	Disabled Status = "DISABLED"
)

// StatusOf returns the state of an operator.
func StatusOf(person *ent.Operator) Status {
	switch {
	case person.DisabledAt != nil:
		return Disabled
	case person.PasswordHash == "":
		return Invited
	default:
		return Active
	}
}

// Input is an operator to be made.
type Input struct {
	Name     string
	Email    string
	Password string
	Role     principal.Role
}

// Create makes an operator with a password. It returns a fault.List when the input can be mended. The caller has
// checked that the principal may make one.
func (s *Service) Create(ctx context.Context, in Input) (*ent.Operator, error) {
	draft, err := s.prepare(ctx, in)
	if err != nil {
		return nil, err
	}
	var person *ent.Operator
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if person, err = insert(ctx, tx, draft); err != nil {
			return err
		}
		return audit.Append(ctx, tx, creation(person))
	})
	return person, err
}

// creation is the event of an operator that was made.
func creation(person *ent.Operator) audit.Event {
	return audit.Event{Action: "operator.create", ObjectID: person.ID, Changes: []audit.Change{
		{Field: "email", New: person.Email}, {Field: "role", New: person.Role},
	}}
}

// draft is a checked Input whose password is hashed. Hashing costs time: it is done before a transaction begins.
type draft struct {
	name, email, hash string
	role              principal.Role
}

// prepare checks an Input and hashes its password. It returns a fault.List when the input can be mended.
func (s *Service) prepare(ctx context.Context, in Input) (draft, error) {
	var bad fault.List
	name, email := checkIdentity(&bad, in.Name, in.Email)
	s.checkPassword(&bad, in.Password, email, password.MinLength)
	if err := bad.Err(); err != nil {
		return draft{}, err
	}
	hash, err := s.hasher.Hash(ctx, in.Password)
	if err != nil {
		return draft{}, err
	}
	return draft{name: name, email: email, hash: hash, role: in.Role}, nil
}

// checkIdentity returns the name and the e-mail address as they are stored. It adds what is wrong with them to bad.
func checkIdentity(bad *fault.List, name, email string) (string, string) {
	name = bad.Line(name, maxName, "name")
	address := typed.Email(email)
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

// checkPassword adds what is wrong with a password to bad.
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

func insert(ctx context.Context, tx *ent.Tx, in draft) (*ent.Operator, error) {
	if err := requireFreeEmail(ctx, tx, in.email, ""); err != nil {
		return nil, err
	}
	person, err := tx.Operator.Create().
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
	return person, nil
}

// requireFreeEmail returns a fault.List when an operator other than id has the e-mail address.
func requireFreeEmail(ctx context.Context, tx *ent.Tx, email, id string) error {
	taken, err := tx.Operator.Query().Where(operator.Email(email), operator.IDNEQ(id)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the e-mail address: %w", err)
	}
	if taken {
		return fault.New(fault.EmailTaken, "email")
	}
	return nil
}

// List returns a page of operators in the order in which they were made. It returns a fault.BadRequest when the
// arguments make no sense.
func (s *Service) List(ctx context.Context, args page.Args) (*page.Connection[*ent.Operator], error) {
	window, err := args.Window(page.Order{})
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Reader().Operator.Query().Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list operators: %w", err)
	}
	return page.New(window, rows,
		func(o *ent.Operator) (string, string) { return "", o.ID },
		func(ctx context.Context) (int, error) { return s.store.Reader().Operator.Query().Count(ctx) },
	), nil
}
