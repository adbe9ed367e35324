package graph

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientcontact"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/clienttag"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/base/page"
	keys "github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/finder"
	"github.com/chaveiro/chaveiro/internal/core/install"
)

// maxKeysShown caps the access keys that the page of one client product reads. The list of access keys has all.
const maxKeysShown = 100

// loaders read rows and edges for one response. Each row read announces the ids that may be asked for next. The first
// Load of one of these ids reads them all in one statement, so a page costs the same number of statements however many
// rows it has. The privacy policies apply as to every query.
type loaders struct {
	operator      *loader[*ent.Operator]
	client        *loader[*ent.ClientRecord]
	clientContact *loader[*ent.ClientContact]
	clientNote    *loader[*ent.ClientNote]
	product       *loader[*ent.Product]
	clientProduct *loader[*ent.ClientProduct]
	marketplace   *loader[*ent.Marketplace]
	accessKey     *loader[*ent.AccessKey]
	serviceToken  *loader[*ent.ServiceToken]

	auditEvent     *loader[*ent.AuditEvent]
	credentialRead *loader[*ent.CredentialRead]
	incident       *loader[*ent.ProviderIncident]

	tagsOfClient                *loader[[]*ent.ClientTag]
	contactsOfClient            *loader[[]*ent.ClientContact]
	productsOfClient            *loader[[]*ent.ClientProduct]
	marketplacesOfClientProduct *loader[[]*ent.Marketplace]
	keysOfClientProduct         *loader[[]*ent.AccessKey]
	readDaysOfKey               *loader[[]*keys.ReadDay]

	installLink          *loader[*ent.InstallLink]  // only links that work, by marketplace id
	clientByDocument     *loader[*ent.ClientRecord] // only clients that are not archived
	marketplaceByAccount *loader[*ent.Marketplace]  // by provider and external account

	intervals intervalLoaders
}

// response is what lives as long as one response.
type response struct {
	// loaders returns the loaders, which are made when they are first asked for: a back-office needs none.
	loaders func() *loaders
	// ownShop is the shop of the access key that asks.
	ownShop ownShop
}

// ownShop caches the shop of an access key, so that all that an answer shows of it asks once.
type ownShop struct {
	mu    sync.Mutex
	known bool
	shop  keys.Shop
}

// get calls ask and returns its result, or that of an earlier call that succeeded.
func (o *ownShop) get(ctx context.Context, ask func(context.Context) (keys.Shop, error)) (keys.Shop, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known {
		return o.shop, nil
	}
	shop, err := ask(ctx)
	o.shop, o.known = shop, err == nil
	return shop, err
}

// forget makes the next call of get ask again. It is called after a wait, in which the right of the key may have ended.
func (o *ownShop) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known = false
}

type responseKey struct{}

func withLoaders(ctx context.Context, r *Resolver) context.Context {
	return context.WithValue(ctx, responseKey{}, &response{loaders: sync.OnceValue(func() *loaders {
		l := &loaders{intervals: intervalLoaders{store: r.Store}}
		l.loadByID(r.Store.Reader())
		l.loadByOwner(r.Store.Reader(), r.Now)
		l.readDaysOfKey = lists(r.Keys.ReadDays)
		return l
	})})
}

func load(ctx context.Context) *loaders { return ctx.Value(responseKey{}).(*response).loaders() }

// shopOf returns the shop of the access key that asks.
func shopOf(ctx context.Context) *ownShop { return &ctx.Value(responseKey{}).(*response).ownShop }

// loadByID makes the loaders of rows by their ids.
func (l *loaders) loadByID(db *ent.Client) {
	l.operator = byID(db.Operator.Query, func(o *ent.Operator) string { return o.ID }, nil)
	l.client = byID(db.ClientRecord.Query, func(c *ent.ClientRecord) string { return c.ID }, l.sawClient)
	l.clientContact = byID(db.ClientContact.Query, func(c *ent.ClientContact) string { return c.ID }, nil)
	l.clientNote = byID(db.ClientNote.Query, func(n *ent.ClientNote) string { return n.ID }, nil)
	l.product = byID(db.Product.Query, func(p *ent.Product) string { return p.ID }, nil)
	l.clientProduct = byID(db.ClientProduct.Query, func(p *ent.ClientProduct) string { return p.ID }, l.sawClientProduct)
	l.marketplace = byID(db.Marketplace.Query, func(m *ent.Marketplace) string { return m.ID }, l.sawMarketplace)
	l.accessKey = byID(db.AccessKey.Query, func(k *ent.AccessKey) string { return k.ID }, l.sawAccessKey)
	l.serviceToken = byID(db.ServiceToken.Query, func(t *ent.ServiceToken) string { return t.ID }, nil)
	l.auditEvent = byID(db.AuditEvent.Query, func(e *ent.AuditEvent) string { return e.ID }, l.sawAuditEvent)
	l.credentialRead = byID(
		db.CredentialRead.Query, func(r *ent.CredentialRead) string { return r.ID }, l.sawCredentialRead,
	)
	l.incident = byID(db.ProviderIncident.Query, func(i *ent.ProviderIncident) string { return i.ID }, nil)
}

