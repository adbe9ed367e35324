// Package token checks the token of requests for metrics. It is separate so that package doctor need not import all of
// package metrics.
package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/secretfile"
)

// The length of a token, in characters.
const (
	minToken = 32
	maxToken = 512
)

// Token is the token that a caller must send, stored as a hash. The zero value requires none.
type Token struct{ hash []byte }

// Load reads the token from a file of one line. It refuses a file that others can read, and a token that could be
// guessed or is not valid in a header. Its errors never quote the file.
func Load(path string) (Token, error) {
	file, err := secretfile.Open("metrics token file", path)
	if err != nil {
		return Token{}, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxToken+2))
	if err != nil {
		return Token{}, fmt.Errorf("read the metrics token file: %w", err)
	}
	text := strings.TrimSuffix(string(content), "\n")
	visible := func(r rune) bool { return r > ' ' && r <= '~' }
	if len(text) < minToken || len(text) > maxToken ||
		strings.ContainsFunc(text, func(r rune) bool { return !visible(r) }) {
		return Token{}, fmt.Errorf("metrics token file %s must hold one line of %d to %d visible characters of ASCII: make "+
			"one with openssl rand -hex 32",
			path, minToken, maxToken)
	}
	hash := sha256.Sum256([]byte(text))
	return Token{hash[:]}, nil
}

// IsZero reports whether no token is required.
func (t Token) IsZero() bool { return t.hash == nil }

// Matches reports, in constant time, whether a request has the token.
func (t Token) Matches(r *http.Request) bool {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return false
	}
	scheme, text, _ := strings.Cut(headers[0], " ")
	hash := sha256.Sum256([]byte(strings.TrimSpace(text)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(hash[:], t.hash) == 1
}
