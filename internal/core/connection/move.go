package connection

import (
	"encoding/json"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// Everything that can happen to a row is a move: a function that changes a copy of it in memory and asks nobody. What a
// move leaves alone stays as it was. Its test has, for each move, a decision on every column.

// Sealing is secrets as a row keeps them.
type Sealing struct {
	Sealed []byte
	States map[string]secretstate.State
	// Host is the provider's host that they are for, and are sealed to; empty where they are sent nowhere.
	Host string
}

// Ends returns when the first of the secrets ends; nil when none is known to.
func (s *Sealing) Ends() *time.Time { return earliest(s.States) }

func (row *move) seal(s *Sealing) {
	row.SecretsSealed, row.SecretStates, row.CredentialsExpireAt = s.Sealed, s.States, earliest(s.States)
	row.SecretsHost = &s.Host
}

// forgetSecrets forgets what a back-office gets.
func (row *move) forgetSecrets() {
	row.SecretsSealed, row.SecretStates, row.CredentialsExpireAt, row.SecretsHost = nil, nil, nil, nil
}

// earliest returns when the first of the secrets ends; nil when none is known to.
func earliest(states map[string]secretstate.State) *time.Time {
	var first *time.Time
	for _, state := range states {
		if state.ExpiresAt != nil && (first == nil || state.ExpiresAt.Before(*first)) {
			first = state.ExpiresAt
		}
	}
	return first
}

// move is a row that is being changed.
type move Row

// begin returns a copy of a row to be changed.
func begin(row *Row) *move {
	copied := move(*row)
	return &copied
}

func (row *move) end() *Row { return (*Row)(row) }

// feel sets the health. The time since when it is in its state stays while the state does.
func (row *move) feel(h provider.Health, now time.Time) {
	if State(row.end()) != h.State() {
		row.HealthSince = now
	}
	row.HealthState, row.HealthReason = string(h.State()), string(h.Reason)
}

// release ends the lease and the mark of a renewal.
func (row *move) release() {
	row.LeaseUntil, row.LeaseBy, row.RenewalBegunAt = nil, nil, nil
}

// forgetRenewals forgets what belongs to credentials that are not there any more.
func (row *move) forgetRenewals() {
	row.RenewedAt, row.RenewAt = nil, nil
	row.PreviousSealed, row.PreviousUntil = nil, nil
	row.UnreadSealed, row.UnreadUntil = nil, nil
}

// forgetShop forgets which shop it is and what its provider said.
func (row *move) forgetShop() {
	row.ExternalAccount, row.AccountName, row.AccountDocument = nil, nil, nil
	row.ProviderState, row.ProviderMessage = nil, nil
}

// know remembers which shop it is, as far as the provider told.
func (row *move) know(a provider.Account) {
	if a.ID != "" {
		row.ExternalAccount = &a.ID
	}
	if a.Name != "" {
		row.AccountName = &a.Name
	}
	if a.Document != "" {
		row.AccountDocument = &a.Document
	}
}

// Start is a new connection.
type Start struct {
	ID, ClientProductID, ClientID, Description string
	Provider                                   provider.Code
	Settings                                   json.RawMessage
	// Secrets are nil where there are none yet.
	Secrets *Sealing
	// Account is what the provider calls the shop, and Document its CNPJ or CPF, where the secrets tell; empty otherwise.
	Account, Document string
	// New is whether there is something for a back-office, which is then checked at once.
	New    bool
	Health provider.Health
}

// Added is the row of a new connection.
func Added(in Start, now time.Time) *Row {
	row := &move{
		ID: in.ID, ClientProductID: in.ClientProductID, ClientID: in.ClientID, Provider: string(in.Provider),
		Description: in.Description, Settings: in.Settings, HealthSince: now, UpdatedAt: now,
		HealthState: string(in.Health.State()), HealthReason: string(in.Health.Reason),
	}
	if in.Secrets != nil {
		row.seal(in.Secrets)
	}
	row.know(provider.Account{ID: in.Account, Document: in.Document})
	if in.New {
		row.CredentialVersion, row.NextCheckAt = 1, &now
	}
	return row.end()
}

// Entry is what a person changes of a connection.
type Entry struct {
	Description string
	Settings    json.RawMessage
	// Secrets are nil where they stay.
	Secrets *Sealing
	// New is whether what a back-office gets has changed.
	New bool
	// Account and Document are as of Start, and Health what is known of new credentials.
	Account, Document string
	Health            provider.Health
}

// Entered is a connection of which a person has typed something. With new credentials nothing is known any more of who
// they are, whether they work and what renews them. A call with the old ones that is under way finds its lease gone.
func Entered(old *Row, in Entry, now time.Time) *Row {
	row := begin(old)
	row.Description, row.Settings, row.UpdatedAt = in.Description, in.Settings, now
	if in.Secrets != nil {
		row.seal(in.Secrets)
	}
	if !in.New {
		return row.end()
	}
	row.forgetShop()
	row.forgetRenewals()
	row.release()
	row.know(provider.Account{ID: in.Account, Document: in.Document})
	row.CredentialVersion++
	row.HealthState, row.HealthReason, row.HealthSince = string(in.Health.State()), string(in.Health.Reason), now
	row.NextCheckAt, row.LastCheckedAt, row.Failures = &now, nil, 0
	return row.end()
}

// Installation is what an install gave.
type Installation struct {
	Secrets *Sealing
	Account provider.Account
	// State is what the provider's package remembers.
	State json.RawMessage
	// WrongShop is whether the shop is another's than the client's, and nobody has confirmed it.
	WrongShop bool
}

// Installed is a connection that has got the credentials of an install: it keeps its id. It is checked at once, which
// registers the webhooks.
func Installed(old *Row, in Installation, now time.Time) *Row {
	row := begin(old)
	row.forgetRenewals()
	row.release()
	row.seal(in.Secrets)
	row.know(in.Account)
	row.ProviderState, row.ProviderMessage = in.State, nil
	row.CredentialVersion++
	row.feel(provider.Health{Reason: provider.CheckPassed}, now)
	if in.WrongShop {
		row.feel(provider.Health{Reason: provider.WrongShop}, now)
	}
	row.LastCheckedAt, row.NextCheckAt, row.Failures, row.UpdatedAt = &now, &now, 0, now
	return row.end()
}

// Mismatched is a connection whose shop turned out to be another's than the client's: nobody is given its credentials
// and nothing is done with them before a person acts.
func Mismatched(old *Row, now time.Time) *Row {
	row := begin(old)
	row.feel(provider.Health{Reason: provider.WrongShop}, now)
	row.NextCheckAt, row.RenewAt = nil, nil
	return row.end()
}

// Unopened is a connection whose secrets do not open although their key is there: somebody altered them, or put older
// ones back. They stay, as they may be mended from a backup, and nothing is done with them before a person acts.
func Unopened(old *Row, now time.Time) *Row {
	row := begin(old)
	row.release()
	row.feel(provider.Health{Reason: provider.SecretsLost}, now)
	row.NextCheckAt, row.RenewAt = nil, nil
	return row.end()
}

// Confirmed is a connection whose shop an operator has confirmed although it is not the client's: it is checked at
// once, and back-offices read again.
func Confirmed(old *Row, now time.Time) *Row {
	row := begin(old)
	row.ConfirmedDocument = old.AccountDocument
	row.CredentialVersion++
	row.feel(provider.Health{Reason: provider.NotCheckedYet}, now)
	row.NextCheckAt, row.Failures = &now, 0
	return row.end()
}

// Leased is a connection that one process alone works on for a while.
func Leased(old *Row, by string, until time.Time) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = &by, &until
	return row.end()
}

