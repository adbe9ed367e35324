package password

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Lengths of a password in code points after NFC, so that what one keyboard
// types as one letter and another as two counts the same.
const (
	// MinLength is the least for an operator without a second factor.
	MinLength = 15
	// MinLengthWithSecondFactor is the least for one who has it.
	MinLengthWithSecondFactor = 12
	// MaxLength is the most for everybody.
	MaxLength = 128
)

// maxBytes is refused before anything is done with the password. 128 code points
// of NFC have no more bytes.
const maxBytes = 512

// minLocalPart is the length in code points from which an e-mail's local part may
// not be in a password: "ana" is in too many words.
const minLocalPart = 4

// product is the product's name, which every attacker of an installation tries.
const product = "chaveiro"

// minOrganizationWord is the length in code points from which a word of the
// organisation's name may not be in a password.
const minOrganizationWord = 4

// legalForms are words of a company's name that say nothing of whose it is, folded.
// Those of one letter come of S.A. and S/S.
var legalForms = map[string]bool{
	"ltda": true, "limitada": true, "eireli": true, "mei": true, "me": true, "epp": true,
	"sa": true, "s": true, "a": true, "ss": true, "slu": true, "cia": true,
}

// Code says which rule a password breaks.
type Code string

// The rules, in the order in which they are checked.
const (
	TooLong         Code = "TOO_LONG"
	TooShort        Code = "TOO_SHORT"
	Common          Code = "COMMON"
	ContainsEmail   Code = "CONTAINS_EMAIL"
	ContainsProduct Code = "CONTAINS_PRODUCT"
	// ContainsOrganization is the name of the house, or a word of it.
	ContainsOrganization Code = "CONTAINS_ORGANIZATION"
)

// RuleError is a password that may not be chosen. It does not hold the password.
type RuleError struct {
	Code Code
	Min  int // code points, when TooShort
	Max  int // code points, when TooLong
}

// Error implements error.
func (e *RuleError) Error() string {
	switch e.Code {
	case TooLong:
		return fmt.Sprintf("password has more than %d characters", e.Max)
	case TooShort:
		return fmt.Sprintf("password has fewer than %d characters", e.Min)
	case Common:
		return "password is one of the most common ones"
	case ContainsEmail:
		return "password contains the name in the e-mail address"
	case ContainsProduct:
		return "password contains the name of this product"
	case ContainsOrganization:
		return "password contains the name of the organisation"
	default:
		return "password is refused: " + string(e.Code)
	}
}

// Check returns a *RuleError if the password may not be chosen by the operator
// with this e-mail, nil if it may. It is at least minLength code points long (MinLength
// or MinLengthWithSecondFactor; a lower one counts as the latter) and at most 128,
// is no common one nor a variant of one, and contains neither the local part of the e-mail nor the
// product's name nor the organisation's (which may be ""), in either case. What it is
// composed of does not matter.
func Check(password string, minLength int, email, organization string) error {
	if len(password) > maxBytes {
		return &RuleError{Code: TooLong, Max: MaxLength}
	}
	folded := fold(password)
	// Counted before folding, which may change the number.
	length := utf8.RuneCountInString(norm.NFC.String(password))
	minLength = max(minLength, MinLengthWithSecondFactor)
	local, _, _ := strings.Cut(fold(email), "@")
	switch {
	case length > MaxLength:
		return &RuleError{Code: TooLong, Max: MaxLength}
	case length < minLength:
		return &RuleError{Code: TooShort, Min: minLength}
	case isCommon(folded):
		return &RuleError{Code: Common}
	case utf8.RuneCountInString(local) >= minLocalPart && strings.Contains(folded, local):
		return &RuleError{Code: ContainsEmail}
	case strings.Contains(folded, product):
		return &RuleError{Code: ContainsProduct}
	case slices.ContainsFunc(namesOf(organization), func(name string) bool { return strings.Contains(folded, name) }):
		return &RuleError{Code: ContainsOrganization}
	default:
		return nil
	}
}

// namesOf returns what is looked for of an organisation's name, folded: each word of
// it, and all of them with and without spaces. Its legal form and what is too short to
// be told from other words is left out.
func namesOf(organization string) []string {
	words := strings.FieldsFunc(fold(organization),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	words = slices.DeleteFunc(words, func(word string) bool { return legalForms[word] })
	names := append(words, strings.Join(words, " "), strings.Join(words, ""))
	return slices.DeleteFunc(names, func(name string) bool { return utf8.RuneCountInString(name) < minOrganizationWord })
}

// fold makes texts equal that differ only in case or in how their letters are
// composed.
func fold(s string) string { return norm.NFC.String(strings.ToLower(norm.NFC.String(s))) }

// commonText is made by common_gen.go, which says of what: one folded password a
// line, 12 code points or more, sorted.
//
//go:generate go run common_gen.go
//go:embed common.txt
var commonText string

// fewest is how many different characters a password has at least.
const fewest = 5

// year matches a year, which many people append to a word.
var year = regexp.MustCompile("(19|20)[0-9][0-9]")

// isCommon reports whether a folded password is a common one, or a variant that attackers try next: few characters
// repeated, a word or a common password more than once, or either with a year, a number or marks around it.
func isCommon(folded string) bool {
	characters := map[rune]bool{}
	for _, r := range folded {
		characters[r] = true
	}
	core := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, text := range []string{folded, once(folded), core, once(core)} {
		isWord := text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		isShort := utf8.RuneCountInString(text) < MinLengthWithSecondFactor
		if common()[text] || isWord && text != folded && (isShort || year.MatchString(folded)) {
			return true
		}
	}
	return len(characters) < fewest
}

// once returns the text of which another one is a repetition, or that other one itself.
func once(text string) string {
	for length := 1; length <= len(text)/2; length++ {
		if len(text)%length == 0 && strings.Repeat(text[:length], len(text)/length) == text {
			return text[:length]
		}
	}
	return text
}

// common returns the common passwords. They are read at the first use, for most
// runs of the program check none.
var common = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool, strings.Count(commonText, "\n"))
	for line := range strings.Lines(commonText) {
		set[strings.TrimSuffix(line, "\n")] = true
	}
	return set
})
