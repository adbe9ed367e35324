package simulated

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ShowKase plays a provider of which nothing is public but that its shops have a
// token: so GET /check is not its call, but one that an operator might configure,
// and the form of its errors is made up.
type ShowKase struct {
	Faults
	header, prefix string
	shops          map[string]*kaseShop // by token
}

type kaseShop struct {
	name    string
	refused bool
}

func newShowKase(now func() time.Time) *ShowKase {
	s := &ShowKase{header: "Authorization", prefix: "Bearer ", shops: make(map[string]*kaseShop)}
	s.prepare(now, func(w http.ResponseWriter, status int, message string) {
		writeJSON(w, status, object{"codigo": "ERRO_" + strconv.Itoa(status), "mensagem": message})
	})
	return s
}

// Code is SHOWKASE.
func (*ShowKase) Code() string { return "SHOWKASE" }

// Name is ShowKase.
func (*ShowKase) Name() string { return "ShowKase" }

// Values are none: the address of a check is one that somebody must know.
func (*ShowKase) Values(string) map[string]string { return nil }

// Open adds a shop, with a token that says its name.
func (s *ShowKase) Open(of Merchant) Opened {
	token := "token-ficticio-" + strings.ReplaceAll(strings.ToLower(of.Name), " ", "-")
	s.AddShop(of.Name, token)
	return Opened{Typed: map[string]string{"token": token}}
}

// SetHeader sets in which header a call has its token, and what stands before it;
// "Authorization" and "Bearer " until then.
func (s *ShowKase) SetHeader(name, prefix string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.header, s.prefix = name, prefix
}

// AddShop adds a shop with its token.
func (s *ShowKase) AddShop(name, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shops[token] = &kaseShop{name: name}
}

// Revoke refuses a token, until Restore.
func (s *ShowKase) Revoke(token string) { s.setRefused(token, true) }

// Restore takes back a Revoke.
func (s *ShowKase) Restore(token string) { s.setRefused(token, false) }

func (s *ShowKase) setRefused(token string, refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.shops[token]; ok {
		known.refused = refused
	}
}

// Handler serves the check and the panel.
func (s *ShowKase) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /check", s.api(func(w http.ResponseWriter, r *http.Request) {
		if !s.accepts(r) {
			s.problem(w, http.StatusUnauthorized, "Token inválido")
			return
		}
		writeJSON(w, http.StatusOK, object{"ok": true})
	}))
	mux.HandleFunc("/", s.api(func(w http.ResponseWriter, _ *http.Request) {
		s.problem(w, http.StatusNotFound, "Não encontrado")
	}))
	s.servePanel(mux, s.panel, map[string]func(shop string){"revoke": s.Revoke, "restore": s.Restore})
	return mux
}

func (s *ShowKase) accepts(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := strings.CutPrefix(r.Header.Get(s.header), s.prefix)
	known := s.shops[token]
	return ok && known != nil && !known.refused
}

func (s *ShowKase) panel() page {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := page{Title: s.Name(), Intro: "Copie o token de uma loja para o portal."}
	for _, token := range slices.Sorted(maps.Keys(s.shops)) {
		known := s.shops[token]
		state := "ativa"
		if known.refused {
			state = "token recusado"
		}
		shown.Shops = append(shown.Shops, shop{
			ID:      token,
			Title:   known.name,
			Facts:   []fact{{"Situação", state}, {"Token", token}},
			Actions: []action{choose(known.refused, action{"restore", "Aceitar o token"}, action{"revoke", "Recusar o token"})},
		})
	}
	return shown
}
