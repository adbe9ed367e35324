package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientcontact"
	"github.com/chaveiro/chaveiro/ent/clientnote"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clienttag"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/history"
)

const (
	// These cap the lists of an export, which names those that had more.
	maxExportedEvents = 10_000
	maxExportedReads  = 10_000
	maxExportedKeys   = 10_000
	maxExportedHealth = 10_000
)

// Export is all that the portal stores of a client, without secrets.
type Export struct {
	ExportedAt   instant.Time          `json:"exportedAt"`
	Client       exportedClient        `json:"client"`
	Contacts     []exportedContact     `json:"contacts"`
	Notes        []exportedNote        `json:"notes"`
	Products     []exportedProduct     `json:"products"`
	Marketplaces []exportedMarketplace `json:"marketplaces"`
	Health       []exportedHealth      `json:"healthHistory"`
	AccessKeys   []exportedKey         `json:"accessKeys"`
	Reads        []exportedRead        `json:"credentialReads"`
	AuditEvents  []audit.Recorded      `json:"auditEvents"`
	// Incomplete names the lists that were longer than an export may be; they have their newest entries.
	Incomplete []string `json:"incomplete"`
}

type exportedClient struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	TradeName  *string       `json:"tradeName"`
	Document   string        `json:"document"`
	CreatedAt  instant.Time  `json:"createdAt"`
	UpdatedAt  instant.Time  `json:"updatedAt"`
	ArchivedAt *instant.Time `json:"archivedAt"`
	Tags       []string      `json:"tags"`
}

type exportedContact struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Position  *string      `json:"position"`
	Phone     *string      `json:"phone"`
	Email     *string      `json:"email"`
	Note      *string      `json:"note"`
	CreatedAt instant.Time `json:"createdAt"`
	UpdatedAt instant.Time `json:"updatedAt"`
}

type exportedNote struct {
	ID        string       `json:"id"`
	Text      string       `json:"text"`
	Author    string       `json:"author"`
	CreatedAt instant.Time `json:"createdAt"`
	UpdatedAt instant.Time `json:"updatedAt"`
}

type exportedProduct struct {
	ID          string        `json:"id"`
	Code        string        `json:"code"`
	Name        string        `json:"name"`
	CreatedAt   instant.Time  `json:"createdAt"`
	SuspendedAt *instant.Time `json:"suspendedAt"`
}

type exportedMarketplace struct {
	ID              string                    `json:"id"`
	ClientProductID string                    `json:"clientProductId"`
	Provider        string                    `json:"provider"`
	Description     string                    `json:"description"`
	Settings        json.RawMessage           `json:"settings"`
	SecretsSet      map[string]exportedSecret `json:"secretsSet"`
	AccountID       *string                   `json:"accountId"`
	AccountName     *string                   `json:"accountName"`
	AccountDocument *string                   `json:"accountDocument"`
	Health          string                    `json:"health"`
	CreatedAt       instant.Time              `json:"createdAt"`
	UpdatedAt       instant.Time              `json:"updatedAt"`
}

// exportedSecret says that a secret is set, and nothing of its value.
type exportedSecret struct {
	SetAt     instant.Time  `json:"setAt"`
	SetBy     string        `json:"setBy"`
	ExpiresAt *instant.Time `json:"expiresAt"`
}

// exportedHealth is a time in which a marketplace had a health that is over.
type exportedHealth struct {
	MarketplaceID string       `json:"marketplaceId"`
	State         string       `json:"state"`
	Reason        string       `json:"reason"`
	Since         instant.Time `json:"since"`
	Until         instant.Time `json:"until"`
}

type exportedKey struct {
	ID              string         `json:"id"`
	ClientProductID string         `json:"clientProductId"`
	Name            string         `json:"name"`
	VisiblePart     string         `json:"visiblePart"`
	CreatedAt       instant.Time   `json:"createdAt"`
	CreatedBy       string         `json:"createdBy"`
	ExpiresAt       *instant.Time  `json:"expiresAt"`
	RevokedAt       *instant.Time  `json:"revokedAt"`
	LastUsedAt      *instant.Time  `json:"lastUsedAt"`
	LastUsedAddress *string        `json:"lastUsedAddress"`
	Addresses       []netip.Prefix `json:"addresses"`
	RefusedAt       *instant.Time  `json:"refusedAt"`
	RefusedAddress  *string        `json:"refusedAddress"`
}

