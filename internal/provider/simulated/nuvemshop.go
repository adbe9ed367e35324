package simulated

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The app that Nuvemshop knows until SetApp.
const (
	NuvemshopAppID     = 1001
	NuvemshopAppSecret = "segredo-ficticio-do-aplicativo"
)

// Store is a shop at Nuvemshop.
type Store struct {
	Name         map[string]string // by language
	BusinessID   string            // CPF or CNPJ; null in answers if empty
	BusinessName string
	Country      string
	Domain       string
	Plan         string
}

// Spelling is in which header Nuvemshop looks for the token: its documents disagree.
type Spelling int

// The spellings.
const (
	EitherSpelling Spelling = iota
	Authentication          // Authentication: bearer TOKEN
	Authorization           // Authorization: Bearer TOKEN
)

// AccountField is how the answer with a token names the store: the documents of
// Nuvemshop disagree.
type AccountField int

// The account fields.
const (
	UserIDNumber  AccountField = iota // "user_id": 123
	UserIDString                      // "user_id": "123"
	StoreIDNumber                     // "store_id": 123
)

// Nuvemshop plays the shop platform as one app sees it: a merchant installs the app
// on a page, the code that brings is exchanged for a token that does not expire, and
// webhooks tell what happens to the store. Each token kills the one before.
type Nuvemshop struct {
	Faults
	appID             int64
	appSecret         string
	redirectURL       string
	spelling          Spelling
	accountField      AccountField
	tokenErrorsIn200  bool
	allowHTTPWebhooks bool
	limited           bool
	stores            map[int64]*nuvemStore
	codes             map[string]nuvemCode
	nextWebhook       int64
	queue             []Delivery
	queued            chan struct{}
}

type nuvemStore struct {
	Store
	id        int64
	token     string // "" if the app is not installed
	installed bool   // at some time
	suspended bool
	webhooks  []nuvemWebhook
	bucket    float64 // calls of the limit in it, at bucketAt
	bucketAt  time.Time
}

func newNuvemshop(now func() time.Time) *Nuvemshop {
	n := &Nuvemshop{
		appID: NuvemshopAppID, appSecret: NuvemshopAppSecret, nextWebhook: 1,
		stores: make(map[int64]*nuvemStore), codes: make(map[string]nuvemCode), queued: make(chan struct{}, 1),
	}
	n.prepare(now, n.refuse)
	return n
}

// SetApp sets the app's ID and secret.
func (n *Nuvemshop) SetApp(id int64, secret string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.appID, n.appSecret = id, secret
}

// SetRedirectURL sets where the merchant is sent after installing the app.
func (n *Nuvemshop) SetRedirectURL(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.redirectURL = address
}

// SetSpelling sets which header with the token is accepted; either until then.
func (n *Nuvemshop) SetSpelling(s Spelling) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.spelling = s
}

// SetAccountField sets how a token's answer names the store; UserIDNumber until then.
func (n *Nuvemshop) SetAccountField(f AccountField) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.accountField = f
}

// SetTokenErrorsIn200 makes the refusals of a code answers of status 200, instead of
// 400 and 401.
func (n *Nuvemshop) SetTokenErrorsIn200(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tokenErrorsIn200 = on
}

// SetAllowHTTPWebhooks accepts webhooks to http and to this machine, which the real
// one refuses.
func (n *Nuvemshop) SetAllowHTTPWebhooks(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.allowHTTPWebhooks = on
}

// SetLimited makes the API count calls, as the real one does: 40 at once for each
// store, and 2 more each second of the clock; 429 beyond.
func (n *Nuvemshop) SetLimited(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.limited = on
}

// Code is NUVEMSHOP.
func (*Nuvemshop) Code() string { return "NUVEMSHOP" }

// Name is Nuvemshop.
func (*Nuvemshop) Name() string { return "Nuvemshop" }

// Values has the addresses and the app.
func (n *Nuvemshop) Values(url string) map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return map[string]string{
		"url": url, "apiUrl": url, "appId": strconv.FormatInt(n.appID, 10), "appSecret": n.appSecret,
	}
}

// Open adds a store and installs the app in it.
func (n *Nuvemshop) Open(of Merchant) Opened {
	n.mu.Lock()
	id := int64(1 + len(n.stores))
	n.mu.Unlock()
	n.AddStore(id, Store{Name: map[string]string{"pt": of.Name}, BusinessID: of.CNPJ})
	return Opened{Account: strconv.FormatInt(id, 10), Installed: map[string]string{"accessToken": n.Install(id)}}
}

