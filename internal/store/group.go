package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// group is one transaction of the database that several calls of Write share, its members. A call that waits joins the
// group of the call before it: it runs behind a savepoint of its own, and all are answered after one commit. So one
// sync of the disk, and one look at what belongs to a commit (see AtCommit), serve them all.
//
//	turn ---> member ---> next member ---> ... ---> nobody waits, or the group is full ---> commit ---> all return
//
// A member that fails is rolled back to its savepoint and harms no other. When the transaction itself is lost, all are
// rolled back, and those that did nothing wrong begin again in another group.
type group struct {
	store  *Store
	manner manner
	raw    groupTx // nil until the first member begins, and once the group has ended
	began  time.Time
	// members is how many changes the group has. savepoint is whether there is one behind which a change may be undone.
	members   int
	savepoint bool
	notes     []any
	notices   []notice
	broken    error // why the transaction is lost
	// done is closed when the group has ended; err and committing then say how, as those of Store.write.
	done       chan struct{}
	err        error
	committing bool
}

const (
	// maxMembers caps the members of a group. PostgreSQL is slow with more than 64 savepoints in a transaction.
	maxMembers = 32
	// longestBehind is how long background work may wait for others. Then it goes first, once.
	longestBehind = 250 * time.Millisecond
)

// manner is how a call of Write wants to be run.
type manner struct{ background, alone, mustSave bool }

type (
	backgroundKey struct{}
	aloneKey      struct{}
)

// InBackground returns a context whose Writes nobody waits for: those of others go first.
func InBackground(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// Alone returns a context whose Writes share their transaction with no other. It is for a change that is long, or that
// must find what others have noted for the commit already written.
func Alone(ctx context.Context) context.Context { return context.WithValue(ctx, aloneKey{}, true) }

func mannerOf(ctx context.Context) manner {
	return manner{
		background: ctx.Value(backgroundKey{}) != nil, alone: ctx.Value(aloneKey{}) != nil, mustSave: mustSave(ctx),
	}
}

// turns lets the calls of Write run one after the other in as many groups as there are lanes.
type turns struct {
	store *Store
	mu    sync.Mutex
	lanes int       // that no group uses
	first []*waiter // whose answer somebody waits for
	later []*waiter // in the background
}

// waiter is a call of Write that waits for its turn.
type waiter struct {
	manner manner
	since  time.Time
	turn   chan *group // gets the group that it joins or begins
}

// enter waits for a turn. The caller has it until leave.
func (t *turns) enter(ctx context.Context) (*group, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{manner: mannerOf(ctx)}
	t.mu.Lock()
	if t.lanes > 0 {
		t.lanes--
		t.mu.Unlock()
		return t.newGroup(w), nil
	}
	w.since, w.turn = time.Now(), make(chan *group, 1)
	if w.manner.background {
		t.later = append(t.later, w)
	} else {
		t.first = append(t.first, w)
	}
	t.mu.Unlock()
	select {
	case g := <-w.turn:
		return g, nil
	case <-ctx.Done():
	}
	if !t.forget(w) { // it has got its turn meanwhile
		t.leave(<-w.turn)
	}
	return nil, ctx.Err()
}

func (t *turns) newGroup(of *waiter) *group {
	return &group{store: t.store, manner: of.manner, began: time.Now(), done: make(chan struct{})}
}

// forget takes a waiter out of the queue. It returns false when it is in none.
func (t *turns) forget(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, queue := range []*[]*waiter{&t.first, &t.later} {
		if i := slices.Index(*queue, w); i >= 0 {
			*queue = slices.Delete(*queue, i, i+1)
			return true
		}
	}
	return false
}

// leave gives the turn to the next waiter that may join the group. When there is none it ends the group, and the next
// waiter begins another.
func (t *turns) leave(g *group) {
	if w := t.joiner(g); w != nil {
		w.turn <- g
		return
	}
	defer func() { // also when what belongs to the commit panics
		if w := t.next(); w != nil {
			w.turn <- t.newGroup(w)
		}
		close(g.done)
	}()
	g.end()
}

// joiner takes the next waiter that may join a group out of the queue; nil when there is none.
func (t *turns) joiner(g *group) *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := &t.first
	if g.manner.background {
		queue = &t.later
	}
	switch {
	case g.raw == nil || g.broken != nil || g.manner.alone:
		return nil
	case g.members >= maxMembers || time.Since(g.began) >= t.store.times.group:
		return nil
	case g.manner.background && len(t.first) > 0, len(*queue) == 0 || (*queue)[0].manner.alone:
		return nil
	case !g.manner.background && t.isOverdue():
		return nil
	}
	return take(queue)
}