// Released is a connection whose lease ends although nothing was found out.
func Released(old *Row) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = nil, nil
	return row.end()
}

// Planned is a connection whose renewal is known to be due at another time than its row says. Nobody works on it.
func Planned(old *Row, renewAt, nextCheckAt time.Time) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = nil, nil
	row.RenewAt, row.NextCheckAt = &renewAt, &nextCheckAt
	return row.end()
}

// KeepUnread is how long an answer that nobody could read is kept for a person.
const KeepUnread = 24 * time.Hour

// Unread is a connection for which an answer came that nobody could read: it is kept for a person.
func Unread(old *Row, sealed []byte, until time.Time) *Row {
	row := begin(old)
	row.UnreadSealed, row.UnreadUntil = sealed, &until
	return row.end()
}

// longestLease is longer than any lease is taken for.
const longestLease = 15 * time.Minute

// Unparked is a connection of which something was written while the clock was ahead: what was planned then is due now.
func Unparked(old *Row, now time.Time) *Row {
	row := begin(old)
	for _, at := range []**time.Time{&row.LastCheckedAt, &row.RenewedAt, &row.MintedAt} {
		if *at != nil && (*at).After(now) {
			*at = &now
		}
	}
	if row.HealthSince.After(now) {
		row.HealthSince = now
	}
	if row.UpdatedAt.After(now) {
		row.UpdatedAt = now
	}
	// A lease stays: its process may wait for an answer that it cannot ask for again.
	if most := now.Add(longestLease); row.LeaseUntil != nil && row.LeaseUntil.After(most) {
		row.LeaseUntil = &most
	}
	if row.NextCheckAt != nil {
		row.NextCheckAt = &now
	}
	if row.RenewAt != nil {
		row.RenewAt = &now
	}
	return row.end()
}

