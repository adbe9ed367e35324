// Package clients keeps the shops that the software house serves.
package clients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// maxName caps the characters of a name.
const maxName = 200

// Service works on clients, each change in one transaction with its audit event.
type Service struct {
	store *store.Store
	keys  *seal.Keyset
	trail *audit.Trail
	live  *live.Bus
	now   func() time.Time
}

// New returns the service over a store. keys hash the documents of erased clients. bus gets the changes, unless it is
// nil; now is its clock.
func New(s *store.Store, keys *seal.Keyset, bus *live.Bus, now func() time.Time) *Service {
	return &Service{store: s, keys: keys, trail: audit.NewTrail(s), live: bus, now: now}
}

// CreateInput is a new client.
type CreateInput struct {
	Name           string
	TradeName      *string
	Document       string
	Tags           []string
	IdempotencyKey *string
}

// Create adds a client. It returns a fault.List when the input can be mended; for a document that another client has,
// the list names that client.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.ClientRecord, error) {
	var bad fault.List
	name := bad.Line(in.Name, maxName, "name")
	tradeName := optional(&bad, in.TradeName)
	document := parse(&bad, in.Document)
	tags := checkTags(&bad, in.Tags)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var made *ent.ClientRecord
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		id := ident.New(ident.Client)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "createClient", Input: createInput(name, tradeName, document, tags),
		}, id)
		if err != nil {
			return err
		}
		if known != id {
			repeated, err := tx.ClientRecord.Get(ctx, known)
			if err == nil && !store.VouchesWithin(ctx, repeated) {
				return fault.New(fault.Altered, "idempotencyKey")
			}
			if err == nil && repeated.Document != document.String() { // the document changed since, or the client is another
				return fault.New(fault.IdempotencyMismatch, "idempotencyKey")
			}
			made = repeated
			return err
		}
		if err := refuseTaken(ctx, tx, document, id); err != nil {
			return err
		}
		create := tx.ClientRecord.Create().
			SetID(id).
			SetName(name).
			SetNameKey(search.Fold(name)).
			SetDocument(document.String()).
			SetSearchText(SearchText(name, tradeName, document.String()))
		if tradeName != "" {
			create.SetTradeName(tradeName)
		}
		if made, err = create.Save(ctx); err != nil {
			return fmt.Errorf("insert the client: %w", err)
		}
		written, err := asWritten(ctx, tx, tags)
		if err != nil {
			return err
		}
		if err := setTags(ctx, tx, id, nil, written); err != nil {
			return err
		}
		changes := []audit.Change{
			{Field: "name", New: name},
			{Field: "tradeName", New: tradeName},
			{Field: "document", New: document.String()},
		}
		if len(written) > 0 {
			changes = append(changes, audit.Change{Field: "tags", New: textsOf(written)})
		}
		return audit.Append(ctx, tx, audit.Event{Action: "client.create", ObjectID: id, ClientID: id, Changes: changes})
	})
	return made, s.explainTaken(ctx, err, document)
}

// createInput is what tells two requests with one idempotency key apart. Without tags it is as before there were any.
func createInput(name, tradeName string, document brdoc.Document, tags []tag) []string {
	input := []string{name, tradeName, document.String()}
	for _, t := range tags {
		input = append(input, t.key)
	}
	return input
}

// UpdateInput is the changes of a client. A nil field stays as it is.
type UpdateInput struct {
	ID        string
	Name      *string
	TradeName *string
	Document  *string
	// Tags are all that the client has from now on; nil leaves them.
	Tags []string
	// Version is that of the client as the caller has seen it; nil when the caller does not say.
	Version *int
}

// edits are the actions that raise the version of a client.
var edits = []string{"client.update", "client.archive", "client.restore"}

