// Package simulated plays the providers over HTTP, for tests and for the
// demonstration: no shop, token or password here is anybody's.
//
//	providers := simulated.New(time.Now)
//	access, refresh := providers.Plug4Market.AddStore("11222333000181", "16727230000197")
//	server := httptest.NewServer(providers.Plug4Market.Handler())
//
// Each provider is one HTTP server with the calls that the portal makes of it, as
// far as public documents and code tell. Where they disagree or say nothing, there
// is an option for each of the answers that one has to expect.
//
// What goes wrong is up to the caller. Every provider embeds Faults: a fault
// scripted for the next call, one for all of them, or one at random; and Hold and
// HoldAnswer, which stop a call before the provider does it, or after, so that a
// test can end the portal in just that moment. Calls tells what arrived.
//
// GET / is a panel for a person, in Portuguese, that shows the shops with their
// tokens and has a button for each thing that can happen to one.
//
// All state is in memory, under one mutex for each provider, and bounded. The clock
// is the caller's: an expiry or a grace period passes when it says so. Only waiting
// (a delay, a hold) is real.
package simulated

import (
	"crypto/rand"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"
)

// A shopper who exists nowhere. Orders and LGPD deliveries name her, so that a test
// can show that the portal kept nothing of her.
const (
	Shopper         = "Fulana Fictícia de Souza"
	ShopperEmail    = "fulana.ficticia@comprador.example"
	ShopperDocument = "12345678909"
)

// Providers are the simulated providers.
type Providers struct {
	Nuvemshop   *Nuvemshop
	Plug4Market *Plug4Market
	MeuCarrinho *MeuCarrinho
	ShowKase    *ShowKase
}

// New returns the providers, without shops, on the given clock.
func New(now func() time.Time) *Providers {
	return &Providers{newNuvemshop(now), newPlug4Market(now), newMeuCarrinho(now), newShowKase(now)}
}

// Twins are all providers, in the order of their ports in the demonstration: a new one goes to the end.
func (p *Providers) Twins() []Twin {
	return []Twin{p.Nuvemshop, p.Plug4Market, p.MeuCarrinho, p.ShowKase}
}

// Twin is one provider, with what callers need of each provider alike.
type Twin interface {
	// Code is its value of the enum Provider.
	Code() string
	// Name is its proper name.
	Name() string
	// Handler serves its API, and its panel at /.
	Handler() http.Handler
	// Values are the settings that make the portal call it at this address.
	Values(url string) map[string]string
	// Open opens a shop and returns what connects it.
	Open(Merchant) Opened

	faults() *Faults
}

// Merchant is whose a shop is.
type Merchant struct {
	Name string
	CNPJ string
}

// Opened is what connects a shop that was opened.
type Opened struct {
	// Typed is what a person types, by the name of the field.
	Typed map[string]string
	// Account and Installed are what an install gives where nobody types: the shop's number, and its secrets by name.
	Account   string
	Installed map[string]string
}

// Faults returns the faults of all providers, to set them alike: down, slow, or a fault.
func (p *Providers) Faults() []*Faults {
	var all []*Faults
	for _, twin := range p.Twins() {
		all = append(all, twin.faults())
	}
	return all
}

// word is a name as a part of a log-in or a token: small, and without spaces.
func word(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "")) }

// object is a JSON object to answer with.
type object map[string]any

func writeJSON(w http.ResponseWriter, status int, value any) {
	writeAs(w, "application/json; charset=utf-8", status, value)
}

func writeAs(w http.ResponseWriter, contentType string, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // a value of this package always encodes
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// isJSON reports whether a call says that it sends JSON.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// newToken returns a random opaque token.
func newToken() string { return rand.Text() }
