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

// The software house has a log-in of its own at the vendor, and with it gets a pair for each of its stores: what an
// operator does by hand under Gerar Tokens. Three integrators do so. Whether a new pair ends the one before is not
// known.

// Places in the setting tokenPath.
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

// houseOf returns the log-in of the settings. It returns false unless all of it is set, and usable.
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

// cnpjForm says what is wrong with a CNPJ, with or without punctuation.
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

// pathForm returns what says what is wrong with a path: it begins with a slash, has no query and all of these places.
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

// Enter logs the software house in. The password is sent once: the account might be locked after more. What does not
// come from the vendor itself refuses nothing.
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

// refusesHouse reports whether an answer refuses the log-in: in the vendor's own form, in which it may say that the
// account is locked too, or by a 401 that no gateway gives.
func refusesHouse(a outbound.Response) bool {
	return isRefusal(a) || a.Status == http.StatusLocked && readWord(a).own ||
		a.Status == http.StatusUnauthorized && !provider.FromGateway(a)
}

// Mint gets a new pair for a store. Any 401 is of the session, a gateway's too: to enter again costs nothing, and shows
// whether it is the way that refuses. After a second 401 in a row it is: to enter a third time is of no use.
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

// isUnknownStore reports whether an answer says that the house has no such store: by a 404 that no gateway gives, by
// the vendor's 403, which is of another house's store, or by an error that names one of these.
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
