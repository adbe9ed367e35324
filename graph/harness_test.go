package graph_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/product"
	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/metrics"
	composed "github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

const (
	publicURL    = "https://portal.example"
	adminOrigin  = "https://admin.portal.example" // a second host of the page
	goodPassword = "correct horse battery staple"
)

// portal is the whole program without the network, over a database of its own.
type portal struct {
	*httpserver.Server
	store     *store.Store
	staff     *staff.Staff
	keys      *accesskey.Service
	brakes    accesskey.Brakes // of access keys: high, so that they do not disturb other tests
	live      *live.Bus
	sims      *simulated.Providers
	clock     *clock
	log       *logBuffer
	productID string // of Integration Marketplace
	documents int    // how many documents were made up

	denials     denials
	metrics     *metrics.Metrics
	whole       *composed.Portal
	options     composed.Options
	keyset      *seal.Keyset
	showKaseURL string // where the simulated ShowKase checks a token

	admin, operator, viewer *person
}

// hurried is a rate that no test exceeds.
const hurried = 10_000

// handlerMaker makes the GraphQL handler of a portal: graph.NewHandler, or a variant without a layer.
type handlerMaker func(*graph.Resolver, graph.Refuse, *slog.Logger) (http.Handler, error)

// each runs test over a portal on SQLite and one on PostgreSQL.
func each(t *testing.T, test func(t *testing.T, p *portal)) {
	t.Helper()
	eachWith(t, graph.NewHandler, test)
}

func eachWith(t *testing.T, handler handlerMaker, test func(t *testing.T, p *portal)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newPortal(t, s, handler)) })
}

// newPortal assembles a portal as the program does, over simulated providers, its own clock and a cheap hasher. change
// adjusts its options.
func newPortal(t *testing.T, s *store.Store, handler handlerMaker, change ...func(*composed.Options)) *portal {
	t.Helper()
	keyset, err := seal.NewKeyset()
	must.Do(t, err)
	p := &portal{
		store: s, keyset: keyset, clock: &clock{}, log: &logBuffer{},
		brakes: accesskey.Brakes{Issued: 1000, Read: 1000, Networks: 1000},
	}
	options := composed.Options{
		Settings: p.settings(t),
		Log:      slog.New(slog.NewJSONHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:      p.clock.Now, Hasher: password.ForTesting(t), Denials: &p.denials, MakeAPI: handler, Page: fstest.MapFS{},
	}
	p.simulate(t, &options)
	for _, c := range change {
		c(&options)
	}
	p.options = options
	p.whole, err = composed.New(s, keyset, options)
	must.Do(t, err)
	t.Cleanup(p.whole.Keeper.Close)
	p.staff, p.keys, p.live, p.metrics = p.whole.Staff, p.whole.Keys, p.whole.Live, p.whole.Metrics
	must.Do(t, p.whole.Prepare(t.Context()))
	p.Server, err = p.whole.NewServer()
	must.Do(t, err)
	p.admin = p.hire(t, "Ana Admin", principal.Admin)
	p.operator = p.hire(t, "Otto Operador", principal.Editor)
	p.viewer = p.hire(t, "Vera Leitora", principal.Viewer)
	p.productID, err = s.Reader().Product.Query().
		Where(product.Code(products.IntegrationMarketplace)).
		OnlyID(p.system(t))
	must.Do(t, err)
	return p
}

// settings are those of a portal for tests.
func (p *portal) settings(t *testing.T) config.Settings {
	t.Helper()
	public, err := url.Parse(publicURL)
	must.Do(t, err)
	return config.Settings{
		PublicURL: public, AdminOrigins: []string{adminOrigin}, DataDir: t.TempDir(), SecondFactor: session.FromNobody,
		// The peer of every test request: X-Forwarded-For sets another address.
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")},
		KeyRate:        hurried, OperatorRate: hurried, StrangerRate: hurried,
		KeyShops: p.brakes.Issued, ReadShops: p.brakes.Read, KeyNetworks: p.brakes.Networks,
		MetricsListen: "127.0.0.1:9464", // no listener is opened
	}
}

// denials collects the root fields that callers were denied. The tests of package audit cover what audit does with
// them.
type denials struct {
	mu     sync.Mutex
	fields []string
}

func (d *denials) RecordDenial(_ context.Context, field string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fields = append(d.fields, field)
}

// take returns the denials since its last call.
func (d *denials) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	fields := d.fields
	d.fields = nil
	return fields
}

