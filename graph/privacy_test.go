package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

// documentOf returns the document of a client.
func (p *portal) documentOf(t *testing.T, clientID string) string {
	t.Helper()
	client, err := p.store.Reader().ClientRecord.Get(p.system(t), clientID)
	must.Do(t, err)
	return client.Document
}

// read lets a key read its credentials from an address, and saves the record of the read.
func (p *portal) read(t *testing.T, key bearer) {
	t.Helper()
	p.must(t, key, everything, nil)
	must.Do(t, p.keys.Flush(t.Context()))
}

// events returns the actions of the audit events that match a filter, newest first.
func (p *portal) events(t *testing.T, as caller, filter vars) []string {
	t.Helper()
	answer := p.must(t, as, `query($filter: AuditEventFilter) {
		auditEvents(first: 100, filter: $filter) { edges { node { action } } } }`, vars{"filter": filter})
	return answer.texts(t, "auditEvents.edges", "node.action")
}

const itsReads = `query($id: ID!, $since: Time) { node(id: $id) { ... on AccessKey {
	reads(since: $since) { totalCount
		edges { node { marketplaceId credentialVersion address count hour firstAt lastAt marketplace { id } } } }
	readMarketplaces(since: $since) { marketplaceId credentialVersion count addressCount lastAt renewed
		marketplace { id } }
} } }`

// Proves: 11.1
func TestWhatAKeyReadsIsCountedByMarketplaceVersionAddressAndDay(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.toNewDay()
		s := p.newShop(t, "Loja")
		second := p.newMarketplace(t, s.clientProductID, showKase())
		events := p.auditCount(t)

		p.must(t, s.key, `{ integration { marketplaces { id credentialVersion } } }`, nil) // opens no secret
		must.Do(t, p.keys.Flush(t.Context()))
		if got := p.must(t, p.viewer, itsReads, vars{"id": s.keyID}); got.get("node.reads.totalCount") != 0.0 {
			t.Errorf("a call that opens nothing is a read: %s", got.body)
		}
		events += len(p.audited(t, events)) // the log-in of the viewer adds events

		for range 3 {
			p.must(t, s.key, everything, nil)
		}
		must.Do(t, p.keys.Flush(t.Context()))
		p.read(t, s.key)

		answer := p.must(t, p.viewer, itsReads, vars{"id": s.keyID})
		for _, edge := range answer.get("node.reads.edges").([]any) {
			row := edge.(map[string]any)["node"].(map[string]any)
			if row["count"] != 4.0 || row["credentialVersion"] != 1.0 || row["address"] != "192.0.2.1" ||
				row["hour"] != p.clock.Now().Format(time.DateOnly)+"T00:00:00.000Z" {
				t.Errorf("the read is %v", row)
			}
		}
		if got := answer.get("node.reads.totalCount"); got != 2.0 {
			t.Errorf("%v rows, want one for each marketplace", got)
		}
		written := p.audited(t, events)
		if len(written) != 1 {
			t.Fatalf("events %+v, want one", written)
		}
		got := written[0]
		for _, id := range []string{s.marketplaceID, second, "MEU_CARRINHO", "SHOWKASE"} {
			if !strings.Contains(got.changes, id) {
				t.Errorf("the event does not name %s: %s", id, got.changes)
			}
		}
		if got.action != "credentials.read" || got.kind != "ACCESS_KEY" || got.actor != s.keyID || got.client != s.clientID ||
			got.address != "192.0.2.1" || got.requestID == "" || strings.Contains(got.changes, "planted") {
			t.Errorf("the event is %+v", got)
		}

		p.clock.advance(time.Hour)
		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": second, "config": vars{"showKase": vars{"token": "planted-token-9"}}})
		p.read(t, s.key)
		answer = p.must(t, p.viewer, itsReads, vars{"id": s.keyID})
		if got := answer.get("node.reads.totalCount"); got != 3.0 {
			t.Errorf("%v rows after an hour and a new version, want 3: %s", got, answer.body)
		}
		p.clock.advance(24 * time.Hour)
		p.read(t, s.key)
		answer = p.must(t, p.viewer, itsReads, vars{"id": s.keyID})
		if got := answer.get("node.reads.totalCount"); got != 5.0 {
			t.Errorf("%v rows after a day, want 5: %s", got, answer.body)
		}
		if got := p.events(t, p.admin, vars{"action": "credentials.read"}); len(got) != 2 {
			t.Errorf("events %v, want those of the first read and of the new version", got)
		}
	})
}

