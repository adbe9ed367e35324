package keeper

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
)

// connectTime is how long a caller waits for a new connection, within the time that the server has for an answer.
const connectTime = 25 * time.Second

// ConnectInput describes a new marketplace whose credentials the portal gets itself.
type ConnectInput struct {
	ClientProductID string
	Description     string
	Provider        provider.Code
	IdempotencyKey  *string
}

// noSettings are the settings of a connection for which no person typed any.
var noSettings = json.RawMessage(`{}`)

// Connect connects a client's product to a marketplace with credentials that the provider gives for the house's own
// log-in. It asks the provider after all other checks have passed, and before anything is saved. It returns a
// fault.List when the caller can mend what is in the way. It returns fault.Busy when another connection takes long,
// when too many were made in the last minute, or when this one takes long. In the last case the work goes on, and the
// same request, sent again, returns its result.
//
// A process makes one connection of a provider at a time, as a second request may end the pair that the first was
// given. When two processes ask for the same shop at once, the second gets the fault that the shop is taken. The first
// connection's next check finds out whether its pair still works.
func (k *Keeper) Connect(ctx context.Context, in ConnectInput) (*ent.Marketplace, error) {
	if _, err := principal.Changer(ctx, principal.Admin, principal.Editor); err != nil {
		return nil, err
	}
	var err error
	if in.Description, err = connection.Describe(in.Description); err != nil {
		return nil, err
	}
	v, err := k.newVisit(ctx, in.Provider)
	if err != nil {
		return nil, err
	}
	leave, err := k.houses.of(in.Provider).connect(ctx)
	if err != nil {
		return nil, err
	}
	owner, known, err := k.mayConnect(ctx, in)
	if err == nil && known == nil && !k.tests.Allow() {
		err = fault.Busy
	}
	if err != nil || known != nil {
		leave()
		return known, err
	}
	return k.waitFor(ctx, func(ctx context.Context) (*ent.Marketplace, error) {
		defer leave()
		return k.connect(ctx, v, in, owner.Document)
	}, leave)
}

// waitFor runs do in the background and waits for it. do goes on when the caller no longer waits, and a stop of the
// process waits for it. When the process is stopping already, waitFor calls otherwise and returns fault.Busy. It also
// returns fault.Busy when do takes too long: the same request, sent again, then returns the result.
func (k *Keeper) waitFor(
	ctx context.Context, do func(context.Context) (*ent.Marketplace, error), otherwise func(),
) (*ent.Marketplace, error) {
	waits, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	type outcome struct {
		row *ent.Marketplace
		err error
	}
	done := make(chan outcome)
	begun := k.goOn(func() {
		row, err := do(context.WithoutCancel(ctx))
		select {
		case done <- outcome{row, err}:
		case <-waits.Done():
			if err != nil {
				k.log.Error("a connection could not be made, and nobody waits for it any more", "err", err)
			}
		}
	})
	if !begun {
		otherwise()
		return nil, fault.Busy
	}
	select {
	case o := <-done:
		return o.row, o.err
	case <-waits.Done():
		return nil, fault.Busy
	}
}

// connect gets the credentials of a shop and saves the connection.
func (k *Keeper) connect(ctx context.Context, v visit, in ConnectInput, document string) (*ent.Marketplace, error) {
	defer k.spool.Begin()()
	minted, err := k.mintNew(ctx, v, document)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	added, err := k.addMinted(ctx, in, v.host, minted)
	if err == nil {
		k.connections.Wake()
	}
	return added, err
}

// newVisit gathers what the call for a new connection needs. It returns a fault.List when the house's log-in cannot be
// used now.
func (k *Keeper) newVisit(ctx context.Context, code provider.Code) (visit, error) {
	l, ok := k.lanes[code]
	if !ok {
		return visit{}, fmt.Errorf("provider %q is not registered", code)
	}
	settings, err := k.settings.InForce(ctx, code)
	if err != nil {
		return visit{}, err
	}
	host := provider.Host(l.provider.Settings(), settings, provider.OfConnection)
	v := visit{task: task{lane: l}, host: host, call: provider.Call{
		HTTP: l.http, Settings: settings, Record: provider.Record{Settings: noSettings}, Now: k.now(),
		WebhookURL: k.webhookURL(code),
	}}
	minter, mints := l.provider.(provider.Minter)
	switch {
	case !mints || !minter.CanMint(settings):
		return visit{}, fault.New(fault.ProviderNotReady, "provider")
	case k.settings.HouseRefused(code):
		return visit{}, fault.New(fault.HouseLoginRefused, "provider")
	case l.troubles.isOpen():
		return visit{}, fault.New(fault.ProviderInTrouble, "provider")
	}
	return v, nil
}

