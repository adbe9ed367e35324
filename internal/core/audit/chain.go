package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

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
	s.AtCommit(func(ctx context.Context, tx *ent.Tx, notes []any) error {
		links := make([]*ent.AuditEvent, len(notes))
		for i, note := range notes {
			links[i] = note.(*ent.AuditEvent)
		}
		return writer{keys}.write(ctx, tx, links)
	})
}

// Begin starts the chain unless there is one, and adopts the events that are older than it.
func Begin(ctx context.Context, s *store.Store) error {
	ctx = principal.AsSystem(ctx, "audit")
	return s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		w, err := newWriter(ctx)
		if err != nil {
			return fmt.Errorf("begin the audit chain: %w", err)
		}
		_, err = w.lockHead(ctx, tx)
		return err
	})
}

// headID is the id of the one row of audit_heads.
const headID = "head"

// adoptBatch is how many old events are read at once.
const adoptBatch = 500

// genesis stands in for the hash before the first event.
var genesis = make([]byte, 32)

// writer appends events to the chain. It does so at the commit, once for all the changes that are committed together.
// So the head is the last row that a transaction locks, and two transactions never deadlock.
type writer struct{ keys Keys }

// newWriter returns the writer of the transaction of ctx.
func newWriter(ctx context.Context) (writer, error) {
	keys := store.KeysOf(ctx)
	if keys == nil {
		return writer{}, errors.New("no chain is kept")
	}
	return writer{keys}, nil
}

// write appends the collected events to the chain. The program itself writes them, whoever the actors are.
func (w writer) write(ctx context.Context, tx *ent.Tx, links []*ent.AuditEvent) error {
	ctx = principal.AsSystem(ctx, "audit")
	head, err := w.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	return w.append(ctx, head, links)
}

// insertBatch is how many events one statement inserts.
const insertBatch = 50

// eventColumns are the columns of an event.
var eventColumns = []string{
	auditevent.FieldID, auditevent.FieldCreatedAt, auditevent.FieldActorKind, auditevent.FieldActorID,
	auditevent.FieldActorLabel, auditevent.FieldAddress, auditevent.FieldRequestID, auditevent.FieldAction,
	auditevent.FieldObjectID, auditevent.FieldClientID, auditevent.FieldResult, auditevent.FieldChanges,
	auditevent.FieldSeq, auditevent.FieldDetailsMAC, auditevent.FieldHash,
}

// append writes events after the head, and moves the head. The caller has locked it. The statements are raw: all
// changes of all callers end with them.
func (w writer) append(ctx context.Context, head *ent.AuditHead, links []*ent.AuditEvent) error {
	for len(links) > 0 {
		some := links[:min(insertBatch, len(links))]
		links = links[len(some):]
		values := make([]any, 0, len(some)*len(eventColumns)+3)
		for _, link := range some {
			w.place(link, head)
			var changes any // a nil json.RawMessage would be the text null
			if link.Changes != nil {
				changes = link.Changes
			}
			values = append(values,
				link.ID, link.CreatedAt, link.ActorKind, link.ActorID, link.ActorLabel, link.Address, link.RequestID, link.Action,
				link.ObjectID, link.ClientID, string(link.Result), changes, *link.Seq, link.DetailsMAC, link.Hash)
		}
		statement := insertStatement(len(some))
		moves := len(links) == 0 && store.LocksRows(ctx)
		if moves { // in the same statement, as others wait for the head
			n := len(values)
			statement = fmt.Sprintf("WITH moved AS ("+moveHead+") ", n+1, n+2, n+3) + statement
			values = append(values, head.Seq, head.Hash, headID)
		}
		if _, err := store.Exec(ctx, statement, values...); err != nil {
			return fmt.Errorf("append audit event %s: %w", some[0].Action, err)
		}
		if moves {
			return nil
		}
	}
	_, err := store.Exec(ctx, fmt.Sprintf(moveHead, 1, 2, 3), head.Seq, head.Hash, headID)
	if err != nil {
		return fmt.Errorf("move the head of the audit chain: %w", err)
	}
	return nil
}

// moveHead moves the head, with the numbers of its arguments.
const moveHead = "UPDATE audit_heads SET seq = $%d, hash = $%d WHERE id = $%d"

// insertStatement returns the statement that inserts n events. There are few of them, so that each is prepared once.
func insertStatement(n int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO " + auditevent.Table + " (" + strings.Join(eventColumns, ", ") + ") VALUES ")
	for i := range n * len(eventColumns) {
		switch {
		case i == 0:
			text.WriteString("(")
		case i%len(eventColumns) == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	text.WriteString(")")
	return text.String()
}

// place gives an event its number and hashes after head, and makes it the head.
func (w writer) place(link *ent.AuditEvent, head *ent.AuditHead) {
	head.Seq++
	seq := head.Seq
	link.Seq = &seq
	link.DetailsMAC = detailsMAC(w.keys, link)
	link.Hash = linkHash(w.keys, head.Hash, link)
	head.Hash = link.Hash
}

// lockHead locks the end of the chain until the transaction ends, and returns it. The first call of all starts the
// chain. A program that is older than the database gets store.ErrOutdated: it may not know what belongs to an event.
func (w writer) lockHead(ctx context.Context, tx *ent.Tx) (*ent.AuditHead, error) {
	locked := func() (*ent.AuditHead, error) {
		return tx.AuditHead.Query().Where(audithead.ID(headID), store.UnlessOutdated(ctx), store.ForUpdate).Only(ctx)
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
	if ent.IsNotFound(err) {
		err = store.ErrOutdated
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
func (w writer) begin(ctx context.Context, tx *ent.Tx, head *ent.AuditHead) error {
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
	if err := w.append(ctx, head, []*ent.AuditEvent{link}); err != nil {
		return err
	}
	return note(ctx, tx, w.keys, Anchor{head.Seq, head.Hash})
}

// knownEnd returns the furthest known event of a chain without its head: its last event, or the note beside the keyset.
func (w writer) knownEnd(ctx context.Context, tx *ent.Tx) (known Anchor, err error) {
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
func (w writer) adopt(ctx context.Context, tx *ent.Tx, head *ent.AuditHead) error {
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
