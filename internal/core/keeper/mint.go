package keeper

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// mintTime bounds all calls with the house's log-in for one connection.
const mintTime = 60 * time.Second

// houses are the sessions of the software house, one for each provider, which all connections share.
type houses struct {
	mu  sync.Mutex
	all map[provider.Code]*house
}

type house struct {
	mu      sync.Mutex // held while the house logs in: one log-in at a time
	session seal.Secret
	pause   time.Time // after a fault, no log-in before this time

	connecting chan struct{} // held while a new connection is made
}

func (h *houses) of(code provider.Code) *house {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[provider.Code]*house{}
	}
	if h.all[code] == nil {
		h.all[code] = &house{connecting: make(chan struct{}, 1)}
	}
	return h.all[code]
}

// minter returns the provider's Minter; nil when the house's log-in is not set, or was refused.
func (k *Keeper) minter(v visit) provider.Minter {
	code := v.lane.provider.Code()
	minter, ok := v.lane.provider.(provider.Minter)
	if !ok || !minter.CanMint(v.call.Settings) || k.settings.HouseRefused(code) {
		return nil
	}
	return minter
}

// mintAt returns when the house's log-in may get new credentials for a connection; nil when it cannot.
func (k *Keeper) mintAt(v visit) *time.Time {
	if k.minter(v) == nil {
		return nil
	}
	at := v.call.Now
	if v.row.MintedAt != nil {
		at = v.row.MintedAt.Add(mintEvery)
	}
	return &at
}

