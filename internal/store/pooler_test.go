package store_test

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAPoolerWithoutADirectAddressIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	own := storetest.MigratedPostgres(t)
	pooled := storetest.PgBouncer(t, own, "transaction")
	for name, c := range map[string]struct{ url, direct, says string }{
		"no direct address":             {pooled, "", "--database-direct-url"},
		"a direct address that is none": {pooled, pooled, "leads to a pooler"},
		"another database's":            {pooled, storetest.MigratedPostgres(t), "two databases"},
	} {
		_, err := store.Open(t.Context(), c.url, slog.New(slog.DiscardHandler), store.Direct(c.direct))
		if !store.IsMisfit(err) || !contains(err, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two sessions of the server serve eight connections of the store, so that each transaction may get another.
func TestThePortalWorksThroughPgBouncerInTransactionMode(t *testing.T) {
	t.Parallel()
	own := storetest.MigratedPostgres(t)
	s := openWith(t, storetest.PgBouncer(t, own, "transaction"), store.Direct(own), store.Connections(8))
	ctx := asSystem(t)

	config, _ := s.ListenerConfig()
	listener, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close(ctx)
	if _, err := listener.Exec(ctx, "LISTEN test"); err != nil {
		t.Fatal(err)
	}
	prepared, err := s.DB().PrepareContext(ctx, "SELECT count(*) FROM clients WHERE document = $1")
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close()
	var work sync.WaitGroup
	for i := range 16 {
		document := strconv.Itoa(i)
		work.Go(func() {
			if err := s.Write(ctx, addClient(document)); err != nil {
				t.Errorf("write: %v", err)
			}
			for range 20 {
				var n int
				if err := prepared.QueryRowContext(ctx, document).Scan(&n); err != nil || n != 1 {
					t.Errorf("prepared: %d clients (%v), want 1", n, err)
				}
				if n, err := s.Reader().ClientRecord.Query().Where(clientrecord.Document(document)).
					Count(ctx); err != nil || n != 1 {
					t.Errorf("read: %d clients (%v), want 1", n, err)
				}
			}
		})
	}
	work.Wait()
	mustWrite(t, s, func(ctx context.Context, _ *ent.Tx) error { return s.Notify(ctx, "test", "hello") })
	if n, err := listener.WaitForNotification(ctx); err != nil || n.Payload != "hello" {
		t.Errorf("the listener gets %v (%v)", n, err)
	}
	condition, err := s.Condition(ctx)
	if err != nil || condition.Sessions == nil || len(condition.Sessions.Unlimited) != 2 {
		t.Errorf("the missing limits of the pooler's sessions are not seen: %+v (%v)", condition.Sessions, err)
	}
}

func TestAPoolerThatTakesTransactionsApartIsFound(t *testing.T) {
	t.Parallel()
	own := storetest.MigratedPostgres(t)
	for mode, want := range map[string]string{"statement": "no transaction can begin", "transaction": "", "session": ""} {
		s := openWith(t, storetest.PgBouncer(t, own, mode), store.Direct(own))
		err := s.CheckTransactions(t.Context())
		if want == "" && err != nil || want != "" && !contains(err, want) {
			t.Errorf("%s: %v", mode, err)
		}
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.CheckTransactions(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
