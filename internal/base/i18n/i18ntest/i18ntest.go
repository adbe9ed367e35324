// Package i18ntest finds sentences that are half in one language and half in another.
package i18ntest

import (
	"slices"
	"strings"
	"unicode"

	"github.com/chaveiro/chaveiro/internal/base/i18n"
)

// common are words that most sentences of a language have one of, and that the other language does not have.
var common = map[i18n.Lang][]string{
	i18n.English: {"the", "of", "is", "are", "must", "and", "with", "this", "that", "not", "has", "was", "from", "more",
		"than", "be"},
	i18n.Portuguese: {"de", "não", "uma", "um", "para", "que", "da", "em", "é", "ou", "os", "deve", "tem", "mais",
		"há", "na"},
}

// Foreign returns a word of a text in lang that belongs to the other language; empty if there is none or lang is none.
func Foreign(lang i18n.Lang, text string) string {
	// A number of a request is one word, whatever letters are between its digits.
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
	for other, theirs := range common {
		if lang == "" || other == lang {
			continue
		}
		for _, word := range words {
			if slices.Contains(theirs, word) {
				return word
			}
		}
	}
	return ""
}
