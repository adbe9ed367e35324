package simulated

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Lives of Plug4Market's tokens. Whether a refresh token ends by itself is not known.
const (
	plugAccessLife   = 24 * time.Hour
	plugRefreshGrace = 24 * time.Hour // under Lenient
	plugTokensKept   = 40             // of each store, the last: 20,000 stores of a long run fit
)

// Rotation is what becomes of a refresh token that has been used: the public
// sources do not say.
type Rotation int

// The rotations.
const (
	Strict  Rotation = iota // it is dead
	Lenient                 // it stays good for 24 h
)

// Plug4Market plays the hub of TecnoSpeed: a pair of tokens for each store, of which
// the access token lives for 24 h, and a refresh brings a whole new pair.
//
// An access token stays good until it expires, also after a refresh. Of two errors
// in a row, one has its message as a text and the other as a list.
type Plug4Market struct {
	Faults
	key      []byte
	rotation Rotation
	opaque   bool
	stores   map[string]*plugStore // by CNPJ
	tokens   map[string]*plugToken
	houses   map[string]*plugHouse   // by login
	sessions map[string]*plugSession // by token
	lockAt   int                     // wrong passwords that lock a house; 0 never does
	mintEnds bool
	reuses   int
	problems int
}

type plugStore struct {
	cnpj, softwareHouse string
	access, refresh     string    // the newest
	expires             time.Time // of the newest access token
	issued              []string  // all tokens kept, the oldest first
	refused, suspended  bool
	refreshes, mints    int
}

type plugToken struct {
	store   *plugStore
	refresh bool
	expires time.Time // of an access token
	spent   time.Time // of a refresh token, zero before it is used
}

func newPlug4Market(now func() time.Time) *Plug4Market {
	p := &Plug4Market{
		key: make([]byte, 32), stores: make(map[string]*plugStore), tokens: make(map[string]*plugToken),
		houses: make(map[string]*plugHouse), sessions: make(map[string]*plugSession),
	}
	_, _ = rand.Read(p.key)
	p.prepare(now, p.refuse)
	return p
}

// SetRotation sets what becomes of used refresh tokens; Strict until then.
func (p *Plug4Market) SetRotation(r Rotation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rotation = r
}

// SetOpaqueTokens makes the access tokens to come opaque, instead of JWTs with the
// claims store, softwareHouse and exp.
func (p *Plug4Market) SetOpaqueTokens(opaque bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opaque = opaque
}

// Code is PLUG4MARKET.
func (*Plug4Market) Code() string { return "PLUG4MARKET" }

// Name is Plug4Market.
func (*Plug4Market) Name() string { return "Plug4Market" }

// Values has the address. The log-in of a software house is added where one is wanted (AddHouse).
func (*Plug4Market) Values(url string) map[string]string { return map[string]string{"url": url} }

// SoftwareHouse is the CNPJ of the software house whose the stores are that Open adds.
const SoftwareHouse = "11222333000181"

// Open adds a store of SoftwareHouse.
func (p *Plug4Market) Open(of Merchant) Opened {
	access, refresh := p.AddStore(of.CNPJ, SoftwareHouse)
	return Opened{Typed: map[string]string{"accessToken": access, "refreshToken": refresh}}
}

// AddStore adds a store, by CNPJs without punctuation, and returns its first pair.
func (p *Plug4Market) AddStore(storeCNPJ, softwareHouseCNPJ string) (access, refresh string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &plugStore{cnpj: storeCNPJ, softwareHouse: softwareHouseCNPJ}
	p.stores[storeCNPJ] = s
	p.issue(s)
	return s.access, s.refresh
}

// NewPair is what "Gerar Tokens" does in the provider's own portal: every earlier
// token of the store is dead, and a Revoke is over. Returns "" for an unknown store.
func (p *Plug4Market) NewPair(storeCNPJ string) (access, refresh string) {
	p.change(storeCNPJ, func(s *plugStore) {
		p.forget(s)
		s.refused = false
		p.issue(s)
		access, refresh = s.access, s.refresh
	})
	return access, refresh
}

// forget ends every token of a store.
func (p *Plug4Market) forget(s *plugStore) {
	for _, token := range s.issued {
		delete(p.tokens, token)
	}
	s.issued = nil
}

