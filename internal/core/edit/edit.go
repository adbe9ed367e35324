// Package edit lets people who save the same object know of each other. Each object that people change has a version,
// which each change by a person raises by one and nothing else does. A caller says which version it has seen. If that
// is not the object's version any more, nothing is saved, and the caller is told who has saved what since.
//
//	object := edit.Object{ID: id, Seen: in.Version, Version: old.Version, Actions: actions}
//	if err := edit.Check(ctx, tx, object); err != nil {
//		return err
//	}
//	changed, err := update.AddVersion(1).Save(ctx)
//	...
//	return edit.Tell(ctx, tx, bus, live.Event{ClientID: id, ObjectID: id})
package edit

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// maxEdits caps the changes that a conflict tells of.
const maxEdits = 20

// Object is an object that a transaction has locked and is about to change.
type Object struct {
	ID string
	// Seen is the version that the caller has seen; nil when the caller does not say.
	Seen *int
	// Version is the version in the database.
	Version int64
	// Actions are the actions of the audit events that raise the version.
	Actions []string
}

// Edit is a change that somebody saved.
type Edit struct {
	At time.Time
	// By is the name of who saved it.
	By string
	// Fields are the names of the fields that changed.
	Fields []string
}

// Conflict is a change that was refused because its caller has seen an older version of the object: a fault.List with
// fault.Conflict.
type Conflict struct {
	// Edits are the changes since that version, newest first, at most maxEdits. It lacks those that the audit trail has
	// no more.
	Edits []Edit
}

// Error returns the code.
func (c Conflict) Error() string { return string(fault.Conflict) }

// Unwrap returns the list.
func (c Conflict) Unwrap() error { return fault.New(fault.Conflict, "version") }

// Check returns a Conflict when the caller has seen another version of an object than that in the database. It is
// called only when there is something to change: a request that is sent twice is no conflict.
func Check(ctx context.Context, tx *ent.Tx, o Object) error {
	if o.Seen == nil || int64(*o.Seen) == o.Version {
		return nil
	}
	missed := min(o.Version-int64(*o.Seen), maxEdits)
	if missed < 1 { // the caller has seen what a backup has undone since
		return Conflict{}
	}
	// The caller may have no right to the trail, and gets only who changed which fields.
	events, err := tx.AuditEvent.Query().
		Where(auditevent.ObjectID(o.ID), auditevent.ActionIn(o.Actions...), auditevent.ResultEQ(auditevent.ResultDONE)).
		Order(ent.Desc(auditevent.FieldID)).Limit(int(missed)).
		All(principal.AsSystem(ctx, "conflict"))
	if err != nil {
		return fmt.Errorf("find who saved %s: %w", o.ID, err)
	}
	edits := make([]Edit, len(events))
	for i, e := range events {
		recorded, err := audit.Record(e)
		if err != nil {
			return err
		}
		edits[i] = Edit{At: e.CreatedAt, By: recorded.ActorLabel, Fields: []string{}}
		for _, change := range recorded.Changes {
			edits[i].Fields = append(edits[i].Fields, change.Field)
		}
	}
	return Conflict{Edits: edits}
}

// Tell publishes that a person has changed an object, so that others who have it open read it again. event has the ids.
func Tell(ctx context.Context, tx *ent.Tx, bus *live.Bus, event live.Event) error {
	event.Topic = live.Edited
	return bus.Publish(ctx, tx, event)
}
