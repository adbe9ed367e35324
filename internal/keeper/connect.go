package keeper

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/connection"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/idempotency"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/products"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// ConnectInput is a new marketplace whose credentials the portal itself gets.
type ConnectInput struct {
	ClientProductID string
	Description     string
	Provider        provider.Code
	IdempotencyKey  *string
}

// noSettings are the settings of a connection for which nothing was typed.
var noSettings = json.RawMessage(`{}`)

// Connect connects a client's product to a marketplace with credentials that the provider gives for the house's own log-in.
// They are asked for once everything else is known to be right, and before anything is saved. It returns a fault.List when
// the caller can mend what is in the way, and fault.Busy when another connection is being made for long or too many were
// in the last minute.
//
// One connection of a provider is made at a time by one process, as asking again may end the pair that was given before.
// When two processes ask for the same shop at once, the second is told that the shop is taken, and the first connection's
// next check finds out whether its pair still works.
func (k *Keeper) Connect(ctx context.Context, in ConnectInput) (*ent.Marketplace, error) {
	if _, err := principal.Only(ctx, principal.Admin, principal.Editor); err != nil {
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
	defer leave()
	owner, known, err := k.mayConnect(ctx, in)
	if err != nil || known != nil {
		return known, err
	}
	if !k.tests.Allow() {
		return nil, fault.Busy
	}
	// What the provider gives is saved, whether or not the caller still waits, and a stop waits for it.
	defer k.spool.Begin()()
	ctx = context.WithoutCancel(ctx)
	minted, err := k.mintNew(ctx, v, owner.Edges.Client.Document)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	added, err := k.addMinted(bounded, in, minted)
	if err == nil {
		k.connections.Wake()
	}
	return added, err
}

// newVisit gathers what a call for a new connection takes. It returns a fault.List when the house's log-in cannot be used
// now.
func (k *Keeper) newVisit(ctx context.Context, code provider.Code) (visit, error) {
	l, ok := k.lanes[code]
	if !ok {
		return visit{}, fmt.Errorf("provider %q is not registered", code)
	}
	settings, err := k.settings.InForce(ctx, code)
	if err != nil {
		return visit{}, err
	}
	v := visit{task: task{lane: l}, call: provider.Call{
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

// connect waits for the turn to make a connection of a provider, and returns what ends it.
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

// request is what a repetition is known by.
func (in ConnectInput) request() idempotency.Request {
	return idempotency.Request{
		Key: in.IdempotencyKey, Operation: "connectMarketplace",
		Input: []any{in.ClientProductID, in.Description, in.Provider},
	}
}

// mayConnect checks all that can be checked before the provider is asked. It returns what the same request has made
// before, if it has.
func (k *Keeper) mayConnect(ctx context.Context, in ConnectInput) (owner *ent.ClientProduct, known *ent.Marketplace, err error) {
	err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
		known = nil // this may run again
		if owner, err = products.Lock(ctx, tx, in.ClientProductID, products.Marketplaces, "clientProductId"); err != nil {
			return err
		}
		id, err := idempotency.Made(ctx, tx, in.request())
		if err != nil {
			return err
		}
		if id != "" {
			known, err = made(ctx, tx, id)
			return err
		}
		return k.connections.Room(ctx, tx, owner, in.Provider, "clientProductId")
	})
	return owner, known, err
}

// made returns the marketplace that a request has made before.
func made(ctx context.Context, tx *ent.Tx, id string) (*ent.Marketplace, error) {
	known, err := tx.Marketplace.Get(ctx, id)
	if ent.IsNotFound(err) { // it was removed since
		return nil, fault.New(fault.NotFound, "idempotencyKey")
	}
	if err != nil {
		return nil, fmt.Errorf("find the marketplace: %w", err)
	}
	return known, nil
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

// refusalOf says what a person can do about an answer without credentials; empty for one with.
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

// addMinted saves a connection with the credentials that the provider gave.
func (k *Keeper) addMinted(ctx context.Context, in ConnectInput, minted provider.Renewed) (*ent.Marketplace, error) {
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
			added, err = made(ctx, tx, known)
			return err
		}
		start := connection.Start{
			ID: id, ClientProductID: owner.ID, ClientID: owner.ClientID, Description: in.Description, Provider: in.Provider,
			Settings: noSettings, Account: minted.Account.ID, New: true, Health: k.lanes[in.Provider].provider.Unchecked(),
		}
		start.Secrets, err = k.connections.Seal(id, owner.ClientID, minted.Secrets, minted.ExpireAt, "Chaveiro", nil)
		if err != nil {
			return err
		}
		if added, err = k.connections.Insert(ctx, tx, start, "clientProductId"); err != nil {
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
