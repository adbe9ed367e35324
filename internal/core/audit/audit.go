// Package audit appends to the trail of who did what, when and from where, and verifies it. An event is written in the
// transaction of the change itself: a change that cannot be recorded does not happen.
//
// The events are a chain. Each has the next number, and a keyed hash of itself and of the hash before. So a writer to
// the database without the installation's keyset can neither change nor drop an event unseen. A cut-off end shows
// against a head that was noted elsewhere. The details that an erasure must be able to empty (the changes, the actor's
// label, the address) have a keyed hash of their own. That hash stays, and the chain covers it.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Origin is where a request came from.
type Origin struct {
	// Address is the network address of the caller.
	Address string
	// RequestID names the request in logs and answers.
	RequestID string
	// CallerRequestID is the caller's own name of the request; empty when it gave none. Only the log has it.
	CallerRequestID string
}

type originKey struct{}

// WithOrigin returns a context whose events carry origin.
func WithOrigin(ctx context.Context, origin Origin) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// OriginFrom returns the origin of the context; its fields are empty for work without a request.
func OriginFrom(ctx context.Context) Origin {
	origin, _ := ctx.Value(originKey{}).(Origin)
	return origin
}

// Change is one changed field. Old and New stay nil for a secret: the event has only its name.
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old,omitempty"`
	New   any    `json:"new,omitempty"`
}

// Event is what happened.
type Event struct {
	// Action is a stable name, object and verb: client.create.
	Action string
	// ObjectID is the id of what was acted upon.
	ObjectID string
	// ClientID is the id of the client that the object belongs to; empty when it belongs to none.
	ClientID string
	// Changes are the changed fields.
	Changes []Change
	// Refused is whether the action was asked for and refused.
	Refused bool
}

// Append writes an event at the end of tx, with the principal of ctx as actor. ctx is the context that Write gives its
// function, or derived from it. It returns an error when there is no principal, or no chain (see Keep).
func Append(ctx context.Context, tx *ent.Tx, event Event) error {
	link, err := newLink(ctx, event)
	if err != nil {
		return fmt.Errorf("append audit event %s: %w", event.Action, err)
	}
	if !store.Note(ctx, link) {
		return fmt.Errorf("append audit event %s: no chain is kept", event.Action)
	}
	return nil
}

// newLink returns an event as it is stored, without its place in the chain.
func newLink(ctx context.Context, event Event) (*ent.AuditEvent, error) {
	origin := OriginFrom(ctx)
	link := &ent.AuditEvent{
		ID:        auditevent.DefaultID(),
		CreatedAt: auditevent.DefaultCreatedAt(),
		Address:   origin.Address,
		RequestID: origin.RequestID,
		Action:    event.Action,
		Result:    auditevent.ResultDONE,
	}
	if event.Refused {
		link.Result = auditevent.ResultREFUSED
	}
	switch p := principal.From(ctx).(type) {
	case principal.Operator:
		link.ActorKind, link.ActorID, link.ActorLabel = "OPERATOR", &p.ID, p.Name
		if p.IsService() {
			link.ActorKind = "SERVICE_TOKEN"
		}
	case principal.Key:
		link.ActorKind, link.ActorID, link.ActorLabel = "ACCESS_KEY", &p.ID, p.Name
	case principal.System:
		link.ActorKind, link.ActorLabel = "SYSTEM", p.Task
	default:
		return nil, errors.New("no principal")
	}
	if event.ObjectID != "" {
		link.ObjectID = &event.ObjectID
	}
	if event.ClientID != "" {
		link.ClientID = &event.ClientID
	}
	if len(event.Changes) > 0 {
		written := slices.Clone(event.Changes)
		for i, c := range written {
			written[i].Old, written[i].New = instant.Value(c.Old), instant.Value(c.New)
		}
		changes, err := json.Marshal(written)
		if err != nil {
			return nil, err
		}
		link.Changes = changes
	}
	return link, nil
}
