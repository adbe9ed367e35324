package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditcheckpoint"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/audithead"
	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Witness notes how far the chain has come, apart from the tables of the chain: beside the keyset, under a keyed hash,
// and in a file outside the database. Wiping the trail or cutting off its end does not wipe these notes.
type Witness struct {
	Store *store.Store
	Keys  Keys
	// File is the path of the file.
	File string
}

// Noted is an anchor and where it was noted. By is empty for an anchor that a person gave.
type Noted struct {
	Anchor
	By string
}

func (n Noted) name() string {
	if n.By == "" {
		return "the anchor"
	}
	return "the anchor of " + n.By
}

// byKeyset names the note beside the keyset.
const byKeyset = "the note beside the keyset"

// Notes returns the noted anchors, and what is wrong with the notes themselves.
func (w Witness) Notes(ctx context.Context) (notes []Noted, problems []string, err error) {
	row, err := w.Store.Reader().Keyset.Query().First(principal.AsSystem(ctx, "audit"))
	if err != nil && !ent.IsNotFound(err) {
		return nil, nil, fmt.Errorf("read the note of the audit chain: %w", err)
	}
	if row != nil && row.TrailAnchor != "" {
		if at, ok := noteOf(w.Keys, row); ok {
			notes = append(notes, Noted{at, byKeyset})
		} else {
			problems = append(problems, byKeyset+" was not made by this installation")
		}
	}
	at, ours, err := w.read()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		problems = append(problems, err.Error())
	case ours:
		notes = append(notes, Noted{at, w.File})
	}
	return notes, problems, nil
}

// noteOf returns the anchor in the row of the keyset; false when this installation did not note it.
func noteOf(keys Keys, row *ent.Keyset) (Anchor, bool) {
	at, err := ParseAnchor(row.TrailAnchor)
	return at, err == nil && bytes.Equal(row.TrailMAC, noteMAC(keys, row.TrailAnchor))
}

func noteMAC(keys Keys, anchor string) []byte { return keys.MAC("audit note", []byte(anchor)) }

// read returns the anchor in the file, and whether this installation wrote it. The file has one line, SEQ:HASH OWNER.
func (w Witness) read() (at Anchor, ours bool, err error) {
	text, err := os.ReadFile(w.File)
	if err != nil {
		return Anchor{}, false, fmt.Errorf("read the anchor of the audit trail: %w", err)
	}
	anchor, owner, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if at, err = ParseAnchor(anchor); err != nil {
		return Anchor{}, false, fmt.Errorf("%s is no anchor of an audit trail", w.File)
	}
	return at, owner == ownerOf(w.Keys), nil
}

// ownerOf names the installation that has this keyset, without revealing the keyset.
func ownerOf(keys Keys) string { return hex.EncodeToString(keys.MAC("audit owner", nil))[:16] }

// Check returns what a quick look finds wrong with the trail: differences from the notes, and missing triggers of the
// database. It changes nothing.
func (w Witness) Check(ctx context.Context) (problems []string, err error) {
	_, problems, err = w.check(ctx)
	return problems, err
}

