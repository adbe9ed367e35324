package simulated_test

import (
	"net/http"
	"testing"
)

func TestShowKaseKnowsItsTokens(t *testing.T) {
	t.Parallel()
	providers, _ := newProviders()
	s := providers.ShowKase
	base := serve(t, s.Handler())
	s.AddShop("Boutique", "token-1")
	check := func(header, value string) said {
		t.Helper()
		return do(t, asked{url: base + "/check", header: map[string]string{header: value}})
	}
	check("Authorization", "Bearer token-1").want(t, http.StatusOK)
	check("Authorization", "token-1").want(t, http.StatusUnauthorized)
	check("Authorization", "Bearer token-2").want(t, http.StatusUnauthorized)
	check("X-Other", "token-1").want(t, http.StatusUnauthorized)

	s.SetHeader("X-Token", "")
	check("X-Token", "token-1").want(t, http.StatusOK)
	check("Authorization", "Bearer token-1").want(t, http.StatusUnauthorized)
	do(t, asked{url: base + "/check"}).want(t, http.StatusUnauthorized)

	s.Revoke("token-1")
	check("X-Token", "token-1").want(t, http.StatusUnauthorized)
	s.Restore("token-1")
	check("X-Token", "token-1").want(t, http.StatusOK)
	do(t, asked{url: base + "/other"}).want(t, http.StatusNotFound)
}
