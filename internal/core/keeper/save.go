package keeper

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// kindRenewal is the kind of this package's answers in the spool.
const kindRenewal = "renewal"

// save writes the result of a check or a renewal and ends the lease, in one transaction with its audit events. New
// credentials, and an answer that could not be read, cannot be asked for again: their save is retried until it
// succeeds. A check whose save fails is made again later.
func (k *Keeper) save(ctx context.Context, v visit, a answer) error {
	ctx = context.WithoutCancel(ctx)
	if !a.renewing || a.Outcome != provider.OK && a.Unread.Reveal() == "" {
		bounded, cancel := context.WithTimeout(ctx, leaseMargin)
		defer cancel()
		return k.write(bounded, v, a)
	}
	kept, err := encode(v, a)
	if err != nil {
		return err
	}
	k.spool.Save(kept,
		func(ctx context.Context) error { return k.write(store.MustSave(system(ctx)), v, a) },
		func(ctx context.Context) { k.prolong(store.MustSave(system(ctx)), v) },
	)
	return nil
}

func (v visit) spends() bool { return v.plan != nil && v.plan.Spends }

// prolong extends the lease while an answer waits to be saved, so that no other process calls. Its error does not
// matter: while the database is away no other process can take the lease.
func (k *Keeper) prolong(ctx context.Context, v visit) {
	length, err := k.leaseTime(ctx, v.lane.provider.Code())
	if err != nil {
		return // the next try to save the answer meets the same error and reports it
	}
	_ = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return tx.Marketplace.Update().Where(marketplace.ID(v.row.ID), marketplace.LeaseBy(k.instance)).
			SetLeaseUntil(k.now().Add(length)).Exec(ctx)
	})
}

// lockLeased locks and returns the row of a visit, if this process still has its lease and its credentials are the
// same; nil otherwise.
func (k *Keeper) lockLeased(ctx context.Context, tx *ent.Tx, v visit) (*ent.Marketplace, error) {
	fresh, err := k.lockUnchanged(ctx, tx, v)
	if err != nil || fresh == nil {
		return nil, err
	}
	if fresh.LeaseBy == nil || *fresh.LeaseBy != k.instance {
		return nil, nil
	}
	return fresh, nil
}

// lockUnchanged locks and returns the row of a visit, if its credentials are still the same; nil otherwise.
func (k *Keeper) lockUnchanged(ctx context.Context, tx *ent.Tx, v visit) (*ent.Marketplace, error) {
	if _, err := products.Hold(ctx, tx, v.row.ClientProductID); err != nil {
		if ent.IsNotFound(err) {
			return nil, nil
		}
		return nil, err
	}
	fresh, err := tx.Marketplace.Query().Where(marketplace.ID(v.row.ID), store.ForUpdate).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the marketplace: %w", err)
	}
	if fresh.CredentialVersion != v.row.CredentialVersion {
		return nil, nil
	}
	// No move changes the client of a row. A row that was given to another client outside the program must not get the
	// provider's answer.
	if fresh.ClientID != v.row.ClientID || fresh.ClientProductID != v.row.ClientProductID ||
		fresh.Provider != v.row.Provider {
		k.log.ErrorContext(ctx, "a connection was given to another client behind the program", "marketplace", fresh.ID)
		return nil, nil
	}
	return fresh, nil
}

// write writes the result of a visit. It writes nothing when the lease was lost or the credentials were replaced:
// another writer knows better. New credentials need no lease: they are the newest as long as those that they replace
// are stored.
func (k *Keeper) write(ctx context.Context, v visit, a answer) error {
	err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		find := k.lockLeased
		if a.renewing && a.Outcome == provider.OK {
			find = k.lockUnchanged
		}
		old, err := find(ctx, tx, v)
		if err != nil {
			return err
		}
		if old == nil {
			k.log.InfoContext(ctx, "the lease of a connection was lost or its credentials were replaced: the result is dropped",
				"marketplace", v.row.ID, "outcome", a.Outcome)
			return nil
		}
		if !store.VouchesWithin(ctx, old) { // an altered row gets no answer
			return nil
		}
		f, err := k.facts(ctx, tx, v, a, old)
		if err != nil {
			return err
		}
		if f.renewing && f.Outcome == provider.OK && isNews(old) {
			err := audit.Append(ctx, tx, audit.Event{
				Action: "marketplace.renew", ObjectID: old.ID, ClientID: old.ClientID, Changes: connection.SecretChanges(a.Secrets),
			})
			if err != nil {
				return err
			}
		}
		return k.move(ctx, tx, old, connection.Visited(old, decide(f), f.now))
	})
	if err != nil {
		return fmt.Errorf("save the check of marketplace %s: %w", v.row.ID, err)
	}
	v.lane.troubles.learn(v.call.Now, v.row, a)
	return nil
}

// isNews reports whether a renewal of a connection gets an event: the first one of its credentials, and one that ends
// trouble. Those that go as each day leave their time and the next version in the row, and no event.
func isNews(old *connection.Row) bool {
	return old.RenewedAt == nil || connection.State(old).Trouble() > provider.Expiring.Trouble()
}

