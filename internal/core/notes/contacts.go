// Package notes keeps what operators write down beside a client: whom to call there, and what was said. It is erased
// with the client.
package notes

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientcontact"
	"github.com/chaveiro/chaveiro/ent/idempotentrequest"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/typed"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// These cap what is kept of a client, and its texts.
const (
	maxContacts = 20
	maxNotes    = 1000

	maxName     = 200
	maxPosition = 100
	maxPhone    = 40
	maxHint     = 500
	maxText     = 2000
)

// Service works on contacts and notes, each change in one transaction with its audit event. The events name the fields
// that changed, and not their values: these are about persons.
type Service struct {
	store *store.Store
	live  *live.Bus
}

// New returns the service over a store. bus gets the changes, unless it is nil.
func New(s *store.Store, bus *live.Bus) *Service { return &Service{store: s, live: bus} }

// Contact is a person to call about a client.
type Contact struct {
	Name string
	// Role, Phone, Email and Note are empty where they are unknown.
	Position, Phone, Email, Note *string
}

// check returns a contact as it is stored.
func (c Contact) check() (Contact, error) {
	var bad fault.List
	c.Name = bad.Line(c.Name, maxName, "name")
	c.Position = optional(c.Position, func(text string) string { return bad.OptionalLine(text, maxPosition, "position") })
	c.Phone = optional(c.Phone, func(text string) string { return bad.OptionalLine(text, maxPhone, "phone") })
	c.Email = optional(c.Email, func(text string) string {
		address := typed.Email(text)
		if address == "" && typed.IsSeen(text) {
			bad.Add(fault.EmailInvalid, nil, "email")
		}
		return address
	})
	c.Note = optional(c.Note, func(text string) string { return bad.Paragraph(&text, maxHint, "note") })
	return c, bad.Err()
}

// optional returns what tidy makes of a text; nil when nothing is left.
func optional(text *string, tidy func(string) string) *string {
	if text == nil {
		return nil
	}
	if tidied := tidy(*text); tidied != "" {
		return &tidied
	}
	return nil
}

// texts returns the fields of a contact by their names.
func (c Contact) texts() []field {
	return []field{{"name", &c.Name}, {"position", c.Position}, {"phone", c.Phone}, {"email", c.Email}, {"note", c.Note}}
}

type field struct {
	name string
	text *string
}

// differences returns the fields in which two contacts differ, for the audit trail.
func differences(before, after Contact) []audit.Change {
	var changes []audit.Change
	old := before.texts()
	for i, f := range after.texts() {
		if was := old[i].text; (was == nil) != (f.text == nil) || was != nil && *was != *f.text {
			changes = append(changes, audit.Change{Field: f.name})
		}
	}
	return changes
}

// AddContactInput is a new contact of a client.
type AddContactInput struct {
	ClientID string
	Contact
	IdempotencyKey *string
}

// AddContact adds a contact to a client. It returns a fault.List when the input can be mended.
func (s *Service) AddContact(ctx context.Context, in AddContactInput) (*ent.ClientContact, error) {
	contact, err := in.check()
	if err != nil {
		return nil, err
	}
	var made *ent.ClientContact
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		id := ident.New(ident.ClientContact)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "addClientContact", Input: []any{in.ClientID, contact},
		}, id)
		if err != nil {
			return err
		}
		if _, err := clients.Lock(ctx, tx, in.ClientID, "clientId"); err != nil {
			return err
		}
		if known != id {
			made, err = findContact(ctx, tx, known, "idempotencyKey")
			return err
		}
		count, err := tx.ClientContact.Query().Where(clientcontact.ClientID(in.ClientID)).Count(ctx)
		if err != nil {
			return fmt.Errorf("count the client's contacts: %w", err)
		}
		if count >= maxContacts {
			return fault.List{{Code: fault.LimitReached, Field: []string{"clientId"}, Args: []any{maxContacts}}}
		}
		made, err = tx.ClientContact.Create().SetID(id).SetClientID(in.ClientID).SetName(contact.Name).
			SetNillablePosition(contact.Position).SetNillablePhone(contact.Phone).SetNillableEmail(contact.Email).
			SetNillableNote(contact.Note).Save(ctx)
		if err != nil {
			return fmt.Errorf("insert the contact: %w", err)
		}
		return s.record(ctx, tx, in.ClientID, audit.Event{
			Action: "client_contact.add", ObjectID: id, Changes: differences(Contact{}, contact),
		})
	})
	return made, err
}

