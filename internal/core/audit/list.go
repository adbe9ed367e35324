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
	// MaxExport caps the events of one export.
	MaxExport  = 100_000
	exportPage = 1_000
	// clockSlack is how far the time in an event's id and the time in its row may differ: they are taken one after the
	// other.
	clockSlack = time.Second
)

// Filter narrows the trail. A nil field does not narrow it.
type Filter struct {
	ClientID    *string `json:"clientId,omitempty"`
	OperatorID  *string `json:"operatorId,omitempty"`
	AccessKeyID *string `json:"accessKeyId,omitempty"` // events with the key as actor or as object
	// Action is the beginning of an action, such as "client.", or a whole action.
	Action *string    `json:"action,omitempty"`
	Since  *time.Time `json:"since,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
}

// Trail reads what Append has written. Administrators read all events, an operator only the operator's own.
type Trail struct{ store *store.Store }

// NewTrail returns the trail in a store.
func NewTrail(s *store.Store) *Trail { return &Trail{store: s} }

// List returns a page of the events, newest first. It returns a fault.BadRequest when the arguments are invalid, and
// fault.Forbidden for a caller without the right to read the trail.
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

// Export records that the events of a filter are exported, and in which format. It then calls each with the events,
// newest first and at most MaxExport. It reports whether there are more, and returns the errors of List.
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

// walk reads events page by page, at most limit of them, and reports whether there are more.
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
				break // the extra row only shows that there are more
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

// newestBefore selects the n newest rows before the id last, or the n newest of all when last is empty.
func newestBefore(last string, n int) func(*sql.Selector) {
	return func(s *sql.Selector) {
		if last != "" {
			s.Where(sql.LT(s.C(auditevent.FieldID), last))
		}
		s.OrderBy(sql.Desc(s.C(auditevent.FieldID))).Limit(n)
	}
}

// question is a filter as predicates of the database.
type question struct {
	where []predicate.AuditEvent
	// either, if it has several entries, are narrower predicates of which at least one must hold. Each has an index in the
	// order of the trail; their union has none.
	either []predicate.AuditEvent
}

// ask turns a filter into predicates, and narrows them to what the caller may read.
func (t *Trail) ask(ctx context.Context, f Filter) (question, error) {
	var q question
	narrowed := false // whether there is a predicate with its own index
	if p, ok := principal.From(ctx).(principal.Operator); ok && p.Role != principal.Admin {
		if p.Role != principal.Editor {
			return question{}, fault.Forbidden
		}
		// The privacy policy narrows to the same rows. Stated here too, it selects the index.
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

// actionsQuery jumps from each action to the next through the index: one look-up per action, however many events there
// are. It reads names of actions only, and no data about anybody.
const actionsQuery = `
WITH RECURSIVE names(action) AS (
  SELECT MIN(action) FROM audit_events
  UNION ALL
  SELECT (SELECT MIN(action) FROM audit_events WHERE action > names.action) FROM names WHERE action IS NOT NULL
)
SELECT action FROM names WHERE action IS NOT NULL`

// actions returns the actions in the trail that begin with prefix.
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

// read returns the rows of a question, ordered and limited by cut.
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

// among matches the events that are among the first, by cut, of one of the narrower predicates. The first events of all
// are always among them.
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
