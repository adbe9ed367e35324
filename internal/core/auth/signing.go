package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/signingkey"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	audience  = "chaveiro-admin"
	tokenType = "at+jwt" // RFC 9068
	maxToken  = 4096     // bytes of an access token that are looked at
	// reloadEvery bounds how often an unknown key id makes the keys be read again.
	reloadEvery = 5 * time.Second
	// keyLife is how long a key signs.
	keyLife = 90 * 24 * time.Hour
	// publishAhead is how long before it signs a key is published. Every instance reads the keys more often than that,
	// each tendEvery.
	publishAhead = 10 * time.Minute
	tendEvery    = time.Minute
	// keepVerifying is how long a key verifies after the next one signs: until its last token has expired, with some time
	// for clocks that differ.
	keepVerifying = accessLife + 5*time.Minute
)

// claims are what an access token says. It names the session and the operator; what the operator may do is read from
// the database, so that a change acts at once.
type claims struct {
	jwt.RegisteredClaims
	SessionID       string   `json:"sid"`
	AuthenticatedAt int64    `json:"auth_time"`
	Methods         []string `json:"amr"`
	// Presence is the text of a ticket: see Service.Reauthenticate.
	Presence string `json:"presence,omitempty"`
}

// signing holds the keys of the access tokens, shared by all instances through the database.
type signing struct {
	mu      sync.Mutex
	public  map[string]ed25519.PublicKey
	signers []signer // in the order in which they sign
	// askedAt is when an unknown key id last made the keys be read.
	askedAt time.Time
	reading sync.Mutex
}

// find returns the key of an id, nil if it is not known. done reports that there is no use in reading the keys for it.
func (s *signing) find(kid string, now time.Time) (key ed25519.PublicKey, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, ok := s.public[kid]
	return key, ok || now.Sub(s.askedAt) < reloadEvery
}

// signer signs from a time until the next one does.
type signer struct {
	kid  string
	from time.Time
	key  ed25519.PrivateKey
}

// at returns who signs at a time: the last whose time has come.
func (s *signing) at(now time.Time) signer {
	s.mu.Lock()
	defer s.mu.Unlock()
	current := s.signers[0]
	for _, next := range s.signers[1:] {
		if next.from.After(now) {
			break
		}
		current = next
	}
	return current
}

// LoadSigningKeys reads the keys of the access tokens, and makes the first one when there is none. It must have
// returned before tokens are signed.
func (s *Service) LoadSigningKeys(ctx context.Context) error {
	s.signing.reading.Lock()
	defer s.signing.reading.Unlock()
	return s.loadSigningKeys(ctx)
}

// reloadSigningKeys reads the keys because an id is not known, unless that was done while it waited.
func (s *Service) reloadSigningKeys(ctx context.Context, kid string) error {
	s.signing.reading.Lock()
	defer s.signing.reading.Unlock()
	if _, done := s.signing.find(kid, s.now()); done {
		return nil
	}
	if err := s.loadSigningKeys(ctx); err != nil {
		return err
	}
	s.signing.mu.Lock()
	defer s.signing.mu.Unlock()
	s.signing.askedAt = s.now()
	return nil
}

func (s *Service) loadSigningKeys(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "signing keys")
	rows, err := s.readSigningKeys(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return s.makeSigningKey(ctx, tx, s.now()) })
		if err != nil {
			return err
		}
		if rows, err = s.readSigningKeys(ctx); err != nil {
			return err
		}
	}
	return s.useSigningKeys(rows)
}

func (s *Service) readSigningKeys(ctx context.Context) ([]*ent.SigningKey, error) {
	rows, err := s.store.Reader().SigningKey.Query().
		Where(signingkey.RetiredAtIsNil()).
		Order(ent.Asc(signingkey.FieldSignsFrom, signingkey.FieldID)).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	return rows, nil
}

func (s *Service) makeSigningKey(ctx context.Context, tx *ent.Tx, signsFrom time.Time) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	id := ident.New(ident.SigningKey)
	sealed, err := s.keys.Seal(signingPlace(id), private.Seed())
	if err != nil {
		return fmt.Errorf("seal the signing key: %w", err)
	}
	err = tx.SigningKey.Create().SetID(id).SetPublicKey(public).SetPrivateKeySealed(sealed).SetSignsFrom(signsFrom).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the signing key: %w", err)
	}
	return audit.Append(ctx, tx, audit.Event{Action: "signing_key.publish", ObjectID: id})
}

func (s *Service) useSigningKeys(rows []*ent.SigningKey) error {
	public := make(map[string]ed25519.PublicKey, len(rows))
	var signers []signer
	for _, row := range rows {
		if len(row.PublicKey) != ed25519.PublicKeySize {
			return fmt.Errorf("signing key %s is damaged", row.ID)
		}
		seed, err := s.keys.Open(signingPlace(row.ID), row.PrivateKeySealed)
		if err != nil {
			return fmt.Errorf("open signing key %s: %w", row.ID, err)
		}
		if len(seed) != ed25519.SeedSize {
			return fmt.Errorf("signing key %s is damaged", row.ID)
		}
		private := ed25519.NewKeyFromSeed(seed)
		if !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(row.PublicKey)) {
			return fmt.Errorf("signing key %s is not its own: its public part was changed behind the program", row.ID)
		}
		public[row.ID] = row.PublicKey
		signers = append(signers, signer{row.ID, row.SignsFrom, private})
	}
	if len(signers) == 0 {
		return errors.New("there is no signing key")
	}
	s.signing.mu.Lock()
	defer s.signing.mu.Unlock()
	s.signing.public, s.signing.signers = public, signers
	return nil
}

