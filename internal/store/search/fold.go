// Package search finds clients by the words that a person types.
package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// letters has the Latin letters that Unicode does not decompose into a letter and an accent.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ł", "l")

// Fold returns text in the form that is compared: in lower case, without accents, with one space between words and none
// around. "AÇAÍ  da Vovó" becomes "acai da vovo". Texts stored for sorting (name_key) or searching (search_text) are
// folded, and so are search texts. Control characters count as spaces. Bytes that are not UTF-8 become U+FFFD, as
// PostgreSQL stores neither. Folding twice changes nothing more.
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