// planMints plans a visit of the connections that were refused before the house's log-in was set and that it may mend.
func (k *Keeper) planMints(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(system(ctx), jobTime)
	defer cancel()
	for code, p := range k.providers {
		minter, ok := p.(provider.Minter)
		if !ok {
			continue
		}
		settings, err := k.settings.InForce(ctx, code)
		if err != nil {
			return err
		}
		if !minter.CanMint(settings) || k.settings.HouseRefused(code) {
			continue
		}
		waits := connection.WaitsFor(code, slices.Collect(maps.Keys(mendable))...)
		some, err := k.store.Reader().Marketplace.Query().Where(waits).Exist(ctx)
		if err != nil {
			return err
		}
		if !some {
			continue
		}
		err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.Update().Where(waits).SetNextCheckAt(k.now()).Exec(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// planReturns plans a check of the connections that were refused for their host, once that host is in force again.
func (k *Keeper) planReturns(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(system(ctx), jobTime)
	defer cancel()
	for code := range k.providers {
		host, err := k.settings.Host(ctx, code)
		if err != nil {
			return err
		}
		waits := marketplace.And(connection.WaitsFor(code, provider.HostChanged), marketplace.SecretsHost(host))
		some, err := k.store.Reader().Marketplace.Query().Where(waits).Exist(ctx)
		if err != nil {
			return err
		}
		if !some {
			continue
		}
		err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			return tx.Marketplace.Update().Where(waits).SetNextCheckAt(k.now()).Exec(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mintable reports whether the house's log-in may mend a refusal now.
func (k *Keeper) mintable(v visit, r provider.Result) bool {
	if r.Outcome != provider.Refused || !mendable[r.Reason] || v.lane.troubles.isOpen() {
		return false
	}
	at := k.mintAt(v)
	return at != nil && !at.After(k.now())
}

// waitsForHouse reports whether a refused connection is visited only for the house's log-in.
func (k *Keeper) waitsForHouse(v visit) bool {
	reason := provider.Reason(v.row.HealthReason)
	return !v.waited && connection.State(v.row) == provider.NeedsAttention &&
		k.mintable(v, provider.Result{Outcome: provider.Refused, Reason: reason})
}

// heal gets new credentials by the house's log-in for a refused connection. It marks the row first, as a renewal does.
func (k *Keeper) heal(ctx context.Context, v visit, refused provider.Result) (provider.Result, error) {
	trace.SpanFromContext(ctx).SetName("renew credentials")
	defer k.spool.Begin()()
	begun, err := k.begin(ctx, v.row)
	if err != nil {
		return provider.Result{}, err
	}
	if begun == nil {
		return provider.Result{Outcome: provider.Transient, Reason: provider.RenewalDelayed, Unsent: true}, nil
	}
	v.row = begun
	a := k.mint(context.WithoutCancel(ctx), v,
		answer{Renewed: provider.Renewed{Result: refused}, asked: true, renewing: true})
	return a.Result, k.save(ctx, v, a)
}

// mint asks for new credentials with the house's log-in after a refusal. It returns the refusal when it gets none.
func (k *Keeper) mint(ctx context.Context, v visit, refused answer) answer {
	ctx, cancel := context.WithTimeout(ctx, mintTime)
	defer cancel()
	minted, err := k.ask(ctx, v)
	if err != nil {
		k.log.WarnContext(ctx, "new credentials could not be asked for", "marketplace", v.row.ID, "err", err)
		return refused
	}
	switch {
	case minted.Outcome == provider.OK && k.isOther(ctx, v, minted.Account):
		refused.minted = true
		return refused
	case minted.Outcome == provider.OK:
		return answer{Renewed: minted, asked: true, renewing: true, minted: true}
	case minted.Reason == provider.HouseLoginRefused:
		return refused
	case minted.Outcome == provider.Refused && minted.Reason == provider.StoreUnknown:
		refused.Result.Reason, refused.Result.Message = minted.Reason, minted.Message
	}
	if refused.Unread = minted.Unread; minted.Message != "" {
		k.log.WarnContext(ctx, "the provider gave no new credentials", "marketplace", v.row.ID, "reason", minted.Reason)
	}
	refused.minted = !minted.Unsent
	return refused
}

// isOther reports whether credentials clearly belong to another shop than the connection's: they are then not used.
func (k *Keeper) isOther(ctx context.Context, v visit, a provider.Account) bool {
	known := v.row.AccountDocument
	if a.Document == "" || known == nil || a.Document == *known {
		return false
	}
	k.log.ErrorContext(ctx, "the provider gave another shop's credentials: they are not used", "marketplace", v.row.ID)
	return true
}

// ask gets new credentials for the shop of a connection.
func (k *Keeper) ask(ctx context.Context, v visit) (provider.Renewed, error) {
	document, err := k.document(ctx, v)
	if err != nil {
		return provider.Renewed{}, err
	}
	return k.askFor(ctx, v, document)
}

// askFor gets new credentials for the shop of a document. When the session has ended, it logs in again, once.
func (k *Keeper) askFor(ctx context.Context, v visit, document string) (provider.Renewed, error) {
	minter := k.minter(v)
	if minter == nil {
		return provider.Renewed{Result: provider.Result{Outcome: provider.Refused, Reason: provider.HouseLoginRefused}}, nil
	}
	var last provider.Renewed
	for range 2 {
		session, entered, err := k.enter(ctx, v, minter)
		if err != nil || entered.Outcome != provider.OK {
			return provider.Renewed{Result: entered}, err
		}
		last = minter.Mint(ctx, v.call, session, document)
		if last.Outcome != provider.Refused || last.Reason != provider.SessionEnded {
			return last, nil
		}
		k.houses.of(v.lane.provider.Code()).forget(session)
	}
	return last, nil
}

// document returns the CNPJ or CPF that the provider knows the shop by: the account's, or else the client's.
func (k *Keeper) document(ctx context.Context, v visit) (string, error) {
	if v.row.AccountDocument != nil {
		return *v.row.AccountDocument, nil
	}
	client, err := k.store.Reader().ClientRecord.Query().Where(clientrecord.ID(v.row.ClientID)).Only(ctx)
	if err != nil {
		return "", fmt.Errorf("find the client: %w", err)
	}
	if !store.Vouches(ctx, k.store, client) {
		return "", errAltered
	}
	return client.Document, nil
}

// enter returns the session of the house, and logs in when there is none. A refused log-in is not sent again, for any
// connection, until an administrator has changed it: the provider could lock the account.
func (k *Keeper) enter(ctx context.Context, v visit, minter provider.Minter) (seal.Secret, provider.Result, error) {
	code := v.lane.provider.Code()
	h := k.houses.of(code)
	h.mu.Lock()
	defer h.mu.Unlock()
	ok := provider.Result{Outcome: provider.OK}
	if h.session.Reveal() != "" {
		return h.session, ok, nil
	}
	if k.settings.HouseRefused(code) {
		return seal.Secret{}, provider.Result{Outcome: provider.Refused, Reason: provider.HouseLoginRefused}, nil
	}
	if k.now().Before(h.pause) {
		return seal.Secret{}, provider.Result{Outcome: provider.Transient, Reason: provider.ProviderFault, Unsent: true}, nil
	}
	entered := minter.Enter(ctx, v.call)
	switch entered.Outcome {
	case provider.OK:
		h.session = entered.Session
	case provider.Refused:
		if err := k.settings.RefuseHouse(context.WithoutCancel(ctx), code); err != nil {
			return seal.Secret{}, entered.Result, err
		}
	default:
		h.pause = k.now().Add(firstPause)
	}
	return entered.Session, entered.Result, nil
}

// forget drops a session that has ended, unless another has replaced it.
func (h *house) forget(session seal.Secret) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.session.Reveal() == session.Reveal() {
		h.session = seal.Secret{}
	}
}
