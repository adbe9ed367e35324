package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/product"
	_ "github.com/chaveiro/chaveiro/ent/runtime"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// batch is how many shops one transaction makes.
const batch = 250

// shop is a client with a Plug4Market connection, and its access key where it has one.
type shop struct {
	store, connection, key string
}

// stand is the state of a seeded connection: when its credentials end, and when its next renewal and check are due; nil
// means never.
type stand struct {
	ends             time.Time
	renewAt, checkAt *time.Time
	key              bool
}

// installed is an installation that was opened beside the program.
type installed struct {
	store       *store.Store
	keys        *seal.Keyset
	connections *connection.Service
}

// open opens the installation of a place, and makes it where there is none.
func (at *place) open() installed {
	at.t.Helper()
	ctx, log := principal.AsSystem(context.Background(), "test"), slog.New(slog.NewTextHandler(io.Discard, nil))
	must.Do(at.t, os.MkdirAll(at.path("data"), 0o700))
	must.Do(at.t, store.Migrate(ctx, at.databaseURL(), log))
	s, err := store.Open(ctx, at.databaseURL(), log)
	must.Do(at.t, err)
	keys, err := keyring.OpenKeyset(ctx, s, at.path("data.master.key"), at.path("data"), log)
	must.Do(at.t, err)
	audit.Keep(s, keys)
	must.Do(at.t, audit.Begin(ctx, s))
	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	connections := connection.New(connection.Options{Store: s, Keys: keys, Providers: providers.All(), Now: now})
	return installed{s, keys, connections}
}

// seed makes n shops that the hub knows, before the program starts.
func (at *place) seed(h *hub, n int, standOf func(i int) stand) []shop {
	at.t.Helper()
	in := at.open()
	defer func() { must.Do(at.t, in.store.Close()) }()
	ctx := principal.AsSystem(context.Background(), "test")
	must.Do(at.t, products.New(in.store, nil, time.Now).Seed(ctx))
	sold, err := in.store.Reader().Product.Query().Where(product.Code(products.IntegrationMarketplace)).Only(ctx)
	must.Do(at.t, err)
	known, err := in.store.Reader().Marketplace.Query().Count(ctx)
	must.Do(at.t, err)
	var shops []shop
	for from := 0; from < n; from += batch {
		made := make([]shop, 0, batch)
		must.Do(at.t, in.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			made = made[:0]
			b := builder{installed: in, tx: tx, sold: sold.ID}
			for i := from; i < min(from+batch, n); i++ {
				one, err := b.add(at.t, h, known+i, standOf(i))
				if err != nil {
					return err
				}
				made = append(made, one)
			}
			return b.save(ctx)
		}))
		shops = append(shops, made...)
	}
	return shops
}

// builder makes the rows of some shops.
type builder struct {
	installed
	tx   *ent.Tx
	sold string

	clients     []*ent.ClientRecordCreate
	owned       []*ent.ClientProductCreate
	connections []*ent.MarketplaceCreate
	keys        []*ent.AccessKeyCreate
}

