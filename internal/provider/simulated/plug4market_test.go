package simulated_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const (
	storeCNPJ    = "11222333000181"
	softwareCNPJ = "16727230000197"
)

// hub is a Plug4Market with one store.
type hub struct {
	*simulated.Plug4Market
	*clock
	url             string
	access, refresh string
}

func newHub(t *testing.T) hub {
	t.Helper()
	providers, clock := newProviders()
	h := hub{Plug4Market: providers.Plug4Market, clock: clock, url: serve(t, providers.Plug4Market.Handler())}
	h.access, h.refresh = h.AddStore(storeCNPJ, softwareCNPJ)
	return h
}

func (h hub) postRefresh(t *testing.T, token string) said {
	t.Helper()
	return do(t, asked{method: "POST", url: h.url + "/auth/refresh", json: fmt.Sprintf(`{"refreshToken":%q}`, token)})
}

func (h hub) getOrders(t *testing.T, token string) said {
	t.Helper()
	return do(t, asked{url: h.url + "/orders?_page=1&size=1", header: bearer(token)})
}

func TestPlug4MarketsAccessTokenNamesItsStoreAndExpiresIn24Hours(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	var claims jwt.MapClaims
	token, _, err := jwt.NewParser().ParseUnverified(h.access, &claims)
	if err != nil {
		t.Fatal(err)
	}
	if token.Method.Alg() != "HS256" || claims["store"] != storeCNPJ || claims["softwareHouse"] != softwareCNPJ {
		t.Errorf("token is %s with %v", token.Method.Alg(), claims)
	}
	if expires, err := claims.GetExpirationTime(); err != nil || !expires.Equal(h.now().Add(24*time.Hour)) {
		t.Errorf("exp = %v, %v", expires, err)
	}

	h.getOrders(t, h.access).want(t, http.StatusOK, `"data":[`, simulated.Shopper)
	h.advance(24*time.Hour - time.Second)
	h.getOrders(t, h.access).want(t, http.StatusOK)
	h.advance(time.Second)
	h.getOrders(t, h.access).want(t, http.StatusUnauthorized)
}

func TestPlug4MarketsAccessTokensMayBeOpaque(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.SetOpaqueTokens(true)
	answer := h.postRefresh(t, h.refresh)
	token := answer.text("accessToken")
	if token == "" || strings.Contains(token, ".") {
		t.Errorf("access token %q, want an opaque one", token)
	}
	h.getOrders(t, token).want(t, http.StatusOK)
}

func TestPlug4MarketsRefreshBringsANewPair(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	answer := do(t, asked{
		method: "POST", url: h.url + "/auth/refresh", json: fmt.Sprintf(`{"refreshToken":%q}`, h.refresh),
		header: bearer("whatever, which is ignored"),
	})
	answer.want(t, http.StatusOK)
	access, refresh := answer.text("accessToken"), answer.text("refreshToken")
	if access == "" || access == h.access || refresh == "" || refresh == h.refresh {
		t.Errorf("the pair is not a new one: %s", answer.body)
	}
	if h.CurrentAccess(storeCNPJ) != access || h.CurrentRefresh(storeCNPJ) != refresh || h.Refreshes(storeCNPJ) != 1 {
		t.Errorf("the provider itself says %q, %q, %d refreshes", h.CurrentAccess(storeCNPJ), h.CurrentRefresh(storeCNPJ),
			h.Refreshes(storeCNPJ))
	}
	h.getOrders(t, access).want(t, http.StatusOK)
	h.getOrders(t, h.access).want(t, http.StatusOK) // until it expires
	h.getOrders(t, refresh).want(t, http.StatusUnauthorized)
	h.postRefresh(t, access).want(t, http.StatusUnauthorized)
}

