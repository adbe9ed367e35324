package marketplace

// State is the state of a connection, a value of the GraphQL enum MarketplaceHealthState.
type State string

// The states; the GraphQL schema says what each means.
const (
	Waiting        State = "WAITING"
	Connected      State = "CONNECTED"
	Expiring       State = "EXPIRING"
	Failing        State = "FAILING"
	NeedsAttention State = "NEEDS_ATTENTION"
	Suspended      State = "SUSPENDED"
	NotTestable    State = "NOT_TESTABLE"
)

// InTrouble are the states that somebody should look at. The index marketplaces_in_trouble serves just these.
var InTrouble = []State{Failing, NeedsAttention, Suspended}

// Reason is why a connection is in its state, a value of the GraphQL enum MarketplaceHealthReason.
type Reason string

// The reasons; the GraphQL schema says what each means.
const (
	WaitingForMerchant Reason = "WAITING_FOR_MERCHANT"
	NotCheckedYet      Reason = "NOT_CHECKED_YET"
	NoTestAvailable    Reason = "NO_TEST_AVAILABLE"
	CheckPassed        Reason = "CHECK_PASSED"
)

// Health is a state with its reason.
type Health struct {
	State  State
	Reason Reason
}
