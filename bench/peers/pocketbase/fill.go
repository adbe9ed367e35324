package main

import (
	"crypto/aes"
	"crypto/cipher"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"modernc.org/sqlite"
)

// copies take the rows of the other file into the collections. Secrets are opened: PocketBase has no sealing of fields.
var copies = []string{
	`INSERT INTO clients (id, name, tradeName, document, nameKey, searchText, revision)
		SELECT c.id, c.name, c.trade_name, c.document, c.name_key, c.search_text, p.revision
		FROM other.clients c JOIN other.client_products p ON p.client_id = c.id`,
	`INSERT INTO marketplaces (id, client, provider, description, credentials, credentialVersion,
		healthState, healthReason, healthSince)
		SELECT m.id, p.client_id, m.provider, m.description, open_sealed(m.id, m.sealed), m.credential_version,
		m.health_state, m.health_reason, m.health_since
		FROM other.marketplaces m JOIN other.client_products p ON p.id = m.client_product_id`,
	`INSERT INTO keys (id, client, hash, name) SELECT k.id, p.client_id, lower(hex(k.hash)), k.name
		FROM other.access_keys k JOIN other.client_products p ON p.id = k.client_product_id`,
	`DETACH other`,
	`ANALYZE`,
}

// fill makes the collections, copies the rows of a file into them, and prints the token of an operator.
func fill(app core.App, file string) error {
	if err := registerOpen(); err != nil {
		return err
	}
	token, err := makeCollections(app)
	if err != nil {
		return err
	}
	db, err := connect(app.DataDir() + "/data.db")
	if err != nil {
		return err
	}
	db.DB().SetMaxOpenConns(1) // what is attached is attached to a connection
	if _, err := db.NewQuery("ATTACH {:file} AS other").Bind(dbx.Params{"file": file}).Execute(); err != nil {
		return errors.Join(err, db.Close())
	}
	for _, statement := range copies {
		if _, err := db.NewQuery(statement).Execute(); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", statement, err), db.Close())
		}
	}
	fmt.Println(token)
	return db.Close()
}

// registerOpen gives SQLite a function that opens what bench has sealed to a row.
func registerOpen() error {
	key, err := hex.DecodeString(os.Getenv("LIMIT_KEY"))
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return err
	}
	open := func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		id, isText := args[0].(string)
		sealed, isBlob := args[1].([]byte)
		if !isText || !isBlob {
			return nil, errors.New("open_sealed takes an id and a sealed value")
		}
		text, err := sealer.Open(nil, nil, sealed, []byte(id))
		return string(text), err
	}
	return sqlite.RegisterDeterministicScalarFunction("open_sealed", 2, open)
}

// makeCollections makes the collections and an operator, whose token it returns.
func makeCollections(app core.App) (string, error) {
	letOperators := `@request.auth.collectionName = "operators"`
	operators := core.NewAuthCollection("operators")
	clients := newCollection("clients", "cli", "name", "tradeName", "document", "nameKey", "searchText")
	clients.Fields.Add(&core.NumberField{Name: "revision"})
	clients.ListRule = &letOperators
	clients.AddIndex("clients_to_list", false, "nameKey, id, searchText", "")
	if err := errors.Join(app.Save(operators), app.Save(clients)); err != nil {
		return "", err
	}
	marketplaces := newCollection("marketplaces", "mkp",
		"provider", "description", "healthState", "healthReason", "healthSince")
	keys := newCollection("keys", "key", "hash", "name", "expiresAt", "overlapEndsAt", "revokedAt")
	of := &core.RelationField{Name: "client", CollectionId: clients.Id, Required: true, MaxSelect: 1}
	marketplaces.Fields.Add(of, &core.JSONField{Name: "credentials"}, &core.NumberField{Name: "credentialVersion"})
	marketplaces.AddIndex("marketplaces_by_client", false, "client, id", "")
	keys.Fields.Add(of)
	keys.AddIndex("keys_by_hash", true, "hash", "")
	marketplaces.ViewRule, marketplaces.CreateRule = &letOperators, &letOperators
	operator := core.NewRecord(operators)
	operator.SetEmail("ana@example.com")
	operator.SetPassword(security.RandomString(30))
	if err := errors.Join(app.Save(marketplaces), app.Save(keys), app.Save(operator)); err != nil {
		return "", err
	}
	return operator.NewAuthToken()
}

// newCollection makes a collection whose ids are as long as those of the portal, and which has fields of text.
func newCollection(name, prefix string, texts ...string) *core.Collection {
	made := core.NewBaseCollection(name)
	if id, ok := made.Fields.GetByName(core.FieldNameId).(*core.TextField); ok {
		id.Min, id.Max, id.Pattern, id.AutogeneratePattern = 30, 30, `^[a-z0-9_]+$`, prefix+`_[a-z0-9]{26}`
	}
	for _, text := range texts {
		made.Fields.Add(&core.TextField{Name: text})
	}
	return made
}
