// Package store keeps the portal's data, in a SQLite file (one machine) or in PostgreSQL (several instances). It opens
// and migrates the database and runs transactions. The ent schema defines the tables.
//
//	err := store.Migrate(ctx, url, log)
//	s, err := store.Open(ctx, url, log)
//	defer s.Close()
//
//	clients, err := s.Reader().ClientRecord.Query().All(ctx)
//	err = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
//		return tx.ClientRecord.UpdateOneID(id).SetName(name).Exec(ctx)
//	})
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"

	"github.com/chaveiro/chaveiro/ent"
	_ "github.com/chaveiro/chaveiro/ent/runtime" // without it the privacy policies would not be enforced
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	dialect string
	readDB  *sql.DB
	writeDB *sql.DB // the same as readDB on PostgreSQL
	reader  *ent.Client
	writer  *ent.Client
	config  *pgx.ConnConfig // nil on SQLite
	// writeDriver is below writer, and begins its transactions on PostgreSQL.
	writeDriver *entsql.Driver
	turns       turns
	atCommit    func(ctx context.Context, tx *ent.Tx, notes []any) error
	times       times
	refused     [len(Causes)]atomic.Int64 // transactions, by cause
	outdated    atomic.Bool               // see WatchSchema
	grants      grants
	// versions reads the versions of shops.
	versions versions
	slow     *slowLog
	log      *slog.Logger
}

// Option changes how Open opens a database.
type Option func(*options)

type options struct {
	connections int
	directURL   string
	wrap        func(driver.Connector) driver.Connector
	times       times
}

// Connections caps the open connections: those beside the one writer on SQLite, all of the store on PostgreSQL. Without
// it, or with 0, Open chooses.
func Connections(n int) Option { return func(o *options) { o.connections = n } }

// Direct is the URL of the PostgreSQL database itself, when the other URL is a pooler's, such as PgBouncer's in
// transaction mode. Work that needs a session of its own uses it. Without it, or with "", there is one URL.
func Direct(databaseURL string) Option { return func(o *options) { o.directURL = databaseURL } }

// WithConnector replaces each connector of database/sql by wrap's, to observe the statements that are sent.
func WithConnector(wrap func(driver.Connector) driver.Connector) Option {
	return func(o *options) { o.wrap = wrap }
}

// Open opens the database at databaseURL: sqlite:PATH, whose folder must exist, or postgres://USER@HOST/NAME. A
// SQLite file that does not exist is made, readable by its owner only. Open does not migrate: see Migrate. Returns an
// error that names the database, without its password, if the URL is none of these (IsMisfit) or the database cannot be
// reached (IsUnavailable).
func Open(ctx context.Context, databaseURL string, log *slog.Logger, opts ...Option) (*Store, error) {
	at, err := parseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	o := options{wrap: func(c driver.Connector) driver.Connector { return c }, times: defaultTimes}
	for _, opt := range opts {
		opt(&o)
	}
	direct := at
	if o.directURL != "" {
		if direct, err = parseURL(o.directURL); err != nil {
			return nil, err
		}
	}
	if at.isExposed() || direct.isExposed() {
		log.WarnContext(ctx,
			"the connection to PostgreSQL can be read or changed on its way: add sslmode=verify-full to the database URL",
			"database", at.String())
	}
	s := &Store{
		dialect: at.dialect, config: direct.config, times: o.times, log: log,
		slow: &slowLog{log: log, after: o.times.slow},
	}
	switch at.dialect {
	case dialect.SQLite:
		s.readDB, s.writeDB, err = openSQLite(ctx, at.path, s.slow, o)
	case dialect.Postgres:
		s.readDB, err = openPostgres(ctx, at, direct, s.slow, o)
		s.writeDB = s.readDB
	}
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", at, err)
	}
	s.reader = ent.NewClient(ent.Driver(readerDriver{entsql.OpenDB(s.dialect, s.readDB)}))
	s.writeDriver = entsql.OpenDB(s.dialect, s.writeDB)
	s.writer = ent.NewClient(ent.Driver(writerDriver{s.writeDriver}))
	s.writer.Use(s.keepMACs)
	s.versions = s.newVersions()
	s.turns = turns{store: s, lanes: lanesOf(s.writeDB)}
	return s, nil
}

