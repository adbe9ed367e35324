package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// NewOpaque returns 256 random bits as text, and the hash of the text, which is what a row stores.
func NewOpaque() (text string, hash []byte) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // it never returns an error: it ends the program instead
	text = base64.RawURLEncoding.EncodeToString(random)
	return text, HashOpaque(text)
}

// HashOpaque returns the hash by which the row of an opaque token is found.
func HashOpaque(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
