// Package products keeps what the software house sells and which client has what. It guards the order product,
// marketplace, access key: every addition to a client product goes through Lock.
package products

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// IntegrationMarketplace is the code of the product that is there from the first start.
const IntegrationMarketplace = "INTEGRATION_MARKETPLACE"

// maxPerClient caps the products of a client.
const maxPerClient = 50

// Capability is a block on a product's page, a value of the GraphQL enum ProductCapability.
type Capability string

// The capabilities.
const (
	Marketplaces Capability = "MARKETPLACES"
	AccessKeys   Capability = "ACCESS_KEYS"
)

// Capabilities returns the blocks that a product's page has.
func Capabilities(p *ent.Product) []Capability {
	capabilities := []Capability{}
	if p.HasMarketplaces {
		capabilities = append(capabilities, Marketplaces)
	}
	if p.HasAccessKeys {
		capabilities = append(capabilities, AccessKeys)
	}
	return capabilities
}

// Service works on products and clients' products, each change in one transaction with its audit event.
type Service struct {
	store *store.Store
	live  *live.Bus
	now   func() time.Time
}

// New returns the service over a store. bus gets the changes of rights, unless it is nil; now is its clock.
func New(s *store.Store, bus *live.Bus, now func() time.Time) *Service {
	return &Service{store: s, live: bus, now: now}
}

// Seed makes the product Integration Marketplace unless it exists. Several processes may call it at once, at each
// start.
func (s *Service) Seed(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "seed")
	there, err := s.store.Reader().Product.Query().Where(product.Code(IntegrationMarketplace)).Exist(ctx)
	if err != nil || there {
		return err
	}
	description := "Liga a retaguarda do cliente aos marketplaces por uma única chave de acesso."
	_, err = s.Create(ctx, CreateInput{
		Code:         IntegrationMarketplace,
		Name:         "Integration Marketplace",
		Description:  &description,
		Capabilities: []Capability{Marketplaces, AccessKeys},
	})
	if fault.Is(err, fault.CodeTaken) { // a concurrent process made it
		return nil
	}
	return err
}

// CreateInput is a new product.
type CreateInput struct {
	Code           string
	Name           string
	Description    *string
	Capabilities   []Capability
	IdempotencyKey *string
}

var codeForm = regexp.MustCompile(`^[A-Z0-9_]{2,50}$`)

// Create adds a product. It returns a fault.List when the input can be mended.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Product, error) {
	var bad fault.List
	name := bad.Line(in.Name, 200, "name")
	description := bad.Paragraph(in.Description, 2000, "description")
	if in.Code == "" {
		bad.Add(fault.Required, nil, "code")
	} else if !codeForm.MatchString(in.Code) {
		bad.Add(fault.CodeForm, nil, "code")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var made *ent.Product
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		id := ident.New(ident.Product)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "createProduct", Input: []any{in.Code, name, description, in.Capabilities},
		}, id)
		if err != nil {
			return err
		}
		if known != id {
			made, err = tx.Product.Get(ctx, known)
			return err
		}
		taken, err := tx.Product.Query().Where(product.Code(in.Code)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for the code: %w", err)
		}
		if taken {
			return fault.New(fault.CodeTaken, "code")
		}
		create := tx.Product.Create().
			SetID(id).
			SetCode(in.Code).
			SetName(name).
			SetNameKey(search.Fold(name)).
			SetHasMarketplaces(slices.Contains(in.Capabilities, Marketplaces)).
			SetHasAccessKeys(slices.Contains(in.Capabilities, AccessKeys))
		if description != "" {
			create.SetDescription(description)
		}
		if made, err = create.Save(ctx); err != nil {
			if store.IsUniqueViolation(err, product.Table, product.FieldCode) {
				return fault.New(fault.CodeTaken, "code")
			}
			return fmt.Errorf("insert the product: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{Action: "product.create", ObjectID: id, Changes: []audit.Change{
			{Field: "code", New: in.Code},
			{Field: "name", New: name},
			{Field: "capabilities", New: Capabilities(made)},
		}})
	})
	return made, err
}

// UpdateInput is the changes of a product. A nil field stays as it is.
type UpdateInput struct {
	ID           string
	Name         *string
	Description  *string
	Capabilities []Capability
	// Version is that of the product as the caller has seen it; nil when the caller does not say.
	Version *int
}

