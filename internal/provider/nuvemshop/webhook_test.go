package nuvemshop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providertest"
)

func sign(key, body string) http.Header {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	h := http.Header{}
	h.Set("x-linkedstore-hmac-sha256", hex.EncodeToString(mac.Sum(nil)))
	return h
}

// Proves: 10.5
func TestADeliveryIsAcceptedOnlyFromTheProvider(t *testing.T) {
	t.Parallel()
	v := values("https://example.com")
	uninstalled := `{"store_id":123,"event":"app/uninstalled","id":4321}`
	check := func(event string) provider.Notice {
		return provider.Notice{Account: "123", Check: true, Signed: true, Topic: event}
	}
	upper := http.Header{signature: {strings.ToUpper(sign(secret, uninstalled).Get(signature))}}
	tests := []struct {
		name, topic, body string
		header            http.Header // nil is a good signature
		want              provider.Notice
		ok                bool
	}{
		{"uninstalled", "", uninstalled, nil, check("app/uninstalled"), true},
		{"suspended", "", `{"store_id":"123","event":"app/suspended","id":"4321"}`, nil, check("app/suspended"), true},
		{"resumed", "", `{"store_id":123,"event":"app/resumed","id":4321,"more":[]}`, nil, check("app/resumed"), true},
		{"in capital digits", "", uninstalled, upper, check("app/uninstalled"), true},
		{"unsigned", "", uninstalled, http.Header{}, provider.Notice{}, false},
		{"signed with another key", "", uninstalled, sign("other", uninstalled), provider.Notice{}, false},
		{"signed with no key", "", uninstalled, sign("", uninstalled), provider.Notice{}, false},
		{"signed for another body", "", uninstalled, sign(secret, uninstalled+" "), provider.Notice{}, false},
		{"half a signature", "", uninstalled, http.Header{signature: {sign(secret, uninstalled).Get(signature)[:32]}},
			provider.Notice{}, false},
		{"a signature that is none", "", uninstalled, http.Header{signature: {"zz"}}, provider.Notice{}, false},
		{"another application", "", `{"store_id":123,"event":"app/uninstalled","id":4322}`, nil, provider.Notice{}, false},
		{"no application", "", `{"store_id":123,"event":"app/uninstalled"}`, nil, provider.Notice{}, false},
		{"another event", "", `{"store_id":123,"event":"order/created","id":4321}`, nil, provider.Notice{}, false},
		{"no event", "", `{"store_id":123,"id":4321}`, nil, provider.Notice{}, false},
		{"no shop", "", `{"event":"app/uninstalled","id":4321}`, nil, provider.Notice{}, false},
		{"a shop of letters", "", `{"store_id":"abc","event":"app/uninstalled","id":4321}`, nil, provider.Notice{}, false},
		{"no JSON", "", `store`, nil, provider.Notice{}, false},
		{"nothing", "", ``, nil, provider.Notice{}, false},
		{"another topic", "orders", uninstalled, nil, provider.Notice{}, false},

		{"redact, signed", "store-redact", `{"store_id":123}`, nil,
			provider.Notice{Account: "123", Erase: true, Signed: true, Topic: "store/redact"}, true},
		{"redact, unsigned", "store-redact", `{"store_id":"123"}`, http.Header{},
			provider.Notice{Account: "123", Erase: true, Topic: "store/redact"}, true},
		{"redact, wrongly signed", "store-redact", `{"store_id":123}`, sign("other", `{"store_id":123}`),
			provider.Notice{}, false},
		{"customers redact, half a signature", "customers-redact", `{"store_id":123}`, http.Header{signature: {"zz"}},
			provider.Notice{}, false},
		{"redact, no shop", "store-redact", `{}`, nil, provider.Notice{}, false},
		{"redact, no JSON", "store-redact", `{"store_id":123`, nil, provider.Notice{}, false},
		{"customers redact", "customers-redact",
			`{"store_id":123,"customer":{"id":1,"email":"ana@example.com"},"orders_to_redact":[1]}`, nil,
			provider.Notice{Account: "123", Signed: true, Topic: "customers/redact"}, true},
		{"customers data", "customers-data-request", `{"store_id":123,"data_request":{"id":456}}`, http.Header{},
			provider.Notice{Account: "123", Topic: "customers/data_request"}, true},
	}
	for _, tt := range tests {
		if tt.header == nil {
			tt.header = sign(secret, tt.body)
		}
		got, ok := Provider{}.Receive(v, tt.topic, tt.header, []byte(tt.body))
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: it is %+v, %t", tt.name, got, ok)
		}
	}
	delete(v, appSecret)
	if _, ok := (Provider{}).Receive(v, "", sign("", uninstalled), []byte(uninstalled)); ok {
		t.Error("without a secret of the application an event is taken")
	}
	if got, ok := (Provider{}).Receive(v, "store-redact", sign("", `{"store_id":1}`), []byte(`{"store_id":1}`)); !ok ||
		got.Signed {
		t.Errorf("without a secret of the application it is %+v, %t", got, ok)
	}
}

func TestEveryTopicIsAccepted(t *testing.T) {
	t.Parallel()
	all := Provider{}.Topics()
	if len(all) != len(topics) {
		t.Errorf("the topics are %v", all)
	}
	for _, topic := range all {
		if _, ok := (Provider{}).Receive(values(""), topic, http.Header{}, []byte(`{"store_id":1}`)); !ok {
			t.Errorf("%s is not taken", topic)
		}
	}
}