// Revoke refuses every token of a store with 401, until NewPair or Restore.
func (p *Plug4Market) Revoke(storeCNPJ string) {
	p.change(storeCNPJ, func(s *plugStore) { s.refused = true })
}

// Restore takes back a Revoke.
func (p *Plug4Market) Restore(storeCNPJ string) {
	p.change(storeCNPJ, func(s *plugStore) { s.refused = false })
}

// Suspend refuses a store with 403, until Resume.
func (p *Plug4Market) Suspend(storeCNPJ string) {
	p.change(storeCNPJ, func(s *plugStore) { s.suspended = true })
}

// Resume takes back a Suspend.
func (p *Plug4Market) Resume(storeCNPJ string) {
	p.change(storeCNPJ, func(s *plugStore) { s.suspended = false })
}

// change does something to a store, if there is one.
func (p *Plug4Market) change(storeCNPJ string, change func(*plugStore)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.stores[storeCNPJ]; ok {
		change(s)
	}
}

// CurrentAccess returns the newest access token of a store, "" for an unknown one.
func (p *Plug4Market) CurrentAccess(storeCNPJ string) (token string) {
	p.change(storeCNPJ, func(s *plugStore) { token = s.access })
	return token
}

// CurrentRefresh returns the newest refresh token of a store, "" for an unknown one.
func (p *Plug4Market) CurrentRefresh(storeCNPJ string) (token string) {
	p.change(storeCNPJ, func(s *plugStore) { token = s.refresh })
	return token
}

// Refreshes returns how often a store's pair has been replaced by a refresh.
func (p *Plug4Market) Refreshes(storeCNPJ string) (n int) {
	p.change(storeCNPJ, func(s *plugStore) { n = s.refreshes })
	return n
}

// Reuses returns how often a refresh token was refused because it had been used.
func (p *Plug4Market) Reuses() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reuses
}

// issue gives a store a new pair, and forgets the oldest of many.
func (p *Plug4Market) issue(s *plugStore) {
	now := p.now()
	s.access, s.refresh, s.expires = newToken(), newToken(), now.Add(plugAccessLife)
	if !p.opaque {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"store":         s.cnpj,
			"softwareHouse": s.softwareHouse,
			"iat":           now.Unix(),
			"exp":           s.expires.Unix(),
			"jti":           s.access,
		}).SignedString(p.key)
		if err != nil {
			panic(err) // claims of this package's own that cannot be signed
		}
		s.access = signed
	}
	p.tokens[s.access] = &plugToken{store: s, expires: s.expires}
	p.tokens[s.refresh] = &plugToken{store: s, refresh: true}
	s.issued = append(s.issued, s.access, s.refresh)
	for len(s.issued) > plugTokensKept {
		delete(p.tokens, s.issued[0])
		s.issued = s.issued[1:]
	}
}

// Handler serves the API and the panel.
func (p *Plug4Market) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /auth/refresh", p.api(p.postRefresh))
	mux.HandleFunc("GET /orders", p.api(p.getOrders))
	mux.HandleFunc("POST /auth/login", p.api(p.postLogin))
	mux.HandleFunc("GET /stores/{store}/software-houses/{house}/token", p.api(p.getToken))
	mux.HandleFunc("/", p.api(func(w http.ResponseWriter, _ *http.Request) {
		p.refuse(w, http.StatusNotFound, "Rota não encontrada")
	}))
	p.servePanel(mux, p.panel, map[string]func(shop string){
		"revoke":   p.Revoke,
		"restore":  p.Restore,
		"suspend":  p.Suspend,
		"resume":   p.Resume,
		"new-pair": func(shop string) { p.NewPair(shop) },
	})
	return mux
}

