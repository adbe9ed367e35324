package simulated

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Events of Nuvemshop that webhooks can be registered for.
const (
	AppUninstalled = "app/uninstalled"
	AppSuspended   = "app/suspended"
	AppResumed     = "app/resumed"
	DomainUpdated  = "domain/updated"
)

// Kinds of LGPD deliveries, to addresses of the partner's panel.
const (
	StoreRedact          = "store/redact"
	CustomersRedact      = "customers/redact"
	CustomersDataRequest = "customers/data_request"
)

const (
	webhooksKept  = 100 // of each store
	maxQueue      = 1000
	maxTries      = 18
	retryInterval = 5 * time.Second
)

type nuvemWebhook struct {
	ID        int64     `json:"id"`
	Event     string    `json:"event"`
	URL       string    `json:"url"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (n *Nuvemshop) getWebhooks(w http.ResponseWriter, r *http.Request, s *nuvemStore) {
	query := r.URL.Query()
	found := []nuvemWebhook{}
	for _, hook := range s.webhooks {
		if fits(query.Get("url"), hook.URL) && fits(query.Get("event"), hook.Event) {
			found = append(found, hook)
		}
	}
	writeJSON(w, http.StatusOK, found)
}

func fits(asked, value string) bool { return asked == "" || asked == value }

func (n *Nuvemshop) postWebhook(w http.ResponseWriter, r *http.Request, s *nuvemStore) {
	var body struct{ Event, URL string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		n.refuse(w, http.StatusBadRequest, "Problems parsing JSON")
		return
	}
	switch {
	case !slices.Contains([]string{AppUninstalled, AppSuspended, AppResumed, DomainUpdated}, body.Event):
		refuseField(w, "event", "is not a valid event")
	case !n.mayDeliverTo(body.URL):
		refuseField(w, "url", "is not a valid URL")
	case len(s.webhooks) == webhooksKept:
		refuseField(w, "url", "too many webhooks")
	default:
		hook := nuvemWebhook{n.nextWebhook, body.Event, body.URL, n.now(), n.now()}
		n.nextWebhook++
		s.webhooks = append(s.webhooks, hook)
		writeJSON(w, http.StatusCreated, hook)
	}
}

// refuseField answers 422 for a field, in this provider's shape.
func refuseField(w http.ResponseWriter, field, message string) {
	writeJSON(w, http.StatusUnprocessableEntity, map[string][]string{field: {message}})
}

// mayDeliverTo reports whether webhooks may go to an address: https, and neither
// this machine nor the vendor's own.
func (n *Nuvemshop) mayDeliverTo(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return false
	}
	if n.allowHTTPWebhooks {
		return u.Scheme == "http" || u.Scheme == "https"
	}
	host := strings.ToLower(u.Hostname())
	own := slices.ContainsFunc([]string{"nuvemshop.com.br", "tiendanube.com"}, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
	return u.Scheme == "https" && host != "localhost" && host != "127.0.0.1" && host != "::1" && !own
}

func (n *Nuvemshop) deleteWebhook(w http.ResponseWriter, r *http.Request, s *nuvemStore) {
	before := len(s.webhooks)
	s.webhooks = slices.DeleteFunc(s.webhooks, func(hook nuvemWebhook) bool {
		return strconv.FormatInt(hook.ID, 10) == r.PathValue("id")
	})
	if len(s.webhooks) == before {
		n.refuse(w, http.StatusNotFound, "Webhook not found")
		return
	}
	writeJSON(w, http.StatusOK, object{})
}

// Delivery is a webhook to be sent, as often as one likes.
type Delivery struct {
	URL    string
	Header http.Header
	Body   []byte

	tries int
}

// Uninstall ends a store's token and returns the webhooks that tell of it. The
// webhooks stay registered, and there are those of a later installation besides.
func (n *Nuvemshop) Uninstall(storeID int64) []Delivery {
	return n.happens(storeID, AppUninstalled, func(s *nuvemStore) { s.token = "" })
}

// Suspend answers a store's calls with 402, until Resume, and returns the webhooks
// that tell of it. When the free days of an app end, the real one sends none.
func (n *Nuvemshop) Suspend(storeID int64) []Delivery {
	return n.happens(storeID, AppSuspended, func(s *nuvemStore) { s.suspended = true })
}

// Resume takes back a Suspend and returns the webhooks that tell of it.
func (n *Nuvemshop) Resume(storeID int64) []Delivery {
	return n.happens(storeID, AppResumed, func(s *nuvemStore) { s.suspended = false })
}

func (n *Nuvemshop) happens(storeID int64, event string, change func(*nuvemStore)) (deliveries []Delivery) {
	n.change(storeID, func(s *nuvemStore) {
		change(s)
		for _, hook := range s.webhooks {
			if hook.Event == event {
				body := object{"store_id": s.id, "event": event, "id": n.appID}
				deliveries = append(deliveries, n.delivery(hook.URL, body, true))
			}
		}
	})
	return deliveries
}

// Redact returns an LGPD delivery of a kind to an address. Whether the real ones are
// signed is not known.
func (n *Nuvemshop) Redact(kind string, storeID int64, address string, signed bool) Delivery {
	body := object{"store_id": storeID}
	if kind != StoreRedact {
		body["customer"] = object{"id": 1, "email": ShopperEmail, "phone": "+55 83 90000-0000",
			"identification": ShopperDocument}
	}
	switch kind {
	case CustomersRedact:
		body["orders_to_redact"] = []int{213, 3415}
	case CustomersDataRequest:
		body["orders_requested"] = []int{213, 3415}
		body["checkouts_requested"] = []int{214}
		body["drafts_orders_requested"] = []int{10}
		body["data_request"] = object{"id": 456}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.delivery(address, body, signed)
}

// delivery makes a delivery, signed with the app's secret if it is to be.
func (n *Nuvemshop) delivery(address string, body object, signed bool) Delivery {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // a body of this package's own that is no JSON
	}
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Nuvemshop simulada"}}
	if signed {
		mac := hmac.New(sha256.New, []byte(n.appSecret))
		mac.Write(text)
		header.Set("x-linkedstore-hmac-sha256", hex.EncodeToString(mac.Sum(nil)))
	}
	return Delivery{URL: address, Header: header, Body: text}
}

// Send sends a delivery and returns the status of the answer.
func (d Delivery) Send(ctx context.Context, client *http.Client) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, err
	}
	request.Header = d.Header.Clone()
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxRequest))
	return response.StatusCode, response.Body.Close()
}

// Deliver sends deliveries, each once. Returns an error if one was not sent, or not
// answered with a 2xx.
func Deliver(ctx context.Context, client *http.Client, deliveries ...Delivery) error {
	var failed []error
	for _, d := range deliveries {
		if err := d.deliver(ctx, client); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (d Delivery) deliver(ctx context.Context, client *http.Client) error {
	status, err := d.Send(ctx, client)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("deliver to %s: status %d", d.URL, status)
	}
	return err
}

// Queue leaves deliveries to Run. Beyond 1,000 the oldest are lost.
func (n *Nuvemshop) Queue(deliveries ...Delivery) {
	n.enqueue(deliveries)
	select {
	case n.queued <- struct{}{}:
	default: // Run has not yet seen the last one
	}
}

func (n *Nuvemshop) enqueue(deliveries []Delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queue = append(n.queue, deliveries...)
	n.queue = n.queue[max(len(n.queue)-maxQueue, 0):]
}

// Run sends what is queued, by Queue or by the panel, until ctx is done. What fails
// is tried again every 5 seconds of real time, 18 times.
func (n *Nuvemshop) Run(ctx context.Context, client *http.Client) {
	ticker := time.NewTicker(retryInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		n.mu.Lock()
		deliveries := n.queue
		n.queue = nil
		n.mu.Unlock()
		var again []Delivery
		for _, d := range deliveries {
			if d.tries++; d.deliver(ctx, client) != nil && d.tries < maxTries {
				again = append(again, d)
			}
		}
		n.enqueue(again)
		select {
		case <-n.queued:
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}