// Update changes a client's own data. It returns a fault.List when the input can be mended, and an edit.Conflict when
// somebody else has saved the client since the version that the caller has seen.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.ClientRecord, error) {
	var (
		bad      fault.List
		name     string
		document brdoc.Document
	)
	if in.Name != nil {
		name = bad.Line(*in.Name, maxName, "name")
	}
	tradeName := optional(&bad, in.TradeName)
	if in.Document != nil {
		document = parse(&bad, *in.Document)
	}
	tags := checkTags(&bad, in.Tags)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	var changed *ent.ClientRecord
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := Lock(ctx, tx, in.ID, "id")
		if err != nil {
			return err
		}
		next := *old
		if in.Name != nil {
			next.Name = name
		}
		if in.TradeName != nil && tradeName != value(old.TradeName) {
			next.TradeName = &tradeName
		}
		if in.Document != nil && document.String() != old.Document {
			if err := refuseTaken(ctx, tx, document, in.ID); err != nil {
				return err
			}
			next.Document = document.String()
		}
		update := tx.ClientRecord.UpdateOne(old)
		changes := setChanged(update, old, &next)
		oldTags, newTags, err := retag(ctx, tx, in, tags)
		if err != nil {
			return err
		}
		if !slices.EqualFunc(oldTags, newTags, tag.isSame) {
			changes = append(changes, audit.Change{Field: "tags", Old: textsOf(oldTags), New: textsOf(newTags)})
		}
		if len(changes) == 0 {
			changed = old
			return nil
		}
		if err := checkVersion(ctx, tx, old, in.Version); err != nil {
			return err
		}
		if err := setTags(ctx, tx, in.ID, oldTags, newTags); err != nil {
			return err
		}
		update.AddVersion(1).SetSearchText(SearchText(next.Name, value(next.TradeName), next.Document))
		if changed, err = update.Save(ctx); err != nil {
			return fmt.Errorf("update the client: %w", err)
		}
		if next.Name != old.Name || next.Document != old.Document {
			if err := s.tellBackOffices(ctx, tx, in.ID); err != nil {
				return err
			}
		}
		if err := s.tell(ctx, tx, in.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "client.update", ObjectID: in.ID, ClientID: in.ID, Changes: changes})
	})
	return changed, s.explainTaken(ctx, err, document)
}

// retag returns the tags of a client as they are, and as an update wants them.
func retag(ctx context.Context, tx *ent.Tx, in UpdateInput, tags []tag) (old, next []tag, err error) {
	if in.Tags == nil {
		return nil, nil, nil
	}
	if old, err = tagsOf(ctx, tx, in.ID); err != nil {
		return nil, nil, err
	}
	next, err = asWritten(ctx, tx, tags)
	return old, next, err
}

// checkVersion returns an edit.Conflict when the caller has seen another version of a client that tx has locked.
func checkVersion(ctx context.Context, tx *ent.Tx, client *ent.ClientRecord, seen *int) error {
	return edit.Check(ctx, tx, edit.Object{ID: client.ID, Seen: seen, Version: client.Version, Actions: edits})
}

// tell publishes that a person has changed a client, or what is kept beside it.
func (s *Service) tell(ctx context.Context, tx *ent.Tx, id string) error {
	return edit.Tell(ctx, tx, s.live, live.Event{ClientID: id, ObjectID: id})
}

// setChanged sets the fields in which next differs from old in an update, and returns them for the audit trail.
func setChanged(update *ent.ClientRecordUpdateOne, old, next *ent.ClientRecord) (changes []audit.Change) {
	if next.Name != old.Name {
		update.SetName(next.Name).SetNameKey(search.Fold(next.Name))
		changes = append(changes, audit.Change{Field: "name", Old: old.Name, New: next.Name})
	}
	if was, is := value(old.TradeName), value(next.TradeName); is != was {
		if is == "" {
			update.ClearTradeName()
		} else {
			update.SetTradeName(is)
		}
		changes = append(changes, audit.Change{Field: "tradeName", Old: was, New: is})
	}
	if next.Document != old.Document {
		update.SetDocument(next.Document)
		changes = append(changes, audit.Change{Field: "document", Old: old.Document, New: next.Document})
	}
	return changes
}

// tellBackOffices publishes a new name or document to the back-offices of a client, which read them.
func (s *Service) tellBackOffices(ctx context.Context, tx *ent.Tx, id string) error {
	owned, err := tx.ClientProduct.Query().Where(clientproduct.ClientID(id)).Order(clientproduct.ByID()).IDs(ctx)
	if err != nil {
		return fmt.Errorf("read the products of the client: %w", err)
	}
	for _, owner := range owned { // in one fixed order, so that two changes never deadlock
		if err := products.Tell(ctx, tx, s.live, id, owner); err != nil {
			return err
		}
	}
	return nil
}

