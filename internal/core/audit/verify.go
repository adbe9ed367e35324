package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditcheckpoint"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/audithead"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Anchor is an event's number and hash. Noted away from the database, it shows later that the chain up to there is
// unchanged.
type Anchor struct {
	Seq  int64
	Hash []byte
}

// String returns the anchor as ParseAnchor reads it.
func (a Anchor) String() string {
	return strconv.FormatInt(a.Seq, 10) + ":" + hex.EncodeToString(a.Hash)
}

// ParseAnchor reads an anchor from its text, SEQ:HASH.
func ParseAnchor(text string) (Anchor, error) {
	number, hash, _ := strings.Cut(text, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	sum, hashErr := hex.DecodeString(hash)
	if err != nil || hashErr != nil || seq < 1 || len(sum) != len(genesis) {
		return Anchor{}, fmt.Errorf("%q is no anchor: write SEQ:HASH as `chaveiro audit verify` prints it", text)
	}
	return Anchor{seq, sum}, nil
}

// Head returns the end of the chain; its Seq is 0 when nothing was ever appended.
func Head(ctx context.Context, s *store.Store) (Anchor, error) {
	ctx = principal.AsSystem(ctx, "audit")
	head, err := s.Reader().AuditHead.Query().Where(audithead.ID(headID)).Only(ctx)
	if ent.IsNotFound(err) {
		return Anchor{Hash: genesis}, nil
	}
	if err != nil {
		return Anchor{}, fmt.Errorf("read the head of the audit chain: %w", err)
	}
	return Anchor{head.Seq, head.Hash}, nil
}

// Broken is the first place where the chain differs from what was written.
type Broken struct {
	// Seq is the number of the event, 0 when it has none.
	Seq int64
	// Why says what is wrong.
	Why string
}

// Error implements error.
func (b *Broken) Error() string {
	return fmt.Sprintf("the audit chain is broken at event %d: %s", b.Seq, b.Why)
}

func broken(seq int64, format string, args ...any) error {
	return &Broken{Seq: seq, Why: fmt.Sprintf(format, args...)}
}

// Report says what was verified.
type Report struct {
	// From is the number of the first event after the last checkpoint, and Head the last event.
	From int64
	Head Anchor
	// Verified counts the events, Erased those of them whose details were erased.
	Verified, Erased int64
	// Unverified counts the events from before a recovery, whose key is lost.
	Unverified int64
}

// verifyBatch is how many events are read at once.
const verifyBatch = 1000

// Verify walks the chain from its last checkpoint to its head, and compares it with the notes. It returns a *Broken for
// the first event that differs from what was written. It calls progress with the last event of each batch and the head.
// The chain may grow meanwhile.
func Verify(
	ctx context.Context, s *store.Store, keys Keys, notes []Noted, progress func(seq, head int64),
) (Report, error) {
	return VerifySince(ctx, s, keys, Anchor{}, notes, progress)
}

// VerifySince is Verify for the events after an anchor that an earlier one has returned.
func VerifySince(
	ctx context.Context, s *store.Store, keys Keys, since Anchor, notes []Noted, progress func(seq, head int64),
) (Report, error) {
	ctx = principal.AsSystem(ctx, "verify the audit chain")
	head, err := Head(ctx, s)
	if err != nil {
		return Report{}, err
	}
	w := &walk{reader: s.Reader(), keys: keys, notes: notes, erased: map[string]int64{}}
	if err := w.start(ctx); err != nil {
		return Report{}, err
	}
	if err := w.skip(ctx, since); err != nil {
		return Report{}, err
	}
	if err := w.run(ctx, head.Seq, func(seq int64) { progress(seq, head.Seq) }); err != nil {
		return Report{}, err
	}
	if err := w.end(ctx, s, head); err != nil {
		return Report{}, err
	}
	w.report.Head = head
	return w.report, nil
}

// walk is one pass along the chain.
type walk struct {
	reader *ent.Client
	keys   Keys
	notes  []Noted
	at     Anchor           // the last verified event
	first  int64            // at.Seq at the start
	erased map[string]int64 // clients with emptied events and no erasure after them yet, and the first such event
	report Report
}

// start moves to the last checkpoint, or to the beginning.
func (w *walk) start(ctx context.Context) error {
	w.at = Anchor{Hash: genesis}
	checkpoints, err := w.reader.AuditCheckpoint.Query().
		Order(auditcheckpoint.ByThroughSeq(), auditcheckpoint.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("read the checkpoints of the audit chain: %w", err)
	}
	recovered := 0 // the lost key made the checkpoints before the last recovery
	for i, c := range checkpoints {
		if c.Kind == auditcheckpoint.KindRECOVERY {
			recovered = i
		}
	}
	trimmed := int64(0)
	for i, c := range checkpoints {
		if i >= recovered && !bytes.Equal(c.MAC, checkpointMAC(w.keys, c)) {
			return broken(c.ThroughSeq, "the checkpoint was not made by this installation")
		}
		w.at = Anchor{c.ThroughSeq, c.Hash}
		if c.Kind == auditcheckpoint.KindTRIM {
			trimmed = c.ThroughSeq
		}
	}
	w.first, w.report.From = w.at.Seq, w.at.Seq+1
	return w.checkTrimmed(ctx, trimmed)
}

// skip moves to an anchor that is further on.
func (w *walk) skip(ctx context.Context, to Anchor) error {
	if to.Seq <= w.at.Seq {
		return nil
	}
	event, err := w.reader.AuditEvent.Query().Where(auditevent.Seq(to.Seq)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return broken(to.Seq, "it is missing, and an earlier verification knew it")
	case err != nil:
		return fmt.Errorf("look for event %d: %w", to.Seq, err)
	case !bytes.Equal(event.Hash, to.Hash):
		return broken(to.Seq, "it is not the event that an earlier verification knew")
	}
	w.at, w.first, w.report.From = to, to.Seq, to.Seq+1
	return nil
}

// checkTrimmed checks that no trimmed event is there, and counts the other events up to the checkpoint.
func (w *walk) checkTrimmed(ctx context.Context, trimmed int64) error {
	left, err := w.reader.AuditEvent.Query().Where(auditevent.SeqLTE(trimmed)).Order(auditevent.BySeq()).First(ctx)
	if err == nil {
		return broken(*left.Seq, "it was added after the checkpoint that says it was trimmed")
	}
	if !ent.IsNotFound(err) {
		return fmt.Errorf("look for trimmed events: %w", err)
	}
	older, err := w.reader.AuditEvent.Query().Where(auditevent.SeqLTE(w.at.Seq)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the events before the checkpoint: %w", err)
	}
	w.report.Unverified = int64(older)
	for _, n := range w.notes {
		if n.By == "" && n.Seq < w.at.Seq {
			return broken(n.Seq,
				"the anchor is older than the checkpoint at event %d and shows nothing: give a later one", w.at.Seq)
		}
	}
	return w.compare()
}

// run verifies the events up to the number to.
func (w *walk) run(ctx context.Context, to int64, progress func(seq int64)) error {
	for w.at.Seq < to {
		batch, err := w.reader.AuditEvent.Query().
			Where(auditevent.SeqGT(w.at.Seq), auditevent.SeqLTE(to)).
			Order(auditevent.BySeq()).Limit(verifyBatch).All(ctx)
		if err != nil {
			return fmt.Errorf("read audit events after %d: %w", w.at.Seq, err)
		}
		if len(batch) == 0 {
			return broken(w.at.Seq+1, "it is missing, and so are all up to the head, %d", to)
		}
		for _, e := range batch {
			if err := w.step(e); err != nil {
				return err
			}
		}
		progress(w.at.Seq)
	}
	return nil
}

// step verifies the next event.
func (w *walk) step(e *ent.AuditEvent) error {
	next := w.at.Seq + 1
	if *e.Seq != next {
		return broken(next, "it is missing")
	}
	if !bytes.Equal(e.Hash, linkHash(w.keys, w.at.Hash, e)) {
		return broken(next, "it was altered, or the one before it was exchanged")
	}
	if err := w.details(e); err != nil {
		return err
	}
	if e.Action == erasure && e.ClientID != nil {
		delete(w.erased, *e.ClientID)
	}
	w.at = Anchor{next, e.Hash}
	w.report.Verified++
	return w.compare()
}

// details verifies the details, which the chain itself does not cover because an erasure empties them.
func (w *walk) details(e *ent.AuditEvent) error {
	switch {
	case bytes.Equal(e.DetailsMAC, detailsMAC(w.keys, e)):
		return nil
	case e.Changes != nil || e.ActorLabel != "" || e.Address != "":
		return broken(*e.Seq, "its changes, actor label or address were altered")
	case e.ClientID == nil:
		return broken(*e.Seq, "its details were emptied, and it belongs to no client that could have been erased")
	}
	if _, ok := w.erased[*e.ClientID]; !ok {
		w.erased[*e.ClientID] = *e.Seq
	}
	w.report.Erased++
	return nil
}

// compare returns a *Broken when a note of the last verified event has another hash.
func (w *walk) compare() error {
	for _, n := range w.notes {
		if n.Seq == w.at.Seq && !bytes.Equal(n.Hash, w.at.Hash) {
			return broken(w.at.Seq, "it is not the event that %s was noted of", n.name())
		}
	}
	return nil
}

// end checks what must hold after the last event.
func (w *walk) end(ctx context.Context, s *store.Store, head Anchor) error {
	switch {
	case w.at.Seq > head.Seq:
		return broken(head.Seq, "the head was set back behind the checkpoint at event %d", w.at.Seq)
	case !bytes.Equal(w.at.Hash, head.Hash):
		return broken(head.Seq, "the head has another hash than the last event")
	}
	for _, n := range w.notes {
		if n.Seq > head.Seq {
			return broken(head.Seq+1, "it is missing, and so are all up to %s, %d: the end was cut off", n.name(), n.Seq)
		}
	}
	for _, seq := range w.erased {
		return broken(seq, "its details were emptied, and no erasure of its client is recorded after it")
	}
	last, err := w.reader.AuditEvent.Query().Where(auditevent.SeqNotNil()).Order(ent.Desc(auditevent.FieldSeq)).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("look for the last audit event: %w", err)
	}
	if now, err := Head(ctx, s); err != nil { // read after last, as the chain may have grown
		return err
	} else if last != nil && *last.Seq > now.Seq {
		return broken(now.Seq+1, "it is behind the head")
	}
	outside, err := w.reader.AuditEvent.Query().Where(auditevent.SeqIsNil()).FirstID(ctx)
	if err == nil && head.Seq > 0 {
		return broken(0, "event %s was added outside of the chain", outside)
	}
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("look for events outside of the chain: %w", err)
	}
	return nil
}
