package keeper

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the database of the tests is blocked from outside

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// patience bounds the waits of a test; no test asserts how long anything takes.
const patience = 60 * time.Second

// world is a database, the simulated Plug4Market and a clock, for one process of the portal or several.
type world struct {
	t         *testing.T
	ctx       context.Context
	store     *store.Store
	keys      *seal.Keyset
	live      *live.Bus
	http      *outbound.Client
	providers provider.Registry
	fixed     providersettings.Fixed
	twin      *simulated.Plug4Market
	dir       string
	owned     *ent.ClientProduct

	mu sync.Mutex
	at time.Time
}

func newWorld(t *testing.T, s *store.Store, more ...provider.Provider) *world {
	t.Helper()
	w := &world{
		t: t, ctx: principal.AsSystem(t.Context(), "test"), store: s, dir: t.TempDir(), at: testNow,
		live: live.New(s, slog.New(slog.DiscardHandler)), providers: providers.All(),
	}
	keys, err := seal.NewKeyset()
	w.check(err)
	w.keys = keys
	w.twin = simulated.New(w.now).Plug4Market
	server := httptest.NewServer(w.twin.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(w.twin.Clear)
	at, err := url.Parse(server.URL)
	w.check(err)
	w.fixed = providersettings.Fixed{"PLUG4MARKET": {"url": server.URL}}
	hosts := []string{at.Host}
	for _, p := range more {
		w.providers[p.Code()] = p
		if served, ok := p.(interface{ host() string }); ok {
			hosts = append(hosts, served.host())
		}
	}
	w.http, err = outbound.New(outbound.Options{AllowPrivate: hosts})
	w.check(err)
	t.Cleanup(w.http.CloseIdle)
	w.write(func(ctx context.Context, tx *ent.Tx) error {
		client, err := tx.ClientRecord.Create().SetName("Loja").SetNameKey("loja").SetDocument("11222333000181").
			SetSearchText("loja").Save(ctx)
		if err != nil {
			return err
		}
		product, err := tx.Product.Create().SetCode("x").SetName("X").SetNameKey("x").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		w.owned, err = tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Save(ctx)
		return err
	})
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *world) write(fn func(context.Context, *ent.Tx) error) {
	w.t.Helper()
	w.check(w.store.Write(w.ctx, fn))
}

// process returns a keeper, like that of a process of the portal in the folder of the world.
func (w *world) process() *Keeper {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	kept, err := spool.New(spool.Options{Dir: w.dir, Keys: w.keys, Log: log, Patience: time.Millisecond})
	w.check(err)
	connections := w.connections()
	settings := providersettings.New(providersettings.Options{
		Store: w.store, Keys: w.keys, Providers: w.providers, Now: w.now, Connections: connections, Fixed: w.fixed,
		Allows: w.http.Allows, Portal: "https://portal.example",
	})
	k := New(Options{
		Store: w.store, Keys: w.keys, Providers: w.providers, Now: w.now, HTTP: w.http, Live: w.live,
		Connections: connections, Settings: settings, Spool: kept, Portal: "https://portal.example", Log: log,
	})
	w.t.Cleanup(func() {
		kept.Stop()
		k.Close()
	})
	return k
}

func (w *world) connections() *connection.Service {
	return connection.New(
		connection.Options{Store: w.store, Keys: w.keys, Providers: w.providers, Now: w.now, Live: w.live})
}

// run runs a keeper; end stops it and waits until it has ended.
func (w *world) run(k *Keeper) (stop, ended func()) {
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Run(ctx)
	}()
	ended = func() {
		w.t.Helper()
		select {
		case <-done:
		case <-time.After(patience):
			w.t.Fatal("the keeper does not end")
		}
	}
	w.t.Cleanup(func() {
		cancel()
		k.spool.Stop()
		w.twin.Clear()
		<-done
	})
	return cancel, ended
}

