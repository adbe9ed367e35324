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

	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/seal"
)

const (
	exchangeTime = 20 * time.Second
	callTime     = 10 * time.Second
)

// Configured reports whether the application is known.
func (Provider) Configured(values provider.Values) bool {
	return values[appID] != "" && values[appSecret] != ""
}

// AuthorizeURL is the page where the merchant agrees. Where it sends the browser back to, and what the application may
// do, stand in the partner panel: the vendor asks for nothing but the state.
func (Provider) AuthorizeURL(values provider.Values, state string) string {
	return values.At(baseURL, "/apps/"+url.PathEscape(values[appID])+"/authorize?state="+url.QueryEscape(state))
}

// Exchange gets the token for a code, which is spent by that, and asks for the shop's name and document. When it is not
// told these, the install is good all the same.
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
	if err != nil {
		return provider.Granted{Result: provider.Failed(err)}
	}
	answer := readToken(a)
	said := provider.Said(answer.said, secret, code, answer.token)
	switch {
	case answer.refused:
		return provider.Granted{Result: provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused, Message: said}}
	case !answer.whole:
		return provider.Granted{Result: provider.Answered(a, c.Now, said)}
	}
	granted := provider.Granted{
		Result: provider.Result{
			Outcome: provider.OK, Reason: provider.CheckPassed, Account: provider.Account{ID: answer.shop},
		},
		Secrets: provider.Secrets{accessToken: seal.NewSecret(answer.token)},
	}
	c.Record, c.Secrets = provider.Record{ExternalAccount: answer.shop}, granted.Secrets
	if told, spelling := ask(ctx, c); told.Outcome == provider.OK {
		granted.Account, granted.State = told.Account, remember(c, spelling, "")
	}
	return granted
}

// token is the answer to a code: a token with the shop that it is for, a refusal, or something else.
type token struct {
	token, shop, said string
	whole, refused    bool
}

// readToken reads the answer to a code. A refusal may come with the status of a success.
func readToken(a outbound.Response) token {
	var body struct {
		AccessToken string        `json:"access_token"`
		UserID      provider.Word `json:"user_id"`
		StoreID     provider.Word `json:"store_id"`
		Error       provider.Word `json:"error"`
		Description provider.Word `json:"error_description"`
	}
	if json.Unmarshal(a.Body, &body) != nil {
		return token{}
	}
	t := token{token: body.AccessToken, shop: shopID(cmp.Or(body.UserID, body.StoreID)), said: strings.TrimSpace(string(body.Error + " " + body.Description))}
	if body.Error != "" {
		// Two names of RFC 6749 are of faults of the server: they say nothing of the code.
		t.refused = body.Error != "server_error" && body.Error != "temporarily_unavailable" &&
			slices.Contains([]int{http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}, a.Status)
		return t
	}
	sameShop := body.StoreID == "" || shopID(body.StoreID) == t.shop
	t.whole = a.Status == http.StatusOK && provider.UsableToken(t.token) && t.shop != "" && sameShop
	return t
}

// shopID returns the number of a shop, or nothing when it is none.
func shopID(w provider.Word) string {
	id := w.Digits()
	if strings.HasPrefix(id, "0") {
		return "" // else two texts would be the same number
	}
	return id
}

// CanTest is true: a token that an install gave needs no setting.
func (Provider) CanTest(provider.Values) bool { return true }

// Test asks for the shop. A token that is refused is tried once in the other spelling of its header before it is believed
// to be dead, and what worked is remembered. With a good token the webhooks that are missing are registered; that they
// cannot be is no fault of the token.
func (Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	if c.Secrets[accessToken].IsZero() || c.Record.ExternalAccount == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	result, spelling := ask(ctx, c)
	if result.Outcome != provider.OK {
		return result
	}
	at := remembered(c.Record).WebhooksAt
	if c.WebhookURL != "" && at != c.WebhookURL && register(ctx, c, spelling) {
		at = c.WebhookURL
	}
	result.State = remember(c, spelling, at)
	return result
}

