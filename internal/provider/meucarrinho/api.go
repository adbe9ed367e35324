package meucarrinho

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	callTime = 20 * time.Second
	// lookTime limits each request for the shop of the log-in. A test passes without their answers.
	lookTime = 10 * time.Second
	lead     = time.Hour
	// sessionLife is the life of a session whose answer does not state one. A stated life above longestLife or below
	// shortestLife is ignored.
	sessionLife  = 4 * time.Hour
	shortestLife = 5 * time.Minute
	longestLife  = 24 * time.Hour
)

// CanTest is true: a log-in needs no setting.
func (Provider) CanTest(provider.Values) bool { return true }

// Test logs in, and asks for the shop and its CNPJ. It passes without them.
func (Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	var s settings
	if c.Record.Decode(&s) != nil {
		return provider.Result{Outcome: provider.Untestable}
	}
	begun, result := logIn(ctx, c, s.Username)
	if result.Outcome == provider.OK {
		result.Account = account(ctx, c, begun.token)
	}
	return result
}

// Renewal plans the next log-in if the setting for the session is on; else it returns nil. A session with a shorter
// life than usual is renewed after three quarters of it.
func (Provider) Renewal(values provider.Values, r provider.Record) *provider.Renewal {
	if values[sessionToken] != on {
		return nil
	}
	plan := &provider.Renewal{Timeout: callTime, Life: sessionLife - lead, PerMinute: values.Int(refreshesPerMinute)}
	var s settings
	stored := r.States[sessionToken]
	if stored.ExpiresAt != nil && r.Decode(&s) == nil && sessionOf(r, s.Username) {
		plan.At = stored.ExpiresAt.Add(-min(lead, stored.ExpiresAt.Sub(stored.SetAt)/4))
	}
	return plan
}

// Refresh logs in again. The password does not change.
func (Provider) Refresh(ctx context.Context, c provider.Call) provider.Renewed {
	var s settings
	if c.Record.Decode(&s) != nil {
		return provider.Renewed{Result: provider.Result{Outcome: provider.Untestable}}
	}
	begun, result := logIn(ctx, c, s.Username)
	if result.Outcome != provider.OK {
		return provider.Renewed{Result: result}
	}
	result.State = provider.Remember(state{SessionOf: s.Username})
	return provider.Renewed{
		Result:   result,
		Secrets:  provider.Secrets{password: c.Secrets[password], sessionToken: seal.NewSecret(begun.token)},
		ExpireAt: map[string]time.Time{sessionToken: c.Now.Add(begun.life).UTC()},
	}
}

// logIn starts a session. It sends the password once, because more attempts could lock the account.
func logIn(ctx context.Context, c provider.Call, username string) (login, provider.Result) {
	secret := c.Secrets[password].Reveal()
	body, err := json.Marshal(map[string]string{"username": username, "password": secret})
	if err != nil {
		return login{}, provider.Result{Outcome: provider.Untestable}
	}
	a, err := c.HTTP.Do(ctx, outbound.Request{
		Method:  http.MethodPost,
		URL:     c.Settings.At(baseURL, "/auth/token"),
		Header:  http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}},
		Body:    body,
		Timeout: callTime,
	})
	if err != nil {
		return login{}, provider.ResultOfError(err)
	}
	answer, ok := readLogin(a)
	said := provider.Said(answer.said, secret, answer.token)
	switch {
	case ok && answer.refuses(a.Status):
		return login{}, provider.Result{Outcome: provider.Refused, Reason: provider.PasswordRefused, Message: said}
	case ok && provider.IsSuccess(a) && answer.authenticated == yes && provider.UsableToken(answer.token):
		return answer, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}
	default:
		return login{}, provider.ResultOfAnswer(a, c.Now, said)
	}
}

// The truth values of an answer. Any other value is unreadable.
const (
	yes = "true"
	no  = "false"
)

// login is the answer to a log-in, successful or not.
type login struct {
	authenticated, token, said string
	life                       time.Duration
	// problem is true if the answer has the provider's form of an error.
	problem bool
}

// refuses reports whether an answer with this status refuses the log-in in the provider's own form. Any other 400 or
// 401 says nothing about the password.
func (l login) refuses(status int) bool {
	switch status {
	case http.StatusOK:
		return l.authenticated == no
	case http.StatusBadRequest, http.StatusUnauthorized:
		return l.authenticated == no || l.problem
	}
	return false
}

// readLogin reads the answer to a log-in. It returns false when that is not a JSON object.
func readLogin(a outbound.Response) (login, bool) {
	var body struct {
		Authenticated, Errors            json.RawMessage
		Message, Title, Token, ExpiresIn provider.Word
		Type, Status, TraceID            provider.Word
	}
	if !provider.Decode(a, &body) {
		return login{}, false
	}
	l := login{
		authenticated: strings.Trim(strings.ToLower(string(body.Authenticated)), `"`),
		token:         string(body.Token),
		said:          string(body.Message),
		life:          sessionLife,
		// ASP.NET's form of an error. Gateways send the first three members too, but their own id in place of ASP.NET's
		// traceId.
		problem: body.Type != "" && body.Title != "" && body.TraceID != "" &&
			string(body.Status) == strconv.Itoa(a.Status) && !provider.FromGateway(a),
	}
	if l.said == "" {
		l.said = problem(string(body.Title), body.Errors)
	}
	seconds, err := strconv.ParseFloat(string(body.ExpiresIn), 64)
	if err == nil && seconds >= shortestLife.Seconds() && seconds <= longestLife.Seconds() {
		l.life = time.Duration(seconds) * time.Second
	}
	return l, true
}

// problem returns the message of an ASP.NET error: its title, and the fields with their errors.
func problem(title string, errors json.RawMessage) string {
	var fields map[string][]string
	if json.Unmarshal(errors, &fields) != nil {
		return title
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		title += fmt.Sprintf(" %s: %s", field, strings.Join(fields[field], " "))
	}
	return title
}

// account asks for the shop of the log-in. What the provider does not state stays empty.
func account(ctx context.Context, c provider.Call, token string) provider.Account {
	a, err := look(ctx, c, "/auth/user", token)
	if err != nil {
		return provider.Account{}
	}
	id, ok := readUser(a)
	if !ok {
		return provider.Account{}
	}
	if a, err = look(ctx, c, "/merchants/"+url.PathEscape(id), token); err != nil {
		return provider.Account{ID: id}
	}
	return readMerchant(a, id)
}

func look(ctx context.Context, c provider.Call, path, token string) (outbound.Response, error) {
	return c.HTTP.Do(ctx, outbound.Request{
		URL:     c.Settings.At(baseURL, path),
		Header:  http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + token}},
		Timeout: lookTime,
	})
}

// idForm is the form of an id that may become part of a path.
var idForm = regexp.MustCompile(`^[0-9A-Za-z_-]{1,100}$`)

// readUser reads the id of the user, which is also the merchant's. It returns false when there is none.
func readUser(a outbound.Response) (id string, ok bool) {
	var body struct{ ID provider.Word }
	if !provider.IsSuccess(a) || !provider.Decode(a, &body) {
		return "", false
	}
	return string(body.ID), idForm.MatchString(string(body.ID))
}

// readMerchant reads the data of the merchant with this id.
func readMerchant(a outbound.Response, id string) provider.Account {
	var body struct{ Name, CNPJ provider.Word }
	if !provider.IsSuccess(a) || !provider.Decode(a, &body) {
		return provider.Account{ID: id}
	}
	return provider.Account{ID: id, Name: body.Name.Name(), Document: body.CNPJ.Document()}
}
