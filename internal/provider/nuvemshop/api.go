package nuvemshop

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	exchangeTime = 20 * time.Second
	callTime     = 10 * time.Second
)

// Configured reports whether the application's id and secret are set.
func (Provider) Configured(values provider.Values) bool {
	return values[appID] != "" && values[appSecret] != ""
}

// AuthorizeURL returns the page where the merchant agrees. The return address and the rights of the application are set
// in the partner panel; the address carries only the state.
func (Provider) AuthorizeURL(values provider.Values, state string) string {
	return values.At(baseURL, "/apps/"+url.PathEscape(values[appID])+"/authorize?state="+url.QueryEscape(state))
}

// Exchange gets the token for a code, which spends the code, and asks for the shop's name and document. The install
// succeeds without these.
func (Provider) Exchange(ctx context.Context, c provider.Call, code string) provider.Granted {
	secret := c.Settings[appSecret]
	body, err := json.Marshal(map[string]string{
		"client_id": c.Settings[appID], "client_secret": secret, "grant_type": "authorization_code", "code": code,
	})
	if err != nil {
		return provider.Granted{Result: provider.Result{Outcome: provider.Untestable}}
	}
	a, err := c.HTTP.Do(ctx, outbound.Request{
		Method:  http.MethodPost,
		URL:     c.Settings.At(baseURL, "/apps/authorize/token"),
		Header:  headers(c.Settings),
		Body:    body,
		Timeout: exchangeTime,
	})
	answer := readToken(a)
	granted := answer.grant(c, a, err, code)
	if granted.Outcome != provider.OK {
		return granted
	}
	c.Record, c.Secrets = provider.Record{ExternalAccount: answer.shop}, granted.Secrets
	if told, spelling := ask(ctx, c); told.Outcome == provider.OK {
		granted.Account, granted.State = told.Account, remember(c, spelling, "")
	}
	return granted
}

// grant returns the result of the answer to a code; err is set if the answer was cut off or did not arrive. It accepts
// a whole token even then. It stores an answer that may hold an unusable token for a person, because the code is spent.
func (t token) grant(c provider.Call, a outbound.Response, err error, code string) provider.Granted {
	if t.whole {
		return provider.Granted{
			Result:  provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: provider.Account{ID: t.shop}},
			Secrets: provider.Secrets{accessToken: seal.NewSecret(t.token)},
		}
	}
	said := provider.Said(t.said, c.Settings[appSecret], code, t.token)
	var granted provider.Granted
	switch {
	case err != nil:
		granted.Result = provider.ResultOfError(err)
	case t.refused:
		granted.Result = provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused, Message: said}
	default:
		granted.Result = provider.ResultOfAnswer(a, c.Now, said)
	}
	if t.token != "" || provider.IsSuccess(a) && !t.refused {
		granted.Unread = provider.KeepUnread(a)
	}
	return granted
}

// token is the answer to a code: a token with its shop, a refusal, or something else.
type token struct {
	token, shop, said string
	whole, refused    bool
}

// refusals are the errors of RFC 6749 that refuse a code or an application. Its other two errors are faults of the
// server. Any other error may be a gateway's, whose answers also have the member "error".
var refusals = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	"access_denied",
}

// readToken reads the answer to a code. A refusal may have a status of success.
func readToken(a outbound.Response) token {
	var body struct {
		AccessToken json.RawMessage `json:"access_token"`
		UserID      provider.Word   `json:"user_id"`
		StoreID     provider.Word   `json:"store_id"`
		Error       provider.Word   `json:"error"`
		Description provider.Word   `json:"error_description"`
	}
	if !provider.Decode(a, &body) {
		return token{}
	}
	var access string
	_ = json.Unmarshal(body.AccessToken, &access) // a value that is not a text is not a token
	t := token{
		token: access, shop: shopID(cmp.Or(body.UserID, body.StoreID)),
		said: strings.TrimSpace(string(body.Error + " " + body.Description)),
	}
	if body.Error != "" {
		t.refused = slices.Contains(refusals, string(body.Error)) && (provider.IsSuccess(a) ||
			slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}, a.Status))
		return t
	}
	sameShop := body.StoreID == "" || shopID(body.StoreID) == t.shop
	t.whole = provider.IsSuccess(a) && provider.UsableToken(t.token) && t.shop != "" && sameShop
	return t
}

// shopID returns the number of a shop; "" when the word is not one.
func shopID(w provider.Word) string {
	id := w.Digits()
	if strings.HasPrefix(id, "0") {
		return "" // else two texts would mean the same number
	}
	return id
}

// CanTest is true: the token of an install needs no setting.
func (Provider) CanTest(provider.Values) bool { return true }

// Test asks for the shop. It tries a refused token once more in the other spelling of its header, and stores the
// spelling that worked. With a good token it registers missing webhooks; a failure of that is not a failure of the
// test.
func (Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	if c.Secrets[accessToken].IsZero() || c.Record.ExternalAccount == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	result, spelling := ask(ctx, c)
	if result.Outcome != provider.OK {
		return result
	}
	at := stateOf(c.Record).WebhooksAt
	if c.WebhookURL != "" && at != c.WebhookURL && register(ctx, c, spelling) {
		at = c.WebhookURL
	}
	result.State = remember(c, spelling, at)
	return result
}

