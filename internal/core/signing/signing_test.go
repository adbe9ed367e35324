package signing_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/signingkey"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// signingKey returns the key that signs, read from the database with the keyset.
func signingKey(t *testing.T, h stafftest.House) (kid string, public ed25519.PublicKey, private ed25519.PrivateKey) {
	t.Helper()
	row, err := h.Store.Reader().SigningKey.Query().Only(stafftest.AsSystem(t))
	must.Do(t, err)
	place := seal.Place{Table: signingkey.Table, Column: signingkey.FieldPrivateKeySealed, RowID: row.ID}
	seed, err := h.Keys.Open(place, row.PrivateKeySealed)
	must.Do(t, err)
	return row.ID, row.PublicKey, ed25519.NewKeyFromSeed(seed)
}

// forge makes a token like a real one, with the changes that change makes to its header and claims, signed with key.
func forge(
	t *testing.T, real string, method jwt.SigningMethod, key any,
	change func(header map[string]any, claims jwt.MapClaims),
) string {
	t.Helper()
	claims := jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(real, claims)
	must.Do(t, err)
	token := jwt.NewWithClaims(method, claims)
	for name, value := range parsed.Header {
		if name != "alg" {
			token.Header[name] = value
		}
	}
	if change != nil {
		change(token.Header, claims)
	}
	signed, err := token.SignedString(key)
	must.Do(t, err)
	return signed
}

// Proves: 3.1
func TestAnAccessTokenSaysNothingOfTheOperatorButTheID(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		who := h.Hire(t, "ana@example.com", principal.Admin)
		parts := strings.Split(h.Login(t, "ana@example.com").AccessToken, ".")
		var header, claims map[string]any
		for i, into := range []*map[string]any{&header, &claims} {
			data, err := base64.RawURLEncoding.DecodeString(parts[i])
			must.Do(t, err)
			must.Do(t, json.Unmarshal(data, into))
		}
		kid, _, _ := signingKey(t, h)
		if header["alg"] != "EdDSA" || header["typ"] != "at+jwt" || header["kid"] != kid || len(header) != 3 {
			t.Errorf("header %v", header)
		}
		for _, name := range []string{"iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti", "auth_time", "amr"} {
			if claims[name] == nil {
				t.Errorf("there is no %s in %v", name, claims)
			}
		}
		if len(claims) != 10 || claims["sub"] != who.ID || claims["iss"] != stafftest.Issuer {
			t.Errorf("claims %v", claims)
		}
	})
}

// The attacks of RFC 8725, and some more.
// Proves: 3.1
func TestAForgedAccessTokenIsRefused(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "ana@example.com", principal.Admin)
		h.Hire(t, "otto@example.com", principal.Editor)
		real, other := h.Login(t, "ana@example.com").AccessToken, h.Login(t, "otto@example.com").AccessToken
		_, public, private := signingKey(t, h)
		strangerPublic, stranger, err := ed25519.GenerateKey(rand.Reader)
		must.Do(t, err)
		signed := func(change func(header map[string]any, claims jwt.MapClaims)) string {
			return forge(t, real, jwt.SigningMethodEdDSA, private, change)
		}
		claim := func(name string, value any) string {
			return signed(func(_ map[string]any, claims jwt.MapClaims) {
				if value == nil {
					delete(claims, name)
				} else {
					claims[name] = value
				}
			})
		}
		header := func(name string, value any) string {
			return signed(func(header map[string]any, _ jwt.MapClaims) { header[name] = value })
		}
		bringKey := func(header map[string]any, _ jwt.MapClaims) {
			x := base64.RawURLEncoding.EncodeToString(strangerPublic)
			header["jwk"] = map[string]any{"kty": "OKP", "crv": "Ed25519", "x": x}
		}
		now := h.Clock.Now()
		parts, others := strings.Split(real, "."), strings.Split(other, ".")

		for name, token := range map[string]string{
			"nothing":                     "",
			"no JWT":                      "x",
			"two parts":                   parts[0] + "." + parts[1],
			"four parts":                  real + ".x",
			"no signature":                parts[0] + "." + parts[1] + ".",
			"another's signature":         parts[0] + "." + parts[1] + "." + others[2],
			"another's claims":            parts[0] + "." + others[1] + "." + parts[2],
			"alg none":                    forge(t, real, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
			"HS256 with the public key":   forge(t, real, jwt.SigningMethodHS256, []byte(public), nil),
			"HS256 with an empty key":     forge(t, real, jwt.SigningMethodHS256, []byte{}, nil),
			"a stranger's key":            forge(t, real, jwt.SigningMethodEdDSA, stranger, nil),
			"a key that the token brings": forge(t, real, jwt.SigningMethodEdDSA, stranger, bringKey),
			"another issuer":              claim("iss", "https://evil.example"),
			"no issuer":                   claim("iss", nil),
			"another audience":            claim("aud", "someone-else"),
			"no audience":                 claim("aud", nil),
			"no end":                      claim("exp", nil),
			"an end that passed":          claim("exp", now.Add(-31*time.Second).Unix()),
			"an end that is a text":       claim("exp", "2099"),
			"a beginning to come":         claim("nbf", now.Add(time.Minute).Unix()),
			"made in the future":          claim("iat", now.Add(time.Minute).Unix()),
			"no session":                  claim("sid", nil),
			"an unknown session":          claim("sid", "ses_unknown"),
			"another operator's session":  claim("sub", "opr_unknown"),
			"no operator":                 claim("sub", nil),
			"typ JWT":                     header("typ", "JWT"),
			"typ AT+JWT":                  header("typ", "AT+JWT"),
			"no typ":                      signed(func(h map[string]any, _ jwt.MapClaims) { delete(h, "typ") }),
			"crit":                        header("crit", []string{"exp"}),
			"an empty crit":               header("crit", nil),
			"zip":                         header("zip", "DEF"),
			"an unknown kid":              header("kid", "sgk_unknown"),
			"no kid":                      signed(func(h map[string]any, _ jwt.MapClaims) { delete(h, "kid") }),
			"a kid that is a number":      header("kid", 1),
			"over 4 KiB":                  claim("pad", strings.Repeat("x", 4096)),
		} {
			if who, err := h.Sessions.Verify(t.Context(), token); !errors.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %+v, %v", name, who, err)
			}
		}

		for name, token := range map[string]string{
			"the real one":                                      real,
			"one that ended within the leeway":                  claim("exp", now.Add(-20*time.Second).Unix()),
			"one with a key of its own, which is not looked at": header("jku", "https://evil.example"),
		} {
			if _, err := h.Sessions.Verify(t.Context(), token); err != nil {
				t.Errorf("%s is refused: %v", name, err)
			}
		}
	})
}

