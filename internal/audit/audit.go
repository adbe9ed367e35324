// Package audit appends to the trail of who did what, when and from where. An event is written in the transaction of
// the change itself: a change that cannot be recorded does not happen.
package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
)

// Origin is where a request came from.
type Origin struct {
	// Address is the network address of the caller.
	Address string
	// RequestID names the request in logs and answers.
	RequestID string
}

type originKey struct{}

// WithOrigin returns a context whose events carry origin.
func WithOrigin(ctx context.Context, origin Origin) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// OriginFrom returns the origin of the context; its fields are empty for work that no request asked for.
func OriginFrom(ctx context.Context) Origin {
	origin, _ := ctx.Value(originKey{}).(Origin)
	return origin
}

// Change is one changed field. Old and New stay nil for a secret, of which only the name is told.
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
}

// Append writes an event in tx, on behalf of the principal of the context.
func Append(ctx context.Context, tx *ent.Tx, event Event) error {
	origin := OriginFrom(ctx)
	create := tx.AuditEvent.Create().
		SetAction(event.Action).
		SetAddress(origin.Address).
		SetRequestID(origin.RequestID)
	switch p := principal.From(ctx).(type) {
	case principal.Operator:
		kind := "OPERATOR"
		if p.IsService() {
			kind = "SERVICE_TOKEN"
		}
		create.SetActorKind(kind).SetActorID(p.ID).SetActorLabel(p.Name)
	case principal.Key:
		create.SetActorKind("ACCESS_KEY").SetActorID(p.ID).SetActorLabel(p.Name)
	case principal.System:
		create.SetActorKind("SYSTEM").SetActorLabel(p.Task)
	default:
		return fmt.Errorf("append audit event %s: no principal", event.Action)
	}
	if event.ObjectID != "" {
		create.SetObjectID(event.ObjectID)
	}
	if event.ClientID != "" {
		create.SetClientID(event.ClientID)
	}
	if len(event.Changes) > 0 {
		changes, err := json.Marshal(event.Changes)
		if err != nil {
			return fmt.Errorf("append audit event %s: %w", event.Action, err)
		}
		create.SetChanges(changes)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("append audit event %s: %w", event.Action, err)
	}
	return nil
}
