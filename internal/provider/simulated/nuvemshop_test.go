package simulated_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const storeID = 2093261

var boutique = simulated.Store{
	Name: map[string]string{"pt": "Boutique <da> Praça"}, BusinessID: storeCNPJ, BusinessName: "Boutique Ltda.",
	Country: "BR", Domain: "boutique.example", Plan: "pro",
}

// platform is a Nuvemshop with one store.
type platform struct {
	*simulated.Nuvemshop
	*clock
	url string
}

func newPlatform(t *testing.T) platform {
	t.Helper()
	providers, clock := newProviders()
	p := platform{providers.Nuvemshop, clock, serve(t, providers.Nuvemshop.Handler())}
	p.AddStore(storeID, boutique)
	return p
}

func (p platform) exchange(t *testing.T, code string) said {
	t.Helper()
	return do(t, asked{method: "POST", url: p.url + "/apps/authorize/token", json: fmt.Sprintf(
		`{"client_id":%q,"client_secret":%q,"grant_type":"authorization_code","code":%q}`,
		strconv.Itoa(simulated.NuvemshopAppID), simulated.NuvemshopAppSecret, code)})
}

func (p platform) path(rest string) string {
	return fmt.Sprintf("%s/2025-03/%d/%s", p.url, storeID, rest)
}

func (p platform) getStore(t *testing.T, token string) said {
	t.Helper()
	return do(t, asked{url: p.path("store"), header: bearer(token)})
}

func TestNuvemshopsMerchantIsSentBackWithACodeAndTheState(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	authorize := fmt.Sprintf("%s/apps/%d/authorize?state=a%%22b", p.url, simulated.NuvemshopAppID)
	do(t, asked{url: authorize}).want(t, http.StatusOK, `lang="pt-BR"`, `name="state" value="a&#34;b"`,
		`name="store" value="2093261"`, "Boutique &lt;da&gt; Praça")
	form := url.Values{"state": {`a"b`}, "store": {strconv.Itoa(storeID)}, "via": {"link"}}
	do(t, asked{method: "POST", url: authorize, form: form.Encode()}).want(t, http.StatusConflict) // no redirect URL yet

	p.SetRedirectURL("https://portal.example/callback?a=1")
	answer := do(t, asked{method: "POST", url: authorize, form: form.Encode()})
	answer.want(t, http.StatusSeeOther)
	back, err := url.Parse(answer.header.Get("Location"))
	if err != nil || back.Host != "portal.example" || back.Path != "/callback" || back.Query().Get("a") != "1" ||
		back.Query().Get("state") != `a"b` {
		t.Errorf("sent back to %v, %v", back, err)
	}
	p.exchange(t, back.Query().Get("code")).want(t, http.StatusOK)

	form.Set("via", "app-store")
	answer = do(t, asked{method: "POST", url: authorize, form: form.Encode()})
	back, err = url.Parse(answer.header.Get("Location"))
	if err != nil || back.Query().Has("state") || !back.Query().Has("code") {
		t.Errorf("from the app store, sent back to %v, %v", back, err)
	}

	form.Set("store", "5")
	do(t, asked{method: "POST", url: authorize, form: form.Encode()}).want(t, http.StatusBadRequest)
	do(t, asked{url: p.url + "/apps/5/authorize"}).want(t, http.StatusNotFound)
	do(t, asked{method: "POST", url: p.url + "/apps/5/authorize", form: form.Encode()}).want(t, http.StatusNotFound)
}

func TestNuvemshopsMerchantChoosesAmongStores(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.AddStore(7, simulated.Store{Name: map[string]string{"es": "Tienda"}})
	p.AddStore(8, simulated.Store{})
	do(t, asked{url: fmt.Sprintf("%s/apps/%d/authorize", p.url, simulated.NuvemshopAppID)}).
		want(t, http.StatusOK, "<select", `<option value="7">Tienda</option>`, `<option value="8">Loja 8</option>`,
			`<option value="2093261">`)
}

