package plug4market

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	testTime = 10 * time.Second
	// accessLife is the life of an access token that does not state one. A stated life above longestLife is ignored.
	accessLife  = 24 * time.Hour
	longestLife = 400 * 24 * time.Hour
	// spreadOver is the interval over which the renewals of pairs made at the same time are spread.
	spreadOver = 30 * time.Minute
)

// CanTest is true: the access token needs no setting.
func (Provider) CanTest(provider.Values) bool { return true }

// Test asks for one order and uses only the status, because the answer may hold a shopper's data. The shop is read from
// the token, unverified.
func (Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	access := c.Secrets[accessToken].Reveal()
	if access == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	a, err := c.HTTP.Do(ctx, outbound.Request{
		URL:     c.Settings.At(baseURL, "/orders?_page=1&size=1"),
		Header:  http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + access}},
		Timeout: testTime,
	})
	if err != nil {
		return provider.ResultOfError(err)
	}
	var body json.RawMessage
	word := readWord(a)
	switch {
	case provider.IsSuccess(a) && !word.own && provider.Decode(a, &body):
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account(access)}
	// A refused test leads to a renewal, which may spend the refresh token. So only the vendor's own form is a refusal: a
	// bare 401 may come from a gateway that rejects every call. Taking it for a fault costs nothing: the next renewal
	// replaces an access token that is really dead.
	case word.own && (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden):
		return provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused, Message: messageOf(c, a),
			Account: account(access)}
	default:
		return provider.ResultOfAnswer(a, c.Now, messageOf(c, a))
	}
}

// Renewal plans the renewal of the pair before the access token ends, at a different moment for each pair. Without a
// known end it is due at once, because a renewal reveals the end. It returns nil for a connection without a refresh
// token. For a record without any secrets it returns only the general plan: the times and the rate.
func (Provider) Renewal(values provider.Values, r provider.Record) *provider.Renewal {
	refresh, ok := r.States[refreshToken]
	if !ok && len(r.States) > 0 {
		return nil
	}
	early := time.Duration(values.Int(leadMinutes)) * time.Minute
	plan := &provider.Renewal{
		Timeout: renewTime(values), Life: accessLife - early, PerMinute: values.Int(refreshesPerMinute), Spends: true,
	}
	if r.ExpireAt != nil {
		plan.At = r.ExpireAt.Add(-early - spread(refresh.Fingerprint))
	}
	return plan
}

func renewTime(values provider.Values) time.Duration {
	return time.Duration(values.Int(timeoutSeconds)) * time.Second
}

// spread returns a duration below spreadOver that depends only on the text.
func spread(text string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // it never fails
	return time.Duration(h.Sum32()%uint32(spreadOver/time.Second)) * time.Second
}

// Refresh sends the refresh token once, and gets a new pair. After an answer without a whole pair, the old refresh
// token may or may not be spent.
func (Provider) Refresh(ctx context.Context, c provider.Call) provider.Renewed {
	old := c.Secrets[refreshToken].Reveal()
	body, err := json.Marshal(map[string]string{"refreshToken": old})
	if err != nil || old == "" {
		return provider.Renewed{Result: provider.Result{Outcome: provider.Untestable}}
	}
	a, err := c.HTTP.Do(ctx, outbound.Request{
		Method:  http.MethodPost,
		URL:     c.Settings.At(baseURL, "/auth/refresh"),
		Header:  http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}},
		Body:    body,
		Timeout: renewTime(c.Settings),
	})
	renewed := take(c, a, err)
	switch {
	case err != nil || renewed.Outcome == provider.OK:
	case isRefusal(a):
		renewed.Result = provider.Result{Outcome: provider.Refused, Reason: provider.RenewalRefused, Message: renewed.Message}
	default:
		renewed.Unsent = a.Status == http.StatusTooManyRequests // the provider's rate limit rejected it unread
	}
	return renewed
}

// isRefusal reports whether an answer refuses the request, in the vendor's own form.
func isRefusal(a outbound.Response) bool {
	switch a.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return readWord(a).own
	}
	return false
}

// ends returns when a new access token ends.
func ends(access string, now time.Time) time.Time {
	end, ok := expiry(access)
	if !ok || !end.After(now) || end.After(now.Add(longestLife)) {
		return now.Add(accessLife).UTC()
	}
	return end
}

// account reads the shop's CNPJ from an access token, if it is a JWT with that claim. Like expiry this is a hint.
func account(token string) provider.Account {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(token, claims); err != nil {
		return provider.Account{}
	}
	document, err := brdoc.Parse(fmt.Sprint(claims["store"]))
	if err != nil || document.Kind() != brdoc.CNPJ {
		return provider.Account{}
	}
	return provider.Account{ID: document.String(), Document: document.String()}
}
