package program

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/app/demo"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// startDemo starts the demonstration on free ports, in the data folder that it makes for itself.
func (at *place) startDemo() *process {
	at.t.Helper()
	address := programtest.FreeAddress(at.t)
	p := at.launchAt(address, "", nil, "demo", "--providers-port=0", "--listen="+address)
	p.ready()
	return p
}

// panelOf reads from the terminal where the control panel of a provider is.
func (p *process) panelOf(provider string) string {
	p.t.Helper()
	found := regexp.MustCompile(`(?m)^ +` + provider + ` +(http://127\.0\.0\.1:\d+)$`).FindStringSubmatch(p.Output())
	if found == nil {
		p.t.Fatalf("the terminal does not say where the panel of %s is:\n%s", provider, p.Output())
	}
	return found[1]
}

func (p *process) logInToDemo() string {
	p.t.Helper()
	found := regexp.MustCompile(`(?m)^ +Senha/password +(.+)$`).FindStringSubmatch(p.Output())
	if found == nil {
		p.t.Fatalf("the terminal does not say the password:\n%s", p.Output())
	}
	body, err := p.Post("", `mutation($email: String!, $password: String!) {
		login(input: {email: $email, password: $password}) `+sessionFields+` }`,
		vars{"email": demo.Email, "password": found[1]})
	must.Do(p.t, err)
	return accessToken(p.t, body)
}

// press presses a button of a control panel.
func press(t *testing.T, panel, action, shop string) {
	t.Helper()
	answer, err := http.PostForm(panel+"/_control/"+action, url.Values{"shop": {shop}})
	must.Do(t, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s of %s answered %d", action, shop, answer.StatusCode)
	}
}

// submit submits a form, and returns the page that it leads to.
func submit(t *testing.T, browser *http.Client, address string, form url.Values) (*url.URL, string) {
	t.Helper()
	answer, err := browser.PostForm(address, form)
	must.Do(t, err)
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	must.Do(t, err)
	return answer.Request.URL, string(page)
}

func read(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	must.Do(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	must.Do(t, err)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d: %s", address, answer.StatusCode, body)
	}
	return string(body)
}

// sample is a client of the demonstration, as an operator sees it.
type sample struct {
	Name, Document string
	Products       []struct {
		NextStep     *string
		AccessKeys   []struct{ ID string }
		Marketplaces []sampleMarketplace
	}
}

type sampleMarketplace struct {
	ID, Provider string
	Health       struct{ State, Reason string }
}

func (p *process) samples(session, filter string) map[string]sample {
	p.t.Helper()
	body := p.mustPost(session, `{ clients(first: 50`+filter+`) { edges { node { name document products {
		nextStep accessKeys(first: 5) { id } marketplaces { id provider health { state reason } } } } } } }`, nil)
	var answer struct {
		Data struct {
			Clients struct{ Edges []struct{ Node sample } }
		}
	}
	must.Do(p.t, json.Unmarshal([]byte(body), &answer))
	found := map[string]sample{}
	for _, edge := range answer.Data.Clients.Edges {
		found[edge.Node.Name] = edge.Node
	}
	return found
}

// test presses the button Testar of a marketplace and returns the state that comes of it.
func (p *process) test(session, id string) string {
	p.t.Helper()
	body := p.mustPost(session, `mutation($id: ID!) {
		testMarketplace(input: {id: $id}) { marketplace { health { state } } userErrors { code } } }`, vars{"id": id})
	return regexp.MustCompile(`"state":"(\w+)"`).FindStringSubmatch(body)[1]
}

