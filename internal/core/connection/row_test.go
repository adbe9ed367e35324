package connection

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/healthinterval"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// shop makes a client with a product, and returns the full row as one of its connections; it is not stored.
func shop(t *testing.T, ctx context.Context, s *store.Store) *Row {
	t.Helper()
	row := full()
	row.ID = ident.New(ident.Marketplace)
	write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) error {
		client, err := tx.ClientRecord.Create().SetName("Loja").SetNameKey("loja").SetDocument("11222333000181").
			SetSearchText("loja").Save(ctx)
		if err != nil {
			return err
		}
		product, err := tx.Product.Create().SetCode("x").SetName("X").SetNameKey("x").SetHasMarketplaces(true).
			SetHasAccessKeys(true).Save(ctx)
		if err != nil {
			return err
		}
		owned, err := tx.ClientProduct.Create().SetClientID(client.ID).SetProductID(product.ID).Save(ctx)
		if err == nil {
			row.ClientID, row.ClientProductID = client.ID, owned.ID
		}
		return err
	})
	return row
}

func write(t *testing.T, ctx context.Context, s *store.Store, fn func(context.Context, *ent.Tx) error) {
	t.Helper()
	if err := s.Write(ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, when string, got, want *Row) {
	t.Helper()
	for _, column := range columnsOfMoves {
		if column == marketplace.FieldCreatedAt {
			continue
		}
		g, w := value(got, column), value(want, column)
		if column == marketplace.FieldSettings || column == marketplace.FieldProviderState {
			if left, right := text(g), text(w); left != right && !sameJSON([]byte(left), []byte(right)) {
				t.Errorf("%s: %s is %s, want %s", when, column, left, right)
			}
		} else if !equalValues(g, w) && !sameStates(g, w) {
			t.Errorf("%s: %s is %v, want %v", when, column, g, w)
		}
	}
}

// text returns a column of JSON as text.
func text(v any) string {
	raw, _ := v.(json.RawMessage) // nothing is an empty text
	return string(raw)
}

// sameStates reports whether two columns have the same states of secrets, with times compared as instants in any zone.
func sameStates(a, b any) bool {
	left, ok := a.(map[string]secretstate.State)
	right, also := b.(map[string]secretstate.State)
	if !ok || !also {
		return false
	}
	one, err := json.Marshal(left)
	two, err2 := json.Marshal(right)
	return err == nil && err2 == nil && sameJSON(one, two)
}

func TestARowIsStoredAsItIs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		whole := shop(t, ctx, s)
		bare := Added(Start{
			ID: ident.New(ident.Marketplace), ClientProductID: whole.ClientProductID, ClientID: whole.ClientID,
			Description: "Loja",
			Provider:    "NUVEMSHOP", Settings: []byte("{}"), Health: provider.Health{Reason: provider.WaitingForMerchant},
		}, now)
		for name, row := range map[string]*Row{"the full row": whole, "the bare row": bare} {
			write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) error {
				_, err := insert(ctx, tx, row)
				return err
			})
			stored, err := s.Reader().Marketplace.Get(ctx, row.ID)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, name, stored, row)
		}
	})
}

// TestEveryMoveIsStored makes each move of the table with a stored row: the row that is read back is what the move
// made.
func TestEveryMoveIsStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		stored := shop(t, ctx, s)
		write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) (err error) {
			stored, err = insert(ctx, tx, stored)
			return err
		})
		var ended []interval
		for _, d := range decisions() {
			start := d.old
			if start == nil {
				start = full()
			}
			start.ID, start.ClientID, start.ClientProductID = stored.ID, stored.ClientID, stored.ClientProductID
			var want *Row
			write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) error {
				old, err := tx.Marketplace.Get(ctx, stored.ID)
				if err != nil {
					return err
				}
				start.CreatedAt = old.CreatedAt
				ended = appendEnded(ended, old, start)
				if old, err = Update(ctx, tx, old, start); err != nil {
					return err
				}
				equal(t, "before "+d.move, old, start)
				want = d.does(old)
				ended = appendEnded(ended, old, want)
				_, err = Update(ctx, tx, old, want)
				return err
			})
			got, err := s.Reader().Marketplace.Get(ctx, stored.ID)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, d.move, got, want)
			if got := intervalsOf(t, ctx, s, stored.ID); !slices.Equal(got, ended) {
				t.Errorf("%s: the history has %v, want %v", d.move, got, ended)
			}
		}
		if len(ended) < 10 {
			t.Errorf("the moves ended %d intervals", len(ended))
		}
	})
}