// Interrupted is a connection whose process has gone. With a mark its renewal may have been answered to nobody: the
// next process tries once more, on purpose.
func Interrupted(old *Row, now time.Time) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = nil, nil
	if row.RenewalBegunAt == nil {
		if row.NextCheckAt != nil { // otherwise a person asked for the check, who has gone too
			row.NextCheckAt = &now
		}
		return row.end()
	}
	row.NextCheckAt = &now
	if row.RenewAt == nil || row.RenewAt.After(now) {
		row.RenewAt = &now
	}
	if state := State(old); state == provider.Connected || state == provider.Expiring {
		row.feel(provider.Health{Reason: provider.RenewalInterrupted}, now)
	}
	return row.end()
}

// Blamed is a connection that turned bad in an incident of its provider: that is told of the provider, and the
// connection is looked at again when the incident is over.
func Blamed(old *Row, now time.Time) *Row {
	row := begin(old)
	row.feel(provider.Health{Reason: provider.Incident}, now)
	next := now.Add(time.Hour) // the end of the incident comes before, mostly
	row.NextCheckAt = &next
	return row.end()
}

// Expired is a connection whose credentials have ended without new ones, if it is said to work.
func Expired(old *Row, now time.Time) *Row {
	row := begin(old)
	if h, since := HealthAt(old, now); h.Reason == provider.CredentialsExpired && State(old) != provider.Failing {
		row.HealthState, row.HealthReason, row.HealthSince = string(h.State()), string(h.Reason), since
	}
	return row.end()
}

// Lost is a connection whose secrets do not open any more, as their key is lost.
func Lost(old *Row, now time.Time) *Row {
	row := begin(old)
	row.forgetSecrets()
	row.forgetRenewals()
	row.release()
	row.ProviderMessage = nil
	row.CredentialVersion++
	row.HealthState, row.HealthReason, row.HealthSince = string(provider.NeedsAttention), string(provider.SecretsLost), now
	row.NextCheckAt, row.Failures, row.UpdatedAt = nil, 0, now
	return row.end()
}

// Erased is a connection of which the shop wants nothing kept: as if the merchant had never installed.
func Erased(old *Row, now time.Time) *Row {
	row := begin(old)
	row.forgetSecrets()
	row.forgetRenewals()
	row.forgetShop()
	row.release()
	row.MintedAt, row.LastCheckedAt, row.ConfirmedDocument = nil, nil, nil
	row.CredentialVersion++
	row.HealthState, row.HealthReason, row.HealthSince = string(provider.Waiting), string(provider.WaitingForMerchant), now
	row.NextCheckAt, row.Failures, row.UpdatedAt = nil, 0, now
	return row.end()
}

// Visit is what a call to the provider did to a connection: a check, a renewal, or new credentials by the house's
// log-in.
type Visit struct {
	// Asked is whether the provider was asked.
	Asked bool
	// Renewal is nil where there are no new credentials.
	Renewal *Renewal
	// Pending is whether it is still not known what came of a renewal: its mark stays.
	Pending bool
	// Minted is whether the house's log-in was used.
	Minted bool
	// Account is the shop; without the id where another connection has it.
	Account provider.Account
	// State is what the provider's package remembers; nil keeps what it had.
	State json.RawMessage
	// Message is what the provider said; nil keeps what it said before, empty forgets it.
	Message *string
	// Unread is an answer that nobody could read, sealed, and until when it is kept; nil where there is none.
	Unread      []byte
	UnreadUntil time.Time

	Failures             int
	Health               provider.Health
	RenewAt, NextCheckAt *time.Time
}

// Renewal is new credentials, with what is kept of those before.
type Renewal struct {
	Secrets       *Sealing
	Previous      []byte // sealed
	PreviousUntil time.Time
}

// Visited is a connection after a call to its provider, whose lease ends.
func Visited(old *Row, v Visit, now time.Time) *Row {
	row := begin(old)
	row.LeaseUntil, row.LeaseBy = nil, nil
	if !v.Pending {
		row.RenewalBegunAt = nil
	}
	if v.Asked {
		row.LastCheckedAt = &now
	}
	if v.Minted {
		row.MintedAt = &now
	}
	if r := v.Renewal; r != nil {
		row.seal(r.Secrets)
		row.PreviousSealed, row.PreviousUntil = r.Previous, &r.PreviousUntil
		if len(r.Previous) == 0 {
			row.PreviousUntil = nil
		}
		row.UnreadSealed, row.UnreadUntil = nil, nil
		row.RenewedAt, row.UpdatedAt = &now, now
		row.CredentialVersion++
	}
	if len(v.Unread) > 0 {
		row.UnreadSealed, row.UnreadUntil = v.Unread, &v.UnreadUntil
	}
	if v.State != nil {
		row.ProviderState = v.State
	}
	if v.Message != nil {
		row.ProviderMessage = v.Message
		if *v.Message == "" {
			row.ProviderMessage = nil
		}
	}
	row.know(v.Account)
	row.Failures, row.RenewAt, row.NextCheckAt = v.Failures, v.RenewAt, v.NextCheckAt
	row.feel(v.Health, now)
	return row.end()
}