// add stores a connection with these secrets, which is due to be checked now.
func (w *world) add(k *Keeper, code provider.Code, secrets map[string]string, ends *time.Time) string {
	w.t.Helper()
	id := ident.New(ident.Marketplace)
	plain, expireAt := provider.Secrets{}, map[string]time.Time{}
	for name, text := range secrets {
		plain[name] = seal.NewSecret(text)
	}
	if ends != nil {
		expireAt["accessToken"] = *ends
	}
	sealed, err := k.connections.Seal(id, w.owned.ClientID, w.host(k, code), plain, expireAt, "Ana", nil)
	w.check(err)
	w.write(func(ctx context.Context, tx *ent.Tx) error {
		owner, err := products.Lock(ctx, tx, w.owned.ID, products.Marketplaces)
		w.check(err)
		_, err = k.connections.Insert(ctx, tx, owner, connection.Start{
			ID: id, Description: "Loja", Provider: code, Settings: []byte("{}"),
			Secrets: sealed, New: true, Health: provider.Health{Reason: provider.NotCheckedYet},
		})
		return err
	})
	return id
}

// host returns the host in force of a provider.
func (w *world) host(k *Keeper, code provider.Code) string {
	w.t.Helper()
	host, err := k.settings.Host(w.ctx, code)
	w.check(err)
	return host
}

// shop stores a connection to a store of the twin, that works and whose pair has been checked.
func (w *world) shop(k *Keeper, document string) string {
	w.t.Helper()
	access, refresh := w.twin.AddStore(document, "16727230000197")
	ends := w.now().Add(24 * time.Hour)
	id := w.add(k, "PLUG4MARKET", map[string]string{"accessToken": access, "refreshToken": refresh}, &ends)
	w.change(id, func(row *connection.Row) { row.ConfirmedDocument = &document }) // all shops are one client's
	w.step(k)
	if row := w.row(id); connection.State(row) != provider.Connected || row.RenewAt == nil {
		w.t.Fatalf("the new connection is %s, renewed at %v", row.HealthReason, row.RenewAt)
	}
	return id
}

func (w *world) shops(k *Keeper, n int) (ids, documents []string) {
	w.t.Helper()
	for i := range n {
		documents = append(documents, fmt.Sprintf("1122233300%04d", i))
		ids = append(ids, w.shop(k, documents[i]))
	}
	return ids, documents
}

func (w *world) step(k *Keeper) {
	w.t.Helper()
	_, err := k.Step(w.ctx)
	w.check(err)
}

func (w *world) row(id string) *ent.Marketplace {
	w.t.Helper()
	row, err := w.store.Reader().Marketplace.Get(w.ctx, id)
	w.check(err)
	return row
}

// change changes a row by hand.
func (w *world) change(id string, change func(*connection.Row)) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *ent.Tx) error {
		old, err := tx.Marketplace.Get(ctx, id)
		if err != nil {
			return err
		}
		moved := *old
		change(&moved)
		bound, err := w.connections().Bind(old, &moved)
		if err != nil {
			return err
		}
		_, err = connection.Update(ctx, tx, old, bound)
		return err
	})
}

// has fails unless the health of a connection has a reason.
func (w *world) has(id string, reason provider.Reason) {
	w.t.Helper()
	row := w.row(id)
	if want := (provider.Health{Reason: reason}); row.HealthReason != string(reason) ||
		row.HealthState != string(want.State()) {
		w.t.Errorf("it is %s (%s), want %s (%s)", row.HealthState, row.HealthReason, want.State(), reason)
	}
}

