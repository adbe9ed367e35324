package signing

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
)

const (
	audience  = "chaveiro-admin"
	tokenType = "at+jwt" // RFC 9068
	// tokenLife is how long an access token works.
	tokenLife = 5 * time.Minute
	// maxToken is the longest access token, in bytes, that is read.
	maxToken = 4096
)

// Claims are the content of an access token. It names the session and the operator.
type Claims struct {
	jwt.RegisteredClaims
	SessionID       string   `json:"sid"`
	AuthenticatedAt int64    `json:"auth_time"`
	Methods         []string `json:"amr"`
	// Presence is the text of a ticket that proves the operator's presence; empty when there is none.
	Presence string `json:"presence,omitempty"`
}

// Sign makes an access token for a session, and returns when it expires. presence is the text of a proof of presence,
// or empty.
func (s *Service) Sign(row *ent.Session, presence string) (text string, expiresAt time.Time, err error) {
	now := s.now()
	expiresAt = now.Add(tokenLife)
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    s.issuer,
			Audience:  jwt.ClaimStrings{audience},
			Subject:   row.OperatorID,
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
	signer := s.ring.at(now)
	token.Header["typ"], token.Header["kid"] = tokenType, signer.kid
	text, err = token.SignedString(signer.key)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign an access token: %w", err)
	}
	return text, expiresAt, nil
}

// Parse checks an access token, but not whether its session lives. It returns fault.Unauthenticated for a token that
// fails a check; the checks are those of RFC 8725.
func (s *Service) Parse(ctx context.Context, text string) (Claims, error) {
	if len(text) > maxToken {
		return Claims{}, fault.Unauthenticated
	}
	var (
		claims  Claims
		keyless error // why there is no key to check with
	)
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(s.issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(30*time.Second),
		jwt.WithTimeFunc(s.now),
	)
	_, err := parser.ParseWithClaims(text, &claims, func(token *jwt.Token) (any, error) {
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
	case keyless != nil: // a database that cannot be read says nothing about the token
		return Claims{}, keyless
	case err != nil:
		return Claims{}, fault.Unauthenticated
	}
	return claims, nil
}

// publicKey returns the key of an id. An unknown id may be new: another instance may have made the key after this one
// read the keys. So the keys are read again, though not for each such token.
func (s *Service) publicKey(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	key, done := s.ring.find(kid, s.now())
	if !done {
		if err := s.reload(ctx, kid); err != nil {
			return nil, err
		}
		key, _ = s.ring.find(kid, s.now())
	}
	if key == nil {
		return nil, fault.Unauthenticated
	}
	return key, nil
}
