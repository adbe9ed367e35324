// Package token reads the token that callers of the metrics send. It stands apart so that whoever looks over an
// installation need not bring along all that is measured.
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

// Token is what a caller of the listener must send; the zero value asks for none. It is kept as a hash.
type Token struct{ hash []byte }

// Load reads the token from a file of one line. It refuses a file that others could read, and a token that could be
// guessed or does not fit into a header. No error tells what the file holds.
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

// IsZero reports whether the token asks for none.
func (t Token) IsZero() bool { return t.hash == nil }

// Matches reports whether a request has the token, in a time that says nothing of it.
func (t Token) Matches(r *http.Request) bool {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return false
	}
	scheme, text, _ := strings.Cut(headers[0], " ")
	hash := sha256.Sum256([]byte(strings.TrimSpace(text)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(hash[:], t.hash) == 1
}
