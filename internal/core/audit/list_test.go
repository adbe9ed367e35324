package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestAWalkThroughTheTrailEndsAtItsLimitAndSaysSo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const events = audit.ExportPage + 30
		ctx := principal.AsSystem(t.Context(), "test")
		err := s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			for i := range events {
				if err := audit.Append(ctx, tx,
					audit.Event{Action: "test.do", ClientID: "cli_1", ObjectID: fmt.Sprint(i)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		trail := audit.NewTrail(s)
		for limit, want := range map[int]struct {
			n    int
			more bool
		}{
			1: {1, true}, audit.ExportPage: {audit.ExportPage, true}, events - 1: {events - 1, true}, events: {events, false},
			events + 1: {events, false},
		} {
			found, more, err := trail.OfClient(ctx, "cli_1", limit)
			if err != nil || len(found) != want.n || more != want.more {
				t.Errorf("limit %d: %d events, more %v, error %v; want %v", limit, len(found), more, err, want)
			}
			for i, e := range found {
				if e.ObjectID != fmt.Sprint(events-1-i) {
					t.Fatalf("limit %d: place %d has event %s", limit, i, e.ObjectID)
				}
			}
		}
		stop := errors.New("stop")
		if _, err := trail.Export(ctx, audit.Filter{}, "csv", func(audit.Recorded) error { return stop }); !errors.Is(
			err, stop) {
			t.Errorf("an export whose reader fails goes on: %v", err)
		}
		viewer := principal.With(t.Context(), principal.Operator{ID: "opr_1", Role: principal.Viewer})
		if _, err := trail.Export(viewer, audit.Filter{}, "csv", nil); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a viewer exports: %v", err)
		}
	})
}
