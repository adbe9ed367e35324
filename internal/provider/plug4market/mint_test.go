package plug4market

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const (
	softwareHouse = "16727230000197"
	login         = "integracao@casa.example"
	secret        = "senha-da-casa"
	session       = "session-of-the-house"
)

// houseCall is a call with the log-in of the house.
func houseCall(client *outbound.Client, url string) provider.Call {
	c := call(client, url)
	c.Settings[houseLogin], c.Settings[housePassword], c.Settings[houseCNPJ] = login, secret, "16.727.230/0001-97"
	return c
}

func TestAHouseCanMintOnceItsLogInIsSet(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(provider.Values)
		want   bool
	}{
		"all of it":           {func(provider.Values) {}, true},
		"a CNPJ with letters": {func(v provider.Values) { v[houseCNPJ] = "12.abc.345/01de-35" }, true},
		"no other defaults": {
			func(v provider.Values) { delete(v, loginPath); delete(v, tokenPath); delete(v, notEncoded) }, true},
		"no login":                 {func(v provider.Values) { delete(v, houseLogin) }, false},
		"no password":              {func(v provider.Values) { delete(v, housePassword) }, false},
		"no CNPJ":                  {func(v provider.Values) { delete(v, houseCNPJ) }, false},
		"a CPF":                    {func(v provider.Values) { v[houseCNPJ] = "390.533.447-05" }, false},
		"a path without a slash":   {func(v provider.Values) { v[loginPath] = "auth/login" }, false},
		"a path without the store": {func(v provider.Values) { v[tokenPath] = "/houses/{house}/token" }, false},
		"a path with a query":      {func(v provider.Values) { v[tokenPath] = "/{store}/{house}?a=b" }, false},
	} {
		c := houseCall(nil, "https://example.com")
		tt.change(c.Settings)
		if got := (Provider{}).CanMint(c.Settings); got != tt.want {
			t.Errorf("%s: CanMint is %t", name, got)
		}
		if tt.want {
			continue
		}
		if got := (Provider{}).Enter(t.Context(), c); got.Outcome != provider.Untestable {
			t.Errorf("%s: it enters: %+v", name, got.Result)
		}
		if got := (Provider{}).Mint(t.Context(), c, seal.NewSecret(session), cnpj); got.Outcome != provider.Untestable {
			t.Errorf("%s: it mints: %+v", name, got.Result)
		}
	}
	if (Provider{}).CanMint(providertest.Defaults(Provider{})) {
		t.Error("it can with nothing set")
	}
}

func TestAFormSaysWhatIsWrongWithTheHouse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]fault.Code{
		softwareHouse: "", "12.ABC.345/01DE-35": "", "16727230000198": fault.DocumentCheckDigits,
		"39053344705": fault.DocumentLength, "1672723": fault.DocumentLength, "ç": fault.DocumentCharacters,
	} {
		if got := cnpjForm(text); got != want {
			t.Errorf("the CNPJ %q is %q, want %q", text, got, want)
		}
	}
	wrong := map[string]string{
		houseCNPJ: "39053344705", loginPath: "auth/login", tokenPath: "/stores/{store}/token", notEncoded: "yes",
	}
	for _, setting := range (Provider{}).Settings() {
		text, ok := wrong[setting.Name]
		if code, _ := setting.Check(text, nil); ok && code == "" {
			t.Errorf("%s takes %q", setting.Name, text)
		}
	}
}

