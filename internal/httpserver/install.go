package httpserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/chaveiro/chaveiro/internal/base/contact"
	"github.com/chaveiro/chaveiro/internal/base/cookie"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/install"
)

// Installs connects shops by installs, and takes the webhooks of providers.
type Installs interface {
	// FindInvitation returns the purpose of a merchant's link, or a fault.List when there is no such link.
	FindInvitation(ctx context.Context, link string) (install.Invitation, error)
	// StartByLink starts an install for the merchant, or returns a fault.List.
	StartByLink(ctx context.Context, link string) (install.Started, error)
	// DeclineLink ends a link, or returns a fault.List.
	DeclineLink(ctx context.Context, link string) error
	// Callback completes an install.
	Callback(ctx context.Context, provider, code, state, browser string) (install.Ended, error)
	// FindEnded returns the shop of an install that a browser completed, and how it ended, or a fault.List.
	FindEnded(ctx context.Context, slot, browser string) (shop string, ending install.Ending, err error)
	// ProviderName returns what people call a provider, or "" when there is none.
	ProviderName(provider string) string
	// Webhook handles a delivery. It returns false when the delivery is not from the provider.
	Webhook(ctx context.Context, provider, topic string, header http.Header, body []byte) (bool, error)
}

const (
	maxWebhook = 64 << 10
	// webhookTime limits the handling of a delivery. Its sender waits up to 40 seconds, but should not have to.
	webhookTime = 3 * time.Second
)

// installPages are the pages for merchants, who have no account here.
type installPages struct {
	installs  Installs
	house     string
	contacts  []contact.Contact
	publicURL *url.URL
	limiter   *ratelimit.Limiter
	log       *slog.Logger
}

// counted counts a request as an unauthenticated one, and shows the merchant how long to wait when there are too many.
func (p *installPages) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := p.limiter.Request(nil, audit.OriginFrom(r.Context()).Address)
		if answer.OK {
			next.ServeHTTP(w, r)
			return
		}
		answer.SetHeaders(w.Header())
		text := i18n.Text(r.Context(), "install.throttled", answer.RetryAfter)
		p.write(w, r, http.StatusTooManyRequests, p.words(r).page("wait", "throttled", merchantPage{Text: text}))
	})
}

//go:embed install.html
var installFiles embed.FS

var installTemplate = template.Must(template.ParseFS(installFiles, "install.html"))

// merchantPage is the content of a page for a merchant.
type merchantPage struct {
	Lang, Locale, Nonce string
	// House is the name of the software house; empty when it is not known.
	House string
	// Mark is the sign beside the title: "good", "bad" or none.
	Mark        string
	Title, Text string
	// Steps are what happens when the merchant goes on, in order.
	Steps []string
	// Go and Decline are the two answers to an invitation.
	Go, Decline *merchantForm
	Until       string
	// Ask is the title of the block that says whom to call, AskText what for, and Contacts how.
	Ask, AskText string
	Contacts     []merchantContact
}

// merchantContact is a link by which the merchant reaches the software house.
type merchantContact struct {
	Text string
	URL  template.URL
}

// merchantForm is a button that sends a form.
type merchantForm struct{ Action, Button string }

// merchantWords says the sentences for a merchant: who asks, for which shop, and at which provider.
type merchantWords struct {
	pages                 *installPages
	ctx                   context.Context
	house, shop, provider string
	until                 string
}

func (p *installPages) words(r *http.Request) merchantWords {
	ctx := r.Context()
	return merchantWords{
		pages: p, ctx: ctx, house: cmp.Or(p.house, i18n.Text(ctx, "install.yourHouse")),
		shop: i18n.Text(ctx, "install.yourShop"),
	}
}

// of returns the words for a shop, unless its name is empty.
func (m merchantWords) of(shop string) merchantWords {
	if shop != "" {
		m.shop = i18n.Text(m.ctx, "install.theShop", shop)
	}
	return m
}

// say returns a sentence. Each takes what it needs of house, shop, provider and end of the link, by their numbers.
func (m merchantWords) say(key string) string {
	if text := i18n.Text(m.ctx, "install."+key); !strings.Contains(text, "%") {
		return text // it needs none of them
	}
	return i18n.Text(m.ctx, "install."+key, m.house, m.shop, m.provider, m.until)
}

