// Package fault has the errors that leave the portal. A List is what the caller can mend, each entry at its place in
// the input. A Refusal is why a request was not served at all. Every other error is a defect of the portal: it is
// logged, and the caller learns only that it happened.
package fault

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/chaveiro/chaveiro/internal/base/typed"
)

// Code is the stable name of a mistake in an input. The codes are those of the GraphQL enum UserErrorCode.
type Code string

// What can be wrong in an input; the GraphQL schema says what each means.
const (
	Required            Code = "REQUIRED"
	TooLong             Code = "TOO_LONG"
	InvalidCharacters   Code = "INVALID_CHARACTERS"
	HiddenCharacters    Code = "HIDDEN_CHARACTERS"
	TokenBlanks         Code = "TOKEN_BLANKS"
	TokenBearer         Code = "TOKEN_BEARER"
	DocumentCharacters  Code = "DOCUMENT_CHARACTERS"
	DocumentLength      Code = "DOCUMENT_LENGTH"
	DocumentCheckDigits Code = "DOCUMENT_CHECK_DIGITS"
	DocumentTaken       Code = "DOCUMENT_TAKEN"
	NotFound            Code = "NOT_FOUND"
	ClientArchived      Code = "CLIENT_ARCHIVED"
	ClientErased        Code = "CLIENT_ERASED"
	ProductRequired     Code = "PRODUCT_REQUIRED"
	ProductTaken        Code = "PRODUCT_TAKEN"
	ProductSuspended    Code = "PRODUCT_SUSPENDED"
	CapabilityMissing   Code = "CAPABILITY_MISSING"
	MarketplaceRequired Code = "MARKETPLACE_REQUIRED"
	CodeTaken           Code = "CODE_TAKEN"
	CodeForm            Code = "CODE_FORM"
	OneOf               Code = "ONE_OF"
	ProviderMismatch    Code = "PROVIDER_MISMATCH"
	PairRequired        Code = "PAIR_REQUIRED"
	URLInvalid          Code = "URL_INVALID"
	SettingFixed        Code = "SETTING_FIXED"
	SettingChoice       Code = "SETTING_CHOICE"
	SettingURL          Code = "SETTING_URL"
	SettingHost         Code = "SETTING_HOST"
	SettingDate         Code = "SETTING_DATE"
	SettingNumber       Code = "SETTING_NUMBER"
	ProviderNotReady    Code = "PROVIDER_NOT_CONFIGURED"
	HouseLoginRefused   Code = "HOUSE_LOGIN_REFUSED"
	StoreUnknown        Code = "STORE_UNKNOWN"
	ProviderInTrouble   Code = "PROVIDER_IN_TROUBLE"
	NotInstallable      Code = "NOT_INSTALLABLE"
	ShopName            Code = "SHOP_NAME"
	AccountTaken        Code = "ACCOUNT_TAKEN"
	AccountOther        Code = "ACCOUNT_OTHER"
	ExpiryPast          Code = "EXPIRY_PAST"
	OutOfRange          Code = "OUT_OF_RANGE"
	LimitReached        Code = "LIMIT_REACHED"
	KeyNotActive        Code = "KEY_NOT_ACTIVE"
	Altered             Code = "ALTERED"
	Conflict            Code = "CONFLICT"
	VersionUnknown      Code = "VERSION_UNKNOWN"
	AddressInvalid      Code = "ADDRESS_INVALID"
	NetworkInexact      Code = "NETWORK_INEXACT"
	IdempotencyMismatch Code = "IDEMPOTENCY_MISMATCH"
	InvalidCredentials  Code = "INVALID_CREDENTIALS"
	EmailInvalid        Code = "EMAIL_INVALID"
	EmailConfusable     Code = "EMAIL_CONFUSABLE"
	EmailTaken          Code = "EMAIL_TAKEN"
	EmailMismatch       Code = "EMAIL_MISMATCH"
	PasswordTooShort    Code = "PASSWORD_TOO_SHORT"
	PasswordTooLong     Code = "PASSWORD_TOO_LONG"
	PasswordCommon      Code = "PASSWORD_COMMON"
	PasswordGuessable   Code = "PASSWORD_GUESSABLE"
	SetupTokenInvalid   Code = "SETUP_TOKEN_INVALID"
	LinkInvalid         Code = "LINK_INVALID"
	SecondFactorInvalid Code = "SECOND_FACTOR_INVALID"
	TicketInvalid       Code = "TICKET_INVALID"
	SetupDone           Code = "SETUP_DONE"
	LinkUsed            Code = "LINK_USED"
	CodeUsed            Code = "CODE_USED"
	TicketUsed          Code = "TICKET_USED"
	LastAdministrator   Code = "LAST_ADMINISTRATOR"
	OwnAccount          Code = "OWN_ACCOUNT"
	NotAuthor           Code = "NOT_AUTHOR"
	SecondFactorNeeded  Code = "SECOND_FACTOR_NEEDED"

	ConfirmationMismatch Code = "CONFIRMATION_MISMATCH"
)

