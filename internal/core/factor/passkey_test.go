package factor_test

import (
	"net/url"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/core/staff"
)

// The default public URL of a first start is an IP address, to which no passkey can belong.
func TestAPortalStartsWithAnIPAddressAsItsPublicURL(t *testing.T) {
	t.Parallel()
	for _, public := range []string{
		"http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080", "https://portal.example",
	} {
		at, err := url.Parse(public)
		must.Do(t, err)
		if _, err := staff.New(staff.Options{Hasher: password.ForTesting(t), PublicURL: at}); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
}
