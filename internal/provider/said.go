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
	// hidden stands for a secret.
	hidden = "[…]"
	// shortest is how many bytes a secret has that can be told from other text.
	shortest = 4
)

// Said returns what a provider said as a text to be stored: one line, at most 500 characters, without the secrets that
// went into the call, in whichever form they were echoed. With a secret too short to be taken out the text is dropped.
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

// hide takes a secret out of a text: as it is, and as JSON, a URL, HTML, hexadecimal digits or base64 write it.
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

// view is a text as a decoder reads it.
type view struct {
	text    string
	decoded []byte
	// from is where in text each byte of decoded begins, and then the end of text.
	from []int
}

// decode reads a text by a function that returns what the beginning of the rest stands for, and how long that is.
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

// hide returns the text without the parts that mean secret.
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

// readPath reads a byte as the path of a URL writes it.
func readPath(rest string) (string, int) {
	if rest[0] == '%' && len(rest) >= 3 {
		if meaning, err := url.PathUnescape(rest[:3]); err == nil {
			return meaning, 3
		}
	}
	return rest[:1], 1
}

// readQuery reads a byte as the query of a URL writes it.
func readQuery(rest string) (string, int) {
	if rest[0] == '+' {
		return " ", 1
	}
	return readPath(rest)
}

// longestEntity is how long a character of HTML may be written.
const longestEntity = 12

// readHTML reads a character that HTML writes as an entity, or one byte.
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

// base64Cores returns what base64 writes of a secret wherever it stands in what is encoded: by the place in a group of
// three bytes, in both alphabets, without the characters that its neighbors have a part in.
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

// hideWord takes the words of base64 out of a text that have a core.
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
