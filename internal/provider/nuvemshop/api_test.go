package nuvemshop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

var (
	_ provider.Tester          = Provider{}
	_ provider.Authorizer      = Provider{}
	_ provider.WebhookReceiver = Provider{}
)

const (
	app    = "4321"
	secret = "secret-of-the-application"
	code5m = "code-that-lives-5-minutes"
	access = "61181d08b7e328d256736hdcb671c3ce50b8af5"
	store  = `{"id":2093261,"name":{"en":"Shop","pt":"Loja da Ana"},"business_id":"11.222.333/0001-81","business_name":"Ana Ltda"}`
)

var (
	account = provider.Account{ID: "2093261", Name: "Loja da Ana", Document: "11222333000181"}
	noWord  = provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}
)

func values(url string) provider.Values {
	v := providertest.Defaults(Provider{})
	v[baseURL], v[apiURL], v[appID], v[appSecret] = url+"/", url+"/api/", app, secret
	return v
}

func call1(client *outbound.Client, url string) provider.Call {
	return provider.Call{
		HTTP: client, Settings: values(url), Now: providertest.Now,
		Record:  provider.Record{ExternalAccount: "2093261"},
		Secrets: provider.Secrets{accessToken: seal.NewSecret(access)},
	}
}

// careful fails the test for a call with a secret in its address or without an agent.
func careful(t *testing.T, handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		providertest.Quiet(t, r.URL, secret, access, code5m)
		if got := r.UserAgent(); got != "Chaveiro (https://github.com/chaveiro/chaveiro)" {
			t.Errorf("the agent is %q", got)
		}
		handler(w, r)
	}
}

// api is the API of a shop; header is the only one that is accepted, empty for either.
func api(t *testing.T, header string, answer http.HandlerFunc) http.HandlerFunc {
	return careful(t, func(w http.ResponseWriter, r *http.Request) {
		sent := ""
		if value := r.Header.Get("Authentication"); value == "bearer "+access {
			sent = "Authentication"
		} else if value := r.Header.Get("Authorization"); value == "Bearer "+access {
			sent = "Authorization"
		}
		if sent == "" || r.Header.Get("Authentication") != "" && r.Header.Get("Authorization") != "" {
			t.Errorf("the headers are %v", r.Header)
		}
		if header != "" && header != sent {
			providertest.JSON(401, `{"code":401,"message":"Unauthorized","description":"Invalid access token `+access+`"}`)(w, r)
			return
		}
		answer(w, r)
	})
}

func TestAnInstallBegins(t *testing.T) {
	t.Parallel()
	v := values("https://www.nuvemshop.com.br")
	if got, want := (Provider{}).
		AuthorizeURL(v, "a b&c"), "https://www.nuvemshop.com.br/apps/4321/authorize?state=a+b%26c"; got != want {
		t.Errorf("the page is %s, want %s", got, want)
	}
	if !(Provider{}).Configured(v) {
		t.Error("it is not configured")
	}
	for _, name := range []string{appID, appSecret} {
		v := values("https://www.nuvemshop.com.br")
		delete(v, name)
		if (Provider{}).Configured(v) {
			t.Errorf("it is configured without %s", name)
		}
	}
}

