package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditcheckpoint"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// erasure is the action of the event that accounts for emptied details.
const erasure = "client.erase"

// Erase empties the details (changes, actor's label, address) of every committed event of a client. In the same
// transaction it records the erasure of the client and what else was erased. What was done, when and by which operator
// stays, and so does the chain. It must be Alone in its transaction.
func Erase(ctx context.Context, tx *ent.Tx, clientID string, erased ...Change) error {
	w, err := newWriter(ctx)
	if err != nil {
		return fmt.Errorf("erase the details of audit events: %w", err)
	}
	if !store.IsAlone(ctx) {
		return errors.New("erase the details of audit events: others may have noted events that are not written yet")
	}
	// Lock the end of the chain first: concurrent events of the client are then written before the erasure or after it.
	if _, err := w.lockHead(principal.AsSystem(ctx, "erase a client"), tx); err != nil {
		return err
	}
	emptied, err := tx.AuditEvent.Update().
		Where(
			auditevent.ClientID(clientID),
			auditevent.Or(auditevent.ChangesNotNil(), auditevent.ActorLabelNEQ(""), auditevent.AddressNEQ("")),
		).
		ClearChanges().SetActorLabel("").SetAddress("").
		Save(principal.AsSystem(ctx, "erase a client"))
	if err != nil {
		return fmt.Errorf("erase the details of audit events: %w", err)
	}
	erased = append(erased, Change{Field: "auditEvents", Old: emptied})
	return Append(ctx, tx, Event{Action: erasure, ObjectID: clientID, ClientID: clientID, Changes: erased})
}

// Trim removes the events before a time, but never the last event, and leaves a checkpoint in their place. It verifies
// them first: if one is not what was written, it returns a *Broken and removes nothing. It returns how many it removed.
func Trim(ctx context.Context, s *store.Store, keys Keys, before time.Time) (int64, error) {
	ctx = principal.AsSystem(ctx, "trim the audit trail")
	through, err := lastBefore(ctx, s, before)
	if err != nil || through == 0 {
		return 0, err
	}
	w := &walk{reader: s.Reader(), keys: keys, erased: map[string]int64{}}
	if err := w.start(ctx); err != nil {
		return 0, err
	}
	if through <= w.at.Seq {
		return 0, nil
	}
	if err := w.run(ctx, through, func(int64) {}); err != nil {
		return 0, err
	}
	var trimmed int64
	err = s.Write(store.Alone(store.InBackground(ctx)), func(ctx context.Context, tx *ent.Tx) error {
		count, err := tx.AuditEvent.Query().Where(auditevent.SeqLTE(through)).Count(ctx)
		if err != nil {
			return fmt.Errorf("count the events to trim: %w", err)
		}
		trimmed = int64(count)
		if err := addCheckpoint(ctx, tx, keys, auditcheckpoint.KindTRIM, w.at, trimmed); err != nil {
			return err
		}
		if _, err := tx.AuditEvent.Delete().Where(auditevent.SeqLTE(through)).Exec(ctx); err != nil {
			return fmt.Errorf("trim audit events: %w", err)
		}
		return Append(ctx, tx,
			Event{Action: "audit.trim", Changes: []Change{{Field: "through", New: through}, {Field: "events", New: trimmed}}})
	})
	return trimmed, err
}

// lastBefore returns the number of the last event such that it and all events before it are older than a time. It never
// returns that of the last event of all. It returns 0 when there is none.
func lastBefore(ctx context.Context, s *store.Store, before time.Time) (int64, error) {
	head, err := Head(ctx, s)
	if err != nil {
		return 0, err
	}
	first, err := s.Reader().AuditEvent.Query().
		Where(auditevent.SeqNotNil(), auditevent.CreatedAtGTE(before)).
		Order(auditevent.BySeq()).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return max(head.Seq-1, 0), nil
	case err != nil:
		return 0, fmt.Errorf("look for events to keep: %w", err)
	}
	return *first.Seq - 1, nil
}

// Recover starts a new segment of the chain after its head, for a keyset that did not make the existing events. The
// caller has made sure that the old keyset is lost.
func Recover(ctx context.Context, tx *ent.Tx, keys Keys) error {
	ctx = principal.AsSystem(ctx, "recovery")
	w := writer{keys}
	head, err := w.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	if err := addCheckpoint(ctx, tx, keys, auditcheckpoint.KindRECOVERY, Anchor{head.Seq, head.Hash}, 0); err != nil {
		return err
	}
	link, err := newLink(ctx, Event{Action: "portal.recover"})
	if err != nil {
		return errors.Join(errors.New("record the recovery"), err)
	}
	if err := w.append(ctx, head, []*ent.AuditEvent{link}); err != nil {
		return err
	}
	return note(ctx, tx, keys, Anchor{head.Seq, head.Hash})
}

func addCheckpoint(
	ctx context.Context, tx *ent.Tx, keys Keys, kind auditcheckpoint.Kind, at Anchor, events int64,
) error {
	c := &ent.AuditCheckpoint{
		ID: ident.New(ident.AuditCheckpoint), CreatedAt: auditcheckpoint.DefaultCreatedAt(),
		Kind: kind, ThroughSeq: at.Seq, Hash: at.Hash, Events: events,
	}
	err := tx.AuditCheckpoint.Create().SetID(c.ID).SetCreatedAt(c.CreatedAt).
		SetKind(c.Kind).SetThroughSeq(c.ThroughSeq).SetHash(c.Hash).SetEvents(c.Events).
		SetMAC(checkpointMAC(keys, c)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("insert a checkpoint of the audit chain: %w", err)
	}
	return nil
}

func checkpointMAC(keys Keys, c *ent.AuditCheckpoint) []byte {
	return keys.MAC("audit checkpoint", mustJSON(struct {
		ID           string
		Microseconds int64
		Kind         string
		ThroughSeq   int64
		Hash         []byte
		Events       int64
	}{c.ID, c.CreatedAt.UnixMicro(), string(c.Kind), c.ThroughSeq, c.Hash, c.Events}))
}