// remember returns the state after a good call; nil when it is as before.
func remember(c provider.Call, spelling, webhooksAt string) json.RawMessage {
	was := remembered(c.Record)
	is := state{Header: was.Header, WebhooksAt: webhooksAt}
	if spelling != was.spelling(c.Settings) {
		is.Header = spelling
	}
	if is == was {
		return nil
	}
	return provider.Remember(is)
}

// ask asks for the shop, and again in the other spelling of the header when the first is refused. It returns the spelling
// that the result is of.
func ask(ctx context.Context, c provider.Call) (result provider.Result, spelling string) {
	spelling = remembered(c.Record).spelling(c.Settings)
	result = askIn(ctx, c, spelling)
	if result.Reason != provider.AccessRevoked {
		return result, spelling
	}
	other := authorization
	if spelling == authorization {
		other = authentication
	}
	return askIn(ctx, c, other), other
}

func askIn(ctx context.Context, c provider.Call, spelling string) provider.Result {
	a, err := call(ctx, c, spelling, http.MethodGet, "/store?fields=id,name,business_id,business_name", nil)
	if err != nil {
		return provider.Failed(err)
	}
	said := provider.Said(readError(a), c.Secrets[accessToken].Reveal())
	account, ok := readStore(a)
	switch {
	case a.Status == http.StatusOK && ok && account.ID == c.Record.ExternalAccount:
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account}
	case a.Status == http.StatusUnauthorized && !provider.IsPage(a):
		return provider.Result{Outcome: provider.Refused, Reason: provider.AccessRevoked, Message: said}
	case a.Status == http.StatusPaymentRequired:
		return provider.Result{Outcome: provider.Halted, Reason: provider.SuspendedByProvider, Message: said}
	}
	result := provider.Answered(a, c.Now, said)
	if a.Status == http.StatusTooManyRequests && result.RetryAfter == 0 {
		result.RetryAfter = untilReset(a)
	}
	return result
}

// untilReset returns how long the provider says that its allowance is used up, in milliseconds; at most an hour.
func untilReset(a outbound.Response) time.Duration {
	milliseconds, err := strconv.ParseUint(a.Header.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(min(milliseconds, uint64(time.Hour/time.Millisecond))) * time.Millisecond
}

// readStore reads what is told of a shop. It returns false for an answer that is not about one.
func readStore(a outbound.Response) (provider.Account, bool) {
	var body struct {
		ID           provider.Word   `json:"id"`
		Name         json.RawMessage `json:"name"`
		BusinessID   provider.Word   `json:"business_id"`
		BusinessName provider.Word   `json:"business_name"`
	}
	if json.Unmarshal(a.Body, &body) != nil || shopID(body.ID) == "" {
		return provider.Account{}, false
	}
	return provider.Account{
		ID:       shopID(body.ID),
		Name:     cmp.Or(inLanguage(body.Name), body.BusinessName.Name()),
		Document: body.BusinessID.Document(),
	}, true
}

// inLanguage returns a name that may be there in several languages: the Portuguese one before others.
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

// readError reads what an error says; empty when it says nothing that can be understood.
func readError(a outbound.Response) string {
	var body struct{ Message, Description provider.Word }
	if a.Status == http.StatusOK || json.Unmarshal(a.Body, &body) != nil {
		return ""
	}
	return strings.TrimSpace(string(body.Message + " " + body.Description))
}

// call calls the API for the shop.
func call(ctx context.Context, c provider.Call, spelling, method, path string, body []byte) (outbound.Response, error) {
	shop := "/" + url.PathEscape(cmp.Or(c.Settings[apiVersion], defaultVersion)) + "/" + url.PathEscape(c.Record.ExternalAccount)
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

// headers returns what every call has: the provider refuses one that does not say who calls.
func headers(values provider.Values) http.Header {
	return http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json; charset=utf-8"},
		"User-Agent":   {"Chaveiro (" + cmp.Or(values[contact], defaultContact) + ")"},
	}
}
