// Package fold makes texts comparable as people compare them: without accents, case and doubled blanks.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Text returns text without accents, in lower case, its blanks single: "  Pão  de AÇÚCAR" is "pao de acucar".
func Text(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(cases.Fold().String(text)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
