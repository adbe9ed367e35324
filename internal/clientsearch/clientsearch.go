// Package clientsearch is a placeholder: the builder of the search replaces this whole file with the real one, keeping
// the signature of Search. Texts are folded with internal/fold.
package clientsearch

import (
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/fold"
)

// Search returns a predicate for clients, false when text has no words.
func Search(dialect, text string) (predicate.ClientRecord, bool) {
	folded := fold.Text(text)
	return clientrecord.SearchTextContains(folded), folded != ""
}
