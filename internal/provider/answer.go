package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chaveiro/chaveiro/internal/brdoc"
	"github.com/chaveiro/chaveiro/internal/outbound"
)

// What the providers' packages share in reading answers, which are untrusted: every text is cut, and what has another
// type than expected reads as empty.

const maxName = 200

// Word is a text or a number of a JSON answer, as text.
type Word string

// UnmarshalJSON takes any JSON value: what is neither a text nor a number is empty.
func (w *Word) UnmarshalJSON(data []byte) error {
	*w = ""
	var text string
	if json.Unmarshal(data, &text) == nil {
		*w = Word(text)
		return nil
	}
	var number json.Number
	if json.Unmarshal(data, &number) == nil {
		*w = Word(number.String())
	}
	return nil
}

// Name returns the word as the name of a shop: one line of at most 200 characters.
func (w Word) Name() string {
	text := oneLine(string(w))
	if utf8.RuneCountInString(text) > maxName {
		text = string([]rune(text)[:maxName])
	}
	return text
}

// oneLine returns a text from outside as one line of valid UTF-8 without control characters.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "�"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// Document returns the word as a CNPJ or CPF without punctuation, or nothing when it is none.
func (w Word) Document() string {
	document, err := brdoc.Parse(string(w))
	if err != nil {
		return ""
	}
	return document.String()
}

// Digits returns the word when it is a number without sign and at most 18 digits long, or nothing.
func (w Word) Digits() string {
	text := string(w)
	if text == "" || len(text) > 18 || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

// MaxToken is how long a token from outside may be.
const MaxToken = 4096

// UsableToken reports whether a text from outside can be a token: printable ASCII without blanks, at most MaxToken of it.
func UsableToken(token string) bool {
	return token != "" && len(token) <= MaxToken && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// IsPage reports whether an answer is a page for people: what stands before the provider, and not the provider itself.
func IsPage(a outbound.Response) bool {
	return strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "html") && !json.Valid(a.Body)
}

// Remember encodes what a provider's package keeps between calls.
func Remember(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode a provider's state: %v", err)) // a struct of plain fields
	}
	return data
}
