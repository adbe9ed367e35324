package meucarrinho

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

var (
	_ provider.Tester    = Provider{}
	_ provider.Refresher = Provider{}
)

const (
	secret  = `p4ss "word" ção`
	opened  = "session-of-the-shop"
	loggedI = `{"authenticated":true,"message":"ok","token":"` + opened + `","tokenType":"Bearer","expiresIn":14400}`
)

func call(client *outbound.Client, url string) provider.Call {
	values := providertest.Defaults(Provider{})
	values[baseURL] = url + "/"
	return provider.Call{
		HTTP: client, Settings: values, Now: providertest.Now,
		Record:  provider.Record{Settings: json.RawMessage(`{"username":"ana"}`)},
		Secrets: provider.Secrets{password: seal.NewSecret(secret)},
	}
}

// shop is a provider whose answers are these; nil is a good one.
func shop(t *testing.T, login, user, merchant http.HandlerFunc) http.HandlerFunc {
	or := func(handler, good http.HandlerFunc) http.HandlerFunc {
		if handler == nil {
			return good
		}
		return handler
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /auth/token", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var got map[string]string
		if err != nil || json.Unmarshal(body, &got) != nil || got["username"] != "ana" || got["password"] != secret {
			t.Errorf("the log-in is %s", body)
		}
		or(login, providertest.JSON(200, loggedI))(w, r)
	})
	bearer := func(handler http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Authorization"); got != "Bearer "+opened {
				t.Errorf("the header is %q", got)
			}
			handler(w, r)
		}
	}
	mux.HandleFunc("GET /auth/user", bearer(or(user, providertest.JSON(200, `{"id":"m-7","username":"ana"}`))))
	mux.HandleFunc("GET /merchants/{id}",
		bearer(or(merchant, providertest.JSON(200, `{"id":"m-7","name":" Loja\nda Ana ","cnpj":"11.222.333/0001-81"}`))))
	return func(w http.ResponseWriter, r *http.Request) {
		providertest.Quiet(t, r.URL, secret, opened)
		mux.ServeHTTP(w, r)
	}
}

func logins() []providertest.Fault {
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.PasswordRefused}
	fault := provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}
	return append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "not authenticated",
			Answer: providertest.JSON(200, `{"authenticated":false,"message":"Senha inválida"}`), Want: refused},
		providertest.Fault{Name: "not authenticated, as a text", Answer: providertest.JSON(200, `{"authenticated":"False"}`),
			Want: refused},
		providertest.Fault{Name: "not authenticated, with a token", Answer: providertest.JSON(200,
			`{"authenticated":false,"token":"`+opened+`","message":"`+opened+`"}`), Want: refused},
		providertest.Fault{Name: "not authenticated, with status 401",
			Answer: providertest.Answer(401, "text/plain", `{"authenticated":false}`), Want: refused},
		providertest.Fault{Name: "400",
			Answer: providertest.JSON(400,
				`{"type":"x","title":"One or more errors","status":400,"traceId":"00-1","errors":{"username":["unknown"]}}`),
			Want: refused},
		providertest.Fault{Name: "401", Answer: providertest.Answer(401, "application/problem+json",
			`{"type":"x","title":"Unauthorized","status":401,"traceId":"00-1"}`), Want: refused},
		providertest.Fault{Name: "a problem without a trace", Answer: providertest.JSON(401,
			`{"type":"x","title":"Unauthorized","status":401,"server":"edge-7"}`), Want: fault},
		providertest.Fault{Name: "a problem of another status",
			Answer: providertest.JSON(401, `{"type":"x","title":"Unauthorized","status":403,"traceId":"00-1"}`), Want: fault},
		providertest.Fault{Name: "a problem with status 403",
			Answer: providertest.JSON(403, `{"type":"x","title":"Forbidden","status":403,"traceId":"00-1"}`), Want: fault},
		providertest.Fault{Name: "401 of another form",
			Answer: providertest.JSON(401, `{"title":"Unauthorized","status":401}`), Want: fault},
		providertest.Fault{Name: "400 that is no object", Answer: providertest.JSON(400, `[]`), Want: fault},
		providertest.Fault{Name: "403", Answer: providertest.JSON(403, `{}`), Want: fault},
		providertest.Fault{Name: "nothing said", Answer: providertest.JSON(200, `{"token":"`+opened+`"}`), Want: fault},
		providertest.Fault{Name: "an error", Answer: providertest.JSON(200, `{"error":"no"}`), Want: fault},
		providertest.Fault{Name: "no token", Answer: providertest.JSON(200, `{"authenticated":true}`), Want: fault},
		providertest.Fault{Name: "a token that is none",
			Answer: providertest.JSON(200, `{"authenticated":true,"token":"a\r\nb"}`), Want: fault},
	)
}

