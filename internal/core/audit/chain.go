package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/audithead"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Keys compute the keyed hashes of the chain: the installation's keyset, whose hash key no rotation changes.
type Keys = store.Keys

// Keep makes s writable: its transactions append events to a chain with these keys. The keys also authenticate the rows
// that grant access. Call it before the first Write.
func Keep(s *store.Store, keys Keys) {
	s.Keep(keys)
	s.EachWrite(func(ctx context.Context) context.Context {
		return context.WithValue(ctx, writerKey{}, &writer{keys: keys})
	})
}

// Begin starts the chain unless there is one, and adopts the events that are older than it.
func Begin(ctx context.Context, s *store.Store) error {
	ctx = principal.AsSystem(ctx, "audit")
	return s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		w, ok := ctx.Value(writerKey{}).(*writer)
		if !ok {
			return errors.New("begin the audit chain: no chain is kept")
		}
		_, err := w.lockHead(ctx, tx)
		return err
	})
}

// headID is the id of the one row of audit_heads.
const headID = "head"

// adoptBatch is how many old events are read at once.
const adoptBatch = 500

// genesis stands in for the hash before the first event.
var genesis = make([]byte, 32)

// writer collects the events of one transaction and writes them at its end. So the head is the last row that a
// transaction locks, and two transactions never deadlock.
type writer struct {
	keys  Keys
	links []*ent.AuditEvent
}

type writerKey struct{}

func (w *writer) add(ctx context.Context, link *ent.AuditEvent) {
	if len(w.links) == 0 {
		store.BeforeCommit(ctx, w.write)
	}
	w.links = append(w.links, link)
}

// write appends the collected events to the chain. The program itself writes them, whoever the actor is.
func (w *writer) write(ctx context.Context, tx *ent.Tx) error {
	ctx = principal.AsSystem(ctx, "audit")
	head, err := w.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	links := w.links
	w.links = nil
	return w.append(ctx, tx, head, links)
}

// append writes events after the head, and moves the head. The caller has locked it.
func (w *writer) append(ctx context.Context, tx *ent.Tx, head *ent.AuditHead, links []*ent.AuditEvent) error {
	rows := make([]*ent.AuditEventCreate, len(links))
	for i, link := range links {
		w.place(link, head)
		rows[i] = tx.AuditEvent.Create().
			SetID(link.ID).SetCreatedAt(link.CreatedAt).
			SetActorKind(link.ActorKind).SetNillableActorID(link.ActorID).SetActorLabel(link.ActorLabel).
			SetAddress(link.Address).SetRequestID(link.RequestID).
			SetAction(link.Action).SetNillableObjectID(link.ObjectID).SetNillableClientID(link.ClientID).
			SetResult(link.Result).
			SetSeq(*link.Seq).SetDetailsMAC(link.DetailsMAC).SetHash(link.Hash)
		if link.Changes != nil {
			rows[i].SetChanges(link.Changes)
		}
	}
	if err := tx.AuditEvent.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("append audit event %s: %w", links[0].Action, err)
	}
	return moveHead(ctx, tx, head)
}

func moveHead(ctx context.Context, tx *ent.Tx, head *ent.AuditHead) error {
	if err := tx.AuditHead.Update().Where(audithead.ID(headID)).SetSeq(head.Seq).SetHash(head.Hash).Exec(ctx); err != nil {
		return fmt.Errorf("move the head of the audit chain: %w", err)
	}
	return nil
}

// place gives an event its number and hashes after head, and makes it the head.
func (w *writer) place(link *ent.AuditEvent, head *ent.AuditHead) {
	head.Seq++
	seq := head.Seq
	link.Seq = &seq
	link.DetailsMAC = detailsMAC(w.keys, link)
	link.Hash = linkHash(w.keys, head.Hash, link)
	head.Hash = link.Hash
}

