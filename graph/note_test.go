package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// newContact adds a contact to a client and returns its id.
func (p *portal) newContact(t *testing.T, clientID string) string {
	t.Helper()
	return p.mustCall(t, p.operator, "addClientContact", "contact { id }", vars{"clientId": clientID, "name": "Bia"}).
		text(t, "addClientContact.contact.id")
}

// newNote adds a note to a client by a person and returns its id.
func (p *portal) newNote(t *testing.T, by caller, clientID string) string {
	t.Helper()
	return p.mustCall(t, by, "addClientNote", "note { id }", vars{"clientId": clientID, "text": "Ligou."}).
		text(t, "addClientNote.note.id")
}

const tagsOf = `query($id: ID!) { client(id: $id) { tags } }`

// tags returns the tags of a client.
func (p *portal) tags(t *testing.T, clientID string) []string {
	t.Helper()
	var tags []string
	for _, tag := range p.must(t, p.viewer, tagsOf, vars{"id": clientID}).get("client.tags").([]any) {
		tags = append(tags, tag.(string))
	}
	return tags
}

func TestTagsAreWrittenAlikeAndFoundHoweverTheyAreTyped(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		first, second, third := p.newClient(t, "Um"), p.newClient(t, "Dois"), p.newClient(t, "Três")
		tag := func(id string, tags ...string) {
			if tags == nil {
				tags = []string{} // null leaves them
			}
			p.mustCall(t, p.operator, "updateClient", "client { id }", vars{"id": id, "tags": tags})
		}
		tag(first, "Região Sul", "  Parceiro   Sigma ", "parceiro sigma")
		tag(second, "PARCEIRO SIGMA")
		tag(third, "Sigmáx")
		if got, want := p.tags(t, first), []string{"Parceiro Sigma", "Região Sul"}; !slices.Equal(got, want) {
			t.Errorf("the tags are %q, want %q", got, want)
		}
		if got, want := p.tags(t, second), []string{"Parceiro Sigma"}; !slices.Equal(got, want) {
			t.Errorf("the tags of the second are %q, want %q", got, want)
		}

		find := func(tags ...string) []string {
			found := p.must(t, p.viewer, `query($tags: [String!]) { clients(filter: {tags: $tags}) {
				totalCount edges { node { name tags } } } }`, vars{"tags": tags})
			names := found.texts(t, "clients.edges", "node.name")
			if total := fmt.Sprint(found.get("clients.totalCount")); total != fmt.Sprint(len(names)) {
				t.Errorf("%q: %s in all, %d shown", tags, total, len(names))
			}
			return names
		}
		for want, tags := range map[string][]string{
			"Dois Um": {"parceiro sigma"}, "Um": {"Parceiro Sigma", "regiao sul"}, "": {"sigma"}, "Três": {"SIGMAX"},
		} {
			if got := strings.Join(find(tags...), " "); got != want {
				t.Errorf("%q finds %q, want %q", tags, got, want)
			}
		}
		if got := find(make([]string, 21)...); len(got) > 0 {
			t.Errorf("more tags than a client may have find %q", got)
		}

		inUse := p.must(t, p.viewer, `{ all: tagsInUse { tag clients } some: tagsInUse(search: "SÍG") { tag clients }
			one: tagsInUse(first: 1) { tag } }`, nil)
		if got := fmt.Sprint(inUse.get("all")); got != "[map[clients:2 tag:Parceiro Sigma] map[clients:1 tag:Região Sul] "+
			"map[clients:1 tag:Sigmáx]]" {
			t.Errorf("in use are %s", got)
		}
		if got := fmt.Sprint(inUse.get("some"), inUse.get("one")); got !=
			"[map[clients:1 tag:Sigmáx]] [map[tag:Parceiro Sigma]]" {
			t.Errorf("those that begin so, and one: %s", got)
		}

		tag(first)
		if got := p.tags(t, first); len(got) > 0 {
			t.Errorf("a client without tags has %q", got)
		}
	})
}

