package connection

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// columnsOfMoves are the columns that a move may change: all but the MAC, which is the store's.
var columnsOfMoves = slices.DeleteFunc(slices.Clone(marketplace.Columns),
	func(c string) bool { return c == marketplace.FieldMAC })

var (
	now    = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	before = now.Add(-72 * time.Hour) // when everything of the full row happened
	ahead  = now.Add(24 * time.Hour)
	ends   = now.Add(20 * time.Hour)  // of the full row's credentials
	later  = now.Add(300 * time.Hour) // of new credentials
	soonAt = now.Add(time.Hour)
)

// full returns a row with something in every column.
func full() *Row {
	at := func(t time.Time) *time.Time { return &t }
	text := func(s string) *string { return &s }
	return &Row{
		ID: "mkt_1", CreatedAt: before, ClientProductID: "cpr_1", ClientID: "cli_1", Provider: "PLUG4MARKET",
		Description: "Loja da praça", Settings: json.RawMessage(`{"old":1}`), Version: 3,
		SecretsSealed: []byte("old secrets"), SecretsHost: text("old.example"),
		SecretStates:    map[string]secretstate.State{"token": {SetBy: "Ana", ExpiresAt: at(ends)}},
		ExternalAccount: text("11222333000181"), AccountName: text("Padaria"), AccountDocument: text("11222333000181"),
		ConfirmedDocument: text("33000167000101"),
		ProviderState:     json.RawMessage(`{"webhooks":1}`), ProviderMessage: text("it said no"),
		CallCause: text("TIMED_OUT"), CallDetail: text("GET https://shop.example: timed out"),
		CredentialVersion: 7, CredentialsExpireAt: at(ends),
		HealthState: string(provider.Connected), HealthReason: string(provider.CheckPassed), HealthSince: before,
		HealthReasonSince: at(before.Add(24 * time.Hour)),
		LastCheckedAt:     at(before), UpdatedAt: before, NextCheckAt: at(now.Add(2 * time.Hour)), Failures: 3,
		LeaseUntil: at(now.Add(time.Minute)), LeaseBy: text("ins_1"), RenewalBegunAt: at(before),
		RenewedAt: at(before), PreviousSealed: []byte("previous"), PreviousUntil: at(now.Add(4 * time.Hour)),
		RenewAt: at(now.Add(3 * time.Hour)), MintedAt: at(before), UnreadSealed: []byte("unread"),
		UnreadUntil: at(now.Add(5 * time.Hour)),
	}
}

func changed(change func(*Row)) *Row {
	row := full()
	change(row)
	return row
}

var newSecrets = &Sealing{Sealed: []byte("new secrets"), Host: "new.example",
	States: map[string]secretstate.State{"token": {ExpiresAt: &later}}}

// is has the columns that a move sets, with their new values.
type is map[string]any

// decision is the effect of a move on a row: each column is in just one of kept, cleared and set.
type decision struct {
	move    string
	old     *Row // nil for the full row
	does    func(old *Row) *Row
	kept    string // as they were in old
	cleared string // nothing
	set     is
}

// groups are columns that are decided together. Those of WHO say whose row it is: no move changes them.
var groups = map[string]string{
	"WHO":        "id created_at client_product_id client_id provider",
	"TYPED":      "description settings version",
	"SECRETS":    "secrets_sealed secrets_host secret_states credentials_expire_at",
	"SHOP":       "external_account account_name account_document",
	"SAID":       "provider_state provider_message",
	"HEALTH":     "health_state health_reason health_since health_reason_since",
	"CALL":       "call_cause call_detail",
	"LEASE":      "lease_by lease_until",
	"PREVIOUS":   "previous_sealed previous_until",
	"UNREAD":     "unread_sealed unread_until",
	"EVERYTHING": strings.Join(columnsOfMoves, " "),
}

func columnsOf(text string) []string {
	var found []string
	for _, word := range strings.Fields(text) {
		if group, ok := groups[word]; ok {
			found = append(found, strings.Fields(group)...)
		} else {
			found = append(found, word)
		}
	}
	return found
}

