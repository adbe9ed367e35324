package graph_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent/tables"
	"github.com/chaveiro/chaveiro/graph"
	composed "github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// beside returns another instance of the portal, on the same database with the same keyset, clock and providers.
func (p *portal) beside(t *testing.T) *portal {
	t.Helper()
	other := &portal{store: storetest.Again(t, p.store), keyset: p.keyset, clock: p.clock, log: p.log}
	options := p.options
	options.Settings.DataDir = t.TempDir()
	var err error
	other.whole, err = composed.New(other.store, p.keyset, options)
	must.Do(t, err)
	t.Cleanup(other.whole.Keeper.Close)
	other.keys = other.whole.Keys
	must.Do(t, other.whole.Prepare(t.Context()))
	other.Server, err = other.whole.NewServer()
	must.Do(t, err)
	return other
}

// newHouse makes a shop with a connection of each kind that has credentials, a bound key and settings of a provider.
func (p *portal) newHouse(t *testing.T) shop {
	t.Helper()
	s, document := p.connected(t, "Padaria")
	p.newMarketplace(t, s.clientProductID, meuCarrinho())
	p.newMarketplace(t, s.clientProductID, showKase())
	waiting := p.newMarketplace(t, s.clientProductID, nuvemshop())
	p.sims.Nuvemshop.AddStore(4711, simulated.Store{Name: map[string]string{"pt": "Na Nuvem"}, BusinessID: document})
	started := p.call(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": waiting})
	back := p.consent(t, started.text(t, "startInstall.authorizeUrl"), 4711)
	p.browse(t, http.MethodGet, back, cookieOf(t, started.header))
	p.mustCall(t, p.admin, "updateProviderSettings", "provider { provider }", vars{"provider": "NUVEMSHOP",
		"settings": []vars{{"name": "header", "value": "AUTHORIZATION"}}})
	p.step(t)
	p.mustCall(t, p.operator, "updateAccessKey", "accessKey { id }",
		vars{"id": s.keyID, "addresses": []string{"192.0.2.0/24", "203.0.113.7"}})
	return s
}

// allOfIntegration is a document with every field that integration has.
func allOfIntegration() string {
	all := chosenOf(graph.Schema().Types["Integration"], func(int) bool { return true })
	return "query All { integration " + all + " }"
}

// chosenOf returns a selection of fields of a type: those for which choose returns true, numbered in order.
func chosenOf(of *ast.Definition, choose func(i int) bool) string {
	var b strings.Builder
	b.WriteString("{ __typename")
	if of.Kind == ast.Union {
		for _, member := range of.Types {
			b.WriteString(" ... on " + member + " " + chosenOf(graph.Schema().Types[member], choose))
		}
	}
	for i, field := range of.Fields {
		if !choose(i) {
			continue
		}
		b.WriteString(" " + field.Name)
		if under := graph.Schema().Types[field.Type.Name()]; under.IsCompositeType() {
			b.WriteString(" " + chosenOf(under, choose))
		}
	}
	b.WriteString(" }")
	return b.String()
}

// usual and ordinary are headers of a back-office. An ordinary request is never answered from memory.
var (
	usual    = []string{"Accept-Language", "en"}
	ordinary = []string{"Accept-Language", "en", "Cookie", "a=b"}
)

// reply is what a caller sees of an answer. Several errors come in any order.
func (r response) reply() string {
	if len(r.errors) > 1 {
		return fmt.Sprintf("%d %d errors %v", r.status, len(r.errors), r.data)
	}
	return fmt.Sprintf("%d %s", r.status, r.withoutRequestID())
}

// asksForVersion reports whether a statement asks for the version of a shop.
func asksForVersion(sql string) bool {
	return sql == "PRAGMA data_version" || strings.HasPrefix(sql, "SELECT p.id, v.n, p.revision")
}

// authenticatesKey reports whether a statement authenticates an access key.
func authenticatesKey(sql string) bool {
	return asksForVersion(sql) || strings.Contains(sql, "WHERE k.visible_part = $1")
}

// isRemembered reports whether what ask asks is answered from memory: the only statements are those for the version.
func (p *portal) isRemembered(t *testing.T, ask func()) bool {
	t.Helper()
	sent := storetest.Statements(t, p.store, ask)
	return !slices.ContainsFunc(sent, func(sql string) bool { return !asksForVersion(sql) })
}

// Proves: 5.9
func TestARememberedAnswerIsTheOrdinaryOneToTheByte(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newHouse(t)
		p.clock.stop()
		random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same documents each time
		documents := []string{allOfIntegration(), "{ a: integration { revision } b: integration { revision } }"}
		for range 40 {
			chosen := chosenOf(graph.Schema().Types["Integration"], func(int) bool { return random.IntN(3) > 0 })
			documents = append(documents,
				fmt.Sprintf("query Q%d($yes: Boolean = true) { integration @include(if: $yes) %s }", random.IntN(9), chosen))
		}
		for _, document := range documents {
			want := p.post(t, s.key, document, nil, ordinary...)
			first := p.post(t, s.key, document, nil, usual...)
			var again response
			if !p.isRemembered(t, func() { again = p.post(t, s.key, document, nil, usual...) }) {
				t.Errorf("%s is not answered from memory", document)
			}
			if want.status != http.StatusOK || first.body != want.body || again.body != want.body {
				t.Errorf("%s\nis answered %s\nthen %s\nand from memory %s", document, want.reply(), first.body, again.body)
			}
			for _, name := range []string{"Content-Type", "Vary", "Cache-Control", "RateLimit-Limit", "Etag"} {
				if got, want := again.header.Get(name), want.header.Get(name); got != want {
					t.Errorf("from memory the header %s is %q, want %q", name, got, want)
				}
			}
		}
	})
}