// system returns a context in which the test may read and change every row.
func (p *portal) system(t *testing.T) context.Context {
	return principal.AsSystem(t.Context(), "test")
}

// clock is a clock that a test can move.
type clock struct {
	mu      sync.Mutex
	ahead   time.Duration
	stopped time.Time
}

// stop stops the clock except for advance, so that a slow machine changes nothing.
func (c *clock) stop() {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped, c.ahead = now, 0
}

// Now returns the time in microseconds, the precision of the databases.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped.IsZero() {
		return c.stopped.Add(c.ahead)
	}
	return time.Now().UTC().Truncate(time.Microsecond).Add(c.ahead)
}

// advance moves the clock.
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// toNewDay moves the clock to 30 minutes after the next midnight in UTC, so that counts per day fall into one day.
func (c *clock) toNewDay() {
	now := c.Now()
	c.advance(now.Truncate(24 * time.Hour).Add(24*time.Hour + 30*time.Minute).Sub(now))
}

// toHalfPast moves the clock to the next half hour, so that counts per hour fall into one hour.
func (c *clock) toHalfPast() {
	now := c.Now()
	c.advance(now.Truncate(time.Hour).Add(90 * time.Minute).Sub(now))
}

// logBuffer collects the log, for a test to read while the server writes.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// person is an operator who is logged in.
type person struct {
	portal          *portal
	id, name, email string
	token           string
	until           time.Time
}

func (p *portal) hire(t *testing.T, name string, role principal.Role) *person {
	t.Helper()
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	email := fmt.Sprintf("%s.%s@example.com", first, strings.ToLower(string(role)))
	made, err := p.staff.Operators.Create(p.system(t),
		operator.Input{Name: name, Email: email, Password: goodPassword, Role: role})
	must.Do(t, err)
	return &person{portal: p, id: made.ID, name: name, email: email}
}

// caller authenticates a request.
type caller interface {
	// authorization returns the Authorization header, "" for none.
	authorization(t *testing.T) string
}

// authorization logs in unless the person has a valid access token.
func (o *person) authorization(t *testing.T) string {
	t.Helper()
	now := o.portal.clock.Now()
	if !now.Before(o.until.Add(-30 * time.Second)) {
		begun, err := o.portal.staff.Logins.Login(t.Context(), o.email, goodPassword, session.Browser{UserAgent: "harness"})
		must.Do(t, err)
		o.token, o.until = begun.AccessToken, begun.AccessExpiresAt
	}
	return "Bearer " + o.token
}

// bearer is a caller with an access key or an access token.
type bearer string

func (b bearer) authorization(*testing.T) string { return "Bearer " + string(b) }

// stranger is a caller without credentials.
type stranger struct{}

func (stranger) authorization(*testing.T) string { return "" }

// vars are the variables of a document.
type vars map[string]any

// response is an answer of the API.
type response struct {
	status int
	header http.Header
	body   string
	data   any
	errors []graphQLError
}

type graphQLError struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Reason, Since, RequestID string }
}

// post sends a document to POST /graphql. headers are names and values in turn.
func (p *portal) post(t *testing.T, as caller, document string, variables vars, headers ...string) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	must.Do(t, err)
	r := httptest.NewRequest(http.MethodPost, publicURL+"/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if authorization := as.authorization(t); authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	answer := response{status: w.Code, header: w.Header(), body: w.Body.String()}
	for _, instant := range anInstant.FindAllStringSubmatch(answer.body, -1) {
		if !threeDigits.MatchString(instant[1]) {
			t.Errorf("an instant in an answer is written %s", instant[1])
		}
	}
	var decoded struct {
		Data   any
		Errors []graphQLError
	}
	if err := json.Unmarshal(w.Body.Bytes(), &decoded); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, answer.body)
	}
	answer.data, answer.errors = decoded.Data, decoded.Errors
	return answer
}