func TestPlug4MarketStrictlyRefusesARefreshTokenThatWasUsed(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.postRefresh(t, h.refresh).want(t, http.StatusOK)
	for range 2 {
		h.postRefresh(t, h.refresh).want(t, http.StatusUnauthorized, `"error_status":401`)
	}
	if h.Reuses() != 2 || h.Refreshes(storeCNPJ) != 1 {
		t.Errorf("%d reuses, %d refreshes; want 2, 1", h.Reuses(), h.Refreshes(storeCNPJ))
	}
	h.postRefresh(t, h.CurrentRefresh(storeCNPJ)).want(t, http.StatusOK)
}

func TestPlug4MarketLenientlyTakesAUsedRefreshTokenFor24Hours(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.SetRotation(simulated.Lenient)
	h.postRefresh(t, h.refresh).want(t, http.StatusOK)
	h.advance(24 * time.Hour)
	h.postRefresh(t, h.refresh).want(t, http.StatusOK)
	if h.Reuses() != 0 || h.Refreshes(storeCNPJ) != 2 {
		t.Errorf("%d reuses, %d refreshes; want 0, 2", h.Reuses(), h.Refreshes(storeCNPJ))
	}
	h.advance(time.Second)
	h.postRefresh(t, h.refresh).want(t, http.StatusUnauthorized)
	if h.Reuses() != 1 {
		t.Errorf("%d reuses, want 1", h.Reuses())
	}
}

func TestPlug4MarketRefusesWhatIsNoRefresh(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.postRefresh(t, "unknown").want(t, http.StatusUnauthorized)
	h.postRefresh(t, "").want(t, http.StatusBadRequest)
	do(t, asked{method: "POST", url: h.url + "/auth/refresh", json: "not JSON"}).want(t, http.StatusBadRequest)
	do(t, asked{method: "POST", url: h.url + "/auth/refresh", form: "refreshToken=" + h.refresh}).
		want(t, http.StatusUnsupportedMediaType)
	do(t, asked{url: h.url + "/auth/refresh"}).want(t, http.StatusNotFound)
	do(t, asked{url: h.url + "/orders"}).want(t, http.StatusUnauthorized)
	if h.Refreshes(storeCNPJ) != 0 || h.Reuses() != 0 {
		t.Error("a token was spent")
	}
}

func TestPlug4MarketsErrorsHaveTheirMessageAsATextOrAList(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.postRefresh(t, "unknown").want(t, http.StatusUnauthorized, `"message":"Token de renovação inválido"`)
	h.postRefresh(t, "unknown").want(t, http.StatusUnauthorized, `"message":[{"message":"Token de renovação inválido"}]`)
}

func TestPlug4MarketRefusesAStoreThatIsRevokedOrSuspended(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Revoke(storeCNPJ)
	h.getOrders(t, h.access).want(t, http.StatusUnauthorized)
	h.postRefresh(t, h.refresh).want(t, http.StatusUnauthorized)
	h.Restore(storeCNPJ)
	h.getOrders(t, h.access).want(t, http.StatusOK)

	h.Suspend(storeCNPJ)
	h.getOrders(t, h.access).want(t, http.StatusForbidden)
	h.postRefresh(t, h.refresh).want(t, http.StatusForbidden)
	h.Resume(storeCNPJ)
	h.getOrders(t, h.access).want(t, http.StatusOK)

	h.Revoke(storeCNPJ)
	access, refresh := h.NewPair(storeCNPJ)
	h.getOrders(t, h.access).want(t, http.StatusUnauthorized)
	h.getOrders(t, access).want(t, http.StatusOK)
	h.postRefresh(t, h.refresh).want(t, http.StatusUnauthorized)
	h.postRefresh(t, refresh).want(t, http.StatusOK)
}

func TestPlug4MarketForgetsTheOldestOfManyTokens(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	refresh := h.refresh
	for range 150 {
		refresh = h.postRefresh(t, refresh).text("refreshToken")
	}
	h.getOrders(t, h.access).want(t, http.StatusUnauthorized)
	h.getOrders(t, h.CurrentAccess(storeCNPJ)).want(t, http.StatusOK)
}
