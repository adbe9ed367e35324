package session_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// Whatever its header and claims, a token that another key has signed is refused, with the one error that reveals
// nothing.
func FuzzVerify(f *testing.F) {
	h := stafftest.New(f, storetest.SQLite(f))
	foreign := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

	const claims = `{"iss":"https://portal.example","aud":["chaveiro"],"sub":"opr_1","sid":"ses_1","exp":4102444800,"iat":1}`
	for _, header := range []string{
		`{"alg":"EdDSA","typ":"at+jwt","kid":"sgk_1"}`, `{"alg":"none","typ":"at+jwt"}`,
		`{"alg":"EdDSA","typ":"JWT","kid":""}`,
		`{"alg":"HS256","typ":"at+jwt","kid":"sgk_1"}`, `{"alg":"EdDSA","typ":"at+jwt","crit":["exp"],"kid":"sgk_1"}`,
		`{"alg":"EdDSA","typ":"at+jwt","zip":"DEF"}`, `{"alg":"EdDSA","typ":["at+jwt"],"kid":{"a":1}}`, `{"alg":null}`,
		`[]`, `"`, ``,
		`{"alg":"EdDSA","typ":"at+jwt","jwk":{"kty":"OKP"},"jku":"https://evil.example"}`,
	} {
		f.Add(header, claims, "")
	}
	f.Add(`{}`, `{}`, "a.b.c")
	f.Add(`{}`, `{}`, strings.Repeat(".", 5000))

	f.Fuzz(func(t *testing.T, header, claims, raw string) {
		encode := base64.RawURLEncoding.EncodeToString
		signed := encode([]byte(header)) + "." + encode([]byte(claims))
		signed += "." + encode(ed25519.Sign(foreign, []byte(signed)))
		for _, token := range []string{signed, raw} {
			who, err := h.Sessions.Verify(t.Context(), token)
			if !errors.Is(err, fault.Unauthenticated) || who.ID != "" {
				t.Fatalf("Verify(%q) = %+v, %v", token, who, err)
			}
		}
	})
}