// anInstant finds the texts of an answer, also of an export in it, that are instants. All must match threeDigits.
var (
	anInstant   = regexp.MustCompile(`"(\d{4}-\d\d-\d\dT[^"\\]*)\\?"`)
	threeDigits = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
)

// must is post for a request that must succeed: it fails on an error or a user error.
func (p *portal) must(t *testing.T, as caller, document string, variables vars, headers ...string) response {
	t.Helper()
	answer := p.post(t, as, document, variables, headers...)
	if len(answer.errors) > 0 || answer.status != http.StatusOK {
		t.Fatalf("%.100s\nstatus %d: %s", document, answer.status, answer.body)
	}
	root, _ := answer.data.(map[string]any)
	for name, payload := range root {
		payload, _ := payload.(map[string]any)
		if userErrors, _ := payload["userErrors"].([]any); len(userErrors) > 0 {
			t.Fatalf("%s: %v", name, userErrors)
		}
	}
	return answer
}

// get returns the value at a path of the data, such as clients.edges.0.node.id; nil when there is none.
func (r response) get(path string) any {
	at := r.data
	for step := range strings.SplitSeq(path, ".") {
		switch value := at.(type) {
		case map[string]any:
			at = value[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(value) {
				return nil
			}
			at = value[i]
		default:
			return nil
		}
	}
	return at
}

// text returns the text at a path of the data.
func (r response) text(t *testing.T, path string) string {
	t.Helper()
	text, ok := r.get(path).(string)
	if !ok {
		t.Fatalf("there is no text at %s: %s", path, r.body)
	}
	return text
}

// texts returns a text of each member of the list at a path.
func (r response) texts(t *testing.T, list, path string) []string {
	t.Helper()
	members, ok := r.get(list).([]any)
	if !ok {
		t.Fatalf("there is no list at %s: %s", list, r.body)
	}
	texts := make([]string, len(members))
	for i := range members {
		texts[i] = r.text(t, fmt.Sprintf("%s.%d.%s", list, i, path))
	}
	return texts
}

// code returns the code of the answer's only error; "" when there is none.
func (r response) code(t *testing.T) string {
	t.Helper()
	switch len(r.errors) {
	case 0:
		return ""
	case 1:
		return r.errors[0].Extensions.Code
	default:
		t.Fatalf("more than one error: %s", r.body)
		return ""
	}
}

// userError is an entry of userErrors.
type userError struct {
	Code, Message string
	Field         string // the path, joined with dots
	RelatedID     string
}

// userErrors returns those of the mutation, which has asked for code, field, message and relatedId.
func (r response) userErrors(t *testing.T) []userError {
	t.Helper()
	if len(r.errors) > 0 {
		t.Fatalf("an error and no user error: %s", r.body)
	}
	var found []userError
	root, _ := r.data.(map[string]any)
	for name := range root {
		list, _ := r.get(name + ".userErrors").([]any)
		for _, entry := range list {
			var decoded struct {
				Code, Message string
				Field         []string
				RelatedID     string
			}
			encoded, err := json.Marshal(entry)
			must.Do(t, err)
			must.Do(t, json.Unmarshal(encoded, &decoded))
			found = append(found, userError{decoded.Code, decoded.Message, strings.Join(decoded.Field, "."), decoded.RelatedID})
		}
	}
	return found
}

// wants fails unless the answer has exactly these user errors, each written as CODE at path.
func (r response) wants(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, e := range r.userErrors(t) {
		got = append(got, strings.TrimSuffix(e.Code+" at "+e.Field, " at "))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("user errors %q, want %q", got, want)
	}
}

// refused fails unless the answer has this one error and no data.
func (r response) refused(t *testing.T, code string) {
	t.Helper()
	if got := r.code(t); got != code {
		t.Errorf("code %q, want %q: %s", got, code, r.body)
	}
	if root, ok := r.data.(map[string]any); ok {
		for name, value := range root {
			if value != nil {
				t.Errorf("%s has data beside the error: %s", name, r.body)
			}
		}
	}
}

// withoutRequestID returns the body without the id of the request.
func (r response) withoutRequestID() string {
	return strings.ReplaceAll(r.body, r.header.Get("X-Request-Id"), "REQUEST")
}

// mutation returns a document that calls a mutation with an input. It selects fields of the payload and all fields of
// user errors.
func mutation(name, fields string) string {
	input := graph.Schema().Mutation.Fields.ForName(name).Arguments[0].Type.Name()
	return fmt.Sprintf(`mutation($input: %s!) { %s(input: $input) { %s userErrors { code field message relatedId } } }`,
		input, name, fields)
}

// call calls a mutation with an input.
func (p *portal) call(t *testing.T, as caller, name, fields string, input vars, headers ...string) response {
	t.Helper()
	return p.post(t, as, mutation(name, fields), vars{"input": input}, headers...)
}

// mustCall is call for a mutation that must succeed.
func (p *portal) mustCall(t *testing.T, as caller, name, fields string, input vars) response {
	t.Helper()
	return p.must(t, as, mutation(name, fields), vars{"input": input})
}

// document returns a CNPJ that was not returned before.
func (p *portal) document(t *testing.T) string {
	t.Helper()
	p.documents++
	document, err := brdoc.CompleteCNPJ(fmt.Sprintf("11222333%04d", p.documents))
	must.Do(t, err)
	return document.String()
}

// newClient makes a client and returns its id.
func (p *portal) newClient(t *testing.T, name string) string {
	t.Helper()
	return p.mustCall(t, p.operator, "createClient", "client { id }", vars{"name": name, "document": p.document(t)}).
		text(t, "createClient.client.id")
}

// newClientProduct gives a client the product Integration Marketplace, and returns the client product's id.
func (p *portal) newClientProduct(t *testing.T, clientID string) string {
	t.Helper()
	return p.mustCall(t, p.operator, "addClientProduct", "clientProduct { id }",
		vars{"clientId": clientID, "productId": p.productID}).
		text(t, "addClientProduct.clientProduct.id")
}

// newMarketplace connects a client's product and returns the id of the marketplace.
func (p *portal) newMarketplace(t *testing.T, clientProductID string, config vars) string {
	t.Helper()
	return p.mustCall(t, p.operator, "addMarketplace", "marketplace { id }",
		vars{"clientProductId": clientProductID, "description": "Loja", "config": config}).
		text(t, "addMarketplace.marketplace.id")
}

// Configurations of each provider. Their secrets are texts that cannot occur by accident.
func meuCarrinho() vars {
	return vars{"meuCarrinho": vars{"username": "loja@example.com", "password": "planted-password-1"}}
}

func plug4Market() vars {
	return vars{"plug4Market": vars{"accessToken": "planted-access-2", "refreshToken": "planted-refresh-3"}}
}

func showKase() vars { return vars{"showKase": vars{"token": "planted-token-4"}} }

func nuvemshop() vars { return vars{"nuvemshop": vars{"storeUrl": "https://loja.example.com"}} }

// newServiceToken makes a service token and returns its id and the token itself.
func (p *portal) newServiceToken(t *testing.T, role string) (id string, token bearer) {
	t.Helper()
	made := p.mustCall(t, p.admin, "createServiceToken", "serviceToken { id } token",
		vars{"name": "Script", "role": role, "expiresAt": p.clock.Now().Add(24 * time.Hour)})
	return made.text(t, "createServiceToken.serviceToken.id"), bearer(made.text(t, "createServiceToken.token"))
}

// newKey makes an access key and returns its id and the key itself.
func (p *portal) newKey(t *testing.T, clientProductID string) (id string, token bearer) {
	t.Helper()
	made := p.mustCall(t, p.operator, "createAccessKey", "accessKey { id } token",
		vars{"clientProductId": clientProductID, "name": "Caixa 1"})
	return made.text(t, "createAccessKey.accessKey.id"), bearer(made.text(t, "createAccessKey.token"))
}

// shop is a client with what the main walk makes.
type shop struct {
	clientID, clientProductID, marketplaceID, keyID string
	key                                             bearer
}

// newShop walks from the client to the key, with one Meu Carrinho connection.
func (p *portal) newShop(t *testing.T, name string) shop {
	t.Helper()
	var s shop
	s.clientID = p.newClient(t, name)
	s.clientProductID = p.newClientProduct(t, s.clientID)
	s.marketplaceID = p.newMarketplace(t, s.clientProductID, meuCarrinho())
	s.keyID, s.key = p.newKey(t, s.clientProductID)
	return s
}

// ids are the ids of a shop's rows.
func (s shop) ids() []string {
	return []string{s.clientID, s.clientProductID, s.marketplaceID, s.keyID}
}

// snapshot returns every row of every table as text, by table and in no particular order.
func (p *portal) snapshot(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range tables.Tables {
		rows, err := p.store.DB().QueryContext(t.Context(), `SELECT * FROM "`+table.Name+`" ORDER BY 1`)
		must.Do(t, err)
		columns, err := rows.Columns()
		must.Do(t, err)
		for rows.Next() {
			values, pointers := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				pointers[i] = &values[i]
			}
			must.Do(t, rows.Scan(pointers...))
			var line strings.Builder
			for i, value := range values {
				if raw, ok := value.([]byte); ok {
					value = string(raw)
				}
				fmt.Fprintf(&line, "%s=%v ", columns[i], value)
			}
			all[table.Name] = append(all[table.Name], line.String())
		}
		must.Do(t, rows.Err())
		must.Do(t, rows.Close())
	}
	return all
}

