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
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/seal"
)

const (
	audience  = "chaveiro-admin"
	tokenType = "at+jwt" // RFC 9068
	maxToken  = 4096     // bytes of an access token that are looked at
	// reloadEvery bounds how often an unknown key id makes the keys be read again.
	reloadEvery = 5 * time.Second
)

// claims are what an access token says. It names the session and the operator; what the operator may do is read from
// the database, so that a change acts at once.
type claims struct {
	jwt.RegisteredClaims
	SessionID       string   `json:"sid"`
	AuthenticatedAt int64    `json:"auth_time"`
	Methods         []string `json:"amr"`
}

// signing holds the keys of the access tokens, shared by all instances through the database.
type signing struct {
	mu      sync.Mutex
	public  map[string]ed25519.PublicKey
	signer  ed25519.PrivateKey
	kid     string
	readAt  time.Time
	reading sync.Mutex
}

// LoadSigningKeys reads the keys of the access tokens, and makes the first one when there is none. It must have
// returned before tokens are signed.
func (s *Service) LoadSigningKeys(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "signing keys")
	s.signing.reading.Lock()
	defer s.signing.reading.Unlock()
	rows, err := s.readSigningKeys(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		if err := s.makeSigningKey(ctx); err != nil {
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

func (s *Service) makeSigningKey(ctx context.Context) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	id := ident.New("sgk")
	sealed, err := s.keys.Seal(signingPlace(id), private.Seed())
	if err != nil {
		return fmt.Errorf("seal the signing key: %w", err)
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return tx.SigningKey.Create().
			SetID(id).
			SetPublicKey(public).
			SetPrivateKeySealed(sealed).
			SetSignsFrom(s.now()).
			Exec(ctx)
	})
	if err != nil {
		return fmt.Errorf("store the signing key: %w", err)
	}
	return nil
}

func (s *Service) useSigningKeys(rows []*ent.SigningKey) error {
	public := make(map[string]ed25519.PublicKey, len(rows))
	var newest *ent.SigningKey
	for _, row := range rows {
		if len(row.PublicKey) != ed25519.PublicKeySize {
			return fmt.Errorf("signing key %s is damaged", row.ID)
		}
		public[row.ID] = row.PublicKey
		if newest == nil || !row.SignsFrom.After(s.now()) {
			newest = row
		}
	}
	if newest == nil {
		return errors.New("there is no signing key")
	}
	seed, err := s.keys.Open(signingPlace(newest.ID), newest.PrivateKeySealed)
	if err != nil {
		return fmt.Errorf("open signing key %s: %w", newest.ID, err)
	}
	if len(seed) != ed25519.SeedSize {
		return fmt.Errorf("signing key %s is damaged", newest.ID)
	}
	s.signing.mu.Lock()
	defer s.signing.mu.Unlock()
	s.signing.public, s.signing.signer, s.signing.kid = public, ed25519.NewKeyFromSeed(seed), newest.ID
	s.signing.readAt = s.now()
	return nil
}

func signingPlace(id string) seal.Place {
	return seal.Place{Table: signingkey.Table, Column: signingkey.FieldPrivateKeySealed, RowID: id}
}

// sign makes an access token for a session.
func (s *Service) sign(_ context.Context, row *ent.Session, who *ent.Operator) (string, time.Time, error) {
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
			ID:        ident.New("jti"),
		},
		SessionID:       row.ID,
		AuthenticatedAt: row.AuthenticatedAt.Unix(),
		Methods:         strings.Fields(row.Methods),
	})
	s.signing.mu.Lock()
	signer, kid := s.signing.signer, s.signing.kid
	s.signing.mu.Unlock()
	token.Header["typ"], token.Header["kid"] = tokenType, kid
	signed, err := token.SignedString(signer)
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
	var c claims
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
		return s.publicKey(ctx, kid)
	})
	if err != nil {
		return claims{}, fault.Unauthenticated
	}
	return c, nil
}

// publicKey returns the key of an id. An unknown one may be new, of another instance: the keys are read again, though
// not for each such token.
func (s *Service) publicKey(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	find := func() (ed25519.PublicKey, bool) {
		s.signing.mu.Lock()
		defer s.signing.mu.Unlock()
		key, ok := s.signing.public[kid]
		return key, ok || s.now().Sub(s.signing.readAt) < reloadEvery
	}
	key, done := find()
	if !done {
		if err := s.LoadSigningKeys(ctx); err != nil {
			return nil, err
		}
		key, _ = find()
	}
	if key == nil {
		return nil, fault.Unauthenticated
	}
	return key, nil
}