func TestWhatIsNotPlainlyTheCommonCaseIsNotRemembered(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newHouse(t)
		p.clock.stop()
		for name, c := range map[string]struct {
			document string
			headers  []string
		}{
			"another root field":     {"{ integration { revision } __typename }", usual},
			"introspection":          {"{ integration { revision } __schema { queryType { name } } }", usual},
			"a fragment on a root":   {"query { ...F } fragment F on Query { integration { revision } }", usual},
			"a cookie":               {"{ integration { revision } }", ordinary},
			"an origin":              {"{ integration { revision } }", []string{"Origin", "https://erp.example"}},
			"an error in the answer": {"{ integration { unknown } }", usual},
		} {
			for range 2 {
				p.post(t, s.key, c.document, nil, c.headers...)
			}
			before, _ := p.Remembered()
			if p.isRemembered(t, func() { p.post(t, s.key, c.document, nil, c.headers...) }) && before > 0 {
				t.Errorf("%s is answered from memory", name)
			}
		}
		if shops, size := p.Remembered(); shops != 0 || size != 0 {
			t.Errorf("%d shops with %d bytes are remembered", shops, size)
		}
	})
}

// column is one of a row behind an answer, and what a test writes into it.
type column struct {
	table, id string
	*schema.Column
}

// behind returns each column of the rows that an answer to the shop's key can depend on.
func (p *portal) behind(t *testing.T, s shop) (columns []column) {
	t.Helper()
	ids := map[string][]string{
		"access_keys": {s.keyID}, "client_products": {s.clientProductID}, "clients": {s.clientID},
	}
	for table, condition := range map[string]string{
		"marketplaces":      fmt.Sprintf("id = '%s'", s.marketplaceID),
		"provider_settings": "provider = 'NUVEMSHOP'",
	} {
		rows, err := p.store.DB().QueryContext(t.Context(), "SELECT id FROM "+table+" WHERE "+condition)
		must.Do(t, err)
		for rows.Next() {
			var id string
			must.Do(t, rows.Scan(&id))
			ids[table] = append(ids[table], id)
		}
		must.Do(t, rows.Err())
		if len(ids[table]) == 0 {
			t.Fatalf("the shop has no row in %s", table)
		}
	}
	for _, table := range tables.Tables {
		for _, id := range ids[table.Name] {
			for _, of := range table.Columns {
				columns = append(columns, column{table.Name, id, of})
			}
		}
	}
	return columns
}

// values returns expressions of SQL to write into the column, one after the other.
func (c column) values(now time.Time) []string {
	at := func(d time.Duration) string {
		return "'" + now.Add(d).UTC().Format("2006-01-02 15:04:05.999999999-07:00") + "'"
	}
	var values []string
	switch c.Type {
	case field.TypeTime:
		values = []string{at(24 * time.Hour)}
		if c.Name != "credentials_expire_at" { // whose end makes the next read renew them, and so change the rows itself
			values = append(values, at(-24*time.Hour))
		}
	case field.TypeString, field.TypeEnum:
		values = []string{fmt.Sprintf(`COALESCE("%s", '') || '9'`, c.Name)}
	case field.TypeInt64, field.TypeInt:
		values = []string{fmt.Sprintf(`"%s" + 1`, c.Name)}
	case field.TypeBytes:
		values = []string{"CAST('other' AS BLOB)"}
	case field.TypeJSON:
		values = []string{"'{}'", "'null'"}
	}
	if c.Nullable {
		values = append(values, "NULL")
	}
	return values
}

