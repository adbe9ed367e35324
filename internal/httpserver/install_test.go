package httpserver_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/contact"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/httpserver"
)

// invitations are installs whose only link has one invitation.
type invitations struct {
	httpserver.Installs
	install.Invitation
}

func (i invitations) FindInvitation(context.Context, string) (install.Invitation, error) {
	return i.Invitation, nil
}

func (i invitations) ProviderName(string) string { return i.Provider }

func (invitations) FindEnded(_ context.Context, slot, browser string) (string, install.Ending, error) {
	return "Loja " + slot + browser, install.Done, nil
}

func TestAMerchantReadsWhoAsksForWhichShopAndWhomToCall(t *testing.T) {
	t.Parallel()
	open := install.Invitation{
		State: install.LinkOpen, Client: "Padaria <b>", Provider: "Nuvemshop",
		ExpiresAt: time.Date(2026, 12, 4, 7, 57, 0, 0, time.UTC),
	}
	in := func(state install.LinkState) install.Invitation {
		i := open
		i.State = state
		return i
	}
	house := func(i install.Invitation) func(*httpserver.Options) {
		return func(o *httpserver.Options) {
			o.Organization, o.Installs = "Casa & Cia", invitations{Invitation: i}
			o.Contacts = []contact.Contact{{Text: "(83) 3333-4444", URL: "tel:+558333334444"}}
		}
	}
	nameless := func(o *httpserver.Options) { o.Installs = invitations{Invitation: open} }
	link := get("/install/link/abc", "Accept-Language", "pt-BR")
	const whom = `<a href="tel:&#43;558333334444">(83) 3333-4444</a>`
	never := []string{"<script", "<b>", "marketplace", "UTC", "%!"}

	for name, c := range map[string]struct {
		change func(*httpserver.Options)
		scenario
	}{
		"an open link": {house(open), scenario{request: link, status: http.StatusOK, hasNot: never, has: []string{
			"A Casa &amp; Cia pede autorização para conectar a loja Padaria &lt;b&gt;", "site da Nuvemshop",
			"vale até 04/12 às 04:57 (horário de Brasília).", whom, `action="/install/link/abc/decline"`,
			`<meta property="og:site_name" content="Casa &amp; Cia">`, `<meta property="og:locale" content="pt_BR">`,
		}}},
		"in English": {house(open), scenario{request: get("/install/link/abc", "Accept-Language", "en"),
			status: http.StatusOK, hasNot: never, has: []string{
				"Casa &amp; Cia asks for permission to connect the shop Padaria &lt;b&gt;",
				"until 4 December at 04:57 (Brasília time).", "Continue to Nuvemshop", whom,
			}}},
		"of a house without a name": {nameless, scenario{request: link, status: http.StatusOK, hasNot: never,
			has: []string{"A sua software house pede", "que você já conhece", `content="Chaveiro"`}}},
		"a used link": {house(in(install.LinkUsed)), scenario{request: link, status: http.StatusNotFound,
			hasNot: append(never, "<form"), has: []string{"já foi usado", "a loja Padaria", "peça outro à Casa", whom}}},
		"a link that was taken back": {house(in(install.LinkRevoked)), scenario{request: link,
			status: http.StatusNotFound, hasNot: append(never, "<form", "Padaria"), has: []string{"foi cancelado", whom}}},
		"a link whose time is over": {house(in(install.LinkExpired)), scenario{request: link,
			status: http.StatusNotFound, hasNot: append(never, "<form", "Padaria"),
			has: []string{"expirou em 04/12 às 04:57 (horário de Brasília)", whom}}},
		"the end": {house(open), scenario{
			request: get("/install/end?install=done&at=nuvemshop&of=1", "Accept-Language", "pt-BR", "Cookie",
				"__Host-chaveiro_install_1=2"),
			status: http.StatusOK, hasNot: append(never, "<form"),
			has: []string{"Loja conectada", "a loja Loja 12 está conectada ao sistema da Casa", whom}}},
		"the end in another browser": {house(open), scenario{
			request: get("/install/end?install=done&at=nuvemshop&of=1", "Accept-Language", "pt-BR"),
			status:  http.StatusOK, hasNot: append(never, "Loja 1"), has: []string{"a sua loja está conectada", whom}}},
		"an end that failed": {house(open), scenario{
			request: get("/install/end?install=failed&at=nuvemshop", "Accept-Language", "pt-BR"),
			status:  http.StatusOK, hasNot: never,
			has: []string{"A loja não foi conectada", "Não houve resposta da Nuvemshop", whom}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, body := newPortal(t, c.change).send(t, c.request)
			if answer.StatusCode != c.status {
				t.Errorf("status %d", answer.StatusCode)
			}
			for _, text := range c.has {
				if !strings.Contains(body, text) {
					t.Errorf("%q is not in %s", text, body)
				}
			}
			for _, text := range c.hasNot {
				if strings.Contains(body, text) {
					t.Errorf("%q is in %s", text, body)
				}
			}
		})
	}
}