// hasPair fails unless a connection has the newest pair of a store, and no process has its lease.
func (w *world) hasPair(k *Keeper, id, document string) {
	w.t.Helper()
	row := w.row(id)
	secrets, err := k.connections.Open(w.t.Context(), row)
	w.check(err)
	if secrets["refreshToken"].Reveal() != w.twin.CurrentRefresh(document) ||
		secrets["accessToken"].Reveal() != w.twin.CurrentAccess(document) {
		w.t.Error("it has not the newest pair of the store")
	}
	if row.LeaseBy != nil || row.LeaseUntil != nil || row.RenewalBegunAt != nil {
		w.t.Errorf("it is still leased by %v until %v, begun at %v", row.LeaseBy, row.LeaseUntil, row.RenewalBegunAt)
	}
	if n := w.twin.Reuses(); n > 0 {
		w.t.Errorf("%d tokens were sent twice", n)
	}
}

// eventually waits until a condition holds.
func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	w.t.Fatalf("it never happened: %s", what)
}

func (w *world) reached(what string, reached <-chan struct{}) {
	w.t.Helper()
	select {
	case <-reached:
	case <-time.After(patience):
		w.t.Fatalf("it never happened: %s", what)
	}
}

// block stops all writes until it is undone: another connection locks the SQLite file, or PostgreSQL becomes read-only,
// as after a failover.
func (w *world) block() (undo func()) {
	w.t.Helper()
	if w.store.Dialect() == "postgres" {
		return w.makeReadOnly()
	}
	var number, name, path string
	w.check(w.store.DB().QueryRowContext(w.ctx, "PRAGMA database_list").Scan(&number, &name, &path))
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path)+"?_busy_timeout=30000")
	w.check(err)
	conn, err := db.Conn(w.ctx)
	w.check(err)
	_, err = conn.ExecContext(w.ctx, "BEGIN EXCLUSIVE")
	w.check(err)
	return w.once(func() error {
		_, err := conn.ExecContext(context.WithoutCancel(w.ctx), "ROLLBACK")
		if err == nil {
			err = conn.Close()
		}
		if err == nil {
			err = db.Close()
		}
		return err
	})
}

// refuseChanges makes every change of a connection fail at once, where block would make it wait for a lock.
func (w *world) refuseChanges() (undo func()) {
	w.t.Helper()
	if w.store.Dialect() == "postgres" {
		return w.makeReadOnly()
	}
	exec := func(ctx context.Context, statement string) error {
		return w.store.Write(ctx, func(ctx context.Context, _ *ent.Tx) error {
			_, err := store.Exec(ctx, statement)
			return err
		})
	}
	w.check(exec(w.ctx, "CREATE TRIGGER refuse BEFORE UPDATE ON marketplaces BEGIN SELECT RAISE(ABORT, 'away'); END"))
	return w.once(func() error { return exec(context.WithoutCancel(w.ctx), "DROP TRIGGER refuse") })
}

func (w *world) makeReadOnly() (undo func()) {
	w.t.Helper()
	conn, err := w.store.DB().Conn(w.ctx)
	w.check(err)
	var name string
	w.check(conn.QueryRowContext(w.ctx, "SELECT current_database()").Scan(&name))
	set := func(to string) error {
		for _, statement := range []string{
			"SET default_transaction_read_only = off",
			"ALTER DATABASE " + name + " SET default_transaction_read_only = " + to,
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> " +
				"pg_backend_pid()",
		} {
			if _, err := conn.ExecContext(context.WithoutCancel(w.ctx), statement); err != nil {
				return fmt.Errorf("%s: %w", strings.Fields(statement)[0], err)
			}
		}
		return nil
	}
	w.check(set("on"))
	return w.once(func() error {
		if err := set("off"); err != nil {
			return err
		}
		return conn.Close()
	})
}

func (w *world) once(undo func() error) func() {
	undone := sync.OnceFunc(func() {
		if err := undo(); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(undone)
	return undone
}

// events returns how many audit events of an action there are.
func (w *world) events(action string) int {
	w.t.Helper()
	all, err := w.store.Reader().AuditEvent.Query().All(w.ctx)
	w.check(err)
	n := 0
	for _, event := range all {
		if event.Action == action {
			n++
		}
	}
	return n
}

func sealedText(text string) seal.Secret { return seal.NewSecret(text) }