// Update changes a product. It returns a fault.List when the input can be mended, and an edit.Conflict when somebody
// else has saved the product since the version that the caller has seen.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Product, error) {
	var bad fault.List
	var name string
	if in.Name != nil {
		name = bad.Line(*in.Name, 200, "name")
	}
	description := bad.Paragraph(in.Description, 2000, "description")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var changed *ent.Product
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := tx.Product.Query().Where(product.ID(in.ID), store.ForUpdate).Only(ctx)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return fmt.Errorf("find the product: %w", err)
		}
		update := tx.Product.UpdateOne(old)
		var changes []audit.Change
		if in.Name != nil && name != old.Name {
			update.SetName(name).SetNameKey(search.Fold(name))
			changes = append(changes, audit.Change{Field: "name", Old: old.Name, New: name})
		}
		if in.Description != nil && description != value(old.Description) {
			if description == "" {
				update.ClearDescription()
			} else {
				update.SetDescription(description)
			}
			changes = append(changes, audit.Change{Field: "description", Old: value(old.Description), New: description})
		}
		if in.Capabilities != nil && !sameCapabilities(in.Capabilities, old) {
			update.SetHasMarketplaces(slices.Contains(in.Capabilities, Marketplaces)).
				SetHasAccessKeys(slices.Contains(in.Capabilities, AccessKeys))
			changes = append(changes, audit.Change{Field: "capabilities", Old: Capabilities(old), New: in.Capabilities})
		}
		if len(changes) == 0 {
			changed = old
			return nil
		}
		seen := edit.Object{ID: in.ID, Seen: in.Version, Version: old.Version, Actions: []string{"product.update"}}
		if err := edit.Check(ctx, tx, seen); err != nil {
			return err
		}
		if changed, err = update.AddVersion(1).Save(ctx); err != nil {
			return fmt.Errorf("update the product: %w", err)
		}
		if err := edit.Tell(ctx, tx, s.live, live.Event{ObjectID: in.ID}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "product.update", ObjectID: in.ID, Changes: changes})
	})
	return changed, err
}

func sameCapabilities(capabilities []Capability, p *ent.Product) bool {
	return slices.Contains(capabilities, Marketplaces) == p.HasMarketplaces &&
		slices.Contains(capabilities, AccessKeys) == p.HasAccessKeys
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// List returns a page of the products, by name.
func (s *Service) List(ctx context.Context, args page.Args) (*page.Connection[*ent.Product], error) {
	window, err := args.Window(page.Order{Column: product.FieldNameKey})
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Reader().Product.Query().Where(predicate.Product(window.Apply)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	return page.New(window, rows,
		func(p *ent.Product) (string, string) { return p.NameKey, p.ID },
		func(ctx context.Context) (int, error) { return s.store.Reader().Product.Query().Count(ctx) },
	), nil
}

// AddInput says which client gets which product.
type AddInput struct {
	ClientID       string
	ProductID      string
	IdempotencyKey *string
}

// Add gives a client a product: the first step of the order. It returns a fault.List when the input can be mended.
func (s *Service) Add(ctx context.Context, in AddInput) (*ent.ClientProduct, error) {
	var made *ent.ClientProduct
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		id := ident.New(ident.ClientProduct)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "addClientProduct", Input: []string{in.ClientID, in.ProductID},
		}, id)
		if err != nil {
			return err
		}
		if known != id {
			repeated, err := tx.ClientProduct.Get(ctx, known)
			if err == nil && (repeated.ClientID != in.ClientID || repeated.ProductID != in.ProductID) {
				return fault.New(fault.Altered, "idempotencyKey")
			}
			made = repeated
			return err
		}
		sold, err := s.checkAddition(ctx, tx, in)
		if err != nil {
			return err
		}
		made, err = tx.ClientProduct.Create().SetID(id).SetClientID(in.ClientID).SetProductID(in.ProductID).Save(ctx)
		if err != nil {
			// by a concurrent request
			if store.IsUniqueViolation(err, clientproduct.Table, clientproduct.FieldClientID, clientproduct.FieldProductID) {
				return fault.New(fault.ProductTaken, "productId")
			}
			return fmt.Errorf("insert the client's product: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "client_product.add", ObjectID: id, ClientID: in.ClientID,
			Changes: []audit.Change{{Field: "product", New: sold.Code}},
		})
	})
	return made, err
}

// checkAddition locks the client and returns the product that it gets. It returns a fault.List when the client may not
// get it: it is archived, it has the product already, or it has too many.
func (s *Service) checkAddition(ctx context.Context, tx *ent.Tx, in AddInput) (*ent.Product, error) {
	// The lock lets concurrent requests for the same product run one after the other. Each later one gets the id of the
	// first.
	client, err := tx.ClientRecord.Query().Where(clientrecord.ID(in.ClientID), store.ForUpdate).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "clientId")
	}
	if err != nil {
		return nil, fmt.Errorf("find the client: %w", err)
	}
	if err := refuseInactive(client, "clientId"); err != nil {
		return nil, err
	}
	known, err := s.ownedID(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	if known != "" {
		return nil, fault.List{{Code: fault.ProductTaken, Field: []string{"productId"}, RelatedID: known}}
	}
	sold, err := tx.Product.Get(ctx, in.ProductID)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "productId")
	}
	if err != nil {
		return nil, fmt.Errorf("find the product: %w", err)
	}
	count, err := tx.ClientProduct.Query().Where(clientproduct.ClientID(in.ClientID)).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the client's products: %w", err)
	}
	if count >= maxPerClient {
		return nil, fault.List{{Code: fault.LimitReached, Field: []string{"productId"}, Args: []any{maxPerClient}}}
	}
	return sold, nil
}