func TestAfterALeakTheReadsOfAKeySayWhichCredentialsWereReplacedSince(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		second := p.newMarketplace(t, s.clientProductID, showKase())
		p.read(t, s.key)
		early := p.clock.Now()
		p.clock.advance(3 * time.Hour)
		since := p.clock.Now()
		p.mustCall(t, p.admin, "removeMarketplace", "clientProduct { id }", vars{"id": second})
		p.read(t, s.key)
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
		if p.works(t, s.key) {
			t.Error("the leaked key still works")
		}
		ask := func(since any) map[string]bool {
			answer := p.must(t, p.operator, itsReads, vars{"id": s.keyID, "since": since})
			renewed := map[string]bool{}
			for _, row := range answer.get("node.readMarketplaces").([]any) {
				row := row.(map[string]any)
				renewed[row["marketplaceId"].(string)] = row["renewed"].(bool)
			}
			return renewed
		}
		want := func(got map[string]bool, want map[string]bool) {
			t.Helper()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("renewed %v, want %v", got, want)
			}
		}
		want(ask(since), map[string]bool{s.marketplaceID: false})
		want(ask(early.Add(-time.Minute)), map[string]bool{s.marketplaceID: false, second: true})
		want(ask(nil), map[string]bool{s.marketplaceID: false, second: true})
		want(ask(since.Add(time.Hour)), map[string]bool{})

		p.mustCall(t, p.operator, "updateMarketplace", "marketplace { id }",
			vars{"id": s.marketplaceID, "config": vars{"meuCarrinho": vars{"password": "planted-password-6"}}})
		want(ask(since), map[string]bool{s.marketplaceID: true})
	})
}

func TestReadsThatCouldNotBeSavedAreSavedWithTheNext(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		p.must(t, s.key, everything, nil)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.keys.Flush(ended); err == nil {
			t.Fatal("a save that cannot be made reports nothing")
		}
		p.read(t, s.key)
		answer := p.must(t, p.viewer, itsReads, vars{"id": s.keyID})
		if got := answer.get("node.reads.edges.0.node.count"); got != 2.0 {
			t.Errorf("%v reads are counted, want 2", got)
		}
	})
}

// cpfClient makes a client of a person.
func (p *portal) cpfClient(t *testing.T, name, cpf string) string {
	t.Helper()
	return p.mustCall(t, p.operator, "createClient", "client { id }",
		vars{"name": name, "tradeName": "Quitanda", "document": cpf}).
		text(t, "createClient.client.id")
}

// Proves: 13.2
func TestAViewerSeesAMaskedCPFAndCannotSearchByIt(t *testing.T) {
	const cpf, formatted, masked = "39053344705", "390.533.447-05", "***.533.447-**"
	each(t, func(t *testing.T, p *portal) {
		id := p.cpfClient(t, "Maria da Silva", cpf)
		p.newClient(t, "Loja Alfa")
		const fields = `id document documentFormatted documentKind`
		everywhere := `query($id: ID!) { node(id: $id) { ... on Client { ` + fields +
			` } } nodes(ids: [$id]) { ... on Client { ` + fields + ` } } client(id: $id) { ` + fields + ` }
			clients(search: "maria") { edges { node { ` + fields + ` } } } }`
		seen := p.must(t, p.viewer, everywhere, vars{"id": id})
		if strings.Contains(seen.body, cpf) || strings.Contains(seen.body, formatted) {
			t.Errorf("a viewer sees the CPF: %s", seen.body)
		}
		if got := strings.Count(seen.body, masked); got != 8 {
			t.Errorf("masked %d times, want 8: %s", got, seen.body)
		}
		if whole := p.must(t, p.operator, everywhere, vars{"id": id}); strings.Count(whole.body, formatted) != 4 {
			t.Errorf("an operator does not see the CPF: %s", whole.body)
		}

		found := func(as caller, search string) string {
			answer := p.must(t, as, `query($search: String) { clients(search: $search) { totalCount edges { node { id } } } }`,
				vars{"search": search})
			return fmt.Sprint(answer.get("clients.totalCount"), answer.texts(t, "clients.edges", "node.id"))
		}
		hit := fmt.Sprint(1, []string{id})
		for _, search := range []string{cpf, formatted, "39053", "533447", "4705", "maria 39053", "maria 05",
			"quitanda 390.533"} {
			if got := found(p.viewer, search); got != "0 []" {
				t.Errorf("a viewer finds %s by %q", got, search)
			}
			if got := found(p.operator, search); got != hit {
				t.Errorf("an operator finds %s by %q, want %s", got, search, hit)
			}
		}
		for _, search := range []string{"maria", "silva quitanda", "ma", "maria da"} {
			if got := found(p.viewer, search); got != hit {
				t.Errorf("a viewer finds %s by %q, want %s", got, search, hit)
			}
		}
		if got := found(p.viewer, "11222333"); !strings.HasPrefix(got, "1 ") {
			t.Errorf("a viewer does not find a company by its CNPJ: %s", got)
		}
		if strings.Contains(p.log.String(), cpf) {
			t.Error("the CPF is logged")
		}
	})
}

