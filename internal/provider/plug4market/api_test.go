package plug4market

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

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
	_ provider.Minter    = Provider{}
)

const (
	cnpj       = "12ABC34501DE35"
	oldRefresh = "refresh-token-that-is-old"
	newRefresh = "refresh-token-that-is-new"
)

var shop = provider.Account{ID: cnpj, Document: cnpj}

// signed returns an access token with these claims.
func signed(claims jwt.MapClaims) string {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("key"))
	if err != nil {
		panic(err)
	}
	return token
}

var (
	oldAccess = signed(jwt.MapClaims{"store": cnpj, "n": 1})
	newAccess = signed(jwt.MapClaims{"store": cnpj, "n": 2})
)

func call(client *outbound.Client, url string) provider.Call {
	values := providertest.Defaults(Provider{})
	values[baseURL] = url + "/"
	return provider.Call{
		HTTP: client, Settings: values, Now: providertest.Now,
		Secrets: provider.Secrets{accessToken: seal.NewSecret(oldAccess), refreshToken: seal.NewSecret(oldRefresh)},
	}
}

func pairJSON(access, refresh string) string {
	body, err := json.Marshal(map[string]string{"accessToken": access, "refreshToken": refresh})
	if err != nil {
		panic(err)
	}
	return string(body)
}

var noWord = provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault}

func TestTheResultOfATestFollowsFromTheStatus(t *testing.T) {
	t.Parallel()
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused, Account: shop}
	echo := `{"error_status":401,"error_messages":[{"message":"` + oldAccess + ` ` + oldRefresh + `"}]}`
	tests := append(append(providertest.Faults(), providertest.Unreadable()...),
		providertest.Fault{Name: "orders", Answer: providertest.JSON(200, `{"data":[{"shopper":"Ana"}]}`),
			Want: provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop}},
		providertest.Fault{Name: "401", Answer: providertest.JSON(401, echo), Want: refused},
		providertest.Fault{Name: "403", Answer: providertest.JSON(403, echo), Want: refused},
		providertest.Fault{Name: "401 in the vendor's form, as a text", Answer: providertest.Answer(401, "text/plain", echo),
			Want: refused},
		providertest.Fault{Name: "401 without a message", Answer: providertest.JSON(401, `{"error_status":401}`),
			Want: refused},
		providertest.Fault{Name: "401 of another form", Answer: providertest.JSON(401, `{"codigo":1,"mensagem":"x"}`),
			Want: noWord},
		providertest.Fault{Name: "an error in a success", Answer: providertest.JSON(200, echo), Want: noWord},
		providertest.Fault{Name: "orders that say that they are a page", Answer: providertest.Answer(200, "text/html",
			`{"data":[]}`), Want: provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop}},
		providertest.Fault{Name: "400", Answer: providertest.JSON(400, echo), Want: noWord},
	)
	for _, tt := range tests {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				providertest.Quiet(t, r.URL, oldAccess, oldRefresh)
				if r.URL.String() != "/orders?_page=1&size=1" || r.Header.Get("Authorization") != "Bearer "+oldAccess {
					t.Errorf("the call is %s with %q", r.URL, r.Header.Get("Authorization"))
				}
				tt.Answer(w, r)
			})
			got := Provider{}.Test(t.Context(), call(client, url))
			providertest.Same(t, got, tt.Want)
			providertest.Silent(t, got, oldAccess, oldRefresh, "Ana")
		})
	}
	if got := (Provider{}).Test(t.Context(), provider.Call{}); got.Outcome != provider.Untestable {
		t.Errorf("without a token the outcome is %s", got.Outcome)
	}
}

// renewal is an answer to a renewal, and what is to come of it.
type renewal struct {
	providertest.Fault
	refresh string // the refresh token after it, where the result is OK
	unread  string // what is kept for a person
}

