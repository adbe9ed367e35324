package session_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
)

// The tables of sessions are of no use to a reader of the database.
func TestRefreshTokensAreStoredAsHashes(t *testing.T) {
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Hire(t, "ana@example.com", principal.Admin)
		begun := h.Login(t, "ana@example.com")
		rows, err := h.Store.Reader().RefreshToken.Query().All(stafftest.AsSystem(t))
		must.Do(t, err)
		if len(rows) != 1 || len(rows[0].Hash) != 32 || strings.Contains(string(rows[0].Hash), begun.RefreshToken) {
			t.Errorf("rows %v", rows)
		}
		if raw, err := base64.RawURLEncoding.DecodeString(begun.RefreshToken); err != nil || len(raw) != 32 {
			t.Errorf("the refresh token has %d bytes, %v", len(raw), err)
		}
	})
}