// RunSigningKeys tends the signing keys each minute until ctx ends. failed is told what goes wrong; it is tried again.
func (s *Service) RunSigningKeys(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(tendEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		bounded, cancel := context.WithTimeout(ctx, tendEvery/2)
		if err := s.TendSigningKeys(bounded); err != nil && ctx.Err() == nil {
			failed(err)
		}
		cancel()
	}
}

// TendSigningKeys publishes the next signing key when the newest is old, destroys those whose last token has expired, and
// brings in what other instances did. Each instance calls it each minute.
func (s *Service) TendSigningKeys(ctx context.Context) error {
	system := principal.AsSystem(ctx, "signing keys")
	rows, err := s.readSigningKeys(system)
	if err != nil {
		return err
	}
	if n := len(rows); n > 0 && !s.now().Before(rows[n-1].SignsFrom.Add(keyLife-publishAhead)) {
		if _, err := s.publishAfter(system, rows[n-1]); err != nil {
			return err
		}
	}
	for i, row := range rows[:max(0, len(rows)-1)] {
		if s.now().After(rows[i+1].SignsFrom.Add(keepVerifying)) {
			if err := s.destroySigningKey(system, row.ID); err != nil {
				return err
			}
		}
	}
	return s.LoadSigningKeys(ctx)
}

// RotateSigningKey publishes the next signing key, and returns from when it signs. One that is published already and does
// not sign yet is the next.
func (s *Service) RotateSigningKey(ctx context.Context) (time.Time, error) {
	system := principal.AsSystem(ctx, "command line")
	if err := s.LoadSigningKeys(ctx); err != nil { // makes the first
		return time.Time{}, err
	}
	rows, err := s.readSigningKeys(system)
	if err != nil {
		return time.Time{}, err
	}
	newest := rows[len(rows)-1]
	if newest.SignsFrom.After(s.now()) {
		return newest.SignsFrom, nil
	}
	return s.publishAfter(system, newest)
}

// publishAfter makes the key that follows one, unless another instance has just done so, and returns from when it signs.
func (s *Service) publishAfter(ctx context.Context, last *ent.SigningKey) (time.Time, error) {
	from := s.now().Add(publishAhead)
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		// Who follows the same key waits here.
		if _, err := tx.SigningKey.Query().Where(signingkey.ID(last.ID), store.ForUpdate).Only(ctx); err != nil {
			return fmt.Errorf("lock the signing key: %w", err)
		}
		next, err := tx.SigningKey.Query().Where(signingkey.SignsFromGT(last.SignsFrom)).First(ctx)
		if err == nil {
			from = next.SignsFrom
			return nil
		}
		if !ent.IsNotFound(err) {
			return fmt.Errorf("look for the next signing key: %w", err)
		}
		return s.makeSigningKey(ctx, tx, from)
	})
	return from, err
}

func (s *Service) destroySigningKey(ctx context.Context, id string) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		gone, err := tx.SigningKey.Delete().Where(signingkey.ID(id)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("destroy a signing key: %w", err)
		}
		if gone == 0 { // another instance did
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{Action: "signing_key.destroy", ObjectID: id})
	})
}

func signingPlace(id string) seal.Place {
	return seal.Place{Table: signingkey.Table, Column: signingkey.FieldPrivateKeySealed, RowID: id}
}

// sign makes an access token for a session, with a proof of presence or "".
func (s *Service) sign(row *ent.Session, who *ent.Operator, presence string) (string, time.Time, error) {
	now := s.now()
	expiresAt := now.Add(accessLife)
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    s.publicURL,
			Audience:  jwt.ClaimStrings{audience},
			Subject:   who.ID,
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(expiresAt),
			ID:        ident.New(ident.AccessToken),
		},
		SessionID:       row.ID,
		AuthenticatedAt: row.AuthenticatedAt.Unix(),
		Methods:         strings.Fields(row.Methods),
		Presence:        presence,
	})
	signer := s.signing.at(now)
	token.Header["typ"], token.Header["kid"] = tokenType, signer.kid
	signed, err := token.SignedString(signer.key)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign an access token: %w", err)
	}
	return signed, expiresAt, nil
}

// parse checks an access token but for whether its session lives. It returns fault.Unauthenticated for one that is not
// good; the checks are those of RFC 8725.
func (s *Service) parse(ctx context.Context, text string) (claims, error) {
	if len(text) > maxToken {
		return claims{}, fault.Unauthenticated
	}
	var (
		c       claims
		keyless error // why there is no key to check with
	)
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(s.publicURL),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(30*time.Second),
		jwt.WithTimeFunc(s.now),
	)
	_, err := parser.ParseWithClaims(text, &c, func(token *jwt.Token) (any, error) {
		_, critical := token.Header["crit"]
		_, compressed := token.Header["zip"]
		if critical || compressed || token.Header["typ"] != tokenType {
			return nil, fault.Unauthenticated
		}
		kid, _ := token.Header["kid"].(string)
		key, err := s.publicKey(ctx, kid)
		keyless = err
		return key, err
	})
	switch {
	case keyless != nil: // of a database that cannot be read nobody is told that the token is bad
		return claims{}, keyless
	case err != nil:
		return claims{}, fault.Unauthenticated
	}
	return c, nil
}

// publicKey returns the key of an id. An unknown one may be new, of another instance, which may have made it just after
// this one read the keys: they are read again, though not for each such token.
func (s *Service) publicKey(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	key, done := s.signing.find(kid, s.now())
	if !done {
		if err := s.reloadSigningKeys(ctx, kid); err != nil {
			return nil, err
		}
		key, _ = s.signing.find(kid, s.now())
	}
	if key == nil {
		return nil, fault.Unauthenticated
	}
	return key, nil
}
