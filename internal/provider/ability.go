package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
)

// What a provider can do beyond keeping credentials, each an interface of its own, found by type assertion.

// Tester can ask its provider whether credentials are good, without changing anything there.
type Tester interface {
	// CanTest reports whether the settings of the installation let it ask.
	CanTest(settings Values) bool
	// Test asks. It returns Untestable when it cannot.
	Test(ctx context.Context, c Call) Result
}

// Refresher can get new credentials for old ones: a token pair that is replaced, or a session that is begun again.
type Refresher interface {
	// Renewal says when and how the credentials are renewed; nil when these are not.
	Renewal(settings Values, r Record) *Renewal
	// Refresh renews. It is called by one process at a time for a connection, within the Timeout of Renewal.
	Refresh(ctx context.Context, c Call) Renewed
}

// Renewal is the plan for renewing credentials.
type Renewal struct {
	// At is when they are to be renewed; the zero time for at once.
	At time.Time
	// Timeout bounds one call of Refresh.
	Timeout time.Duration
	// Life is how long renewed credentials go before they are to be renewed again, where nothing else is known: what the
	// renewals of all connections need a minute follows from it.
	Life time.Duration
	// PerMinute is the most renewals a minute of all connections of the provider, by all processes together, whatever they
	// need.
	PerMinute int
	// Spends is whether a renewal may spend what it renews with: one whose answer was lost is then not simply repeated.
	Spends bool
}

// Minter can get new credentials for a shop by itself, with the software house's own log-in at the provider: for a
// connection whose credentials were lost, refused or have ended, and for a new one.
type Minter interface {
	// CanMint reports whether the settings of the installation have the house's log-in.
	CanMint(settings Values) bool
	// Enter logs the house in. One session serves all shops. It returns Refused with the reason HouseLoginRefused when the
	// provider refuses the log-in: it is then never sent again before an administrator has changed it, as the account
	// could be locked.
	Enter(ctx context.Context, c Call) Entered
	// Mint gets the credentials of the shop with this document (CNPJ or CPF without punctuation). It returns Refused with
	// the reason SessionEnded when the session is to be entered again, and with StoreUnknown when the provider knows no
	// such shop of the house.
	Mint(ctx context.Context, c Call, session seal.Secret, document string) Renewed
}

// Reasons of a refusal that says nothing of a connection: they are reasons of a Result alone.
const (
	HouseLoginRefused Reason = "HOUSE_LOGIN_REFUSED"
	SessionEnded      Reason = "SESSION_ENDED"
)

// Authorizer connects a shop by an install: the merchant agrees on the provider's page, and the provider sends the
// browser back with a code.
type Authorizer interface {
	// Configured reports whether the installation has what an install needs.
	Configured(settings Values) bool
	// AuthorizeURL is the provider's page for an install with this state.
	AuthorizeURL(settings Values, state string) string
	// Exchange gets the credentials for a code. The code is good for one call.
	Exchange(ctx context.Context, c Call, code string) Granted
}

// WebhookReceiver takes what its provider sends by itself.
type WebhookReceiver interface {
	// Topics are the ends of the addresses that are typed into the provider's panel, as webhooks there have no address
	// of their own choosing.
	Topics() []string
	// Receive reads a delivery to the address that ends in topic; "" is the address that Test registers. It returns
	// false for one that is not the provider's.
	Receive(settings Values, topic string, header http.Header, body []byte) (Notice, bool)
}

// Call is what an ability works with: one connection, or what is known of one before it is saved.
type Call struct {
	HTTP     *outbound.Client
	Settings Values
	Record   Record
	Secrets  Secrets
	Now      time.Time
	// WebhookURL is where the provider is to send what happens; empty when it could not reach the portal.
	WebhookURL string
}

// Outcome is how a call ended, a value of the GraphQL enum MarketplaceTestOutcome.
type Outcome string

// The outcomes.
const (
	// OK: the provider accepted the credentials.
	OK Outcome = "OK"
	// Refused: the provider refused them. Only an answer that clearly says so is one.
	Refused Outcome = "REFUSED"
	// Halted: the provider says that shop or application is suspended.
	Halted Outcome = "SUSPENDED"
	// Transient: the provider could not be reached, has a fault or answered what nobody understands; nothing is known of
	// the credentials.
	Transient Outcome = "UNREACHABLE"
	// Untestable: there is no way to know.
	Untestable Outcome = "NOT_TESTABLE"
)

// Result is what a call to a provider found.
type Result struct {
	Outcome Outcome
	// Reason is why, of a kind that fits the outcome.
	Reason Reason
	// Message is what the provider said, as Said makes it.
	Message string
	// Account is the shop, as far as the provider told.
	Account Account
	// RetryAfter is how long the provider asks to be left alone; 0 when it did not.
	RetryAfter time.Duration
	// Unsent is whether surely nothing reached the provider.
	Unsent bool
	// State is what the provider's package wants to remember for the next call; nil keeps what it had.
	State json.RawMessage
}

// Account is a shop as its provider knows it; what it did not tell is empty.
type Account struct {
	ID, Name string
	// Document is a CNPJ or CPF without punctuation.
	Document string
}

// Renewed is a Result with, when it is OK, the credentials after it: all secrets, and when they end.
type Renewed struct {
	Result
	Secrets  Secrets
	ExpireAt map[string]time.Time
	// Unread is an answer that the provider gave for what it may have taken and that could not be read: it is kept,
	// sealed, for a person. Empty when there is none. At most MaxUnread bytes of it.
	Unread seal.Secret
}

// MaxUnread is how many bytes of an answer that could not be read are kept.
const MaxUnread = 128 << 10

// Granted is what an install gave: a Result with, when it is OK, the shop and all secrets.
type Granted struct {
	Result
	Secrets Secrets
	// Unread is as of Renewed.
	Unread seal.Secret
}

// Entered is a Result with, when it is OK, the session of the software house: kept in memory and never stored.
type Entered struct {
	Result
	Session seal.Secret
}

// Notice is a delivery of a webhook.
type Notice struct {
	// Account is the shop that it is about.
	Account string
	// Check asks for the shop's connection to be checked, since something happened to it.
	Check bool
	// Erase asks for what is kept of the shop to be deleted.
	Erase bool
	// Signed is whether the delivery proves that the provider sent it.
	Signed bool
	// Topic is what it is called in the audit trail and on the page.
	Topic string
}

// ResultOfError returns the result of a call without an answer.
func ResultOfError(err error) Result {
	r := Result{Outcome: Transient, Reason: Unreachable}
	if e, ok := outbound.AsError(err); ok {
		r.Unsent = !e.Sent
		r.Message = Said(e.Error())
	}
	return r
}

// ResultOfAnswer returns the result of an answer that says nothing of the credentials: a fault of the provider, a
// limit, or something unexpected.
func ResultOfAnswer(a outbound.Response, now time.Time, said string) Result {
	r := Result{Outcome: Transient, Reason: ProviderFault, Message: said, RetryAfter: a.RetryAfter(now)}
	if a.Status == http.StatusTooManyRequests {
		r.Reason = RateLimited
	}
	return r
}