// Proves: 13.1
func TestAnExportHasAllOfAClientAndNoSecret(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s, other := p.newShop(t, "Loja Minha"), p.newShop(t, "Loja Alheia")
		p.read(t, s.key)
		answer := p.mustCall(t, p.admin, "exportClient", "content fileName", vars{"id": s.clientID})
		var export map[string]any
		must.Do(t, json.Unmarshal([]byte(answer.text(t, "exportClient.content")), &export))
		for name, want := range map[string]int{"products": 1, "marketplaces": 1, "accessKeys": 1, "credentialReads": 1,
			"incomplete": 0} {
			if got, ok := export[name].([]any); !ok || len(got) != want {
				t.Errorf("%s has %v, want %d", name, export[name], want)
			}
		}
		if events := export["auditEvents"].([]any); len(events) < 5 {
			t.Errorf("%d audit events", len(events))
		}
		for _, id := range append(s.ids(), "Loja Minha", p.documentOf(t, s.clientID), "loja@example.com", "192.0.2.1") {
			if !strings.Contains(answer.body, id) {
				t.Errorf("the export lacks %s", id)
			}
		}
		for _, foreign := range append(other.ids(), "planted-", string(s.key), "hash", "sealed") {
			if strings.Contains(answer.body, foreign) {
				t.Errorf("the export has %s", foreign)
			}
		}
	})
}

