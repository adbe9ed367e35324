package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/meucarrinho"
	"github.com/chaveiro/chaveiro/internal/provider/nuvemshop"
	"github.com/chaveiro/chaveiro/internal/provider/plug4market"
	"github.com/chaveiro/chaveiro/internal/provider/showkase"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// The software house at Plug4Market. It cannot reach stores of another house.
const (
	softwareHouse = simulated.SoftwareHouse
	otherHouse    = "16727230000197"
	houseLogin    = "integracao@software-house.example"
	housePassword = "senha-da-software-house"
)

// almostOver is the age of a Plug4Market pair that the portal renews soon. Renewals are due 60 to 90 minutes before the
// end, and this pair reaches that point within 1 to 31 minutes.
const almostOver = 24*time.Hour - 91*time.Minute

// shop is a client. Its made-up document has valid check digits.
type shop struct{ name, trade, document string }

// The clients, each in a different state.
var (
	// all is well
	paoDourado = shop{"Padaria Pão Dourado Ltda", "Pão Dourado", "47310825000176"}
	// a pair that is renewed soon, a key never used
	boaSafra = shop{"Mercado Boa Safra Ltda", "Boa Safra", "12ABC34501DE35"}
	// Nuvemshop waits for the merchant
	florDeLis = shop{"Flor de Lis Artesanato", "Ateliê Flor de Lis", "11144477735"}
	// an install without a connection
	folhaSolta = shop{"Livraria Folha Solta Ltda", "Folha Solta", "58120463000177"}
	// a wrong password
	vidaLeve = shop{"Farmácia Vida Leve Ltda", "Vida Leve", "69231847000183"}
	// a refused token
	viaNorte = shop{"Auto Peças Via Norte Ltda", "Via Norte", "70342918000102"}
	// a provider's fault, which passes
	doceMel = shop{"Confeitaria Doce Mel Ltda", "Doce Mel", "81453029000120"}
	// a shop that Nuvemshop suspended
	linhaFina = shop{"Confecções Linha Fina Ltda", "Linha Fina", "92564130000175"}
	// a token that nobody can test, no key
	quatroPatas = shop{"Pet Shop Quatro Patas Ltda", "Quatro Patas", "13675241000182"}
	// no product; shops to connect
	bomOlhar = shop{"Ótica Bom Olhar Ltda", "Bom Olhar", "24786352000182"}
	// a shop at Nuvemshop, not a client
	semCadastro = shop{"Brinquedos Pião Colorido Ltda", "Pião Colorido", "35897463000182"}
)

// The stores at Nuvemshop. The one whose client waits for the merchant comes first on the consent page.
const (
	florDeLisStore = 301 + iota
	paoDouradoStore
	folhaSoltaStore
	linhaFinaStore
	bomOlharStore
	semCadastroStore
)

// goodPassword is the password of every user at Meu Carrinho.
const goodPassword = simulated.ShopPassword

// seeding is the state of a running Seed.
type seeding struct {
	*portal.Portal
	providers *Providers
	product   string
}

// Seed creates the administrator and the sample clients of the demonstration. The portal must have none, and must call
// these running providers.
func (p *Providers) Seed(ctx context.Context, target *portal.Portal) error {
	if err := target.Products.Seed(ctx); err != nil {
		return err
	}
	administrator, err := target.Operators.Create(principal.AsSystem(ctx, "demonstration"), operator.Input{
		Name: operatorName, Email: Email, Password: Password, Role: principal.Admin,
	})
	if err != nil {
		return fmt.Errorf("make the administrator: %w", err)
	}
	ctx = principal.With(ctx, principal.Operator{
		ID: administrator.ID, Name: administrator.Name, Role: principal.Admin, SessionID: "demonstration",
		AuthenticatedAt: time.Now(),
	})
	sold, err := target.Store.Reader().Product.Query().Where(product.Code(products.IntegrationMarketplace)).Only(ctx)
	if err != nil {
		return fmt.Errorf("find the product: %w", err)
	}
	s := &seeding{Portal: target, providers: p, product: sold.ID}
	p.openStores()
	for _, seed := range []struct {
		of shop
		do func(context.Context, *ent.ClientRecord) error
	}{
		{paoDourado, s.allIsWell},
		{boaSafra, s.soonRenewed},
		{florDeLis, s.waiting},
		{folhaSolta, s.unclaimed},
		{vidaLeve, s.wrongPassword},
		{viaNorte, s.refusedToken},
		{doceMel, s.providersFault},
		{linhaFina, s.suspended},
		{quatroPatas, s.withoutKey},
		{bomOlhar, s.withoutProduct},
	} {
		client, err := s.Clients.Create(ctx,
			clients.CreateInput{Name: seed.of.name, TradeName: &seed.of.trade, Document: seed.of.document})
		if err == nil {
			err = seed.do(ctx, client)
		}
		if err != nil {
			return fmt.Errorf("make the client %s: %w", seed.of.name, err)
		}
	}
	return s.inventPast(ctx)
}