func TestTagsThatCannotBeTakenAreRefusedWhereTheyAre(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		id := p.newClient(t, "Um")
		for want, tags := range map[string][]string{
			"TOO_LONG at tags.1":           {"a", strings.Repeat("b", 41)},
			"REQUIRED at tags.0":           {" "},
			"INVALID_CHARACTERS at tags.0": {"a\nb"},
			"LIMIT_REACHED at tags":        strings.Split("a b c d e f g h i j k l m n o p q r s t u", " "),
		} {
			p.call(t, p.operator, "updateClient", "client { id }", vars{"id": id, "tags": tags}).wants(t, want)
			p.call(t, p.operator, "createClient", "client { id }",
				vars{"name": "x", "document": p.document(t), "tags": tags}).wants(t, want)
		}
		if got := p.tags(t, id); len(got) > 0 {
			t.Errorf("the tags are %q", got)
		}
		p.mustCall(t, p.operator, "updateClient", "client { id }",
			vars{"id": id, "tags": strings.Split("a b c d e f g h i j k l m n o p q r s t", " ")})
		p.post(t, p.viewer, `{ tagsInUse(first: 101) { tag } }`, nil).refused(t, "BAD_USER_INPUT")
		p.post(t, p.viewer, `query($s: String) { tagsInUse(search: $s) { tag } }`,
			vars{"s": strings.Repeat("x", 201)}).refused(t, "BAD_USER_INPUT")
	})
}

func TestAContactIsKeptAsTypedAndItsValuesAreNotInTheTrail(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		id, events := p.newClient(t, "Um"), p.auditCount(t)
		contact := vars{"clientId": id, "name": " Bia Souza ", "position": "Gerente", "phone": "+55 (11) 98765-4321",
			"email": " Bia@Example.com ", "note": "Depois\ndas 14h"}
		const fields = "contact { id name position phone email note version }"
		made := p.mustCall(t, p.operator, "addClientContact", fields, contact)
		if got := made.text(t, "addClientContact.contact.email"); got != "bia@example.com" {
			t.Errorf("the address is kept as %q", got)
		}
		changed := p.mustCall(t, p.operator, "updateClientContact", fields,
			vars{"id": made.text(t, "addClientContact.contact.id"), "name": "Bia Souza", "phone": "11 4000-1234", "version": 1})
		if got := fmt.Sprint(changed.get("updateClientContact.contact.position"),
			changed.get("updateClientContact.contact.version")); got != "<nil> 2" {
			t.Errorf("a field that is absent, and the version, are %s", got)
		}
		list := p.must(t, p.viewer, `query($id: ID!) { client(id: $id) { contacts { name phone } } }`, vars{"id": id})
		if got := fmt.Sprint(list.get("client.contacts")); got != "[map[name:Bia Souza phone:11 4000-1234]]" {
			t.Errorf("the contacts are %s", got)
		}
		for _, row := range p.audited(t, events) {
			if strings.ContainsAny(row.changes, "@0123456789") || strings.Contains(row.changes, "Bia") {
				t.Errorf("the trail has %s", row.changes)
			}
			if row.action == "client_contact.update" && !strings.Contains(row.changes, `"phone"`) {
				t.Errorf("the trail does not say what changed: %s", row.changes)
			}
		}
	})
}

func TestContactsAndNotesThatCannotBeTakenAreRefusedWhereTheyAre(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		id := p.newClient(t, "Um")
		for want, field := range map[string]vars{
			"REQUIRED at name":       {"name": " "},
			"TOO_LONG at position":   {"name": "Bia", "position": strings.Repeat("x", 101)},
			"TOO_LONG at phone":      {"name": "Bia", "phone": strings.Repeat("1", 41)},
			"EMAIL_INVALID at email": {"name": "Bia", "email": "bia"},
			"TOO_LONG at note":       {"name": "Bia", "note": strings.Repeat("x", 501)},
		} {
			field["clientId"] = id
			p.call(t, p.operator, "addClientContact", "contact { id }", field).wants(t, want)
		}
		for range 20 {
			p.newContact(t, id)
		}
		p.call(t, p.operator, "addClientContact", "contact { id }", vars{"clientId": id, "name": "Bia"}).
			wants(t, "LIMIT_REACHED at clientId")
		for text, want := range map[string]string{" \n": "REQUIRED at text", strings.Repeat("x", 2001): "TOO_LONG at text"} {
			p.call(t, p.operator, "addClientNote", "note { id }", vars{"clientId": id, "text": text}).wants(t, want)
		}
	})
}

