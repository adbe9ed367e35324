package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
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

// kind is a connection of a client: its plain settings, the name of its secret, and why the provider refuses that.
type kind struct {
	provider, settings, secret string
	refused                    provider.Reason
}

var kinds = []kind{
	{"MEU_CARRINHO", `{"username":"integracao"}`, "password", provider.PasswordRefused},
	{"SHOWKASE", `{}`, "token", provider.TokenRefused},
}

// seed makes n clients, each with the product Integration Marketplace and two marketplaces, and all but every
// twentieth with an access key. The same n always gives the same names and documents.
func seed(ctx context.Context, s *store.Store, keys *seal.Keyset, n int, log *slog.Logger) error {
	some, err := s.Reader().ClientRecord.Query().Exist(ctx)
	if err != nil {
		return err
	}
	if some {
		return errors.New("there are clients already: seed only a new installation")
	}
	if err := products.New(s, nil, time.Now).Seed(ctx); err != nil {
		return err
	}
	sold, err := s.Reader().Product.Query().Where(product.Code(products.IntegrationMarketplace)).Only(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same samples each time
	for from := 0; from < n; from += batch {
		err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			return seedBatch(ctx, tx, keys, random, sold.ID, from, min(from+batch, n))
		})
		if err != nil {
			return fmt.Errorf("clients %d and on: %w", from, err)
		}
		log.Info("seeded", "clients", min(from+batch, n), "of", n)
	}
	log.Info("done", "clients", n, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

func seedBatch(
	ctx context.Context, tx *ent.Tx, keys *seal.Keyset, random *rand.Rand, productID string, from, to int,
) error {
	var (
		rows        []*ent.ClientRecordCreate
		owned       []*ent.ClientProductCreate
		connections []*ent.MarketplaceCreate
		accessKeys  []*ent.AccessKeyCreate
	)
	pick := func(of []string) string { return of[random.IntN(len(of))] }
	for i := from; i < to; i++ {
		document, err := brdoc.CompleteCNPJ(fmt.Sprintf("%08d0001", 10_000_000+i*7))
		if err != nil {
			return err
		}
		trade := pick(trades) + " " + pick(saints)
		name := fmt.Sprintf("%s %s Ltda", trade, pick(owners))
		clientID, ownedID := ident.New(ident.Client), ident.New(ident.ClientProduct)
		worst := "0"
		for _, kind := range kinds {
			health := provider.Health{Reason: provider.CheckPassed}
			if random.IntN(refusedOneIn) == refusedOneIn-1 {
				health.Reason = kind.refused
			}
			worst = max(worst, health.State().Trouble())
			connection, err := connect(tx, keys, clientID, ownedID, kind, health)
			if err != nil {
				return err
			}
			connections = append(connections, connection)
		}
		rows = append(rows, tx.ClientRecord.Create().
			SetID(clientID).SetName(name).SetTradeName(trade).SetDocument(document.String()).SetTrouble(worst).
			SetNameKey(search.Fold(name)).SetSearchText(clients.SearchText(name, trade, document.String())))
		owned = append(owned, tx.ClientProduct.Create().SetID(ownedID).SetClientID(clientID).SetProductID(productID))
		if i%20 == 0 {
			continue
		}
		secret, err := token.New(token.Live)
		if err != nil {
			return err
		}
		accessKeys = append(accessKeys, tx.AccessKey.Create().
			SetClientProductID(ownedID).SetClientID(clientID).SetName("Retaguarda").SetCreatedBy("seed").
			SetVisiblePart(secret.VisiblePart()).SetLast4(secret.Last4()).SetHash(secret.Hash()))
	}
	return errors.Join(
		tx.ClientRecord.CreateBulk(rows...).Exec(ctx),
		tx.ClientProduct.CreateBulk(owned...).Exec(ctx),
		tx.Marketplace.CreateBulk(connections...).Exec(ctx),
		tx.AccessKey.CreateBulk(accessKeys...).Exec(ctx),
	)
}

// connect makes a connection of a client with a made-up secret; the caller saves it.
func connect(
	tx *ent.Tx, keys *seal.Keyset, clientID, ownedID string, of kind, health provider.Health,
) (*ent.MarketplaceCreate, error) {
	id := ident.New(ident.Marketplace)
	sealed, err := keys.Seal(seal.Place{
		Table: marketplace.Table, Column: marketplace.FieldSecretsSealed, RowID: id, ClientID: clientID,
	}, fmt.Appendf(nil, `{%q:"secret of %s"}`, of.secret, id))
	if err != nil {
		return nil, fmt.Errorf("seal the secret of marketplace %s: %w", id, err)
	}
	return tx.Marketplace.Create().
		SetID(id).SetClientProductID(ownedID).SetClientID(clientID).SetProvider(of.provider).
		SetDescription("Loja principal").SetSettings([]byte(of.settings)).SetSecretsSealed(sealed).
		SetSecretStates(map[string]secretstate.State{
			of.secret: {SetAt: time.Now().UTC(), SetBy: "seed", Fingerprint: "00000000"},
		}).
		SetCredentialVersion(1).SetHealthState(string(health.State())).SetHealthReason(string(health.Reason)), nil
}