// next takes the waiter that begins the next group out of the queue. When there is none it frees the lane.
func (t *turns) next() *waiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.first) == 0 && len(t.later) == 0:
		t.lanes++
		return nil
	case len(t.first) == 0 || t.isOverdue():
		return take(&t.later)
	default:
		return take(&t.first)
	}
}

// isOverdue reports whether background work has waited for long enough.
func (t *turns) isOverdue() bool {
	return len(t.later) > 0 && time.Since(t.later[0].since) > longestBehind
}

func take(queue *[]*waiter) *waiter {
	w := (*queue)[0]
	*queue = slices.Delete(*queue, 0, 1)
	return w
}

// The savepoint of the member that has the turn. Each member's replaces that of the member before.
const (
	firstSavepoint = "SAVEPOINT member"
	nextSavepoint  = "RELEASE SAVEPOINT member; SAVEPOINT member"
	toSavepoint    = "ROLLBACK TO SAVEPOINT member"
)

// begin begins what a member does: the transaction itself, or a savepoint behind which the changes of the members
// before are safe.
func (g *group) begin(t *transaction) error {
	if g.raw == nil {
		raw, err := g.store.beginGroup(t.ctx)
		if err != nil {
			return fmt.Errorf("begin a transaction: %w", err)
		}
		g.raw = raw
		return nil
	}
	statement := firstSavepoint
	if g.savepoint {
		statement = nextSavepoint
	}
	if err := t.Exec(t.ctx, statement, []any{}, nil); err != nil {
		g.lose(t, err)
		return fmt.Errorf("begin a part of a transaction: %w", err)
	}
	g.savepoint = true
	return nil
}

// lose notes that a statement of a member lost the transaction.
func (g *group) lose(t *transaction, err error) {
	if g.broken == nil {
		g.broken, t.broke = err, true
	}
}

// undo rolls back what the member that has the turn did.
func (g *group) undo(t *transaction) {
	switch {
	case g.raw == nil || g.broken != nil:
	case g.members == 0:
		g.rollback()
	default:
		if err := g.raw.Exec(g.ownContext(t.patient), toSavepoint, []any{}, nil); err != nil {
			g.lose(t, err)
		}
	}
}

// rollback ends the transaction without a change. An error says that it has ended already.
func (g *group) rollback() {
	_ = g.raw.Rollback()
	g.raw = nil
}

// end writes what belongs to the commit, and commits.
func (g *group) end() {
	if g.raw == nil {
		return
	}
	if g.broken != nil || g.members == 0 {
		g.err = &lostGroupError{g.broken}
		g.rollback()
		return
	}
	g.err = &lostGroupError{errors.New("what belongs to the commit panicked")}
	defer func() {
		if g.raw != nil {
			g.rollback()
		}
	}()
	ctx, cancel := g.boundedContext()
	defer cancel()
	if err := g.conclude(ctx); err != nil {
		g.err = err
		if g.members > 1 {
			g.err = &lostGroupError{err}
		}
		return
	}
	g.committing = true
	if g.err = g.raw.Commit(); g.err == nil {
		g.raw = nil
	}
}

// conclude writes what belongs to the commit: what the function of AtCommit makes of the notes, and the notices to
// listeners.
func (g *group) conclude(ctx context.Context) error {
	if len(g.notices) > 0 {
		statement, args := noticeStatement(g.notices)
		if err := g.raw.Exec(ctx, statement, args, nil); err != nil {
			return fmt.Errorf("notify listeners: %w", err)
		}
	}
	if len(g.notes) == 0 {
		return nil
	}
	t := &transaction{store: g.store, group: g, ctx: ctx, patient: ctx}
	defer func() { t.ended = true }()
	ctx = context.WithValue(ctx, transactionKey{}, t)
	if g.manner.alone && g.manner.mustSave {
		ctx = MustSave(ctx)
	}
	tx, err := g.store.writer.Tx(ctx)
	if err != nil {
		return err
	}
	if err := g.store.atCommit(ctx, tx, g.notes); err != nil {
		return err
	}
	return g.broken
}