// Reader returns the client to query with. On SQLite it cannot write: every change goes through Write. Inside Write
// it does not see what the transaction has changed.
func (s *Store) Reader() *ent.Client { return s.reader }

// DB returns the connections that Reader uses, for the few raw queries of hot paths. A raw query bypasses the privacy
// policies.
func (s *Store) DB() *sql.DB { return s.readDB }

// Pools returns all pools of connections by their use, for metrics: reads and writes on SQLite, all on PostgreSQL.
func (s *Store) Pools() map[string]*sql.DB {
	if s.writeDB == s.readDB {
		return map[string]*sql.DB{"all": s.readDB}
	}
	return map[string]*sql.DB{"reads": s.readDB, "writes": s.writeDB}
}

// Dialect returns ent's name of the database: dialect.SQLite or dialect.Postgres.
func (s *Store) Dialect() string { return s.dialect }

// ListenerConfig returns how to open a connection to the same database, beside those of the store, to LISTEN on. It
// must be a session of its own: a pooler that shares sessions loses notifications. It returns false on SQLite.
func (s *Store) ListenerConfig() (*pgx.ConnConfig, bool) {
	if s.config == nil {
		return nil, false
	}
	return s.config.Copy(), true
}

// Ping returns an error if the database cannot be read now.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.readDB.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

// AtCommit sets the function that writes what belongs to a commit, such as the audit events of its changes. It gets
// what Note was given by all the changes that are committed together, in their order. Rows that must be locked last are
// locked there. Its error rolls everything back. There is one such function; it is set before the first Write.
func (s *Store) AtCommit(fn func(ctx context.Context, tx *ent.Tx, notes []any) error) {
	s.atCommit = fn
}

