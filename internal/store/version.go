package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// An answer to a back-office depends on the rows of its shop (a client's product) and on the settings of the providers.
// The table shop_versions has a number for each shop, and one for what all shops share. Triggers raise it in the
// transaction of each change that such an answer could show, whoever makes the change. So whoever reads the version
// first and the rows afterwards knows, as long as the version stays the same, that the rows are as they were. A new
// column counts as shown: TestTheVersionOfAShopRisesWithEachColumnThatItsAnswersCanShow asks for a trigger, or for a
// reason why no answer depends on it.

// VersionColumns and VersionTables select a version beside the client_products p of a shop, in the order in which a
// principal.Version has its numbers. They are null for a shop without a version.
const (
	VersionColumns = `v.n, p.revision, (SELECT n FROM shop_versions WHERE client_product_id = '')`
	VersionTables  = `LEFT JOIN shop_versions v ON v.client_product_id = p.id`
)

// VersionBeside selects the same beside rows of any table: the version of the shop whose id is the statement's first
// argument.
const VersionBeside = `(SELECT n FROM shop_versions WHERE client_product_id = $1),
	(SELECT revision FROM client_products WHERE id = $1), (SELECT n FROM shop_versions WHERE client_product_id = '')`

// ShopVersion returns the version of all that the answers to a client's product can depend on, as it was committed
// after the call began. It returns the zero Version when there is no such client's product.
func (s *Store) ShopVersion(ctx context.Context, clientProductID string) (principal.Version, error) {
	version, err := s.versions.of(ctx, clientProductID)
	if err != nil {
		return principal.Version{}, fmt.Errorf("read the version of a shop: %w", err)
	}
	return version, nil
}

// BeforeVersion is called before a statement that reads the version of a shop beside other columns. The function that
// it returns keeps the version that was read, so that ShopVersion need not read it again.
func (s *Store) BeforeVersion(ctx context.Context) (keep func(clientProductID string, version principal.Version)) {
	return s.versions.before(ctx)
}

// versions reads the versions of shops.
type versions interface {
	of(ctx context.Context, clientProductID string) (principal.Version, error)
	before(ctx context.Context) (keep func(clientProductID string, version principal.Version))
	close() error
}

func (s *Store) newVersions() versions {
	if s.dialect == dialect.SQLite {
		return &sqliteVersions{db: s.readDB}
	}
	return &postgresVersions{db: s.readDB, turn: make(chan struct{}, 1)}
}

const versionQuery = `SELECT p.id, ` + VersionColumns + ` FROM client_products p ` + VersionTables + ` WHERE p.id = `

// versionsQuery takes an array of ids, and hides it in a subquery. Of an array that PostgreSQL sees it takes few ids to
// be so much cheaper than any number of them that it plans the statement anew at each run, which costs more than the
// run.
const versionsQuery = versionQuery + `ANY((SELECT $1::text[])::text[])`

// maxVersions caps the versions that are kept between two changes of the database.
const maxVersions = 100_000

// sqliteVersions keeps the versions that were read while nobody has written to the database since. SQLite tells so: in
// one and the same connection, PRAGMA data_version has another value after another connection has written, of this
// process or of another. It costs a tenth of reading the version.
type sqliteVersions struct {
	db *sql.DB

	mu      sync.Mutex
	conn    *sql.Conn // nil until the first use and after an error
	written preparedQuery
	read    preparedQuery
	at      int64
	known   map[string]principal.Version
}

// preparedQuery is a prepared statement of the driver.
type preparedQuery interface {
	driver.Stmt
	driver.StmtQueryContext
}

// of implements versions. It waits for others, each for as long as SQLite takes to read a row: a reader waits for no
// writer.
func (v *sqliteVersions) of(ctx context.Context, clientProductID string) (principal.Version, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return principal.Version{}, err
	}
	version, err := v.ask(clientProductID)
	if err != nil {
		return principal.Version{}, errors.Join(err, v.drop())
	}
	return version, nil
}

// before implements versions. What is kept was read after the number of the last write, so it is at least as new as
// what ask would have read then.
func (v *sqliteVersions) before(ctx context.Context) (keep func(clientProductID string, version principal.Version)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ctx.Err() != nil {
		return keepNothing
	}
	if err := v.look(); err != nil {
		_ = v.drop() // the statement that comes says what is wrong
		return keepNothing
	}
	at := v.at
	return func(clientProductID string, version principal.Version) {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.known != nil && v.at == at {
			v.known[clientProductID] = version
		}
	}
}

func keepNothing(string, principal.Version) {}

// look forgets the versions that are known when somebody has written since the last look. The caller holds the lock.
func (v *sqliteVersions) look() error {
	if v.conn == nil {
		if err := v.connect(); err != nil {
			return err
		}
	}
	return v.conn.Raw(func(any) error {
		var at [1]driver.Value
		if _, err := readOne(v.written, at[:]); err != nil {
			return err
		}
		if at[0] != driver.Value(v.at) || len(v.known) >= maxVersions {
			clear(v.known)
			v.at, _ = at[0].(int64)
		}
		return nil
	})
}