// Proves: 13.1
func TestAnErasedClientIsATombstoneWithoutDataSecretsOrKeys(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		const cpf = "39053344705"
		s := shop{clientID: p.cpfClient(t, "Maria da Silva", cpf)}
		s.clientProductID = p.newClientProduct(t, s.clientID)
		s.marketplaceID = p.newMarketplace(t, s.clientProductID, plug4Market())
		s.keyID, s.key = p.newKey(t, s.clientProductID)
		waiting := p.newMarketplace(t, s.clientProductID, nuvemshop())
		p.mustCall(t, p.operator, "createInstallLink", "url", vars{"marketplaceId": waiting})
		p.mustCall(t, p.operator, "startInstall", "authorizeUrl", vars{"marketplaceId": waiting})
		p.sims.Nuvemshop.AddStore(77, simulated.Store{Name: map[string]string{"pt": "Quitanda da Maria"}, BusinessID: cpf})
		ended, err := p.whole.Installs.Callback(t.Context(), "nuvemshop", p.sims.Nuvemshop.Authorize(77), "", "")
		must.Do(t, err)
		if ended.Ending != install.Unclaimed {
			t.Fatalf("the install ended as %s", ended.Ending)
		}
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.ProviderNotice.Create().SetProvider("NUVEMSHOP").SetTopic("store/redact").
				SetExternalAccount("77").Exec(ctx)
		}))
		p.mustCall(t, p.operator, "addClientProduct", "clientProduct { id }", vars{
			"clientId": p.newClient(t, "Loja Outra"), "productId": p.productID, "idempotencyKey": "one",
		})
		p.read(t, s.key)
		other := p.newShop(t, "Loja Alheia")
		p.read(t, other.key)
		before := p.snapshot(t)

		p.call(t, p.admin, "eraseClient", "client { id }",
			vars{"id": s.clientID, "document": p.documentOf(t, other.clientID)}).
			wants(t, "CONFIRMATION_MISMATCH at document")
		p.call(t, p.admin, "eraseClient", "client { id }", vars{"id": s.clientID, "document": ""}).
			wants(t, "CONFIRMATION_MISMATCH at document")
		p.must(t, s.key, everything, nil) // read but not saved yet; the erasure must drop it
		erased := p.mustCall(t, p.admin, "eraseClient",
			"client { name tradeName document documentFormatted documentKind erasedAt archivedAt }",
			vars{"id": s.clientID, "document": "390.533.447-05"})
		if got := erased.text(t, "eraseClient.client.name"); got != "Cliente eliminado" ||
			erased.get("eraseClient.client.document") != "" || erased.get("eraseClient.client.erasedAt") == nil {
			t.Errorf("the client is %s", erased.body)
		}
		p.must(t, other.key, everything, nil)
		if p.works(t, s.key) {
			t.Error("its key still works")
		}
		must.Do(t, p.keys.Flush(t.Context()))

		after := p.snapshot(t)
		for table, rows := range after {
			if table == "audit_events" { // the erasure in the trail is tested above
				continue
			}
			for _, personal := range []string{cpf, "Maria", "maria", "Quitanda", "Caixa 1 last_used_address=192"} {
				for _, row := range rows {
					if strings.Contains(row, personal) {
						t.Errorf("%s keeps %s: %s", table, personal, row)
					}
				}
			}
		}
		for _, table := range []string{"marketplaces", "install_links", "install_states", "unclaimed_installations",
			"provider_notices", "credential_reads"} {
			for _, row := range after[table] {
				if strings.Contains(row, s.clientID) || strings.Contains(row, waiting) ||
					strings.Contains(row, "external_account=77") {
					t.Errorf("%s keeps %s", table, row)
				}
			}
		}
		for _, id := range other.ids() {
			for table, rows := range before {
				has := func(row string) bool { return strings.Contains(row, id) && !strings.Contains(row, "last_used") }
				if a, b := slices.IndexFunc(rows, has), slices.IndexFunc(after[table], has); (a < 0) != (b < 0) {
					t.Errorf("%s of another client changed", table)
				}
			}
		}

		got := p.must(t, p.admin, `{ active: clients { totalCount }
			archived: clients(filter: {archived: true}) { totalCount }
			found: clients(search: "eliminado") { totalCount } }`, nil)
		if got.get("active.totalCount") != 2.0 || got.get("archived.totalCount") != 0.0 ||
			got.get("found.totalCount") != 0.0 {
			t.Errorf("it is in a list: %s", got.body)
		}
		answer := p.must(t, p.admin, `query($yes: String!, $no: String!) { yes: erasedClient(document: $yes) { id } no:
			erasedClient(document: $no) { id } }`,
			vars{"yes": "390.533.447-05", "no": p.document(t)})
		if answer.text(t, "yes.id") != s.clientID || answer.get("no") != nil {
			t.Errorf("was it erased? %s", answer.body)
		}
		refusals := map[string]vars{
			"updateClient":        {"id": s.clientID, "name": "Maria"},
			"archiveClient":       {"id": s.clientID},
			"restoreClient":       {"id": s.clientID},
			"exportClient":        {"id": s.clientID},
			"resumeClientProduct": {"id": s.clientProductID},
			"rotateAccessKey":     {"id": s.keyID},
		}
		for name, input := range refusals {
			p.call(t, p.admin, name, "__typename", input).wants(t, "CLIENT_ERASED at id")
		}
		p.call(t, p.admin, "addClientProduct", "__typename", vars{"clientId": s.clientID, "productId": p.productID}).
			wants(t, "CLIENT_ERASED at clientId")
		p.call(t, p.admin, "createAccessKey", "__typename", vars{"clientProductId": s.clientProductID, "name": "x"}).
			wants(t, "CLIENT_ERASED at clientProductId")
		p.call(t, p.admin, "addMarketplace", "__typename",
			vars{"clientProductId": s.clientProductID, "description": "x", "config": showKase()}).
			wants(t, "CLIENT_ERASED at clientProductId")

		events := p.auditCount(t)
		p.mustCall(t, p.admin, "eraseClient", "client { id }", vars{"id": s.clientID, "document": ""}) // changes nothing
		if p.auditCount(t) != events {
			t.Error("an erased client was erased again")
		}
		if again := p.cpfClient(t, "Maria da Silva", cpf); again == s.clientID {
			t.Error("the tombstone came back")
		}
	})
}
