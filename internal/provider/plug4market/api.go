package plug4market

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/internal/brdoc"
	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/seal"
)

const (
	testTime = 10 * time.Second
	// accessLife is how long an access token lives that does not say so. One that says it lives longer than longestLife
	// is not believed.
	accessLife  = 24 * time.Hour
	longestLife = 400 * 24 * time.Hour
	// spreadOver is over how long the renewals of pairs that were made together are spread.
	spreadOver = 30 * time.Minute
)

// CanTest is true: the access token needs no setting.
func (Provider) CanTest(provider.Values) bool { return true }

// Test asks for one order and looks at the status alone: the answer may hold a shopper's data. Which shop it is the token
// itself says, and nobody proves.
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
	switch {
	case err != nil:
		return provider.Failed(err)
	case a.Status == http.StatusOK && isJSON(a):
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account(access)}
	case (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden) && !provider.IsPage(a):
		return provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused, Message: said(c, a), Account: account(access)}
	default:
		return provider.Answered(a, c.Now, said(c, a))
	}
}

// Renewal says when the pair is renewed: a while before the access token ends, for each pair another while; at once where
// the end is not known, as a renewal tells. It returns nil for a connection without a refresh token, but not for a record
// without any secrets, of which only the time and the rate are asked.
func (Provider) Renewal(values provider.Values, r provider.Record) *provider.Renewal {
	refresh, ok := r.States[refreshToken]
	if !ok && len(r.States) > 0 {
		return nil
	}
	plan := &provider.Renewal{Timeout: renewTime(values), PerMinute: values.Int(refreshesPerMinute), Spends: true}
	if r.ExpireAt != nil {
		early := time.Duration(values.Int(leadMinutes)) * time.Minute
		plan.At = r.ExpireAt.Add(-early - spread(refresh.Fingerprint))
	}
	return plan
}

func renewTime(values provider.Values) time.Duration {
	return time.Duration(values.Int(timeoutSeconds)) * time.Second
}

// spread returns a duration shorter than spreadOver, always the same for a text.
func spread(text string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // it never fails
	return time.Duration(h.Sum32()%uint32(spreadOver/time.Second)) * time.Second
}

// Refresh sends the refresh token, once, and gets a new pair. After an answer without a whole pair it is not known whether
// the old one is spent.
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
	if err != nil {
		return provider.Renewed{Result: provider.Failed(err)}
	}
	access, refresh, whole := readPair(a)
	refused := a.Status == http.StatusBadRequest || a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
	switch {
	case a.Status == http.StatusOK && whole:
		return provider.Renewed{
			Result:   provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account(access)},
			Secrets:  provider.Secrets{accessToken: seal.NewSecret(access), refreshToken: seal.NewSecret(refresh)},
			ExpireAt: map[string]time.Time{accessToken: ends(access, c.Now)},
		}
	case refused && isJSON(a):
		return provider.Renewed{Result: provider.Result{
			Outcome: provider.Refused, Reason: provider.RenewalRefused, Message: said(c, a, access, refresh),
		}}
	default:
		result := provider.Answered(a, c.Now, said(c, a, access, refresh))
		result.Unsent = a.Status == http.StatusTooManyRequests // it was counted and not looked at
		return provider.Renewed{Result: result}
	}
}

// ends returns when an access token that was made now ends.
func ends(access string, now time.Time) time.Time {
	end, ok := expiry(access)
	if !ok || !end.After(now) || end.After(now.Add(longestLife)) {
		return now.Add(accessLife).UTC()
	}
	return end
}

// readPair reads a new pair, as far as it is there. It returns false unless both tokens are, and could be stored and sent.
func readPair(a outbound.Response) (access, refresh string, whole bool) {
	var body struct{ AccessToken, RefreshToken string }
	whole = a.IsJSON() && json.Unmarshal(a.Body, &body) == nil && provider.UsableToken(body.AccessToken) && provider.UsableToken(body.RefreshToken)
	return body.AccessToken, body.RefreshToken, whole
}

// account reads the shop's CNPJ in an access token, if it is a JWT that has it: a hint, as expiry is.
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

// said returns what an answer that is an error says, without the pair and other secrets.
func said(c provider.Call, a outbound.Response, secrets ...string) string {
	return provider.Said(readError(a), append(secrets, c.Secrets[accessToken].Reveal(), c.Secrets[refreshToken].Reveal())...)
}

// readError reads the messages of an error; empty when there are none. A message is a text, or a list of them.
func readError(a outbound.Response) string {
	var body struct {
		Messages []struct {
			Error   provider.Word
			Message json.RawMessage
		} `json:"error_messages"`
	}
	if !a.IsJSON() || json.Unmarshal(a.Body, &body) != nil {
		return ""
	}
	var texts []string
	for _, m := range body.Messages {
		found := messages(m.Message)
		if len(found) == 0 {
			found = []string{string(m.Error)}
		}
		texts = append(texts, found...)
	}
	return strings.Join(texts, " ")
}

func messages(raw json.RawMessage) []string {
	var (
		text provider.Word
		list []json.RawMessage
	)
	if json.Unmarshal(raw, &text) == nil && text != "" {
		return []string{string(text)}
	}
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var texts []string
	for _, one := range list {
		var entry struct{ Message provider.Word }
		if json.Unmarshal(one, &text) != nil || text == "" {
			_ = json.Unmarshal(one, &entry) // what is no message says nothing
			text = entry.Message
		}
		if text != "" {
			texts = append(texts, string(text))
		}
	}
	return texts
}

func isJSON(a outbound.Response) bool { return a.IsJSON() && json.Valid(a.Body) }
