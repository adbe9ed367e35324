package fault

import "time"

// BadRequest is a malformed request whose mistake belongs to no field of an input: BAD_USER_INPUT.
type BadRequest struct {
	// Detail says what is wrong.
	Detail Detail
	// About is the value for the sentence of the detail; nil for none.
	About any
}

// Error returns the code and the detail, for logs and tests; people read the sentences of package i18n.
func (e BadRequest) Error() string { return "BAD_USER_INPUT: " + string(e.Detail) }

// Args returns the values for the sentence of the detail, in its order.
func (e BadRequest) Args() []any {
	if e.About == nil {
		return nil
	}
	return []any{e.About}
}

// Detail is what is wrong with a request that is not well formed.
type Detail string

// What can be wrong with a request; package i18n has the sentences.
const (
	AuthorizationTwice Detail = "AUTHORIZATION_TWICE"
	VerbUnknown        Detail = "VERB_UNKNOWN"
	AcceptWithoutJSON  Detail = "ACCEPT_WITHOUT_JSON"
	QueryTooLong       Detail = "QUERY_TOO_LONG"
	QueryBroken        Detail = "QUERY_BROKEN"
	ContentTypeUnknown Detail = "CONTENT_TYPE_UNKNOWN"
	ContentEncoded     Detail = "CONTENT_ENCODED"
	BodyTooLarge       Detail = "BODY_TOO_LARGE"
	BodyIncomplete     Detail = "BODY_INCOMPLETE"
	BodyUnreadable     Detail = "BODY_UNREADABLE"
	NotJSON            Detail = "NOT_JSON"
	JSONBatch          Detail = "JSON_BATCH"
	JSONNoObject       Detail = "JSON_NO_OBJECT"
	JSONDepth          Detail = "JSON_DEPTH"
	JSONNames          Detail = "JSON_NAMES"
	JSONValues         Detail = "JSON_VALUES"
	JSONDuplicate      Detail = "JSON_DUPLICATE"
	KeyInURL           Detail = "KEY_IN_URL"
	KeyInCookie        Detail = "KEY_IN_COOKIE"
	KeyInBody          Detail = "KEY_IN_BODY"
	FilterUnknown      Detail = "FILTER_UNKNOWN"
	FilterTwice        Detail = "FILTER_TWICE"
	FilterTime         Detail = "FILTER_TIME"
	GetChanges         Detail = "GET_CHANGES"
	StreamNeeded       Detail = "STREAM_NEEDED"
	TimeForm           Detail = "TIME_FORM"
	TooManyIDs         Detail = "TOO_MANY_IDS"
	FirstAndLast       Detail = "FIRST_AND_LAST"
	PageSize           Detail = "PAGE_SIZE"
	CursorUnknown      Detail = "CURSOR_UNKNOWN"
	SearchTooLong      Detail = "SEARCH_TOO_LONG"
	DocumentUnknown    Detail = "DOCUMENT_UNKNOWN"
	DaysOutOfRange     Detail = "DAYS_OUT_OF_RANGE"
	ZoneUnknown        Detail = "ZONE_UNKNOWN"
	WindowOutOfRange   Detail = "WINDOW_OUT_OF_RANGE"
	OperatorNoPasskey  Detail = "OPERATOR_NO_PASSKEY"
	OperatorNoFactor   Detail = "OPERATOR_NO_FACTOR"
)

// Unproven is a request whose Authorization header proves nothing: Unauthenticated, with the reason as far as its
// sender may know it. Every sender gets a reason that the header alone shows. Only a sender of a whole key gets a
// reason that comes from the database.
type Unproven struct {
	// Reason says which mistake it is.
	Reason Reason
	// Since is when the reason began; zero where that means nothing.
	Since time.Time
	// About is the value for the sentence of the reason, a comparable value that the sender knows; nil for none.
	About any
}

// Error returns the code and the reason.
func (e Unproven) Error() string { return string(Unauthenticated) + ": " + string(e.Reason) }

// Unwrap returns Unauthenticated.
func (Unproven) Unwrap() error { return Unauthenticated }

// Args returns the values for the sentence of the reason, in its order.
func (e Unproven) Args() []any {
	switch {
	case !e.Since.IsZero():
		return []any{e.Since.UTC().Format(time.RFC3339)}
	case e.About != nil:
		return []any{e.About}
	default:
		return nil
	}
}

// Reason is why an Authorization header proves nothing: the value of extensions.reason.
type Reason string

// The reasons; package i18n has the sentences. Those up to SessionEnded reveal nothing of what is stored.
const (
	// NoCredentials: there is no Authorization header, or nothing in it.
	NoCredentials Reason = "NO_CREDENTIALS"
	// WrongScheme: the header begins neither with Bearer nor with Basic.
	WrongScheme Reason = "WRONG_SCHEME"
	// KeyAsUserName: the key is the user name of Basic instead of the password.
	KeyAsUserName Reason = "KEY_AS_USER_NAME"
	// NotAKey: the text has nothing of a key.
	NotAKey Reason = "NOT_A_KEY"
	// Malformed: the text is a part of a key, or a key with something around it.
	Malformed Reason = "MALFORMED"
	// WrongChecksum: a character of the key is wrong.
	WrongChecksum Reason = "WRONG_CHECKSUM"
	// WrongEnvironment: a test key at a portal in production, or the other way round.
	WrongEnvironment Reason = "WRONG_ENVIRONMENT"
	// SessionEnded: an operator's access token that no longer works, or is not of this portal.
	SessionEnded Reason = "SESSION_ENDED"
	// Unknown: this portal has no such key.
	Unknown Reason = "UNKNOWN"
	// Revoked: the key was revoked.
	Revoked Reason = "REVOKED"
	// Expired: the key has expired.
	Expired Reason = "EXPIRED"
	// Replaced: the key was rotated, and its time beside the new one is over.
	Replaced Reason = "REPLACED"
	// SuspendedProduct: the client's product is suspended.
	SuspendedProduct Reason = "PRODUCT_SUSPENDED"
	// ArchivedClient: the client is archived.
	ArchivedClient Reason = "CLIENT_ARCHIVED"
	// AddressNotAllowed: the key is not taken from the address that the request came from.
	AddressNotAllowed Reason = "ADDRESS_NOT_ALLOWED"
)
