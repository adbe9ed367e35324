package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	// maxTests caps the tests of unsaved credentials per minute in this process, so that they are no tool for guessing.
	maxTests = 30
	// reportEvery is how old the last check must be before a report of a back-office causes another.
	reportEvery = time.Minute
)

// Tested is what a test of credentials found.
type Tested struct {
	provider.Result
	// TakenBy is the name of the client that has the account already; empty when no client has it.
	TakenBy string
	// Document is the client's CNPJ or CPF, to compare with the shop's.
	Document string
}

// Relation returns how the shop's document stands to the client's.
func (t Tested) Relation() connection.Relation {
	return connection.RelationOf(t.Document, t.Account.Document)
}

// TestConfig tests credentials that are not saved. It returns a fault.List when the input can be mended, and fault.Busy
// when too many tests were made in the last minute.
func (k *Keeper) TestConfig(
	ctx context.Context, clientProductID string, in provider.Input, member string,
) (Tested, error) {
	if _, err := principal.Changer(ctx, principal.Admin, principal.Editor); err != nil {
		return Tested{}, err
	}
	var bad fault.List
	draft, err := in.Draft()
	if err := bad.Merge(err, "config", member); err != nil {
		return Tested{}, err
	}
	owner, err := k.store.Reader().ClientProduct.Query().Where(clientproduct.ID(clientProductID)).WithClient().Only(ctx)
	if ent.IsNotFound(err) {
		bad.Add(fault.NotFound, nil, "clientProductId")
	} else if err != nil {
		return Tested{}, fmt.Errorf("find the client's product: %w", err)
	}
	if err := bad.Err(); err != nil {
		return Tested{}, err
	}
	tested := Tested{Result: provider.Result{Outcome: provider.Untestable}, Document: owner.Edges.Client.Document}
	p, err := k.providers.Get(in.Provider())
	if err != nil {
		return Tested{}, err
	}
	settings, err := k.settings.InForce(ctx, p.Code())
	if err != nil {
		return Tested{}, err
	}
	tester, ok := p.(provider.Tester)
	if !ok || !tester.CanTest(settings) || draft.Secrets == nil {
		return tested, nil
	}
	if !k.tests.Allow() {
		return Tested{}, fault.Busy
	}
	encoded, err := draft.Record()
	if err != nil {
		return Tested{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, waitForNews)
	defer cancel()
	tested.Result = tester.Test(bounded, provider.Call{HTTP: k.lanes[p.Code()].http, Settings: settings, Record: encoded,
		Secrets: draft.Secrets, Now: k.now()})
	if tested.Account.ID == "" {
		tested.Account.ID = draft.Account
	}
	tested.TakenBy, err = k.nameOfTaker(ctx, p.Code(), tested.Account.ID, owner.ClientID)
	return tested, err
}

// nameOfTaker returns the name of another client that an account of a provider is connected for, empty when there is
// none or the account is not known.
func (k *Keeper) nameOfTaker(ctx context.Context, code provider.Code, account, clientID string) (string, error) {
	if account == "" {
		return "", nil
	}
	taken, err := k.store.Reader().Marketplace.Query().
		Where(marketplace.Provider(string(code)), marketplace.ExternalAccount(account), marketplace.ClientIDNEQ(clientID)).
		QueryClientProduct().QueryClient().Only(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the account: %w", err)
	}
	return taken.Name, nil
}

// Test checks a saved connection now, whatever its state. It returns the row after the check, and the result of the
// check: nil when the check still runs after a few seconds. It returns a fault.List when there is no such marketplace.
func (k *Keeper) Test(ctx context.Context, id string) (*ent.Marketplace, *Tested, error) {
	if _, err := principal.Changer(ctx, principal.Admin, principal.Editor); err != nil {
		return nil, nil, err
	}
	m, err := k.store.Reader().Marketplace.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil, fault.New(fault.NotFound, "id")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find the marketplace: %w", err)
	}
	asked := k.now()
	e := k.send(ctx, id, provider.Code(m.Provider), false, func(now *ent.Marketplace) bool {
		return now.LastCheckedAt == nil || now.LastCheckedAt.Before(asked)
	})
	done := await(ctx, e)
	if m, err = k.store.Reader().Marketplace.Query().Where(marketplace.ID(id)).WithClientProduct(withClient).
		Only(ctx); err != nil {
		return nil, nil, fmt.Errorf("read the checked marketplace: %w", err)
	}
	if !done {
		return m, nil, nil
	}
	tested := Tested{Result: e.result, Document: m.Edges.ClientProduct.Edges.Client.Document}
	if errors.Is(e.err, errNotNeeded) { // another check came first
		tested.Result = lastResult(m)
	} else if e.err != nil {
		return nil, nil, fmt.Errorf("check marketplace %s: %w", id, e.err)
	}
	if tested.Account.Document == "" && m.AccountDocument != nil {
		tested.Account.Document = *m.AccountDocument
	}
	return m, &tested, nil
}