func TestANoteIsChangedByItsAuthorAlone(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		client := p.newClient(t, "Um")
		colleague := p.hire(t, "Colega", principal.Editor)
		note := p.newNote(t, p.operator, client)
		for _, by := range []caller{colleague, p.admin} {
			p.call(t, by, "updateClientNote", "note { id }", vars{"id": note, "text": "x"}).wants(t, "NOT_AUTHOR at id")
		}
		p.call(t, colleague, "removeClientNote", "client { id }", vars{"id": note}).wants(t, "NOT_AUTHOR at id")
		changed := p.mustCall(t, p.operator, "updateClientNote", "note { text editedAt }",
			vars{"id": note, "text": "Trocou a senha.\nTestado."})
		if changed.get("updateClientNote.note.editedAt") == nil {
			t.Errorf("a note that was changed does not say so: %s", changed.body)
		}
		p.newNote(t, colleague, client)

		const notes = `query($id: ID!) { clientNotes(clientId: $id) {
			totalCount edges { node { text author own editedAt } } } }`
		list := p.must(t, p.operator, notes, vars{"id": client})
		want := []string{"Ligou.", "Trocou a senha.\nTestado."}
		if got := list.texts(t, "clientNotes.edges", "node.text"); !slices.Equal(got, want) {
			t.Errorf("the notes are %q, want %q", got, want)
		}
		node := func(i int, field string) any { return list.get(fmt.Sprintf("clientNotes.edges.%d.node.%s", i, field)) }
		if node(0, "own") != false || node(1, "own") != true || node(0, "author") != colleague.name ||
			node(0, "editedAt") != nil {
			t.Errorf("whose they are: %s", list.body)
		}
		p.mustCall(t, p.admin, "removeClientNote", "client { id }", vars{"id": note})
		if got := fmt.Sprint(p.must(t, p.viewer, notes, vars{"id": client}).get("clientNotes.totalCount")); got != "1" {
			t.Errorf("%s notes are left", got)
		}
	})
}

// Proves: 13.1
func TestWhatWasWrittenBesideAClientIsExportedAndErasedWithIt(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		client := p.newClient(t, "Um")
		p.mustCall(t, p.operator, "updateClient", "client { id }", vars{"id": client, "tags": []string{"Sigma-1"}})
		p.mustCall(t, p.operator, "addClientContact", "contact { id }",
			vars{"clientId": client, "name": "Bia Planted", "phone": "11 98765-4321", "idempotencyKey": "one"})
		p.mustCall(t, p.operator, "addClientNote", "note { id }", vars{"clientId": client, "text": "Planted note"})
		export := p.mustCall(t, p.admin, "exportClient", "content", vars{"id": client}).text(t, "exportClient.content")
		for _, text := range []string{"Sigma-1", "Bia Planted", "11 98765-4321", "Planted note"} {
			if !strings.Contains(export, text) {
				t.Errorf("the export lacks %q", text)
			}
		}
		p.mustCall(t, p.admin, "eraseClient", "client { id }", vars{"id": client, "document": p.documentOf(t, client)})
		for name, rows := range p.snapshot(t) {
			for _, text := range []string{"Sigma-1", "Bia Planted", "98765", "Planted note"} {
				if strings.Contains(fmt.Sprint(rows), text) {
					t.Errorf("%s still has %q", name, text)
				}
			}
		}
		for _, refused := range []response{
			p.call(t, p.operator, "addClientNote", "note { id }", vars{"clientId": client, "text": "x"}),
			p.call(t, p.operator, "addClientContact", "contact { id }", vars{"clientId": client, "name": "x"}),
		} {
			refused.wants(t, "CLIENT_ERASED at clientId")
		}
	})
}
