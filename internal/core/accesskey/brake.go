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

// Brakes say how much is usual within 10 minutes. Issued and Read beyond that have to wait, and are an event.
type Brakes struct {
	// Issued is for how many shops one operator or service token may make keys.
	Issued int
	// Read is how many shops one address may read that it never read before, by instance. Keys that are bound to their
	// addresses do not count: somebody has said that they come from there.
	Read int
	// Networks is from how many networks one key may be used, by instance. More of them are an event, and go on: the shop
	// itself may be among them. Keys that are bound to their addresses do not count.
	Networks int
}

const (
	// brakeTime is the time in which a brake counts.
	brakeTime = 10 * time.Minute
	// maxReaders is how many addresses the brake for reads remembers.
	maxReaders = 20_000
	// maxShops is how many shops it remembers of each; those beyond are looked for in the database each time.
	maxShops = 10_000
)

// lockMaker locks who makes a key, so that keys that are made at the same time are counted one after the other, and
// none is made by one who was disabled meanwhile. It comes before the lock of the client's product. To make a key is to
// read what it opens: an error is that of principal.Operator.Prove.
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

// brakeIssue returns fault.Throttled when the maker of a key for a client has made keys for as many other clients
// lately as is usual.
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

// brakeRead returns fault.Throttled when the address of a request has read as many shops lately as is usual, and the
// client of the key is none that it has read before.
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

// admission is what a brake says of a shop.
type admission int

const (
	// strange: only the database knows whether the address has read it before.
	strange admission = iota
	admitted
	refused
)

// readers are the shops that addresses have read lately. An IPv6 network of /64 is one address.
type readers struct {
	mu        sync.Mutex
	byAddress map[string]*reader
}

// reader is one address since an instant.
type reader struct {
	since   time.Time
	counted int
	shops   map[string]admission // by client id
}

// admit counts a shop that an address reads. It is strange when there are most of them already in these minutes.
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

// makeRoom forgets the addresses whose minutes are over, and all when there are still too many.
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

// set remembers what the database said of a shop, for the rest of these minutes.
func (r *readers) set(address, clientID string, said admission) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if of := r.byAddress[ratelimit.Network(address)]; of != nil && len(of.shops) < maxShops {
		of.shops[clientID] = said
	}
}