// remember returns the state after a successful call; nil when it has not changed.
func remember(c provider.Call, spelling, webhooksAt string) json.RawMessage {
	was := stateOf(c.Record)
	is := state{Header: was.Header, WebhooksAt: webhooksAt}
	if spelling != was.spelling(c.Settings) {
		is.Header = spelling
	}
	if is == was {
		return nil
	}
	return provider.Remember(is)
}

// ask asks for the shop, and after any 401 again in the other spelling of the header, because the provider's answer to
// an unknown spelling is not documented. It returns the spelling of the returned result.
func ask(ctx context.Context, c provider.Call) (result provider.Result, spelling string) {
	spelling = stateOf(c.Record).spelling(c.Settings)
	result, denied := askIn(ctx, c, spelling)
	if !denied {
		return result, spelling
	}
	other := authorization
	if spelling == authorization {
		other = authentication
	}
	result, _ = askIn(ctx, c, other)
	return result, other
}

// askIn asks in one spelling. denied is true if the status is 401.
func askIn(ctx context.Context, c provider.Call, spelling string) (result provider.Result, denied bool) {
	a, err := call(ctx, c, spelling, http.MethodGet, "/store?fields=id,name,business_id,business_name", nil)
	if err != nil {
		return provider.ResultOfError(err), false
	}
	own, text := readError(a)
	said := provider.Said(text, c.Secrets[accessToken].Reveal())
	account, ok := readStore(a)
	switch {
	case provider.IsSuccess(a) && ok && account.ID == c.Record.ExternalAccount:
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account}, false
	case a.Status == http.StatusUnauthorized && own:
		return provider.Result{Outcome: provider.Refused, Reason: provider.AccessRevoked, Message: said}, true
	case a.Status == http.StatusPaymentRequired && own:
		return provider.Result{Outcome: provider.Halted, Reason: provider.SuspendedByProvider, Message: said}, false
	}
	result = provider.ResultOfAnswer(a, c.Now, said)
	if a.Status == http.StatusTooManyRequests && result.RetryAfter == 0 {
		result.RetryAfter = untilReset(a)
	}
	return result, a.Status == http.StatusUnauthorized
}

// untilReset returns how long the provider's rate limit lasts, from its header in milliseconds; at most an hour.
func untilReset(a outbound.Response) time.Duration {
	milliseconds, err := strconv.ParseUint(a.Header.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(min(milliseconds, uint64(time.Hour/time.Millisecond))) * time.Millisecond
}

// readStore reads the data of a shop. It returns false when the answer has no shop.
func readStore(a outbound.Response) (provider.Account, bool) {
	var body struct {
		ID           provider.Word   `json:"id"`
		Name         json.RawMessage `json:"name"`
		BusinessID   provider.Word   `json:"business_id"`
		BusinessName provider.Word   `json:"business_name"`
	}
	if !provider.Decode(a, &body) || shopID(body.ID) == "" {
		return provider.Account{}, false
	}
	return provider.Account{
		ID:       shopID(body.ID),
		Name:     cmp.Or(inLanguage(body.Name), body.BusinessName.Name()),
		Document: body.BusinessID.Document(),
	}, true
}

// inLanguage returns a name that may be given in several languages, the Portuguese one first.
func inLanguage(raw json.RawMessage) string {
	var (
		one provider.Word
		all map[string]provider.Word
	)
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return one.Name()
	}
	if json.Unmarshal(raw, &all) != nil {
		return ""
	}
	for _, language := range slices.Concat([]string{"pt", "es", "en"}, slices.Sorted(maps.Keys(all))) {
		if name := all[language].Name(); name != "" {
			return name
		}
	}
	return ""
}

// readError reads an error. It is the provider's own if it has the documented form: a code equal to the status, a
// message and a description. Gateways send at most the first two.
func readError(a outbound.Response) (own bool, said string) {
	var body struct{ Code, Message, Description provider.Word }
	if provider.IsSuccess(a) || !provider.Decode(a, &body) {
		return false, ""
	}
	own = string(body.Code) == strconv.Itoa(a.Status) && body.Message != "" && body.Description != ""
	return own, strings.TrimSpace(string(body.Message + " " + body.Description))
}

// call calls the API for the shop.
func call(ctx context.Context, c provider.Call, spelling, method, path string, body []byte) (outbound.Response, error) {
	shop := "/" + url.PathEscape(cmp.Or(c.Settings[apiVersion], defaultVersion)) + "/" + url.PathEscape(
		c.Record.ExternalAccount)
	request := outbound.Request{
		Method:  method,
		URL:     c.Settings.At(apiURL, shop+path),
		Header:  headers(c.Settings),
		Body:    body,
		Timeout: callTime,
	}
	name, value := header(spelling, c.Secrets[accessToken].Reveal())
	request.Header.Set(name, value)
	return c.HTTP.Do(ctx, request)
}

// headers returns the headers of every call. The provider rejects a call without a User-Agent.
func headers(values provider.Values) http.Header {
	return http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json; charset=utf-8"},
		"User-Agent":   {"Chaveiro (" + cmp.Or(values[contact], defaultContact) + ")"},
	}
}