func (p *Plug4Market) postRefresh(w http.ResponseWriter, r *http.Request) {
	if !isJSON(r) {
		p.refuse(w, http.StatusUnsupportedMediaType, "Content-Type deve ser application/json")
		return
	}
	var body struct {
		RefreshToken string `json:"refreshToken"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.RefreshToken == "" {
		p.refuse(w, http.StatusBadRequest, "refreshToken é obrigatório")
		return
	}
	access, refresh, status := p.refresh(body.RefreshToken)
	switch status {
	case http.StatusUnauthorized:
		p.refuse(w, status, "Token de renovação inválido")
	case http.StatusForbidden:
		p.refuse(w, status, "Loja suspensa")
	default:
		writeJSON(w, status, object{"accessToken": access, "refreshToken": refresh})
	}
}

// refresh spends a refresh token for a new pair. The status is 401 or 403 if there
// is none to be had.
func (p *Plug4Market) refresh(token string) (access, refresh string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	known, ok := p.tokens[token]
	if !ok || !known.refresh || known.store.refused {
		return "", "", http.StatusUnauthorized
	}
	spent := !known.spent.IsZero()
	if spent && (p.rotation == Strict || now.Sub(known.spent) > plugRefreshGrace) {
		p.reuses++
		return "", "", http.StatusUnauthorized
	}
	if known.store.suspended {
		return "", "", http.StatusForbidden
	}
	if !spent {
		known.spent = now
	}
	known.store.refreshes++
	p.issue(known.store)
	return known.store.access, known.store.refresh, http.StatusOK
}

func (p *Plug4Market) getOrders(w http.ResponseWriter, r *http.Request) {
	store, status := p.storeOf(bearer(r))
	switch status {
	case http.StatusUnauthorized:
		p.refuse(w, status, "Token de acesso inválido ou expirado")
	case http.StatusForbidden:
		p.refuse(w, status, "Loja suspensa")
	default:
		writeJSON(w, status, object{"data": []object{{
			"orderId":  "P4M-1",
			"store":    store,
			"status":   "APPROVED",
			"customer": object{"name": Shopper, "email": ShopperEmail, "documentId": ShopperDocument},
		}}})
	}
}

// storeOf returns the CNPJ of the store that an access token is good for.
func (p *Plug4Market) storeOf(token string) (cnpj string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.tokens[token]
	if !ok || known.refresh || known.store.refused || !p.now().Before(known.expires) {
		return "", http.StatusUnauthorized
	}
	if known.store.suspended {
		return "", http.StatusForbidden
	}
	return known.store.cnpj, http.StatusOK
}

// refuse answers with an error in this provider's shape.
func (p *Plug4Market) refuse(w http.ResponseWriter, status int, message string) {
	p.mu.Lock()
	p.problems++
	var said any = message
	if p.problems%2 == 0 {
		said = []object{{"message": message}}
	}
	p.mu.Unlock()
	writeJSON(w, status, object{
		"error_status":   status,
		"error_messages": []object{{"statusCode": status, "error": http.StatusText(status), "message": said}},
	})
}

func (p *Plug4Market) panel() page {
	p.mu.Lock()
	defer p.mu.Unlock()
	shown := page{Title: p.Name(), Intro: "Copie o token de acesso e o token de renovação de uma loja para o portal."}
	all := slices.Sorted(maps.Keys(p.stores))
	if len(all) > shopsShown {
		shown.Intro += " Aqui estão " + strconv.Itoa(shopsShown) + " de " + strconv.Itoa(len(all)) + " lojas."
		all = all[:shopsShown]
	}
	for _, cnpj := range all {
		s := p.stores[cnpj]
		state := "ativa"
		if s.refused {
			state = "tokens recusados"
		}
		if s.suspended {
			state = "suspensa"
		}
		shown.Shops = append(shown.Shops, shop{
			ID:    cnpj,
			Title: "Loja " + cnpj,
			Facts: []fact{
				{"Situação", state},
				{"Software house", s.softwareHouse},
				{"Token de acesso", s.access},
				{"Expira em", s.expires.Format(time.RFC3339)},
				{"Token de renovação", s.refresh},
				{"Renovações", strconv.Itoa(s.refreshes)},
				{"Pares gerados pela software house", strconv.Itoa(s.mints)},
			},
			Actions: []action{
				choose(s.refused, action{"restore", "Aceitar o token"}, action{"revoke", "Recusar o token"}),
				choose(s.suspended, action{"resume", "Reativar"}, action{"suspend", "Suspender"}),
				{"new-pair", "Gerar novos tokens"},
			},
		})
	}
	return shown
}