// hooks is an API of a shop with webhooks.
type hooks struct {
	mu     sync.Mutex
	list   http.HandlerFunc
	refuse string // an event
	made   []string
	calls  int
}

func (h *hooks) serve(t *testing.T) http.HandlerFunc {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/2025-03/2093261/store", providertest.JSON(200, store))
	mux.HandleFunc("GET /api/2025-03/2093261/webhooks", func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("url"); got != "https://portal.example/webhooks/nuvemshop?a=b" {
			t.Errorf("the address is %q", got)
		}
		h.list(w, r)
	})
	mux.HandleFunc("POST /api/2025-03/2093261/webhooks", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Event, URL string }
		if json.NewDecoder(r.Body).Decode(&body) != nil || body.URL != "https://portal.example/webhooks/nuvemshop?a=b" ||
			r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("the webhook is %+v", body)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.made = append(h.made, body.Event)
		if body.Event == h.refuse {
			providertest.JSON(422, `{"url":["is not valid"]}`)(w, r)
			return
		}
		providertest.JSON(201, `{"id":1}`)(w, r)
	})
	return api(t, "", func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.calls++
		h.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

func TestTheWebhooksThatAreMissingAreRegistered(t *testing.T) {
	t.Parallel()
	const here = `"url":"https://portal.example/webhooks/nuvemshop?a=b"`
	listed := func(body string) http.HandlerFunc { return providertest.JSON(200, body) }
	tests := []struct {
		name   string
		hooks  hooks
		state  string
		made   []string
		want   string
		silent bool // there is no address
	}{
		{name: "none", hooks: hooks{list: listed(`[]`)}, made: events,
			want: `{"webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "none is not found",
			hooks: hooks{list: providertest.JSON(404, `{"code":404,"message":"Not Found","description":"Last page is 0"}`)},
			made:  events, want: `{"webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "one",
			hooks: hooks{list: listed(`[{"id":1,"event":"app/suspended",` + here +
				`},{"id":2,"event":"app/resumed","url":"https://old.example"}]`)}, made: []string{"app/uninstalled", "app/resumed"},
			want: `{"webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "all, one twice",
			hooks: hooks{list: listed(`[{"event":"app/suspended",` + here + `},{"event":"app/suspended",` + here +
				`},{"event":"app/resumed",` + here + `},{"event":"app/uninstalled",` + here + `}]`)},
			want: `{"webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "one is refused", hooks: hooks{list: listed(`[]`), refuse: "app/suspended"}, made: events},
		{name: "registered before", hooks: hooks{list: listed(`[]`)},
			state: `{"webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "registered for another address of the portal", hooks: hooks{list: listed(`[]`)},
			state: `{"webhooksAt":"https://old.example"}`, made: events,
			want: `{"webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "the spelling is kept", hooks: hooks{list: listed(`[]`)}, state: `{"header":"AUTHORIZATION"}`, made: events,
			want: `{"header":"AUTHORIZATION","webhooksAt":"https://portal.example/webhooks/nuvemshop?a=b"}`},
		{name: "no address", hooks: hooks{list: listed(`[]`)}, silent: true},
	}
	for _, fault := range append(providertest.Faults(), providertest.Unreadable()...) {
		if fault.Name != "404" {
			tests = append(tests, struct {
				name   string
				hooks  hooks
				state  string
				made   []string
				want   string
				silent bool
			}{name: "the list is " + fault.Name, hooks: hooks{list: fault.Answer}})
		}
	}
	for i := range tests {
		tt := &tests[i]
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, url := providertest.Serve(t, tt.hooks.serve(t))
			c := call1(client, url)
			c.Record.ProviderState = json.RawMessage(tt.state)
			if !tt.silent {
				c.WebhookURL = "https://portal.example/webhooks/nuvemshop?a=b"
			}
			got := Provider{}.Test(t.Context(), c)
			providertest.Same(t, got, provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed, Account: account})
			providertest.Silent(t, got, access)
			if !slices.Equal(tt.hooks.made, tt.made) || string(got.State) != tt.want {
				t.Errorf("made %v and the state %s, want %v and %s", tt.hooks.made, got.State, tt.made, tt.want)
			}
			if (tt.silent || tt.name == "registered before") && tt.hooks.calls != 1 {
				t.Errorf("%d calls", tt.hooks.calls)
			}
		})
	}
}

// Proves: 10.5
func FuzzReceive(f *testing.F) {
	f.Add("", []byte(`{"store_id":123,"event":"app/uninstalled","id":4321}`), true)
	f.Add("store-redact", []byte(`{"store_id":"123"}`), false)
	f.Add("customers-redact", []byte(`{"store_id":1e3,"customer":{}}`), false)
	v := values("https://example.com")
	f.Fuzz(func(t *testing.T, topic string, body []byte, signed bool) {
		h := http.Header{}
		if signed {
			h = sign(secret, string(body))
		}
		n, ok := Provider{}.Receive(v, topic, h, body)
		if !ok {
			if n != (provider.Notice{}) {
				t.Errorf("it is not the provider's and says %+v", n)
			}
			return
		}
		if n.Signed != signed || shopID(provider.Word(n.Account)) == "" || n.Topic == "" || len(n.Topic) > 60 || n.Check &&
			!signed || n.Erase && topic != "store-redact" {
			t.Errorf("it is %+v", n)
		}
	})
}