// Proves: 3.1
func TestATokenOverFourKiBIsNotRead(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Clock.Advance(time.Minute) // so that an unknown kid would be looked for
		statements := storetest.Statements(t, h.Store, func() {
			_, _ = h.Sessions.Verify(t.Context(), strings.Repeat("x", 4097))
		})
		if n := len(statements); n != 0 {
			t.Errorf("%d statements", n)
		}
	})
}

func TestAFloodOfUnknownKidsDoesNotReadTheKeysEachTime(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "ana@example.com", principal.Admin)
		_, _, private := signingKey(t, h)
		real := h.Login(t, "ana@example.com").AccessToken
		forged := forge(t, real, jwt.SigningMethodEdDSA, private, func(header map[string]any, _ jwt.MapClaims) {
			header["kid"] = "sgk_unknown"
		})
		h.Clock.Advance(time.Minute)
		statements := storetest.Statements(t, h.Store, func() {
			for range 20 {
				_, _ = h.Sessions.Verify(t.Context(), forged)
			}
		})
		if len(statements) > 1 {
			t.Errorf("%d statements for 20 tokens", len(statements))
		}
	})
}

// Proves: 3.2
func TestEveryInstanceTakesTheTokensOfTheOthers(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "ana@example.com", principal.Admin)
		second := h.Instance(t)
		if _, err := second.Sessions.Verify(t.Context(), h.Login(t, "ana@example.com").AccessToken); err != nil {
			t.Error(err)
		}
		if n, err := h.Store.Reader().SigningKey.Query().Count(stafftest.AsSystem(t)); err != nil || n != 1 {
			t.Errorf("%d signing keys, %v", n, err)
		}
	})
}

func TestANewSigningKeyIsFoundByTheOtherInstances(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "ana@example.com", principal.Admin)
		old := h.Login(t, "ana@example.com").AccessToken
		kid, _, _ := signingKey(t, h)
		second := h.Instance(t)
		// Another instance retires the key and makes a new one.
		must.Do(t, h.Store.Write(stafftest.AsSystem(t), retire(kid, h.Clock.Now())))
		must.Do(t, h.Signing.Load(t.Context()))
		fresh := h.Login(t, "ana@example.com").AccessToken
		// The second instance has read the keys at the same instant.
		if _, err := second.Sessions.Verify(t.Context(), fresh); err != nil {
			t.Errorf("the new key's token: %v", err)
		}
		if _, err := second.Sessions.Verify(t.Context(), old); !errors.Is(err, fault.Unauthenticated) {
			t.Errorf("the retired key's token: %v", err)
		}
	})
}

func TestASigningKeyThatWasMovedDoesNotSign(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		kid, public, _ := signingKey(t, h)
		row, err := h.Store.Reader().SigningKey.Get(stafftest.AsSystem(t), kid)
		must.Do(t, err)
		must.Do(t, h.Store.Write(stafftest.AsSystem(t), func(ctx context.Context, tx *ent.Tx) error {
			if err := tx.SigningKey.DeleteOneID(kid).Exec(ctx); err != nil {
				return err
			}
			return tx.SigningKey.Create().
				SetID("sgk_moved").
				SetPublicKey(public).
				SetPrivateKeySealed(row.PrivateKeySealed).
				SetSignsFrom(row.SignsFrom).
				Exec(ctx)
		}))
		if err := h.Signing.Load(t.Context()); !errors.Is(err, seal.ErrNotOpened) {
			t.Errorf("%v", err)
		}
	})
}

func retire(kid string, at time.Time) func(context.Context, *ent.Tx) error {
	return func(ctx context.Context, tx *ent.Tx) error {
		return tx.SigningKey.UpdateOneID(kid).SetRetiredAt(at).Exec(ctx)
	}
}