func TestNuvemshopsCodeIsGoodOnceWithin5Minutes(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	code := p.Authorize(storeID)
	p.advance(5*time.Minute - time.Second)
	answer := p.exchange(t, code)
	answer.want(t, http.StatusOK, `"token_type":"bearer"`, `"user_id":2093261`)
	if token := answer.text("access_token"); len(token) != 40 || token != p.Token(storeID) {
		t.Errorf("token %q, the provider itself says %q", token, p.Token(storeID))
	}
	p.exchange(t, code).want(t, http.StatusBadRequest, `"error":"invalid_grant"`)

	code = p.Authorize(storeID)
	p.advance(5 * time.Minute)
	p.exchange(t, code).want(t, http.StatusBadRequest, `"error":"invalid_grant"`)
	p.exchange(t, "unknown").want(t, http.StatusBadRequest)
}

func TestNuvemshopTakesACodeAsJSONAndAsAForm(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.SetApp(55, "secret")
	number := fmt.Sprintf(`{"client_id":55,"client_secret":"secret","grant_type":"authorization_code","code":%q}`,
		p.Authorize(storeID))
	do(t, asked{method: "POST", url: p.url + "/apps/authorize/token", json: number}).want(t, http.StatusOK)
	form := url.Values{"client_id": {"55"}, "client_secret": {"secret"}, "grant_type": {"authorization_code"},
		"code": {p.Authorize(storeID)}}
	do(t, asked{method: "POST", url: p.url + "/apps/authorize/token", form: form.Encode()}).want(t, http.StatusOK)

	form.Set("grant_type", "password")
	do(t, asked{method: "POST", url: p.url + "/apps/authorize/token", form: form.Encode()}).
		want(t, http.StatusBadRequest, "unsupported_grant_type")
	form.Set("client_secret", "wrong")
	do(t, asked{method: "POST", url: p.url + "/apps/authorize/token", form: form.Encode()}).
		want(t, http.StatusUnauthorized, "invalid_client")
	do(t, asked{method: "POST", url: p.url + "/apps/authorize/token", json: "{"}).
		want(t, http.StatusBadRequest, "invalid_request")
}

func TestNuvemshopsTokenAnswersDifferAsItsDocumentsDo(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.SetAccountField(simulated.UserIDString)
	p.exchange(t, p.Authorize(storeID)).want(t, http.StatusOK, `"user_id":"2093261"`)
	p.SetAccountField(simulated.StoreIDNumber)
	answer := p.exchange(t, p.Authorize(storeID))
	answer.want(t, http.StatusOK, `"store_id":2093261`)
	if answer.field("user_id") != nil {
		t.Errorf("the answer has a user_id too: %s", answer.body)
	}
	p.SetTokenErrorsIn200(true)
	p.exchange(t, "unknown").want(t, http.StatusOK, `"error":"invalid_grant"`, `"error_description"`)
}

func TestNuvemshopsNewTokenKillsTheOldOne(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	first := p.Install(storeID)
	p.getStore(t, first).want(t, http.StatusOK)
	second := p.exchange(t, p.Authorize(storeID)).text("access_token")
	p.getStore(t, first).want(t, http.StatusUnauthorized)
	p.getStore(t, second).want(t, http.StatusOK)
}

func TestNuvemshopsStoreHasTheFieldsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token := p.Install(storeID)
	answer := do(t, asked{url: p.path("store?fields=id,name,business_id,plan_name"), header: bearer(token)})
	var got map[string]any
	if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 || got["business_id"] != storeCNPJ || got["plan_name"] != "pro" {
		t.Errorf("the store is %v", got)
	}
	p.getStore(t, token).want(t, http.StatusOK, `"country":"BR"`, `"original_domain":"boutique.example"`)

	p.AddStore(7, simulated.Store{})
	do(t, asked{url: p.url + "/v1/7/store", header: bearer(p.Install(7))}).want(t, http.StatusOK, `"business_id":null`)
}