func TestALogInCountsAsRefusedOnlyIfTheAnswerClearlySaysSo(t *testing.T) {
	t.Parallel()
	for _, tt := range logins() {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, shop(t, tt.Answer, nil, nil))
			tested := Provider{}.Test(t.Context(), call(client, url))
			renewed := Provider{}.Refresh(t.Context(), call(client, url))
			for _, got := range []provider.Result{tested, renewed.Result} {
				providertest.Same(t, got, tt.Want)
				providertest.Silent(t, got, secret, opened)
			}
			if renewed.Secrets != nil || renewed.State != nil {
				t.Error("the renewal gives secrets or a state")
			}
		})
	}
}

func TestASuccessfulLogInIsAcceptedInAnyForm(t *testing.T) {
	t.Parallel()
	for _, wrapping := range simulated.Wrappings() {
		shape := simulated.Shape{Status: 200, ContentType: "application/json", Body: []byte(loggedI)}
		wrapping.Change(&shape)
		client, url := providertest.Serve(t,
			shop(t, providertest.Answer(shape.Status, shape.ContentType, string(shape.Body)), nil, nil))
		got := Provider{}.Refresh(t.Context(), call(client, url))
		if got.Outcome != provider.OK || got.Secrets[sessionToken].Reveal() != opened {
			t.Errorf("%s: the result is %+v", wrapping.Name, got.Result)
		}
	}
}

func TestACallWithoutAListenerIsUnsent(t *testing.T) {
	t.Parallel()
	client, url := providertest.NewClosedClient(t)
	want := provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable, Unsent: true}
	providertest.Same(t, Provider{}.Test(t.Context(), call(client, url)), want)
	providertest.Same(t, Provider{}.Refresh(t.Context(), call(client, url)).Result, want)
}

func TestARefusalSaysWhatTheProviderSaidWithoutThePassword(t *testing.T) {
	t.Parallel()
	quoted, _ := json.Marshal("the password " + secret + " of ana\nis wrong")
	for body, want := range map[string]string{
		`{"authenticated":false,"message":` + string(quoted) +
			`}`: "the password […] of ana is wrong",
		`{"authenticated":false,"title":"No","errors":{"b":["x"],"a":["y","z"]}}`: "No a: y z b: x",
		`{"authenticated":false,"title":"No","errors":{"password":[` + string(quoted) +
			`]}}`: "No password: the password […] of ana is wrong",
		`{"authenticated":false,"title":"No","errors":"odd"}`: "No",
		`{"authenticated":false,"message":{"a":1}}`:           "",
	} {
		client, url := providertest.Serve(t, shop(t, providertest.JSON(200, body), nil, nil))
		got := Provider{}.Test(t.Context(), call(client, url))
		if got.Outcome != provider.Refused || got.Message != want {
			t.Errorf("%s gives %s %q, want %q", body, got.Outcome, got.Message, want)
		}
		providertest.Silent(t, got, secret)
	}
	if got := provider.Said("the password abc is wrong", "abc"); got != "" {
		t.Errorf("with a short password it is %q", got)
	}
}