// Entry is one thing that the caller can mend.
type Entry struct {
	// Code says what is wrong.
	Code Code
	// Field is the path in the input; empty for the input as a whole.
	Field []string
	// Args are the values for the sentence of the code, in its order.
	Args []any
	// RelatedID is the id of the object in the way; empty when there is none.
	RelatedID string
}

// List is all that the caller can mend in one input. As an error it means that nothing was changed.
type List []Entry

// Error names the codes, for logs and tests; people read the sentences of package i18n.
func (l List) Error() string {
	codes := make([]string, len(l))
	for i, e := range l {
		codes[i] = string(e.Code)
		if len(e.Field) > 0 {
			codes[i] += " at " + strings.Join(e.Field, ".")
		}
	}
	return strings.Join(codes, ", ")
}

// New returns an error of one entry, at a path of the input.
func New(code Code, field ...string) error { return List{{Code: code, Field: field}} }

// Is reports whether err is a List that has an entry of code.
func Is(err error, code Code) bool {
	var list List
	return errors.As(err, &list) && slices.ContainsFunc(list, func(e Entry) bool { return e.Code == code })
}

// Err returns the list as an error, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Add appends an entry at a path of the input.
func (l *List) Add(code Code, args []any, field ...string) {
	*l = append(*l, Entry{Code: code, Field: field, Args: args})
}

// Merge appends the entries of err under a path of the input. An err that is no List is returned as it is.
func (l *List) Merge(err error, under ...string) error {
	var list List
	if !errors.As(err, &list) {
		return err
	}
	for _, e := range list {
		e.Field = append(append([]string{}, under...), e.Field...)
		*l = append(*l, e)
	}
	return nil
}

// Line checks a required text of one line, of at most max characters, and returns it without surrounding blanks and in
// the normal form NFC. Invisible characters are dropped around it and refused inside: they make two texts look the
// same, or one look like another.
func (l *List) Line(text string, max int, field ...string) string {
	text = l.OptionalLine(text, max, field...)
	if text == "" {
		l.Add(Required, nil, field...)
	}
	return text
}

// OptionalLine is Line for a text that may be empty.
func (l *List) OptionalLine(text string, max int, field ...string) string {
	text = typed.Trim(norm.NFC.String(text))
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		l.Add(InvalidCharacters, nil, field...)
	case !typed.IsSeen(text):
		return ""
	case typed.Hides(text):
		l.Add(HiddenCharacters, nil, field...)
	case utf8.RuneCountInString(text) > max:
		l.Add(TooLong, []any{max}, field...)
	}
	return text
}

// Paragraph checks an optional text of at most max characters that may have several lines; nil reads as empty.
func (l *List) Paragraph(text *string, max int, field ...string) string {
	if text == nil {
		return ""
	}
	tidy := strings.TrimSpace(norm.NFC.String(*text))
	switch {
	case !utf8.ValidString(tidy) ||
		strings.ContainsFunc(tidy, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }):
		l.Add(InvalidCharacters, nil, field...)
	case utf8.RuneCountInString(tidy) > max:
		l.Add(TooLong, []any{max}, field...)
	}
	return tidy
}