func TestNuvemshopLooksForTheTokenInTheHeaderItIsSetTo(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token := p.Install(storeID)
	tests := []struct {
		spelling       simulated.Spelling
		header, scheme string
		status         int
	}{
		{simulated.EitherSpelling, "Authentication", "bearer ", 200},
		{simulated.EitherSpelling, "Authorization", "Bearer ", 200},
		{simulated.EitherSpelling, "Authentication", "Bearer ", 401},
		{simulated.EitherSpelling, "Authorization", "", 401},
		{simulated.Authentication, "Authentication", "bearer ", 200},
		{simulated.Authentication, "Authorization", "Bearer ", 401},
		{simulated.Authorization, "Authentication", "bearer ", 401},
		{simulated.Authorization, "Authorization", "Bearer ", 200},
	}
	for _, tt := range tests {
		p.SetSpelling(tt.spelling)
		answer := do(t, asked{url: p.path("store"), header: map[string]string{tt.header: tt.scheme + token}})
		if answer.status != tt.status {
			t.Errorf("spelling %d: %s: %q is answered with %d, want %d", tt.spelling, tt.header, tt.scheme,
				answer.status, tt.status)
		}
	}
}

func TestNuvemshopsStatuses(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.getStore(t, "").want(t, http.StatusUnauthorized) // not installed
	token := p.Install(storeID)
	do(t, asked{url: p.path("store"), header: map[string]string{"User-Agent": "", "Authorization": "Bearer " + token}}).
		want(t, http.StatusBadRequest)
	do(t, asked{url: p.url + "/v1/5/store", header: bearer(token)}).want(t, http.StatusNotFound)
	do(t, asked{url: p.url + "/v1/x/store", header: bearer(token)}).want(t, http.StatusNotFound)
	do(t, asked{url: p.path("other"), header: bearer(token)}).want(t, http.StatusNotFound)
	p.getStore(t, "wrong").want(t, http.StatusUnauthorized, `"code":401`)
	p.Suspend(storeID)
	p.getStore(t, token).want(t, http.StatusPaymentRequired)
	p.Resume(storeID)
	p.getStore(t, token).want(t, http.StatusOK)
	p.Uninstall(storeID)
	p.getStore(t, token).want(t, http.StatusUnauthorized)
}

func TestNuvemshopsLimitIsALeakyBucket(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token := p.Install(storeID)
	p.SetLimited(true)
	for range 40 {
		p.getStore(t, token).want(t, http.StatusOK)
	}
	answer := p.getStore(t, token)
	answer.want(t, http.StatusTooManyRequests)
	if got := answer.header.Get("x-rate-limit-reset"); got != "20000" {
		t.Errorf("x-rate-limit-reset = %q, want 20000", got)
	}
	p.advance(time.Second)
	for _, want := range []int{200, 200, 429} {
		p.getStore(t, token).want(t, want)
	}
}

