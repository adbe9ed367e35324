package plug4market

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// word is an error in the vendor's own form: error_status, and error_messages, each with its own status.
type word struct {
	// own is true if the answer has that form.
	own      bool
	statuses []string
	said     string
}

// names reports whether the error contains this status, whatever the HTTP status is.
func (w word) names(status int) bool { return slices.Contains(w.statuses, strconv.Itoa(status)) }

// readWord reads an error. A message is a text, or a list of them.
func readWord(a outbound.Response) word {
	var body struct {
		Status   provider.Word   `json:"error_status"`
		Messages json.RawMessage `json:"error_messages"`
	}
	if !provider.Decode(a, &body) {
		return word{}
	}
	var (
		w       word
		entries []json.RawMessage
		texts   []string
	)
	if status, err := strconv.Atoi(string(body.Status)); err == nil && status >= http.StatusBadRequest && status <= 599 {
		w.own, w.statuses = true, append(w.statuses, strconv.Itoa(status))
	}
	if json.Unmarshal(body.Messages, &entries) != nil {
		return w
	}
	for _, raw := range entries {
		var entry struct {
			StatusCode, Error provider.Word
			Message           json.RawMessage
		}
		if json.Unmarshal(raw, &entry) != nil {
			continue
		}
		w.own, w.statuses = true, append(w.statuses, string(entry.StatusCode))
		found := messages(entry.Message)
		if len(found) == 0 {
			found = []string{string(entry.Error)}
		}
		texts = append(texts, found...)
	}
	w.said = strings.Join(texts, " ")
	return w
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
			_ = json.Unmarshal(one, &entry) // an entry that is not a message is skipped
			text = entry.Message
		}
		if text != "" {
			texts = append(texts, string(text))
		}
	}
	return texts
}

// messageOf returns the message of an error without these secrets and those of the call.
func messageOf(c provider.Call, a outbound.Response, secrets ...string) string {
	secrets = append(secrets, c.Secrets[accessToken].Reveal(), c.Secrets[refreshToken].Reveal(), c.Settings[housePassword])
	return provider.Said(readWord(a).said, secrets...)
}