// openStores opens the stores at Nuvemshop without the app.
func (p *Providers) openStores() {
	for id, of := range map[int64]shop{
		florDeLisStore: florDeLis, paoDouradoStore: paoDourado, folhaSoltaStore: folhaSolta,
		linhaFinaStore: linhaFina, bomOlharStore: bomOlhar, semCadastroStore: semCadastro,
	} {
		p.Nuvemshop.AddStore(id, simulated.Store{
			Name: map[string]string{"pt": of.trade}, BusinessID: of.document, BusinessName: of.name,
			Country: "BR", Domain: fmt.Sprintf("loja%d.example", id), Plan: "Essencial",
		})
	}
}

func (s *seeding) allIsWell(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	if err := s.logIn(ctx, owned, paoDourado, "paodourado", goodPassword); err != nil {
		return err
	}
	if err := s.connectHub(ctx, owned, paoDourado, 0); err != nil {
		return err
	}
	if _, err := s.install(ctx, owned, paoDouradoStore); err != nil {
		return err
	}
	text, err := s.key(ctx, owned, "Retaguarda", nil)
	if err != nil {
		return err
	}
	const address = "127.0.0.1"
	key, err := s.Keys.Authenticate(ctx, text, address)
	if err != nil {
		return fmt.Errorf("use the key: %w", err)
	}
	s.Keys.NoteUse(key, address)
	return s.Keys.Flush(ctx)
}

func (s *seeding) soonRenewed(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	if err := s.connectHub(ctx, owned, boaSafra, almostOver); err != nil {
		return err
	}
	end := time.Now().AddDate(0, 0, 10)
	_, err = s.key(ctx, owned, "Retaguarda", &end)
	return err
}

func (s *seeding) waiting(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	_, err = s.add(ctx, owned, "Loja virtual", nuvemshop.ConfigInput{})
	return err
}

// unclaimed is a merchant who installed the app in the shop's own panel before an operator connected the shop.
func (s *seeding) unclaimed(ctx context.Context, client *ent.ClientRecord) error {
	if _, err := s.addClientProduct(ctx, client); err != nil {
		return err
	}
	return s.callback(ctx, folhaSoltaStore, "", "", install.Unclaimed)
}

func (s *seeding) wrongPassword(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	if err := s.logIn(ctx, owned, vidaLeve, "vidaleve", "senha-antiga"); err != nil {
		return err
	}
	_, err = s.key(ctx, owned, "Retaguarda", nil)
	return err
}

func (s *seeding) refusedToken(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	access, refresh := s.providers.Plug4Market.AddStore(viaNorte.document, otherHouse)
	s.providers.Plug4Market.Revoke(viaNorte.document)
	if err := s.connect(ctx, owned, "Hub",
		plug4market.ConfigInput{AccessToken: access, RefreshToken: refresh}); err != nil {
		return err
	}
	_, err = s.key(ctx, owned, "Retaguarda", nil)
	return err
}

// providersFault has one failed check, which the portal retries by itself.
func (s *seeding) providersFault(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	s.providers.MeuCarrinho.SetDown(true)
	defer s.providers.MeuCarrinho.SetDown(false)
	return s.logIn(ctx, owned, doceMel, "docemel", goodPassword)
}

func (s *seeding) suspended(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	id, err := s.install(ctx, owned, linhaFinaStore)
	if err != nil {
		return err
	}
	s.providers.Nuvemshop.Suspend(linhaFinaStore) // its webhook is not sent; the test finds the suspension too
	if err := s.test(ctx, id); err != nil {
		return err
	}
	_, err = s.key(ctx, owned, "Retaguarda", nil)
	return err
}