func TestNuvemshopsWebhooksAreRegisteredListedAndDeleted(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token := p.Install(storeID)
	post := func(event, address string) said {
		t.Helper()
		return do(t, asked{method: "POST", url: p.path("webhooks"), header: bearer(token),
			json: fmt.Sprintf(`{"event":%q,"url":%q}`, event, address)})
	}
	list := func(query string) (hooks []map[string]any) {
		t.Helper()
		answer := do(t, asked{url: p.path("webhooks" + query), header: bearer(token)})
		if err := json.Unmarshal([]byte(answer.body), &hooks); err != nil || answer.status != 200 {
			t.Fatalf("list: %d, %v", answer.status, err)
		}
		return hooks
	}
	if got := list(""); len(got) != 0 {
		t.Errorf("there are %v before", got)
	}
	answer := post(simulated.AppUninstalled, "https://portal.example/a")
	answer.want(t, http.StatusCreated, `"event":"app/uninstalled"`, `"url":"https://portal.example/a"`, `"created_at"`)
	post(simulated.AppSuspended, "https://portal.example/a").want(t, http.StatusCreated)
	post(simulated.AppUninstalled, "https://portal.example/a").want(t, http.StatusCreated) // a duplicate is one more
	if a, b, c := len(list("")), len(list("?event=app/suspended")), len(list("?url=https://portal.example/b")); a != 3 ||
		b != 1 || c != 0 {
		t.Errorf("%d webhooks, %d of the event, %d of another URL", a, b, c)
	}

	post("order/teleported", "https://portal.example/a").want(t, http.StatusUnprocessableEntity, `"event":[`)
	for _, address := range []string{"http://portal.example/a", "https://localhost/a", "https://127.0.0.1/a",
		"https://api.nuvemshop.com.br/a", "", "https://"} {
		post(simulated.AppResumed, address).want(t, http.StatusUnprocessableEntity, `"url":[`)
	}
	p.SetAllowHTTPWebhooks(true)
	post(simulated.AppResumed, "http://127.0.0.1:8080/a").want(t, http.StatusCreated)
	post(simulated.AppResumed, "ftp://127.0.0.1/a").want(t, http.StatusUnprocessableEntity)
	do(t, asked{method: "POST", url: p.path("webhooks"), header: bearer(token), form: "event=x"}).
		want(t, http.StatusUnsupportedMediaType)
	do(t, asked{method: "POST", url: p.path("webhooks"), header: bearer(token), json: "{"}).want(t, http.StatusBadRequest)

	one := p.path(fmt.Sprintf("webhooks/%v", answer.field("id")))
	do(t, asked{method: "DELETE", url: one, header: bearer(token)}).want(t, http.StatusOK)
	do(t, asked{method: "DELETE", url: one, header: bearer(token)}).want(t, http.StatusNotFound)
	if got := list(""); len(got) != 3 {
		t.Errorf("%d webhooks are left, want 3", len(got))
	}
}

// portal is what webhooks are delivered to.
type portal struct {
	mu     sync.Mutex
	bodies []string
	signed []bool
	status int
	came   chan struct{}
}

func newPortal(t *testing.T) (*portal, string) {
	t.Helper()
	p := &portal{status: http.StatusOK, came: make(chan struct{}, 100)}
	return p, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(simulated.NuvemshopAppSecret))
		mac.Write(body)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.bodies = append(p.bodies, string(body))
		p.signed = append(p.signed, r.Header.Get("x-linkedstore-hmac-sha256") == hex.EncodeToString(mac.Sum(nil)))
		w.WriteHeader(p.status)
		p.came <- struct{}{}
	}))
}

func (p platform) register(t *testing.T, event, address string) {
	t.Helper()
	p.SetAllowHTTPWebhooks(true)
	do(t, asked{method: "POST", url: p.path("webhooks"), header: bearer(p.Token(storeID)),
		json: fmt.Sprintf(`{"event":%q,"url":%q}`, event, address)}).
		want(t, http.StatusCreated)
}

