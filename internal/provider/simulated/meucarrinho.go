package simulated

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

const (
	cartTokenLife  = 4 * time.Hour
	cartTokensKept = 50 // of each user, the last
)

// MeuCarrinho plays Softcom's delivery shop: a user and a password bring a token of
// 4 h, and there is nothing to renew it with.
type MeuCarrinho struct {
	Faults
	refuse401  bool
	numericIDs bool
	users      map[string]*cartUser // by user name
	tokens     map[string]*cartToken
}

type cartUser struct {
	id, username    string
	password, first string // the present one, and that of AddUser
	merchant        Merchant
	inactive        bool
	logins, refused int
	issued          []string // all tokens kept, the oldest first
}

type cartToken struct {
	user    *cartUser
	expires time.Time
}

func newMeuCarrinho(now func() time.Time) *MeuCarrinho {
	m := &MeuCarrinho{users: make(map[string]*cartUser), tokens: make(map[string]*cartToken)}
	m.prepare(now, func(w http.ResponseWriter, status int, message string) { m.refuse(w, status, message, nil) })
	return m
}

// Code is MEU_CARRINHO.
func (*MeuCarrinho) Code() string { return "MEU_CARRINHO" }

// Name is Meu Carrinho.
func (*MeuCarrinho) Name() string { return "Meu Carrinho" }

// Values has the address.
func (*MeuCarrinho) Values(url string) map[string]string { return map[string]string{"url": url} }

// ShopPassword is the password of each user that Open makes.
const ShopPassword = "senha-da-loja"

// Open makes a user, named after the shop.
func (m *MeuCarrinho) Open(of Merchant) Opened {
	user := word(of.Name)
	m.AddUser(user, ShopPassword, of)
	return Opened{Typed: map[string]string{"username": user, "password": ShopPassword}}
}

// SetRefuseWith401 makes a wrong password a 401 in the problem shape, instead of a
// 200 that says "authenticated": false. Either is to be expected.
func (m *MeuCarrinho) SetRefuseWith401(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse401 = on
}

// SetNumericIDs makes the IDs in answers numbers, instead of texts: for users added
// from now on.
func (m *MeuCarrinho) SetNumericIDs(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numericIDs = on
}

// AddUser adds a user and returns the ID, which is the merchant's too.
func (m *MeuCarrinho) AddUser(username, password string, merchant Merchant) (id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id = uuid.NewString()
	if m.numericIDs {
		id = strconv.Itoa(1001 + len(m.users))
	}
	m.users[username] = &cartUser{id: id, username: username, password: password, first: password, merchant: merchant}
	return id
}

// SetPassword changes a password, and ends the tokens that the old one brought.
func (m *MeuCarrinho) SetPassword(username, password string) {
	m.change(username, func(u *cartUser) { m.setPassword(u, password) })
}

func (m *MeuCarrinho) setPassword(u *cartUser, password string) {
	u.password = password
	for _, token := range u.issued {
		delete(m.tokens, token)
	}
	u.issued = nil
}

// SetActive sets whether a merchant is active, as /merchants/{id} says. The user can
// log in all the same.
func (m *MeuCarrinho) SetActive(username string, active bool) {
	m.change(username, func(u *cartUser) { u.inactive = !active })
}

// Logins returns the number of log-in attempts as a user, also failed ones.
func (m *MeuCarrinho) Logins(username string) (n int) {
	m.change(username, func(u *cartUser) { n = u.logins })
	return n
}

// RefusedLogins returns how often the password for a user was wrong.
func (m *MeuCarrinho) RefusedLogins(username string) (n int) {
	m.change(username, func(u *cartUser) { n = u.refused })
	return n
}

// change does something to a user, if there is one.
func (m *MeuCarrinho) change(username string, change func(*cartUser)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u, ok := m.users[username]; ok {
		change(u)
	}
}

// Handler serves the API and the panel.
func (m *MeuCarrinho) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /auth/token", m.api(m.postToken))
	mux.HandleFunc("GET /auth/user", m.api(m.forUser(m.getUser)))
	mux.HandleFunc("GET /merchants/{id}", m.api(m.forUser(m.getMerchant)))
	mux.HandleFunc("/", m.api(func(w http.ResponseWriter, _ *http.Request) {
		m.refuse(w, http.StatusNotFound, "Not Found", nil)
	}))
	m.servePanel(mux, m.panel, map[string]func(shop string){
		"change-password": func(user string) { m.SetPassword(user, newToken()[:10]) },
		"first-password": func(user string) {
			m.change(user, func(u *cartUser) { m.setPassword(u, u.first) })
		},
		"deactivate": func(user string) { m.SetActive(user, false) },
		"activate":   func(user string) { m.SetActive(user, true) },
	})
	return mux
}

