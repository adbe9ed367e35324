package clients

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientcontact"
	"github.com/chaveiro/chaveiro/ent/clientnote"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/clienttag"
	"github.com/chaveiro/chaveiro/ent/idempotentrequest"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/providernotice"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	keys "github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// erasedName is the name of an erased client and of its access keys in the database. The page shows a text of its own,
// in each language.
const erasedName = "Cliente eliminado"

// EraseInput says which client to erase. Document is typed again to confirm it.
type EraseInput struct {
	ID       string
	Document string
}

// Erase removes a client's personal data and all its secrets, in one transaction. It removes names and document, the
// marketplaces with their secrets and history, install links and states, and the unclaimed installs and provider
// notices of its shops, and its tags, contacts and notes. It also removes what its keys read and from where, and the
// values in its audit events. It revokes the keys. A row without a name stays, found by its id, and a keyed hash of the
// document, by which FindErased finds it. Only an administrator may erase. Erasing an erased client changes nothing. It
// returns a fault.List when there is no such client or the document is not the client's.
func (s *Service) Erase(ctx context.Context, in EraseInput) (*ent.ClientRecord, error) {
	if err := onlyAdmin(ctx); err != nil {
		return nil, err
	}
	var erased *ent.ClientRecord
	err := s.store.Write(store.Alone(ctx), func(ctx context.Context, tx *ent.Tx) error {
		owned, err := lockProducts(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		client, err := find(ctx, tx, in.ID, "id")
		if err != nil {
			return err
		}
		if client.ErasedAt != nil {
			erased = client
			return nil
		}
		document, err := brdoc.Parse(in.Document)
		if err != nil || document.String() != client.Document {
			return fault.New(fault.ConfirmationMismatch, "document")
		}
		system := principal.AsSystem(ctx, "erasure of a client")
		counts, err := eraseShops(system, tx, client)
		if err != nil {
			return err
		}
		keys, err := s.eraseKeys(system, tx, client)
		if err != nil {
			return err
		}
		written, more, err := eraseWritten(system, tx, in.ID)
		if err != nil {
			return err
		}
		counts = append(counts, more...)
		if err := forgetRequests(system, tx, client, slices.Concat(owned, keys, written)); err != nil {
			return err
		}
		if erased, err = s.bury(ctx, tx, client); err != nil {
			return err
		}
		for _, id := range owned {
			if err := products.Touch(ctx, id); err != nil {
				return err
			}
		}
		if err := s.live.Publish(ctx, tx,
			live.Event{Topic: live.RightsChanged, ClientID: in.ID, ObjectID: in.ID}); err != nil {
			return err
		}
		return audit.Erase(ctx, tx, in.ID, append(counts, audit.Change{Field: "accessKeys", Old: len(keys)})...)
	})
	return erased, err
}

// FindErased returns the erased client that had a document; nil when there is none. It returns a fault.BadRequest when
// the document is invalid, and fault.Forbidden to all but administrators.
func (s *Service) FindErased(ctx context.Context, text string) (*ent.ClientRecord, error) {
	if err := onlyAdmin(ctx); err != nil {
		return nil, err
	}
	document, err := brdoc.Parse(text)
	if err != nil {
		return nil, fault.BadRequest{Detail: fault.DocumentUnknown}
	}
	found, err := s.store.Reader().ClientRecord.Query().
		Where(clientrecord.ErasedDocument(s.documentHash(document.String()))).
		Order(ent.Desc(clientrecord.FieldID)).
		First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an erased client: %w", err)
	}
	return found, nil
}

// onlyAdmin returns fault.Forbidden to all but administrators in person: a service token is refused.
func onlyAdmin(ctx context.Context) error {
	if p, ok := principal.From(ctx).(principal.Operator); !ok || p.IsService() || p.Role != principal.Admin {
		return fault.Forbidden
	}
	return nil
}

