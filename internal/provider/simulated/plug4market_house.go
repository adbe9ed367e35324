package simulated

import (
	"encoding/json"
	"net/http"
	"time"
)

// Lives of the software house's sessions: that they end is known, and not when.
const (
	plugSessionLife  = 24 * time.Hour
	plugSessionsKept = 50 // of each house, the last
)

// plugHouse is a software house with its user, who gets the tokens of its stores.
type plugHouse struct {
	cnpj, login, password string
	logins, wrong         int
	inRow                 int      // wrong passwords since the last good one
	issued                []string // all sessions kept, the oldest first
}

type plugSession struct {
	house   *plugHouse
	expires time.Time
}

// AddHouse adds a software house, by a CNPJ without punctuation, and its user. The
// stores that have its CNPJ are its own.
func (p *Plug4Market) AddHouse(cnpj, login, password string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.houses[login] = &plugHouse{cnpj: cnpj, login: login, password: password}
}

// SetHousePassword changes a user's password, ends the sessions of the old one and
// unlocks the user.
func (p *Plug4Market) SetHousePassword(login, password string) {
	p.changeHouse(login, func(h *plugHouse) {
		h.password, h.inRow = password, 0
		p.endSessions(h)
	})
}

// SetLockAfter makes so many wrong passwords in a row lock a user, until
// SetHousePassword; 0 locks none.
func (p *Plug4Market) SetLockAfter(wrong int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lockAt = wrong
}

// SetMintEndsOldPair makes a pair that the software house gets end all earlier ones
// of the store. The public sources do not say what the real one does.
func (p *Plug4Market) SetMintEndsOldPair(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mintEnds = on
}

// EndSessions ends the sessions of a user.
func (p *Plug4Market) EndSessions(login string) { p.changeHouse(login, p.endSessions) }

func (p *Plug4Market) endSessions(h *plugHouse) {
	for _, token := range h.issued {
		delete(p.sessions, token)
	}
	h.issued = nil
}

// HouseLogins returns how many log-ins as a user were tried, also in vain.
func (p *Plug4Market) HouseLogins(login string) (n int) {
	p.changeHouse(login, func(h *plugHouse) { n = h.logins })
	return n
}

// WrongPasswords returns how often the password for a user was wrong, or the user
// locked.
func (p *Plug4Market) WrongPasswords(login string) (n int) {
	p.changeHouse(login, func(h *plugHouse) { n = h.wrong })
	return n
}

// Mints returns how often the software house got a pair for a store.
func (p *Plug4Market) Mints(storeCNPJ string) (n int) {
	p.change(storeCNPJ, func(s *plugStore) { n = s.mints })
	return n
}

// changeHouse does something to a software house, if there is one.
func (p *Plug4Market) changeHouse(login string, change func(*plugHouse)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h, ok := p.houses[login]; ok {
		change(h)
	}
}

func (p *Plug4Market) postLogin(w http.ResponseWriter, r *http.Request) {
	var body struct{ Login, Password string }
	if !isJSON(r) || json.NewDecoder(r.Body).Decode(&body) != nil || body.Login == "" || body.Password == "" {
		p.refuse(w, http.StatusBadRequest, "login e password são obrigatórios")
		return
	}
	token, status := p.enter(body.Login, body.Password)
	switch status {
	case http.StatusUnauthorized:
		p.refuse(w, status, "Usuário ou senha inválidos")
	case http.StatusForbidden:
		p.refuse(w, status, "Usuário bloqueado")
	default:
		writeJSON(w, status, object{
			"accessToken": token,
			"user":        object{"id": 1, "name": "Software house", "role": "SOFTWARE_HOUSE", "login": body.Login},
		})
	}
}

// enter begins a session. The status is 401 for a wrong password and 403 for a
// locked user.
func (p *Plug4Market) enter(login, password string) (token string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, ok := p.houses[login]
	if !ok {
		return "", http.StatusUnauthorized
	}
	h.logins++
	if p.lockAt > 0 && h.inRow >= p.lockAt {
		h.wrong++
		return "", http.StatusForbidden
	}
	if h.password != password {
		h.wrong++
		h.inRow++
		return "", http.StatusUnauthorized
	}
	h.inRow = 0
	token = newToken()
	p.sessions[token] = &plugSession{h, p.now().Add(plugSessionLife)}
	h.issued = append(h.issued, token)
	for len(h.issued) > plugSessionsKept {
		delete(p.sessions, h.issued[0])
		h.issued = h.issued[1:]
	}
	return token, http.StatusOK
}

func (p *Plug4Market) getToken(w http.ResponseWriter, r *http.Request) {
	access, refresh, status := p.mint(bearer(r), r.PathValue("store"), r.PathValue("house"))
	switch status {
	case http.StatusUnauthorized:
		p.refuse(w, status, "Token de acesso inválido ou expirado")
	case http.StatusForbidden:
		p.refuse(w, status, "Loja de outra software house")
	case http.StatusNotFound:
		p.refuse(w, status, "Loja não encontrada")
	default:
		writeJSON(w, status, object{"accessToken": access, "refreshToken": refresh})
	}
}

// mint gives a store of a software house a new pair, and takes back a Revoke. The
// status is 401 without a session, 404 for an unknown store and 403 for another's.
func (p *Plug4Market) mint(session, storeCNPJ, houseCNPJ string) (access, refresh string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.sessions[session]
	if !ok || !p.now().Before(known.expires) {
		return "", "", http.StatusUnauthorized
	}
	store, ok := p.stores[storeCNPJ]
	if !ok {
		return "", "", http.StatusNotFound
	}
	if known.house.cnpj != houseCNPJ || store.softwareHouse != houseCNPJ {
		return "", "", http.StatusForbidden
	}
	if p.mintEnds {
		p.forget(store)
	}
	store.refused = false
	store.mints++
	p.issue(store)
	return store.access, store.refresh, http.StatusOK
}
