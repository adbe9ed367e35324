package nuvemshop

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/seal"
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
	if got, want := (Provider{}).AuthorizeURL(v, "a b&c"), "https://www.nuvemshop.com.br/apps/4321/authorize?state=a+b%26c"; got != want {
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
	echo := `{"error":"invalid_grant","error_description":"` + code5m + ` of ` + secret + `"}`
	tests := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "user_id is a number", Answer: granted(`"user_id":2093261`), Want: ok},
		providertest.Fault{Name: "user_id is a text", Answer: granted(`"user_id":"2093261"`), Want: ok},
		providertest.Fault{Name: "store_id", Answer: granted(`"store_id":2093261`), Want: ok},
		providertest.Fault{Name: "both", Answer: granted(`"store_id":2093261,"user_id":"2093261","error":null`), Want: ok},
		providertest.Fault{Name: "an error in a success", Answer: providertest.JSON(200, echo), Want: refused},
		providertest.Fault{Name: "an error beside a token", Answer: granted(`"user_id":1,"error":"invalid_grant","error_description":"` + access + `"`), Want: refused},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, echo), Want: refused},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, echo), Want: refused},
		providertest.Fault{Name: "a fault in a success", Answer: providertest.JSON(200, `{"error":"server_error"}`), Want: noWord},
		providertest.Fault{Name: "400 that says nothing", Answer: providertest.JSON(400, `{}`), Want: noWord},
		providertest.Fault{Name: "no shop", Answer: granted(`"scope":""`), Want: noWord},
		providertest.Fault{Name: "a shop of letters", Answer: granted(`"user_id":"abc"`), Want: noWord},
		providertest.Fault{Name: "a shop that leads elsewhere", Answer: granted(`"user_id":"../1"`), Want: noWord},
		providertest.Fault{Name: "a number with an exponent", Answer: granted(`"user_id":2.093261e+06`), Want: noWord},
		providertest.Fault{Name: "shop 0", Answer: granted(`"user_id":0`), Want: noWord},
		providertest.Fault{Name: "two shops", Answer: granted(`"user_id":1,"store_id":2`), Want: noWord},
		providertest.Fault{Name: "no token", Answer: providertest.JSON(200, `{"user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "an empty token", Answer: providertest.JSON(200, `{"access_token":"","user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "a token that no header takes", Answer: providertest.JSON(200, `{"access_token":"a\nb","user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "a token that is a number", Answer: providertest.JSON(200, `{"access_token":5,"user_id":2093261}`), Want: noWord},
		providertest.Fault{Name: "a list", Answer: providertest.JSON(200, `[]`), Want: noWord},
	)
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
					got["grant_type"] != "authorization_code" || got["code"] != code5m || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
					t.Errorf("the body is %s", body)
				}
				tt.Answer(w, r)
			}))
			mux.HandleFunc("GET /api/2025-03/2093261/store", api(t, "", providertest.JSON(200, store)))
			client, url := providertest.Serve(t, mux.ServeHTTP)
			got := Provider{}.Exchange(t.Context(), provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
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
	client, url := providertest.Closed(t)
	got := Provider{}.Exchange(t.Context(), provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
	providertest.Same(t, got.Result, provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable, Unsent: true})
}

func TestAnInstallIsGoodWithoutTheNameOfTheShop(t *testing.T) {
	t.Parallel()
	answers := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, `{}`)},
		providertest.Fault{Name: "402", Answer: providertest.JSON(402, `{}`)},
		providertest.Fault{Name: "another shop", Answer: providertest.JSON(200, `{"id":5,"name":"x"}`)},
	)
	for _, tt := range answers {
		mux := http.NewServeMux()
		mux.HandleFunc("POST /apps/authorize/token", providertest.JSON(200, `{"access_token":"`+access+`","user_id":2093261}`))
		mux.HandleFunc("GET /api/2025-03/2093261/store", tt.Answer)
		client, url := providertest.Serve(t, mux.ServeHTTP)
		got := Provider{}.Exchange(t.Context(), provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
		if got.Outcome != provider.OK || got.Account != (provider.Account{ID: "2093261"}) || got.Secrets[accessToken].Reveal() != access {
			t.Errorf("%s: the result is %+v", tt.Name, got.Result)
		}
	}
}

func TestATest(t *testing.T) {
	t.Parallel()
	revoked := provider.Result{Outcome: provider.Refused, Reason: provider.AccessRevoked}
	echo := `{"message":"no","description":"` + access + `"}`
	limited := provider.Result{Outcome: provider.Transient, Reason: provider.RateLimited, RetryAfter: 20 * time.Second}
	tests := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "a shop", Answer: providertest.JSON(200, store), Want: provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account}},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, echo), Want: revoked},
		providertest.Fault{Name: "401 in plain", Answer: providertest.Answer(401, "text/plain", "Unauthorized"), Want: revoked},
		providertest.Fault{Name: "402", Answer: providertest.JSON(402, echo), Want: provider.Result{Outcome: provider.Halted, Reason: provider.SuspendedByProvider}},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, echo), Want: noWord},
		providertest.Fault{Name: "403", Answer: providertest.JSON(403, echo), Want: noWord},
		providertest.Fault{Name: "an error in a success", Answer: providertest.JSON(200, `{"error":"x"}`), Want: noWord},
		providertest.Fault{Name: "another shop", Answer: providertest.JSON(200, `{"id":5}`), Want: noWord},
		providertest.Fault{Name: "a limit in milliseconds", Answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-rate-limit-reset", "20000")
			providertest.JSON(429, echo)(w, r)
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
	client, url := providertest.Closed(t)
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
		{"no longer the remembered one", authentication, `{"header":"AUTHORIZATION","webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`, "Authentication", 2, `{"header":"AUTHENTICATION","webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
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

func TestAFaultInTheOtherSpellingSaysNothing(t *testing.T) {
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

func TestAnInstallRemembersTheSpellingThatWorked(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apps/authorize/token", providertest.JSON(200, `{"access_token":"`+access+`","user_id":2093261}`))
	mux.HandleFunc("/api/", api(t, "Authorization", providertest.JSON(200, store)))
	client, url := providertest.Serve(t, mux.ServeHTTP)
	got := Provider{}.Exchange(t.Context(), provider.Call{HTTP: client, Settings: values(url), Now: providertest.Now}, code5m)
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
		a := outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"id":"1","name":` + name + `,"business_name":"Ana Ltda","business_id":null}`)}
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

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(store))
	f.Add([]byte(`{"access_token":"a","user_id":2093261,"store_id":"2093261"}`))
	f.Add([]byte(`{"error":"invalid_grant","error_description":{"a":1}}`))
	f.Add([]byte(`[{"id":1,"event":"app/uninstalled","url":"https://example.com"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		if g := readToken(a); g.whole && (g.refused || !provider.UsableToken(g.token) || shopID(provider.Word(g.shop)) == "") {
			t.Errorf("it grants %+v", g)
		}
		if account, ok := readStore(a); ok {
			providertest.Bounded(t, account)
		}
		_, _ = readWebhooks(a, "https://example.com")
		a.Status = 400
		_ = readError(a)
	})
}