// connect waits for the turn to make a connection of a provider. The caller ends the turn with leave.
func (h *house) connect(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, waitForNews)
	defer cancel()
	select {
	case h.connecting <- struct{}{}:
		return func() { <-h.connecting }, nil
	case <-ctx.Done():
		return nil, fault.Busy
	}
}

// request identifies a repetition of the same request.
func (in ConnectInput) request() idempotency.Request {
	return idempotency.Request{
		Key: in.IdempotencyKey, Operation: "connectMarketplace",
		Input: []any{in.ClientProductID, in.Description, in.Provider},
	}
}

// mayConnect makes the checks that need no provider. It returns as known the marketplace that the same request has made
// before, if any.
func (k *Keeper) mayConnect(
	ctx context.Context, in ConnectInput,
) (owner *products.Locked, known *ent.Marketplace, err error) {
	err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
		known = nil // this may run again
		owner, err = products.Lock(ctx, tx, in.ClientProductID, products.Marketplaces, "clientProductId")
		if err != nil {
			return err
		}
		id, err := idempotency.Made(ctx, tx, in.request())
		if err != nil {
			return err
		}
		if id != "" {
			known, err = connection.FindMade(ctx, tx, id, owner.ID)
			return err
		}
		return k.connections.Room(ctx, tx, owner, in.Provider, "clientProductId")
	})
	return owner, known, err
}

// mintNew gets the credentials of a shop. It returns a fault.List when the provider gives none.
func (k *Keeper) mintNew(ctx context.Context, v visit, document string) (provider.Renewed, error) {
	ctx, cancel := context.WithTimeout(ctx, mintTime)
	defer cancel()
	minted, err := k.askFor(ctx, v, document)
	if err != nil {
		return provider.Renewed{}, err
	}
	if code := refusalOf(minted.Result); code != "" {
		k.log.WarnContext(ctx, "the provider gave no credentials for a new connection",
			"provider", v.lane.provider.Code(), "outcome", minted.Outcome, "reason", minted.Reason)
		return provider.Renewed{}, fault.New(code, "provider")
	}
	return minted, nil
}

// refusalOf returns the fault for an answer without credentials; empty for an answer with credentials.
func refusalOf(r provider.Result) fault.Code {
	switch {
	case r.Outcome == provider.OK:
		return ""
	case r.Outcome == provider.Refused && r.Reason == provider.HouseLoginRefused:
		return fault.HouseLoginRefused
	case r.Outcome == provider.Refused && r.Reason == provider.StoreUnknown:
		return fault.StoreUnknown
	default:
		return fault.ProviderInTrouble
	}
}

// addMinted saves a connection with the credentials that a host of the provider gave.
func (k *Keeper) addMinted(
	ctx context.Context, in ConnectInput, host string, minted provider.Renewed,
) (*ent.Marketplace, error) {
	var added *ent.Marketplace
	err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		owner, err := products.Lock(ctx, tx, in.ClientProductID, products.Marketplaces, "clientProductId")
		if err != nil {
			return err
		}
		id := ident.New(ident.Marketplace)
		known, err := idempotency.Reserve(ctx, tx, in.request(), id)
		if err != nil {
			return err
		}
		if known != id {
			added, err = connection.FindMade(ctx, tx, known, owner.ID)
			return err
		}
		start := connection.Start{
			ID: id, Provider: in.Provider, Description: in.Description, Settings: noSettings, New: true,
			Account: minted.Account.ID, Document: minted.Account.Document,
			Health: k.lanes[in.Provider].provider.Unchecked(),
		}
		row := connection.Row{ClientID: owner.ClientID}
		wrong, err := connection.IsWrongShop(ctx, tx, &row, minted.Account.Document)
		if err != nil {
			return err
		}
		if wrong {
			start.Health = provider.Health{Reason: provider.WrongShop}
		}
		start.Secrets, err = k.connections.Seal(id, owner.ClientID, host, minted.Secrets, minted.ExpireAt, "Chaveiro", nil)
		if err != nil {
			return err
		}
		if added, err = k.connections.Insert(ctx, tx, owner, start, "clientProductId"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.add", ObjectID: id, ClientID: owner.ClientID,
			Changes: append([]audit.Change{
				{Field: "provider", New: in.Provider},
				{Field: "description", New: in.Description},
				{Field: "by", New: "minted"},
			}, connection.SecretChanges(minted.Secrets)...),
		})
	})
	return added, err
}