// loadByOwner makes the loaders of rows by their parent, by a document or by an account.
func (l *loaders) loadByOwner(db *ent.Client, now func() time.Time) {
	l.tagsOfClient = many(func(ctx context.Context, ids []string) ([]*ent.ClientTag, error) {
		return db.ClientTag.Query().Where(clienttag.ClientIDIn(ids...)).Order(clienttag.ByTagKey()).All(ctx)
	}, func(t *ent.ClientTag) string { return t.ClientID }, nil)
	l.contactsOfClient = many(func(ctx context.Context, ids []string) ([]*ent.ClientContact, error) {
		return db.ClientContact.Query().Where(clientcontact.ClientIDIn(ids...)).Order(clientcontact.ByID()).All(ctx)
	}, func(c *ent.ClientContact) string { return c.ClientID }, nil)
	l.productsOfClient = many(func(ctx context.Context, ids []string) ([]*ent.ClientProduct, error) {
		return db.ClientProduct.Query().
			Where(clientproduct.ClientIDIn(ids...)).
			Order(clientproduct.ByProductField(product.FieldNameKey), clientproduct.ByID()).
			Select(columns(ctx, "ClientProduct")...).
			All(ctx)
	}, func(p *ent.ClientProduct) string { return p.ClientID }, l.sawClientProduct)
	l.marketplacesOfClientProduct = many(func(ctx context.Context, ids []string) ([]*ent.Marketplace, error) {
		return db.Marketplace.Query().
			Where(marketplace.ClientProductIDIn(ids...)).
			Order(marketplace.ByID()).
			Select(columns(ctx, "Marketplace")...).
			All(ctx)
	}, func(m *ent.Marketplace) string { return m.ClientProductID }, l.sawMarketplace)
	l.keysOfClientProduct = many(func(ctx context.Context, ids []string) ([]*ent.AccessKey, error) {
		return db.AccessKey.Query().Where(keys.Foremost(ids, maxKeysShown)).Order(keys.ForemostFirst).All(ctx)
	}, func(k *ent.AccessKey) string { return k.ClientProductID }, l.sawAccessKey)
	l.installLink = one(func(ctx context.Context, ids []string) ([]*ent.InstallLink, error) {
		return db.InstallLink.Query().
			Where(installlink.MarketplaceIDIn(ids...), install.LinkWorks(now())).
			Order(installlink.ByID()).
			All(ctx)
	}, func(k *ent.InstallLink) string { return k.MarketplaceID }, nil)
	l.clientByDocument = one(func(ctx context.Context, documents []string) ([]*ent.ClientRecord, error) {
		return db.ClientRecord.Query().Where(clientrecord.DocumentIn(documents...), clientrecord.ArchivedAtIsNil()).All(ctx)
	}, func(c *ent.ClientRecord) string { return c.Document }, l.sawClient)
	l.marketplaceByAccount = one(func(ctx context.Context, accounts []string) ([]*ent.Marketplace, error) {
		either := make([]predicate.Marketplace, len(accounts))
		for i, a := range accounts {
			provider, id, _ := strings.Cut(a, " ")
			either[i] = marketplace.And(marketplace.Provider(provider), marketplace.ExternalAccount(id))
		}
		return db.Marketplace.Query().Where(marketplace.Or(either...)).All(ctx)
	}, func(m *ent.Marketplace) string { return account(m.Provider, *m.ExternalAccount) }, l.sawMarketplace)
}

// sawCredentialRead expects the rows that a credential read refers to.
func (l *loaders) sawCredentialRead(r *ent.CredentialRead) {
	l.marketplace.expect(r.MarketplaceID)
	l.accessKey.expect(r.AccessKeyID)
}

// account returns the id of a provider's account for the loader.
func account(provider, id string) string { return provider + " " + id }

func (l *loaders) sawClient(c *ent.ClientRecord) {
	l.productsOfClient.expect(c.ID)
	l.tagsOfClient.expect(c.ID)
	l.contactsOfClient.expect(c.ID)
}

func (l *loaders) sawClientProduct(p *ent.ClientProduct) {
	l.client.expect(p.ClientID)
	l.product.expect(p.ProductID)
	l.marketplacesOfClientProduct.expect(p.ID)
	l.keysOfClientProduct.expect(p.ID)
}

func (l *loaders) sawMarketplace(m *ent.Marketplace) {
	l.clientProduct.expect(m.ClientProductID)
	l.client.expect(m.ClientID)
	l.installLink.expect(m.ID)
	l.intervals.expect(m.ID)
}

func (l *loaders) sawAccessKey(k *ent.AccessKey) {
	l.clientProduct.expect(k.ClientProductID)
	l.accessKey.expect(orEmpty(k.ReplacedByID))
	l.readDaysOfKey.expect(k.ID)
}

