package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
)

// The abilities of a provider beyond storing credentials. Each is an interface, found by type assertion.

// Tester tests credentials with its provider, without changing anything there.
type Tester interface {
	// CanTest reports whether the settings of the installation suffice for a test.
	CanTest(settings Values) bool
	// Test tests the credentials. It returns Untestable when it cannot.
	Test(ctx context.Context, c Call) Result
}

// Refresher renews credentials: it replaces a token pair, or starts a session again.
type Refresher interface {
	// Renewal returns the plan of the next renewal; nil when these credentials are not renewed.
	Renewal(settings Values, r Record) *Renewal
	// Refresh renews the credentials. One process at a time calls it for a connection, within the Timeout of Renewal.
	Refresh(ctx context.Context, c Call) Renewed
}

// HasVisits reports whether a visit can do anything for a provider's connections with these settings: test their
// credentials, or renew them.
func HasVisits(p Provider, settings Values) bool {
	if tester, ok := p.(Tester); ok && tester.CanTest(settings) {
		return true
	}
	_, renews := p.(Refresher)
	return renews
}

// Renewal is the plan for renewing credentials.
type Renewal struct {
	// At is when the next renewal is due; the zero time means at once.
	At time.Time
	// Timeout limits one call of Refresh.
	Timeout time.Duration
	// Life is the usual time from one renewal to the next. The load of all renewals per minute is estimated from it.
	Life time.Duration
	// PerMinute caps the renewals per minute of all connections of the provider, over all processes, whatever the load.
	PerMinute int
	// Spends is true if a renewal may spend the credentials it sends. After a lost answer it is then not simply retried.
	Spends bool
}

// Minter gets new credentials for a shop with the software house's log-in at the provider: for a new connection, and
// for one whose credentials were lost, refused or have ended.
type Minter interface {
	// CanMint reports whether the settings of the installation contain the house's log-in.
	CanMint(settings Values) bool
	// Enter logs the house in. One session serves all shops. When the provider refuses the log-in, Enter returns Refused
	// with the reason HouseLoginRefused. The portal then does not send this log-in again until an administrator changes
	// it, because the account could be locked.
	Enter(ctx context.Context, c Call) Entered
	// Mint gets the credentials of the shop with this document (CNPJ or CPF without punctuation). It returns Refused with
	// the reason SessionEnded when Enter must be called again, and with StoreUnknown when the house has no such shop at
	// the provider.
	Mint(ctx context.Context, c Call, session seal.Secret, document string) Renewed
}

// These reasons of a refusal say nothing about a connection: only a Result has them, never a Health.
const (
	HouseLoginRefused Reason = "HOUSE_LOGIN_REFUSED"
	SessionEnded      Reason = "SESSION_ENDED"
)

// Authorizer connects a shop by an install: the merchant agrees on the provider's page, and the provider sends the
// browser back with a code.
type Authorizer interface {
	// Configured reports whether the installation has what an install needs.
	Configured(settings Values) bool
	// AuthorizeURL returns the provider's page for an install with this state.
	AuthorizeURL(settings Values, state string) string
	// Exchange gets the credentials for a code, which works only once.
	Exchange(ctx context.Context, c Call, code string) Granted
}

// WebhookReceiver reads the webhooks of its provider.
type WebhookReceiver interface {
	// Topics are the last parts of the addresses that an administrator types into the provider's panel, for webhooks that
	// Test cannot register.
	Topics() []string
	// Receive reads a delivery to the address that ends in topic; "" is the address that Test registers. It returns false
	// for a delivery that is not from the provider.
	Receive(settings Values, topic string, header http.Header, body []byte) (Notice, bool)
}

// Call is the input of an ability: one connection, saved or not.
type Call struct {
	HTTP     *outbound.Client
	Settings Values
	Record   Record
	Secrets  Secrets
	Now      time.Time
	// WebhookURL is the portal's address for webhooks; empty when the provider could not reach it.
	WebhookURL string
}

// Outcome says how a call ended. It is a value of the GraphQL enum MarketplaceTestOutcome.
type Outcome string

// The outcomes.
const (
	// OK: the provider accepted the credentials.
	OK Outcome = "OK"
	// Refused: the provider refused the credentials. Only an answer that clearly says so counts.
	Refused Outcome = "REFUSED"
	// Halted: the provider says that the shop or the application is suspended.
	Halted Outcome = "SUSPENDED"
	// Transient: the provider was unreachable, had a fault or sent an answer that cannot be interpreted. It says nothing
	// about the credentials.
	Transient Outcome = "UNREACHABLE"
	// Untestable: the credentials cannot be tested.
	Untestable Outcome = "NOT_TESTABLE"
)

// Result is the result of a call to a provider.
type Result struct {
	Outcome Outcome
	// Reason explains the outcome, and fits it.
	Reason Reason
	// Message is the provider's message, made safe by Said: words of the provider alone.
	Message string
	// Cause is why the call brought no answer, and Detail says the same in a technical line, for an administrator. Both
	// are empty when there was an answer.
	Cause  outbound.Cause
	Detail string
	// Account is the shop, as far as the provider's answer describes it.
	Account Account
	// RetryAfter is how long the provider asks the portal to wait; 0 when it does not ask.
	RetryAfter time.Duration
	// Unsent is true if the request certainly did not reach the provider.
	Unsent bool
	// State is what the provider's package stores for its next call; nil keeps the stored state.
	State json.RawMessage
}

// Account is a shop as its provider describes it; missing facts are empty.
type Account struct {
	ID, Name string
	// Document is a CNPJ or CPF without punctuation.
	Document string
}

// Renewed is a Result with, when it is OK, all secrets after the renewal and when they end.
type Renewed struct {
	Result
	Secrets  Secrets
	ExpireAt map[string]time.Time
	// Unread is an answer that could not be read although the provider may have done what was asked. It is stored, sealed,
	// for a person. It has at most MaxUnread bytes, and is empty when there is none.
	Unread seal.Secret
}

// MaxUnread caps the bytes of a stored unreadable answer.
const MaxUnread = 128 << 10

// Granted is the result of an install: a Result with, when it is OK, the shop and all secrets.
type Granted struct {
	Result
	Secrets Secrets
	// Unread is as in Renewed.
	Unread seal.Secret
}

// Entered is a Result with, when it is OK, the session of the software house, which is held in memory and never stored.
type Entered struct {
	Result
	Session seal.Secret
}

// Notice is a delivery of a webhook.
type Notice struct {
	// Account is the shop that the delivery concerns.
	Account string
	// Check demands a check of the shop's connection, because the shop has changed.
	Check bool
	// Erase demands the deletion of the shop's data.
	Erase bool
	// Signed is true if the delivery proves that the provider sent it.
	Signed bool
	// Topic is the name of the delivery in the audit trail and on the page.
	Topic string
}

// ResultOfError returns the result of a call without an answer.
func ResultOfError(err error) Result {
	r := Result{Outcome: Transient, Reason: Unreachable}
	if e, ok := outbound.AsError(err); ok {
		r.Unsent, r.Cause = !e.Sent, e.Cause
		r.Detail = Said(e.Error())
	}
	return r
}

// ResultOfAnswer returns the result of an answer that says nothing about the credentials: a fault of the provider, a
// rate limit, or something unexpected.
func ResultOfAnswer(a outbound.Response, now time.Time, said string) Result {
	r := Result{Outcome: Transient, Reason: ProviderFault, Message: said, RetryAfter: a.RetryAfter(now)}
	if a.Status == http.StatusTooManyRequests {
		r.Reason = RateLimited
	}
	return r
}