// page completes a page: its title, and its text where it has none yet.
func (m merchantWords) page(title, text string, content merchantPage) merchantPage {
	content.Title = m.say("title." + title)
	if content.Text == "" {
		content.Text = m.say(text)
	}
	content.House = m.pages.house
	for _, c := range m.pages.contacts {
		// #nosec G203 -- package contact made the address, with one of its own schemes
		content.Contacts = append(content.Contacts, merchantContact{c.Text, template.URL(c.URL)})
	}
	content.Ask = cmp.Or(content.Ask, m.say("ask"))
	if len(content.Contacts) == 0 {
		content.AskText = strings.TrimSpace(content.AskText + " " + m.say("askKnown"))
	}
	return content
}

func (p *installPages) write(w http.ResponseWriter, r *http.Request, status int, content merchantPage) {
	content.Lang = string(i18n.From(r.Context()))
	content.Locale = strings.ReplaceAll(content.Lang, "-", "_")
	content.Nonce = rand.Text()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+content.Nonce+
		"'; img-src 'self'; form-action 'self' https:"+devForms(p.publicURL)+"; frame-ancestors 'none'; base-uri 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	if err := installTemplate.Execute(w, content); err != nil {
		p.log.WarnContext(r.Context(), "send an install page", "err", err)
	}
}

// brasilia is the zone that merchants are told times in. Brazil has no summer time since 2019.
var brasilia = func() *time.Location {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		return time.FixedZone("BRT", -3*60*60)
	}
	return zone
}()

// merchantTime writes an instant as a merchant reads it, with the name of its zone.
func merchantTime(ctx context.Context, at time.Time) string {
	return at.In(brasilia).Format(i18n.Text(ctx, "install.timeForm"))
}

// devForms lets the form lead to a simulated provider over plain HTTP if the portal itself is served over plain HTTP.
func devForms(publicURL *url.URL) string {
	if publicURL.Scheme == "http" {
		return " http:"
	}
	return ""
}

// invitation shows the merchant what the link is for. It does not use the link up, because link previews open it too.
func (p *installPages) invitation(w http.ResponseWriter, r *http.Request) {
	invited, err := p.installs.FindInvitation(r.Context(), chi.URLParam(r, "link"))
	if p.showFailure(w, r, err) {
		return
	}
	words := p.words(r)
	words.provider, words.until = invited.Provider, merchantTime(r.Context(), invited.ExpiresAt)
	if invited.State != install.LinkOpen {
		if invited.State == install.LinkUsed {
			words = words.of(invited.Client)
		}
		p.write(w, r, http.StatusNotFound, words.page("dead", "link."+string(invited.State), merchantPage{}))
		return
	}
	words = words.of(invited.Client)
	p.write(w, r, http.StatusOK, words.page("invitation", "lead", merchantPage{
		Steps:   []string{words.say("step.go"), words.say("step.login"), words.say("step.accept")},
		Go:      &merchantForm{Action: r.URL.Path, Button: words.say("go")},
		Until:   words.say("until"),
		Ask:     words.say("unknown"),
		AskText: words.say("unknownHelp"),
		Decline: &merchantForm{Action: r.URL.Path + "/decline", Button: words.say("decline")},
	}))
}

// decline ends a link whose merchant does not know the request.
func (p *installPages) decline(w http.ResponseWriter, r *http.Request) {
	if p.showFailure(w, r, p.installs.DeclineLink(r.Context(), chi.URLParam(r, "link"))) {
		return
	}
	p.write(w, r, http.StatusOK, p.words(r).page("declined", "declined", merchantPage{}))
}

// begin redirects the merchant to the provider, with a cookie that binds the install to this browser.
func (p *installPages) begin(w http.ResponseWriter, r *http.Request) {
	started, err := p.installs.StartByLink(r.Context(), chi.URLParam(r, "link"))
	if p.showFailure(w, r, err) {
		return
	}
	http.SetCookie(w, cookie.Install(p.publicURL, started.Slot, started.Browser.Reveal(), started.ExpiresAt))
	leave(w, r, started.URL)
}

// leave redirects without a Referer and without caching.
func leave(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther) // #nosec G710 -- a provider's page or the portal's own
}