// Archive removes a client from the lists and refuses its access keys, but deletes nothing. Archiving an archived
// client changes nothing. It returns a fault.List when there is no such client, and an edit.Conflict as Update does.
func (s *Service) Archive(ctx context.Context, id string, seen *int) (*ent.ClientRecord, error) {
	now := s.now()
	return s.setArchived(ctx, id, seen, &now)
}

// Restore undoes Archive. Restoring an active client changes nothing. It returns the errors of Archive.
func (s *Service) Restore(ctx context.Context, id string, seen *int) (*ent.ClientRecord, error) {
	return s.setArchived(ctx, id, seen, nil)
}

func (s *Service) setArchived(ctx context.Context, id string, seen *int, at *time.Time) (*ent.ClientRecord, error) {
	var changed *ent.ClientRecord
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := Lock(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		if (old.ArchivedAt == nil) == (at == nil) {
			changed = old
			return nil
		}
		if err := checkVersion(ctx, tx, old, seen); err != nil {
			return err
		}
		update, action := tx.ClientRecord.UpdateOneID(id).AddVersion(1), "client.archive"
		if at != nil {
			update.SetArchivedAt(*at)
		} else {
			update.ClearArchivedAt()
			action = "client.restore"
		}
		if changed, err = update.Save(ctx); err != nil {
			return fmt.Errorf("update the client: %w", err)
		}
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.RightsChanged, ClientID: id, ObjectID: id}); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: action, ObjectID: id, ClientID: id})
	})
	return changed, err
}

// Lock reads a client that is to change, or something beside it, and locks its row until tx ends. It returns a
// fault.List at field for an erased client, and when there is none.
func Lock(ctx context.Context, tx *ent.Tx, id, field string) (*ent.ClientRecord, error) {
	client, err := find(ctx, tx, id, field)
	if err == nil && client.ErasedAt != nil {
		return nil, fault.New(fault.ClientErased, field)
	}
	return client, err
}

// find reads a client, and locks its row until tx ends.
func find(ctx context.Context, tx *ent.Tx, id, field string) (*ent.ClientRecord, error) {
	client, err := tx.ClientRecord.Query().Where(clientrecord.ID(id), store.ForUpdate).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, field)
	}
	if err != nil {
		return nil, fmt.Errorf("find the client: %w", err)
	}
	return client, nil
}

// SearchText returns the text that a search looks in: name, trade name and document, folded.
func SearchText(name, tradeName, document string) string {
	return search.Fold(name + " " + tradeName + " " + document)
}

func optional(bad *fault.List, tradeName *string) string {
	return bad.OptionalLine(value(tradeName), maxName, "tradeName")
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func parse(bad *fault.List, text string) brdoc.Document {
	document, err := brdoc.Parse(text)
	switch {
	case err == nil:
	case strings.TrimSpace(text) == "":
		bad.Add(fault.Required, nil, "document")
	case errors.Is(err, brdoc.ErrCharacter):
		bad.Add(fault.DocumentCharacters, nil, "document")
	case errors.Is(err, brdoc.ErrLength):
		bad.Add(fault.DocumentLength, nil, "document")
	default:
		bad.Add(fault.DocumentCheckDigits, nil, "document")
	}
	return document
}

// refuseTaken returns a fault.List that names the client that has the document, unless it is the client with this id.
func refuseTaken(ctx context.Context, tx *ent.Tx, document brdoc.Document, id string) error {
	other, err := tx.ClientRecord.Query().
		Where(clientrecord.Document(document.String()), clientrecord.IDNEQ(id)).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the document: %w", err)
	}
	return documentTaken(other)
}

// explainTaken turns a unique violation of the document, after a concurrent request, into the fault of refuseTaken.
func (s *Service) explainTaken(ctx context.Context, err error, document brdoc.Document) error {
	if !store.IsUniqueViolation(err, clientrecord.Table, clientrecord.FieldDocument) {
		return err
	}
	other, findErr := s.store.Reader().ClientRecord.Query().Where(clientrecord.Document(document.String())).Only(ctx)
	if findErr != nil {
		return err
	}
	return documentTaken(other)
}

func documentTaken(by *ent.ClientRecord) error {
	return fault.List{{Code: fault.DocumentTaken, Field: []string{"document"}, Args: []any{by.Name}, RelatedID: by.ID}}
}
