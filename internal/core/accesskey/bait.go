package accesskey

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// SetBait marks an access key, or a client with all its keys, as bait, or removes the mark. It returns since when the
// mark is set. Both clear the alarm of the key, or of the client's keys that are not bait themselves. It returns a
// fault.List when no key or client has this id.
func (s *Service) SetBait(ctx context.Context, id string, bait bool) (*time.Time, error) {
	if _, err := principal.Changer(ctx, principal.Admin); err != nil {
		return nil, err
	}
	var since *time.Time
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		system, now := principal.AsSystem(ctx, "bait"), s.now()
		if since = nil; bait {
			since = &now
		}
		event, err := markKey(system, tx, id, since)
		if ent.IsNotFound(err) {
			event, err = markClient(system, tx, id, since)
		}
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return fmt.Errorf("mark bait: %w", err)
		}
		event.ObjectID, event.Changes = id, []audit.Change{{Field: "bait", New: bait}}
		return audit.Append(ctx, tx, event)
	})
	return since, err
}

func markKey(ctx context.Context, tx *ent.Tx, id string, since *time.Time) (audit.Event, error) {
	key, err := tx.AccessKey.Query().Where(accesskey.ID(id), store.ForUpdate).Only(ctx)
	if err != nil {
		return audit.Event{}, err
	}
	update := tx.AccessKey.UpdateOneID(id).ClearBaitUsedAt()
	if since == nil {
		update.ClearBaitSince()
	} else {
		update.SetBaitSince(*since)
	}
	return audit.Event{Action: "access_key.bait", ClientID: key.ClientID}, update.Exec(ctx)
}

func markClient(ctx context.Context, tx *ent.Tx, id string, since *time.Time) (audit.Event, error) {
	_, err := tx.ClientRecord.Query().Where(clientrecord.ID(id), clientrecord.ErasedAtIsNil(), store.ForUpdate).Only(ctx)
	if err != nil {
		return audit.Event{}, err
	}
	update := tx.ClientRecord.UpdateOneID(id)
	if since == nil {
		update.ClearBaitSince()
	} else {
		update.SetBaitSince(*since)
	}
	if err := update.Exec(ctx); err != nil {
		return audit.Event{}, err
	}
	// Keys that are bait themselves keep their alarm.
	return audit.Event{Action: "client.bait", ClientID: id}, tx.AccessKey.Update().
		Where(accesskey.ClientID(id), accesskey.BaitSinceIsNil(), accesskey.BaitUsedAtNotNil()).
		ClearBaitUsedAt().
		Exec(ctx)
}

// alarm records the first use of a bait key, whether the call was accepted or refused, unless another instance did.
func (s *Service) alarm(ctx context.Context, tx *ent.Tx, key principal.Key, address string) error {
	first, err := tx.AccessKey.Update().Where(accesskey.ID(key.ID), accesskey.BaitUsedAtIsNil()).
		SetBaitUsedAt(s.now()).Save(ctx)
	if err != nil {
		return fmt.Errorf("note that bait was used: %w", err)
	}
	if first == 0 {
		return nil
	}
	return audit.Append(audit.WithOrigin(principal.With(ctx, key), audit.Origin{Address: address}), tx,
		audit.Event{Action: "access_key.bait_used", ObjectID: key.ID, ClientID: key.ClientID})
}
