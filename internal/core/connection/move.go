package connection

import (
	"encoding/json"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// A move is a change of a row: a function that changes a copy of the row in memory, without a query or a call. The
// fields that a move does not set stay as they were. Its test decides every column for every move.

// Sealing is the sealed secrets of a row, and their states.
type Sealing struct {
	Sealed []byte
	States map[string]secretstate.State
	// Host is the provider's host that they are sealed to; empty where they are sent nowhere.
	Host string
}

// Ends returns when the first of the secrets ends; nil when no end is known.
func (s *Sealing) Ends() *time.Time { return earliest(s.States) }

func (row *move) seal(s *Sealing) {
	row.SecretsSealed, row.SecretStates, row.CredentialsExpireAt = s.Sealed, s.States, earliest(s.States)
	row.SecretsHost = &s.Host
}

// forgetSecrets clears the secrets that a back-office gets.
func (row *move) forgetSecrets() {
	row.SecretsSealed, row.SecretStates, row.CredentialsExpireAt, row.SecretsHost = nil, nil, nil, nil
}

// earliest returns when the first of the secrets ends; nil when no end is known.
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

// begin returns a copy of a row, to change it.
func begin(row *Row) *move {
	copied := move(*row)
	return &copied
}

func (row *move) end() *Row { return (*Row)(row) }

// setHealth sets the health. The start of the state stays while the state stays, and that of the reason while the
// reason stays.
func (row *move) setHealth(h provider.Health, now time.Time) {
	switch {
	case State(row.end()) != h.State():
		row.beginHealth(h, now)
	case row.HealthReason != string(h.Reason):
		row.HealthReason, row.HealthReasonSince = string(h.Reason), &now
	}
}

// beginHealth sets a health whose state begins at an instant, whatever the state was.
func (row *move) beginHealth(h provider.Health, since time.Time) {
	row.HealthState, row.HealthReason = string(h.State()), string(h.Reason)
	row.HealthSince, row.HealthReasonSince = since, nil
}

// release clears the lease and the mark of a renewal.
func (row *move) release() {
	row.LeaseUntil, row.LeaseBy, row.RenewalBegunAt = nil, nil, nil
}

// forgetRenewals clears what belongs to the renewals of credentials that are gone.
func (row *move) forgetRenewals() {
	row.RenewedAt, row.RenewAt = nil, nil
	row.PreviousSealed, row.PreviousUntil = nil, nil
	row.UnreadSealed, row.UnreadUntil = nil, nil
}

// forgetShop clears the shop and what its provider said.
func (row *move) forgetShop() {
	row.ExternalAccount, row.AccountName, row.AccountDocument = nil, nil, nil
	row.ProviderState, row.ProviderMessage = nil, nil
	row.forgetFailedCall()
}

// forgetFailedCall clears why a call brought no answer.
func (row *move) forgetFailedCall() { row.CallCause, row.CallDetail = nil, nil }

// setShop sets the shop, as far as the provider named it.
func (row *move) setShop(a provider.Account) {
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
	// Account is the provider's id of the shop, and Document its CNPJ or CPF, where the secrets contain them; empty
	// otherwise.
	Account, Document string
	// New is whether there are credentials for a back-office. They are then checked at once, unless no visit can test or
	// renew them.
	New, Unvisited bool
	Health         provider.Health
}

// Added is the row of a new connection.
func Added(in Start, now time.Time) *Row {
	row := &move{
		ID: in.ID, ClientProductID: in.ClientProductID, ClientID: in.ClientID, Provider: string(in.Provider),
		Description: in.Description, Settings: in.Settings, Version: 1, HealthSince: now, UpdatedAt: now,
		HealthState: string(in.Health.State()), HealthReason: string(in.Health.Reason),
	}
	if in.Secrets != nil {
		row.seal(in.Secrets)
	}
	row.setShop(provider.Account{ID: in.Account, Document: in.Document})
	if in.New {
		row.CredentialVersion, row.NextCheckAt = 1, &now
	}
	if in.Unvisited { // its health is what a visit would find
		row.NextCheckAt = nil
		row.setHealth(in.Health.After(provider.Result{Outcome: provider.Untestable}, provider.Situation{}), now)
	}
	return row.end()
}

// Entry is a person's change of a connection.
type Entry struct {
	Description string
	Settings    json.RawMessage
	// Secrets are nil when they do not change.
	Secrets *Sealing
	// New is whether the credentials of the back-office have changed.
	New bool
	// Account and Document are as in Start. Health is that of the new credentials.
	Account, Document string
	Health            provider.Health
}

// Entered is a connection after a person's change. New credentials clear all that was known of their shop, their health
// and their renewals. A call under way with the old ones finds its lease gone.
func Entered(old *Row, in Entry, now time.Time) *Row {
	row := begin(old)
	row.Description, row.Settings, row.UpdatedAt = in.Description, in.Settings, now
	row.Version++
	if in.Secrets != nil {
		row.seal(in.Secrets)
	}
	if !in.New {
		return row.end()
	}
	row.forgetShop()
	row.forgetRenewals()
	row.release()
	row.setShop(provider.Account{ID: in.Account, Document: in.Document})
	row.CredentialVersion++
	row.beginHealth(in.Health, now)
	row.NextCheckAt, row.LastCheckedAt, row.Failures = &now, nil, 0
	return row.end()
}

// Installation is the result of an install.
type Installation struct {
	Secrets *Sealing
	Account provider.Account
	// State is what the provider's package stores between calls.
	State json.RawMessage
	// WrongShop is whether the shop is not the client's and no operator has confirmed it.
	WrongShop bool
}

// Installed is a connection with the credentials of an install. It keeps its id. It is checked at once, and the check
// registers the webhooks.
func Installed(old *Row, in Installation, now time.Time) *Row {
	row := begin(old)
	row.forgetRenewals()
	row.release()
	row.seal(in.Secrets)
	row.setShop(in.Account)
	row.ProviderState, row.ProviderMessage = in.State, nil
	row.forgetFailedCall()
	row.CredentialVersion++
	row.setHealth(provider.Health{Reason: provider.CheckPassed}, now)
	if in.WrongShop {
		row.setHealth(provider.Health{Reason: provider.WrongShop}, now)
	}
	row.LastCheckedAt, row.NextCheckAt, row.Failures, row.UpdatedAt = &now, &now, 0, now
	return row.end()
}

// Mismatched is a connection whose shop turned out not to be the client's. Its credentials are not handed out, and no
// check or renewal is planned until a person acts.
func Mismatched(old *Row, now time.Time) *Row {
	row := begin(old)
	row.setHealth(provider.Health{Reason: provider.WrongShop}, now)
	row.NextCheckAt, row.RenewAt = nil, nil
	return row.end()
}

// Unopened is a connection whose secrets do not open although their key is there: they were altered, or older ones were
// put back. The secrets stay, as a backup may repair them. No check or renewal is planned until a person acts.
func Unopened(old *Row, now time.Time) *Row {
	row := begin(old)
	row.release()
	row.setHealth(provider.Health{Reason: provider.SecretsLost}, now)
	row.NextCheckAt, row.RenewAt = nil, nil
	return row.end()
}

// Confirmed is a connection whose shop an operator has confirmed although it is not the client's. It is checked at
// once, and its new version makes back-offices read again.
func Confirmed(old *Row, now time.Time) *Row {
	row := begin(old)
	row.ConfirmedDocument = old.AccountDocument
	row.CredentialVersion++
	row.setHealth(provider.Health{Reason: provider.NotCheckedYet}, now)
	row.NextCheckAt, row.Failures = &now, 0
	return row.end()
}

// Leased is a connection with a lease: one process alone works on it until then.
func Leased(old *Row, by string, until time.Time) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = &by, &until
	return row.end()
}