func (w Witness) check(ctx context.Context) (head Anchor, problems []string, err error) {
	ctx = principal.AsSystem(ctx, "check the audit chain")
	notes, problems, err := w.Notes(ctx) // read before the head, which may move on meanwhile
	if err != nil {
		return Anchor{}, nil, err
	}
	if head, err = Head(ctx, w.Store); err != nil {
		return Anchor{}, nil, err
	}
	for _, n := range notes {
		problem, err := w.compare(ctx, head, n)
		if err != nil {
			return Anchor{}, nil, err
		}
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	missing, err := missingGuards(ctx, w.Store)
	if err != nil {
		return Anchor{}, nil, err
	}
	if len(missing) > 0 {
		problems = append(problems,
			"the database does not guard it any more: it lacks the triggers "+strings.Join(missing, ", "))
	}
	return head, problems, nil
}

// IsOlder reports whether the chain differs from the file alone, and fits what the database itself notes. The database
// then is an older copy, or has lost its last changes, or somebody has cut off the trail together with its note.
func (w Witness) IsOlder(ctx context.Context) (bool, error) {
	ctx = principal.AsSystem(ctx, "check the audit chain")
	notes, problems, err := w.Notes(ctx) // read before the head, which may move on meanwhile
	if err != nil || len(problems) > 0 {
		return false, err
	}
	head, err := Head(ctx, w.Store)
	if err != nil {
		return false, err
	}
	older := false
	for _, n := range notes {
		problem, err := w.compare(ctx, head, n)
		if err != nil || problem != "" && n.By != w.File {
			return false, err
		}
		older = problem != ""
	}
	return older, nil
}

// compare returns how the chain differs from a note; empty when it does not.
func (w Witness) compare(ctx context.Context, head Anchor, n Noted) (string, error) {
	if n.Seq > head.Seq {
		return fmt.Sprintf("it ends at event %d, and %s knows event %d: its end was cut off", head.Seq, n.By, n.Seq), nil
	}
	event, err := w.Store.Reader().AuditEvent.Query().Where(auditevent.Seq(n.Seq)).Only(ctx)
	if err == nil {
		if !bytes.Equal(event.Hash, n.Hash) {
			return fmt.Sprintf("event %d is not the one that %s knows", n.Seq, n.By), nil
		}
		return "", nil
	}
	if !ent.IsNotFound(err) {
		return "", fmt.Errorf("look for event %d: %w", n.Seq, err)
	}
	trims, err := w.Store.Reader().AuditCheckpoint.Query().
		Where(auditcheckpoint.KindEQ(auditcheckpoint.KindTRIM), auditcheckpoint.ThroughSeqGTE(n.Seq)).All(ctx)
	if err != nil {
		return "", fmt.Errorf("read the checkpoints of the audit chain: %w", err)
	}
	if slices.ContainsFunc(trims,
		func(c *ent.AuditCheckpoint) bool { return bytes.Equal(c.MAC, checkpointMAC(w.Keys, c)) }) {
		return "", nil
	}
	return fmt.Sprintf("event %d is missing, which %s knows", n.Seq, n.By), nil
}

// guarded are the tables of the chain, which triggers keep append-only.
var guarded = []string{auditevent.Table, auditcheckpoint.Table, audithead.Table}

// missingGuards returns the triggers of the chain that are missing or turned off.
func missingGuards(ctx context.Context, s *store.Store) (names []string, err error) {
	missing, off, err := s.LostTriggers(ctx)
	for _, t := range slices.Concat(missing, off) {
		if slices.Contains(guarded, t.Table) {
			names = append(names, t.Name)
		}
	}
	return names, err
}

// Note checks the trail and, if nothing is wrong, notes its head. It returns the head and what is wrong.
func (w Witness) Note(ctx context.Context) (head Anchor, problems []string, err error) {
	if head, problems, err = w.check(ctx); err != nil || len(problems) > 0 || head.Seq == 0 {
		return head, problems, err
	}
	err = w.Store.Write(principal.AsSystem(ctx, "audit"), func(ctx context.Context, tx *ent.Tx) error {
		return note(ctx, tx, w.Keys, head)
	})
	return head, nil, errors.Join(err, w.write(head))
}

// note notes an anchor beside the keyset.
func note(ctx context.Context, tx *ent.Tx, keys Keys, at Anchor) error {
	text := at.String()
	err := tx.Keyset.Update().Where(keyset.Or(keyset.TrailAnchorIsNil(), keyset.TrailAnchorNEQ(text))).
		SetTrailAnchor(text).SetTrailMAC(noteMAC(keys, text)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note how far the audit chain has come: %w", err)
	}
	return nil
}

// write notes an anchor in the file. It first renames a file of another installation.
func (w Witness) write(at Anchor) error {
	before, ours, err := w.read()
	switch {
	case err == nil && ours && before.String() == at.String():
		return nil
	case err == nil && !ours:
		if err := os.Rename(w.File, w.File+".before-"+time.Now().UTC().Format("20060102T150405Z")); err != nil {
			return fmt.Errorf("put the anchor of another installation aside: %w", err)
		}
	}
	if err := replace(w.File, at.String()+" "+ownerOf(w.Keys)+"\n"); err != nil {
		return fmt.Errorf("note how far the audit trail has come: %w", err)
	}
	return nil
}

// replace replaces the text of a file, for its owner alone. A concurrent reader finds the whole old text or the whole
// new one.
func replace(path, text string) error {
	next, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = next.WriteString(text)
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// Restart notes the head of the chain over any earlier note, for a restored database: the events after the backup are
// gone. It returns the furthest anchor that was noted.
func (w Witness) Restart(ctx context.Context) (before Anchor, err error) {
	notes, _, err := w.Notes(ctx) // problems of the old notes do not matter any more
	if err != nil {
		return Anchor{}, err
	}
	for _, n := range notes {
		if n.Seq > before.Seq {
			before = n.Anchor
		}
	}
	head, err := Head(ctx, w.Store)
	if err != nil {
		return Anchor{}, err
	}
	err = w.Store.Write(principal.AsSystem(ctx, "audit"), func(ctx context.Context, tx *ent.Tx) error {
		return note(ctx, tx, w.Keys, head)
	})
	return before, errors.Join(err, w.write(head))
}