func (s *Service) ownedID(ctx context.Context, tx *ent.Tx, in AddInput) (string, error) {
	id, err := tx.ClientProduct.Query().
		Where(clientproduct.ClientID(in.ClientID), clientproduct.ProductID(in.ProductID)).
		OnlyID(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return "", fmt.Errorf("look for the client's product: %w", err)
	}
	return id, nil
}

// Suspend stops a client's product, so that its access keys are refused. Suspending a suspended one changes nothing.
// It returns a fault.List when there is no such client's product, and an edit.Conflict when somebody else has changed
// it since the version that the caller has seen, which may be nil.
func (s *Service) Suspend(ctx context.Context, id string, seen *int) (*ent.ClientProduct, error) {
	now := s.now()
	return s.setSuspended(ctx, id, seen, &now)
}

// Resume undoes Suspend. Resuming an active one changes nothing. It returns the errors of Suspend.
func (s *Service) Resume(ctx context.Context, id string, seen *int) (*ent.ClientProduct, error) {
	return s.setSuspended(ctx, id, seen, nil)
}

// edits are the actions that raise the version of a client's product.
var edits = []string{"client_product.suspend", "client_product.resume"}

func (s *Service) setSuspended(ctx context.Context, id string, seen *int, at *time.Time) (*ent.ClientProduct, error) {
	var changed *ent.ClientProduct
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := Hold(ctx, tx, id)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return err
		}
		client, err := tx.ClientRecord.Get(ctx, old.ClientID)
		if err != nil {
			return fmt.Errorf("find the client: %w", err)
		}
		if client.ErasedAt != nil {
			return fault.New(fault.ClientErased, "id")
		}
		if (old.SuspendedAt == nil) == (at == nil) {
			changed = old
			return nil
		}
		err = edit.Check(ctx, tx, edit.Object{ID: id, Seen: seen, Version: old.Version, Actions: edits})
		if err != nil {
			return err
		}
		update, action := tx.ClientProduct.UpdateOneID(id).AddVersion(1), "client_product.suspend"
		if at != nil {
			update.SetSuspendedAt(*at)
		} else {
			update.ClearSuspendedAt()
			action = "client_product.resume"
		}
		if changed, err = update.Save(ctx); err != nil {
			return fmt.Errorf("update the client's product: %w", err)
		}
		err = s.live.Publish(ctx, tx, live.Event{
			Topic: live.RightsChanged, ClientID: old.ClientID, ClientProductID: id, ObjectID: id,
		})
		if err != nil {
			return err
		}
		err = edit.Tell(ctx, tx, s.live, live.Event{ClientID: old.ClientID, ClientProductID: id, ObjectID: id})
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: action, ObjectID: id, ClientID: old.ClientID})
	})
	return changed, err
}

// refuseInactive returns a fault.List for a client that was erased or is archived.
func refuseInactive(client *ent.ClientRecord, field ...string) error {
	switch {
	case client.ErasedAt != nil:
		return fault.New(fault.ClientErased, field...)
	case client.ArchivedAt != nil:
		return fault.New(fault.ClientArchived, field...)
	default:
		return nil
	}
}

// Locked is a client product that a transaction has locked, with what the order asks of its client and its product.
type Locked struct {
	ID, ClientID string
	// Document is the client's CNPJ or CPF.
	Document string
	// Capabilities are those of the product.
	Capabilities []Capability
	// Marketplaces is how many of them it has.
	Marketplaces int
	// Touched is whether its revision was raised with the lock.
	Touched bool
	// row and client have what read selects.
	row    *ent.ClientProduct
	client *ent.ClientRecord
}

// Lock locks a client product until tx ends, for a change of its contents. It returns a fault.List that names the
// missing step: there is no such client product, its client is archived, it is suspended, or its product does not have
// the block. So it does when the row was given to another client outside the program.
func Lock(ctx context.Context, tx *ent.Tx, id string, block Capability, field ...string) (*Locked, error) {
	return lock(ctx, tx, id, block, field, func() error {
		if !store.LocksRows(ctx) {
			return nil
		}
		if _, err := store.Exec(ctx, lockQuery, id); err != nil {
			return fmt.Errorf("lock the client's product: %w", err)
		}
		return nil
	})
}