// Close waits for running queries and closes the database.
func (s *Store) Close() error {
	err := errors.Join(s.versions.close(), s.readDB.Close())
	if s.writeDB != s.readDB {
		err = errors.Join(err, s.writeDB.Close())
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// A transaction that lost a conflict is tried writeAttempts times in all, after a pause that doubles from retryPause.
const (
	writeAttempts = 5
	retryPause    = 10 * time.Millisecond
)

// Write runs fn in one transaction, which is committed when fn returns nil and rolled back when it returns an error or
// panics. Once Write has returned nil the change is on the disk. Where ctx has no deadline Write has one of 20 seconds.
//
// Calls that wait for their turn share a transaction of the database and its commit: see group. PostgreSQL refuses one
// of two transactions that wait for each other: Write then retries a few times, as it does when the shared transaction
// was lost. It also retries once when the connection was lost before the commit was sent. So fn may run more than once
// and must do nothing that a rollback cannot undo. It has its turn alone on SQLite, and with few others on PostgreSQL:
// it must not wait for anything but its statements, least of all the network. When ctx ends, that is noticed at its
// next statement. A Write inside fn would wait for itself and is refused. Work that must wait for the commit is given
// to AfterCommit.
//
// Returns the error of fn as it is; see IsUniqueViolation and IsUnavailable. Returns ErrOutdated when another program
// has migrated the database beyond what this one knows: see WatchSchema.
func (s *Store) Write(ctx context.Context, fn func(ctx context.Context, tx *ent.Tx) error) error {
	if _, writing := transactionOf(ctx); writing {
		return errors.New("store: Write inside Write: pass the transaction on")
	}
	ctx, err := s.mayWrite(ctx)
	if err != nil {
		return err
	}
	if isUnbounded(ctx) {
		bounded, cancel := context.WithTimeout(ctx, s.times.write)
		defer cancel()
		ctx = bounded
	}
	err = s.tryWrite(ctx, fn)
	if i := slices.Index(Causes[:], CauseOf(err)); i >= 0 {
		s.refused[i].Add(1)
	}
	return err
}

type unhurriedKey struct{}

// WithoutDeadline returns a context in which Write and statements have no deadline of their own. It is for commands,
// which a person waits for and can cancel. Background work must not use it.
func WithoutDeadline(ctx context.Context) context.Context {
	return context.WithValue(ctx, unhurriedKey{}, true)
}

// isUnbounded reports whether a context needs a deadline.
func isUnbounded(ctx context.Context) bool {
	_, limited := ctx.Deadline()
	return !limited && ctx.Value(unhurriedKey{}) == nil
}

// tryWrite runs transactions until one succeeds or a retry is useless.
func (s *Store) tryWrite(ctx context.Context, fn func(ctx context.Context, tx *ent.Tx) error) error {
	pause, lost := retryPause, false
	for attempt := 1; ; attempt++ {
		committing, err := s.write(ctx, fn)
		switch {
		case errors.Is(err, ErrOutdated):
			s.outdated.Store(true)
			return err
		case err == nil || attempt == writeAttempts || ctx.Err() != nil:
			return err
		case isConflict(err), isLostGroup(err):
		case isLost(err) && !committing && !lost:
			lost = true
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause + rand.N(pause)): // #nosec G404 -- a pause is no secret
			pause *= 2
		}
	}
}

// write makes one attempt. committing is true when the commit was sent: the change may then be made although there is
// an error.
func (s *Store) write(
	ctx context.Context, fn func(ctx context.Context, tx *ent.Tx) error,
) (committing bool, err error) {
	g, err := s.turns.enter(ctx)
	if err != nil {
		return false, fmt.Errorf("wait to write: %w", err)
	}
	t, release := s.newTransaction(ctx, g)
	defer release()
	shared := g.members > 0
	if err := s.join(t, fn); err != nil {
		if !shared || t.broke {
			return false, err
		}
		// The error may be owed to what the members before have changed, and that counts once it is committed.
		if <-g.done; g.err != nil {
			return false, &lostGroupError{g.err}
		}
		return false, err
	}
	<-g.done
	if g.err != nil && g.committing {
		return true, fmt.Errorf("commit: %w", g.err)
	}
	if g.err != nil {
		return false, g.err
	}
	for _, fn := range t.afterCommit {
		fn()
	}
	return true, nil
}

// join makes the change of an attempt that has the turn, and gives the turn on. When it fails, by an error or a panic,
// the change is undone.
func (s *Store) join(t *transaction, fn func(ctx context.Context, tx *ent.Tx) error) (err error) {
	g, changed := t.group, false
	defer s.turns.leave(g)
	if err := g.begin(t); err != nil {
		return err
	}
	defer func() {
		if t.ended = true; !changed {
			g.undo(t)
		}
	}()
	ctx := context.WithValue(t.ctx, transactionKey{}, t)
	tx, err := s.writer.Tx(ctx)
	if err != nil {
		return err
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := t.mayGoOn(); err != nil { // its caller has gone, or the transaction was lost and fn did not mind
		return err
	}
	changed = true
	g.members++
	g.notes, g.notices = append(g.notes, t.notes...), append(g.notices, t.notices...)
	return nil
}

// RefusedWrites returns how many transactions failed because the database could not do its work, by cause.
func (s *Store) RefusedWrites() map[Cause]int64 {
	counts := make(map[Cause]int64, len(Causes))
	for i, cause := range Causes {
		counts[cause] = s.refused[i].Load()
	}
	return counts
}

// LocksRows reports whether ForUpdate locks anything in the transaction of ctx.
func LocksRows(ctx context.Context) bool {
	t, ok := transactionOf(ctx)
	return ok && t.store.dialect == dialect.Postgres
}

// ForShare is ForUpdate for rows that other transactions may lock in the same way, and none may change.
func ForShare(s *entsql.Selector) {
	if s.Dialect() == dialect.Postgres {
		s.ForShare()
	}
}

// ForUpdate, given to Where in a transaction, locks the rows that the query finds until the transaction ends. SQLite
// has one writer, and so locks nothing.
func ForUpdate(s *entsql.Selector) {
	if s.Dialect() == dialect.Postgres {
		s.ForUpdate()
	}
}