// Each change is made behind both instances, as another process would make it.
// Proves: 5.9
func TestEachInstanceSeesEachChangeOfEachColumnBehindAnAnswerAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newHouse(t)
		other := p.beside(t)
		p.clock.stop()
		tag := ""
		for _, c := range p.behind(t, s) {
			for _, value := range c.values(p.clock.Now()) {
				if p.store.Dialect() == "postgres" {
					value = strings.ReplaceAll(value, "CAST('other' AS BLOB)", "'other'::bytea")
				}
				name := fmt.Sprintf("%s.%s = %s", c.table, c.Name, value)
				for _, instance := range []*portal{p, other} {
					ask := func() { instance.post(t, s.key, allOfIntegration(), nil, usual...) }
					must.WaitFor(t, 5*time.Second, "an answer from memory before "+name, func() bool {
						return instance.isRemembered(t, ask)
					})
					tag = instance.poll(t, s.key, "").Header().Get("ETag")
				}
				undo, ok := p.change(t, c, value)
				if !ok {
					continue // the database keeps it from being changed
				}
				fresh := accesskey.New(p.store, "live", nil, p.clock.Now, p.brakes)
				_, refused := fresh.Authenticate(t.Context(), string(s.key), "192.0.2.1")
				for i, instance := range []*portal{p, other} {
					got := instance.post(t, s.key, allOfIntegration(), nil, usual...)
					polled := instance.poll(t, s.key, tag)
					want := instance.post(t, s.key, allOfIntegration(), nil, ordinary...)
					if got.reply() != want.reply() || (refused != nil) != (got.status != http.StatusOK) {
						t.Errorf("after %s instance %d says\n%s\nwant (%v)\n%s", name, i, got.reply(), refused, want.reply())
					}
					if refused != nil && polled.Code != want.status {
						t.Errorf("after %s instance %d answers a poll with %d, want %d", name, i, polled.Code, want.status)
					}
				}
				undo()
			}
		}
	})
}

// poll asks for everything with GET and If-None-Match.
func (p *portal) poll(t *testing.T, as caller, tag string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, publicURL+"/graphql?"+url.Values{"query": {allOfIntegration()}}.Encode(), nil)
	r.Header.Set("Authorization", as.authorization(t))
	r.Header.Set("Accept-Language", "en")
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// change writes a value into a column. It returns false when the database refuses it.
func (p *portal) change(t *testing.T, c column, value string) (undo func(), ok bool) {
	t.Helper()
	var before any
	read := fmt.Sprintf(`SELECT "%s" FROM %s WHERE id = '%s'`, c.Name, c.table, c.id)
	must.Do(t, p.store.DB().QueryRowContext(t.Context(), read).Scan(&before))
	set := fmt.Sprintf(`UPDATE %s SET "%s" = %s WHERE id = '%s'`, c.table, c.Name, value, c.id)
	if err := p.tryExec(t, set); err != nil {
		if !store.IsUniqueViolation(err, c.table) && !strings.Contains(err.Error(), "foreign key") &&
			!strings.Contains(err.Error(), "constraint") {
			t.Fatalf("%s: %v", set, err)
		}
		return nil, false
	}
	id := c.id
	if c.Name == "id" {
		id += "9"
	}
	return func() {
		p.exec(t, fmt.Sprintf(`UPDATE %s SET "%s" = $1 WHERE id = $2`, c.table, c.Name), before, id)
	}, true
}

// Proves: 5.9
func TestAnAnswerFromMemoryIsCountedRecordedAndLoggedLikeAnyOther(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newHouse(t)
		p.clock.stop()
		p.post(t, s.key, allOfIntegration(), nil, usual...)
		must.Do(t, p.keys.Flush(t.Context()))
		counted := func() (n int) {
			must.Do(t, p.store.DB().QueryRowContext(t.Context(), "SELECT SUM(count) FROM credential_reads").Scan(&n))
			return n
		}
		before := counted()
		p.clock.advance(time.Minute)
		p.rises(t, "an operation", `chaveiro_graphql_operations_total{code="OK",kind="query"}`, func() {
			if !p.isRemembered(t, func() { p.post(t, s.key, allOfIntegration(), nil, usual...) }) {
				t.Error("it is not answered from memory")
			}
		})
		must.Do(t, p.keys.Flush(t.Context()))
		if n := counted() - before; n != 4 {
			t.Errorf("%d reads of credentials are recorded for one answer with 4", n)
		}
		lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, `"msg":"request"`) || !strings.Contains(last, s.keyID) {
			t.Errorf("the log says of it %s", last)
		}
	})
}