func (s *seeding) withoutKey(ctx context.Context, client *ent.ClientRecord) error {
	owned, err := s.addClientProduct(ctx, client)
	if err != nil {
		return err
	}
	token := "token-ficticio-quatro-patas"
	s.providers.ShowKase.AddShop(quatroPatas.trade, token)
	_, err = s.add(ctx, owned, "Vitrine", showkase.ConfigInput{Token: token})
	return err
}

// withoutProduct has a shop at every provider, for walking through all steps.
func (s *seeding) withoutProduct(context.Context, *ent.ClientRecord) error {
	for _, twin := range s.providers.Twins() {
		if twin != simulated.Twin(s.providers.Nuvemshop) { // that store is open, and waits for its merchant
			twin.Open(bomOlhar.merchant())
		}
	}
	return nil
}

func (of shop) merchant() simulated.Merchant {
	return simulated.Merchant{Name: of.trade, CNPJ: of.document}
}

// addClientProduct gives a client the product: the first step.
func (s *seeding) addClientProduct(ctx context.Context, client *ent.ClientRecord) (*ent.ClientProduct, error) {
	return s.Products.Add(ctx, products.AddInput{ClientID: client.ID, ProductID: s.product})
}

func (s *seeding) add(
	ctx context.Context, owned *ent.ClientProduct, description string, config provider.Input,
) (string, error) {
	added, err := s.Connections.Add(ctx,
		connection.AddInput{ClientProductID: owned.ID, Description: description, Config: config})
	if err != nil {
		return "", err
	}
	return added.ID, nil
}

// connect adds a marketplace and tests it.
func (s *seeding) connect(
	ctx context.Context, owned *ent.ClientProduct, description string, config provider.Input,
) error {
	id, err := s.add(ctx, owned, description, config)
	if err != nil {
		return err
	}
	return s.test(ctx, id)
}

func (s *seeding) test(ctx context.Context, id string) error {
	_, _, err := s.Keeper.Test(ctx, id)
	return err
}

// logIn creates a user at Meu Carrinho, and connects it with the given password.
func (s *seeding) logIn(ctx context.Context, owned *ent.ClientProduct, of shop, user, password string) error {
	s.providers.MeuCarrinho.AddUser(user, goodPassword, of.merchant())
	return s.connect(ctx, owned, "Delivery", meucarrinho.ConfigInput{Username: user, Password: password})
}

// connectHub creates a store at Plug4Market with a pair made some time ago, and connects it.
func (s *seeding) connectHub(ctx context.Context, owned *ent.ClientProduct, of shop, ago time.Duration) error {
	var access, refresh string
	s.providers.ago(ago, func() { access, refresh = s.providers.Plug4Market.AddStore(of.document, softwareHouse) })
	return s.connect(ctx, owned, "Hub", plug4market.ConfigInput{AccessToken: access, RefreshToken: refresh})
}

// install connects a store at Nuvemshop, as its merchant's consent does, and returns the marketplace.
func (s *seeding) install(ctx context.Context, owned *ent.ClientProduct, storeID int64) (string, error) {
	id, err := s.add(ctx, owned, "Loja virtual", nuvemshop.ConfigInput{})
	if err != nil {
		return "", err
	}
	started, err := s.Installs.StartInstall(ctx, id)
	if err != nil {
		return "", err
	}
	page, err := url.Parse(started.URL)
	if err != nil {
		return "", fmt.Errorf("read the address of the consent page: %w", err)
	}
	if err := s.callback(ctx, storeID, page.Query().Get("state"), started.Browser.Reveal(), install.Done); err != nil {
		return "", err
	}
	return id, s.test(ctx, id)
}

// callback simulates a merchant who consents and returns from Nuvemshop.
func (s *seeding) callback(ctx context.Context, storeID int64, state, browser string, want install.Ending) error {
	ended, err := s.Installs.Callback(ctx, "nuvemshop", s.providers.Nuvemshop.Authorize(storeID), state, browser)
	if err == nil && ended.Ending != want {
		err = errors.New("the install ended as " + string(ended.Ending))
	}
	return err
}

func (s *seeding) key(ctx context.Context, owned *ent.ClientProduct, name string, end *time.Time) (string, error) {
	issued, err := s.Keys.Create(ctx, accesskey.CreateInput{ClientProductID: owned.ID, Name: name, ExpiresAt: end})
	if err != nil {
		return "", err
	}
	return issued.Token.Reveal(), nil
}