// ask reads a version. The caller holds the lock. It asks the driver itself: what database/sql does around a statement
// costs more than this one.
func (v *sqliteVersions) ask(clientProductID string) (version principal.Version, err error) {
	if err := v.look(); err != nil {
		return principal.Version{}, err
	}
	if known, ok := v.known[clientProductID]; ok {
		return known, nil
	}
	err = v.conn.Raw(func(any) error {
		var row [4]driver.Value
		found, err := readOne(v.read, row[:], driver.NamedValue{Ordinal: 1, Value: clientProductID})
		if err != nil || !found {
			return err
		}
		shop, _ := row[1].(int64)
		revision, _ := row[2].(int64)
		settings, _ := row[3].(int64)
		version = knownVersion(shop, revision, settings)
		v.known[clientProductID] = version
		return nil
	})
	return version, err
}

// readOne reads the first row of a statement into columns. It returns false when there is none.
func readOne(statement preparedQuery, columns []driver.Value, args ...driver.NamedValue) (bool, error) {
	rows, err := statement.QueryContext(context.Background(), args) // one that cannot be cancelled costs half
	if err != nil {
		return false, err
	}
	err = rows.Next(columns)
	if closeErr := rows.Close(); err == nil {
		err = closeErr
	}
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// connectTimeSQLite bounds the wait for a free connection.
const connectTimeSQLite = 5 * time.Second

// connect takes a connection of the readers, which the versions keep, and prepares the statements.
func (v *sqliteVersions) connect() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeSQLite)
	defer cancel()
	if v.conn, err = v.db.Conn(ctx); err != nil {
		return err
	}
	v.known = map[string]principal.Version{}
	return v.conn.Raw(func(conn any) error {
		for _, of := range []struct {
			statement *preparedQuery
			text      string
		}{{&v.written, "PRAGMA data_version"}, {&v.read, versionQuery + "$1"}} {
			prepared, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, of.text)
			if err != nil {
				return err
			}
			*of.statement = prepared.(preparedQuery)
		}
		return nil
	})
}

// drop gives the connection back. The caller holds the lock.
func (v *sqliteVersions) drop() (err error) {
	if v.conn == nil {
		return nil
	}
	err = v.conn.Raw(func(any) error {
		var errs []error
		for _, statement := range []preparedQuery{v.written, v.read} {
			if statement != nil {
				errs = append(errs, statement.Close())
			}
		}
		return errors.Join(errs...)
	})
	err = errors.Join(err, v.conn.Close())
	v.conn, v.written, v.read, v.known = nil, nil, nil, nil
	return err
}

func (v *sqliteVersions) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.drop()
}

// VersionOf returns the version of the numbers that VersionColumns selected: the zero Version unless there are all.
func VersionOf(numbers [3]sql.NullInt64) principal.Version {
	return knownVersion(numbers[0].Int64, numbers[1].Int64, numbers[2].Int64)
}

// knownVersion returns the version of three numbers, which all begin at 1, and are 0 where there is none.
func knownVersion(shop, revision, settings int64) principal.Version {
	if shop == 0 || revision == 0 || settings == 0 {
		return principal.Version{}
	}
	return principal.Version{Shop: shop, Revision: revision, Settings: settings}
}

// postgresVersions reads the versions that several callers wait for in one statement. A caller gets only what was read
// by a statement that began after its call.
type postgresVersions struct {
	db *sql.DB
	// turn is taken by whoever reads. While one statement runs, callers gather for the next.
	turn chan struct{}

	mu   sync.Mutex
	next *versionBatch // the callers that wait for the next statement; nil when there are none
}

// versionBatch is what one statement reads.
type versionBatch struct {
	ids  []string
	done chan struct{}

	// These are set before done is closed:
	found map[string]principal.Version
	err   error
}

// versionTime bounds a statement for the versions of several callers: the end of one caller's context must not end it.
const versionTime = 5 * time.Second

// before implements versions: whoever asks PostgreSQL asks it anew.
func (v *postgresVersions) before(context.Context) func(string, principal.Version) {
	return keepNothing
}

func (v *postgresVersions) of(ctx context.Context, clientProductID string) (principal.Version, error) {
	batch, first := v.join(clientProductID)
	if first {
		go v.run(context.WithoutCancel(ctx), batch)
	}
	select {
	case <-ctx.Done():
		return principal.Version{}, ctx.Err()
	case <-batch.done:
		return batch.found[clientProductID], batch.err
	}
}

// join adds a caller to the next batch, and reports whether it is the batch's first.
func (v *postgresVersions) join(id string) (batch *versionBatch, first bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	first = v.next == nil
	if first {
		v.next = &versionBatch{done: make(chan struct{})}
	}
	v.next.ids = append(v.next.ids, id)
	return v.next, first
}

// run waits for its turn, closes the batch to further callers, and reads it.
func (v *postgresVersions) run(ctx context.Context, batch *versionBatch) {
	v.turn <- struct{}{}
	defer func() { <-v.turn }()
	v.mu.Lock()
	v.next = nil
	v.mu.Unlock()
	defer close(batch.done)
	ctx, cancel := context.WithTimeout(ctx, versionTime)
	defer cancel()
	batch.found, batch.err = v.read(ctx, batch.ids)
}

func (v *postgresVersions) read(ctx context.Context, ids []string) (map[string]principal.Version, error) {
	rows, err := v.db.QueryContext(ctx, versionsQuery, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[string]principal.Version, len(ids))
	for rows.Next() {
		var id string
		var numbers [3]sql.NullInt64
		if err := rows.Scan(&id, &numbers[0], &numbers[1], &numbers[2]); err != nil {
			return nil, err
		}
		found[id] = VersionOf(numbers)
	}
	return found, rows.Err()
}

func (v *postgresVersions) close() error { return nil }
