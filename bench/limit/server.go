package limit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/store/search"
)

// maxBody is how many bytes a request may have.
const maxBody = 64 << 10

// errUnauthorized is a key, a token or a password that is not good.
var errUnauthorized = errors.New("unauthorized")

// server answers from prepared statements. Their contexts cannot be cancelled: that saves a goroutine for each.
type server struct {
	db *Database

	key, marketplaces, operator, count, page, addMarketplace, touch, password, addToken *sql.Stmt
}

// Handler returns the server's handler. Its statements live as long as the database.
func Handler(db *Database) (http.Handler, error) {
	s := &server{db: db}
	for _, of := range []struct {
		statement **sql.Stmt
		on        *sql.DB
		text      string
	}{
		{&s.key, db.reader, `SELECT k.id, k.name, k.expires_at, k.overlap_ends_at, p.id, p.revision, c.id, c.name, c.document
			FROM access_keys k JOIN client_products p ON p.id = k.client_product_id JOIN clients c ON c.id = p.client_id
			WHERE k.hash = $1 AND k.revoked_at IS NULL AND p.suspended_at IS NULL AND c.archived_at IS NULL`},
		{&s.marketplaces, db.reader, `SELECT id, provider, description, sealed, credential_version,
			health_state, health_reason, health_since FROM marketplaces WHERE client_product_id = $1 ORDER BY id`},
		{&s.operator, db.reader, `SELECT email FROM operator_tokens WHERE hash = $1`},
		{&s.count, db.reader, `SELECT COUNT(*) FROM clients WHERE archived_at IS NULL AND search_text LIKE $1`},
		{&s.page, db.reader, `SELECT c.id, c.name, c.trade_name, c.document, p.id, p.suspended_at, s.id, s.name,
			m.id, m.provider, m.description, m.health_state, m.health_reason
			FROM (SELECT id FROM clients
				WHERE archived_at IS NULL AND search_text LIKE $1 ORDER BY name_key, id LIMIT $2) found
			JOIN clients c ON c.id = found.id
			JOIN client_products p ON p.client_id = c.id JOIN products s ON s.id = p.product_id
			JOIN marketplaces m ON m.client_product_id = p.id ORDER BY c.name_key, c.id, p.id, m.id`},
		{&s.addMarketplace, db.writer, `INSERT INTO marketplaces VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`},
		{&s.touch, db.writer, `UPDATE client_products SET revision = revision + 1 WHERE id = $1 AND suspended_at IS NULL`},
		{&s.password, db.reader, `SELECT name, role, password_hash FROM operators WHERE email = $1`},
		{&s.addToken, db.writer, `INSERT INTO operator_tokens VALUES ($1, $2)`},
	} {
		var err error
		if *of.statement, err = of.on.PrepareContext(context.Background(), of.text); err != nil {
			return nil, err
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /integration", answer(s.readIntegration))
	mux.HandleFunc("POST /clients", answer(s.listClients))
	mux.HandleFunc("POST /marketplaces", answer(s.add))
	mux.HandleFunc("POST /login", answer(s.logIn))
	return mux, nil
}

// answer writes what a function returns as the data of an answer of GraphQL.
func answer(work func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := work(r)
		var body []byte
		if err == nil {
			body, err = json.Marshal(struct {
				Data any `json:"data"`
			}{data})
		}
		switch {
		case errors.Is(err, errUnauthorized):
			http.Error(w, err.Error(), http.StatusUnauthorized)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body) // fails only when the caller is gone
		}
	}
}

func bearer(r *http.Request) []byte {
	return hashOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
}

// orUnauthorized says of a row that is not there that the caller is not let in.
func orUnauthorized(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errUnauthorized
	}
	return err
}

type integration struct {
	Client struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Document string `json:"document"`
	} `json:"client"`
	AccessKey struct {
		ID            string  `json:"id"`
		Name          string  `json:"name"`
		ExpiresAt     *string `json:"expiresAt"`
		OverlapEndsAt *string `json:"overlapEndsAt"`
	} `json:"accessKey"`
	Revision     string            `json:"revision"`
	Marketplaces []keysMarketplace `json:"marketplaces"`
}

type keysMarketplace struct {
	ID          string `json:"id"`
	Provider    string `json:"provider"`
	Description string `json:"description"`
	Health      struct {
		State   string `json:"state"`
		Reason  string `json:"reason"`
		Message string `json:"message"`
		Since   string `json:"since"`
	} `json:"health"`
	CredentialVersion int64           `json:"credentialVersion"`
	Credentials       json.RawMessage `json:"credentials"`
}

func (s *server) readIntegration(r *http.Request) (any, error) {
	var found integration
	var clientProductID string
	err := s.key.QueryRow(bearer(r)).Scan(&found.AccessKey.ID, &found.AccessKey.Name, &found.AccessKey.ExpiresAt,
		&found.AccessKey.OverlapEndsAt, &clientProductID, &found.Revision,
		&found.Client.ID, &found.Client.Name, &found.Client.Document)
	if err != nil {
		return nil, orUnauthorized(err)
	}
	rows, err := s.marketplaces.Query(clientProductID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what went wrong
	for rows.Next() {
		var m keysMarketplace
		var sealed []byte
		if err := rows.Scan(&m.ID, &m.Provider, &m.Description, &sealed, &m.CredentialVersion,
			&m.Health.State, &m.Health.Reason, &m.Health.Since); err != nil {
			return nil, err
		}
		if m.Credentials, err = s.db.open(m.ID, sealed); err != nil {
			return nil, err
		}
		m.Health.Message = sentenceOf(m.Health.Reason)
		found.Marketplaces = append(found.Marketplaces, m)
	}
	return struct {
		Integration integration `json:"integration"`
	}{found}, rows.Err()
}

// sentenceOf says to a back-office what a reason means.
func sentenceOf(reason string) string {
	if i18n.Has("health.erp." + reason) {
		return i18n.Text(context.Background(), "health.erp."+reason)
	}
	return i18n.Text(context.Background(), "health."+reason)
}

type clientPage struct {
	TotalCount int `json:"totalCount"`
	PageInfo   struct {
		HasNextPage bool `json:"hasNextPage"`
	} `json:"pageInfo"`
	Edges []edge `json:"edges"`
}

type edge struct {
	Node client `json:"node"`
}

type client struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	TradeName string          `json:"tradeName"`
	Document  string          `json:"document"`
	Products  []clientProduct `json:"products"`
}