func health(reason provider.Reason, since time.Time) is {
	h := provider.Health{Reason: reason}
	return is{"health_state": string(h.State()), "health_reason": string(reason), "health_since": since,
		"health_reason_since": nil}
}

// and returns the columns of both.
func (s is) and(more is) is {
	all := is{}
	for _, one := range []is{s, more} {
		for name, value := range one {
			all[name] = value
		}
	}
	return all
}

var newCredentials = is{
	"secrets_sealed": []byte("new secrets"), "secrets_host": "new.example", "secret_states": newSecrets.States,
	"credentials_expire_at": later,
}

func visit(change func(*Visit)) func(*Row) *Row {
	v := Visit{Asked: true, Health: provider.Health{Reason: provider.CheckPassed}, NextCheckAt: &soonAt, RenewAt: &soonAt,
		Message: new(string)}
	change(&v)
	return func(old *Row) *Row { return Visited(old, v, now) }
}

func decisions() []decision {
	entry := Entry{Description: "Loja nova", Settings: json.RawMessage(`{"new":1}`),
		Health: provider.Health{Reason: provider.NotCheckedYet}}
	typed := is{"description": "Loja nova", "settings": json.RawMessage(`{"new":1}`), "version": int64(4),
		"updated_at": now}
	said := "not now"
	return []decision{
		{
			move: "Entered: only the description or plain settings",
			does: func(old *Row) *Row { return Entered(old, entry, now) },
			kept: "WHO confirmed_document SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at next_check_at " +
				"failures LEASE " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			set: typed,
		}, {
			move: "Entered: new credentials, which tell no shop",
			does: func(old *Row) *Row {
				in := entry
				in.New, in.Secrets = true, newSecrets
				return Entered(old, in, now)
			},
			kept:    "WHO confirmed_document minted_at", // the house's log-in is used once an hour, even after a new entry
			cleared: "SHOP SAID CALL last_checked_at LEASE renewal_begun_at renewed_at PREVIOUS renew_at UNREAD",
			set: typed.and(newCredentials).and(health(provider.NotCheckedYet, now)).and(is{
				"credential_version": int64(8), "next_check_at": now, "failures": 0,
			}),
		}, {
			move: "Entered: new credentials, which tell their shop",
			does: func(old *Row) *Row {
				in := entry
				in.New, in.Secrets, in.Account = true, newSecrets, "222"
				return Entered(old, in, now)
			},
			kept: "WHO confirmed_document minted_at",
			cleared: "account_name account_document SAID CALL last_checked_at LEASE renewal_begun_at renewed_at PREVIOUS " +
				"renew_at UNREAD",
			set: typed.and(newCredentials).and(health(provider.NotCheckedYet, now)).and(is{
				"external_account": "222", "credential_version": int64(8), "next_check_at": now, "failures": 0,
			}),
		}, {
			move: "Installed over a connection that works",
			does: func(old *Row) *Row {
				return Installed(old, Installation{
					Secrets: newSecrets, State: json.RawMessage(`{"webhooks":2}`),
					Account: provider.Account{ID: "222", Name: "Padaria Nova", Document: "222"},
				}, now)
			},
			kept:    "WHO confirmed_document TYPED HEALTH minted_at", // it goes on working: since when stays
			cleared: "provider_message CALL LEASE renewal_begun_at renewed_at PREVIOUS renew_at UNREAD",
			set: newCredentials.and(is{
				"external_account": "222", "account_name": "Padaria Nova", "account_document": "222",
				"provider_state": json.RawMessage(`{"webhooks":2}`), "credential_version": int64(8),
				"last_checked_at": now, "next_check_at": now, "failures": 0, "updated_at": now,
			}),
		}, {
			move: "Installed over a connection that needed attention, with what the provider did not tell",
			old: changed(func(row *Row) {
				row.HealthState, row.HealthReason = string(provider.NeedsAttention), string(provider.AccessRevoked)
			}),
			does: func(old *Row) *Row {
				return Installed(old, Installation{Secrets: newSecrets, Account: provider.Account{ID: "11222333000181"}}, now)
			},
			kept:    "WHO confirmed_document TYPED SHOP minted_at",
			cleared: "SAID CALL LEASE renewal_begun_at renewed_at PREVIOUS renew_at UNREAD",
			set: newCredentials.and(health(provider.CheckPassed, now)).and(is{
				"credential_version": int64(8), "last_checked_at": now, "next_check_at": now, "failures": 0, "updated_at": now,
			}),
		}, {
			move: "Installed: the shop is another's",
			does: func(old *Row) *Row {
				return Installed(old, Installation{
					Secrets: newSecrets, Account: provider.Account{ID: "222", Name: "Outra", Document: "222"}, WrongShop: true,
				}, now)
			},
			kept:    "WHO confirmed_document TYPED minted_at",
			cleared: "SAID CALL LEASE renewal_begun_at renewed_at PREVIOUS renew_at UNREAD",
			set: newCredentials.and(health(provider.WrongShop, now)).and(is{
				"external_account": "222", "account_name": "Outra", "account_document": "222", "credential_version": int64(8),
				"last_checked_at": now, "next_check_at": now, "failures": 0, "updated_at": now,
			}),
		}, {
			move: "Unopened: nothing is done before a person acts, and nothing is thrown away",
			does: func(old *Row) *Row { return Unopened(old, now) },
			kept: "WHO TYPED confirmed_document SECRETS SHOP SAID CALL credential_version last_checked_at failures " +
				"renewed_at PREVIOUS minted_at updated_at UNREAD",
			cleared: "next_check_at renew_at LEASE renewal_begun_at",
			set:     health(provider.SecretsLost, now),
		}, {
			move: "Mismatched: nothing is done before a person acts",
			does: func(old *Row) *Row { return Mismatched(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version last_checked_at updated_at " +
				"failures LEASE " +
				"renewal_begun_at renewed_at PREVIOUS minted_at UNREAD",
			cleared: "next_check_at renew_at",
			set:     health(provider.WrongShop, now),
		}, {
			move: "Confirmed: the shop that is known now, and no other",
			old: changed(func(row *Row) {
				row.HealthState, row.HealthReason = string(provider.NeedsAttention), string(provider.WrongShop)
			}),
			does: func(old *Row) *Row { return Confirmed(old, now) },
			kept: "WHO TYPED SECRETS SHOP SAID CALL last_checked_at updated_at LEASE " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			set: health(provider.NotCheckedYet, now).and(is{
				"confirmed_document": "11222333000181", "credential_version": int64(8), "next_check_at": now, "failures": 0,
			}),
		}, {
			move: "Leased",
			does: func(old *Row) *Row { return Leased(old, "ins_2", soonAt) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at next_check_at failures " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			set: is{"lease_by": "ins_2", "lease_until": soonAt},
		}, {
			move: "Released: nothing was found out, and what was begun stays marked",
			does: func(old *Row) *Row { return Released(old) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at next_check_at failures " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			cleared: "LEASE",
		}, {
			move: "Planned",
			does: func(old *Row) *Row { return Planned(old, before, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at failures " +
				"renewal_begun_at renewed_at PREVIOUS minted_at UNREAD",
			cleared: "LEASE",
			set:     is{"renew_at": before, "next_check_at": now},
		}, {
			move: "Interrupted in a check",
			old:  changed(func(row *Row) { row.RenewalBegunAt = nil }),
			does: func(old *Row) *Row { return Interrupted(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at failures " +
				"renewed_at PREVIOUS renew_at minted_at UNREAD",
			cleared: "LEASE renewal_begun_at",
			set:     is{"next_check_at": now},
		}, {
			move: "Interrupted in a check that a person asked for, of what is never checked by itself",
			old:  changed(func(row *Row) { row.RenewalBegunAt, row.NextCheckAt = nil, nil }),
			does: func(old *Row) *Row { return Interrupted(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at failures " +
				"renewed_at PREVIOUS renew_at minted_at UNREAD",
			cleared: "LEASE renewal_begun_at next_check_at",
		}, {
			move: "Interrupted in a renewal: it is tried once more, now, and the shop says so",
			does: func(old *Row) *Row { return Interrupted(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version last_checked_at updated_at " +
				"failures renewal_begun_at renewed_at PREVIOUS minted_at UNREAD",
			cleared: "LEASE",
			set:     health(provider.RenewalInterrupted, now).and(is{"next_check_at": now, "renew_at": now}),
		}, {
			move: "Interrupted in a renewal that was late: it stays as late, and what was refused stays refused",
			old: changed(func(row *Row) {
				row.RenewAt = &before
				row.HealthState, row.HealthReason = string(provider.NeedsAttention), string(provider.RenewalRefused)
			}),
			does: func(old *Row) *Row { return Interrupted(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at failures " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			cleared: "LEASE",
			set:     is{"next_check_at": now},
		}, {
			move: "Expired",
			old:  changed(func(row *Row) { row.CredentialsExpireAt = &before }),
			does: func(old *Row) *Row { return Expired(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version last_checked_at updated_at " +
				"next_check_at failures LEASE " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			set: health(provider.CredentialsExpired, before),
		}, {
			move: "Expired: credentials that have not ended",
			does: func(old *Row) *Row { return Expired(old, now) },
			kept: "EVERYTHING",
		}, {
			move: "Unparked: nothing was written in the future",
			old:  changed(func(row *Row) { row.RenewAt, row.NextCheckAt = nil, nil }),
			does: func(old *Row) *Row { return Unparked(old, now) },
			kept: "EVERYTHING",
		}, {
			// The lease stays for as long as a lease may be: its process may have an answer to come.
			move: "Unparked: written a day ahead",
			old: changed(func(row *Row) {
				row.LastCheckedAt, row.RenewedAt, row.MintedAt = &ahead, &ahead, &ahead
				row.HealthSince, row.UpdatedAt, row.NextCheckAt, row.RenewAt, row.LeaseUntil = ahead, ahead, &ahead, &ahead, &ahead
				row.HealthReasonSince = &ahead
			}),
			does: func(old *Row) *Row { return Unparked(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version health_state health_reason " +
				"failures renewal_begun_at PREVIOUS UNREAD lease_by",
			set: is{
				"last_checked_at": now, "renewed_at": now, "minted_at": now, "health_since": now, "updated_at": now,
				"health_reason_since": now, "next_check_at": now, "renew_at": now, "lease_until": now.Add(longestLease),
			},
		}, {
			move: "Unread: only the answer is kept",
			does: func(old *Row) *Row { return Unread(old, []byte("answer"), later) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version HEALTH last_checked_at " +
				"updated_at next_check_at failures LEASE " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at",
			set: is{"unread_sealed": []byte("answer"), "unread_until": later},
		}, {
			move: "Blamed: it is the provider's trouble, and what was planned for the renewal stays",
			does: func(old *Row) *Row { return Blamed(old, now) },
			kept: "WHO confirmed_document TYPED SECRETS SHOP SAID CALL credential_version last_checked_at updated_at " +
				"failures LEASE " +
				"renewal_begun_at renewed_at PREVIOUS renew_at minted_at UNREAD",
			set: health(provider.Incident, now).and(is{"next_check_at": soonAt}),
		}, {
			move:    "Lost: everything that the lost key sealed, and what belongs to it",
			does:    func(old *Row) *Row { return Lost(old, now) },
			kept:    "WHO confirmed_document TYPED SHOP provider_state last_checked_at minted_at",
			cleared: "SECRETS provider_message CALL LEASE renewal_begun_at renewed_at PREVIOUS renew_at UNREAD next_check_at",
			set: health(provider.SecretsLost, now).and(is{
				"credential_version": int64(8), "failures": 0, "updated_at": now,
			}),
		}, {
			move: "Erased: nothing of the shop, and of the credentials not even that there were any",
			does: func(old *Row) *Row { return Erased(old, now) },
			kept: "WHO TYPED",
			cleared: "SECRETS SHOP confirmed_document SAID CALL LEASE renewal_begun_at renewed_at PREVIOUS renew_at minted_at " +
				"UNREAD last_checked_at next_check_at",
			set: health(provider.WaitingForMerchant, now).and(is{
				"credential_version": int64(8), "failures": 0, "updated_at": now,
			}),
		}, {
			move: "Visited: a check passed",
			does: visit(func(*Visit) {}),
			kept: "WHO confirmed_document TYPED SECRETS SHOP provider_state credential_version HEALTH updated_at " +
				"renewed_at PREVIOUS minted_at UNREAD",
			cleared: "provider_message CALL LEASE renewal_begun_at",
			set:     is{"last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt, "failures": 0},
		}, {
			move: "Visited: a check passed and told the shop and what to remember",
			does: visit(func(v *Visit) {
				v.Account = provider.Account{Name: "Padaria Nova", Document: "222"}
				v.State = json.RawMessage(`{"webhooks":2}`)
			}),
			kept: "WHO confirmed_document TYPED SECRETS external_account credential_version HEALTH updated_at renewed_at " +
				"PREVIOUS minted_at UNREAD",
			cleared: "provider_message CALL LEASE renewal_begun_at",
			set: is{
				"account_name": "Padaria Nova", "account_document": "222", "provider_state": json.RawMessage(`{"webhooks":2}`),
				"last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt, "failures": 0,
			},
		}, {
			move: "Visited: refused",
			does: visit(func(v *Visit) {
				v.Health, v.NextCheckAt, v.RenewAt, v.Message = provider.Health{Reason: provider.TokenRefused}, nil, nil, &said
			}),
			kept: "WHO confirmed_document TYPED SECRETS SHOP provider_state credential_version updated_at renewed_at " +
				"PREVIOUS minted_at UNREAD",
			cleared: "LEASE renewal_begun_at next_check_at renew_at CALL",
			set: health(provider.TokenRefused, now).and(is{
				"provider_message": said, "last_checked_at": now, "failures": 0,
			}),
		}, {
			move: "Visited: a fault, which said nothing",
			does: visit(func(v *Visit) {
				v.Health, v.Failures, v.Message = provider.Health{Reason: provider.Unreachable}, 4, nil
			}),
			kept: "WHO confirmed_document TYPED SECRETS SHOP provider_state provider_message credential_version " +
				"updated_at renewed_at PREVIOUS minted_at UNREAD",
			cleared: "LEASE renewal_begun_at CALL",
			set: health(provider.Unreachable, now).and(is{
				"last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt, "failures": 4,
			}),
		}, {
			move: "Visited: a call that brought no answer",
			does: visit(func(v *Visit) {
				v.Health, v.Failures = provider.Health{Reason: provider.Unreachable}, 4
				v.Cause, v.Detail = "CONNECTION_REFUSED", "POST https://shop.example: unreachable"
			}),
			kept: "WHO confirmed_document TYPED SECRETS SHOP provider_state credential_version updated_at renewed_at " +
				"PREVIOUS minted_at UNREAD",
			cleared: "LEASE renewal_begun_at provider_message",
			set: health(provider.Unreachable, now).and(is{
				"call_cause": "CONNECTION_REFUSED", "call_detail": "POST https://shop.example: unreachable",
				"last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt, "failures": 4,
			}),
		}, {
			move: "Visited: renewed",
			does: visit(func(v *Visit) {
				v.Renewal = &Renewal{Secrets: newSecrets, Previous: []byte("old pair"), PreviousUntil: later}
			}),
			kept:    "WHO confirmed_document TYPED SHOP provider_state HEALTH minted_at",
			cleared: "provider_message CALL LEASE renewal_begun_at UNREAD",
			set: newCredentials.and(is{
				"credential_version": int64(8), "previous_sealed": []byte("old pair"), "previous_until": later,
				"renewed_at": now, "updated_at": now, "last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt,
				"failures": 0,
			}),
		}, {
			move: "Visited: minted by the house's log-in, with no pair before that is worth keeping",
			does: visit(func(v *Visit) {
				v.Renewal, v.Minted = &Renewal{Secrets: newSecrets, PreviousUntil: later}, true
			}),
			kept:    "WHO confirmed_document TYPED SHOP provider_state HEALTH",
			cleared: "provider_message CALL LEASE renewal_begun_at PREVIOUS UNREAD",
			set: newCredentials.and(is{
				"credential_version": int64(8), "minted_at": now, "renewed_at": now, "updated_at": now,
				"last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt, "failures": 0,
			}),
		}, {
			move: "Visited: an unreadable answer to a renewal, whose outcome is not known",
			does: visit(func(v *Visit) {
				v.Unread, v.UnreadUntil, v.Pending, v.Failures = []byte("answer"), later, true, 4
				v.Health, v.Message = provider.Health{Reason: provider.RenewalDelayed}, nil
			}),
			kept: "WHO confirmed_document TYPED SECRETS SHOP provider_state provider_message credential_version " +
				"updated_at renewal_begun_at renewed_at PREVIOUS minted_at",
			cleared: "LEASE CALL",
			set: health(provider.RenewalDelayed, now).and(is{
				"unread_sealed": []byte("answer"), "unread_until": later,
				"last_checked_at": now, "next_check_at": soonAt, "renew_at": soonAt, "failures": 4,
			}),
		}, {
			move: "Visited: the provider was not called",
			does: visit(func(v *Visit) { v.Asked = false }),
			kept: "WHO confirmed_document TYPED SECRETS SHOP provider_state credential_version HEALTH last_checked_at " +
				"updated_at renewed_at PREVIOUS minted_at UNREAD",
			cleared: "provider_message CALL LEASE renewal_begun_at",
			set:     is{"next_check_at": soonAt, "renew_at": soonAt, "failures": 0},
		},
	}
}

func TestEveryMoveDecidesEveryColumn(t *testing.T) {
	t.Parallel()
	for _, column := range columnsOfMoves {
		if _, ok := fields[column]; !ok {
			t.Errorf("no field of the row is the column %s", column)
		} else if value(full(), column) == nil {
			t.Errorf("the full row has nothing in %s", column)
		}
	}
	for _, d := range decisions() {
		t.Run(d.move, func(t *testing.T) {
			t.Parallel()
			old := d.old
			if old == nil {
				old = full()
			}
			untouched := *old
			compare(t, d, old, d.does(old))
			for _, column := range columnsOfMoves {
				if !equalValues(value(&untouched, column), value(old, column)) {
					t.Errorf("the move changed the row that it was given, in %s", column)
				}
			}
		})
	}
}

func compare(t *testing.T, d decision, old, moved *Row) {
	t.Helper()
	decided := map[string]int{}
	for _, column := range columnsOf(d.kept) {
		decided[column]++
		if got, want := value(moved, column), value(old, column); !equalValues(got, want) {
			t.Errorf("%s is %v, want it as it was: %v", column, got, want)
		}
	}
	for _, column := range columnsOf(d.cleared) {
		decided[column]++
		if got := value(moved, column); got != nil {
			t.Errorf("%s is %v, want nothing", column, got)
		}
	}
	for column, want := range d.set {
		decided[column]++
		if got := value(moved, column); !equalValues(got, want) {
			t.Errorf("%s is %v (%T), want %v (%T)", column, got, got, want, want)
		}
	}
	for _, column := range columnsOfMoves {
		if decided[column] != 1 {
			t.Errorf("there are %d decisions on %s, want one", decided[column], column)
		}
		delete(decided, column)
	}
	for column := range decided {
		t.Errorf("there is a decision on %s, which is no column", column)
	}
}

// TestAddedStartsWithNothingButWhatItIsGiven checks the one move without a row before it: what it does not set is
// empty.
func TestAddedStartsWithNothingButWhatItIsGiven(t *testing.T) {
	t.Parallel()
	start := Start{
		ID: "mkt_2", ClientProductID: "cpr_2", ClientID: "cli_2", Description: "Loja", Provider: "NUVEMSHOP",
		Settings: json.RawMessage(`{}`), Health: provider.Health{Reason: provider.WaitingForMerchant},
	}
	bare := is{
		"id": "mkt_2", "client_product_id": "cpr_2", "client_id": "cli_2", "description": "Loja", "provider": "NUVEMSHOP",
		"settings": json.RawMessage(`{}`), "version": int64(1), "updated_at": now, "credential_version": int64(0),
		"failures":   0,
		"created_at": time.Time{}, // the insert sets it
	}
	with := start
	with.Secrets, with.New, with.Account, with.Health = newSecrets, true, "222",
		provider.Health{Reason: provider.NotCheckedYet}
	attached := Installed(Added(start, before), Installation{
		Secrets: newSecrets, State: json.RawMessage(`{"webhooks":2}`), Account: provider.Account{ID: "222", Name: "Padaria"},
	}, now)
	for _, d := range []struct {
		move string
		row  *Row
		set  is
	}{
		{"Added: it waits for the merchant", Added(start, now), bare.and(health(provider.WaitingForMerchant, now))},
		{"Added: with credentials, which are checked at once", Added(with, now),
			bare.and(newCredentials).and(health(provider.NotCheckedYet, now)).and(is{
				"external_account": "222", "credential_version": int64(1), "next_check_at": now,
			})},
		{"Attached: Added, then Installed", attached,
			bare.and(newCredentials).and(health(provider.CheckPassed, now)).and(is{
				"external_account": "222", "account_name": "Padaria", "provider_state": json.RawMessage(`{"webhooks":2}`),
				"credential_version": int64(1), "last_checked_at": now, "next_check_at": now,
			})},
	} {
		t.Run(d.move, func(t *testing.T) {
			t.Parallel()
			var empty []string
			for _, column := range columnsOfMoves {
				if _, ok := d.set[column]; !ok {
					empty = append(empty, column)
				}
			}
			compare(t, decision{cleared: strings.Join(empty, " "), set: d.set}, full(), d.row)
		})
	}
}

func TestHealthSinceStaysWhileTheStateStaysAndTellsTheReasonApart(t *testing.T) {
	t.Parallel()
	failing := changed(func(row *Row) {
		row.HealthState, row.HealthReason = string(provider.Failing), string(provider.Unreachable)
	})
	for name, moved := range map[string]*Row{
		"another fault":      visit(func(v *Visit) { v.Health = provider.Health{Reason: provider.ProviderFault} })(failing),
		"an incident":        Blamed(failing, now),
		"a lost mark":        Interrupted(failing, now),
		"the credential end": Expired(failing, ends.Add(time.Hour)),
	} {
		if State(moved) != provider.Failing || !moved.HealthSince.Equal(before) {
			t.Errorf("%s: %s since %s, want FAILING since %s", name, moved.HealthState, moved.HealthSince, before)
		}
		if want := now; moved.HealthReason != failing.HealthReason && !ReasonSince(moved).Equal(want) {
			t.Errorf("%s: %s since %s, want %s", name, moved.HealthReason, ReasonSince(moved), want)
		}
	}
}

func TestACorrectedClockTakesNoLeaseFromALiveProcess(t *testing.T) {
	t.Parallel()
	short := changed(func(row *Row) { row.LastCheckedAt = &ahead })
	if moved := Unparked(short, now); moved.LeaseBy == nil || !moved.LeaseUntil.Equal(*short.LeaseUntil) {
		t.Errorf("a lease that ends soon was changed: %v until %v", moved.LeaseBy, moved.LeaseUntil)
	}
}

func TestTheGroupsOfTheDecisionsHaveNoColumnTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, text := range groups {
		for _, column := range strings.Fields(text) {
			if !slices.Contains(columnsOfMoves, column) {
				t.Errorf("%s has %s, which is no column", name, column)
			}
			if other, ok := seen[column]; ok && name != "EVERYTHING" && other != "EVERYTHING" {
				t.Error(fmt.Sprint(column, " is in ", name, " and ", other))
			}
			seen[column] = name
		}
	}
}
