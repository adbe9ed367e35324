// Package brdoc reads the two numbers by which the Receita Federal knows
// everyone: the CNPJ of a company, numeric or (since July 2026) alphanumeric,
// and the CPF of a person.
//
// The rules are those of IN RFB 2.229 of 2024-10-15 and of the Receita's manual
// for the alphanumeric check digits. A letter is a character like any other:
// nothing here, and nothing that stores a document, may keep only the digits.
package brdoc

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/typed"
)

// Kind says which of the two documents a Document is.
type Kind string

// The kinds of document. The values are stored and shown in the API.
const (
	CNPJ Kind = "CNPJ" // a company: 14 characters, the last two always digits
	CPF  Kind = "CPF"  // a person: 11 digits
)

// Lengths in characters, without punctuation. The length alone tells the kind.
const (
	cnpjLength = 14
	cpfLength  = 11
)

// What Parse refuses; test for them with errors.Is. Their texts never hold the
// document: a CPF is personal data and errors are logged.
var (
	// ErrCharacter is a character that no document has (anything but ASCII
	// letters and digits, dots, slashes, dashes and blanks), or that this one may
	// not have where it stands: a letter in a CPF or in the check digits.
	ErrCharacter = errors.New("document has a character that may not stand there")
	// ErrLength is a length other than 14 (CNPJ) or 11 (CPF) characters.
	ErrLength = errors.New("document has neither 14 characters (CNPJ) nor 11 (CPF)")
	// ErrCheckDigits is a pair of check digits that does not follow from the rest,
	// or a number that passes the arithmetic but was never issued: the CNPJ of
	// zeros, a CPF of one repeated digit.
	ErrCheckDigits = errors.New("document's check digits are wrong")
)

// Document is a valid CNPJ or CPF. Two are equal (==) when they are the same
// document, however they were typed. The zero value is no document: its Kind,
// String, Format and Masked are empty.
type Document struct {
	chars string // 14 or 11 characters, upper-case, no punctuation
}

// Parse reads a document as a person types or pastes it: in either case, with or
// without dots, slashes, dashes and blanks of any kind, wherever they stand, with
// hidden characters, and with quotes around. Returns ErrCharacter, ErrLength or
// ErrCheckDigits if it is not one.
func Parse(s string) (Document, error) {
	chars, ok := normalise(s)
	if !ok {
		return Document{}, ErrCharacter
	}
	switch len(chars) {
	case cnpjLength:
		return parseCNPJ(chars)
	case cpfLength:
		return parseCPF(chars)
	default:
		return Document{}, ErrLength
	}
}

func parseCNPJ(chars string) (Document, error) {
	base := chars[:cnpjLength-2]
	if !digits(chars[cnpjLength-2:]) {
		return Document{}, ErrCharacter
	}
	// The only repeated character that passes the arithmetic.
	if base == "000000000000" || checkDigits(base, 9) != chars[cnpjLength-2:] {
		return Document{}, ErrCheckDigits
	}
	return Document{chars}, nil
}

func parseCPF(chars string) (Document, error) {
	if !digits(chars) {
		return Document{}, ErrCharacter
	}
	// All ten repeated digits pass the arithmetic.
	repeated := strings.Count(chars, chars[:1]) == len(chars)
	if repeated || checkDigits(chars[:cpfLength-2], 11) != chars[cpfLength-2:] {
		return Document{}, ErrCheckDigits
	}
	return Document{chars}, nil
}

// CompleteCNPJ returns the CNPJ of a base of 12 characters, its check digits
// added. Returns ErrCharacter or ErrLength if the base is none, ErrCheckDigits for
// the base of zeros, which nobody has.
func CompleteCNPJ(base string) (Document, error) {
	chars, ok := normalise(base)
	if !ok {
		return Document{}, ErrCharacter
	}
	if len(chars) != 12 {
		return Document{}, ErrLength
	}
	return parseCNPJ(chars + checkDigits(chars, 9))
}

// Kind returns which document it is.
func (d Document) Kind() Kind {
	switch len(d.chars) {
	case cnpjLength:
		return CNPJ
	case cpfLength:
		return CPF
	default:
		return ""
	}
}

// String returns the form to store and to compare: 14 or 11 characters,
// upper-case, without punctuation.
func (d Document) String() string { return d.chars }

// Format returns the form to read: 12.ABC.345/01DE-35 or 390.533.447-05.
func (d Document) Format() string {
	c := d.chars
	switch d.Kind() {
	case CNPJ:
		return fmt.Sprintf("%s.%s.%s/%s-%s", c[:2], c[2:5], c[5:8], c[8:12], c[12:])
	case CPF:
		return fmt.Sprintf("%s.%s.%s-%s", c[:3], c[3:6], c[6:9], c[9:])
	default:
		return ""
	}
}

// Mask returns the form for those who need not know a person's number: a CPF
// with only its middle, ***.533.447-**. A CNPJ is public and formatted whole.
func (d Document) Mask() string {
	if d.Kind() != CPF {
		return d.Format()
	}
	return fmt.Sprintf("***.%s.%s-**", d.chars[3:6], d.chars[6:9])
}

// LogValue implements slog.LogValuer: a CPF is never logged whole.
func (d Document) LogValue() slog.Value { return slog.StringValue(d.Mask()) }

// Fragment returns what a search text says of a document: upper-case and without
// what Parse drops, so that "12.abc" finds what is stored as 12ABC34501DE35.
// Returns "" if the text has anything that no document has, or nothing but
// punctuation: then it can match none.
func Fragment(s string) string {
	chars, ok := normalise(s)
	if !ok {
		return ""
	}
	return chars
}

// normalise drops the punctuation and raises the letters. It reports false at
// the first character that no document has. Only ASCII is raised: Unicode would
// make an I of the Turkish dotless one.
func normalise(s string) (string, bool) {
	var chars strings.Builder
	for _, c := range typed.Unquote(s) {
		switch {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z':
			chars.WriteRune(c)
		case 'a' <= c && c <= 'z':
			chars.WriteRune(c - 'a' + 'A')
		case c == '.', c == '/', typed.IsDash(c), typed.IsBlank(c):
		default:
			return "", false
		}
	}
	return chars.String(), true
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// checkDigits returns the two check digits that follow base. The second counts
// the first.
func checkDigits(base string, maxWeight int) string {
	first := checkDigit(base, maxWeight)
	second := checkDigit(base+string(first), maxWeight)
	return string([]byte{first, second})
}

// checkDigit weighs the characters from the right with 2, 3 ... maxWeight, 2, 3
// and so on: 9 for a CNPJ, 11 (which never comes round) for a CPF. A character
// counts its ASCII code less 48: 0 to 9 for the digits, 17 to 42 for the letters.
func checkDigit(base string, maxWeight int) byte {
	sum, weight := 0, 2
	for i := len(base) - 1; i >= 0; i-- {
		sum += int(base[i]-'0') * weight
		if weight++; weight > maxWeight {
			weight = 2
		}
	}
	rest := sum % 11
	if rest < 2 {
		return '0'
	}
	return '0' + byte(11-rest)
}
