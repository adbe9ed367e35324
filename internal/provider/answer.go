package provider

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
)

// The providers' packages share these functions to read answers, which are untrusted. Every text is cut, and a value of
// an unexpected type reads as empty.

const maxName = 200

// Word is a text or number of a JSON answer, as text.
type Word string

// UnmarshalJSON accepts any JSON value; one that is neither a text nor a number becomes empty.
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

// Document returns the word as a CNPJ or CPF without punctuation; "" when it is neither.
func (w Word) Document() string {
	document, err := brdoc.Parse(string(w))
	if err != nil {
		return ""
	}
	return document.String()
}

// Digits returns the word when it is a number of at most 18 digits without a sign; else "".
func (w Word) Digits() string {
	text := string(w)
	if text == "" || len(text) > 18 || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

// MaxToken caps the bytes of a token in a provider's answer. The form limits what a person pastes.
const MaxToken = 64 << 10

// UsableToken reports whether a text can be a token: printable ASCII without blanks, at most MaxToken bytes.
func UsableToken(token string) bool {
	return token != "" && len(token) <= MaxToken &&
		!strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Decode reads the JSON of an answer into v. It ignores Content-Type and charset, because a pair must not be lost to a
// wrong header. It returns false unless the body is one JSON value that fits v.
func Decode(a outbound.Response, v any) bool { return json.Unmarshal(text(a.Body), v) == nil }

// text returns a body as UTF-8 without a byte order mark. It detects UTF-16 by its mark, or by the zero byte in the
// first character of any JSON. Other bytes that are not UTF-8 are read as ISO-8859-1, in which every byte is a
// character.
func text(body []byte) []byte {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return fromUTF16(body[2:], binary.BigEndian)
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return fromUTF16(body[2:], binary.LittleEndian)
	case len(body) > 1 && body[0] == 0 && body[1] != 0:
		return fromUTF16(body, binary.BigEndian)
	case len(body) > 1 && body[0] != 0 && body[1] == 0:
		return fromUTF16(body, binary.LittleEndian)
	case utf8.Valid(body):
		return body
	}
	characters := make([]rune, len(body))
	for i, b := range body {
		characters[i] = rune(b)
	}
	return []byte(string(characters))
}

func fromUTF16(body []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// IsSuccess reports whether an answer has the status of a success: any 2xx.
func IsSuccess(a outbound.Response) bool { return a.Status >= 200 && a.Status <= 299 }

// KeepUnread returns at most MaxUnread bytes of an unreadable answer's body, unchanged, for a result.
func KeepUnread(a outbound.Response) seal.Secret {
	if len(a.Body) == 0 {
		return seal.Secret{}
	}
	return seal.NewSecret(string(a.Body[:min(len(a.Body), MaxUnread)]))
}

// Remember encodes the state that a provider's package stores between calls.
func Remember(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode a provider's state: %v", err)) // a struct of plain fields always encodes
	}
	return data
}
