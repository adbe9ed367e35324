package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
)

// transaction is one attempt of Write, a member of a group. It is in the context that Write passes to its function.
type transaction struct {
	store *Store
	group *group
	// ctx is the context of the attempt. Its end stops the attempt between two statements. On PostgreSQL statements have
	// patient, which outlives it a little.
	ctx, patient context.Context
	// broke is whether a statement of the attempt lost the transaction of the group. ended is whether fn has returned.
	broke, ended bool
	notes        []any
	notices      []notice
	afterCommit  []func()
}

type transactionKey struct{}

func transactionOf(ctx context.Context) (*transaction, bool) {
	t, ok := ctx.Value(transactionKey{}).(*transaction)
	return t, ok
}

// patience is how long a statement of PostgreSQL may go on after its caller has gone. Ending it ends the connection,
// and with it the work of the others in the group: only a statement that waits for a lock takes that long.
const patience = 500 * time.Millisecond

// newTransaction returns an attempt, and what releases its context.
func (s *Store) newTransaction(ctx context.Context, g *group) (t *transaction, release func()) {
	t = &transaction{store: s, group: g, ctx: ctx, patient: ctx}
	if s.dialect == dialect.SQLite {
		return t, func() {}
	}
	var cancel context.CancelFunc
	t.patient = context.WithoutCancel(ctx)
	if deadline, limited := ctx.Deadline(); limited {
		t.patient, cancel = context.WithDeadline(t.patient, deadline.Add(patience))
	} else {
		t.patient, cancel = context.WithCancel(t.patient)
	}
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(patience, cancel)
		context.AfterFunc(t.patient, func() { timer.Stop() })
	})
	return t, func() { stop(); cancel() }
}

// Exec implements dialect.ExecQuerier for a statement of the attempt.
func (t *transaction) Exec(_ context.Context, query string, args, v any) error {
	if err := t.mayGoOn(); err != nil {
		return err
	}
	return t.judge(t.group.raw.Exec(t.group.ownContext(t.patient), query, args, v))
}

// Query implements dialect.ExecQuerier for a statement of the attempt.
func (t *transaction) Query(_ context.Context, query string, args, v any) error {
	if err := t.mayGoOn(); err != nil {
		return err
	}
	return t.judge(t.group.raw.Query(t.group.ownContext(t.patient), query, args, v))
}

// mayGoOn returns why the attempt may send no statement any more; nil when it may.
func (t *transaction) mayGoOn() error {
	switch {
	case t.ended || t.group.raw == nil:
		return sql.ErrTxDone
	case t.group.broken != nil:
		return t.group.broken
	}
	return t.ctx.Err()
}

// judge notes an error with which the database may have ended the whole transaction.
func (t *transaction) judge(err error) error {
	if err == nil || !IsUnavailable(err) && !errors.Is(err, context.Canceled) {
		return err
	}
	if why := t.ctx.Err(); why != nil {
		err = fmt.Errorf("%w: %v", why, err) // the patience has ended, which is only how it was noticed
	}
	t.group.lose(t, err)
	return err
}

// Commit implements dialect.Tx. The group commits.
func (*transaction) Commit() error { return nil }

// Rollback implements dialect.Tx. The group rolls back.
func (*transaction) Rollback() error { return nil }

// writerDriver is the driver of the client that Write uses. Its transactions are those of the context.
type writerDriver struct{ dialect.Driver }

func (d writerDriver) Tx(ctx context.Context) (dialect.Tx, error) {
	if t, ok := transactionOf(ctx); ok {
		return t, nil
	}
	return nil, errors.New("store: a transaction outside Write")
}

// Note leaves a note for the function of AtCommit, which gets it when the transaction of ctx is committed. Like
// AfterCommit it panics outside Write. It returns false when there is no such function.
func Note(ctx context.Context, note any) bool {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: Note outside Write")
	}
	if t.store.atCommit == nil {
		return false
	}
	t.notes = append(t.notes, note)
	return true
}

// KeysOf returns the keys of the store that the transaction of ctx belongs to; nil when it has none. Like AfterCommit
// it panics outside Write.
func KeysOf(ctx context.Context) Keys {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: KeysOf outside Write")
	}
	return t.store.grants.keys
}

// IsAlone reports whether the transaction of ctx has no other members: see Alone.
func IsAlone(ctx context.Context) bool {
	t, ok := transactionOf(ctx)
	return ok && t.group.manner.alone
}

// AfterCommit runs fn once the transaction of ctx is committed, before Write returns and after the functions given
// before. It does not run after a rollback, nor when it is unknown whether the commit succeeded. The functions of an
// attempt that lost a conflict are dropped. fn must be quick. ctx is the one that Write gives its function; with any
// other AfterCommit panics.
func AfterCommit(ctx context.Context, fn func()) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: AfterCommit outside Write")
	}
	t.afterCommit = append(t.afterCommit, fn)
}

// Exec runs a statement in the transaction of ctx and returns how many rows it changed. Its arguments are $1, $2 in the
// order in which they first appear, on both dialects. It serves code that has only the names of tables. Like every raw
// statement it bypasses the privacy policies. Like AfterCommit it panics outside Write.
func Exec(ctx context.Context, statement string, args ...any) (changed int64, err error) {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: Exec outside Write")
	}
	var result sql.Result
	if err := t.Exec(ctx, statement, args, &result); err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Notify sends payload, of less than 8,000 bytes, to the listeners at channel (see ListenerConfig), once the
// transaction of ctx is committed. Like AfterCommit it panics outside Write. It returns an error on SQLite, which has
// no listeners.
func (s *Store) Notify(ctx context.Context, channel, payload string) error {
	t, ok := transactionOf(ctx)
	if !ok {
		panic("store: Notify outside Write")
	}
	if s.dialect != dialect.Postgres {
		return fmt.Errorf("notify %s: %s has no listeners", channel, s.dialect)
	}
	if len(payload) > maxNotice {
		return fmt.Errorf("notify %s: %d bytes, of at most %d", channel, len(payload), maxNotice)
	}
	t.notices = append(t.notices, notice{channel, payload})
	return nil
}

// maxNotice is how many bytes PostgreSQL takes: a longer payload would fail the commit of all.
const maxNotice = 7999

// notice is what the listeners at a channel get.
type notice struct{ channel, payload string }

// noticeStatement returns one statement that sends all notices.
func noticeStatement(notices []notice) (statement string, args []any) {
	var calls []string
	for _, n := range notices {
		calls = append(calls, fmt.Sprintf("pg_notify($%d, $%d)", len(args)+1, len(args)+2))
		args = append(args, n.channel, n.payload)
	}
	return "SELECT " + strings.Join(calls, ", "), args
}