// AddStore adds a store, or replaces one, in which the app is not installed.
func (n *Nuvemshop) AddStore(id int64, s Store) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stores[id] = &nuvemStore{Store: s, id: id}
}

// Install installs the app in a store without a merchant or a code, and returns the
// token, "" for an unknown store.
func (n *Nuvemshop) Install(storeID int64) (token string) {
	n.change(storeID, func(s *nuvemStore) { token = s.install() })
	return token
}

// Token returns the token that is good for a store, "" if there is none.
func (n *Nuvemshop) Token(storeID int64) (token string) {
	n.change(storeID, func(s *nuvemStore) { token = s.token })
	return token
}

// change does something to a store, if there is one.
func (n *Nuvemshop) change(storeID int64, change func(*nuvemStore)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s, ok := n.stores[storeID]; ok {
		change(s)
	}
}

// install gives a store a new token, 40 hexadecimal digits, in place of its old one.
func (s *nuvemStore) install() string {
	random := make([]byte, 20)
	_, _ = rand.Read(random)
	s.token, s.installed = hex.EncodeToString(random), true
	return s.token
}

// Handler serves all: the pages for the merchant, the exchange of codes, the API and
// the panel.
func (n *Nuvemshop) Handler() http.Handler {
	mux := http.NewServeMux()
	n.handleAuthorization(mux)
	n.handleAPI(mux)
	return mux
}

// AuthorizationHandler serves what is at www.nuvemshop.com.br, and the panel.
func (n *Nuvemshop) AuthorizationHandler() http.Handler {
	mux := http.NewServeMux()
	n.handleAuthorization(mux)
	mux.HandleFunc("/", n.api(n.notFound))
	return mux
}

// APIHandler serves what is at api.nuvemshop.com.br.
func (n *Nuvemshop) APIHandler() http.Handler {
	mux := http.NewServeMux()
	n.handleAPI(mux)
	return mux
}

func (n *Nuvemshop) handleAuthorization(mux *http.ServeMux) {
	mux.HandleFunc("GET /apps/{app_id}/authorize", n.getAuthorize)
	mux.HandleFunc("POST /apps/{app_id}/authorize", n.postAuthorize)
	mux.HandleFunc("POST /apps/authorize/token", n.api(n.postToken))
	n.servePanel(mux, n.panel, n.actions())
}

func (n *Nuvemshop) handleAPI(mux *http.ServeMux) {
	mux.HandleFunc("GET /{version}/{store_id}/store", n.api(n.forStore(n.getStore)))
	mux.HandleFunc("GET /{version}/{store_id}/webhooks", n.api(n.forStore(n.getWebhooks)))
	mux.HandleFunc("POST /{version}/{store_id}/webhooks", n.api(n.forStore(n.postWebhook)))
	mux.HandleFunc("DELETE /{version}/{store_id}/webhooks/{id}", n.api(n.forStore(n.deleteWebhook)))
	mux.HandleFunc("/", n.api(n.notFound))
}

func (n *Nuvemshop) notFound(w http.ResponseWriter, _ *http.Request) {
	n.refuse(w, http.StatusNotFound, "Not found")
}

// forStore makes a call of the API of what does it for a store, which it may change:
// the call has been checked, and the mutex is held.
func (n *Nuvemshop) forStore(do func(w http.ResponseWriter, r *http.Request, s *nuvemStore)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		id, err := strconv.ParseInt(r.PathValue("store_id"), 10, 64)
		s, known := n.stores[id]
		switch {
		case r.UserAgent() == "":
			n.refuse(w, http.StatusBadRequest, "Missing User-Agent header")
		case err != nil || !known:
			n.refuse(w, http.StatusNotFound, "Store not found")
		case s.token == "" || n.token(r) != s.token:
			n.refuse(w, http.StatusUnauthorized, "Invalid access token")
		case n.limited && !s.drop(w, n.now()):
			n.refuse(w, http.StatusTooManyRequests, "Too many requests")
		case s.suspended:
			n.refuse(w, http.StatusPaymentRequired, "Store or app suspended")
		case r.Method == http.MethodPost && !isJSON(r):
			n.refuse(w, http.StatusUnsupportedMediaType, "Content-Type must be application/json")
		default:
			do(w, r, s)
		}
	}
}

