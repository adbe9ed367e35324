// Package limit is the yardstick of the portal's speed: a server that is written by hand for speed alone, with net/http
// and prepared statements. It does the visible work of the portal for the read of a back-office, a list of clients, an
// added marketplace and a log-in, and answers with the same bytes. It keeps no audit trail, limits nobody and writes no
// log.
package limit

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "github.com/mattn/go-sqlite3"    // the driver sqlite3
)

// KeySize is how many bytes the key has that seals the secrets.
const KeySize = 32

// schema says the types as SQLite does.
const schema = `
CREATE TABLE products (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE clients (id TEXT PRIMARY KEY, name TEXT NOT NULL, trade_name TEXT NOT NULL, document TEXT NOT NULL,
	name_key TEXT NOT NULL, search_text TEXT NOT NULL, archived_at TEXT);
CREATE INDEX clients_to_list ON clients (name_key, id, search_text) WHERE archived_at IS NULL;
CREATE TABLE client_products (id TEXT PRIMARY KEY, client_id TEXT NOT NULL, product_id TEXT NOT NULL,
	revision BIGINT NOT NULL, suspended_at TEXT);
CREATE INDEX client_products_by_client ON client_products (client_id);
CREATE TABLE marketplaces (id TEXT PRIMARY KEY, client_product_id TEXT NOT NULL, provider TEXT NOT NULL,
	description TEXT NOT NULL, sealed BLOB NOT NULL, credential_version BIGINT NOT NULL,
	health_state TEXT NOT NULL, health_reason TEXT NOT NULL, health_since TEXT NOT NULL);
CREATE INDEX marketplaces_by_client_product ON marketplaces (client_product_id, id);
CREATE TABLE access_keys (hash BLOB PRIMARY KEY, id TEXT NOT NULL, client_product_id TEXT NOT NULL,
	name TEXT NOT NULL, expires_at TEXT, overlap_ends_at TEXT, revoked_at TEXT);
CREATE TABLE operators (email TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, password_hash TEXT NOT NULL);
CREATE TABLE operator_tokens (hash BLOB PRIMARY KEY, email TEXT NOT NULL);
`

// inPostgres says them as PostgreSQL does; its texts sort by their bytes, as those of SQLite.
var inPostgres = strings.NewReplacer("BLOB", "BYTEA", "TEXT", `TEXT COLLATE "C"`)

// Database is the database of the server: SQLite or PostgreSQL.
type Database struct {
	// reader and writer are one and the same in PostgreSQL; SQLite has one writer.
	reader, writer *sql.DB
	sealer         cipher.AEAD
	postgres       bool
}

// Open opens sqlite:PATH or postgres://..., whose secrets are sealed by key. The caller closes it.
func Open(url string, key []byte) (*Database, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	db := &Database{sealer: sealer}
	path, isSQLite := strings.CutPrefix(url, "sqlite:")
	if !isSQLite {
		db.postgres = true
		if db.reader, err = sql.Open("pgx", url); err != nil {
			return nil, err
		}
		db.writer = db.reader
		db.reader.SetMaxOpenConns(16)
		db.reader.SetMaxIdleConns(16)
		return db, nil
	}
	dsn := "file:" + path + "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_cache_size=-8192"
	if db.writer, err = sql.Open("sqlite3", dsn+"&_txlock=immediate"); err != nil {
		return nil, err
	}
	if db.reader, err = sql.Open("sqlite3", dsn); err != nil {
		return nil, err
	}
	db.writer.SetMaxOpenConns(1)
	readers := 2 * runtime.GOMAXPROCS(0)
	db.reader.SetMaxOpenConns(readers)
	db.reader.SetMaxIdleConns(readers)
	return db, nil
}

// Close closes the database.
func (db *Database) Close() error {
	if db.postgres {
		return db.writer.Close()
	}
	return errors.Join(db.reader.Close(), db.writer.Close())
}

// Shop is a client with all that the server keeps of it.
type Shop struct {
	ClientID, ClientProductID           string
	Name, TradeName, Document           string
	NameKey, SearchText                 string
	AccessKey, AccessKeyID, AccessKeyOf string // the key's text, its id and its name; empty where there is none
	Marketplaces                        []Marketplace
}

// Marketplace is a connection of a shop.
type Marketplace struct {
	ID, Provider, Description              string
	HealthState, HealthReason, HealthSince string
	// Credentials are a JSON object: what a back-office is answered.
	Credentials string
}

// House is what the shops have in common.
type House struct {
	ProductID, ProductName string
	// Operator is who logs in, and whose tokens list and change.
	Operator Operator
	Tokens   []string
}

// Operator is a person who logs in.
type Operator struct{ Email, Name, Role, PasswordHash string }

// Fill makes the tables and their rows.
func (db *Database) Fill(ctx context.Context, house House, shops []Shop) error {
	tables := schema
	if db.postgres {
		tables = inPostgres.Replace(schema)
	}
	if _, err := db.writer.ExecContext(ctx, tables); err != nil {
		return err
	}
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	f := &filling{ctx: ctx, db: db, tx: tx}
	f.insert("products", house.ProductID, house.ProductName)
	operator := house.Operator
	f.insert("operators", operator.Email, operator.Name, operator.Role, operator.PasswordHash)
	for _, token := range house.Tokens {
		f.insert("operator_tokens", hashOf(token), operator.Email)
	}
	for _, shop := range shops {
		f.insertShop(house.ProductID, shop)
	}
	if f.err != nil {
		return errors.Join(f.err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.writer.ExecContext(ctx, "ANALYZE")
	return err
}

// filling inserts rows until one fails.
type filling struct {
	ctx        context.Context
	db         *Database
	tx         *sql.Tx
	err        error
	statements map[string]*sql.Stmt
}

func (f *filling) insertShop(productID string, of Shop) {
	f.insert("clients", of.ClientID, of.Name, of.TradeName, of.Document, of.NameKey, of.SearchText, nil)
	f.insert("client_products", of.ClientProductID, of.ClientID, productID, 1, nil)
	for _, m := range of.Marketplaces {
		f.insert("marketplaces", m.ID, of.ClientProductID, m.Provider, m.Description, f.db.seal(m.ID, m.Credentials), 1,
			m.HealthState, m.HealthReason, m.HealthSince)
	}
	if of.AccessKey != "" {
		f.insert("access_keys", hashOf(of.AccessKey), of.AccessKeyID, of.ClientProductID, of.AccessKeyOf, nil, nil, nil)
	}
}

func (f *filling) insert(table string, values ...any) {
	if f.err != nil {
		return
	}
	statement, ok := f.statements[table]
	if !ok {
		marks := make([]string, len(values))
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		text := "INSERT INTO " + table + " VALUES (" + strings.Join(marks, ", ") + ")" // #nosec G202 -- from this file alone
		if statement, f.err = f.tx.PrepareContext(f.ctx, text); f.err != nil {
			return
		}
		if f.statements == nil {
			f.statements = map[string]*sql.Stmt{}
		}
		f.statements[table] = statement
	}
	_, f.err = statement.ExecContext(f.ctx, values...)
}

// seal seals credentials to the row of this id.
func (db *Database) seal(id, credentials string) []byte {
	return db.sealer.Seal(nil, nil, []byte(credentials), []byte(id)) // #nosec G407 -- it makes its own random nonce
}

func (db *Database) open(id string, sealed []byte) ([]byte, error) {
	return db.sealer.Open(nil, nil, sealed, []byte(id))
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NewKey returns a key for Open.
func NewKey() []byte {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // it never fails: it ends the program instead
	return key
}