// Secret checks a required secret of at most 4,096 characters without control characters. The secret stays as given: a
// blank may be a part of a password.
func (l *List) Secret(secret string, field ...string) string {
	const max = 4096
	switch {
	case secret == "":
		l.Add(Required, nil, field...)
	case !utf8.ValidString(secret) || strings.ContainsFunc(secret, unicode.IsControl):
		l.Add(InvalidCharacters, nil, field...)
	case utf8.RuneCountInString(secret) > max:
		l.Add(TooLong, []any{max}, field...)
	}
	return secret
}

// Token checks a required secret that a program made: printable ASCII without blanks. Blanks and quotes that a paste
// adds around it are dropped. Inside it they are a mistake, which is reported here: the provider would only refuse the
// token.
func (l *List) Token(token string, field ...string) string {
	token = typed.Unquote(token)
	scheme, rest, _ := strings.Cut(token, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer") && rest != "":
		l.Add(TokenBearer, nil, field...)
	case strings.ContainsFunc(token, typed.IsBlank):
		l.Add(TokenBlanks, nil, field...)
	case strings.ContainsFunc(token, func(r rune) bool { return r > unicode.MaxASCII }):
		l.Add(InvalidCharacters, nil, field...)
	default:
		return l.Secret(token, field...)
	}
	return token
}

// Refusal is why a request was not served: the value of extensions.code in its GraphQL error.
type Refusal string

// The refusals.
const (
	// Unauthenticated: no valid session and no valid access key came with the request.
	Unauthenticated Refusal = "UNAUTHENTICATED"
	// Forbidden: the caller may not do this.
	Forbidden Refusal = "FORBIDDEN"
	// Busy: the portal cannot take the request now; the caller should try again in a few seconds.
	Busy Refusal = "BUSY"
	// CSRF: a request that carries the refresh cookie did not come from the portal's own page.
	CSRF Refusal = "CSRF"
	// Reauthenticate: the request needs a recent proof of who is at the keyboard, and the operator has none.
	Reauthenticate Refusal = "REAUTH_REQUIRED"
	// PresenceRequired: the request needs the operator's password or a passkey, for itself alone.
	PresenceRequired Refusal = "PRESENCE_REQUIRED"
	// SecondFactorRequired: the portal demands a second factor of the operator, who has none yet.
	SecondFactorRequired Refusal = "SECOND_FACTOR_REQUIRED"
)

// The refusals of a request that asks for too much; docs/limits.md has the numbers.
const (
	// RateLimited: the caller has sent too much lately; Retry-After says when to send again.
	RateLimited Refusal = "RATE_LIMITED"
	// LimitTokens: the document is too long.
	LimitTokens Refusal = "LIMIT_TOKENS"
	// LimitDepth: fields are nested too deep.
	LimitDepth Refusal = "LIMIT_DEPTH"
	// LimitAliases: too many fields have an alias.
	LimitAliases Refusal = "LIMIT_ALIASES"
	// LimitRootFields: an operation has too many fields of its own.
	LimitRootFields Refusal = "LIMIT_ROOT_FIELDS"
	// LimitSameField: one field is asked for too often at one place.
	LimitSameField Refusal = "LIMIT_SAME_FIELD"
	// LimitDirectives: there are too many directives, in the document or at one place.
	LimitDirectives Refusal = "LIMIT_DIRECTIVES"
	// LimitFragments: there are too many fragments.
	LimitFragments Refusal = "LIMIT_FRAGMENTS"
	// LimitFragmentCycle: a fragment spreads itself.
	LimitFragmentCycle Refusal = "LIMIT_FRAGMENT_CYCLE"
	// LimitComplexity: the answer would have too many fields.
	LimitComplexity Refusal = "LIMIT_COMPLEXITY"
	// LimitLogin: a document would try more than one password.
	LimitLogin Refusal = "LIMIT_LOGIN"
	// LimitText: a text of the request is too long.
	LimitText Refusal = "LIMIT_TEXT"
)

// Error returns the code.
func (r Refusal) Error() string { return string(r) }

// Throttled is a log-in that has to wait: THROTTLED.
type Throttled struct {
	// After is how long it has to wait.
	After time.Duration
}

// Error returns the code.
func (Throttled) Error() string { return "THROTTLED" }

// Seconds returns the wait in whole seconds, rounded up.
func (t Throttled) Seconds() int { return int((t.After + time.Second - 1) / time.Second) }
