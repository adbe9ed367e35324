// Package typed reads text as the person who typed or pasted it sees it: a paste adds blanks, quotes and invisible
// characters.
package typed

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fillers are letters, marks and symbols that are invisible, although Unicode classes them neither as blanks nor as
// formats.
const fillers = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"

// joiner joins two emoji into one.
const joiner = '\u200d'

// quotes are the marks that a language or a program puts around a text.
const quotes = "\"'`´„‚"

// IsHidden reports whether a character is invisible: it joins or separates others, or turns their direction.
func IsHidden(r rune) bool { return unicode.Is(unicode.Cf, r) || strings.ContainsRune(fillers, r) }

// IsDash reports whether a character is read as a dash.
func IsDash(r rune) bool { return unicode.Is(unicode.Pd, r) || r == '\u2212' }

// IsBlank reports whether a character is read as a space, or as nothing.
func IsBlank(r rune) bool { return unicode.IsSpace(r) || IsHidden(r) }

func isQuote(r rune) bool {
	return unicode.In(r, unicode.Pi, unicode.Pf) || strings.ContainsRune(quotes, r)
}

// Trim drops the blanks and hidden characters around a text.
func Trim(text string) string { return strings.TrimFunc(text, IsBlank) }

// Unquote drops the blanks, hidden characters and quotes around a text.
func Unquote(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return IsBlank(r) || isQuote(r) })
}

// IsSeen reports whether a text shows anything. A text of blanks, hidden characters and marks without a letter shows
// nothing.
func IsSeen(text string) bool {
	return strings.ContainsFunc(norm.NFKD.String(text), func(r rune) bool {
		return !IsBlank(r) && !unicode.Is(unicode.M, r)
	})
}

// Hides reports whether a text has a hidden character, except for the joiners inside emoji.
func Hides(text string) bool {
	runes := []rune(text)
	for i, r := range runes {
		if IsHidden(r) && (r != joiner || !joinsEmoji(runes[:i], runes[i+1:])) {
			return true
		}
	}
	return false
}

// joinsEmoji reports whether the characters beside a joiner are parts of an emoji.
func joinsEmoji(before, after []rune) bool {
	for len(before) > 0 && unicode.In(before[len(before)-1], unicode.Mn, unicode.Sk) { // how it is drawn, and its color
		before = before[:len(before)-1]
	}
	return len(before) > 0 && unicode.Is(unicode.So, before[len(before)-1]) &&
		len(after) > 0 && unicode.In(after[0], unicode.So, unicode.Sm)
}

// LooksLikeAnother reports whether a text can be taken for another one. It can if it mixes the letters of several
// scripts, as a Cyrillic "а" among Latin ones. It also can if it has a variant of another character, as a full-width
// "ａ".
func LooksLikeAnother(text string) bool {
	if !norm.NFKC.IsNormalString(norm.NFC.String(text)) {
		return true
	}
	scripts := map[string]bool{}
	for _, r := range text {
		if unicode.IsLetter(r) {
			scripts[scriptOf(r)] = true
		}
	}
	delete(scripts, "Common")
	return len(scripts) > 1
}

// scriptOf returns the name of a letter's script.
func scriptOf(r rune) string {
	for name, letters := range unicode.Scripts {
		if unicode.Is(letters, r) {
			return name
		}
	}
	return ""
}

// Email returns a bare e-mail address in lower case, and "" for a text that is none.
func Email(text string) string {
	text = Trim(text)
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || len(text) > 254 {
		return ""
	}
	return strings.ToLower(text)
}
