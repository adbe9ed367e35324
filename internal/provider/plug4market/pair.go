package plug4market

import (
	"encoding/json"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// pair is what an answer has of a token pair: tokens that can be stored and sent, or nothing.
type pair struct {
	access, refresh string
	// odd is whether something stands where a token belongs and is none.
	odd bool
}

// readPair reads a pair, as far as it is there. The vendor's clients know it as accessToken and refreshToken; one knows
// it in snake case. Some of its answers stand in an envelope "data".
func readPair(a outbound.Response) pair {
	var body struct {
		members
		Data json.RawMessage `json:"data"`
	}
	if !provider.Decode(a, &body) {
		return pair{}
	}
	if found := body.pair(); found != (pair{}) {
		return found
	}
	var inner members
	if json.Unmarshal(body.Data, &inner) != nil {
		return pair{}
	}
	return inner.pair()
}

type members struct {
	Access       json.RawMessage `json:"accessToken"`
	Refresh      json.RawMessage `json:"refreshToken"`
	SnakeAccess  json.RawMessage `json:"access_token"`
	SnakeRefresh json.RawMessage `json:"refresh_token"`
}

func (m members) pair() pair {
	var p pair
	p.access = p.token(m.Access, m.SnakeAccess)
	p.refresh = p.token(m.Refresh, m.SnakeRefresh)
	return p
}

// token returns the first of these values that is a usable token. One that is neither a token nor empty is odd.
func (p *pair) token(values ...json.RawMessage) string {
	for _, value := range values {
		var text string
		err := json.Unmarshal(value, &text)
		switch {
		case len(value) == 0, string(value) == "null", err == nil && text == "":
		case err == nil && provider.UsableToken(text):
			return text
		default:
			p.odd = true
		}
	}
	return ""
}

// take returns what an answer gives that should be a pair, with err where it was cut off or did not come. A whole pair
// is taken even out of an answer that was cut behind it. An access token without a new refresh token is used, beside
// the refresh token that is there. What the answer may have given and cannot be taken is kept for a person: the refresh
// token that was sent for it may be spent.
func take(c provider.Call, a outbound.Response, err error) provider.Renewed {
	found := readPair(a)
	old := c.Secrets[refreshToken].Reveal()
	var renewed provider.Renewed
	switch success := provider.IsSuccess(a); {
	case success && found.access != "" && found.refresh != "":
		renewed = give(c, found.access, found.refresh, provider.CheckPassed)
	case success && found.access != "" && old != "":
		renewed = give(c, found.access, old, provider.RenewalIncomplete)
		if found.odd {
			renewed.Unread = provider.KeepUnread(a)
		}
	case err != nil:
		renewed.Result = provider.ResultOfError(err)
	default:
		renewed.Result = provider.ResultOfAnswer(a, c.Now, messageOf(c, a, found.access, found.refresh))
	}
	if renewed.Outcome != provider.OK && (provider.IsSuccess(a) || found != (pair{})) {
		renewed.Unread = provider.KeepUnread(a)
	}
	return renewed
}

func give(c provider.Call, access, refresh string, reason provider.Reason) provider.Renewed {
	return provider.Renewed{
		Result:   provider.Result{Outcome: provider.OK, Reason: reason, Account: account(access)},
		Secrets:  provider.Secrets{accessToken: seal.NewSecret(access), refreshToken: seal.NewSecret(refresh)},
		ExpireAt: map[string]time.Time{accessToken: ends(access, c.Now)},
	}
}
