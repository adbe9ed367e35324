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

// events are what the portal wants to be told of.
var events = []string{"app/uninstalled", "app/suspended", "app/resumed"}

// topics are what the law (LGPD) obliges the provider to send, by the ends of the addresses. Their bodies do not say
// which it is.
var topics = map[string]string{
	"store-redact":           "store/redact",
	"customers-redact":       "customers/redact",
	"customers-data-request": "customers/data_request",
}

// signature is the header with the signature of a webhook.
const signature = "X-Linkedstore-Hmac-Sha256"

// Topics are the three that the law obliges to.
func (Provider) Topics() []string {
	return []string{"store-redact", "customers-redact", "customers-data-request"}
}

// Receive reads a delivery. One of the webhooks that Test registers must be signed. Whether those that the law obliges
// to are is documented nowhere: they are taken without a signature too, and the notice says whether the provider proves
// to have sent it. A wrong signature is nobody's.
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

// isSigned reports whether a signature is that of the body, made with the application's secret. Without a secret none
// is.
func isSigned(secret, signature string, body []byte) bool {
	claimed, err := hex.DecodeString(strings.TrimSpace(signature))
	if err != nil || secret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body) // it never fails
	return hmac.Equal(claimed, mac.Sum(nil))
}

// register makes the webhooks that the shop does not have yet, and reports whether it has all of them then. An earlier
// install of the same application may have left some.
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

// readWebhooks returns the events that are sent to an address. It returns false for an answer that is no list. Of a
// list without entries the provider may say that it was not found.
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
