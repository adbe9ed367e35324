package demo

import (
	"context"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/plug4market"
)

func TestThePortalOfTheDemonstrationGetsPairsForTheStoresOfItsHouse(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	p, err := Listen(ctx, 0, "http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	client, err := outbound.New(outbound.Options{AllowPrivate: p.Hosts()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)

	hub := plug4market.Provider{}
	values := provider.Values{}
	for _, setting := range hub.Settings() {
		values[setting.Name] = setting.Default
	}
	for name, value := range p.Settings()["PLUG4MARKET"] {
		values[name] = value
	}
	c := provider.Call{HTTP: client, Settings: values, Now: time.Now()}
	entered := hub.Enter(ctx, c)
	if !hub.CanMint(values) || entered.Outcome != provider.OK {
		t.Fatalf("the house enters with %+v", entered.Result)
	}
	p.Plug4Market.AddStore(boaSafra.document, softwareHouse)
	p.Plug4Market.AddStore(viaNorte.document, otherHouse)
	for _, tt := range []struct {
		store   string
		session seal.Secret
		want    provider.Reason
	}{
		{boaSafra.document, entered.Session, provider.CheckPassed},
		{viaNorte.document, entered.Session, provider.StoreUnknown},
		{boaSafra.document, seal.NewSecret("another"), provider.SessionEnded},
	} {
		if got := hub.Mint(ctx, c, tt.session, tt.store); got.Reason != tt.want {
			t.Errorf("%s: the result is %+v, want %s", tt.store, got.Result, tt.want)
		}
	}
}
