package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/bench/limit"
	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// batch is how many clients one transaction makes.
const batch = 500

// The parts of which names are made: about as many names share a word as in a real list.
var (
	trades = []string{"Padaria", "Mercado", "Farmácia", "Papelaria", "Açougue", "Auto Peças", "Confecções", "Móveis",
		"Calçados", "Ótica", "Livraria", "Pet Shop"}
	saints = []string{"São João", "Santa Rita", "Nossa Senhora da Conceição", "Boa Esperança", "Bom Jesus", "Central",
		"Paraíba", "do Sertão", "Avenida", "União", "Progresso", "Três Irmãos"}
	owners = []string{"Araújo", "Brandão", "Conceição", "Dantas", "Evangelista", "Falcão", "Guimarães", "Holanda",
		"Inácio", "Lacerda", "Magalhães", "Nóbrega"}
)

// One connection of refusedOneIn has credentials that its provider refuses.
const refusedOneIn = 10

// kind is a connection of a client: its plain settings, the name of its secret, why the provider refuses that, and what
// a back-office is answered, with the secret and the shop's number in their places.
type kind struct {
	provider, settings, secret string
	refused                    provider.Reason
	credentials                string
}

var kinds = []kind{
	{"MEU_CARRINHO", `{"username":"integracao"}`, "password", provider.PasswordRefused,
		`{"username":"integracao","password":"SECRET"}`},
	{"NUVEMSHOP", `{}`, "accessToken", provider.AccessRevoked,
		`{"storeId":"SHOP","accessToken":"SECRET","headerName":"Authentication","headerValue":"bearer SECRET"}`},
	{"SHOWKASE", `{}`, "token", provider.TokenRefused, `{"token":"SECRET"}`},
}

// seed makes n clients, each with the product Integration Marketplace and three marketplaces, and all but every
// twentieth with an access key, and returns them. The same n always gives the same names and documents.
func seed(ctx context.Context, s *store.Store, keys *seal.Keyset, n int, log *slog.Logger) ([]limit.Shop, error) {
	some, err := s.Reader().ClientRecord.Query().Exist(ctx)
	if err != nil {
		return nil, err
	}
	if some {
		return nil, errors.New("there are clients already: seed only a new installation")
	}
	sold, err := soldProduct(ctx, s)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same samples each time
	shops := make([]limit.Shop, 0, n)
	for from := 0; from < n; from += batch {
		var made []limit.Shop
		err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
			made, err = seedBatch(ctx, tx, keys, random, sold.ID, from, min(from+batch, n))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("clients %d and on: %w", from, err)
		}
		shops = append(shops, made...)
		log.Info("seeded", "clients", min(from+batch, n), "of", n)
	}
	log.Info("done", "clients", n, "took", time.Since(began).Round(time.Millisecond))
	return shops, nil
}

// soldProduct returns the product that the portal sells from its first start.
func soldProduct(ctx context.Context, s *store.Store) (*ent.Product, error) {
	if err := products.New(s, nil, time.Now).Seed(ctx); err != nil {
		return nil, err
	}
	return s.Reader().Product.Query().Where(product.Code(products.IntegrationMarketplace)).Only(ctx)
}