// Released is a connection whose lease ends without a result.
func Released(old *Row) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = nil, nil
	return row.end()
}

// Planned is a connection whose renewal is due at another time than its row said. It has no lease.
func Planned(old *Row, renewAt, nextCheckAt time.Time) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = nil, nil
	row.RenewAt, row.NextCheckAt = &renewAt, &nextCheckAt
	return row.end()
}

// KeepUnread is how long an unreadable answer is kept for a person.
const KeepUnread = 24 * time.Hour

// Unread is a connection with an unreadable answer, which is kept for a person.
func Unread(old *Row, sealed []byte, until time.Time) *Row {
	row := begin(old)
	row.UnreadSealed, row.UnreadUntil = sealed, &until
	return row.end()
}

// longestLease is longer than any lease.
const longestLease = 15 * time.Minute

// Unparked is a connection whose row has times in the future, from when the clock was ahead. Its planned check and
// renewal are due now.
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
	if row.HealthReasonSince != nil && row.HealthReasonSince.After(now) {
		row.HealthReasonSince = &now
	}
	if row.UpdatedAt.After(now) {
		row.UpdatedAt = now
	}
	// The lease stays, for at most longestLease: its process may wait for an answer that it cannot ask for again.
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

// Interrupted is a connection whose process is gone. If it had marked a renewal, the provider's answer may be lost. The
// next process tries the renewal once more, on purpose.
func Interrupted(old *Row, now time.Time) *Row {
	row := begin(old)
	row.LeaseBy, row.LeaseUntil = nil, nil
	if row.RenewalBegunAt == nil {
		if row.NextCheckAt != nil { // otherwise a person asked for the check, and the request is gone too
			row.NextCheckAt = &now
		}
		return row.end()
	}
	row.NextCheckAt = &now
	if row.RenewAt == nil || row.RenewAt.After(now) {
		row.RenewAt = &now
	}
	if state := State(old); state == provider.Connected || state == provider.Expiring {
		row.setHealth(provider.Health{Reason: provider.RenewalInterrupted}, now)
	}
	return row.end()
}

