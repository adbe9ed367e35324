package httpserver

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/chaveiro/chaveiro/internal/base/cookie"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/install"
)

// Installs connects shops by installs, and takes the webhooks of providers.
type Installs interface {
	// FindInvitation returns the purpose of a merchant's link, or a fault.List when the link does not work.
	FindInvitation(ctx context.Context, link string) (install.Invitation, error)
	// StartByLink starts an install for the merchant, or returns a fault.List.
	StartByLink(ctx context.Context, link string) (install.Started, error)
	// Callback completes an install.
	Callback(ctx context.Context, provider, code, state, browser string) (install.Ended, error)
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
		p.write(w, r, http.StatusTooManyRequests,
			merchantPage{Text: i18n.Text(r.Context(), "graphql."+string(fault.RateLimited), answer.RetryAfter)})
	})
}

//go:embed install.html
var installFiles embed.FS

var installTemplate = template.Must(template.ParseFS(installFiles, "install.html"))

// merchantPage is the content of a page for a merchant.
type merchantPage struct {
	Lang, Nonce, Title, For, Text, Action, Button, Until string
	Good                                                 bool
}

func (p *installPages) write(w http.ResponseWriter, r *http.Request, status int, content merchantPage) {
	content.Lang = string(i18n.From(r.Context()))
	content.Title = i18n.Text(r.Context(), "install.title")
	content.Nonce = rand.Text()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+content.Nonce+
		"'; form-action 'self' https:"+devForms(p.publicURL)+"; frame-ancestors 'none'; base-uri 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	if err := installTemplate.Execute(w, content); err != nil {
		p.log.WarnContext(r.Context(), "send an install page", "err", err)
	}
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
	p.write(w, r, http.StatusOK, merchantPage{
		For:    i18n.Text(r.Context(), "install.for", invited.Client),
		Text:   i18n.Text(r.Context(), "install.lead"),
		Action: r.URL.Path,
		Button: i18n.Text(r.Context(), "install.go"),
		Until:  i18n.Text(r.Context(), "install.until", invited.ExpiresAt.Format("02/01/2006 15:04 UTC")),
	})
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
	http.Redirect(w, r, to, http.StatusSeeOther)
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
		leave(w, r, "/install/end"+result)
	case ended.ClientProductID != "":
		leave(w, r, "/clientes/"+ended.ClientID+"/produtos/"+ended.ClientProductID+result)
	default:
		leave(w, r, "/"+result)
	}
}

// end shows the merchant the outcome.
func (p *installPages) end(w http.ResponseWriter, r *http.Request) {
	ending := install.Ending(r.URL.Query().Get("install"))
	switch ending {
	case install.Done, install.Unclaimed, install.WrongShop, install.Running:
		p.write(w, r, http.StatusOK, merchantPage{Text: i18n.Text(r.Context(), "install."+string(ending)), Good: true})
	case install.Taken, install.Other, install.Rejected, install.Broken:
		p.write(w, r, http.StatusOK, merchantPage{Text: i18n.Text(r.Context(), "install."+string(ending))})
	default:
		p.write(w, r, http.StatusBadRequest, merchantPage{Text: i18n.Text(r.Context(), "install.expired")})
	}
}

// showFailure answers the request if err is not nil, and reports whether it did.
func (p *installPages) showFailure(w http.ResponseWriter, r *http.Request, err error) bool {
	var list fault.List
	switch {
	case err == nil:
		return false
	case errors.As(err, &list):
		p.write(w, r, http.StatusNotFound, merchantPage{Text: i18n.Text(r.Context(), "install.notFound")})
	case isBusy(err):
		logBusy(r.Context(), p.log, "serve an install", err)
		sayWait(w)
		p.write(w, r, http.StatusServiceUnavailable, merchantPage{Text: i18n.Text(r.Context(), "install.busy")})
	default:
		p.log.ErrorContext(r.Context(), "serve an install", "request_id", audit.OriginFrom(r.Context()).RequestID,
			"err", err)
		p.write(w, r, http.StatusInternalServerError, merchantPage{Text: i18n.Text(r.Context(), "install.failed")})
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
