package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// MaxExport is how many events one export has at most.
	MaxExport  = 100_000
	exportPage = 1_000
	// clockSlack is how far the time in an event's id and the one in its row may be apart: they are taken one after the
	// other.
	clockSlack = time.Second
)

// Filter narrows the trail; what is nil does not narrow it.
type Filter struct {
	ClientID    *string `json:"clientId,omitempty"`
	OperatorID  *string `json:"operatorId,omitempty"`
	AccessKeyID *string `json:"accessKeyId,omitempty"` // what the key did, and what was done to it
	// Action is the beginning of an action, such as "client." or all of it.
	Action *string    `json:"action,omitempty"`
	Since  *time.Time `json:"since,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
}

// Trail reads what Append has written. Administrators read all of it, an operator what the operator did.
type Trail struct{ store *store.Store }

// NewTrail returns the trail in a store.
func NewTrail(s *store.Store) *Trail { return &Trail{store: s} }

// List returns a page of the events, newest first. It returns a fault.BadRequest when the arguments make no sense, and
// fault.Forbidden for a caller who may not read the trail.
func (t *Trail) List(ctx context.Context, f Filter, args page.Args) (*page.Connection[*ent.AuditEvent], error) {
	window, err := args.Window(page.Order{Desc: true}) // ids rise with time
	if err != nil {
		return nil, err
	}
	asked, err := t.ask(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, err := t.read(ctx, asked, window.Apply)
	if err != nil {
		return nil, err
	}
	return page.New(window, rows,
		func(e *ent.AuditEvent) (string, string) { return "", e.ID },
		func(ctx context.Context) (int, error) {
			return t.store.Reader().AuditEvent.Query().Where(asked.where...).Count(ctx)
		},
	), nil
}

// Recorded is an event as it stands in the trail.
type Recorded struct {
	ID         string       `json:"id"`
	At         instant.Time `json:"at"`
	ActorKind  string       `json:"actorKind"`
	ActorID    string       `json:"actorId,omitempty"`
	ActorLabel string       `json:"actorLabel"`
	Address    string       `json:"address,omitempty"`
	RequestID  string       `json:"requestId,omitempty"`
	Action     string       `json:"action"`
	Result     string       `json:"result"`
	ObjectID   string       `json:"objectId,omitempty"`
	ClientID   string       `json:"clientId,omitempty"`
	Changes    []Change     `json:"changes,omitempty"`
}

// Record returns the event of a row.
func Record(e *ent.AuditEvent) (Recorded, error) {
	r := Recorded{
		ID: e.ID, At: instant.Time(e.CreatedAt), ActorKind: e.ActorKind, ActorLabel: e.ActorLabel,
		Address: e.Address, RequestID: e.RequestID, Action: e.Action, Result: string(e.Result),
	}
	for text, to := range map[*string]*string{e.ActorID: &r.ActorID, e.ObjectID: &r.ObjectID, e.ClientID: &r.ClientID} {
		if text != nil {
			*to = *text
		}
	}
	if len(e.Changes) > 0 {
		if err := json.Unmarshal(e.Changes, &r.Changes); err != nil {
			return Recorded{}, fmt.Errorf("decode the changes of audit event %s: %w", e.ID, err)
		}
	}
	return r, nil
}

// Export writes down that the events which a filter finds are exported and in which format, and then calls each with
// them, newest first and at most MaxExport. It reports whether there are more, and returns what List returns.
func (t *Trail) Export(ctx context.Context, f Filter, format string, each func(Recorded) error) (more bool, err error) {
	asked, err := t.ask(ctx, f)
	if err != nil {
		return false, err
	}
	err = t.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return Append(ctx, tx, Event{
			Action:  "audit.export",
			Changes: []Change{{Field: "format", New: format}, {Field: "filter", New: f}},
		})
	})
	if err != nil {
		return false, err
	}
	return t.walk(ctx, asked, MaxExport, each)
}

// OfClient returns the newest events of a client, at most limit of them, and whether there are more.
func (t *Trail) OfClient(ctx context.Context, id string, limit int) (events []Recorded, more bool, err error) {
	asked, err := t.ask(ctx, Filter{ClientID: &id})
	if err != nil {
		return nil, false, err
	}
	events = []Recorded{}
	more, err = t.walk(ctx, asked, limit, func(r Recorded) error {
		events = append(events, r)
		return nil
	})
	return events, more, err
}

// walk reads events page by page.
func (t *Trail) walk(ctx context.Context, asked question, limit int, each func(Recorded) error) (more bool, err error) {
	last := ""
	for seen := 0; ; {
		size := min(exportPage, limit-seen) + 1
		rows, err := t.read(ctx, asked, newestBefore(last, size))
		if err != nil {
			return false, err
		}
		for i, row := range rows {
			if i == size-1 {
				break // it only tells that there are more
			}
			record, err := Record(row)
			if err != nil {
				return false, err
			}
			if err := each(record); err != nil {
				return false, err
			}
			last = row.ID
			seen++
		}
		if len(rows) < size || seen == limit {
			return len(rows) == size, nil
		}
	}
}

// newestBefore selects the n newest rows before one, or of all when last is empty.
func newestBefore(last string, n int) func(*sql.Selector) {
	return func(s *sql.Selector) {
		if last != "" {
			s.Where(sql.LT(s.C(auditevent.FieldID), last))
		}
		s.OrderBy(sql.Desc(s.C(auditevent.FieldID))).Limit(n)
	}
}

// question is a filter, as the database is asked.
type question struct {
	where []predicate.AuditEvent
	// either, if there is more than one, are narrower questions of which any may hold: each has an index in the order of
	// the trail, and their union has none.
	either []predicate.AuditEvent
}

// ask turns a filter into what the caller may ask.
func (t *Trail) ask(ctx context.Context, f Filter) (question, error) {
	var q question
	narrowed := false // by something that has an index of its own
	if p, ok := principal.From(ctx).(principal.Operator); ok && p.Role != principal.Admin {
		if p.Role != principal.Editor {
			return question{}, fault.Forbidden
		}
		// As the privacy policy has it, and said once more here, where it leads to the index.
		q.where, narrowed = append(q.where, auditevent.ActorID(p.ID)), true
	}
	if f.ClientID != nil {
		q.where, narrowed = append(q.where, auditevent.ClientID(*f.ClientID)), true
	}
	if f.OperatorID != nil {
		q.where, narrowed = append(q.where, auditevent.ActorID(*f.OperatorID)), true
	}
	if f.AccessKeyID != nil {
		either := []predicate.AuditEvent{auditevent.ActorID(*f.AccessKeyID), auditevent.ObjectID(*f.AccessKeyID)}
		q.where = append(q.where, auditevent.Or(either...))
		if !narrowed {
			q.either, narrowed = either, true
		}
	}
	if f.Action != nil {
		actions, err := t.actions(ctx, *f.Action)
		if err != nil {
			return question{}, err
		}
		q.where = append(q.where, auditevent.ActionIn(actions...))
		if !narrowed {
			for _, action := range actions {
				q.either = append(q.either, auditevent.Action(action))
			}
		}
	}
	if f.Since != nil {
		since := f.Since.UTC()
		q.where = append(q.where, auditevent.CreatedAtGTE(since),
			auditevent.IDGTE(ident.FirstAt(ident.AuditEvent, since.Add(-clockSlack))))
	}
	if f.Until != nil {
		until := f.Until.UTC()
		q.where = append(q.where, auditevent.CreatedAtLT(until),
			auditevent.IDLT(ident.FirstAt(ident.AuditEvent, until.Add(clockSlack))))
	}
	return q, nil
}

// actionsQuery jumps from each action to the next through the index: it costs a look-up for each action there is,
// however many events there are. It reads names of the program and nothing of anybody.
const actionsQuery = `
WITH RECURSIVE names(action) AS (
  SELECT MIN(action) FROM audit_events
  UNION ALL
  SELECT (SELECT MIN(action) FROM audit_events WHERE action > names.action) FROM names WHERE action IS NOT NULL
)
SELECT action FROM names WHERE action IS NOT NULL`

// actions returns the actions in the trail that begin with a text.
func (t *Trail) actions(ctx context.Context, prefix string) ([]string, error) {
	rows, err := t.store.DB().QueryContext(ctx, actionsQuery)
	if err != nil {
		return nil, fmt.Errorf("read the actions of the trail: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var action string
		if err := rows.Scan(&action); err != nil {
			return nil, fmt.Errorf("read the actions of the trail: %w", err)
		}
		if strings.HasPrefix(action, prefix) {
			found = append(found, action)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the actions of the trail: %w", err)
	}
	return found, nil
}

// read returns the rows of a question that cut, which orders and limits, leaves.
func (t *Trail) read(ctx context.Context, asked question, cut func(*sql.Selector)) ([]*ent.AuditEvent, error) {
	query := t.store.Reader().AuditEvent.Query().Where(asked.where...)
	if len(asked.either) > 1 {
		query.Where(among(asked, cut))
	}
	rows, err := query.Where(cut).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the audit trail: %w", err)
	}
	return rows, nil
}

// among asks for the events that are among the first of one of the narrower questions: the first of all are.
func among(asked question, cut func(*sql.Selector)) predicate.AuditEvent {
	return func(s *sql.Selector) {
		var union *sql.Selector
		for i, narrower := range asked.either {
			first := sql.Dialect(s.Dialect()).Select(auditevent.FieldID).From(sql.Table(auditevent.Table))
			for _, p := range append(asked.where[:len(asked.where):len(asked.where)], narrower) {
				p(first)
			}
			cut(first)
			part := sql.Dialect(s.Dialect()).Select(auditevent.FieldID).From(first.As(fmt.Sprintf("first_%d", i)))
			if union == nil {
				union = part
			} else {
				union.UnionAll(part)
			}
		}
		s.Where(sql.In(s.C(auditevent.FieldID), union))
	}
}
