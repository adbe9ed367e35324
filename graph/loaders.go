package graph

import (
	"context"
	"errors"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/vikstrous/dataloadgen"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/store"
)

// maxKeysShown is how many access keys of one client's product are read for its page; the list of access keys has all.
const maxKeysShown = 100

// loaders read rows and edges for one request, all that are asked for at the same time in one statement: a page costs
// the same number of statements however many rows it has. The privacy policies stand behind them as behind every query.
type loaders struct {
	operator      *dataloadgen.Loader[string, *ent.Operator]
	client        *dataloadgen.Loader[string, *ent.ClientRecord]
	product       *dataloadgen.Loader[string, *ent.Product]
	clientProduct *dataloadgen.Loader[string, *ent.ClientProduct]
	marketplace   *dataloadgen.Loader[string, *ent.Marketplace]
	accessKey     *dataloadgen.Loader[string, *ent.AccessKey]

	productsOfClient            *dataloadgen.Loader[string, []*ent.ClientProduct]
	marketplacesOfClientProduct *dataloadgen.Loader[string, []*ent.Marketplace]
	keysOfClientProduct         *dataloadgen.Loader[string, []*ent.AccessKey]
}

type loadersKey struct{}

func withLoaders(ctx context.Context, s *store.Store) context.Context {
	db := s.Reader()
	return context.WithValue(ctx, loadersKey{}, &loaders{
		operator: one(func(ctx context.Context, ids []string) ([]*ent.Operator, error) {
			return db.Operator.Query().Where(operator.IDIn(ids...)).All(ctx)
		}, func(o *ent.Operator) string { return o.ID }),
		client: one(func(ctx context.Context, ids []string) ([]*ent.ClientRecord, error) {
			return db.ClientRecord.Query().Where(clientrecord.IDIn(ids...)).All(ctx)
		}, func(c *ent.ClientRecord) string { return c.ID }),
		product: one(func(ctx context.Context, ids []string) ([]*ent.Product, error) {
			return db.Product.Query().Where(product.IDIn(ids...)).All(ctx)
		}, func(p *ent.Product) string { return p.ID }),
		clientProduct: one(func(ctx context.Context, ids []string) ([]*ent.ClientProduct, error) {
			return db.ClientProduct.Query().Where(clientproduct.IDIn(ids...)).All(ctx)
		}, func(p *ent.ClientProduct) string { return p.ID }),
		marketplace: one(func(ctx context.Context, ids []string) ([]*ent.Marketplace, error) {
			return db.Marketplace.Query().Where(marketplace.IDIn(ids...)).All(ctx)
		}, func(m *ent.Marketplace) string { return m.ID }),
		accessKey: one(func(ctx context.Context, ids []string) ([]*ent.AccessKey, error) {
			return db.AccessKey.Query().Where(accesskey.IDIn(ids...)).All(ctx)
		}, func(k *ent.AccessKey) string { return k.ID }),

		productsOfClient: many(func(ctx context.Context, ids []string) ([]*ent.ClientProduct, error) {
			return db.ClientProduct.Query().
				Where(clientproduct.ClientIDIn(ids...)).
				Order(clientproduct.ByProductField(product.FieldNameKey), clientproduct.ByID()).
				All(ctx)
		}, func(p *ent.ClientProduct) string { return p.ClientID }),
		marketplacesOfClientProduct: many(func(ctx context.Context, ids []string) ([]*ent.Marketplace, error) {
			return db.Marketplace.Query().
				Where(marketplace.ClientProductIDIn(ids...)).
				Order(marketplace.ByID()).
				All(ctx)
		}, func(m *ent.Marketplace) string { return m.ClientProductID }),
		keysOfClientProduct: many(func(ctx context.Context, ids []string) ([]*ent.AccessKey, error) {
			return db.AccessKey.Query().Where(latestKeys(ids)).Order(inForceFirst).All(ctx)
		}, func(k *ent.AccessKey) string { return k.ClientProductID }),
	})
}

func load(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }

// one makes a loader of single rows by their ids.
func one[T any](fetch func(context.Context, []string) ([]T, error), id func(T) string) *dataloadgen.Loader[string, T] {
	return dataloadgen.NewMappedLoader(func(ctx context.Context, ids []string) (map[string]T, error) {
		rows, err := fetch(ctx, ids)
		if err != nil {
			return nil, err
		}
		found := make(map[string]T, len(rows))
		for _, row := range rows {
			found[id(row)] = row
		}
		return found, nil
	}, dataloadgen.WithWait(time.Millisecond))
}

// many makes a loader of the rows that belong to a parent, in the order they were fetched; a parent without any has an
// empty list.
func many[T any](fetch func(context.Context, []string) ([]T, error), parent func(T) string) *dataloadgen.Loader[string, []T] {
	return dataloadgen.NewMappedLoader(func(ctx context.Context, ids []string) (map[string][]T, error) {
		rows, err := fetch(ctx, ids)
		if err != nil {
			return nil, err
		}
		found := make(map[string][]T, len(ids))
		for _, id := range ids {
			found[id] = []T{}
		}
		for _, row := range rows {
			found[parent(row)] = append(found[parent(row)], row)
		}
		return found, nil
	}, dataloadgen.WithWait(time.Millisecond))
}

// orNil returns the row of a loader, or nil when there is none that the caller may see.
func orNil[T any](row *T, err error) (*T, error) {
	if errors.Is(err, dataloadgen.ErrNotFound) {
		return nil, nil
	}
	return row, err
}

// latestKeys asks for the access keys of these clients' products, of each at most maxKeysShown: those that are not
// revoked, then the newest of the others.
func latestKeys(clientProductIDs []string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(s.C(accesskey.FieldID)).WriteString(" IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (" +
				"PARTITION BY client_product_id ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC) AS place " +
				"FROM access_keys WHERE client_product_id IN (")
			for i, id := range clientProductIDs {
				if i > 0 {
					b.Comma()
				}
				b.Arg(id)
			}
			b.WriteString(")) AS ranked WHERE place <= ").Arg(maxKeysShown).WriteString(")")
		}))
	}
}

// inForceFirst orders access keys as latestKeys ranks them.
func inForceFirst(s *sql.Selector) {
	s.OrderExpr(sql.Expr("CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END"))
	s.OrderBy(sql.Desc(s.C(accesskey.FieldID)))
}

// firstOf returns at most n of rows.
func firstOf[T any](rows []T, n int) []T { return slices.Clip(rows[:min(n, len(rows))]) }