func withClient(q *ent.ClientProductQuery) { q.WithClient() }

// lastResult returns the result that the health of a connection stands for.
func lastResult(m *ent.Marketplace) provider.Result {
	r := provider.Result{Reason: provider.Reason(m.HealthReason)}
	switch provider.State(m.HealthState) {
	case provider.Connected, provider.Expiring:
		r.Outcome = provider.OK
	case provider.NeedsAttention:
		r.Outcome = provider.Refused
	case provider.Suspended:
		r.Outcome = provider.Halted
	case provider.NotTestable:
		r.Outcome = provider.Untestable
	default:
		r.Outcome = provider.Transient
	}
	if m.ProviderMessage != nil {
		r.Message = *m.ProviderMessage
	}
	if m.CallCause != nil && m.CallDetail != nil {
		r.Cause, r.Detail = outbound.Cause(*m.CallCause), *m.CallDetail
	}
	return r
}

// ReportFailure handles a back-office's report that a marketplace refused a version of the credentials. The portal
// checks or renews at once, but not more than once a minute, and never a connection that a person has to mend first. It
// returns the row after a few seconds at most, and whether the provider has answered since. It returns a fault.List
// when the key has no such marketplace, or the marketplace never had such a version.
func (k *Keeper) ReportFailure(
	ctx context.Context, id string, version int64, status int,
) (*ent.Marketplace, bool, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return nil, false, fault.Forbidden
	}
	if status < 100 || status > 599 {
		return nil, false, fault.List{{Code: fault.OutOfRange, Field: []string{"status"}, Args: []any{100, 599}}}
	}
	find := func() (*ent.Marketplace, error) {
		return k.store.Reader().Marketplace.Query().
			Where(marketplace.ID(id), marketplace.ClientProductID(key.ClientProductID)).
			Only(ctx)
	}
	m, err := find()
	if ent.IsNotFound(err) {
		return nil, false, fault.New(fault.NotFound, "marketplaceId")
	}
	if err != nil {
		return nil, false, fmt.Errorf("find the marketplace: %w", err)
	}
	if version < 1 || version > m.CredentialVersion {
		return nil, false, fault.New(fault.VersionUnknown, "credentialVersion")
	}
	k.log.InfoContext(ctx, "a back-office reports a failure", "marketplace", id, "version", version, "status", status)
	worthChecking := func(now *ent.Marketplace) bool {
		checked := now.LastCheckedAt != nil && k.now().Sub(*now.LastCheckedAt) < reportEvery
		return now.CredentialVersion == version && len(now.SecretsSealed) > 0 &&
			provider.State(now.HealthState) != provider.NeedsAttention && !checked
	}
	if !worthChecking(m) {
		return m, false, nil
	}
	e := k.send(ctx, id, provider.Code(m.Provider), false, worthChecking)
	answered := await(ctx, e) && e.err == nil && !e.result.Unsent && e.result.Outcome != provider.Untestable
	if m, err = find(); err != nil {
		return nil, false, fmt.Errorf("read the checked marketplace: %w", err)
	}
	return m, answered, nil
}
