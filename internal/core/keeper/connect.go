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

// ConnectInput is a new marketplace whose credentials the portal itself gets.
type ConnectInput struct {
	ClientProductID string
	Description     string
	Provider        provider.Code
	IdempotencyKey  *string
}

// noSettings are the settings of a connection for which nothing was typed.
var noSettings = json.RawMessage(`{}`)

// Connect connects a client's product to a marketplace with credentials that the provider gives for the house's own
// log-in. They are asked for once everything else is known to be right, and before anything is saved. It returns a
// fault.List when the caller can mend what is in the way, and fault.Busy when another connection is being made for
// long, too many were in the last minute, or this one takes long: it goes on then, and the same request again is given
// what came of it.
//
// One connection of a provider is made at a time by one process, as asking again may end the pair that was given
// before. When two processes ask for the same shop at once, the second is told that the shop is taken, and the first
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
		return k.connect(ctx, v, in, owner.Edges.Client.Document)
	}, leave)
}

// waitFor does something that goes on when the caller waits no longer, and that a stop waits for. It calls otherwise,
// and returns fault.Busy, when the process is to end. It returns fault.Busy as well when it takes too long: whoever
// repeats the request is given what came of it.
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

// newVisit gathers what a call for a new connection takes. It returns a fault.List when the house's log-in cannot be
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
func (k *Keeper) mayConnect(
	ctx context.Context, in ConnectInput,
) (owner *ent.ClientProduct, known *ent.Marketplace, err error) {
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
			ID: id, ClientProductID: owner.ID, ClientID: owner.ClientID, Provider: in.Provider,
			Description: in.Description, Settings: noSettings, Account: minted.Account.ID, New: true,
			Document: minted.Account.Document, Health: k.lanes[in.Provider].provider.Unchecked(),
		}
		told := connection.Row{ClientID: owner.ClientID}
		wrong, err := connection.IsWrongShop(ctx, tx, &told, minted.Account.Document)
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