func (b *builder) add(t *testing.T, h *hub, n int, as stand) (shop, error) {
	t.Helper()
	document, access, refresh := h.addStore(t, n)
	made := shop{store: document, connection: ident.New(ident.Marketplace)}
	clientID, ownedID, name := ident.New(ident.Client), ident.New(ident.ClientProduct), fmt.Sprintf("Loja %d", n)
	b.clients = append(b.clients, b.tx.ClientRecord.Create().
		SetID(clientID).SetName(name).SetTradeName(name).SetDocument(document).
		SetNameKey(search.Fold(name)).SetSearchText(clients.SearchText(name, name, document)))
	b.owned = append(b.owned, b.tx.ClientProduct.Create().SetID(ownedID).SetClientID(clientID).SetProductID(b.sold))
	sealing, err := b.installed.connections.Seal(made.connection, clientID, h.host, provider.Secrets{
		"accessToken": seal.NewSecret(access), "refreshToken": seal.NewSecret(refresh),
	}, map[string]time.Time{"accessToken": as.ends}, "test", nil)
	if err != nil {
		return shop{}, err
	}
	row, err := b.installed.connections.Bind(nil, &connection.Row{
		ID: made.connection, ClientID: clientID, SecretsSealed: sealing.Sealed, SecretsHost: &sealing.Host,
		CredentialVersion: 1,
	})
	if err != nil {
		return shop{}, err
	}
	checked := as.ends.Add(-24 * time.Hour)
	b.connections = append(b.connections, b.tx.Marketplace.Create().
		SetID(made.connection).SetClientProductID(ownedID).SetClientID(clientID).SetProvider("PLUG4MARKET").
		SetDescription("Hub").SetSettings([]byte(`{}`)).SetSecretsSealed(row.SecretsSealed).SetSecretsHost(sealing.Host).
		SetSecretStates(sealing.States).
		SetCredentialsExpireAt(as.ends).SetExternalAccount(document).SetAccountDocument(document).SetCredentialVersion(1).
		SetHealthState("CONNECTED").SetHealthReason("CHECK_PASSED").SetHealthSince(checked).SetLastCheckedAt(checked).
		SetNillableRenewAt(as.renewAt).SetNillableNextCheckAt(as.checkAt))
	if !as.key {
		return made, nil
	}
	secret, err := token.New(token.Test)
	if err != nil {
		return shop{}, err
	}
	made.key = secret.Reveal()
	b.keys = append(b.keys, b.tx.AccessKey.Create().
		SetClientProductID(ownedID).SetClientID(clientID).SetName("Retaguarda").SetCreatedBy("test").
		SetVisiblePart(secret.VisiblePart()).SetLast4(secret.Last4()).SetHash(secret.Hash()))
	return made, nil
}

func (b *builder) save(ctx context.Context) error {
	return errors.Join(
		b.tx.ClientRecord.CreateBulk(b.clients...).Exec(ctx),
		b.tx.ClientProduct.CreateBulk(b.owned...).Exec(ctx),
		b.tx.Marketplace.CreateBulk(b.connections...).Exec(ctx),
		b.tx.AccessKey.CreateBulk(b.keys...).Exec(ctx),
	)
}

// due is a pair that is to be renewed now and ends within the hour, a second after the one before it.
func due(i int) stand {
	now := time.Now().UTC().Truncate(time.Microsecond)
	at := now.Add(-time.Minute + time.Duration(i)*time.Millisecond)
	return stand{ends: now.Add(40*time.Minute + time.Duration(i)*time.Second), renewAt: &at, checkAt: &at}
}

// ballast is a pair that counts as due but is not checked by a proof. Some thousand of them raise the rate limit, which
// follows the load, so that a proof of a minute makes enough renewals.
func ballast(i int) stand {
	as := due(i)
	as.checkAt = nil
	return as
}

// standing counts the connections by state and reason.
func (at *place) standing() map[string]int {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	rows, err := db.Query(`SELECT health_state || ' ' || health_reason, COUNT(*) FROM marketplaces
		WHERE next_check_at IS NOT NULL OR health_state = 'NEEDS_ATTENTION' GROUP BY 1`)
	must.Do(at.t, err)
	defer func() { _ = rows.Close() }()
	found := map[string]int{}
	for rows.Next() {
		var how string
		var n int
		must.Do(at.t, rows.Scan(&how, &n))
		found[how] = n
	}
	must.Do(at.t, rows.Err())
	return found
}

// wantCurrent checks that the portal has the latest pair of each shop.
func (at *place) wantCurrent(h *hub, shops []shop) {
	at.t.Helper()
	in := at.open()
	defer func() { must.Do(at.t, in.store.Close()) }()
	ctx := principal.AsSystem(context.Background(), "test")
	for _, one := range shops {
		row, err := in.store.Reader().Marketplace.Query().Where(marketplace.ID(one.connection)).Only(ctx)
		must.Do(at.t, err)
		secrets, err := in.connections.Open(ctx, row)
		must.Do(at.t, err)
		if secrets["refreshToken"].Reveal() != h.CurrentRefresh(one.store) ||
			secrets["accessToken"].Reveal() != h.CurrentAccess(one.store) {
			at.t.Errorf("the pair of %s is not the hub's newest: %s %s, begun %v, lease %v",
				one.store, row.HealthState, row.HealthReason, row.RenewalBegunAt, row.LeaseBy)
		}
	}
}
