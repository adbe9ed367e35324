package vitrine

import (
	"net/http"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
)

func TestWhatVitrineSaysOfAToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		want   provider.Reason
	}{
		{http.StatusOK, `{"loja":"Loja"}`, provider.CheckPassed},
		{http.StatusUnauthorized, `{"erro":"token"}`, provider.TokenRefused},
	} {
		client, url := providertest.Serve(t, providertest.Answer(tt.status, "application/json", tt.body))
		got := Provider{}.Test(t.Context(), provider.Call{
			HTTP: client, Settings: provider.Values{address: url}, Now: providertest.Now,
			Secrets: provider.Secrets{token: seal.NewSecret("token-da-loja")},
		})
		if got.Reason != tt.want {
			t.Errorf("%d %s is %+v, want %s", tt.status, tt.body, got, tt.want)
		}
	}
}
