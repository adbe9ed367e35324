package notes

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientnote"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
)

// AddNoteInput is a new note about a client.
type AddNoteInput struct {
	ClientID, Text string
	IdempotencyKey *string
}

// AddNote adds a note by the operator of the context. It returns a fault.List when the input can be mended.
func (s *Service) AddNote(ctx context.Context, in AddNoteInput) (*ent.ClientNote, error) {
	text, err := checkText(in.Text)
	if err != nil {
		return nil, err
	}
	author, ok := principal.From(ctx).(principal.Operator)
	if !ok {
		return nil, fault.Forbidden
	}
	var made *ent.ClientNote
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		id := ident.New(ident.ClientNote)
		known, err := idempotency.Reserve(ctx, tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "addClientNote", Input: []string{in.ClientID, text},
		}, id)
		if err != nil {
			return err
		}
		if _, err := clients.Lock(ctx, tx, in.ClientID, "clientId"); err != nil {
			return err
		}
		if known != id {
			made, err = findNote(ctx, tx, known, "idempotencyKey")
			return err
		}
		count, err := tx.ClientNote.Query().Where(clientnote.ClientID(in.ClientID)).Count(ctx)
		if err != nil {
			return fmt.Errorf("count the client's notes: %w", err)
		}
		if count >= maxNotes {
			return fault.List{{Code: fault.LimitReached, Field: []string{"clientId"}, Args: []any{maxNotes}}}
		}
		made, err = tx.ClientNote.Create().SetID(id).SetClientID(in.ClientID).SetText(text).
			SetAuthorID(author.ID).SetAuthor(author.Name).Save(ctx)
		if err != nil {
			return fmt.Errorf("insert the note: %w", err)
		}
		return s.record(ctx, tx, in.ClientID, audit.Event{Action: "client_note.add", ObjectID: id})
	})
	return made, err
}

// checkText returns the text of a note as it is stored.
func checkText(text string) (string, error) {
	var bad fault.List
	text = bad.Paragraph(&text, maxText, "text")
	if text == "" {
		bad.Add(fault.Required, nil, "text")
	}
	return text, bad.Err()
}

// UpdateNoteInput is a note as it is from now on.
type UpdateNoteInput struct {
	ID, Text string
	// Version is that of the note as the caller has seen it; nil when the caller does not say.
	Version *int
}

// UpdateNote changes a note of the operator of the context. It returns a fault.List when the input can be mended or the
// note is another's, and an edit.Conflict when it was saved since the version that the caller has seen.
func (s *Service) UpdateNote(ctx context.Context, in UpdateNoteInput) (*ent.ClientNote, error) {
	text, err := checkText(in.Text)
	if err != nil {
		return nil, err
	}
	var changed *ent.ClientNote
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := findNote(ctx, tx, in.ID, "id")
		if err != nil {
			return err
		}
		if !IsOwn(ctx, old) {
			return fault.New(fault.NotAuthor, "id")
		}
		if old.Text == text {
			changed = old
			return nil
		}
		seen := edit.Object{ID: in.ID, Seen: in.Version, Version: old.Version, Actions: []string{"client_note.update"}}
		if err := edit.Check(ctx, tx, seen); err != nil {
			return err
		}
		if changed, err = old.Update().AddVersion(1).SetText(text).Save(ctx); err != nil {
			return fmt.Errorf("update the note: %w", err)
		}
		return s.record(ctx, tx, old.ClientID, audit.Event{
			Action: "client_note.update", ObjectID: in.ID, Changes: []audit.Change{{Field: "text"}},
		})
	})
	return changed, err
}

// RemoveNote deletes a note: the own, and an administrator every one. It returns the id of its client, and a fault.List
// when there is no such note or it is another's.
func (s *Service) RemoveNote(ctx context.Context, id string) (clientID string, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := findNote(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		if by, ok := principal.From(ctx).(principal.Operator); !ok || by.Role != principal.Admin && !IsOwn(ctx, old) {
			return fault.New(fault.NotAuthor, "id")
		}
		if err := tx.ClientNote.DeleteOne(old).Exec(ctx); err != nil {
			return fmt.Errorf("delete the note: %w", err)
		}
		if err := forgetRequest(ctx, tx, id); err != nil {
			return err
		}
		clientID = old.ClientID
		return s.record(ctx, tx, clientID, audit.Event{Action: "client_note.remove", ObjectID: id})
	})
	return clientID, err
}

// IsOwn reports whether the operator of the context wrote a note.
func IsOwn(ctx context.Context, note *ent.ClientNote) bool {
	by, ok := principal.From(ctx).(principal.Operator)
	return ok && by.ID == note.AuthorID
}

// EditedAt returns when the author last changed a note; nil when never.
func EditedAt(note *ent.ClientNote) *time.Time {
	if note.Version == 1 {
		return nil
	}
	return &note.UpdatedAt
}

// List returns a page of the notes about a client, newest first. It returns a fault.BadRequest when the arguments are
// invalid.
func (s *Service) List(
	ctx context.Context, clientID string, args page.Args,
) (*page.Connection[*ent.ClientNote], error) {
	window, err := args.Window(page.Order{Desc: true}) // ids rise with time
	if err != nil {
		return nil, err
	}
	ofClient := clientnote.ClientID(clientID)
	rows, err := s.store.Reader().ClientNote.Query().Where(ofClient, predicate.ClientNote(window.Apply)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the client's notes: %w", err)
	}
	return page.New(window, rows,
		func(n *ent.ClientNote) (string, string) { return "", n.ID },
		func(ctx context.Context) (int, error) {
			return s.store.Reader().ClientNote.Query().Where(ofClient).Count(ctx)
		},
	), nil
}

// findNote is findContact for a note.
func findNote(ctx context.Context, tx *ent.Tx, id, field string) (*ent.ClientNote, error) {
	found, err := tx.ClientNote.Get(ctx, id)
	if err == nil {
		if _, err := clients.Lock(ctx, tx, found.ClientID, field); err != nil {
			return nil, err
		}
		found, err = tx.ClientNote.Get(ctx, id)
	}
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, field)
	}
	if err != nil {
		return nil, fmt.Errorf("find the note: %w", err)
	}
	return found, nil
}