// ownContext returns the context of a statement of the group. On SQLite nothing interrupts a statement: that would roll
// back the changes of all members, and being able to costs more than the statement itself.
func (g *group) ownContext(ctx context.Context) context.Context {
	if g.store.dialect == dialect.SQLite {
		return context.Background()
	}
	return ctx
}

// boundedContext returns the context in which a group ends.
func (g *group) boundedContext() (context.Context, context.CancelFunc) {
	if g.store.dialect == dialect.SQLite {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), g.store.times.write)
}

// lostGroupError says that a transaction was lost that other members shared. What the member did is undone.
type lostGroupError struct{ cause error }

// Error implements error.
func (e *lostGroupError) Error() string {
	return fmt.Sprintf("the shared transaction was lost: %v", e.cause)
}

// Unwrap returns why.
func (e *lostGroupError) Unwrap() error { return e.cause }

func isLostGroup(err error) bool {
	_, ok := errors.AsType[*lostGroupError](err)
	return ok
}

// groupTx is a transaction of the database.
type groupTx interface {
	dialect.ExecQuerier
	Commit() error
	Rollback() error
}

// beginGroup begins a transaction that lives longer than ctx. While it begins ctx may end that.
func (s *Store) beginGroup(ctx context.Context) (groupTx, error) {
	if s.dialect == dialect.SQLite {
		return beginSQLite(ctx, s.writeDB, s.slow)
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	tx, err := s.writeDriver.Tx(own)
	if !stop() { // ctx has ended
		if err == nil {
			_ = tx.Rollback()
		}
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return postgresTx{tx, cancel}, nil
}

// postgresTx is a transaction of PostgreSQL.
type postgresTx struct {
	dialect.Tx
	cancel context.CancelFunc
}

// Commit implements groupTx.
func (t postgresTx) Commit() error {
	defer t.cancel()
	return t.Tx.Commit()
}

// Rollback implements groupTx.
func (t postgresTx) Rollback() error {
	defer t.cancel()
	return t.Tx.Rollback()
}

// sqliteTx is a transaction of SQLite on its own connection. That of database/sql has a context that can be cancelled,
// for which each query starts a goroutine.
type sqliteTx struct {
	entsql.Conn
	conn *sql.Conn
	slow *slowLog
}

func beginSQLite(ctx context.Context, db *sql.DB, slow *slowLog) (groupTx, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	// The write lock is taken at the start: a transaction that took it at its first change could fail there, where
	// waiting does not help.
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		// There is a transaction when ctx ended at the last moment.
		return nil, errors.Join(err, sqliteTx{conn: conn}.Rollback())
	}
	return sqliteTx{entsql.Conn{ExecQuerier: conn}, conn, slow}, nil
}

// Exec implements dialect.ExecQuerier.
func (t sqliteTx) Exec(ctx context.Context, query string, args, v any) error {
	defer t.slow.note(ctx, query, time.Now())
	return t.Conn.Exec(ctx, query, args, v)
}

// Query implements dialect.ExecQuerier.
func (t sqliteTx) Query(ctx context.Context, query string, args, v any) error {
	defer t.slow.note(ctx, query, time.Now())
	return t.Conn.Query(ctx, query, args, v)
}

// Commit implements groupTx.
func (t sqliteTx) Commit() error {
	defer t.slow.note(context.Background(), "COMMIT", time.Now())
	if _, err := t.conn.ExecContext(context.Background(), "COMMIT"); err != nil {
		return err
	}
	return t.conn.Close()
}

// rollbackSQLite rolls back whether or not SQLite has ended the transaction already, as it does after some errors.
const rollbackSQLite = "SAVEPOINT ended; ROLLBACK"

// Rollback implements groupTx. A connection that cannot roll back is closed.
func (t sqliteTx) Rollback() error {
	_, err := t.conn.ExecContext(context.Background(), rollbackSQLite)
	if err != nil {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return errors.Join(err, t.conn.Close())
}

// maxLanes caps the groups at a time on PostgreSQL. While one waits for the disk, or for the rows that are locked last,
// others go on.
const maxLanes = 4

// lanesOf returns how many groups there may be at a time: one on SQLite, which has one writer.
func lanesOf(db *sql.DB) int { return max(1, min(maxLanes, db.Stats().MaxOpenConnections/2)) }