func TestNuvemshopTellsWhatHappensToAStore(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.Install(storeID)
	got, address := newPortal(t)
	for _, event := range []string{simulated.AppUninstalled, simulated.AppSuspended, simulated.AppResumed} {
		p.register(t, event, address)
	}
	deliveries := append(append(p.Suspend(storeID), p.Resume(storeID)...), p.Uninstall(storeID)...)
	if err := simulated.Deliver(t.Context(), client, deliveries...); err != nil {
		t.Fatal(err)
	}
	if len(got.bodies) != 3 {
		t.Fatalf("%d deliveries, want 3", len(got.bodies))
	}
	for i, event := range []string{"app/suspended", "app/resumed", "app/uninstalled"} {
		if want := fmt.Sprintf(`{"event":%q,"id":%d,"store_id":%d}`, event, simulated.NuvemshopAppID,
			storeID); got.bodies[i] != want || !got.signed[i] {
			t.Errorf("delivery %d is %s, rightly signed: %t; want %s", i, got.bodies[i], got.signed[i], want)
		}
	}
	if status, err := deliveries[0].Send(t.Context(), client); err != nil || status != 200 {
		t.Errorf("a replay: %d, %v", status, err)
	}
	p.Install(storeID) // whose webhooks are still there
	if again := p.Uninstall(storeID); len(again) != 1 {
		t.Errorf("after another installation, %d deliveries, want 1", len(again))
	}
	if none := p.Uninstall(5); len(none) != 0 {
		t.Errorf("of an unknown store, %d deliveries", len(none))
	}
}

func TestADeliveryThatIsRefusedIsAnError(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	got, address := newPortal(t)
	got.status = http.StatusInternalServerError
	d := p.Redact(simulated.StoreRedact, storeID, address, true)
	if err := simulated.Deliver(t.Context(), client, d); err == nil {
		t.Error("Deliver succeeded")
	}
	d.URL = "http://127.0.0.1:0"
	if err := simulated.Deliver(t.Context(), client, d); err == nil {
		t.Error("Deliver to nowhere succeeded")
	}
}

func TestNuvemshopsLGPDDeliveriesHaveNoEvent(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	got, address := newPortal(t)
	for i, tt := range []struct {
		kind   string
		signed bool
		has    []string
	}{
		{simulated.StoreRedact, true, nil},
		{simulated.StoreRedact, false, nil},
		{simulated.CustomersRedact, true, []string{`"customer":{`, simulated.ShopperEmail, `"orders_to_redact":[`}},
		{simulated.CustomersDataRequest, false, []string{`"customer":{`, `"orders_requested":[`, `"data_request":{"id":`}},
	} {
		if err := simulated.Deliver(t.Context(), client, p.Redact(tt.kind, storeID, address, tt.signed)); err != nil {
			t.Fatal(err)
		}
		if got.signed[i] != tt.signed || strings.Contains(got.bodies[i], "event") {
			t.Errorf("%s: signed %t, want %t: %s", tt.kind, got.signed[i], tt.signed, got.bodies[i])
		}
		for _, text := range append(tt.has, `"store_id":2093261`) {
			if !strings.Contains(got.bodies[i], text) {
				t.Errorf("%s lacks %q: %s", tt.kind, text, got.bodies[i])
			}
		}
	}
}

func TestRunDeliversWhatThePanelCauses(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.Install(storeID)
	got, address := newPortal(t)
	p.register(t, simulated.AppUninstalled, address)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx, client)
	}()
	do(t, asked{method: "POST", url: p.url + "/_control/uninstall", form: "shop=2093261"}).want(t, http.StatusSeeOther)
	closed(t, got.came)
	stop()
	closed(t, ended)
}

func TestNuvemshopMayBeTwoServers(t *testing.T) {
	t.Parallel()
	providers, _ := newProviders()
	n := providers.Nuvemshop
	n.AddStore(storeID, boutique)
	www, api := serve(t, n.AuthorizationHandler()), serve(t, n.APIHandler())
	p := platform{Nuvemshop: n, url: www}
	token := p.exchange(t, n.Authorize(storeID)).text("access_token")
	do(t, asked{url: api + "/v1/2093261/store", header: bearer(token)}).want(t, http.StatusOK)
	do(t, asked{url: www + "/v1/2093261/store", header: bearer(token)}).want(t, http.StatusNotFound)
	do(t, asked{method: "POST", url: api + "/apps/authorize/token", json: "{}"}).want(t, http.StatusNotFound)
	do(t, asked{url: www + "/"}).want(t, http.StatusOK, "<h1>Nuvemshop simulado</h1>")
}
