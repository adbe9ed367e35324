package token

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
)

// Environment tells the keys of production from those of --dev at first sight,
// to people and to scanners.
type Environment string

// The environments, as they stand in a key.
const (
	Live Environment = "live"
	Test Environment = "test"
	// Script marks a service token, which is no access key: an operator's role stands behind it.
	Script Environment = "serv"
)

// Pattern is the regular expression of a key or a service token, published for secret scanners. What
// it matches may still have a wrong check: Parse tells.
const Pattern = `chv_(live|test|serv)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}`

// Lengths in characters of the parts of a key: chv_live_<id>_<secret><check>.
const (
	prefixLength = len("chv_live_") // as long as the others
	idLength     = 12
	secretLength = 43 // of 62 kinds: 256 bits
	checkLength  = 6  // of 62 kinds: more than the 32 bits of a CRC
	tokenLength  = prefixLength + idLength + len("_") + secretLength + checkLength
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// ErrMalformed is a text that is no key: its form is wrong or its check does not
// follow from the rest, which is ErrChecksum. No key that was ever issued is refused
// with either.
var (
	ErrMalformed = errors.New("access key is malformed")
	ErrChecksum  = fmt.Errorf("%w: its check is wrong", ErrMalformed)
)

// Token is a whole access key, well-formed and with the right check; whether it
// was issued, only the store knows. Like every Secret it says [redacted] when it
// is printed, encoded or logged, and Reveal returns the text. The zero value is
// no key: it has no ID and matches nothing that was issued.
type Token struct {
	secret
}

// secret embeds a Secret whose methods are seen and whose field is not, so that
// there is no Token but a made or a parsed one.
type secret = seal.Secret

// New makes a key of a random id and a random secret of 256 bits. Returns an
// error if the environment is unknown.
func New(env Environment) (Token, error) {
	if env != Live && env != Test && env != Script {
		return Token{}, fmt.Errorf("make an access key for unknown environment %q", env)
	}
	key := "chv_" + string(env) + "_" + random(idLength) + "_" + random(secretLength)
	return Token{seal.NewSecret(key + check(key))}, nil
}

// Parse reads a key as a caller sends it. Returns ErrMalformed or ErrChecksum, at no
// more cost than a checksum, if it is none.
func Parse(s string) (Token, error) {
	if len(s) != tokenLength { // first, so that the cost does not grow with the text
		return Token{}, ErrMalformed
	}
	prefix, rest := s[:prefixLength], s[prefixLength:]
	id, separator, tail := rest[:idLength], rest[idLength], rest[idLength+1:]
	body := tokenLength - checkLength
	if prefix != "chv_live_" && prefix != "chv_test_" && prefix != "chv_serv_" ||
		separator != '_' || !isBase62(id) || !isBase62(tail) {
		return Token{}, ErrMalformed
	}
	if check(s[:body]) != s[body:] {
		return Token{}, ErrChecksum
	}
	return Token{seal.NewSecret(s)}, nil
}

// ParseFor reads a key of an environment as a caller sends it. Returns a fault.Unproven
// that says which mistake it is, which is told from the text alone.
func ParseFor(env Environment, s string) (Token, error) {
	token, err := Parse(s)
	switch {
	case errors.Is(err, ErrChecksum):
		return Token{}, fault.Unproven{Reason: fault.WrongChecksum}
	case err != nil:
		return Token{}, fault.Unproven{Reason: fault.Malformed, About: tokenLength}
	case token.Environment() != env:
		return Token{}, fault.Unproven{Reason: fault.WrongEnvironment, About: "chv_" + string(env) + "_"}
	}
	return token, nil
}

// ID returns the public part by which the key is found, 12 characters of
// [0-9A-Za-z].
func (t Token) ID() string {
	if t.IsZero() {
		return ""
	}
	return t.Reveal()[prefixLength : prefixLength+idLength]
}

// VisiblePart returns the key up to its secret, chv_live_ and the id: what may be
// shown and what the key is found by.
func (t Token) VisiblePart() string {
	if t.IsZero() {
		return ""
	}
	return t.Reveal()[:prefixLength+idLength]
}

// Environment returns where the key belongs.
func (t Token) Environment() Environment {
	if t.IsZero() {
		return ""
	}
	return Environment(t.Reveal()[len("chv_") : prefixLength-1])
}

// Last4 returns the last 4 characters, by which a person tells keys apart. They
// are of the check: they narrow the secret from 256 bits to no less than 232.
func (t Token) Last4() string {
	if t.IsZero() {
		return ""
	}
	return t.Reveal()[tokenLength-4:]
}

// Hash returns what is stored instead of the key: the SHA-256 of the whole of it
// (32 bytes). A secret of 256 bits needs no slower one.
func (t Token) Hash() []byte {
	hash := sha256.Sum256([]byte(t.Reveal()))
	return hash[:]
}

// Matches reports whether hash is the key's, in a time that does not tell how
// much of it is.
func (t Token) Matches(hash []byte) bool {
	return subtle.ConstantTimeCompare(t.Hash(), hash) == 1
}

// random returns n characters of base62, each as likely as any other: a byte of
// 248 or more is drawn again, for 62 does not divide 256 but does divide 248.
func random(n int) string {
	chars := make([]byte, 0, n)
	var draw [64]byte
	for {
		rand.Read(draw[:]) // never fails
		for _, b := range draw {
			if b >= 248 {
				continue
			}
			if chars = append(chars, base62[b%62]); len(chars) == n {
				return string(chars)
			}
		}
	}
}

// check returns the CRC-32 (IEEE) of s in base62, padded with zeros. It finds
// every key with one character changed and nearly every other mistake, and lets a
// scanner be sure without asking us.
func check(s string) string {
	sum := crc32.ChecksumIEEE([]byte(s))
	var digits [checkLength]byte
	for i := checkLength - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return string(digits[:])
}

func isBase62(s string) bool {
	return strings.Trim(s, base62) == ""
}