func TestTheDemonstrationWalksThroughARefusalAndARecovery(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.startDemo()
	session := p.logInToDemo()

	all := p.samples(session, "")
	for name, want := range map[string][]string{
		"Padaria Pão Dourado Ltda":   {"MEU_CARRINHO CONNECTED", "PLUG4MARKET CONNECTED", "NUVEMSHOP CONNECTED", "done"},
		"Mercado Boa Safra Ltda":     {"PLUG4MARKET CONNECTED", "BACK_OFFICE"},
		"Flor de Lis Artesanato":     {"NUVEMSHOP WAITING", "ACCESS_KEY"},
		"Livraria Folha Solta Ltda":  {"MARKETPLACE"},
		"Farmácia Vida Leve Ltda":    {"MEU_CARRINHO NEEDS_ATTENTION", "BACK_OFFICE"},
		"Auto Peças Via Norte Ltda":  {"PLUG4MARKET NEEDS_ATTENTION", "BACK_OFFICE"},
		"Confecções Linha Fina Ltda": {"NUVEMSHOP SUSPENDED", "BACK_OFFICE"},
		"Pet Shop Quatro Patas Ltda": {"SHOWKASE NOT_TESTABLE", "ACCESS_KEY"},
		"Ótica Bom Olhar Ltda":       nil,
	} {
		var got []string
		for _, owned := range all[name].Products {
			for _, m := range owned.Marketplaces {
				got = append(got, m.Provider+" "+m.Health.State)
			}
			if owned.NextStep == nil {
				got = append(got, "done")
			} else {
				got = append(got, *owned.NextStep)
			}
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%s is at %q, want %q", name, got, want)
		}
	}
	if len(all) != 10 {
		t.Errorf("%d clients, want 10", len(all))
	}
	for _, name := range []string{"Farmácia Vida Leve Ltda", "Auto Peças Via Norte Ltda", "Confecções Linha Fina Ltda"} {
		if _, ok := p.samples(session, ", filter: {hasProblem: true}")[name]; !ok {
			t.Errorf("%s is not among the clients in trouble", name)
		}
	}
	if body := p.mustPost(session, `{ unclaimedInstallations { suggestedClient { name } } }`, nil); !strings.Contains(body,
		"Livraria Folha Solta") {
		t.Errorf("the install that nobody claimed has no client: %s", body)
	}

	hub := p.panelOf("Plug4Market")
	shop := all["Mercado Boa Safra Ltda"]
	connection := shop.Products[0].Marketplaces[0].ID
	if !strings.Contains(read(t, hub), shop.Document) {
		t.Error("the panel of Plug4Market does not show the shop")
	}
	press(t, hub, "revoke", shop.Document)
	if state := p.test(session, connection); state != "CONNECTED" {
		t.Errorf("after the refusal the house's log-in has not mended the connection: it is %s", state)
	}
	press(t, hub, "new-pair", shop.Document) // the one that the portal has is dead
	if state := p.test(session, connection); state != "NEEDS_ATTENTION" {
		t.Errorf("with a dead pair the connection is %s", state)
	}
	page := read(t, hub)
	page = page[strings.Index(page, "Loja "+shop.Document):]
	pair := regexp.MustCompile(`(?s)Token de acesso</dt><dd>([^<]+)<.*?Token de renovação</dt><dd>([^<]+)<`).
		FindStringSubmatch(page)
	p.mustPost(session, `mutation($id: ID!, $access: String!, $refresh: String!) { updateMarketplace(input: {id: $id,
		config: {plug4Market: {accessToken: $access, refreshToken: $refresh}}}) { userErrors { code } } }`,
		vars{"id": connection, "access": pair[1], "refresh": pair[2]})
	if state := p.test(session, connection); state != "CONNECTED" {
		t.Errorf("with a new pair the connection is %s", state)
	}
	p.stop()
}

func TestTheMerchantConsentsInTheDemonstration(t *testing.T) {
	t.Parallel()
	p := newPlace(t).startDemo()
	session := p.logInToDemo()
	connection := p.samples(session, "")["Flor de Lis Artesanato"].Products[0].Marketplaces[0].ID

	link := regexp.MustCompile(`"url":"([^"]+)"`).FindStringSubmatch(p.mustPost(session, `mutation($id: ID!) {
		createInstallLink(input: {marketplaceId: $id}) { url userErrors { code } } }`, vars{"id": connection}))
	if link == nil {
		t.Fatal("there is no link for the merchant")
	}
	jar, err := cookiejar.New(nil)
	must.Do(t, err)
	browser := &http.Client{Jar: jar}
	consent, page := submit(t, browser, link[1], nil)
	state := consent.Query().Get("state")
	if consent.Scheme+"://"+consent.Host != p.panelOf("Nuvemshop") || state == "" ||
		!strings.Contains(page, state) || !strings.Contains(page, "Flor de Lis") {
		t.Fatalf("the link leads to %s:\n%s", consent, page)
	}
	store := regexp.MustCompile(`<option value="(\d+)">[^<]*Flor de Lis`).FindStringSubmatch(page)
	if end, page := submit(t, browser, consent.String(),
		url.Values{"state": {state}, "store": {store[1]}, "via": {"link"}}); !strings.HasPrefix(end.String(), p.URL) {
		t.Errorf("the merchant ends at %s:\n%s", end, page)
	}
	if state := p.test(session, connection); state != "CONNECTED" {
		t.Errorf("after the consent the connection is %s", state)
	}
}

func TestTheDemonstrationBeginsAnewAndTouchesNothingElse(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	p := at.startDemo()
	p.createClient(p.logInToDemo(), "Loja de Ontem", cpf(1))
	p.stop()
	must.Do(t, os.WriteFile(at.path("data-demo/notes.txt"), []byte("mine"), 0o600))

	p = at.startDemo()
	if all := p.samples(p.logInToDemo(), ""); len(all) != 10 || all["Loja de Ontem"].Name != "" {
		t.Errorf("a second start has %d clients", len(all))
	}
	p.stop()
	if _, err := os.Stat(at.path("data-demo/notes.txt")); err != nil {
		t.Error(err)
	}

	other := newPlace(t)
	other.start().stop()
	before := other.dump()
	if output, code := other.run(nil, "demo", "--providers-port=0", "--data-dir=data"); code == 0 ||
		!strings.Contains(output, "was not made by chaveiro demo") {
		t.Errorf("the demonstration took a folder that is not its own: exit %d, %s", code, output)
	}
	if other.dump() != before {
		t.Error("the refused demonstration changed the database")
	}
}

func TestTheDemonstrationSaysWhichPortIsTaken(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(t, err)
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	output, code := at.run(nil, "demo", "--providers-port", strconv.Itoa(port-1))
	if code == 0 || !strings.Contains(output, "--providers-port") {
		t.Errorf("exit %d, %s", code, output)
	}
	if _, err := os.Stat(at.path("data-demo")); err == nil {
		t.Error("a start that was refused made a data folder")
	}
}
