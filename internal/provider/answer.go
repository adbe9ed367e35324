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

// MaxToken is how long a token may be that a provider answers with, in bytes. What a person pastes is bounded by the
// form.
const MaxToken = 64 << 10

// UsableToken reports whether a text from outside can be a token: printable ASCII without blanks, at most MaxToken of
// it.
func UsableToken(token string) bool {
	return token != "" && len(token) <= MaxToken &&
		!strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Decode reads the JSON of an answer into v. Nothing is believed that the answer says of its own form: a pair is a pair
// under any Content-Type and in any charset. It returns false unless the body is one JSON value that fits.
func Decode(a outbound.Response, v any) bool { return json.Unmarshal(text(a.Body), v) == nil }

// text returns a body as UTF-8, without a byte order mark. UTF-16 is known by its mark, or by the zero byte in the
// first character of any JSON. What is not UTF-8 is read as ISO-8859-1, in which every byte is a character.
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

// KeepUnread returns an answer that could not be read as a result has it: at most MaxUnread bytes of its body as it
// came.
func KeepUnread(a outbound.Response) seal.Secret {
	if len(a.Body) == 0 {
		return seal.Secret{}
	}
	return seal.NewSecret(string(a.Body[:min(len(a.Body), MaxUnread)]))
}

// Remember encodes what a provider's package keeps between calls.
func Remember(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode a provider's state: %v", err)) // a struct of plain fields
	}
	return data
}