// lockHead locks the end of the chain until the transaction ends, and returns it. The first call of all starts the
// chain.
func (w *writer) lockHead(ctx context.Context, tx *ent.Tx) (*ent.AuditHead, error) {
	locked := func() (*ent.AuditHead, error) {
		return tx.AuditHead.Query().Where(audithead.ID(headID), store.ForUpdate).Only(ctx)
	}
	head, err := locked()
	if ent.IsNotFound(err) {
		// When two transactions start the chain at once, the second waits here and finds the head of the first.
		_, err = store.Exec(ctx, "INSERT INTO audit_heads (id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (id) DO NOTHING",
			headID, genesis)
		if err == nil {
			head, err = locked()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the head of the audit chain: %w", err)
	}
	if head.Seq == 0 {
		if err := w.begin(ctx, tx, head); err != nil {
			return nil, fmt.Errorf("begin the audit chain: %w", err)
		}
	}
	return head, nil
}

// begin starts the chain: it adopts the older events in their order, and records that. If there was a chain whose head
// was removed, it resumes after the last known event instead. What is missing stays missing, and the trail shows where
// it was.
func (w *writer) begin(ctx context.Context, tx *ent.Tx, head *ent.AuditHead) error {
	event := Event{Action: "audit.begin"}
	known, err := w.knownEnd(ctx, tx)
	if err != nil {
		return err
	}
	if known.Seq > 0 {
		head.Seq, head.Hash = known.Seq, known.Hash
		event = Event{Action: "audit.resume", Changes: []Change{{Field: "through", New: known.Seq}}}
	} else {
		if err := w.adopt(ctx, tx, head); err != nil {
			return err
		}
		event.Changes = []Change{{Field: "adopted", New: head.Seq}}
	}
	link, err := newLink(ctx, event)
	if err != nil {
		return err
	}
	if err := w.append(ctx, tx, head, []*ent.AuditEvent{link}); err != nil {
		return err
	}
	return note(ctx, tx, w.keys, Anchor{head.Seq, head.Hash})
}

// knownEnd returns the furthest known event of a chain without its head: its last event, or the note beside the keyset.
func (w *writer) knownEnd(ctx context.Context, tx *ent.Tx) (known Anchor, err error) {
	last, err := tx.AuditEvent.Query().Where(auditevent.SeqNotNil()).Order(ent.Desc(auditevent.FieldSeq)).First(ctx)
	if err == nil {
		known = Anchor{*last.Seq, last.Hash}
	} else if !ent.IsNotFound(err) {
		return Anchor{}, err
	}
	row, err := tx.Keyset.Query().First(ctx)
	if ent.IsNotFound(err) {
		return known, nil
	}
	if err != nil {
		return Anchor{}, err
	}
	if at, ok := noteOf(w.keys, row); ok && at.Seq > known.Seq {
		known = at
	}
	return known, nil
}

// adopt adds the events from before the chain to it, in their order.
func (w *writer) adopt(ctx context.Context, tx *ent.Tx, head *ent.AuditHead) error {
	for {
		batch, err := tx.AuditEvent.Query().Where(auditevent.SeqIsNil()).Order(auditevent.ByID()).Limit(adoptBatch).All(ctx)
		if err != nil {
			return err
		}
		for _, link := range batch {
			w.place(link, head)
			err := tx.AuditEvent.Update().Where(auditevent.ID(link.ID)).SetSeq(*link.Seq).SetDetailsMAC(link.DetailsMAC).
				SetHash(link.Hash).Exec(ctx)
			if err != nil {
				return err
			}
		}
		if len(batch) < adoptBatch {
			return nil
		}
	}
}

// detailsMAC returns the keyed hash of the details, which an erasure empties. It covers the id, so that equal details
// have different hashes.
func detailsMAC(keys Keys, e *ent.AuditEvent) []byte {
	return keys.MAC("audit details", mustJSON(struct {
		ID, Changes, ActorLabel, Address string
	}{e.ID, string(e.Changes), e.ActorLabel, e.Address}))
}

// linkHash returns the keyed hash of an event that follows the event with the hash previous.
func linkHash(keys Keys, previous []byte, e *ent.AuditEvent) []byte {
	return keys.MAC("audit chain", append(bytes.Clone(previous), mustJSON(struct {
		Seq                       int64
		ID                        string
		Microseconds              int64
		ActorKind                 string
		ActorID                   *string
		RequestID, Action, Result string
		ObjectID, ClientID        *string
		DetailsMAC                []byte
	}{*e.Seq, e.ID, e.CreatedAt.UnixMicro(), e.ActorKind, e.ActorID, e.RequestID, e.Action, string(e.Result), e.ObjectID,
		e.ClientID, e.DetailsMAC})...))
}

// mustJSON encodes a struct of texts and numbers, which cannot fail. Its fields keep their order.
func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
