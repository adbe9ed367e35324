package accesskey

import (
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Step is a step of the order after the client product itself.
type Step string

// The steps, in their order.
const (
	MarketplaceStep Step = "MARKETPLACE"
	AccessKeyStep   Step = "ACCESS_KEY"
	BackOfficeStep  Step = "BACK_OFFICE"
)

// StepState is how far a step is, a value of the GraphQL enum SetupStepState.
type StepState string

// The states; the GraphQL schema says what each means.
const (
	Done     StepState = "DONE"
	Unproven StepState = "UNPROVEN"
	Trouble  StepState = "TROUBLE"
	Next     StepState = "NEXT"
	Pending  StepState = "PENDING"
)

// StepStatus is a step with its state.
type StepStatus struct {
	Step  Step
	State StepState
	// MarketplaceID is the connection that an unproven step or one in trouble has its state from, and Reason is the reason
	// of its health; both are nil otherwise.
	MarketplaceID *string
	Reason        *provider.Reason
}

// NextStep returns the next step of a client product: a marketplace, a key in force, or the first call of the
// back-office. It skips the steps that the product does not have, and returns nil when none is left. It tells what is
// missing, and Steps what is known to work.
func NextStep(product *ent.Product, marketplaces int, keys []*ent.AccessKey, now time.Time) *Step {
	switch {
	case product.HasMarketplaces && marketplaces == 0:
		return new(MarketplaceStep)
	case product.HasAccessKeys && len(keysInForce(keys, now)) == 0:
		return new(AccessKeyStep)
	case product.HasAccessKeys && LastCall(keys, now) == nil:
		return new(BackOfficeStep)
	}
	return nil
}

// Steps returns the steps that a client product has, in their order. It says no more than is known: the step of the
// marketplace is done when a connection works, and not when one was merely added. Of the steps that are left, the first
// is the next one, unless the marketplace is in trouble, which comes before them.
func Steps(
	product *ent.Product, marketplaces []*ent.Marketplace, keys []*ent.AccessKey, now time.Time,
) (steps []*StepStatus) {
	next := Next
	add := func(step Step, isTaken bool) {
		state := Done
		if !isTaken {
			state, next = next, Pending
		}
		steps = append(steps, &StepStatus{Step: step, State: state})
	}
	if product.HasMarketplaces {
		add(MarketplaceStep, len(marketplaces) > 0)
		if proof := decisive(marketplaces, now); proof != nil && !proof.works() {
			first := steps[0]
			first.State, first.MarketplaceID, first.Reason = proof.state(), &proof.id, &proof.Reason
			if first.State == Trouble {
				next = Pending
			}
		}
	}
	if product.HasAccessKeys {
		add(AccessKeyStep, len(keysInForce(keys, now)) > 0)
		add(BackOfficeStep, LastCall(keys, now) != nil)
	}
	return steps
}

// proof is the health of the connection that a client product's step has its state from.
type proof struct {
	provider.Health
	id string
}

func (p proof) works() bool {
	state := p.State()
	return state == provider.Connected || state == provider.Expiring
}

// state returns the state of the step, for a connection that is not known to work.
func (p proof) state() StepState {
	if p.State() == provider.NotTestable || p.Reason == provider.NotCheckedYet {
		return Unproven
	}
	return Trouble
}

// rank sorts proofs: what works, what nobody knows, and then the trouble that needs a person most.
func (p proof) rank() string {
	switch {
	case p.works():
		return "0"
	case p.state() == Unproven:
		return "1"
	case p.State() == provider.Waiting:
		return "4"
	case p.State() == provider.Failing:
		return "3"
	default:
		return "2"
	}
}

// decisive returns the health of the connection that decides: one that works, or one of which nobody knows, or the
// worst; the oldest of those. It returns nil when there is no connection.
func decisive(marketplaces []*ent.Marketplace, now time.Time) *proof {
	if len(marketplaces) == 0 {
		return nil
	}
	proofs := make([]proof, len(marketplaces))
	for i, m := range marketplaces {
		health, _ := connection.HealthAt(m, now)
		proofs[i] = proof{health, m.ID}
	}
	first := slices.MinFunc(proofs, func(a, b proof) int { return strings.Compare(a.rank(), b.rank()) })
	return &first
}

// LastCall returns when a key in force was last used, nil when none was.
func LastCall(keys []*ent.AccessKey, now time.Time) *time.Time {
	var last *time.Time
	for _, key := range keysInForce(keys, now) {
		if key.LastUsedAt != nil && (last == nil || key.LastUsedAt.After(*last)) {
			last = key.LastUsedAt
		}
	}
	return last
}

func keysInForce(keys []*ent.AccessKey, now time.Time) []*ent.AccessKey {
	var inForce []*ent.AccessKey
	for _, key := range keys {
		if status := StatusOf(key, now); status == Active || status == Overlapping {
			inForce = append(inForce, key)
		}
	}
	return inForce
}
