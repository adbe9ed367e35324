// Package auth knows operators: it makes them, logs them in, keeps their sessions, and says who an access token is.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/password"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/store"
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
	// minPassword is the least characters of a password that stands alone, without a second factor.
	minPassword = 15
	setupLife   = 30 * time.Minute
	maxName     = 200
)

// Service works on operators and their sessions.
type Service struct {
	store   *store.Store
	keys    *seal.Keyset
	hasher  *password.Hasher
	issuer  string
	now     func() time.Time
	signing signing
	known   *lru.Cache[string, known]
}

// known is who a session's operator was when it was last read.
type known struct {
	operator principal.Operator
	readAt   time.Time
}

// maxKnown is how many sessions are remembered.
const maxKnown = 10_000

// New returns the service over a store. issuer, the portal's public URL, stands in the access tokens; now is the clock.
func New(s *store.Store, keys *seal.Keyset, hasher *password.Hasher, issuer string, now func() time.Time) *Service {
	cache, err := lru.New[string, known](maxKnown)
	if err != nil {
		panic(err) // only of a size that is not positive
	}
	return &Service{store: s, keys: keys, hasher: hasher, issuer: issuer, now: now, known: cache}
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
		made, err = insert(ctx, tx, checked)
		return err
	})
	return made, err
}

// checked is an operator whose input is good and whose password is hashed: what costs time is done before a
// transaction begins.
type checked struct {
	name, email, hash string
	role              principal.Role
}

func (s *Service) check(ctx context.Context, in NewOperator) (checked, error) {
	var bad fault.List
	name := bad.Line(in.Name, maxName, "name")
	email := emailAddress(in.Email)
	if strings.TrimSpace(in.Email) == "" {
		bad.Add(fault.Required, nil, "email")
	} else if email == "" {
		bad.Add(fault.EmailInvalid, nil, "email")
	}
	if in.Password == "" {
		bad.Add(fault.Required, nil, "password")
	} else {
		checkPassword(&bad, in.Password, email)
	}
	if err := bad.Err(); err != nil {
		return checked{}, err
	}
	hash, err := s.hasher.Hash(ctx, in.Password)
	if err != nil {
		return checked{}, busy(err)
	}
	return checked{name: name, email: email, hash: hash, role: in.Role}, nil
}

func checkPassword(bad *fault.List, text, email string) {
	var rule *password.RuleError
	if !errors.As(password.Check(text, minPassword, email), &rule) {
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
	taken, err := tx.Operator.Query().Where(operator.Email(in.email)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the e-mail address: %w", err)
	}
	if taken {
		return nil, fault.New(fault.EmailTaken, "email")
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
	return made, audit.Append(ctx, tx, audit.Event{
		Action: "operator.create", ObjectID: made.ID,
		Changes: []audit.Change{{Field: "email", New: in.email}, {Field: "role", New: in.role}},
	})
}

// emailAddress returns a bare e-mail address in lower case, or "" when text is none.
func emailAddress(text string) string {
	text = strings.TrimSpace(text)
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
