package plug4market

import (
	"encoding/json"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// pair has the usable tokens of an answer; a missing or unusable one is empty.
type pair struct {
	access, refresh string
	// odd is true if the place of a token has a value that is not a usable token.
	odd bool
}

// readPair reads the tokens that an answer has. Their members are accessToken and refreshToken, in one known client
// also in snake case. Some answers wrap them in a member "data".
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

// token returns the first usable token of these values. A value that is neither a token nor empty sets odd.
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

// take returns the result of an answer that should contain a pair; err is set if the answer was cut off or did not
// arrive. It accepts a whole pair even from a cut answer. It pairs an access token without a new refresh token with the
// stored one. It stores an answer that it cannot use for a person, because the refresh token may be spent.
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