type clientProduct struct {
	ID          string  `json:"id"`
	SuspendedAt *string `json:"suspendedAt"`
	Product     struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"product"`
	Marketplaces []marketplace `json:"marketplaces"`
}

type marketplace struct {
	ID          string `json:"id"`
	Provider    string `json:"provider"`
	Description string `json:"description"`
	Health      struct {
		State  string `json:"state"`
		Reason string `json:"reason"`
	} `json:"health"`
}

// operatorOf returns the e-mail address of the operator whose token the request has, once its body is read into in.
func (s *server) operatorOf(r *http.Request, in any) (string, error) {
	var email string
	if err := s.operator.QueryRow(bearer(r)).Scan(&email); err != nil {
		return "", orUnauthorized(err)
	}
	return email, read(r, in)
}

func read(r *http.Request, in any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, in)
}

func (s *server) listClients(r *http.Request) (any, error) {
	var in struct {
		Search string
		First  int
	}
	if _, err := s.operatorOf(r, &in); err != nil {
		return nil, err
	}
	like := "%" + search.Fold(in.Search) + "%"
	var found clientPage
	if err := s.count.QueryRow(like).Scan(&found.TotalCount); err != nil {
		return nil, err
	}
	rows, err := s.page.Query(like, in.First)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what went wrong
	for rows.Next() {
		var c client
		var p clientProduct
		var m marketplace
		if err := rows.Scan(&c.ID, &c.Name, &c.TradeName, &c.Document, &p.ID, &p.SuspendedAt, &p.Product.ID, &p.Product.Name,
			&m.ID, &m.Provider, &m.Description, &m.Health.State, &m.Health.Reason); err != nil {
			return nil, err
		}
		found.add(c, p, m)
	}
	found.PageInfo.HasNextPage = found.TotalCount > in.First
	return struct {
		Clients clientPage `json:"clients"`
	}{found}, rows.Err()
}

// add puts a row of a page where it belongs: the rows come in the order of the answer.
func (l *clientPage) add(c client, p clientProduct, m marketplace) {
	if n := len(l.Edges); n == 0 || l.Edges[n-1].Node.ID != c.ID {
		l.Edges = append(l.Edges, edge{c})
	}
	last := &l.Edges[len(l.Edges)-1].Node
	if n := len(last.Products); n == 0 || last.Products[n-1].ID != p.ID {
		last.Products = append(last.Products, p)
	}
	of := &last.Products[len(last.Products)-1]
	of.Marketplaces = append(of.Marketplaces, m)
}

func (s *server) add(r *http.Request) (any, error) {
	var in struct{ ClientProductID, Description, Token string }
	if _, err := s.operatorOf(r, &in); err != nil {
		return nil, err
	}
	credentials, err := json.Marshal(struct {
		Token string `json:"token"`
	}{in.Token})
	if err != nil {
		return nil, err
	}
	added := marketplace{ID: ident.New(ident.Marketplace), Provider: "SHOWKASE", Description: in.Description}
	added.Health.State, added.Health.Reason = "NOT_TESTABLE", "NO_TEST_AVAILABLE"
	err = s.write(func(tx *sql.Tx) error {
		_, err := tx.Stmt(s.addMarketplace).Exec(added.ID, in.ClientProductID, added.Provider, added.Description,
			s.db.seal(added.ID, string(credentials)), 1, added.Health.State, added.Health.Reason,
			instant.Text(time.Now()))
		if err != nil {
			return err
		}
		touched, err := tx.Stmt(s.touch).Exec(in.ClientProductID)
		if err != nil {
			return err
		}
		if n, err := touched.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errors.New("no such product of a client"))
		}
		return nil
	})
	type payload struct {
		Marketplace marketplace `json:"marketplace"`
		UserErrors  []string    `json:"userErrors"`
	}
	return struct {
		AddMarketplace payload `json:"addMarketplace"`
	}{payload{added, []string{}}}, err
}

// write runs a function in a transaction.
func (s *server) write(work func(tx *sql.Tx) error) error {
	tx, err := s.db.writer.Begin()
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (s *server) logIn(r *http.Request) (any, error) {
	var in struct{ Email, Password string }
	if err := read(r, &in); err != nil {
		return nil, err
	}
	type operator struct {
		Name string `json:"name"`
		Role string `json:"role"`
	}
	var found operator
	var hash string
	if err := s.password.QueryRow(in.Email).Scan(&found.Name, &found.Role, &hash); err != nil {
		return nil, orUnauthorized(err)
	}
	ok, err := argon2id.ComparePasswordAndHash(in.Password, hash)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errUnauthorized
	}
	_, tokenHash := token.NewOpaque()
	if _, err := s.addToken.Exec(tokenHash, in.Email); err != nil {
		return nil, err
	}
	type payload struct {
		Operator   operator `json:"operator"`
		UserErrors []string `json:"userErrors"`
	}
	return struct {
		Login payload `json:"login"`
	}{payload{found, []string{}}}, nil
}