func TestTheShopHasTheFactsThatTheProviderStates(t *testing.T) {
	t.Parallel()
	whole := provider.Account{ID: "m-7", Name: "Loja da Ana", Document: "11222333000181"}
	tests := []struct {
		name           string
		user, merchant http.HandlerFunc
		want           provider.Account
	}{
		{"all", nil, nil, whole},
		{"the id is a number", providertest.JSON(200, `{"id":12345678901234567890}`), nil,
			provider.Account{ID: "12345678901234567890", Name: whole.Name, Document: whole.Document}},
		{"no user", providertest.JSON(401, `{}`), nil, provider.Account{}},
		{"a page", providertest.HTML(200), nil, provider.Account{}},
		{"an id that leads elsewhere", providertest.JSON(200, `{"id":"../auth"}`), nil, provider.Account{}},
		{"an id of dots", providertest.JSON(200, `{"id":".."}`), nil, provider.Account{}},
		{"no merchant", nil, providertest.JSON(404, `{"name":"x"}`), provider.Account{ID: "m-7"}},
		{"a merchant page", nil, providertest.HTML(200), provider.Account{ID: "m-7"}},
		{"no valid document", nil, providertest.JSON(200, `{"name":5,"cnpj":"11222333000182"}`),
			provider.Account{ID: "m-7", Name: "5"}},
		{"a merchant of nulls", nil, providertest.JSON(200, `{"name":null,"cnpj":null}`), provider.Account{ID: "m-7"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, shop(t, nil, tt.user, tt.merchant))
			got := Provider{}.Test(t.Context(), call(client, url))
			providertest.Same(t, got, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: tt.want})
			providertest.Silent(t, got, secret, opened)
		})
	}
	for _, fault := range providertest.Faults() {
		client, url := providertest.Serve(t, shop(t, nil, fault.Answer, nil))
		if got := (Provider{}).Test(t.Context(), call(client, url)); got.Outcome != provider.OK {
			t.Errorf("with %s for the user the outcome is %s", fault.Name, got.Outcome)
		}
	}
}

func TestARenewalKeepsThePasswordAndSaysWhenTheSessionEnds(t *testing.T) {
	t.Parallel()
	for expires, want := range map[string]time.Duration{
		`14400`:           4 * time.Hour,
		`"7200"`:          2 * time.Hour,
		`7200.9`:          2 * time.Hour,
		`300`:             5 * time.Minute,
		`86400`:           24 * time.Hour,
		`299`:             4 * time.Hour,
		`86401`:           4 * time.Hour,
		`0`:               4 * time.Hour,
		`-5`:              4 * time.Hour,
		`1e300`:           4 * time.Hour,
		`"NaN"`:           4 * time.Hour,
		`null`:            4 * time.Hour,
		`{"seconds":100}`: 4 * time.Hour,
	} {
		client, url := providertest.Serve(t,
			shop(t, providertest.JSON(200, `{"authenticated":true,"token":"`+opened+`","expiresIn":`+expires+`}`), nil, nil))
		c := call(client, url)
		got := Provider{}.Refresh(t.Context(), c)
		providertest.Same(t, got.Result, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed})
		providertest.Silent(t, got.Result, secret, opened)
		if got.Secrets[password].Reveal() != secret || got.Secrets[sessionToken].Reveal() != opened || len(got.Secrets) != 2 {
			t.Errorf("expiresIn %s: other secrets", expires)
		}
		if end := got.ExpireAt[sessionToken]; len(got.ExpireAt) != 1 || !end.Equal(c.Now.Add(want)) {
			t.Errorf("expiresIn %s: the session ends %s, want in %s", expires, end, want)
		}
		if !sessionOf(provider.Record{ProviderState: got.State}, "ana") {
			t.Errorf("the state is %s", got.State)
		}
	}
}