// LockAndTouch is Lock for a change that its back-office reads. It raises the revision, as Touch does, and that locks
// the row.
func LockAndTouch(ctx context.Context, tx *ent.Tx, id string, block Capability, field ...string) (*Locked, error) {
	locked, err := lock(ctx, tx, id, block, field, func() error { return Touch(ctx, id) })
	if err != nil {
		return nil, err
	}
	locked.Touched = true
	return locked, nil
}

// lock is Lock, with what locks the row.
func lock(
	ctx context.Context, tx *ent.Tx, id string, block Capability, field []string, take func() error,
) (*Locked, error) {
	if err := mayRead(ctx, tx); err != nil {
		return nil, err
	}
	// The next statement sees what others did before this one got the lock; this one does not.
	if err := take(); err != nil {
		return nil, err
	}
	locked, err := read(ctx, id)
	if err != nil {
		return nil, err
	}
	if locked == nil {
		return nil, fault.New(fault.ProductRequired, field...)
	}
	if err := refuseInactive(locked.client, field...); err != nil {
		return nil, err
	}
	switch {
	case !store.VouchesWithin(ctx, locked.row), !store.VouchesWithin(ctx, locked.client):
		return nil, fault.New(fault.Altered, field...)
	case locked.row.SuspendedAt != nil:
		return nil, fault.New(fault.ProductSuspended, field...)
	case !slices.Contains(locked.Capabilities, block):
		return nil, fault.New(fault.CapabilityMissing, field...)
	}
	return locked, nil
}

// Hold locks a client product until tx ends, whatever its state. It returns an ent.NotFoundError when there is none.
func Hold(ctx context.Context, tx *ent.Tx, id string) (*ent.ClientProduct, error) {
	locked, err := tx.ClientProduct.Query().Where(clientproduct.ID(id), store.ForUpdate).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock the client's product: %w", err)
	}
	return locked, nil
}

// mayRead asks the policy of client products whether the caller may read all of them. An access key may not.
func mayRead(ctx context.Context, tx *ent.Tx) error {
	if _, narrowed := principal.From(ctx).(principal.Key); narrowed {
		return fault.Forbidden
	}
	if err := clientproduct.Policy.EvalQuery(ctx, tx.ClientProduct.Query()); err != nil {
		return fmt.Errorf("read the client's product: %w", err)
	}
	return nil
}

// lockQuery locks a client product, and readQuery reads it with its client and its product. They are raw, as every
// addition runs them, and to build them costs as much as to run them: see mayRead.
const (
	lockQuery = `SELECT id FROM client_products WHERE id = $1 FOR UPDATE`
	readQuery = `
SELECT p.id, p.client_id, p.product_id, p.suspended_at, p.mac, c.document, c.archived_at, c.erased_at, c.mac,
	s.has_marketplaces, s.has_access_keys, (SELECT COUNT(*) FROM marketplaces m WHERE m.client_product_id = p.id)
FROM client_products p
JOIN clients c ON c.id = p.client_id
JOIN products s ON s.id = p.product_id
WHERE p.id = $1`
)

// read reads a client product with its client and its product; nil when there is none. mayRead was asked.
func read(ctx context.Context, id string) (*Locked, error) {
	var locked *Locked
	err := store.Query(ctx, readQuery, func(scan func(...any) error) error {
		var (
			count  int
			row    ent.ClientProduct
			client ent.ClientRecord
			sold   ent.Product
		)
		err := scan(&row.ID, &row.ClientID, &row.ProductID, &row.SuspendedAt, &row.MAC,
			&client.Document, &client.ArchivedAt, &client.ErasedAt, &client.MAC,
			&sold.HasMarketplaces, &sold.HasAccessKeys, &count)
		client.ID = row.ClientID
		locked = &Locked{
			ID: row.ID, ClientID: row.ClientID, Document: client.Document, Capabilities: Capabilities(&sold),
			Marketplaces: count, row: &row, client: &client,
		}
		return err
	}, id)
	if err != nil {
		return nil, fmt.Errorf("read the client's product: %w", err)
	}
	return locked, nil
}

// Tell raises the revision of a client product and publishes the change. It is for what a back-office reads, other than
// marketplaces.
func Tell(ctx context.Context, tx *ent.Tx, bus *live.Bus, clientID, id string) error {
	if err := Touch(ctx, id); err != nil {
		return err
	}
	return bus.Publish(ctx, tx, live.Event{Topic: live.MarketplaceChanged, ClientID: clientID, ClientProductID: id})
}

// Touch raises the revision of a client product, as something that its back-office reads has changed. The statement is
// raw: the caller may have no right to the product itself.
func Touch(ctx context.Context, id string) error {
	_, err := store.Exec(ctx, "UPDATE client_products SET revision = revision + 1, updated_at = $1 WHERE id = $2",
		clientproduct.UpdateDefaultUpdatedAt(), id)
	if err != nil {
		return fmt.Errorf("raise the revision of the client's product: %w", err)
	}
	return nil
}