func TestTheHouseEnters(t *testing.T) {
	t.Parallel()
	ok := provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.HouseLoginRefused}
	own := `{"error_status":401,"error_messages":[{"statusCode":401,"message":"` + secret + ` of ` + login + `"}]}`
	whole := `{"accessToken":"` + session + `","user":{"id":1,"login":"` + login + `"}}`
	tests := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "a session", Answer: providertest.JSON(200, whole), Want: ok},
		providertest.Fault{Name: "a session as a text, with status 201",
			Answer: providertest.Answer(201, "text/plain", whole), Want: ok},
		providertest.Fault{Name: "no session", Answer: providertest.JSON(200, `{"user":{}}`), Want: noWord},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, own), Want: refused},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, own), Want: refused},
		providertest.Fault{Name: "401 that no gateway gives", Answer: providertest.JSON(401, `{"codigo":1}`), Want: refused},
		providertest.Fault{Name: "403", Answer: providertest.JSON(403, own), Want: refused},
		providertest.Fault{Name: "403 that no gateway gives", Answer: providertest.JSON(403, `{"codigo":1}`), Want: noWord},
		providertest.Fault{Name: "a locked account", Answer: providertest.JSON(423, own), Want: refused},
		providertest.Fault{Name: "500", Answer: providertest.JSON(500, own), Want: noWord},
	)
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				providertest.Quiet(t, r.URL, secret, login)
				var got map[string]string
				body, _ := io.ReadAll(r.Body)
				if json.Unmarshal(body, &got) != nil || len(got) != 2 || got["login"] != login || got["password"] != secret ||
					r.Method != "POST" || r.URL.Path != "/auth/login" || r.Header.Get("Authorization") != "" {
					t.Errorf("the call is %s %s %s", r.Method, r.URL, body)
				}
				tt.Answer(w, r)
			})
			got := Provider{}.Enter(t.Context(), houseCall(client, url))
			providertest.Same(t, got.Result, tt.Want)
			providertest.Silent(t, got.Result, secret, session)
			if (got.Session.Reveal() == session) != (tt.Want.Outcome == provider.OK) || calls.Load() != 1 {
				t.Errorf("after %d calls there is a session: %t", calls.Load(), !got.Session.IsZero())
			}
		})
	}
	client, url := providertest.NewClosedClient(t)
	providertest.Same(t, Provider{}.Enter(t.Context(), houseCall(client, url)).Result,
		provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable, Unsent: true})
}

func TestTheHouseMints(t *testing.T) {
	t.Parallel()
	ok := provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop}
	ended := provider.Result{Outcome: provider.Refused, Reason: provider.SessionEnded}
	unknown := provider.Result{Outcome: provider.Refused, Reason: provider.StoreUnknown}
	own := `{"error_status":404,"error_messages":[{"statusCode":404,"message":"` + session + `"}]}`
	forbidden := `{"error_status":403,"error_messages":[{"message":"Loja de outra"}]}`
	whole := pairJSON(newAccess, newRefresh)
	var tests []providertest.Fault
	for _, tt := range append(providertest.Faults(), providertest.Unreadable()...) {
		if strings.HasSuffix(tt.Name, "with status 401") {
			tt.Want = ended // any 401 is of the session
		}
		tests = append(tests, tt)
	}
	tests = append(tests,
		providertest.Fault{Name: "a pair", Answer: providertest.JSON(200, whole), Want: ok},
		providertest.Fault{Name: "a pair in snake case", Answer: providertest.Answer(201, "text/plain",
			`{"access_token":"`+newAccess+`","refresh_token":"`+newRefresh+`"}`), Want: ok},
		providertest.Fault{Name: "half a pair", Answer: providertest.JSON(200, pairJSON("", newRefresh)), Want: noWord},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, `{"error_status":401}`), Want: ended},
		providertest.Fault{Name: "404", Answer: providertest.JSON(404, own), Want: unknown},
		providertest.Fault{Name: "404 that no gateway gives", Answer: providertest.JSON(404, `{"codigo":1}`), Want: unknown},
		providertest.Fault{Name: "another house's store", Answer: providertest.JSON(403, forbidden), Want: unknown},
		providertest.Fault{Name: "a 404 within a 400", Answer: providertest.JSON(400, own), Want: unknown},
		providertest.Fault{Name: "another error", Answer: providertest.JSON(400, forbidden), Want: noWord},
		providertest.Fault{Name: "a 404 within a 500", Answer: providertest.JSON(500, own), Want: noWord},
	)
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				providertest.Quiet(t, r.URL, secret, session, oldRefresh)
				if want := "/stores/" + cnpj + "/software-houses/" + softwareHouse + "/token?notEncoded=true"; r.Method != "GET" ||
					r.URL.String() != want || r.Header.Get("Authorization") != "Bearer "+session {
					t.Errorf("the call is %s %s", r.Method, r.URL)
				}
				tt.Answer(w, r)
			})
			got := Provider{}.Mint(t.Context(), houseCall(client, url), seal.NewSecret(session), "12.abc.345/01de-35")
			providertest.Same(t, got.Result, tt.Want)
			providertest.Silent(t, got.Result, secret, session, newAccess, newRefresh, oldRefresh)
			if tt.Want.Outcome != provider.OK {
				if got.Secrets != nil || tt.Name == "half a pair" && !strings.Contains(got.Unread.Reveal(), newRefresh) {
					t.Errorf("it gives %d secrets, and keeps %d bytes", len(got.Secrets), len(got.Unread.Reveal()))
				}
				return
			}
			if got.Secrets[accessToken].Reveal() != newAccess || got.Secrets[refreshToken].Reveal() != newRefresh ||
				len(got.ExpireAt) != 1 {
				t.Error("it gives other secrets")
			}
		})
	}
	c := houseCall(nil, "https://example.com")
	for name, got := range map[string]provider.Renewed{
		"no session":  Provider{}.Mint(t.Context(), c, seal.Secret{}, cnpj),
		"no document": Provider{}.Mint(t.Context(), c, seal.NewSecret(session), "../auth"),
	} {
		if got.Outcome != provider.Untestable {
			t.Errorf("%s: the result is %+v", name, got.Result)
		}
	}
}