type exportedRead struct {
	AccessKeyID       string       `json:"accessKeyId"`
	MarketplaceID     string       `json:"marketplaceId"`
	CredentialVersion int64        `json:"credentialVersion"`
	Address           string       `json:"address"`
	Count             int64        `json:"count"`
	FirstAt           instant.Time `json:"firstAt"`
	LastAt            instant.Time `json:"lastAt"`
}

// Export returns all that the portal stores of a client, and records that it was exported. Only an administrator may
// export. It returns a fault.List when there is no such client or it was erased.
func (s *Service) Export(ctx context.Context, id string) (*Export, error) {
	if err := onlyAdmin(ctx); err != nil {
		return nil, err
	}
	client, err := s.store.Reader().ClientRecord.Get(ctx, id)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, "id")
	case err != nil:
		return nil, fmt.Errorf("find the client: %w", err)
	case client.ErasedAt != nil:
		return nil, fault.New(fault.ClientErased, "id")
	}
	export := &Export{ExportedAt: instant.Time(s.now()), Incomplete: []string{}, Client: exportedClient{
		ID: client.ID, Name: client.Name, TradeName: client.TradeName, Document: client.Document,
		CreatedAt: instant.Time(client.CreatedAt), UpdatedAt: instant.Time(client.UpdatedAt),
		ArchivedAt: (*instant.Time)(client.ArchivedAt),
	}}
	for _, fill := range []func(context.Context, *Export) error{
		s.exportWritten, s.exportProducts, s.exportMarketplaces, s.exportHealth, s.exportKeys, s.exportReads,
		s.exportEvents,
	} {
		if err := fill(ctx, export); err != nil {
			return nil, err
		}
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Action: "client.export", ObjectID: id, ClientID: id})
	})
	if err != nil {
		return nil, err
	}
	return export, nil
}

// exportWritten exports what operators wrote down beside the client.
func (s *Service) exportWritten(ctx context.Context, e *Export) error {
	db, id := s.store.Reader(), e.Client.ID
	tags, err := db.ClientTag.Query().Where(clienttag.ClientID(id)).Order(clienttag.ByTagKey()).All(ctx)
	if err != nil {
		return fmt.Errorf("export the client's tags: %w", err)
	}
	e.Client.Tags = make([]string, len(tags))
	for i, t := range tags {
		e.Client.Tags[i] = t.Tag
	}
	contacts, err := db.ClientContact.Query().Where(clientcontact.ClientID(id)).Order(clientcontact.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("export the client's contacts: %w", err)
	}
	e.Contacts = make([]exportedContact, len(contacts))
	for i, c := range contacts {
		e.Contacts[i] = exportedContact{ID: c.ID, Name: c.Name, Position: c.Position, Phone: c.Phone, Email: c.Email,
			Note: c.Note, CreatedAt: instant.Time(c.CreatedAt), UpdatedAt: instant.Time(c.UpdatedAt)}
	}
	notes, err := db.ClientNote.Query().Where(clientnote.ClientID(id)).Order(clientnote.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("export the client's notes: %w", err)
	}
	e.Notes = make([]exportedNote, len(notes))
	for i, n := range notes {
		e.Notes[i] = exportedNote{ID: n.ID, Text: n.Text, Author: n.Author,
			CreatedAt: instant.Time(n.CreatedAt), UpdatedAt: instant.Time(n.UpdatedAt)}
	}
	return nil
}

func (s *Service) exportProducts(ctx context.Context, e *Export) error {
	rows, err := s.store.Reader().ClientProduct.Query().
		Where(clientproduct.ClientID(e.Client.ID)).WithProduct().Order(clientproduct.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("export the client's products: %w", err)
	}
	e.Products = make([]exportedProduct, len(rows))
	for i, p := range rows {
		e.Products[i] = exportedProduct{
			ID: p.ID, Code: p.Edges.Product.Code, Name: p.Edges.Product.Name, CreatedAt: instant.Time(p.CreatedAt),
			SuspendedAt: (*instant.Time)(p.SuspendedAt),
		}
	}
	return nil
}