// callback handles the redirect from the provider. It answers with a redirect, so that code and state leave the address
// bar.
func (p *installPages) callback(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	state := query.Get("state")
	// The cookie stays, because the provider may send the same callback again.
	browser := cookie.InstallOf(r, p.publicURL, install.Slot(state))
	ended, err := p.installs.Callback(r.Context(), chi.URLParam(r, "provider"), query.Get("code"), state, browser)
	if p.showFailure(w, r, err) {
		return
	}
	result := "?install=" + string(ended.Ending)
	if ended.OwnerID != "" && !ended.ByMerchant { // a merchant must not learn of other clients
		result += "&owner=" + ended.OwnerID
	}
	switch {
	case ended.ByMerchant:
		leave(w, r, "/install/end"+result+endedAt(chi.URLParam(r, "provider"), state, ended.Ending))
	case ended.ClientProductID != "":
		leave(w, r, "/clientes/"+ended.ClientID+"/produtos/"+ended.ClientProductID+result)
	default:
		leave(w, r, "/"+result)
	}
}

// endedAt returns what the page of an ending finds the provider and the shop by; nothing where there is none to find.
func endedAt(provider, state string, ending install.Ending) string {
	if ending == install.Expired {
		return ""
	}
	at := "&at=" + url.QueryEscape(provider)
	if state != "" {
		at += "&of=" + install.Slot(state)
	}
	return at
}

// end shows the merchant the outcome, and in the browser that completed the install the shop.
func (p *installPages) end(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	ending, words := install.Ending(query.Get("install")), p.words(r)
	if words.provider = p.installs.ProviderName(query.Get("at")); words.provider == "" {
		words.provider = i18n.Text(r.Context(), "install.someProvider")
	}
	slot := query.Get("of")
	if browser := cookie.InstallOf(r, p.publicURL, slot); browser != "" {
		// Without the shop's name, the page still says how it ended.
		if shop, ended, err := p.installs.FindEnded(r.Context(), slot, browser); err == nil && ended == ending {
			words = words.of(shop)
		}
	}
	switch ending {
	case install.Done:
		p.write(w, r, http.StatusOK, words.page("done", string(ending), merchantPage{Mark: "good"}))
	case install.Unclaimed, install.WrongShop, install.Running:
		p.write(w, r, http.StatusOK, words.page("received", string(ending), merchantPage{Mark: "good"}))
	case install.Taken, install.Other, install.Rejected, install.Broken:
		p.write(w, r, http.StatusOK, words.page("stopped", string(ending), merchantPage{Mark: "bad"}))
	default:
		p.write(w, r, http.StatusBadRequest, words.page("stopped", "expired", merchantPage{Mark: "bad"}))
	}
}

// showFailure answers the request if err is not nil, and reports whether it did.
func (p *installPages) showFailure(w http.ResponseWriter, r *http.Request, err error) bool {
	var list fault.List
	switch {
	case err == nil:
		return false
	case errors.As(err, &list):
		p.write(w, r, http.StatusNotFound, p.words(r).page("dead", "notFound", merchantPage{}))
	case isBusy(err):
		logBusy(r.Context(), p.log, "serve an install", err)
		sayWait(w)
		p.write(w, r, http.StatusServiceUnavailable, p.words(r).page("wait", "busy", merchantPage{}))
	default:
		p.log.ErrorContext(r.Context(), "serve an install", "request_id", audit.OriginFrom(r.Context()).RequestID,
			"err", err)
		p.write(w, r, http.StatusInternalServerError, p.words(r).page("stopped", "fault", merchantPage{Mark: "bad"}))
	}
	return true
}

// webhook handles a provider's delivery: 204 for a genuine one, 401 for any other. It counts the delivery before it
// reads the body. The provider retries a refused delivery.
func (p *installPages) webhook(w http.ResponseWriter, r *http.Request) {
	if answer := p.limiter.Webhook(audit.OriginFrom(r.Context()).Address); !answer.OK {
		answer.SetHeaders(w.Header())
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), webhookTime)
	defer cancel()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	genuine, err := p.installs.Webhook(ctx, chi.URLParam(r, "provider"), chi.URLParam(r, "topic"), r.Header, body)
	switch {
	case err != nil:
		level := slog.LevelError
		if isBusy(err) {
			level = slog.LevelWarn
		}
		p.log.Log(ctx, level, "handle a webhook", "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
		sayWait(w)
		w.WriteHeader(http.StatusServiceUnavailable) // the provider retries it
	case !genuine:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
