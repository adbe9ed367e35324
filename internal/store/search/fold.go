// Package search finds clients by the words that a person types.
package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// letters has those of the Latin alphabets that are no letter with an accent to Unicode.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ł", "l")

// Fold returns text as it is compared: in lower case, without accents, with one space between words and none around.
// "AÇAÍ  da Vovó" becomes "acai da vovo". What is stored to be sorted by (name_key) or searched in (search_text) is
// folded, and what is searched for as well. Control characters count as spaces, and bytes that are no UTF-8 become
// U+FFFD, as PostgreSQL keeps neither. Folding twice changes nothing more.
func Fold(text string) string {
	folded, _, _ := transform.String(transform.Chain( // none of these fails
		norm.NFKD, // an accent becomes a character of its own, a ligature its letters
		runes.Remove(runes.In(unicode.Mn)),
		runes.Remove(runes.In(unicode.Cf)), // such as a zero-width space, which a paste brings along
		runes.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }), // ς has the upper case of σ
		norm.NFC,
	), text)
	return strings.Join(strings.FieldsFunc(letters.Replace(folded), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}
