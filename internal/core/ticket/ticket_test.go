package ticket_test

import (
	"context"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/staff/stafftest"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
)

// desk is the tickets of a house with one operator.
type desk struct {
	stafftest.House
	*ticket.Service
	operatorID string
}

func each(t *testing.T, test func(t *testing.T, d desk)) {
	t.Helper()
	stafftest.Each(t, func(t *testing.T, h stafftest.House) {
		h.Clock.Stop()
		person := h.Hire(t, "ana@example.com", principal.Admin)
		test(t, desk{h, ticket.New(h.Store, h.Keys, h.Clock.Now), person.ID})
	})
}

// content is what the tickets of these tests stand for.
type content struct{ Text string }

func (d desk) create(t *testing.T, purpose ticket.Purpose) (text string) {
	t.Helper()
	d.write(t, func(ctx context.Context, tx *ent.Tx) (err error) {
		text, err = d.Create(ctx, tx, ticket.Draft{
			Purpose: purpose, OperatorID: d.operatorID, Content: content{"a secret"}, Life: ticket.Life,
		})
		return err
	})
	return text
}

func (d desk) write(t *testing.T, do func(ctx context.Context, tx *ent.Tx) error) {
	t.Helper()
	must.Do(t, d.Store.Write(stafftest.AsSystem(t), do))
}

func (d desk) try(t *testing.T, text string, purposes ...ticket.Purpose) (*ent.OneTimeToken, error) {
	t.Helper()
	return d.Try(stafftest.AsSystem(t), text, purposes...)
}

func TestATicketTakesFiveProofs(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		text := d.create(t, ticket.SecondFactor)
		for i := range 5 {
			if _, err := d.try(t, text, ticket.PasskeyLogin, ticket.SecondFactor); err != nil {
				t.Fatalf("proof %d: %v", i, err)
			}
		}
		if _, err := d.try(t, text, ticket.SecondFactor); !fault.Is(err, fault.TicketInvalid) {
			t.Errorf("a sixth proof: %v", err)
		}
	})
}

func TestATicketIsUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		text := d.create(t, ticket.SecondFactor)
		row, err := d.try(t, text, ticket.SecondFactor)
		must.Do(t, err)
		d.write(t, func(ctx context.Context, tx *ent.Tx) error { return d.Use(ctx, tx, row) })
		err = d.Store.Write(stafftest.AsSystem(t), func(ctx context.Context, tx *ent.Tx) error { return d.Use(ctx, tx, row) })
		if !fault.Is(err, fault.TicketUsed) {
			t.Errorf("a second use: %v", err)
		}
		if _, err := d.try(t, text, ticket.SecondFactor); !fault.Is(err, fault.TicketUsed) {
			t.Errorf("a proof of a used ticket: %v", err)
		}
	})
}

func TestATicketWorksForItsPurposeItsOperatorAndItsTime(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		text := d.create(t, ticket.Presence)
		if _, err := d.try(t, text, ticket.SecondFactor); !fault.Is(err, fault.TicketInvalid) {
			t.Errorf("for another purpose: %v", err)
		}
		_, err := d.TryOf(stafftest.AsSystem(t), "opr_another", text, ticket.Presence)
		if !fault.Is(err, fault.TicketInvalid) {
			t.Errorf("of another operator: %v", err)
		}
		if _, err := d.TryOf(stafftest.AsSystem(t), d.operatorID, text, ticket.Presence); err != nil {
			t.Errorf("of the operator: %v", err)
		}
		d.Clock.Advance(5 * time.Minute)
		if _, err := d.try(t, text, ticket.Presence); !fault.Is(err, fault.TicketInvalid) {
			t.Errorf("after its time: %v", err)
		}
	})
}

func TestWhatATicketStandsForIsSealedInItsRow(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		first, second := d.create(t, ticket.TOTPSetup), d.create(t, ticket.TOTPSetup)
		row, err := d.try(t, first, ticket.TOTPSetup)
		must.Do(t, err)
		var got content
		must.Do(t, d.Open(row, &got))
		if got.Text != "a secret" {
			t.Errorf("it stands for %q", got.Text)
		}
		other, err := d.try(t, second, ticket.TOTPSetup)
		must.Do(t, err)
		other.DataSealed = row.DataSealed
		if err := d.Open(other, &got); err == nil {
			t.Error("what one ticket stands for opens in another")
		}
	})
}

func TestTicketsOfOnePurposeEndTogether(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		reset, invitation, presence := d.create(t, ticket.Reset), d.create(t, ticket.Invitation), d.create(t, ticket.Presence)
		d.write(t, func(ctx context.Context, tx *ent.Tx) error {
			return ticket.End(ctx, tx, d.operatorID, ticket.Reset, ticket.Invitation)
		})
		for text, want := range map[string]bool{reset: false, invitation: false, presence: true} {
			row, err := d.Find(stafftest.AsSystem(t), d.Store.Reader().OneTimeToken, text,
				ticket.Reset, ticket.Invitation, ticket.Presence)
			must.Do(t, err)
			if (row != nil) != want {
				t.Errorf("a ticket works: %t, want %t", row != nil, want)
			}
		}
	})
}
