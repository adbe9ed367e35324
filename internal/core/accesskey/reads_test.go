package accesskey

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/store/live"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestReadsBeyondTheCapAreDroppedAndReported(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	var clientID string
	err := s.Write(principal.AsSystem(t.Context(), "test"), func(ctx context.Context, tx *ent.Tx) error {
		client, err := tx.ClientRecord.Create().SetName("Loja").SetNameKey("loja").SetDocument("11222333000181").
			SetSearchText("loja").Save(ctx)
		if err == nil {
			clientID = client.ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := New(s, token.Live, live.New(s, slog.New(slog.DiscardHandler)), schema.Now, Brakes{Issued: 10, Read: 10})
	ctx := principal.With(t.Context(), principal.Key{ID: "key_1", Name: "Caixa", ClientID: clientID})
	for i := range maxReads + 7 {
		keys.CredentialsRead(ctx, &ent.Marketplace{ID: fmt.Sprintf("mkp_%d", i)})
	}
	keys.CredentialsRead(ctx, &ent.Marketplace{ID: "mkp_0"}) // is counted already, so it is not dropped

	if err := keys.Flush(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "7 reads") {
		t.Errorf("error %v, want one of 7 reads", err)
	}
	saved, err := s.Reader().CredentialRead.Query().Count(principal.AsSystem(t.Context(), "test"))
	if err != nil || saved != maxReads {
		t.Errorf("%d reads are saved, want %d; error %v", saved, maxReads, err)
	}
	if err := keys.Flush(t.Context()); err != nil {
		t.Errorf("it is reported twice: %v", err)
	}
}