func TestAnExchange(t *testing.T) {
	t.Parallel()
	ok := provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account}
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused}
	granted := func(rest string) http.HandlerFunc {
		return providertest.JSON(200, `{"access_token":"`+access+`","token_type":"bearer","scope":"read_products",`+rest+`}`)
	}
	whole := `{"access_token":"` + access + `","user_id":2093261}`
	echo := `{"error":"invalid_grant","error_description":"` + code5m + ` of ` + secret + `"}`
	tests := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "with status 201", Answer: providertest.JSON(201, whole), Want: ok},
		providertest.Fault{Name: "as a page", Answer: providertest.Answer(200, "text/html", whole), Want: ok},
		providertest.Fault{Name: "cut behind it", Answer: providertest.CutAt(200, whole, len(whole)), Want: ok},
		providertest.Fault{Name: "cut within it", Answer: providertest.CutAt(200, whole, len(whole)-1),
			Want: provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable}},
		providertest.Fault{Name: "400 of a gateway", Answer: providertest.JSON(400, `{"error":"Bad Request"}`), Want: noWord},
		providertest.Fault{Name: "403 of a gateway",
			Answer: providertest.JSON(403, `{"error":"forbidden","error_description":"x"}`), Want: noWord},
		providertest.Fault{Name: "user_id is a number", Answer: granted(`"user_id":2093261`), Want: ok},
		providertest.Fault{Name: "user_id is a text", Answer: granted(`"user_id":"2093261"`), Want: ok},
		providertest.Fault{Name: "store_id", Answer: granted(`"store_id":2093261`), Want: ok},
		providertest.Fault{Name: "both", Answer: granted(`"store_id":2093261,"user_id":"2093261","error":null`), Want: ok},
		providertest.Fault{Name: "an error in a success", Answer: providertest.JSON(200, echo), Want: refused},
		providertest.Fault{Name: "an error beside a token",
			Answer: granted(`"user_id":1,"error":"invalid_grant","error_description":"` + access + `"`), Want: refused},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, echo), Want: refused},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, echo), Want: refused},
		providertest.Fault{Name: "a fault in a success", Answer: providertest.JSON(200, `{"error":"server_error"}`),
			Want: noWord},
		providertest.Fault{Name: "400 that says nothing", Answer: providertest.JSON(400, `{}`), Want: noWord},
		providertest.Fault{Name: "no shop", Answer: granted(`"scope":""`), Want: noWord},
		providertest.Fault{Name: "a shop of letters", Answer: granted(`"user_id":"abc"`), Want: noWord},
		providertest.Fault{Name: "a shop that leads elsewhere", Answer: granted(`"user_id":"../1"`), Want: noWord},
		providertest.Fault{Name: "a number with an exponent", Answer: granted(`"user_id":2.093261e+06`), Want: noWord},
		providertest.Fault{Name: "shop 0", Answer: granted(`"user_id":0`), Want: noWord},
		providertest.Fault{Name: "two shops", Answer: granted(`"user_id":1,"store_id":2`), Want: noWord},
		providertest.Fault{Name: "no token", Answer: providertest.JSON(200, `{"user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "an empty token", Answer: providertest.JSON(200, `{"access_token":"","user_id":2093261}`),
			Want: noWord},
		providertest.Fault{Name: "a token that no header takes",
			Answer: providertest.JSON(200, `{"access_token":"a\nb","user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "a token that is a number",
			Answer: providertest.JSON(200, `{"access_token":5,"user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "a list", Answer: providertest.JSON(200, `[]`), Want: noWord},
	)
	for _, wrapping := range simulated.Wrappings() {
		shape := simulated.Shape{Status: 200, ContentType: "application/json", Body: []byte(whole)}
		wrapping.Change(&shape)
		wrapped := providertest.Answer(shape.Status, shape.ContentType, string(shape.Body))
		tests = append(tests, providertest.Fault{Name: wrapping.Name, Answer: wrapped, Want: ok})
	}
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			var exchanges atomic.Int32
			mux := http.NewServeMux()
			mux.HandleFunc("POST /apps/authorize/token", careful(t, func(w http.ResponseWriter, r *http.Request) {
				exchanges.Add(1)
				var got map[string]string
				body, _ := io.ReadAll(r.Body)
				if json.Unmarshal(body, &got) != nil || got["client_id"] != app || got["client_secret"] != secret ||
					got["grant_type"] != "authorization_code" || got["code"] != code5m ||
					!strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
					t.Errorf("the body is %s", body)
				}
				tt.Answer(w, r)
			}))
			mux.HandleFunc("GET /api/2025-03/2093261/store", api(t, "", providertest.JSON(200, store)))
			client, url := providertest.Serve(t, mux.ServeHTTP)
			got := Provider{}.Exchange(t.Context(),
				provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
			providertest.Same(t, got.Result, tt.Want)
			providertest.Silent(t, got.Result, secret, code5m, access)
			if n := exchanges.Load(); n != 1 {
				t.Errorf("the code was sent %d times", n)
			}
			if tt.Want.Outcome != provider.OK {
				if got.Secrets != nil {
					t.Error("it gives secrets")
				}
			} else if len(got.Secrets) != 1 || got.Secrets[accessToken].Reveal() != access || got.State != nil {
				t.Errorf("it gives other secrets, or the state %s", got.State)
			}
		})
	}
	client, url := providertest.NewClosedClient(t)
	got := Provider{}.Exchange(t.Context(),
		provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
	providertest.Same(t, got.Result,
		provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable, Unsent: true})
}

func TestAnUnreadableAnswerToACodeIsStored(t *testing.T) {
	t.Parallel()
	whole := `{"access_token":"` + access + `","user_id":2093261}`
	noShop, otherForm := `{"access_token":"`+access+`"}`, `{"token":{"value":"`+access+`"}}`
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a whole one":  {providertest.JSON(200, whole), ""},
		"no shop":      {providertest.JSON(201, noShop), noShop},
		"another form": {providertest.Answer(200, "text/plain", otherForm), otherForm},
		"a token beside an error": {providertest.JSON(200, `{"error":"invalid_grant",`+whole[1:]),
			`{"error":"invalid_grant",` + whole[1:]},
		"a token with status 500":  {providertest.JSON(500, whole), whole},
		"cut within it":            {providertest.CutAt(200, whole, 30), whole[:30]},
		"a refusal":                {providertest.JSON(400, `{"error":"invalid_grant"}`), ""},
		"a refusal in a success":   {providertest.JSON(200, `{"error":"invalid_grant"}`), ""},
		"a gateway":                {providertest.JSON(502, `{"message":"Bad gateway"}`), ""},
		"a gateway that is cut":    {providertest.CutAt(502, `{"message":"Bad gateway"}`, 9), ""},
		"nothing":                  {providertest.JSON(200, ""), ""},
		"a connection that is cut": {providertest.CutAt(200, "", 0), ""},
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /apps/authorize/token", tt.answer)
		mux.HandleFunc("/", providertest.JSON(200, store))
		client, url := providertest.Serve(t, mux.ServeHTTP)
		got := Provider{}.Exchange(t.Context(),
			provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
		if got.Unread.Reveal() != tt.want {
			t.Errorf("%s: %q is kept, want %q", name, got.Unread.Reveal(), tt.want)
		}
		if (got.Outcome == provider.OK) != (name == "a whole one") {
			t.Errorf("%s: the outcome is %s", name, got.Outcome)
		}
		providertest.Silent(t, got.Result, access, code5m, secret)
	}
}

func TestAnInstallSucceedsWithoutTheNameOfTheShop(t *testing.T) {
	t.Parallel()
	answers := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, `{}`)},
		providertest.Fault{Name: "402", Answer: providertest.JSON(402, `{}`)},
		providertest.Fault{Name: "another shop", Answer: providertest.JSON(200, `{"id":5,"name":"x"}`)},
	)
	for _, tt := range answers {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /apps/authorize/token",
			providertest.JSON(200, `{"access_token":"`+access+`","user_id":2093261}`))
		mux.HandleFunc("GET /api/2025-03/2093261/store", tt.Answer)
		client, url := providertest.Serve(t, mux.ServeHTTP)
		got := Provider{}.Exchange(t.Context(),
			provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
		if got.Outcome != provider.OK || got.Account != (provider.Account{ID: "2093261"}) ||
			got.Secrets[accessToken].Reveal() != access {
			t.Errorf("%s: the result is %+v", tt.Name, got.Result)
		}
	}
}

func TestATest(t *testing.T) {
	t.Parallel()
	revoked := provider.Result{Outcome: provider.Refused, Reason: provider.AccessRevoked}
	say := func(status int) http.HandlerFunc {
		return providertest.JSON(status, fmt.Sprintf(`{"code":%d,"message":"no","description":"%s"}`, status, access))
	}
	limited := provider.Result{Outcome: provider.Transient, Reason: provider.RateLimited, RetryAfter: 20 * time.Second}
	tests := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "a shop", Answer: providertest.JSON(200, store),
			Want: provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account}},
		providertest.Fault{Name: "401", Answer: say(401), Want: revoked},
		providertest.Fault{Name: "401 without a description",
			Answer: providertest.JSON(401, `{"code":401,"message":"Unauthorized"}`), Want: noWord},
		providertest.Fault{Name: "401 of another code",
			Answer: providertest.JSON(401, `{"code":16,"message":"x","description":"y"}`), Want: noWord},
		providertest.Fault{Name: "401 in plain", Answer: providertest.Answer(401, "text/plain", "Unauthorized"),
			Want: noWord},
		providertest.Fault{Name: "402", Answer: say(402),
			Want: provider.Result{Outcome: provider.Halted, Reason: provider.SuspendedByProvider}},
		providertest.Fault{Name: "400", Answer: say(400), Want: noWord},
		providertest.Fault{Name: "403", Answer: say(403), Want: noWord},
		providertest.Fault{Name: "an error in a success", Answer: providertest.JSON(200, `{"error":"x"}`), Want: noWord},
		providertest.Fault{Name: "another shop", Answer: providertest.JSON(200, `{"id":5}`), Want: noWord},
		providertest.Fault{Name: "a limit in milliseconds", Answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-rate-limit-reset", "20000")
			say(429)(w, r)
		}, Want: limited},
	)
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, api(t, "", func(w http.ResponseWriter, r *http.Request) {
				if r.Method != "GET" || r.URL.Path != "/api/2025-03/2093261/store" {
					t.Errorf("the call is %s %s", r.Method, r.URL)
				}
				tt.Answer(w, r)
			}))
			got := Provider{}.Test(t.Context(), call1(client, url))
			providertest.Same(t, got, tt.Want)
			providertest.Silent(t, got, access, secret)
			if got.State != nil {
				t.Errorf("the state is %s", got.State)
			}
		})
	}
	client, url := providertest.NewClosedClient(t)
	providertest.Same(t, Provider{}.Test(t.Context(), call1(client, url)),
		provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable, Unsent: true})
	for name, c := range map[string]provider.Call{
		"no token": {Record: provider.Record{ExternalAccount: "1"}},
		"no shop":  {Secrets: provider.Secrets{accessToken: seal.NewSecret(access)}},
	} {
		if got := (Provider{}).Test(t.Context(), c); got.Outcome != provider.Untestable {
			t.Errorf("%s: the outcome is %s", name, got.Outcome)
		}
	}
}

func TestTheOtherSpellingOfTheHeaderIsTriedOnceAndRemembered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, setting, state, accepts string
		calls                         int32
		want                          string // state after it
	}{
		{"the setting's", authentication, ``, "Authentication", 1, ``},
		{"the other one", authentication, ``, "Authorization", 2, `{"header":"AUTHORIZATION"}`},
		{"the other one again", authorization, ``, "Authentication", 2, `{"header":"AUTHENTICATION"}`},
		{"the remembered one", authentication, `{"header":"AUTHORIZATION"}`, "Authorization", 1, ``},
		{"no longer the remembered one", authentication,
			`{"header":"AUTHORIZATION","webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`, "Authentication", 2,
			`{"header":"AUTHENTICATION","webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{"a memory that nobody can read", authentication, `{"header":"X"`, "Authentication", 1, ``},
		{"none", authentication, ``, "neither", 2, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			handler := api(t, tt.accepts, providertest.JSON(200, store))
			client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				handler(w, r)
			})
			c := call1(client, url)
			c.Settings[headerSetting], c.Record.ProviderState = tt.setting, json.RawMessage(tt.state)
			got := Provider{}.Test(t.Context(), c)
			providertest.Silent(t, got, access)
			if tt.accepts == "neither" {
				providertest.Same(t, got, provider.Result{Outcome: provider.Refused, Reason: provider.AccessRevoked})
			} else {
				providertest.Same(t, got, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account})
			}
			if calls.Load() != tt.calls || string(got.State) != tt.want {
				t.Errorf("%d calls and the state %s, want %d and %s", calls.Load(), got.State, tt.calls, tt.want)
			}
			if got.State != nil {
				c.Record.ProviderState = got.State
			}
			credentials, err := Provider{}.Credentials(c.Record, c.Secrets, c.Settings)
			if err != nil {
				t.Fatal(err)
			}
			if name := credentials.(Credentials).HeaderName; tt.accepts != "neither" && name != tt.accepts {
				t.Errorf("the back-office gets the header %s", name)
			}
		})
	}
}

func TestAFaultInTheOtherSpellingIsNotARefusal(t *testing.T) {
	t.Parallel()
	for _, tt := range append(providertest.Faults(), providertest.Unreadable()...) {
		client, url := providertest.Serve(t, api(t, "Authorization", tt.Answer))
		got := Provider{}.Test(t.Context(), call1(client, url))
		providertest.Same(t, got, tt.Want)
		if got.State != nil {
			t.Errorf("%s: the state is %s", tt.Name, got.State)
		}
	}
}

func TestTheOtherSpellingIsTriedAfterAny401(t *testing.T) {
	t.Parallel()
	for _, said := range simulated.WayAnswers() {
		if said.Status != http.StatusUnauthorized {
			continue
		}
		refuse := providertest.Answer(said.Status, said.ContentType, said.Body)
		client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				refuse(w, r)
				return
			}
			providertest.JSON(200, store)(w, r)
		})
		got := Provider{}.Test(t.Context(), call1(client, url))
		if got.Outcome != provider.OK || string(got.State) != `{"header":"AUTHORIZATION"}` {
			t.Errorf("%s: the result is %+v", said.Name, got)
		}
	}
}

func TestAnInstallRemembersTheSpellingThatWorked(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apps/authorize/token", providertest.JSON(200, `{"access_token":"`+access+`","user_id":2093261}`))
	mux.HandleFunc("/api/", api(t, "Authorization", providertest.JSON(200, store)))
	client, url := providertest.Serve(t, mux.ServeHTTP)
	got := Provider{}.Exchange(t.Context(),
		provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
	providertest.Same(t, got.Result, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account})
	if string(got.State) != `{"header":"AUTHORIZATION"}` {
		t.Errorf("the state is %s", got.State)
	}
}

func TestTheHeaderOfTheCredentials(t *testing.T) {
	t.Parallel()
	record := provider.Record{ExternalAccount: "7"}
	secrets := provider.Secrets{accessToken: seal.NewSecret("t0ken")}
	for setting, want := range map[string]Credentials{
		"":             {"7", "t0ken", "Authentication", "bearer t0ken"},
		authentication: {"7", "t0ken", "Authentication", "bearer t0ken"},
		authorization:  {"7", "t0ken", "Authorization", "Bearer t0ken"},
	} {
		got, err := Provider{}.Credentials(record, secrets, provider.Values{headerSetting: setting})
		if err != nil || got != want {
			t.Errorf("%q: the credentials are %+v, %v", setting, got, err)
		}
	}
	if got, err := (Provider{}).Credentials(provider.Record{}, nil, nil); got != nil || err != nil {
		t.Errorf("before the install they are %v, %v", got, err)
	}
}

func TestTheNameOfAShop(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		`{"es":"Tienda","pt":"Loja","en":"Shop"}`: "Loja",
		`{"en":"Shop","es":"Tienda"}`:             "Tienda",
		`{"fr":"Boutique","de":"Laden"}`:          "Laden",
		`{"pt":" ","en":"Shop"}`:                  "Shop",
		`{"pt":null,"es":5}`:                      "5",
		`"Loja\u0000 \n da Ana"`:                  "Loja da Ana",
		`"` + strings.Repeat("ã", 300) + `"`:      strings.Repeat("ã", 200),
		`null`:                                    "Ana Ltda",
		`[]`:                                      "Ana Ltda",
		`{}`:                                      "Ana Ltda",
	} {
		a := outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: []byte(`{"id":"1","name":` + name + `,"business_name":"Ana Ltda","business_id":null}`)}
		got, ok := readStore(a)
		if !ok || got != (provider.Account{ID: "1", Name: want}) {
			t.Errorf("%s gives %+v, %t", name, got, ok)
		}
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, url := providertest.Serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	got := Provider{}.Test(ctx, call1(client, url))
	providertest.Same(t, got, provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable})
}

// Proves: 10.6
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(store))
	f.Add([]byte(`{"access_token":"a","user_id":2093261,"store_id":"2093261"}`))
	f.Add([]byte(`{"error":"invalid_grant","error_description":{"a":1}}`))
	f.Add([]byte(`[{"id":1,"event":"app/uninstalled","url":"https://example.com"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		if g := readToken(a); g.whole &&
			(g.refused || !provider.UsableToken(g.token) || shopID(provider.Word(g.shop)) == "") {
			t.Errorf("it grants %+v", g)
		}
		if account, ok := readStore(a); ok {
			providertest.CheckAccountBounds(t, account)
		}
		_, _ = readWebhooks(a, "https://example.com")
		a.Status = 400
		_, _ = readError(a)
		granted := readToken(outbound.Response{Status: 201, Body: body}).
			grant(provider.Call{}, outbound.Response{Status: 201, Body: body}, nil, code5m)
		if granted.Outcome == provider.Transient && len(body) > 0 && granted.Unread.IsZero() {
			t.Errorf("of %q nothing is left", body)
		}
	})
}