// announce calls tell with each row of a list.
func announce[T any](c *page.Connection[T], err error, tell func(T)) (*page.Connection[T], error) {
	if err != nil {
		return nil, err
	}
	for _, edge := range c.Edges {
		tell(edge.Node)
	}
	return c, nil
}

// showFound calls tell with each row that a text finds.
func showFound[T any](found finder.Found[T], err error, tell func(T)) (*finder.Found[T], error) {
	for _, row := range found.Nodes {
		tell(row)
	}
	return &found, err
}

// errNoRow means that a row does not exist or that the caller may not see it.
var errNoRow = errors.New("there is no such row")

// loader reads values by id: one statement reads the id that is asked for and all ids expected before.
type loader[V any] struct {
	fetch   func(context.Context, []string) (map[string]V, error)
	reading sync.Mutex // held while fetch runs: a caller that waits may then find its value read

	mu       sync.Mutex
	expected []string
	found    map[string]result[V] // includes expected ids, whose result is not read yet
}

type result[V any] struct {
	read  bool
	value V
	err   error
}

// expect queues ids for the next fetch. It ignores empty ids.
func (l *loader[V]) expect(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if _, known := l.found[id]; !known && id != "" {
			l.found[id] = result[V]{}
			l.expected = append(l.expected, id)
		}
	}
}

// Load returns the value of an id. It returns errNoRow for an empty id and when there is no such row.
func (l *loader[V]) Load(ctx context.Context, id string) (V, error) {
	if id == "" {
		return *new(V), errNoRow
	}
	l.reading.Lock()
	defer l.reading.Unlock()
	l.expect(id)
	l.mu.Lock()
	known, ids := l.found[id], l.expected
	if !known.read {
		l.expected = nil
	}
	l.mu.Unlock()
	if known.read {
		return known.value, known.err
	}

	values, err := l.fetch(ctx, ids)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		r := result[V]{read: true, err: err}
		if value, ok := values[id]; ok {
			r.value = value
		} else if err == nil {
			r.err = errNoRow
		}
		l.found[id] = r
	}
	return l.found[id].value, l.found[id].err
}

// query is an ent query for rows T that predicates P narrow.
type query[Q any, P ~func(*sql.Selector), T any] interface {
	Where(...P) Q
	All(context.Context) ([]*T, error)
}

// byID makes a loader of rows by their column id. saw, unless nil, is called with each row read.
func byID[Q query[Q, P, T], P ~func(*sql.Selector), T any](ask func() Q, id func(*T) string, saw func(*T)) *loader[*T] {
	return one(func(ctx context.Context, ids []string) ([]*T, error) {
		return ask().Where(P(sql.FieldIn("id", ids...))).All(ctx)
	}, id, saw)
}

// one makes a loader of single rows by the id that id returns for each. saw, unless nil, is called with each row read.
func one[T any](fetch func(context.Context, []string) ([]*T, error), id func(*T) string, saw func(*T)) *loader[*T] {
	return &loader[*T]{found: map[string]result[*T]{},
		fetch: func(ctx context.Context, ids []string) (map[string]*T, error) {
			rows, err := fetch(ctx, ids)
			found := make(map[string]*T, len(rows))
			for _, row := range rows {
				found[id(row)] = row
				if saw != nil {
					saw(row)
				}
			}
			return found, err
		}}
}

// many makes a loader of the rows of a parent, in the order of the fetch. A parent without rows has an empty list. saw,
// unless nil, is called with each row read.
func many[T any](
	fetch func(context.Context, []string) ([]*T, error), parent func(*T) string, saw func(*T),
) *loader[[]*T] {
	return &loader[[]*T]{found: map[string]result[[]*T]{},
		fetch: func(ctx context.Context, ids []string) (map[string][]*T, error) {
			rows, err := fetch(ctx, ids)
			if err != nil {
				return nil, err
			}
			found := make(map[string][]*T, len(ids))
			for _, id := range ids {
				found[id] = []*T{}
			}
			for _, row := range rows {
				found[parent(row)] = append(found[parent(row)], row)
				if saw != nil {
					saw(row)
				}
			}
			return found, nil
		}}
}

// lists makes a loader of lists that fetch returns by the ids of their owners. An owner without one has an empty list.
func lists[V any](fetch func(context.Context, []string) (map[string][]V, error)) *loader[[]V] {
	return &loader[[]V]{found: map[string]result[[]V]{},
		fetch: func(ctx context.Context, ids []string) (map[string][]V, error) {
			found, err := fetch(ctx, ids)
			all := make(map[string][]V, len(ids))
			for _, id := range ids {
				all[id] = append([]V{}, found[id]...) // null is another answer than an empty list
			}
			return all, err
		}}
}

// find returns the row of an id; nil when there is none or the caller may not see it.
func find[T any](ctx context.Context, l *loader[*T], id string) (*T, error) {
	row, err := l.Load(ctx, id)
	if errors.Is(err, errNoRow) {
		return nil, nil
	}
	return row, err
}

// firstOf returns at most n of rows.
func firstOf[T any](rows []T, n int) []T { return slices.Clip(rows[:min(n, len(rows))]) }