// record publishes a change beside a client, and returns after it was put into the audit trail.
func (s *Service) record(ctx context.Context, tx *ent.Tx, clientID string, event audit.Event) error {
	event.ClientID = clientID
	if err := edit.Tell(ctx, tx, s.live, live.Event{ClientID: clientID, ObjectID: event.ObjectID}); err != nil {
		return err
	}
	return audit.Append(ctx, tx, event)
}

// UpdateContactInput is a contact as it is from now on.
type UpdateContactInput struct {
	ID string
	Contact
	// Version is that of the contact as the caller has seen it; nil when the caller does not say.
	Version *int
}

// UpdateContact changes a contact. It returns a fault.List when the input can be mended, and an edit.Conflict when
// somebody else has saved the contact since the version that the caller has seen.
func (s *Service) UpdateContact(ctx context.Context, in UpdateContactInput) (*ent.ClientContact, error) {
	contact, err := in.check()
	if err != nil {
		return nil, err
	}
	var changed *ent.ClientContact
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := findContact(ctx, tx, in.ID, "id")
		if err != nil {
			return err
		}
		before := Contact{old.Name, old.Position, old.Phone, old.Email, old.Note}
		changes := differences(before, contact)
		if len(changes) == 0 {
			changed = old
			return nil
		}
		seen := edit.Object{
			ID: in.ID, Seen: in.Version, Version: old.Version, Actions: []string{"client_contact.update"},
		}
		if err := edit.Check(ctx, tx, seen); err != nil {
			return err
		}
		changed, err = setContact(old.Update().AddVersion(1), contact).Save(ctx)
		if err != nil {
			return fmt.Errorf("update the contact: %w", err)
		}
		return s.record(ctx, tx, old.ClientID, audit.Event{
			Action: "client_contact.update", ObjectID: in.ID, Changes: changes,
		})
	})
	return changed, err
}

// setContact sets all fields of a contact in an update.
func setContact(update *ent.ClientContactUpdateOne, c Contact) *ent.ClientContactUpdateOne {
	set := func(text *string, set func(string) *ent.ClientContactUpdateOne, unset func() *ent.ClientContactUpdateOne) {
		if text == nil {
			unset()
		} else {
			set(*text)
		}
	}
	set(c.Position, update.SetPosition, update.ClearPosition)
	set(c.Phone, update.SetPhone, update.ClearPhone)
	set(c.Email, update.SetEmail, update.ClearEmail)
	set(c.Note, update.SetNote, update.ClearNote)
	return update.SetName(c.Name)
}

// RemoveContact deletes a contact. It returns the id of its client, and a fault.List when there is no such contact.
func (s *Service) RemoveContact(ctx context.Context, id string) (clientID string, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := findContact(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		if err := tx.ClientContact.DeleteOne(old).Exec(ctx); err != nil {
			return fmt.Errorf("delete the contact: %w", err)
		}
		if err := forgetRequest(ctx, tx, id); err != nil {
			return err
		}
		clientID = old.ClientID
		return s.record(ctx, tx, clientID, audit.Event{Action: "client_contact.remove", ObjectID: id})
	})
	return clientID, err
}

// forgetRequest deletes the idempotent request that made an object about a person, as its hash is not keyed.
func forgetRequest(ctx context.Context, tx *ent.Tx, id string) error {
	_, err := tx.IdempotentRequest.Delete().Where(idempotentrequest.ObjectID(id)).
		Exec(principal.AsSystem(ctx, "removal of what is beside a client"))
	if err != nil {
		return fmt.Errorf("delete the request of %s: %w", id, err)
	}
	return nil
}

// findContact reads a contact after it has locked its client until tx ends. It returns a fault.List at a field when
// there is none.
func findContact(ctx context.Context, tx *ent.Tx, id, field string) (*ent.ClientContact, error) {
	found, err := tx.ClientContact.Get(ctx, id)
	if err == nil {
		if _, err := clients.Lock(ctx, tx, found.ClientID, field); err != nil {
			return nil, err
		}
		found, err = tx.ClientContact.Get(ctx, id) // read again: it may have changed before the lock
	}
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, field)
	}
	if err != nil {
		return nil, fmt.Errorf("find the contact: %w", err)
	}
	return found, nil
}