func renewals() []renewal {
	ok := provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: shop}
	half := provider.Result{Outcome: provider.OK, Reason: provider.RenewalIncomplete, Account: shop}
	refused := provider.Result{Outcome: provider.Refused, Reason: provider.RenewalRefused}
	lost := provider.Result{Outcome: provider.Transient, Reason: provider.Unreachable}
	echo := `{"error_status":400,"error_messages":[{"message":[{"message":"` + oldRefresh + ` is not valid"}]}]}`
	whole, long := pairJSON(newAccess, newRefresh), strings.Repeat("x", 64<<10)
	answer := func(name string, answer http.HandlerFunc, want provider.Result, refresh, unread string) renewal {
		return renewal{providertest.Fault{Name: name, Answer: answer, Want: want}, refresh, unread}
	}
	json := func(name, body string, want provider.Result, refresh, unread string) renewal {
		return answer(name, providertest.JSON(200, body), want, refresh, unread)
	}
	kept := func(name, body string) renewal { return json(name, body, noWord, "", body) }
	odd := `{"accessToken":"` + newAccess + `","refreshToken":5}`
	all := []renewal{
		answer("400", providertest.JSON(400, echo), refused, "", ""),
		answer("401", providertest.Answer(401, "application/problem+json", echo), refused, "", ""),
		answer("401 as a text", providertest.Answer(401, "text/plain", echo), refused, "", ""),
		answer("403", providertest.JSON(403, echo), refused, "", ""),
		answer("422 in the vendor's form", providertest.JSON(422, echo), noWord, "", ""),
		answer("403 of another form", providertest.JSON(403, `[]`), noWord, "", ""),
		json("snake case", `{"access_token":"`+newAccess+`","refresh_token":"`+newRefresh+`"}`, ok, newRefresh, ""),
		json("in an envelope", `{"data":`+whole+`}`, ok, newRefresh, ""),
		json("more than the pair", `{"expiresIn":86400,"data":null,`+whole[1:], ok, newRefresh, ""),
		json("a token of 64 KiB", pairJSON(newAccess, long), ok, long, ""),
		answer("cut behind the pair", providertest.CutAt(200, whole, len(whole)), ok, newRefresh, ""),
		answer("cut within the pair", providertest.CutAt(200, whole, len(whole)-3), lost, "", whole[:len(whole)-3]),
		answer("cut before the body", providertest.CutAt(200, whole, 0), lost, "", ""),
		answer("a pair with status 500", providertest.JSON(500, whole), noWord, "", whole),
		answer("an error of the way that is cut", providertest.CutAt(502, `{"message":"Bad`, 15), lost, "", ""),
		json("no new refresh token", `{"accessToken":"`+newAccess+`"}`, half, oldRefresh, ""),
		json("an empty one", pairJSON(newAccess, ""), half, oldRefresh, ""),
		json("one that is null", `{"accessToken":"`+newAccess+`","refreshToken":null}`, half, oldRefresh, ""),
		json("one that is a number", odd, half, oldRefresh, odd),
		json("one too long", pairJSON(newAccess, long+"x"), half, oldRefresh, pairJSON(newAccess, long+"x")),
		kept("no new access token", `{"refreshToken":"`+newRefresh+`"}`),
		kept("an access token that no header takes", pairJSON("a\r\nb", newRefresh)),
		kept("another form", `{"tokens":[`+whole+`]}`),
		kept("an error in a success", `{"error":"`+oldRefresh+`"}`),
		kept("an unfinished pair", whole[:len(whole)-3]),
		kept("a page", `<html>`),
		json("nothing", ``, noWord, "", ""),
	}
	for _, wrapping := range simulated.Wrappings() {
		shape := simulated.Shape{Status: 200, ContentType: "application/json", Body: []byte(whole)}
		wrapping.Change(&shape)
		all = append(all, answer(wrapping.Name, providertest.Answer(shape.Status, shape.ContentType, string(shape.Body)), ok,
			newRefresh, ""))
	}
	for _, fault := range providertest.Faults() {
		all = append(all, renewal{Fault: fault})
	}
	return all
}

func TestARenewal(t *testing.T) {
	t.Parallel()
	for _, tt := range renewals() {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				providertest.Quiet(t, r.URL, oldAccess, oldRefresh)
				body, _ := io.ReadAll(r.Body)
				if r.Method != "POST" || r.URL.String() != "/auth/refresh" || string(body) != `{"refreshToken":"`+oldRefresh+`"}` ||
					r.Header.Get("Authorization") != "" || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("the call is %s %s %s", r.Method, r.URL, body)
				}
				tt.Answer(w, r)
			})
			got := Provider{}.Refresh(t.Context(), call(client, url))
			want := tt.Want
			want.Unsent = want.Reason == provider.RateLimited
			providertest.Same(t, got.Result, want)
			providertest.Silent(t, got.Result, oldAccess, oldRefresh, newAccess, newRefresh)
			if !strings.HasPrefix(tt.Name, "a cut answer") && !strings.HasPrefix(tt.Name, "too large") &&
				got.Unread.Reveal() != tt.unread {
				t.Errorf("%d bytes are kept, want %q", len(got.Unread.Reveal()), tt.unread)
			}
			if want.Outcome != provider.OK {
				if got.Secrets != nil || got.ExpireAt != nil {
					t.Error("it gives secrets")
				}
				return
			}
			if len(got.Secrets) != 2 || got.Secrets[accessToken].Reveal() != newAccess ||
				got.Secrets[refreshToken].Reveal() != tt.refresh {
				t.Error("it gives other secrets")
			}
			if end := got.ExpireAt[accessToken]; len(got.ExpireAt) != 1 || !end.Equal(providertest.Now.Add(24*time.Hour)) {
				t.Errorf("it ends %s", end)
			}
		})
	}
	if got := (Provider{}).Refresh(t.Context(), provider.Call{}); got.Outcome != provider.Untestable {
		t.Errorf("without a token the outcome is %s", got.Outcome)
	}
}