// lockProducts locks the client's products. Every transaction locks them before the client.
func lockProducts(ctx context.Context, tx *ent.Tx, clientID string) ([]string, error) {
	ids, err := tx.ClientProduct.Query().Where(clientproduct.ClientID(clientID)).Order(clientproduct.ByID()).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the client's products: %w", err)
	}
	for _, id := range ids {
		if _, err := products.Hold(ctx, tx, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// eraseShops deletes the client's marketplaces, and the rows about their shops in other tables. The install links and
// states are deleted with their marketplace.
func eraseShops(system context.Context, tx *ent.Tx, client *ent.ClientRecord) ([]audit.Change, error) {
	shops, err := tx.Marketplace.Query().Where(marketplace.ClientID(client.ID)).All(system)
	if err != nil {
		return nil, fmt.Errorf("find the client's marketplaces: %w", err)
	}
	unclaimed := []predicate.UnclaimedInstallation{unclaimedinstallation.AccountDocument(client.Document)}
	var notices []predicate.ProviderNotice
	for _, m := range shops {
		if m.ExternalAccount == nil {
			continue
		}
		unclaimed = append(unclaimed, unclaimedinstallation.And(
			unclaimedinstallation.Provider(m.Provider), unclaimedinstallation.ExternalAccount(*m.ExternalAccount)))
		notices = append(notices, providernotice.And(
			providernotice.Provider(m.Provider), providernotice.ExternalAccount(*m.ExternalAccount)))
	}
	waiting, err := tx.UnclaimedInstallation.Query().Where(unclaimedinstallation.Or(unclaimed...)).All(system)
	if err != nil {
		return nil, fmt.Errorf("find the unclaimed installs: %w", err)
	}
	for _, u := range waiting {
		notices = append(notices, providernotice.And(
			providernotice.Provider(u.Provider), providernotice.ExternalAccount(u.ExternalAccount)))
		if err := tx.UnclaimedInstallation.DeleteOne(u).Exec(system); err != nil {
			return nil, fmt.Errorf("delete an unclaimed install: %w", err)
		}
	}
	deleted := 0
	if len(notices) > 0 {
		if deleted, err = tx.ProviderNotice.Delete().Where(providernotice.Or(notices...)).Exec(system); err != nil {
			return nil, fmt.Errorf("delete the provider's notices: %w", err)
		}
	}
	ids := make([]string, len(shops))
	for i, m := range shops {
		ids[i] = m.ID
	}
	if _, err := connection.Delete(system, tx, ids...); err != nil {
		return nil, err
	}
	if err := keys.ForgetReads(system, tx, client.ID); err != nil {
		return nil, fmt.Errorf("delete what the client's keys have read: %w", err)
	}
	return []audit.Change{
		{Field: "marketplaces", Old: len(shops)},
		{Field: "unclaimedInstallations", Old: len(waiting)},
		{Field: "providerNotices", Old: deleted},
	}, nil
}

// eraseKeys revokes the client's keys, and removes their names and addresses.
func (s *Service) eraseKeys(system context.Context, tx *ent.Tx, client *ent.ClientRecord) ([]string, error) {
	ids, err := tx.AccessKey.Query().Where(accesskey.ClientID(client.ID)).Order(accesskey.ByID()).IDs(system)
	if err != nil {
		return nil, fmt.Errorf("find the client's access keys: %w", err)
	}
	ofClient := accesskey.ClientID(client.ID)
	if err := tx.AccessKey.Update().Where(ofClient, accesskey.RevokedAtIsNil()).SetRevokedAt(s.now()).
		Exec(system); err != nil {
		return nil, fmt.Errorf("revoke the client's access keys: %w", err)
	}
	err = tx.AccessKey.Update().Where(ofClient).SetName(erasedName).
		ClearLastUsedAddress().ClearAddresses().ClearRefusedAddress().Exec(system)
	if err != nil {
		return nil, fmt.Errorf("erase the client's access keys: %w", err)
	}
	return ids, nil
}

// eraseWritten deletes the tags, contacts and notes of a client. It returns the ids of contacts and notes, and how many
// there were.
func eraseWritten(
	system context.Context, tx *ent.Tx, clientID string,
) (ids []string, counts []audit.Change, err error) {
	contacts, err := tx.ClientContact.Query().Where(clientcontact.ClientID(clientID)).IDs(system)
	if err != nil {
		return nil, nil, fmt.Errorf("find the client's contacts: %w", err)
	}
	notes, err := tx.ClientNote.Query().Where(clientnote.ClientID(clientID)).IDs(system)
	if err != nil {
		return nil, nil, fmt.Errorf("find the client's notes: %w", err)
	}
	for _, remove := range []func(context.Context) (int, error){
		tx.ClientContact.Delete().Where(clientcontact.ClientID(clientID)).Exec,
		tx.ClientNote.Delete().Where(clientnote.ClientID(clientID)).Exec,
		tx.ClientTag.Delete().Where(clienttag.ClientID(clientID)).Exec,
	} {
		if _, err := remove(system); err != nil {
			return nil, nil, fmt.Errorf("delete what was written about the client: %w", err)
		}
	}
	return append(contacts, notes...),
		[]audit.Change{{Field: "contacts", Old: len(contacts)}, {Field: "notes", Old: len(notes)}}, nil
}

// forgetRequests deletes the idempotent requests that made the client and its rows, as their hashes are not keyed.
func forgetRequests(system context.Context, tx *ent.Tx, client *ent.ClientRecord, owned []string) error {
	_, err := tx.IdempotentRequest.Delete().
		Where(idempotentrequest.ObjectIDIn(append(owned, client.ID)...)).
		Exec(system)
	if err != nil {
		return fmt.Errorf("delete the requests of the client: %w", err)
	}
	return nil
}

// bury reduces a client's row to its id and a keyed hash of its document.
func (s *Service) bury(ctx context.Context, tx *ent.Tx, client *ent.ClientRecord) (*ent.ClientRecord, error) {
	update := tx.ClientRecord.UpdateOne(client).
		SetName(erasedName).
		SetNameKey(strings.ToLower(erasedName)).
		ClearTradeName().
		SetDocument(tombstone(client.ID)).
		SetSearchText(client.ID).
		SetTrouble("0").
		SetErasedAt(s.now()).
		SetErasedDocument(s.documentHash(client.Document))
	if client.ArchivedAt == nil {
		update.SetArchivedAt(s.now())
	}
	erased, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("erase the client: %w", err)
	}
	return erased, nil
}

// tombstone returns the text that replaces the document of an erased client. No document looks like it, and each client
// has its own.
func tombstone(id string) string { return "#" + id[len(id)-13:] }

func (s *Service) documentHash(document string) []byte {
	return s.keys.MAC("erased document", []byte(document))
}
