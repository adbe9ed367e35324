package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxSaid = 500
	// hidden replaces a secret.
	hidden = "[…]"
	// shortest is the least length, in bytes, of a secret that can be recognized in a text.
	shortest = 4
)

// Said returns a provider's message in a form that may be stored: one line, at most 500 characters, without the call's
// secrets in any encoding. If a secret is too short to be removed, Said drops the text.
func Said(text string, secrets ...string) string {
	for _, secret := range secrets {
		switch {
		case len(secret) >= shortest:
			text = hide(text, secret)
		case secret != "":
			return ""
		}
	}
	text = oneLine(text)
	if utf8.RuneCountInString(text) > maxSaid {
		text = string([]rune(text)[:maxSaid-1]) + "…"
	}
	return text
}

// hide removes a secret from a text, also in its JSON, URL, HTML, hexadecimal and base64 forms.
func hide(text, secret string) string {
	text = strings.ReplaceAll(text, secret, hidden)
	for _, read := range []func(string) (string, int){readJSON, readPath, readQuery, readHTML} {
		text = decode(text, read).hide(secret)
	}
	lower := decode(text, func(rest string) (string, int) { return string(asciiLower(rest[0])), 1 })
	text = lower.hide(hex.EncodeToString([]byte(secret)))
	for _, core := range base64Cores(secret) {
		text = hideWord(text, core)
	}
	return text
}

// view is a text as a decoder reads it, with the positions in the original.
type view struct {
	text    string
	decoded []byte
	// from maps each byte of decoded to its start in text; the last entry is the end of text.
	from []int
}

// decode decodes a text with a function that returns the first decoded piece of the rest, and the length it was read
// from.
func decode(text string, read func(rest string) (string, int)) view {
	v := view{text: text}
	for at := 0; at < len(text); {
		meaning, length := read(text[at:])
		for range len(meaning) {
			v.from = append(v.from, at)
		}
		v.decoded = append(v.decoded, meaning...)
		at += length
	}
	v.from = append(v.from, len(text))
	return v
}

// hide returns the text without the parts that decode to secret.
func (v view) hide(secret string) string {
	var kept strings.Builder
	done := 0
	for at := 0; ; {
		found := bytes.Index(v.decoded[at:], []byte(secret))
		if found < 0 {
			break
		}
		begin, end := at+found, at+found+len(secret)
		kept.WriteString(v.text[done:v.from[begin]] + hidden)
		at, done = end, v.from[end]
	}
	kept.WriteString(v.text[done:])
	return kept.String()
}

// readJSON reads an escape of a JSON text, or one byte.
func readJSON(rest string) (string, int) {
	if rest[0] != '\\' {
		return rest[:1], 1
	}
	for _, length := range []int{12, 6, 2} { // a pair of surrogates, another character, a letter
		if length > len(rest) || length > 2 && rest[1] != 'u' {
			continue
		}
		var meaning string
		err := json.Unmarshal([]byte(`"`+rest[:length]+`"`), &meaning)
		if err == nil && (length < 12 || utf8.RuneCountInString(meaning) == 1) {
			return meaning, length
		}
	}
	return rest[:1], 1
}

// readPath decodes a byte as in the path of a URL.
func readPath(rest string) (string, int) {
	if rest[0] == '%' && len(rest) >= 3 {
		if meaning, err := url.PathUnescape(rest[:3]); err == nil {
			return meaning, 3
		}
	}
	return rest[:1], 1
}

// readQuery decodes a byte as in the query of a URL.
func readQuery(rest string) (string, int) {
	if rest[0] == '+' {
		return " ", 1
	}
	return readPath(rest)
}

// longestEntity caps the length of an HTML entity.
const longestEntity = 12

// readHTML decodes an HTML entity, or one byte.
func readHTML(rest string) (string, int) {
	if rest[0] == '&' {
		if length := 1 + strings.IndexByte(rest[:min(len(rest), longestEntity)], ';'); length > 1 {
			if meaning := html.UnescapeString(rest[:length]); meaning != rest[:length] {
				return meaning, length
			}
		}
	}
	return rest[:1], 1
}

func asciiLower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// base64Cores returns the parts of a secret's base64 form that do not depend on its neighbors: for each of the three
// offsets in a group of three bytes, in both alphabets.
func base64Cores(secret string) []string {
	var cores []string
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
		begin := (before*8 + 5) / 6
		end := (before + len(secret)) * 8 / 6
		core := encoded[begin:end]
		cores = append(cores, core, strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	slices.Sort(cores)
	return slices.Compact(cores)
}

// hideWord removes each base64 word that contains a core from a text.
func hideWord(text, core string) string {
	other := func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune("+/-_=", r))
	}
	var kept strings.Builder
	for {
		before, after, found := strings.Cut(text, core)
		if !found {
			return kept.String() + text
		}
		begin := strings.LastIndexFunc(before, other)
		if begin >= 0 {
			_, width := utf8.DecodeRuneInString(before[begin:])
			begin += width
		} else {
			begin = 0
		}
		end := strings.IndexFunc(after, other)
		if end < 0 {
			end = len(after)
		}
		kept.WriteString(before[:begin] + hidden)
		text = after[end:]
	}
}
