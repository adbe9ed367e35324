package search

import (
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/typed"
)

const (
	maxRunes = 200 // of a text that count: the length of the longest name
	maxWords = 8   // of a text that count
	// trigram is the least length, in characters, of a word that the index can find.
	trigram = 3
)

// Clients returns a predicate for the clients whose name, trade name or document contain each word of text, in any
// order, whatever its case and accents. ok is whether there is a word at all. A document may be typed with its
// punctuation, whole or in part: "12.abc.345" finds 12ABC34501DE35.
//
// The trigram index of either database finds words of three characters or more, and the shorter ones only narrow what
// those found. When all are shorter, the first has to begin the name, which the index of names serves. No more than 8
// words in the first 200 characters count.
func Clients(text string) (p predicate.ClientRecord, ok bool) {
	long, short := words(text)
	var all []predicate.ClientRecord
	switch {
	case len(long) > 0:
		all = append(all, matchIndex(long))
	case len(short) > 0:
		first := short[0]
		short = short[1:]
		all = append(all, clientrecord.NameKeyGTE(first), clientrecord.NameKeyLT(first+string(utf8.MaxRune)))
	default:
		return nil, false
	}
	for _, word := range short {
		all = append(all, clientrecord.SearchTextContains(word))
	}
	return clientrecord.And(all...), true
}

// ClientsButByCPF is Clients for callers who may not see a CPF: of a person, it searches only the names. Otherwise a
// caller could search for digits until it knows the CPF.
func ClientsButByCPF(text string) (p predicate.ClientRecord, ok bool) {
	found, ok := Clients(text)
	if !ok {
		return nil, false
	}
	long, short := words(text)
	for _, word := range short {
		long = append(long, []string{word})
	}
	return clientrecord.And(found, inNamesOfPersons(long)), true
}

// inNamesOfPersons requires, of a client with a CPF, each word in one of its spellings before the document, which is at
// the end of the searched text.
func inNamesOfPersons(words [][]string) predicate.ClientRecord {
	return func(s *sql.Selector) {
		document, text := s.C(clientrecord.FieldDocument), s.C(clientrecord.FieldSearchText)
		position := "instr"
		if s.Dialect() == dialect.Postgres {
			position = "strpos"
		}
		s.Where(sql.P(func(b *sql.Builder) {
			b.WriteString("(length(").Ident(document).WriteString(") <> 11 OR (")
			for i, spellings := range words {
				if i > 0 {
					b.WriteString(" AND ")
				}
				b.WriteString("(")
				for j, word := range spellings {
					if j > 0 {
						b.WriteString(" OR ")
					}
					b.WriteString(position + "(substr(").Ident(text).WriteString(", 1, length(").Ident(text).
						WriteString(") - 11), ").Arg(word).WriteString(") > 0")
				}
				b.WriteString(")")
			}
			b.WriteString("))")
		}))
	}
}

// words splits text into long words of at least three characters, and short ones. A long word comes as its spellings,
// of which one must be present.
func words(text string) (long [][]string, short []string) {
	folded := Fold(text)
	if runes := []rune(folded); len(runes) > maxRunes {
		folded = string(runes[:maxRunes])
	}
	all := strings.Fields(folded)
	for _, word := range all[:min(len(all), maxWords)] {
		if strings.TrimFunc(word, func(r rune) bool { return r == '.' || r == '/' || typed.IsDash(r) }) == "" {
			continue // punctuation between the parts of a document or a name
		}
		if utf8.RuneCountInString(word) < trigram {
			short = append(short, word)
			continue
		}
		spellings := []string{word}
		// The word may be a piece of a document, which is stored without punctuation.
		if piece := strings.ToLower(brdoc.Fragment(word)); piece != word && len(piece) >= trigram {
			spellings = append(spellings, piece)
		}
		long = append(long, spellings)
	}
	return long, short
}

// matchIndex returns a predicate for the clients that contain each word in one of its spellings, through the trigram
// index.
func matchIndex(words [][]string) predicate.ClientRecord {
	return func(s *sql.Selector) {
		if s.Dialect() == dialect.Postgres {
			for _, spellings := range words {
				contained := make([]*sql.Predicate, len(spellings))
				for i, word := range spellings {
					contained[i] = sql.Contains(s.C(clientrecord.FieldSearchText), word)
				}
				s.Where(sql.Or(contained...))
			}
			return
		}
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(s.C(clientrecord.FieldID)).WriteString(" IN (SELECT id FROM clients_search JOIN clients_search_rows" +
				" ON n = clients_search.rowid WHERE clients_search MATCH ").Arg(match(words)).WriteString(")")
		}))
	}
}

// match returns the words as an expression of FTS5. Within quotes only the quote has a meaning.
func match(words [][]string) string {
	all := make([]string, len(words))
	for i, spellings := range words {
		quoted := make([]string, len(spellings))
		for j, s := range spellings {
			quoted[j] = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		all[i] = "(" + strings.Join(quoted, " OR ") + ")"
	}
	return strings.Join(all, " AND ")
}