// Blamed is a connection that turned bad in an incident of its provider. Its health names the incident, and it is
// checked again when the incident is over.
func Blamed(old *Row, now time.Time) *Row {
	row := begin(old)
	row.setHealth(provider.Health{Reason: provider.Incident}, now)
	next := now.Add(time.Hour) // mostly the incident ends before
	row.NextCheckAt = &next
	return row.end()
}

// Expired is a connection whose credentials have ended without new ones, if its row says that they work.
func Expired(old *Row, now time.Time) *Row {
	row := begin(old)
	if h, since := HealthAt(old, now); h.Reason == provider.CredentialsExpired && State(old) != provider.Failing {
		row.beginHealth(h, since)
	}
	return row.end()
}

// Lost is a connection whose secrets do not open any more because their key is lost.
func Lost(old *Row, now time.Time) *Row {
	row := begin(old)
	row.forgetSecrets()
	row.forgetRenewals()
	row.release()
	row.ProviderMessage = nil
	row.forgetFailedCall()
	row.CredentialVersion++
	row.beginHealth(provider.Health{Reason: provider.SecretsLost}, now)
	row.NextCheckAt, row.Failures, row.UpdatedAt = nil, 0, now
	return row.end()
}

// Erased is a connection after a demand to erase the shop's data: as if the merchant had never installed.
func Erased(old *Row, now time.Time) *Row {
	row := begin(old)
	row.forgetSecrets()
	row.forgetRenewals()
	row.forgetShop()
	row.release()
	row.MintedAt, row.LastCheckedAt, row.ConfirmedDocument = nil, nil, nil
	row.CredentialVersion++
	row.beginHealth(provider.Health{Reason: provider.WaitingForMerchant}, now)
	row.NextCheckAt, row.Failures, row.UpdatedAt = nil, 0, now
	return row.end()
}

// Visit is the result of a call to the provider for a connection: a check, a renewal, or new credentials by the house's
// log-in.
type Visit struct {
	// Asked is whether the provider was called.
	Asked bool
	// Renewal is nil where there are no new credentials.
	Renewal *Renewal
	// Pending is whether the outcome of a renewal is still unknown: its mark stays.
	Pending bool
	// Minted is whether the house's log-in was used.
	Minted bool
	// Account is the shop; its id is empty when another connection has it.
	Account provider.Account
	// State is what the provider's package stores between calls; nil keeps what it had.
	State json.RawMessage
	// Message is what the provider said; nil keeps what it said before, empty forgets it.
	Message *string
	// Cause is why the call brought no answer, and Detail the same in a technical line; empty where it brought one.
	Cause, Detail string
	// Unread is an unreadable answer, sealed, and UnreadUntil when it is deleted; nil where there is none.
	Unread      []byte
	UnreadUntil time.Time

	Failures             int
	Health               provider.Health
	RenewAt, NextCheckAt *time.Time
}

// Renewal is new credentials, and the previous ones that are kept for a while.
type Renewal struct {
	Secrets       *Sealing
	Previous      []byte // sealed
	PreviousUntil time.Time
}

// Visited is a connection after a call to its provider. Its lease ends.
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
	row.forgetFailedCall()
	if v.Cause != "" {
		row.CallCause, row.CallDetail = &v.Cause, &v.Detail
	}
	row.setShop(v.Account)
	row.Failures, row.RenewAt, row.NextCheckAt = v.Failures, v.RenewAt, v.NextCheckAt
	row.setHealth(v.Health, now)
	return row.end()
}