// facts gathers the facts that decide needs.
func (k *Keeper) facts(ctx context.Context, tx *ent.Tx, v visit, a answer, old *ent.Marketplace) (facts, error) {
	code := v.lane.provider.Code()
	f := facts{
		now: k.now(), old: old, answer: a, planned: v.plan != nil, spends: v.spends(), checkEvery: v.lane.checkEvery(),
		incident: v.lane.troubles.isOpen(), mintAt: k.mintAt(v), spread: spread,
		plan: func(provider.Record) *provider.Renewal { return nil },
	}
	if refresher, ok := v.lane.provider.(provider.Refresher); ok {
		f.renews = true
		f.plan = func(r provider.Record) *provider.Renewal { return refresher.Renewal(v.call.Settings, r) }
	}
	if a.Account.ID != "" && old.ExternalAccount == nil {
		owner, err := connection.OfAccount(ctx, tx, code, a.Account.ID)
		if err != nil {
			return facts{}, err
		}
		f.accountFree = owner == nil
	}
	wrong, err := connection.IsWrongShop(ctx, tx, old, a.Account.Document)
	if err != nil {
		return facts{}, err
	}
	f.wrongShop = wrong
	if a.renewing && a.Outcome == provider.OK {
		f.sealing, err = k.connections.Seal(old.ID, old.ClientID, v.host, a.Secrets, a.ExpireAt, "Chaveiro", old.SecretStates)
		if err == nil && !a.minted {
			f.previous, err = k.connections.SealPrevious(old, v.call.Secrets)
		}
	}
	if err == nil && a.Unread.Reveal() != "" {
		f.unread, err = k.connections.SealUnread(old, a.Unread)
	}
	return f, err
}

// checkEvery is how often a connection of this provider is checked.
func (l *lane) checkEvery() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.load.CheckEvery
}

// spooled is the JSON of an answer in the spool.
type spooled struct {
	Version  int64                `json:"version"`
	Result   provider.Result      `json:"result"`
	Secrets  json.RawMessage      `json:"secrets"`
	ExpireAt map[string]time.Time `json:"expireAt"`
	Before   json.RawMessage      `json:"before"`
	Unread   string               `json:"unread"`
	Minted   bool                 `json:"minted"`
	Host     string               `json:"host"`
}

func encode(v visit, a answer) (spool.Answer, error) {
	secrets, err := provider.EncodeSecrets(a.Secrets)
	if err != nil {
		return spool.Answer{}, err
	}
	before, err := provider.EncodeSecrets(v.call.Secrets)
	if err != nil {
		return spool.Answer{}, err
	}
	plain, err := json.Marshal(spooled{
		Version: v.row.CredentialVersion, Result: a.Result, Secrets: secrets, ExpireAt: a.ExpireAt, Before: before,
		Unread: a.Unread.Reveal(), Minted: a.minted, Host: v.host,
	})
	if err != nil {
		return spool.Answer{}, fmt.Errorf("encode the answer for marketplace %s", v.row.ID) // the error might repeat a secret
	}
	return spool.Answer{Kind: kindRenewal, RowID: v.row.ID, ClientID: v.row.ClientID, Plain: plain}, nil
}

// takeUp saves the answers that an earlier process left in the spool. It retries until it succeeds.
func (k *Keeper) takeUp(ctx context.Context) {
	for {
		err := k.spool.TakeUp(system(ctx), kindRenewal, k.takeUpOne)
		if err == nil || ctx.Err() != nil {
			return
		}
		k.log.ErrorContext(ctx, "answers in the spool could not be saved yet", "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(beatEvery):
		}
	}
}

func (k *Keeper) takeUpOne(ctx context.Context, kept spool.Answer) error {
	var s spooled
	if err := json.Unmarshal(kept.Plain, &s); err != nil {
		return fmt.Errorf("decode the answer for marketplace %s", kept.RowID)
	}
	row, err := k.store.Reader().Marketplace.Get(ctx, kept.RowID)
	if ent.IsNotFound(err) {
		return nil // the marketplace was removed
	}
	if err != nil {
		return err
	}
	if row.CredentialVersion != s.Version || row.ClientID != kept.ClientID {
		k.log.WarnContext(ctx, "an answer in the spool is older than the credentials there are: it is dropped",
			"marketplace", row.ID)
		return nil
	}
	l := k.lanes[provider.Code(row.Provider)]
	v, err := k.prepare(ctx, task{lane: l, row: row})
	if errors.Is(err, errAltered) {
		k.log.ErrorContext(ctx, "drop an answer for a connection that was altered behind the program", "marketplace", row.ID)
		return nil
	}
	if err != nil {
		return err
	}
	v.host = cmp.Or(s.Host, v.host) // the host that the answer came from, whatever host is in force now
	a := answer{Renewed: provider.Renewed{Result: s.Result, ExpireAt: s.ExpireAt}, asked: true, renewing: true,
		minted: s.Minted}
	a.Unread = seal.NewSecret(s.Unread)
	if a.Secrets, err = provider.DecodeSecrets(s.Secrets); err != nil {
		return err
	}
	if v.call.Secrets, err = provider.DecodeSecrets(s.Before); err != nil {
		return err
	}
	if a.Outcome != provider.OK { // without new credentials, write needs the lease
		leased, err := k.take(ctx, row.ID, leaseMargin, func(*ent.Marketplace) bool { return true })
		if err != nil {
			return err
		}
		if leased == nil {
			return fmt.Errorf("marketplace %s is being worked on: its answer waits", row.ID)
		}
	}
	return k.write(ctx, v, a)
}