// unchanged fails if the database differs from a snapshot.
func (p *portal) unchanged(t *testing.T, before map[string][]string) {
	t.Helper()
	after := p.snapshot(t)
	for _, table := range tables.Tables {
		for _, row := range missing(before[table.Name], after[table.Name]) {
			t.Errorf("%s lost %q", table.Name, row)
		}
		for _, row := range missing(after[table.Name], before[table.Name]) {
			t.Errorf("%s got %q", table.Name, row)
		}
	}
}

// missing returns the rows that are not among others.
func missing(rows, others []string) []string {
	return slices.DeleteFunc(slices.Clone(rows), func(row string) bool { return slices.Contains(others, row) })
}

// audited returns the audit events after the first `after` events, oldest first.
func (p *portal) audited(t *testing.T, after int) []auditRow {
	t.Helper()
	events, err := p.store.Reader().AuditEvent.Query().Order(auditevent.ByID()).All(p.system(t))
	must.Do(t, err)
	var rows []auditRow
	for _, e := range events[after:] {
		row := auditRow{action: e.Action, label: e.ActorLabel, kind: e.ActorKind, address: e.Address, requestID: e.RequestID,
			changes: string(e.Changes)}
		if e.ActorID != nil {
			row.actor = *e.ActorID
		}
		if e.ObjectID != nil {
			row.object = *e.ObjectID
		}
		if e.ClientID != nil {
			row.client = *e.ClientID
		}
		rows = append(rows, row)
	}
	return rows
}

