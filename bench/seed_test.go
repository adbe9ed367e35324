package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestASeedFillsAnEmptyFolderAsThePortalWouldAndOnlyOnce(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, databaseURL string) {
		dir := filepath.Join(t.TempDir(), "data-bench")
		command := seedCommand{Clients: 60, DataDir: dir, DatabaseURL: databaseURL}
		if err := command.Run(); err != nil {
			t.Fatal(err)
		}

		ctx := principal.AsSystem(t.Context(), "test")
		s, keys, err := keyring.Open(ctx, keyring.Places{
			DatabaseURL: databaseURL, DataDir: dir, MasterKeyFile: dir + ".master.key",
		}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		first := 60
		list, err := clients.New(s, keys, nil, time.Now).List(ctx, clients.ListInput{
			OrderBy: clients.ByTrouble, Desc: true, Page: page.Args{First: &first},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantWorstFirst(t, s, list)
		counts, err := keyring.OpenAll(ctx, s, keys)
		if err != nil {
			t.Fatal(err)
		}
		for _, count := range counts {
			if count.Failed > 0 {
				t.Errorf("%s: %d of %d values do not open", count.Sealed, count.Failed, count.Values)
			}
		}
		unbound, err := s.Reader().Marketplace.Query().Where(marketplace.SecretsHostIsNil()).Count(ctx)
		if err != nil || unbound > 0 {
			t.Errorf("a start has to bind %d secrets to their hosts (%v), beside what is measured", unbound, err)
		}

		if err := command.Run(); err == nil || !strings.Contains(err.Error(), "there are clients already") {
			t.Errorf("a second seed gave %v", err)
		}
	})
}

// wantWorstFirst checks that clients whose connections are in trouble come before all others, and that there are both.
func wantWorstFirst(t *testing.T, s *store.Store, list *page.Connection[*ent.ClientRecord]) {
	t.Helper()
	var order []string
	for _, edge := range list.Edges {
		worst := "0"
		connections, err := s.Reader().Marketplace.Query().Where(marketplace.ClientID(edge.Node.ID)).
			All(principal.AsSystem(t.Context(), "test"))
		if err != nil {
			t.Fatal(err)
		}
		for _, connection := range connections {
			worst = max(worst, provider.State(connection.HealthState).Trouble())
		}
		order = append(order, worst)
	}
	got := strings.Join(order, "")
	troubled, fine := strings.Count(got, "3"), strings.Count(got, "0")
	if troubled == 0 || fine == 0 || got != strings.Repeat("3", troubled)+strings.Repeat("0", fine) {
		t.Errorf("sorted by trouble, the worst first, the clients' worst connections are %s", got)
	}
}
