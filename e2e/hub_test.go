package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

const (
	refreshPath = "/auth/refresh"
	houseCNPJ   = "16727230000197"
)

// hub is a simulated Plug4Market for the processes of a test. It answers slowly, and counts how often each refresh
// token is sent.
type hub struct {
	*simulated.Plug4Market
	inner http.Handler
	host  string
	env   []string

	mu          sync.Mutex
	least, most time.Duration
	trouble     func(*http.Request) *said
	owner       map[string]string    // the store of a refresh token
	sent        map[string]int       // how often a refresh token was
	order       []string             // the stores whose pair was renewed, in that order
	under       int                  // renewals under way
	unheard     map[string]bool      // the stores whose new pair reached nobody
	minted      map[string]time.Time // when the house got a pair of a store
	checks      int
}

// said is an answer that replaces the provider's.
type said struct {
	status      int
	contentType string
	body        string
}

// newHub returns a hub whose calls take between least and most.
func newHub(t *testing.T, least, most time.Duration) *hub {
	t.Helper()
	h := &hub{
		Plug4Market: simulated.New(time.Now).Plug4Market, least: least, most: most,
		owner: map[string]string{}, sent: map[string]int{}, unheard: map[string]bool{},
		minted: map[string]time.Time{},
	}
	h.inner = h.Handler()
	server := httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	must.Do(t, err)
	h.host = u.Host
	h.env = []string{
		"CHAVEIRO_DEV=true", "CHAVEIRO_KEY_RATE=100",
		"CHAVEIRO_ALLOW_PRIVATE_HOSTS=" + u.Host,
		"CHAVEIRO_PLUG4MARKET_URL=" + server.URL,
		"CHAVEIRO_PLUG4MARKET_TIMEOUT_SECONDS=20",
		"CHAVEIRO_PLUG4MARKET_REFRESHES_PER_MINUTE=1000",
	}
	return h
}

// cnpj returns the n-th of a series of CNPJs.
func cnpj(t *testing.T, n int) string {
	t.Helper()
	document, err := brdoc.CompleteCNPJ(fmt.Sprintf("%08d0001", 10_000_000+n*7))
	must.Do(t, err)
	return document.String()
}

// addStore adds the n-th store, and returns its first pair.
func (h *hub) addStore(t *testing.T, n int) (store, access, refresh string) {
	t.Helper()
	store = cnpj(t, n)
	access, refresh = h.AddStore(store, houseCNPJ)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owner[refresh] = store
	return store, access, refresh
}

// setTrouble replaces the answers to calls for which trouble returns one; nil ends it.
func (h *hub) setTrouble(trouble func(*http.Request) *said) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trouble = trouble
}

func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body) // read whole, because only then is a disconnected caller noticed
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h.mu.Lock()
	took, trouble := between(h.least, h.most), h.trouble
	if r.URL.Path != refreshPath {
		h.checks++
	}
	h.mu.Unlock()
	if trouble != nil {
		if instead := trouble(r); instead != nil {
			w.Header().Set("Content-Type", instead.contentType)
			w.WriteHeader(instead.status)
			_, _ = io.WriteString(w, instead.body)
			return
		}
	}
	if r.URL.Path == refreshPath {
		h.renew(w, r, body, took)
		return
	}
	if !wait(r, took) {
		panic(http.ErrAbortHandler)
	}
	h.inner.ServeHTTP(w, r)
	if store, ok := strings.CutPrefix(r.URL.Path, "/stores/"); ok {
		store, _, _ = strings.Cut(store, "/")
		h.mu.Lock()
		h.minted[store] = time.Now()
		h.mu.Unlock()
	}
}

// renew does a renewal after part of its time, and answers after the rest.
func (h *hub) renew(w http.ResponseWriter, r *http.Request, body []byte, took time.Duration) {
	token := field(body, "refreshToken")
	h.mu.Lock()
	store := h.owner[token]
	h.sent[token]++
	h.under++
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.under--
	}()
	before := between(0, took)
	if !wait(r, before) {
		panic(http.ErrAbortHandler)
	}
	answer := httptest.NewRecorder()
	h.inner.ServeHTTP(answer, r)
	renewed := answer.Code == http.StatusOK
	if renewed {
		h.mu.Lock()
		h.owner[field(answer.Body.Bytes(), "refreshToken")] = store
		h.order = append(h.order, store)
		h.mu.Unlock()
	}
	if !wait(r, took-before) {
		if renewed {
			h.mu.Lock()
			h.unheard[store] = true
			h.mu.Unlock()
		}
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func field(body []byte, name string) string {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return ""
	}
	text, _ := fields[name].(string) // anything else is none
	return text
}

// wait waits, and reports false if the caller left.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return r.Context().Err() == nil
	case <-r.Context().Done():
		return false
	}
}

// renewals returns how many pairs were renewed, and how many renewals are under way.
func (h *hub) renewals() (done, under int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.order), h.under
}

// sentTwice returns how many refresh tokens were sent more than once.
func (h *hub) sentTwice() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.sent {
		if times > 1 {
			n++
		}
	}
	return n
}
