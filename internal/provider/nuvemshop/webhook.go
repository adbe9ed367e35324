package nuvemshop

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// events are the events that Test registers webhooks for.
var events = []string{"app/uninstalled", "app/suspended", "app/resumed"}

// topics are the deliveries that the provider must send by law (LGPD), by the last part of their addresses. Their
// bodies do not name the topic.
var topics = map[string]string{
	"store-redact":           "store/redact",
	"customers-redact":       "customers/redact",
	"customers-data-request": "customers/data_request",
}

// signature is the header with the signature of a webhook.
const signature = "X-Linkedstore-Hmac-Sha256"

// Topics are the three deliveries required by law.
func (Provider) Topics() []string {
	return []string{"store-redact", "customers-redact", "customers-data-request"}
}

// Receive reads a delivery. A webhook that Test registered must be signed. Whether the deliveries required by law are
// signed is not documented: they are accepted unsigned too, and the notice says which it is. A delivery with a wrong
// signature is rejected.
func (Provider) Receive(values provider.Values, topic string, h http.Header, body []byte) (provider.Notice, bool) {
	signed := isSigned(values[appSecret], h.Get(signature), body)
	name, legal := topics[topic]
	wrong := !signed && h.Get(signature) != "" && values[appSecret] != ""
	if wrong || !signed && !legal {
		return provider.Notice{}, false
	}
	var d struct {
		StoreID provider.Word `json:"store_id"`
		Event   string        `json:"event"`
		ID      provider.Word `json:"id"`
	}
	if json.Unmarshal(body, &d) != nil || shopID(d.StoreID) == "" {
		return provider.Notice{}, false
	}
	n := provider.Notice{Account: shopID(d.StoreID), Signed: signed, Topic: name}
	switch {
	case legal:
		n.Erase = name == "store/redact"
		return n, true
	case topic == "" && string(d.ID) == values[appID] && slices.Contains(events, d.Event):
		n.Topic, n.Check = d.Event, true
		return n, true
	default:
		return provider.Notice{}, false
	}
}

// isSigned reports whether a signature is that of the body, made with the application's secret. It is false without a
// secret.
func isSigned(secret, signature string, body []byte) bool {
	claimed, err := hex.DecodeString(strings.TrimSpace(signature))
	if err != nil || secret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body) // it never fails
	return hmac.Equal(claimed, mac.Sum(nil))
}

// register creates the shop's missing webhooks, and reports whether all exist then. An earlier install of the
// application may have left some.
func register(ctx context.Context, c provider.Call, spelling string) bool {
	a, err := call(ctx, c, spelling, http.MethodGet, "/webhooks?url="+url.QueryEscape(c.WebhookURL), nil)
	if err != nil {
		return false
	}
	known, ok := readWebhooks(a, c.WebhookURL)
	if !ok {
		return false
	}
	all := true
	for _, event := range events {
		if known[event] {
			continue
		}
		body, err := json.Marshal(map[string]string{"event": event, "url": c.WebhookURL})
		if err != nil {
			return false
		}
		a, err := call(ctx, c, spelling, http.MethodPost, "/webhooks", body)
		all = all && err == nil && (a.Status == http.StatusCreated || a.Status == http.StatusOK)
	}
	return all
}

// readWebhooks returns the events that are sent to an address. It returns false when the answer is not a list. The
// provider may answer "not found" for an empty list.
func readWebhooks(a outbound.Response, address string) (events map[string]bool, ok bool) {
	if own, _ := readError(a); a.Status == http.StatusNotFound && own {
		return nil, true
	}
	var list []struct{ Event, URL string }
	if !provider.IsSuccess(a) || !provider.Decode(a, &list) || list == nil {
		return nil, false
	}
	events = map[string]bool{}
	for _, hook := range list {
		if hook.URL == address {
			events[hook.Event] = true
		}
	}
	return events, true
}