// interval is a stored interval of health.
type interval struct {
	reason       provider.Reason
	since, until time.Time
}

// appendEnded appends the health of a row, if another row has another one that began later.
func appendEnded(ended []interval, old, moved *Row) []interval {
	since, until := cmp.Or(old.HealthReasonSince, &old.HealthSince), cmp.Or(moved.HealthReasonSince, &moved.HealthSince)
	if !until.After(*since) {
		return ended
	}
	return append(ended, interval{provider.Reason(old.HealthReason), *since, *until})
}

// intervalsOf returns the stored intervals of a connection in the order in which they were written.
func intervalsOf(t *testing.T, ctx context.Context, s *store.Store, id string) (found []interval) {
	t.Helper()
	rows, err := s.Reader().HealthInterval.Query().Where(healthinterval.Marketplace(ident.NumberOf(id))).
		Order(ent.Asc(healthinterval.FieldID)).All(ctx)
	must.Do(t, err)
	for _, row := range rows {
		found = append(found, interval{
			provider.ReasonOf(row.Reason), time.Unix(row.Since, 0).UTC(), time.Unix(row.Until, 0).UTC(),
		})
	}
	return found
}

func TestAConnectionIsDeletedWithItsHistoryAndNoOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		like := shop(t, ctx, s)
		var ids []string
		write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) error {
			for range 3 {
				row := *like
				row.ID, row.ExternalAccount = ident.New(ident.Marketplace), nil
				old, err := insert(ctx, tx, &row)
				if err != nil {
					return err
				}
				if _, err := Update(ctx, tx, old, Mismatched(old, now)); err != nil {
					return err
				}
				ids = append(ids, row.ID)
			}
			deleted, err := Delete(ctx, tx, ids[:2]...)
			if deleted != 2 {
				t.Errorf("%d were deleted", deleted)
			}
			return err
		})
		for n, id := range ids {
			if got := len(intervalsOf(t, ctx, s, id)); got != n/2 {
				t.Errorf("connection %d has %d intervals", n, got)
			}
		}
	})
}

func TestAMoveThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		row := shop(t, ctx, s)
		write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) (err error) {
			row, err = insert(ctx, tx, row)
			return err
		})
		read, err := s.Reader().Marketplace.Get(ctx, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		statements := storetest.Statements(t, s, func() {
			write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) error {
				_, err := Update(ctx, tx, read, Expired(read, now))
				return err
			})
		})
		for _, statement := range statements {
			if strings.Contains(statement, "marketplaces") {
				t.Errorf("it wrote: %s", statement)
			}
		}
	})
}

// TestHasEndedMatchesTheConnectionsWhoseHealthSaysExpired compares the condition of the sweep with HealthAt, row by
// row.
func TestHasEndedMatchesTheConnectionsWhoseHealthSaysExpired(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := principal.AsSystem(t.Context(), "test")
		like := shop(t, ctx, s)
		ended := map[string]bool{}
		write(t, ctx, s, func(ctx context.Context, tx *ent.Tx) error {
			for _, reason := range []provider.Reason{
				provider.WaitingForMerchant, provider.NoTestAvailable, provider.CheckPassed, provider.RenewalDelayed,
				provider.CredentialsEndSoon,
				provider.RenewalInterrupted, provider.RenewalIncomplete, provider.Unreachable, provider.CredentialsExpired,
				provider.TokenRefused, provider.SuspendedByProvider, provider.Incident,
			} {
				for _, end := range []time.Duration{0, -time.Hour, -time.Microsecond, time.Microsecond, time.Hour,
					1000 * time.Hour} {
					row := *like
					row.ID, row.ExternalAccount = ident.New(ident.Marketplace), nil
					row.HealthReason, row.HealthState = string(reason), string(provider.Health{Reason: reason}.State())
					at := now.Add(end)
					if row.CredentialsExpireAt = &at; end == 1000*time.Hour {
						row.CredentialsExpireAt = nil
					}
					if _, err := insert(ctx, tx, &row); err != nil {
						return err
					}
					h, _ := HealthAt(&row, now)
					ended[row.ID] = h.Reason == provider.CredentialsExpired && reason != provider.CredentialsExpired
				}
			}
			return nil
		})
		found, err := s.Reader().Marketplace.Query().Where(HasEnded(now)).IDs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, is := range ended {
			if is {
				count++
			}
		}
		if len(found) != count || count == 0 {
			t.Errorf("%d connections are found, want %d", len(found), count)
		}
		for _, id := range found {
			if !ended[id] {
				t.Errorf("%s is found although its health says something else", id)
			}
		}
	})
}
