package search

import (
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/typed"
)

// trigrams is the index of a table's words, which the database keeps by itself. On SQLite it is the FTS5 table
// TABLE_search, whose numbers TABLE_search_rows turns into ids. On PostgreSQL it is an index of the text, folded.
type trigrams struct {
	table string
	// text is what is searched, an expression over the columns of the table that its migration has too. It is a text for
	// each row, never null.
	text string
}

// The tables that are searched, beside clients.
var (
	ofMarketplaces = trigrams{marketplace.Table, "description || ' ' || coalesce(external_account, '') || ' ' || " +
		"coalesce(account_name, '') || ' ' || CASE WHEN length(account_document) = 14 THEN account_document ELSE '' END " +
		"|| ' ' || coalesce(settings ->> 'username', '')"}
	ofAccessKeys    = trigrams{accesskey.Table, "name || ' ' || visible_part || ' ' || last4"}
	ofOperators     = trigrams{operator.Table, "name || ' ' || email"}
	ofServiceTokens = trigrams{servicetoken.Table, "name || ' ' || visible_part || ' ' || last4"}
)

// Scope says among how much a search looks.
type Scope struct {
	// ButByCPF leaves out the documents of persons, for callers who may not see them.
	ButByCPF bool
	// Most caps the rows that the index gives, so that a common word costs no more than a rare one. All when it is 0.
	Most int
}

// Marketplaces returns a predicate for the marketplaces whose description, user at the provider, or account (its
// number, name or CNPJ) contain each word of text. ok is whether text has a word of three characters or more: none
// finds marketplaces.
func Marketplaces(text string, scope Scope) (p predicate.Marketplace, ok bool) {
	return ofMarketplaces.find(text, scope)
}

// AccessKeysOrOfClients returns a predicate for the access keys whose name, visible part or last four characters
// contain each word of text, and for those of the clients that the text finds. ok is whether text has a word at all.
func AccessKeysOrOfClients(text string, scope Scope) (p predicate.AccessKey, ok bool) {
	return ofAccessKeys.findOrOfClients(partsOfKey(text), scope)
}

// Operators returns a predicate for the operators whose name or e-mail address contain each word of text.
func Operators(text string, scope Scope) (p predicate.Operator, ok bool) {
	return ofOperators.find(text, scope)
}

// ServiceTokens returns a predicate for the service tokens whose name, visible part or last four characters contain
// each word of text.
func ServiceTokens(text string, scope Scope) (p predicate.ServiceToken, ok bool) {
	return ofServiceTokens.find(partsOfKey(text), scope)
}

// partsOfKey parts the beginning and the end of a key that were copied as a page shows them. No whole key comes here:
// the door refuses a request that has one in its body.
func partsOfKey(text string) string {
	return strings.NewReplacer("…", " ", "...", " ").Replace(typed.Unquote(text))
}

// maxClients caps the clients whose rows a capped search looks for.
const maxClients = 50

func (t trigrams) find(text string, scope Scope) (p func(*sql.Selector), ok bool) {
	long, short := words(text)
	if len(long) == 0 {
		return nil, false
	}
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(s.C("id")).WriteString(" IN (")
			t.write(b, long, short, scope.Most)
			b.WriteString(")")
		}))
	}, true
}

func (t trigrams) findOrOfClients(text string, scope Scope) (p func(*sql.Selector), ok bool) {
	find := Clients
	if scope.ButByCPF {
		find = ClientsButByCPF
	}
	ofClients, ok := find(text)
	if !ok {
		return nil, false
	}
	long, short := words(text)
	return func(s *sql.Selector) {
		clients := sql.Dialect(s.Dialect()).Select(clientrecord.FieldID).From(sql.Table(clientrecord.Table))
		ofClients(clients)
		if scope.Most > 0 {
			clients.Limit(maxClients)
		}
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(s.C("id")).WriteString(" IN (")
			if len(long) > 0 {
				t.write(b, long, short, scope.Most)
				b.WriteString(" UNION ")
			}
			b.WriteString("SELECT id FROM ").Ident(t.table).WriteString(" WHERE client_id IN (").Join(clients).
				WriteString("))")
		}))
	}, true
}

// write writes the query for the ids of the rows that contain each long word in one of its spellings, and each short
// word; of at most most of them, unless it is 0.
func (t trigrams) write(b *sql.Builder, long [][]string, short []string, most int) {
	b.WriteString("SELECT id FROM (SELECT ")
	text := "search_fold(" + t.text + ")"
	if b.Dialect() == dialect.Postgres {
		b.Ident(t.table).WriteString(".id FROM ").Ident(t.table).WriteString(" WHERE ")
		for i, spellings := range long {
			if i > 0 {
				b.WriteString(" AND ")
			}
			b.WriteString("(")
			for j, word := range spellings {
				if j > 0 {
					b.WriteString(" OR ")
				}
				b.WriteString(text + " LIKE ").Arg(containing(word))
			}
			b.WriteString(")")
		}
	} else {
		// Settings are bytes there, and FTS5 folds accents and case itself.
		text = strings.ReplaceAll(t.text, "settings ->>", "CAST(settings AS text) ->>")
		found, rows := t.table+"_search", t.table+"_search_rows"
		b.Ident(rows).WriteString(".id FROM ").Ident(found).WriteString(" JOIN ").Ident(rows).WriteString(" ON n = ").
			Ident(found).WriteString(".rowid")
		if len(short) > 0 {
			b.WriteString(" JOIN ").Ident(t.table).WriteString(" ON ").Ident(t.table).WriteString(".id = ").
				Ident(rows).WriteString(".id")
		}
		b.WriteString(" WHERE ").Ident(found).WriteString(" MATCH ").Arg(match(long))
	}
	for _, word := range short {
		pattern := containing(word)
		if b.Dialect() != dialect.Postgres {
			pattern = accented.Replace(pattern) // the text has its accents
		}
		b.WriteString(" AND " + text + ` LIKE `).Arg(pattern).WriteString(` ESCAPE '\'`)
	}
	if most > 0 {
		if b.Dialect() != dialect.Postgres {
			b.WriteString(" ORDER BY ").Ident(t.table + "_search").WriteString(".rowid DESC") // without a sort
		}
		b.WriteString(" LIMIT ").Arg(most)
	}
	b.WriteString(") AS found")
}

// accented makes each letter of a pattern of LIKE that may have an accent stand for any character: a short word narrows
// less, and misses nothing.
var accented = strings.NewReplacer("a", "_", "c", "_", "e", "_", "i", "_", "n", "_", "o", "_", "u", "_", "y", "_")

// containing returns the pattern of LIKE for texts that contain a word.
func containing(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}