func TestTheSessionIsRenewedAnHourBeforeItsEnd(t *testing.T) {
	t.Parallel()
	switchedOn := provider.Values{sessionToken: on, refreshesPerMinute: "7"}
	record := func(user string, life time.Duration) provider.Record {
		end := providertest.Now.Add(life)
		return provider.Record{
			Settings: json.RawMessage(`{"username":"` + user + `"}`), ProviderState: json.RawMessage(`{"sessionOf":"ana"}`),
			States: map[string]secretstate.State{sessionToken: {SetAt: providertest.Now, ExpiresAt: &end}}, ExpireAt: &end,
		}
	}
	tests := []struct {
		name   string
		record provider.Record
		want   time.Time
	}{
		{"of 4 hours", record("ana", 4*time.Hour), providertest.Now.Add(3 * time.Hour)},
		{"of 24 hours", record("ana", 24*time.Hour), providertest.Now.Add(23 * time.Hour)},
		{"of 40 minutes", record("ana", 40*time.Minute), providertest.Now.Add(30 * time.Minute)},
		{"of another user", record("bia", 4*time.Hour), time.Time{}},
		{"none", provider.Record{Settings: json.RawMessage(`{"username":"ana"}`)}, time.Time{}},
		{"of nothing", provider.Record{}, time.Time{}},
	}
	for _, tt := range tests {
		plan := Provider{}.Renewal(switchedOn, tt.record)
		if plan == nil || !plan.At.Equal(tt.want) || plan.Spends || plan.Timeout != 20*time.Second || plan.PerMinute != 7 ||
			plan.Life != 3*time.Hour {
			t.Errorf("%s: the plan is %+v", tt.name, plan)
		}
		for _, values := range []provider.Values{{sessionToken: off}, {}} {
			if plan := (Provider{}).Renewal(values, tt.record); plan != nil {
				t.Errorf("%s: switched off the plan is %+v", tt.name, plan)
			}
		}
	}
}

func TestTheSessionIsGivenOnlyWhileItIsSwitchedOnAndBelongsToTheUser(t *testing.T) {
	t.Parallel()
	end := providertest.Now.Add(time.Hour)
	stored := provider.Secrets{password: seal.NewSecret(secret), sessionToken: seal.NewSecret(opened)}
	states := map[string]secretstate.State{sessionToken: {ExpiresAt: &end}}
	of := func(user, state string) provider.Record {
		return provider.Record{Settings: json.RawMessage(`{"username":"` + user + `"}`),
			ProviderState: json.RawMessage(state), States: states}
	}
	tests := []struct {
		name    string
		record  provider.Record
		secrets provider.Secrets
		values  provider.Values
		want    bool
	}{
		{"on", of("ana", `{"sessionOf":"ana"}`), stored, provider.Values{sessionToken: on}, true},
		{"off", of("ana", `{"sessionOf":"ana"}`), stored, provider.Values{sessionToken: off}, false},
		{"never set", of("ana", `{"sessionOf":"ana"}`), stored, nil, false},
		{"of the user before", of("bia", `{"sessionOf":"ana"}`), stored, provider.Values{sessionToken: on}, false},
		{"of nobody knows whom", of("ana", ``), stored, provider.Values{sessionToken: on}, false},
		{"not begun", of("ana", `{"sessionOf":"ana"}`), provider.Secrets{password: seal.NewSecret(secret)},
			provider.Values{sessionToken: on}, false},
	}
	for _, tt := range tests {
		got, err := Provider{}.Credentials(tt.record, tt.secrets, tt.values)
		if err != nil {
			t.Fatal(err)
		}
		c := got.(Credentials)
		if c.Password != secret || (c.SessionToken != nil) != tt.want || (c.SessionExpiresAt != nil) != tt.want {
			t.Errorf("%s: the credentials are not what they should be", tt.name)
		}
		if tt.want && (*c.SessionToken != opened || !c.SessionExpiresAt.Equal(end)) {
			t.Errorf("%s: another session", tt.name)
		}
	}
}

// Proves: 10.6
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(loggedI))
	f.Add([]byte(`{"title":"x","errors":{"a":["b"]},"expiresIn":"1e9","authenticated":"false"}`))
	f.Add([]byte(`{"id":7,"name":"\ud800","cnpj":11222333000181}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		if l, ok := readLogin(a); ok && (l.life < shortestLife || l.life > longestLife) {
			t.Errorf("a session of %s", l.life)
		}
		if id, ok := readUser(a); ok && !idForm.MatchString(id) {
			t.Errorf("the id is %q", id)
		}
		providertest.CheckAccountBounds(t, readMerchant(a, "7"))
	})
}