func TestAnAnswerFromMemoryCostsItsPoints(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPortal(t, s, graph.NewHandler, func(o *composed.Options) { o.Settings.KeyRate = 1 })
		p.clock.stop()
		shop := p.newShop(t, "Padaria")
		document := `{ integration { marketplaces { id description health { message } account { name } } } }`
		statuses := map[int]int{}
		for range 40 {
			p.clock.advance(time.Second) // a request comes back, and some points
			answer := p.post(t, shop.key, document, nil, usual...)
			if statuses[answer.status]++; answer.status == http.StatusTooManyRequests {
				answer.refused(t, "RATE_LIMITED")
			}
		}
		if statuses[http.StatusOK] == 0 || statuses[http.StatusTooManyRequests] == 0 || len(statuses) != 2 {
			t.Errorf("40 answers by status: %v", statuses)
		}
	})
}

func TestAnAnswerFromMemoryEndsWithWhatItShowsAndAfterTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newHouse(t)
		p.clock.stop()
		document := "{ integration { marketplaces { health { state reason } } } }"
		remembered := func() bool {
			return p.isRemembered(t, func() {
				got, want := p.post(t, s.key, document, nil, usual...), ""
				if want = p.post(t, s.key, document, nil, ordinary...).body; got.body != want {
					t.Errorf("answered %s, want %s", got.body, want)
				}
			})
		}
		_ = remembered()
		p.post(t, s.key, document, nil, usual...)
		p.clock.advance(10*time.Minute - time.Second)
		if !p.isRemembered(t, func() { p.post(t, s.key, document, nil, usual...) }) {
			t.Error("it is not remembered for ten minutes")
		}
		p.clock.advance(time.Second)
		if p.isRemembered(t, func() { p.post(t, s.key, document, nil, usual...) }) {
			t.Error("it is remembered for longer than ten minutes")
		}
		p.exec(t, fmt.Sprintf("UPDATE marketplaces SET credentials_expire_at = '%s' WHERE id = '%s'",
			p.clock.Now().Add(time.Minute).Format("2006-01-02 15:04:05.999999999-07:00"), s.marketplaceID))
		_ = remembered()
		p.clock.advance(time.Minute)
		if remembered() {
			t.Error("it is remembered past the end of credentials")
		}
	})
}

func TestNothingIsAnsweredFromMemoryToWhoReadsUnusuallyManyShops(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := newPortal(t, s, graph.NewHandler, func(o *composed.Options) { o.Settings.ReadShops = 2 })
		shops := []shop{p.newShop(t, "Uma"), p.newShop(t, "Duas"), p.newShop(t, "Três")}
		document := `{ integration { marketplaces { credentials { ... on MeuCarrinhoCredentials { username } } } } }`
		from := func(s shop, address string) response {
			return p.post(t, s.key, document, nil, "X-Forwarded-For", address)
		}
		for range 2 { // the second time from memory
			if answer := from(shops[2], "203.0.113.1"); answer.code(t) != "" {
				t.Fatalf("a shop is answered %s", answer.body)
			}
		}
		for _, s := range shops[:2] {
			if answer := from(s, "203.0.113.2"); answer.code(t) != "" {
				t.Fatalf("a shop is answered %s", answer.body)
			}
		}
		if answer := from(shops[2], "203.0.113.2"); answer.code(t) != "THROTTLED" {
			t.Errorf("the third shop of an address is answered %s", answer.body)
		}
	})
}

// The second statement brings the version by which the right of the key is decided anew. SQLite is asked before the
// first one when the database was last written to.
func TestAFirstReadTakesTwoStatements(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		before, s := p.newShop(t, "Primeira"), p.newHouse(t)
		other := p.beside(t)
		other.post(t, before.key, allOfIntegration(), nil, usual...) // reads the settings of the providers
		sent := storetest.Statements(t, other.store, func() {
			other.must(t, s.key, allOfIntegration(), nil, usual...)
		})
		if p.store.Dialect() == "sqlite3" && len(sent) > 0 && sent[0] == "PRAGMA data_version" {
			sent = sent[1:]
		}
		if len(sent) != 2 || !authenticatesKey(sent[0]) || !strings.Contains(sent[1], "FROM marketplaces") {
			t.Errorf("a first read takes %d statements: %q", len(sent), sent)
		}
	})
}

// What a shop shows without its marketplaces is decided anew by a look at the version.
func TestAReadWithoutMarketplacesIsDecidedTwice(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		document := "{ integration { client { name } } }"
		p.must(t, s.key, document, nil, ordinary...) // proves the key
		sent := storetest.Statements(t, p.store, func() { p.must(t, s.key, document, nil, ordinary...) })
		looks := slices.DeleteFunc(slices.Clone(sent), func(sql string) bool { return !asksForVersion(sql) })
		if len(looks) != 2 || len(sent) != 2 {
			t.Errorf("it takes %q, want two looks at the version", sent)
		}
	})
}