type auditRow struct {
	action, kind, actor, label, object, client, address, requestID, changes string
}

func (p *portal) auditCount(t *testing.T) int {
	t.Helper()
	n, err := p.store.Reader().AuditEvent.Query().Count(p.system(t))
	must.Do(t, err)
	return n
}

// exec runs a statement on the database, past the services.
func (p *portal) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	must.Do(t, p.tryExec(t, statement, args...))
}

// tryExec is exec for a statement that the database may refuse.
func (p *portal) tryExec(t *testing.T, statement string, args ...any) error {
	t.Helper()
	db := p.store.DB()
	if p.store.Dialect() == dialect.SQLite { // its readers cannot write
		var err error
		db, err = sql.Open("sqlite3", "file:"+p.sqliteFile(t)+"?_busy_timeout=5000")
		must.Do(t, err)
		defer func() { must.Do(t, db.Close()) }()
	}
	_, err := db.ExecContext(t.Context(), statement, args...)
	return err
}

func (p *portal) sqliteFile(t *testing.T) string {
	t.Helper()
	var n int
	var name, file string
	must.Do(t, p.store.DB().QueryRowContext(t.Context(), "PRAGMA database_list").Scan(&n, &name, &file))
	return file
}

// statements returns how many statements fn sends to the database.
func (p *portal) statements(t *testing.T, fn func()) int {
	t.Helper()
	return len(storetest.Statements(t, p.store, fn))
}