func (s *Service) exportMarketplaces(ctx context.Context, e *Export) error {
	rows, err := s.store.Reader().Marketplace.Query().
		Where(marketplace.ClientID(e.Client.ID)).Order(marketplace.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("export the client's marketplaces: %w", err)
	}
	e.Marketplaces = make([]exportedMarketplace, len(rows))
	for i, m := range rows {
		set := make(map[string]exportedSecret, len(m.SecretStates))
		for name, state := range m.SecretStates {
			set[name] = exportedSecret{SetAt: instant.Time(state.SetAt), SetBy: state.SetBy,
				ExpiresAt: (*instant.Time)(state.ExpiresAt)}
		}
		e.Marketplaces[i] = exportedMarketplace{
			ID: m.ID, ClientProductID: m.ClientProductID, Provider: m.Provider, Description: m.Description,
			Settings: m.Settings, SecretsSet: set,
			AccountID: m.ExternalAccount, AccountName: m.AccountName, AccountDocument: m.AccountDocument,
			Health: m.HealthState, CreatedAt: instant.Time(m.CreatedAt), UpdatedAt: instant.Time(m.UpdatedAt),
		}
	}
	return nil
}

func (s *Service) exportHealth(ctx context.Context, e *Export) error {
	ids := make([]string, len(e.Marketplaces))
	for i, m := range e.Marketplaces {
		ids[i] = m.ID
	}
	all, err := history.Newest(ctx, s.store, ids, maxExportedHealth+1)
	if err != nil {
		return err
	}
	all = cut(e, "healthHistory", all, maxExportedHealth)
	e.Health = make([]exportedHealth, len(all))
	for i, h := range all {
		e.Health[i] = exportedHealth{
			MarketplaceID: h.MarketplaceID, State: string(h.Health.State()), Reason: string(h.Health.Reason),
			Since: instant.Time(h.Since), Until: instant.Time(h.Until),
		}
	}
	return nil
}

func (s *Service) exportKeys(ctx context.Context, e *Export) error {
	rows, err := s.store.Reader().AccessKey.Query().
		Where(accesskey.ClientID(e.Client.ID)).Order(ent.Desc(accesskey.FieldID)).Limit(maxExportedKeys + 1).All(ctx)
	if err != nil {
		return fmt.Errorf("export the client's access keys: %w", err)
	}
	rows = cut(e, "accessKeys", rows, maxExportedKeys)
	e.AccessKeys = make([]exportedKey, len(rows))
	for i, k := range rows {
		e.AccessKeys[i] = exportedKey{
			ID: k.ID, ClientProductID: k.ClientProductID, Name: k.Name, VisiblePart: k.VisiblePart,
			CreatedAt: instant.Time(k.CreatedAt), CreatedBy: k.CreatedBy, ExpiresAt: (*instant.Time)(k.ExpiresAt),
			RevokedAt:  (*instant.Time)(k.RevokedAt),
			LastUsedAt: (*instant.Time)(k.LastUsedAt), LastUsedAddress: k.LastUsedAddress,
			Addresses: k.Addresses, RefusedAt: (*instant.Time)(k.RefusedAt), RefusedAddress: k.RefusedAddress,
		}
	}
	return nil
}

func (s *Service) exportReads(ctx context.Context, e *Export) error {
	rows, err := s.store.Reader().CredentialRead.Query().
		Where(credentialread.ClientID(e.Client.ID)).Order(ent.Desc(credentialread.FieldID)).
		Limit(maxExportedReads + 1).All(ctx)
	if err != nil {
		return fmt.Errorf("export what the client's keys read: %w", err)
	}
	rows = cut(e, "credentialReads", rows, maxExportedReads)
	e.Reads = make([]exportedRead, len(rows))
	for i, r := range rows {
		e.Reads[i] = exportedRead{
			AccessKeyID: r.AccessKeyID, MarketplaceID: r.MarketplaceID, CredentialVersion: r.CredentialVersion,
			Address: r.Address, Count: r.Count, FirstAt: instant.Time(r.FirstAt), LastAt: instant.Time(r.LastAt),
		}
	}
	return nil
}

func (s *Service) exportEvents(ctx context.Context, e *Export) error {
	events, more, err := s.trail.OfClient(ctx, e.Client.ID, maxExportedEvents)
	if err != nil {
		return err
	}
	e.AuditEvents = events
	if more {
		e.Incomplete = append(e.Incomplete, "auditEvents")
	}
	return nil
}

// cut returns at most n rows, and marks the list as incomplete when there were more.
func cut[T any](e *Export, list string, rows []T, n int) []T {
	if len(rows) > n {
		e.Incomplete = append(e.Incomplete, list)
		return rows[:n]
	}
	return rows
}