// token returns the token of a call, "" if its header is not spelt as it should be.
func (n *Nuvemshop) token(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authentication"), "bearer "); ok && n.spelling != Authorization {
		return token
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && n.spelling != Authentication {
		return token
	}
	return ""
}

// drop puts a call into the leaky bucket, and reports false if it is full.
func (s *nuvemStore) drop(w http.ResponseWriter, now time.Time) bool {
	const size, perSecond = 40, 2
	s.bucket = max(s.bucket-perSecond*now.Sub(s.bucketAt).Seconds(), 0)
	s.bucketAt = now
	fits := s.bucket+1 <= size
	if fits {
		s.bucket++
	}
	w.Header().Set("x-rate-limit-limit", strconv.Itoa(size))
	w.Header().Set("x-rate-limit-remaining", strconv.Itoa(int(size-s.bucket)))
	w.Header().Set("x-rate-limit-reset", strconv.Itoa(int(s.bucket/perSecond*1000))) // ms
	return fits
}

func (n *Nuvemshop) getStore(w http.ResponseWriter, r *http.Request, s *nuvemStore) {
	all := object{
		"id":              s.id,
		"name":            s.Name,
		"business_id":     nil,
		"business_name":   s.BusinessName,
		"original_domain": s.Domain,
		"country":         s.Country,
		"plan_name":       s.Plan,
		"email":           "contato@" + s.Domain,
		"main_language":   "pt",
		"main_currency":   "BRL",
	}
	if s.BusinessID != "" {
		all["business_id"] = s.BusinessID
	}
	if fields := r.URL.Query().Get("fields"); fields != "" {
		asked := strings.Split(fields, ",")
		maps.DeleteFunc(all, func(field string, _ any) bool { return !slices.Contains(asked, field) })
	}
	writeJSON(w, http.StatusOK, all)
}

// refuse answers with an error in this provider's shape.
func (n *Nuvemshop) refuse(w http.ResponseWriter, status int, description string) {
	writeJSON(w, status, object{"code": status, "message": http.StatusText(status), "description": description})
}

// title returns a store's name in Portuguese, or in whatever language it has one.
func (s *nuvemStore) title() string {
	if name := s.Name["pt"]; name != "" {
		return name
	}
	for _, language := range slices.Sorted(maps.Keys(s.Name)) {
		return s.Name[language]
	}
	return "Loja " + strconv.FormatInt(s.id, 10)
}

// actions are what the panel's buttons do. What they make happen is told by Run.
func (n *Nuvemshop) actions() map[string]func(shop string) {
	on := func(happens func(storeID int64) []Delivery) func(shop string) {
		return func(shop string) {
			if id, err := strconv.ParseInt(shop, 10, 64); err == nil {
				n.Queue(happens(id)...)
			}
		}
	}
	return map[string]func(shop string){
		"uninstall": on(n.Uninstall),
		"suspend":   on(n.Suspend),
		"resume":    on(n.Resume),
	}
}

func (n *Nuvemshop) panel() page {
	n.mu.Lock()
	defer n.mu.Unlock()
	app := strconv.FormatInt(n.appID, 10)
	shown := page{
		Title: n.Name(),
		Intro: "O aplicativo " + app + " tem o segredo " + n.appSecret + " e devolve o lojista para " + n.redirectURL + ".",
		Links: []link{{"/apps/" + app + "/authorize", "Instalar o aplicativo, como o lojista faria"}},
	}
	for _, id := range slices.Sorted(maps.Keys(n.stores)) {
		s := n.stores[id]
		state, token := "instalada", s.token
		switch {
		case s.token == "" && s.installed:
			state, token = "desinstalada", "nenhum"
		case s.token == "":
			state, token = "não instalada", "nenhum"
		case s.suspended:
			state = "suspensa"
		}
		actions := []action{choose(s.suspended, action{"resume", "Reativar"}, action{"suspend", "Suspender"})}
		if s.token != "" {
			actions = append(actions, action{"uninstall", "Desinstalar"})
		}
		shown.Shops = append(shown.Shops, shop{
			ID:    strconv.FormatInt(id, 10),
			Title: s.title(),
			Facts: []fact{
				{"Situação", state},
				{"Número", strconv.FormatInt(id, 10)},
				{"CPF ou CNPJ", s.BusinessID},
				{"Token", token},
				{"Webhooks", strconv.Itoa(len(s.webhooks))},
			},
			Actions: actions,
		})
	}
	return shown
}
