package accesskey

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/credentialread"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Brakes are the usual numbers within 10 minutes. Beyond Issued and Read the caller has to wait, and the audit trail
// gets an event.
type Brakes struct {
	// Issued caps for how many shops one operator or service token may make keys.
	Issued int
	// Read caps how many shops that are new to it one address may read, per instance. Keys that are bound to addresses do
	// not count: a person has named those addresses.
	Read int
	// Networks is from how many networks one key is usually used, per instance. Beyond it the audit trail gets an event,
	// but the calls go on: the shop itself may be among them. Keys that are bound to addresses do not count.
	Networks int
}

const (
	// brakeTime is the window in which a brake counts.
	brakeTime = 10 * time.Minute
	// maxReaders caps how many addresses the brake for reads remembers.
	maxReaders = 20_000
	// maxShops caps how many shops it remembers per address. It queries the database for the others each time.
	maxShops = 10_000
)

// lockMaker locks the row of the maker of a key. So keys that are made at the same time are counted one after the
// other, and a maker who was disabled meanwhile makes none. Take it before the lock of the client product. A new key
// reads secrets, so lockMaker returns the errors of principal.Operator.Prove.
func (s *Service) lockMaker(ctx context.Context, tx *ent.Tx) error {
	maker, ok := principal.From(ctx).(principal.Operator)
	if !ok {
		return fault.Forbidden
	}
	if err := maker.Prove(s.now(), principal.Keys); err != nil {
		return err
	}
	system := principal.AsSystem(ctx, "lock who makes a key")
	var err error
	if strings.HasPrefix(maker.ID, ident.ServiceToken+"_") {
		_, err = tx.ServiceToken.Query().
			Where(servicetoken.ID(maker.ID), servicetoken.RevokedAtIsNil(), store.ForUpdate).
			Only(system)
	} else {
		_, err = tx.Operator.Query().Where(operator.ID(maker.ID), operator.DisabledAtIsNil(), store.ForUpdate).Only(system)
	}
	if ent.IsNotFound(err) {
		return fault.Unauthenticated
	}
	if err != nil {
		return fmt.Errorf("lock who makes a key: %w", err)
	}
	return nil
}

// brakeIssue returns fault.Throttled when the maker of a key has made keys for s.brakes.Issued other clients within
// brakeTime.
func (s *Service) brakeIssue(ctx context.Context, tx *ent.Tx, maker principal.Operator, clientID string) error {
	others, err := tx.AccessKey.Query().
		Where(
			accesskey.CreatedByID(maker.ID), accesskey.ClientIDNEQ(clientID),
			accesskey.CreatedAtGT(s.now().Add(-brakeTime)),
		).
		Unique(true).
		Select(accesskey.FieldClientID).
		Strings(ctx)
	if err != nil {
		return fmt.Errorf("count the clients of the latest keys: %w", err)
	}
	if len(others) < s.brakes.Issued {
		return nil
	}
	s.traces.brake(maker.ID, s.now(), trace{
		by: maker, origin: audit.OriginFrom(ctx),
		event: audit.Event{
			Action: IssueBraked, ObjectID: maker.ID, Refused: true, Changes: []audit.Change{{Field: "shops", New: len(others)}},
		},
	})
	return fault.Throttled{After: brakeTime}
}

// brakeRead returns fault.Throttled when the address of a request has read s.brakes.Read shops within brakeTime, and
// never read that of the key's client before.
func (s *Service) brakeRead(ctx context.Context, key principal.Key) error {
	origin, now := audit.OriginFrom(ctx), s.now()
	if key.Bound {
		return nil
	}
	switch s.readers.admit(origin.Address, key.ClientID, now, s.brakes.Read) {
	case admitted:
		return nil
	case refused:
		return fault.Throttled{After: brakeTime}
	}
	before, err := s.store.Reader().CredentialRead.Query().
		Where(
			credentialread.ClientID(key.ClientID), credentialread.Address(origin.Address),
			credentialread.FirstAtLT(now.Add(-brakeTime)),
		).
		Exist(principal.AsSystem(ctx, "look for earlier reads"))
	if err != nil {
		return fmt.Errorf("look for earlier reads from an address: %w", err)
	}
	if before {
		s.readers.set(origin.Address, key.ClientID, admitted)
		return nil
	}
	s.readers.set(origin.Address, key.ClientID, refused)
	s.traces.brake(ratelimit.Network(origin.Address), now, trace{
		by: key, origin: origin,
		event: audit.Event{
			Action: ReadBraked, ObjectID: key.ID, ClientID: key.ClientID, Refused: true,
			Changes: []audit.Change{{Field: "shops", New: s.brakes.Read}},
		},
	})
	return fault.Throttled{After: brakeTime}
}

// admission is what a brake decides about a shop.
type admission int

const (
	// strange: only the database knows whether the address has read the shop before.
	strange admission = iota
	admitted
	refused
)

// readers are the shops that each address has read lately. An IPv6 network of /64 counts as one address.
type readers struct {
	mu        sync.Mutex
	byAddress map[string]*reader
}

// reader is what one address has read since an instant.
type reader struct {
	since   time.Time
	counted int
	shops   map[string]admission // by client id
}

// admit counts a shop that an address reads. Once the address has most shops in its window, a new shop is strange.
func (r *readers) admit(address, clientID string, now time.Time, most int) admission {
	r.mu.Lock()
	defer r.mu.Unlock()
	network := ratelimit.Network(address)
	of := r.byAddress[network]
	if of == nil || now.Sub(of.since) >= brakeTime {
		r.makeRoom(now)
		of = &reader{since: now, shops: map[string]admission{}}
		r.byAddress[network] = of
	}
	if said := of.shops[clientID]; said != strange || of.counted >= most {
		return said
	}
	of.counted++
	of.shops[clientID] = admitted
	return admitted
}

// makeRoom drops the addresses whose window is over, and all addresses when there are still too many.
func (r *readers) makeRoom(now time.Time) {
	if r.byAddress == nil {
		r.byAddress = map[string]*reader{}
	}
	if len(r.byAddress) < maxReaders {
		return
	}
	for network, of := range r.byAddress {
		if now.Sub(of.since) >= brakeTime {
			delete(r.byAddress, network)
		}
	}
	if len(r.byAddress) >= maxReaders {
		clear(r.byAddress)
	}
}

// set remembers the database's answer about a shop until the window is over.
func (r *readers) set(address, clientID string, said admission) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if of := r.byAddress[ratelimit.Network(address)]; of != nil && len(of.shops) < maxShops {
		of.shops[clientID] = said
	}
}
