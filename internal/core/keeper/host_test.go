package keeper

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Proves: 10.7
func TestSecretsGoToTheHostAloneThatTheyWereEnteredFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var reached atomic.Int64
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			reached.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		t.Cleanup(other.Close)
		own, theirs := w.fixed, providersettings.Fixed{"PLUG4MARKET": {"url": other.URL}}
		var hosts []string
		for _, address := range []string{own["PLUG4MARKET"]["url"], other.URL} {
			u, err := url.Parse(address)
			w.check(err)
			hosts = append(hosts, u.Host)
		}
		var err error
		w.http, err = outbound.New(outbound.Options{AllowPrivate: hosts})
		w.check(err)
		t.Cleanup(w.http.CloseIdle)
		id := w.shop(w.process(), document)

		// A day later the pair is due to be renewed, by a process with another address in its settings.
		w.advance(24 * time.Hour)
		w.fixed = theirs
		k := w.process()
		w.step(k)
		w.has(id, provider.HostChanged)
		if n := reached.Load(); n != 0 {
			t.Fatalf("the other host was called %d times", n)
		}
		if secrets, err := k.connections.Open(t.Context(), w.row(id)); err != nil || secrets["refreshToken"].IsZero() {
			t.Errorf("the pair is not kept: %v", err)
		}

		w.fixed = own
		k = w.process()
		w.check(k.planReturns(w.ctx))
		w.step(k)
		w.has(id, provider.CheckPassed)
		w.hasPair(k, id, document)
	})
}