func TestAnAccessTokenAloneIsNotEnoughForAConnectionWithoutAPair(t *testing.T) {
	t.Parallel()
	alone := `{"accessToken":"` + newAccess + `"}`
	client, url := providertest.Serve(t, providertest.JSON(200, alone))
	c := houseCall(client, url)
	got := Provider{}.Mint(t.Context(), c, seal.NewSecret(session), cnpj)
	if got.Reason != provider.RenewalIncomplete || got.Secrets[refreshToken].Reveal() != oldRefresh {
		t.Errorf("beside an old refresh token the result is %+v", got.Result)
	}
	c.Secrets = nil
	got = Provider{}.Mint(t.Context(), c, seal.NewSecret(session), cnpj)
	providertest.Same(t, got.Result, noWord)
	if got.Unread.Reveal() != alone || got.Secrets != nil {
		t.Errorf("without one %d bytes are kept", len(got.Unread.Reveal()))
	}
}

func TestSettingsDecideWhatTheVendorsTextsLeaveOpen(t *testing.T) {
	t.Parallel()
	client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.String() {
		case "/v2/enter":
			providertest.JSON(200, `{"accessToken":"`+session+`"}`)(w, r)
		case "/v2/" + softwareHouse + "/of/" + cnpj + "?notEncoded=false":
			providertest.JSON(200, pairJSON(newAccess, newRefresh))(w, r)
		default:
			t.Errorf("the call is %s", r.URL)
		}
	})
	c := houseCall(client, url)
	c.Settings[loginPath], c.Settings[tokenPath], c.Settings[notEncoded] = "/v2/enter", "/v2/{house}/of/{store}", "false"
	entered := Provider{}.Enter(t.Context(), c)
	if got := (Provider{}).Mint(t.Context(), c, entered.Session, cnpj); got.Outcome != provider.OK {
		t.Errorf("the result is %+v", got.Result)
	}
}

func TestTheHouseAtTheSimulatedProvider(t *testing.T) {
	t.Parallel()
	twin := simulated.New(func() time.Time { return providertest.Now }).Plug4Market
	twin.AddHouse(softwareHouse, login, secret)
	twin.AddStore(cnpj, softwareHouse)
	twin.AddStore("11222333000181", cnpj)
	twin.SetLockAfter(3)
	client, url := providertest.Serve(t, twin.Handler().ServeHTTP)
	c := houseCall(client, url)
	c.Secrets = nil

	entered := Provider{}.Enter(t.Context(), c)
	providertest.Same(t, entered.Result, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed})
	minted := Provider{}.Mint(t.Context(), c, entered.Session, cnpj)
	providertest.Same(t, minted.Result, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop})
	c.Secrets = minted.Secrets
	providertest.Same(t, Provider{}.Test(t.Context(), c),
		provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop})
	if renewed := (Provider{}).Refresh(t.Context(), c); renewed.Outcome != provider.OK {
		t.Errorf("the pair is renewed with %+v", renewed.Result)
	}
	unknown := provider.Result{Outcome: provider.Refused, Reason: provider.StoreUnknown}
	providertest.Same(t, Provider{}.Mint(t.Context(), c, entered.Session, "00000000000191").Result, unknown)
	providertest.Same(t, Provider{}.Mint(t.Context(), c, entered.Session, "11222333000181").Result, unknown)
	twin.EndSessions(login)
	providertest.Same(t, Provider{}.Mint(t.Context(), c, entered.Session, cnpj).Result,
		provider.Result{Outcome: provider.Refused, Reason: provider.SessionEnded})

	twin.SetHousePassword(login, "another")
	for range 4 { // the last of which is of a locked account
		got := Provider{}.Enter(t.Context(), c)
		providertest.Same(t, got.Result, provider.Result{Outcome: provider.Refused, Reason: provider.HouseLoginRefused})
		if got.Message == "" {
			t.Error("the refusal says nothing")
		}
		providertest.Silent(t, got.Result, secret)
	}
}