func TestTheBeginningOfATooLargeAnswerIsStored(t *testing.T) {
	t.Parallel()
	for _, tt := range providertest.Faults() {
		if tt.Name != "too large an answer" && tt.Name != "a cut answer" {
			continue
		}
		client, url := providertest.Serve(t, tt.Answer)
		got := Provider{}.Refresh(t.Context(), call(client, url))
		if kept := got.Unread.Reveal(); !strings.HasPrefix(kept, `{"data":`) || len(kept) > provider.MaxUnread {
			t.Errorf("%s: %d bytes are kept", tt.Name, len(kept))
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

func TestTheStatedEndOfANewTokenIsUsedIfItIsPlausible(t *testing.T) {
	t.Parallel()
	day := providertest.Now.Add(24 * time.Hour)
	for name, tt := range map[string]struct {
		access string
		want   time.Time
	}{
		"in an hour": {signed(jwt.MapClaims{"exp": providertest.Now.Add(time.Hour).Unix()}),
			providertest.Now.Add(time.Hour)},
		"in 399 days": {signed(jwt.MapClaims{"exp": providertest.Now.Add(399 * 24 * time.Hour).Unix()}),
			providertest.Now.Add(399 * 24 * time.Hour)},
		"in 401 days":      {signed(jwt.MapClaims{"exp": providertest.Now.Add(401 * 24 * time.Hour).Unix()}), day},
		"now":              {signed(jwt.MapClaims{"exp": providertest.Now.Unix()}), day},
		"in the past":      {signed(jwt.MapClaims{"exp": 1}), day},
		"in milliseconds":  {signed(jwt.MapClaims{"exp": providertest.Now.Add(time.Hour).UnixMilli()}), day},
		"not told":         {signed(jwt.MapClaims{}), day},
		"told as a text":   {signed(jwt.MapClaims{"exp": "soon"}), day},
		"of an opaque one": {"opaque", day},
	} {
		client, url := providertest.Serve(t, providertest.JSON(200, pairJSON(tt.access, newRefresh)))
		got := Provider{}.Refresh(t.Context(), call(client, url))
		if end := got.ExpireAt[accessToken]; len(got.ExpireAt) != 1 || !end.Equal(tt.want) {
			t.Errorf("%s: it ends %s, want %s", name, end, tt.want)
		}
	}
}

func TestAPairIsRenewedAWhileBeforeItsEnd(t *testing.T) {
	t.Parallel()
	values := providertest.Defaults(Provider{})
	end := providertest.Now.Add(24 * time.Hour)
	record := func(fingerprint string) provider.Record {
		return provider.Record{ExpireAt: &end,
			States: map[string]secretstate.State{accessToken: {ExpiresAt: &end}, refreshToken: {Fingerprint: fingerprint}}}
	}
	times := map[time.Time]bool{}
	for i := range 100 {
		fingerprint := strconv.Itoa(i)
		plan := Provider{}.Renewal(values, record(fingerprint))
		if early := end.Sub(plan.At); early < time.Hour || early >= 90*time.Minute {
			t.Errorf("it is renewed %s before its end", early)
		}
		if again := (Provider{}).Renewal(values, record(fingerprint)); *again != *plan {
			t.Errorf("the plan is %+v and then %+v", plan, again)
		}
		times[plan.At] = true
	}
	if len(times) < 80 {
		t.Errorf("100 pairs are renewed at %d times", len(times))
	}
	if plan := (Provider{}).Renewal(values, record("1")); plan.Life != 23*time.Hour || plan.PerMinute != 120 {
		t.Errorf("by default the plan is %+v", plan)
	}
	values[leadMinutes], values[refreshesPerMinute], values[timeoutSeconds] = "1380", "7", "12"
	plan := Provider{}.Renewal(values, record("1"))
	if !plan.At.After(providertest.Now) || plan.PerMinute != 7 || plan.Timeout != 12*time.Second || !plan.Spends ||
		plan.Life != time.Hour {
		t.Errorf("the plan is %+v", plan)
	}
	unknown := record("1")
	unknown.ExpireAt = nil
	if plan := (Provider{}).Renewal(values, unknown); !plan.At.IsZero() {
		t.Errorf("without an end it is renewed at %s", plan.At)
	}
	if plan := (Provider{}).
		Renewal(values, provider.Record{States: map[string]secretstate.State{accessToken: {}}}); plan != nil {
		t.Errorf("without a refresh token the plan is %+v", plan)
	}
	if plan := (Provider{}).Renewal(values, provider.Record{}); plan == nil || plan.Timeout != 12*time.Second {
		t.Errorf("of no connection, as the time of a lease is asked, the plan is %+v", plan)
	}
}

func TestTheShopIsReadFromTheTokenIfTheTokenStatesIt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		token string
		want  provider.Account
	}{
		"a CNPJ":           {oldAccess, shop},
		"with punctuation": {signed(jwt.MapClaims{"store": "12.abc.345/01de-35"}), shop},
		"a number": {signed(jwt.MapClaims{"store": 11222333000181}),
			provider.Account{ID: "11222333000181", Document: "11222333000181"}},
		"a CPF":              {signed(jwt.MapClaims{"store": "39053344705"}), provider.Account{}},
		"no CNPJ":            {signed(jwt.MapClaims{"store": "11222333000182"}), provider.Account{}},
		"an object":          {signed(jwt.MapClaims{"store": jwt.MapClaims{"cnpj": cnpj}}), provider.Account{}},
		"nothing":            {signed(jwt.MapClaims{}), provider.Account{}},
		"an opaque token":    {"opaque", provider.Account{}},
		"an unreadable one":  {"a.b.c", provider.Account{}},
		"one that is broken": {oldAccess[:len(oldAccess)/2], provider.Account{}},
	} {
		if got := account(tt.token); got != tt.want {
			t.Errorf("%s: the account is %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestTheMessagesOfAnError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error_messages":[{"statusCode":401,"error":"Unauthorized","message":"Token expirado"}]}`: "Token expirado",
		`{"error_messages":[{"message":[{"message":"a"},{"message":"b"},"c",5]},{"message":"d"}]}`:  "a b c 5 d",
		`{"error_messages":[{"error":"Unauthorized"}]}`:                                             "Unauthorized",
		`{"error_messages":[{"message":{"deep":"x"}}]}`:                                             "",
		`{"error_messages":"odd"}`: "",
		`{"message":"other"}`:      "",
		`nothing`:                  "",
	} {
		a := outbound.Response{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
		if got := readWord(a).said; got != want {
			t.Errorf("%s says %q, want %q", body, got, want)
		}
	}
}

// Proves: 10.6
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(pairJSON(newAccess, newRefresh)))
	f.Add([]byte(`{"error_messages":[{"statusCode":401,"error":"x","message":[{"message":"a"},"b",null]}]}`))
	f.Add([]byte(oldAccess))
	f.Add([]byte(`{"data":{"access_token":"a"},"refreshToken":5}`))
	for _, wrapping := range simulated.Wrappings() {
		shape := simulated.Shape{Body: []byte(pairJSON("a", "b"))}
		wrapping.Change(&shape)
		f.Add(shape.Body)
	}
	f.Add([]byte(signed(jwt.MapClaims{"store": 11222333000181, "exp": 1e308})))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
		found := readPair(a)
		for _, token := range []string{found.access, found.refresh} {
			if token != "" && !provider.UsableToken(token) {
				t.Errorf("the pair is %+v", found)
			}
		}
		c := provider.Call{Now: providertest.Now, Secrets: provider.Secrets{refreshToken: seal.NewSecret(oldRefresh)}}
		for _, err := range []error{nil, errors.New("cut")} {
			taken := take(c, a, err)
			lost := taken.Outcome != provider.OK && len(body) > 0 && taken.Unread.IsZero()
			if lost || len(taken.Unread.Reveal()) > provider.MaxUnread {
				t.Errorf("of %q nothing is left: %+v", body, taken)
			}
			providertest.Silent(t, taken.Result, oldRefresh)
		}
		_ = readWord(a)
		providertest.CheckAccountBounds(t, account(string(body)))
		if end, ok := expiry(string(body)); ok {
			if _, err := end.MarshalJSON(); err != nil {
				t.Error(err)
			}
		}
	})
}