func (m *MeuCarrinho) postToken(w http.ResponseWriter, r *http.Request) {
	if !isJSON(r) {
		m.refuse(w, http.StatusUnsupportedMediaType, "Unsupported Media Type", nil)
		return
	}
	var body struct{ Username, Password string }
	err := json.NewDecoder(r.Body).Decode(&body)
	missing := make(map[string][]string)
	if body.Username == "" {
		missing["Username"] = []string{"The Username field is required."}
	}
	if body.Password == "" {
		missing["Password"] = []string{"The Password field is required."}
	}
	if err != nil || len(missing) > 0 {
		m.refuse(w, http.StatusBadRequest, "One or more validation errors occurred.", missing)
		return
	}

	token, with401 := m.logIn(body.Username, body.Password)
	switch {
	case token != "":
		writeJSON(w, http.StatusOK, object{
			"authenticated": true, "message": "OK", "token": token, "tokenType": "Bearer",
			"expiresIn": int(cartTokenLife.Seconds()),
		})
	case with401:
		m.refuse(w, http.StatusUnauthorized, "Unauthorized", nil)
	default:
		writeJSON(w, http.StatusOK, object{
			"authenticated": false, "message": "Usuário ou senha inválidos", "token": nil, "tokenType": nil, "expiresIn": 0,
		})
	}
}

// logIn returns a new token, or "" and whether to say so with a 401.
func (m *MeuCarrinho) logIn(username, password string) (token string, with401 bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u, ok := m.users[username]
	if !ok {
		return "", m.refuse401
	}
	u.logins++
	if u.password != password {
		u.refused++
		return "", m.refuse401
	}
	token = newToken()
	m.tokens[token] = &cartToken{u, m.now().Add(cartTokenLife)}
	u.issued = append(u.issued, token)
	for len(u.issued) > cartTokensKept {
		delete(m.tokens, u.issued[0])
		u.issued = u.issued[1:]
	}
	return token, false
}

// forUser makes a call of the API of what does it for the user whose token it has.
func (m *MeuCarrinho) forUser(do func(w http.ResponseWriter, r *http.Request, u cartUser)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		token, ok := m.tokens[bearer(r)]
		if !ok || !m.now().Before(token.expires) {
			m.mu.Unlock()
			m.refuse(w, http.StatusUnauthorized, "Unauthorized", nil)
			return
		}
		u := *token.user
		m.mu.Unlock()
		do(w, r, u)
	}
}

func (m *MeuCarrinho) getUser(w http.ResponseWriter, _ *http.Request, u cartUser) {
	writeJSON(w, http.StatusOK, object{
		"id": cartID(u.id), "username": u.username, "email": u.username + "@meucarrinho.example", "role": "MERCHANT",
	})
}

func (m *MeuCarrinho) getMerchant(w http.ResponseWriter, r *http.Request, u cartUser) {
	if r.PathValue("id") != u.id {
		m.refuse(w, http.StatusNotFound, "Not Found", nil)
		return
	}
	writeJSON(w, http.StatusOK, object{
		"id": cartID(u.id), "urlCode": u.username, "status": "OPEN", "name": u.merchant.Name,
		"cnpj": u.merchant.CNPJ, "active": !u.inactive, "softcomCode": "1001",
	})
}

// cartID returns an ID as answers have it: a number if it is one.
func cartID(id string) any {
	if number, err := strconv.Atoi(id); err == nil {
		return number
	}
	return id
}

// refuse answers with an error in this provider's shape, that of ASP.NET.
func (m *MeuCarrinho) refuse(w http.ResponseWriter, status int, title string, fields map[string][]string) {
	problem := object{
		"type":    "https://tools.ietf.org/html/rfc9110#section-15.5",
		"title":   title,
		"status":  status,
		"traceId": "00-" + uuid.NewString() + "-00",
	}
	if fields != nil {
		problem["errors"] = fields
	}
	writeAs(w, "application/problem+json; charset=utf-8", status, problem)
}

func (m *MeuCarrinho) panel() page {
	m.mu.Lock()
	defer m.mu.Unlock()
	shown := page{Title: m.Name(), Intro: "Copie o usuário e a senha de uma loja para o portal."}
	for _, name := range slices.Sorted(maps.Keys(m.users)) {
		u := m.users[name]
		state := "ativa"
		if u.password != u.first {
			state = "senha trocada"
		}
		if u.inactive {
			state = "inativa"
		}
		shown.Shops = append(shown.Shops, shop{
			ID:    name,
			Title: u.merchant.Name,
			Facts: []fact{
				{"Situação", state},
				{"CNPJ", u.merchant.CNPJ},
				{"Usuário", u.username},
				{"Senha", u.password},
				{"Entradas", strconv.Itoa(u.logins)},
				{"Entradas recusadas", strconv.Itoa(u.refused)},
			},
			Actions: []action{
				choose(u.password != u.first, action{"first-password", "Voltar à senha anterior"},
					action{"change-password", "Trocar a senha"}),
				choose(u.inactive, action{"activate", "Reativar"}, action{"deactivate", "Desativar"}),
			},
		})
	}
	return shown
}