func seedBatch(
	ctx context.Context, tx *ent.Tx, keys *seal.Keyset, random *rand.Rand, productID string, from, to int,
) ([]limit.Shop, error) {
	var (
		shops       []limit.Shop
		rows        []*ent.ClientRecordCreate
		owned       []*ent.ClientProductCreate
		connections []*ent.MarketplaceCreate
		accessKeys  []*ent.AccessKeyCreate
	)
	since := time.Now().UTC().Truncate(time.Second)
	for i := from; i < to; i++ {
		shop, err := nameShop(random, i)
		if err != nil {
			return nil, err
		}
		worst := "0"
		for _, kind := range kinds {
			health := provider.Health{Reason: provider.CheckPassed}
			if random.IntN(refusedOneIn) == refusedOneIn-1 {
				health.Reason = kind.refused
			}
			worst = max(worst, health.State().Trouble())
			connection, made, err := connect(tx, keys, shop, kind, health, since)
			if err != nil {
				return nil, err
			}
			connections = append(connections, connection)
			shop.Marketplaces = append(shop.Marketplaces, made)
		}
		rows = append(rows, tx.ClientRecord.Create().
			SetID(shop.ClientID).SetName(shop.Name).SetTradeName(shop.TradeName).SetDocument(shop.Document).SetTrouble(worst).
			SetNameKey(shop.NameKey).SetSearchText(shop.SearchText))
		owned = append(owned, tx.ClientProduct.Create().
			SetID(shop.ClientProductID).SetClientID(shop.ClientID).SetProductID(productID))
		if i%20 != 0 {
			secret, err := token.New(token.Live)
			if err != nil {
				return nil, err
			}
			shop.AccessKey, shop.AccessKeyID, shop.AccessKeyOf = secret.Reveal(), ident.New(ident.AccessKey), "Retaguarda"
			accessKeys = append(accessKeys, tx.AccessKey.Create().SetID(shop.AccessKeyID).
				SetClientProductID(shop.ClientProductID).SetClientID(shop.ClientID).
				SetName(shop.AccessKeyOf).SetCreatedBy("seed").
				SetVisiblePart(secret.VisiblePart()).SetLast4(secret.Last4()).SetHash(secret.Hash()))
		}
		shops = append(shops, shop)
	}
	return shops, errors.Join(
		tx.ClientRecord.CreateBulk(rows...).Exec(ctx),
		tx.ClientProduct.CreateBulk(owned...).Exec(ctx),
		tx.Marketplace.CreateBulk(connections...).Exec(ctx),
		tx.AccessKey.CreateBulk(accessKeys...).Exec(ctx),
	)
}

// nameShop makes the i-th shop, without its connections and its access key.
func nameShop(random *rand.Rand, i int) (limit.Shop, error) {
	pick := func(of []string) string { return of[random.IntN(len(of))] }
	document, err := brdoc.CompleteCNPJ(fmt.Sprintf("%08d0001", 10_000_000+i*7))
	if err != nil {
		return limit.Shop{}, err
	}
	trade := pick(trades) + " " + pick(saints)
	name := fmt.Sprintf("%s %s Ltda", trade, pick(owners))
	return limit.Shop{
		ClientID: ident.New(ident.Client), ClientProductID: ident.New(ident.ClientProduct),
		Name: name, TradeName: trade, Document: document.String(),
		NameKey: search.Fold(name), SearchText: clients.SearchText(name, trade, document.String()),
	}, nil
}

// connect makes a connection of a shop with a made-up secret; the caller saves it.
func connect(
	tx *ent.Tx, keys *seal.Keyset, shop limit.Shop, of kind, health provider.Health, since time.Time,
) (*ent.MarketplaceCreate, limit.Marketplace, error) {
	id := ident.New(ident.Marketplace)
	secret := "secret of " + id
	settings := providers.All()[provider.Code(of.provider)].Settings()
	host := provider.Host(settings, providersettings.Plain(settings, nil, nil), provider.OfConnection)
	sealed, err := keys.Seal(seal.Place{
		Table: marketplace.Table, Column: marketplace.FieldSecretsSealed, RowID: id, ClientID: shop.ClientID, Host: host,
		Version: "1",
	}, fmt.Appendf(nil, `{%q:%q}`, of.secret, secret))
	if err != nil {
		return nil, limit.Marketplace{}, fmt.Errorf("seal the secret of marketplace %s: %w", id, err)
	}
	made := limit.Marketplace{
		ID: id, Provider: of.provider, Description: "Loja principal",
		HealthState: string(health.State()), HealthReason: string(health.Reason), HealthSince: instant.Text(since),
		Credentials: strings.NewReplacer("SECRET", secret, "SHOP", shop.Document).Replace(of.credentials),
	}
	create := tx.Marketplace.Create().
		SetID(id).SetClientProductID(shop.ClientProductID).SetClientID(shop.ClientID).SetProvider(of.provider).
		SetDescription(made.Description).SetSettings([]byte(of.settings)).SetSecretsSealed(sealed).SetSecretsHost(host).
		SetSecretStates(map[string]secretstate.State{
			of.secret: {SetAt: since, SetBy: "seed", Fingerprint: "00000000"},
		}).
		SetCredentialVersion(1).SetHealthState(made.HealthState).SetHealthReason(made.HealthReason).SetHealthSince(since)
	if strings.Contains(of.credentials, "SHOP") {
		create.SetExternalAccount(shop.Document)
	}
	return create, made, nil
}
