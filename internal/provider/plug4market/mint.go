package plug4market

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// With its log-in at the vendor the software house gets a pair for each of its stores, as an operator does by hand
// under Gerar Tokens. Three integrators do so. Whether a new pair ends the earlier one is unknown.

// Placeholders in the setting tokenPath.
const (
	storePlace = "{store}"
	housePlace = "{house}"
)

// house is the software house's own log-in.
type house struct {
	login, password string
	// cnpj is without punctuation; it may have letters.
	cnpj string
}

// houseOf returns the log-in of the settings. It returns false unless all parts are set and usable.
func houseOf(values provider.Values) (house, bool) {
	h := house{login: values[houseLogin], password: values[housePassword]}
	document, err := brdoc.Parse(values[houseCNPJ])
	if err != nil || h.login == "" || h.password == "" || cnpjForm(values[houseCNPJ]) != "" {
		return house{}, false
	}
	h.cnpj = document.String()
	usable := pathForm()(loginPathOf(values)) == "" && pathForm(storePlace, housePlace)(tokenPathOf(values)) == ""
	return h, usable
}

func loginPathOf(values provider.Values) string { return cmp.Or(values[loginPath], defaultLoginPath) }
func tokenPathOf(values provider.Values) string { return cmp.Or(values[tokenPath], defaultTokenPath) }

// cnpjForm returns the fault of a CNPJ, with or without punctuation.
func cnpjForm(text string) fault.Code {
	document, err := brdoc.Parse(text)
	switch {
	case errors.Is(err, brdoc.ErrCharacter):
		return fault.DocumentCharacters
	case errors.Is(err, brdoc.ErrLength), err == nil && document.Kind() != brdoc.CNPJ:
		return fault.DocumentLength
	case err != nil:
		return fault.DocumentCheckDigits
	}
	return ""
}

// pathForm returns the check of a path: it must start with a slash, have no query and contain all of these
// placeholders.
func pathForm(places ...string) func(string) fault.Code {
	return func(text string) fault.Code {
		missing := func(place string) bool { return !strings.Contains(text, place) }
		if !strings.HasPrefix(text, "/") || strings.ContainsAny(text, "?#% \\") || slices.ContainsFunc(places, missing) {
			return fault.InvalidCharacters
		}
		return ""
	}
}

// CanMint reports whether the log-in of the software house is set.
func (Provider) CanMint(values provider.Values) bool {
	_, ok := houseOf(values)
	return ok
}

// Enter logs the software house in. It sends the password once, because more attempts could lock the account. Only an
// answer of the vendor itself is a refusal.
func (Provider) Enter(ctx context.Context, c provider.Call) provider.Entered {
	h, ok := houseOf(c.Settings)
	body, err := json.Marshal(map[string]string{"login": h.login, "password": h.password})
	if err != nil || !ok {
		return provider.Entered{Result: provider.Result{Outcome: provider.Untestable}}
	}
	a, err := c.HTTP.Do(ctx, outbound.Request{
		Method:  http.MethodPost,
		URL:     c.Settings.At(baseURL, loginPathOf(c.Settings)),
		Header:  http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}},
		Body:    body,
		Timeout: renewTime(c.Settings),
	})
	session := readPair(a).access
	switch {
	case provider.IsSuccess(a) && session != "":
		return provider.Entered{
			Result:  provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed},
			Session: seal.NewSecret(session),
		}
	case err != nil:
		return provider.Entered{Result: provider.ResultOfError(err)}
	case refusesHouse(a):
		return provider.Entered{Result: provider.Result{
			Outcome: provider.Refused, Reason: provider.HouseLoginRefused, Message: messageOf(c, a, session),
		}}
	default:
		return provider.Entered{Result: provider.ResultOfAnswer(a, c.Now, messageOf(c, a, session))}
	}
}

// refusesHouse reports whether an answer refuses the log-in: in the vendor's own form, also with 423 for a locked
// account, or by a 401 that is not a gateway's.
func refusesHouse(a outbound.Response) bool {
	return isRefusal(a) || a.Status == http.StatusLocked && readWord(a).own ||
		a.Status == http.StatusUnauthorized && !provider.FromGateway(a)
}

// Mint gets a new pair for a store. It takes any 401, also a gateway's, as an ended session: a new log-in costs
// nothing, and shows whether a gateway rejects the calls. After a second 401 in a row a third log-in is of no use.
func (Provider) Mint(ctx context.Context, c provider.Call, session seal.Secret, document string) provider.Renewed {
	h, ok := houseOf(c.Settings)
	store, err := brdoc.Parse(document)
	if err != nil || !ok || session.IsZero() {
		return provider.Renewed{Result: provider.Result{Outcome: provider.Untestable}}
	}
	places := strings.NewReplacer(storePlace, url.PathEscape(store.String()), housePlace, url.PathEscape(h.cnpj))
	query := "?notEncoded=" + url.QueryEscape(cmp.Or(c.Settings[notEncoded], defaultNotEncoded))
	a, err := c.HTTP.Do(ctx, outbound.Request{
		URL:     c.Settings.At(baseURL, places.Replace(tokenPathOf(c.Settings))+query),
		Header:  http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + session.Reveal()}},
		Timeout: renewTime(c.Settings),
	})
	minted := take(c, a, err)
	minted.Message = provider.Said(minted.Message, session.Reveal())
	switch {
	case err != nil || minted.Outcome == provider.OK:
	case a.Status == http.StatusUnauthorized:
		minted.Outcome, minted.Reason = provider.Refused, provider.SessionEnded
	case isUnknownStore(a):
		minted.Outcome, minted.Reason = provider.Refused, provider.StoreUnknown
	}
	return minted
}

// isUnknownStore reports whether an answer says that the house has no such store: a 404 that is not a gateway's, the
// vendor's 403 for another house's store, or an error that contains the status 404.
func isUnknownStore(a outbound.Response) bool {
	w := readWord(a)
	switch {
	case a.Status == http.StatusNotFound:
		return w.own || !provider.FromGateway(a)
	case a.Status < http.StatusBadRequest, a.Status >= http.StatusInternalServerError,
		a.Status == http.StatusTooManyRequests:
		return false
	default:
		return w.own && (a.Status == http.StatusForbidden || w.names(http.StatusNotFound))
	}
}
