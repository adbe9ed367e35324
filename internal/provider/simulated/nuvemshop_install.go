package simulated

import (
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const nuvemCodeLife = 5 * time.Minute

// nuvemCode is what a merchant who installs the app brings to the portal.
type nuvemCode struct {
	store   *nuvemStore
	expires time.Time
}

// Authorize is what the button of the page does: it returns a code for a store, to
// be exchanged once within 5 minutes, and "" for an unknown store.
func (n *Nuvemshop) Authorize(storeID int64) (code string) {
	n.change(storeID, func(s *nuvemStore) { code = n.newCode(s) })
	return code
}

func (n *Nuvemshop) newCode(s *nuvemStore) string {
	now := n.now()
	maps.DeleteFunc(n.codes, func(_ string, c nuvemCode) bool { return !now.Before(c.expires) })
	code := newToken()
	n.codes[code] = nuvemCode{s, now.Add(nuvemCodeLife)}
	return code
}

var authorizePage = template.Must(template.New("authorize").Parse(`<!DOCTYPE html>
<html lang="pt-BR">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Instalar o aplicativo</title>` + pageStyle + `</head>
<body>
<main>
<h1>Instalar o aplicativo {{.AppID}}</h1>
<p>Esta é a Nuvemshop simulada. O aplicativo poderá ler e alterar os produtos e os pedidos da loja.</p>
{{if .Stores}}<form method="post">
<input type="hidden" name="state" value="{{.State}}">
{{if eq (len .Stores) 1}}{{range .Stores}}<p>Loja: <strong>{{.Title}}</strong></p><input type="hidden" name="store" value="{{.ID}}">{{end}}
{{else}}<p><label for="store">Loja</label> <select id="store" name="store">{{range .Stores}}<option value="{{.ID}}">{{.Title}}</option>{{end}}</select></p>
{{end}}
<button name="via" value="link">Aceitar e instalar</button>
<button name="via" value="app-store">Instalar pela loja de aplicativos</button>
</form>
{{else}}<p>Não há nenhuma loja.</p>
{{end}}
</main>
</body>
</html>
`))

func (n *Nuvemshop) getAuthorize(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	app := strconv.FormatInt(n.appID, 10)
	var stores []shop
	for _, id := range slices.Sorted(maps.Keys(n.stores)) {
		stores = append(stores, shop{ID: strconv.FormatInt(id, 10), Title: n.stores[id].title()})
	}
	n.mu.Unlock()
	if r.PathValue("app_id") != app {
		http.Error(w, "Este aplicativo não existe.", http.StatusNotFound)
		return
	}
	writePage(w, authorizePage, object{"AppID": app, "State": r.URL.Query().Get("state"), "Stores": stores})
}

// postAuthorize sends the merchant back with a code. Who comes from the app store
// was given no state by the portal, and brings none.
func (n *Nuvemshop) postAuthorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	storeID, _ := strconv.ParseInt(r.PostFormValue("store"), 10, 64)
	state := r.PostFormValue("state")
	n.mu.Lock()
	defer n.mu.Unlock()
	s, known := n.stores[storeID]
	back, err := url.Parse(n.redirectURL)
	switch {
	case r.PathValue("app_id") != strconv.FormatInt(n.appID, 10):
		http.Error(w, "Este aplicativo não existe.", http.StatusNotFound)
		return
	case !known:
		http.Error(w, "Esta loja não existe.", http.StatusBadRequest)
		return
	case err != nil || n.redirectURL == "":
		http.Error(w, "O aplicativo não tem um endereço de retorno.", http.StatusConflict)
		return
	}
	query := back.Query()
	query.Set("code", n.newCode(s))
	if state != "" && r.PostFormValue("via") != "app-store" {
		query.Set("state", state)
	}
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// postToken exchanges a code for a token.
func (n *Nuvemshop) postToken(w http.ResponseWriter, r *http.Request) {
	get := r.PostFormValue
	if isJSON(r) {
		var body struct {
			ClientID     json.RawMessage `json:"client_id"` // a number or a text
			ClientSecret string          `json:"client_secret"`
			GrantType    string          `json:"grant_type"`
			Code         string          `json:"code"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			n.refuseToken(w, http.StatusBadRequest, "invalid_request", "Problems parsing JSON")
			return
		}
		id := string(body.ClientID)
		if text, err := strconv.Unquote(id); err == nil {
			id = text
		}
		fields := map[string]string{"client_id": id, "client_secret": body.ClientSecret, "grant_type": body.GrantType,
			"code": body.Code}
		get = func(name string) string { return fields[name] }
	}

	n.mu.Lock()
	right := get("client_id") == strconv.FormatInt(n.appID, 10) && get("client_secret") == n.appSecret
	n.mu.Unlock()
	switch {
	case !right:
		n.refuseToken(w, http.StatusUnauthorized, "invalid_client", "The client credentials are invalid")
		return
	case get("grant_type") != "authorization_code":
		n.refuseToken(w, http.StatusBadRequest, "unsupported_grant_type", "Grant type not supported")
		return
	}
	answer := n.exchange(get("code"))
	if answer == nil {
		n.refuseToken(w, http.StatusBadRequest, "invalid_grant", "The authorization code has expired or is invalid")
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// exchange spends a code and installs the app. Returns nil if the code is not good.
func (n *Nuvemshop) exchange(code string) object {
	n.mu.Lock()
	defer n.mu.Unlock()
	known, ok := n.codes[code]
	delete(n.codes, code)
	if !ok || !n.now().Before(known.expires) {
		return nil
	}
	answer := object{
		"access_token": known.store.install(),
		"token_type":   "bearer",
		"scope":        "read_products,write_products,read_orders,write_orders",
	}
	switch n.accountField {
	case UserIDNumber:
		answer["user_id"] = known.store.id
	case UserIDString:
		answer["user_id"] = strconv.FormatInt(known.store.id, 10)
	case StoreIDNumber:
		answer["store_id"] = known.store.id
	}
	return answer
}

func (n *Nuvemshop) refuseToken(w http.ResponseWriter, status int, code, description string) {
	n.mu.Lock()
	if n.tokenErrorsIn200 {
		status = http.StatusOK
	}
	n.mu.Unlock()
	writeJSON(w, status, object{"error": code, "error_description": description})
}
