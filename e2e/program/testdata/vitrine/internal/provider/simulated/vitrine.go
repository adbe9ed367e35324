package simulated

import (
	"net/http"
	"strings"
	"time"
)

// Vitrine plays a made-up provider whose shops have a token.
type Vitrine struct {
	Faults
	shops map[string]string // names by token
}

func newVitrine(now func() time.Time) *Vitrine {
	v := &Vitrine{shops: make(map[string]string)}
	v.prepare(now, func(w http.ResponseWriter, status int, message string) {
		writeJSON(w, status, object{"erro": message})
	})
	return v
}

// Code is VITRINE.
func (*Vitrine) Code() string { return "VITRINE" }

// Name is Vitrine.
func (*Vitrine) Name() string { return "Vitrine" }

// Values has the address.
func (*Vitrine) Values(url string) map[string]string { return map[string]string{"url": url} }

// Open adds a shop and makes its token.
func (v *Vitrine) Open(of Merchant) Opened {
	v.mu.Lock()
	defer v.mu.Unlock()
	token := newToken()
	v.shops[token] = of.Name
	return Opened{Typed: map[string]string{"token": token}}
}

// Handler serves the check and the panel.
func (v *Vitrine) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /whoami", v.api(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		v.mu.Lock()
		name, ok := v.shops[token]
		v.mu.Unlock()
		if !ok {
			v.problem(w, http.StatusUnauthorized, "Token inválido")
			return
		}
		writeJSON(w, http.StatusOK, object{"loja": name})
	}))
	v.servePanel(mux, v.panel, nil)
	return mux
}

func (v *Vitrine) panel() page {
	v.mu.Lock()
	defer v.mu.Unlock()
	shown := page{Title: v.Name(), Intro: "Copie o token de uma loja para o portal."}
	for token, name := range v.shops {
		shown.Shops = append(shown.Shops, shop{ID: token, Title: name, Facts: []fact{{"Token", token}}})
	}
	return shown
}
