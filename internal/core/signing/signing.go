package signing

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/signingkey"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// reloadEvery is the least time between two reads of the keys that an unknown key id causes.
	reloadEvery = 5 * time.Second
	// keyLife is how long a key signs.
	keyLife = 90 * 24 * time.Hour
	// publishAhead is how long before it signs a key is published. Every instance reads the keys more often than that,
	// each tendEvery.
	publishAhead = 10 * time.Minute
	tendEvery    = time.Minute
	// keepVerifying is how long a key verifies after the next one signs: until its last token has expired, with some
	// time for clocks that differ.
	keepVerifying = tokenLife + 5*time.Minute
)

// Options are what a Service works with.
type Options struct {
	Store *store.Store
	Keys  *seal.Keyset
	// Issuer is the public URL of the portal, which the tokens name.
	Issuer string
	// Now is the clock.
	Now func() time.Time
}

// Service signs and reads access tokens, and tends the keys that sign them.
type Service struct {
	store  *store.Store
	keys   *seal.Keyset
	issuer string
	now    func() time.Time
	ring   ring
}

// New returns the service. It signs once Load has returned.
func New(o Options) *Service {
	return &Service{store: o.Store, keys: o.Keys, issuer: o.Issuer, now: o.Now}
}

// Load reads the keys of the access tokens, and makes the first one when there is none. It must return before a token
// is signed.
func (s *Service) Load(ctx context.Context) error {
	s.ring.reading.Lock()
	defer s.ring.reading.Unlock()
	return s.load(ctx)
}

// reload reads the keys because a key id is unknown, unless another call did so while this one waited.
func (s *Service) reload(ctx context.Context, kid string) error {
	s.ring.reading.Lock()
	defer s.ring.reading.Unlock()
	if _, done := s.ring.find(kid, s.now()); done {
		return nil
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	s.ring.unknownAt = s.now()
	return nil
}

func (s *Service) load(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "signing keys")
	rows, err := s.read(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return s.create(ctx, tx, s.now()) })
		if err != nil {
			return err
		}
		if rows, err = s.read(ctx); err != nil {
			return err
		}
	}
	return s.use(rows)
}

func (s *Service) read(ctx context.Context) ([]*ent.SigningKey, error) {
	rows, err := s.store.Reader().SigningKey.Query().
		Where(signingkey.RetiredAtIsNil()).
		Order(ent.Asc(signingkey.FieldSignsFrom, signingkey.FieldID)).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	return rows, nil
}

func (s *Service) create(ctx context.Context, tx *ent.Tx, signsFrom time.Time) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	id := ident.New(ident.SigningKey)
	sealed, err := s.keys.Seal(place(id), private.Seed())
	if err != nil {
		return fmt.Errorf("seal the signing key: %w", err)
	}
	err = tx.SigningKey.Create().
		SetID(id).
		SetPublicKey(public).
		SetPrivateKeySealed(sealed).
		SetSignsFrom(signsFrom).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the signing key: %w", err)
	}
	return audit.Append(ctx, tx, audit.Event{Action: "signing_key.publish", ObjectID: id})
}

func (s *Service) use(rows []*ent.SigningKey) error {
	public := make(map[string]ed25519.PublicKey, len(rows))
	var signers []signer
	for _, row := range rows {
		if len(row.PublicKey) != ed25519.PublicKeySize {
			return fmt.Errorf("signing key %s is damaged", row.ID)
		}
		seed, err := s.keys.Open(place(row.ID), row.PrivateKeySealed)
		if err != nil {
			return fmt.Errorf("open signing key %s: %w", row.ID, err)
		}
		if len(seed) != ed25519.SeedSize {
			return fmt.Errorf("signing key %s is damaged", row.ID)
		}
		private := ed25519.NewKeyFromSeed(seed)
		if !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(row.PublicKey)) {
			return fmt.Errorf("signing key %s is not its own: its public part was changed behind the program", row.ID)
		}
		public[row.ID] = row.PublicKey
		signers = append(signers, signer{row.ID, row.SignsFrom, private})
	}
	if len(signers) == 0 {
		return errors.New("there is no signing key")
	}
	s.ring.mu.Lock()
	defer s.ring.mu.Unlock()
	s.ring.public, s.ring.signers = public, signers
	return nil
}

// Run tends the signing keys each minute until ctx ends. It reports each error to failed, and tries again a minute
// later.
func (s *Service) Run(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(tendEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		bounded, cancel := context.WithTimeout(ctx, tendEvery/2)
		if err := s.Tend(bounded); err != nil && ctx.Err() == nil {
			failed(err)
		}
		cancel()
	}
}

// Tend publishes the next signing key when the newest is old, and destroys those whose last token has expired. It reads
// what other instances did. Each instance calls it each minute.
func (s *Service) Tend(ctx context.Context) error {
	system := principal.AsSystem(ctx, "signing keys")
	rows, err := s.read(system)
	if err != nil {
		return err
	}
	if n := len(rows); n > 0 && !s.now().Before(rows[n-1].SignsFrom.Add(keyLife-publishAhead)) {
		if _, err := s.publishAfter(system, rows[n-1]); err != nil {
			return err
		}
	}
	for i, row := range rows[:max(0, len(rows)-1)] {
		if s.now().After(rows[i+1].SignsFrom.Add(keepVerifying)) {
			if err := s.destroy(system, row.ID); err != nil {
				return err
			}
		}
	}
	return s.Load(ctx)
}

// Rotate publishes the next signing key, and returns from when it signs. A key that is published already and does not
// sign yet is the next.
func (s *Service) Rotate(ctx context.Context) (time.Time, error) {
	system := principal.AsSystem(ctx, "command line")
	if err := s.Load(ctx); err != nil { // makes the first
		return time.Time{}, err
	}
	rows, err := s.read(system)
	if err != nil {
		return time.Time{}, err
	}
	newest := rows[len(rows)-1]
	if newest.SignsFrom.After(s.now()) {
		return newest.SignsFrom, nil
	}
	return s.publishAfter(system, newest)
}

// publishAfter makes the key that follows one, unless another instance has just done so, and returns from when it
// signs.
func (s *Service) publishAfter(ctx context.Context, last *ent.SigningKey) (time.Time, error) {
	from := s.now().Add(publishAhead)
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		// Two instances that follow the same key wait for each other here.
		if _, err := tx.SigningKey.Query().Where(signingkey.ID(last.ID), store.ForUpdate).Only(ctx); err != nil {
			return fmt.Errorf("lock the signing key: %w", err)
		}
		next, err := tx.SigningKey.Query().Where(signingkey.SignsFromGT(last.SignsFrom)).First(ctx)
		if err == nil {
			from = next.SignsFrom
			return nil
		}
		if !ent.IsNotFound(err) {
			return fmt.Errorf("look for the next signing key: %w", err)
		}
		return s.create(ctx, tx, from)
	})
	return from, err
}

func (s *Service) destroy(ctx context.Context, id string) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		gone, err := tx.SigningKey.Delete().Where(signingkey.ID(id)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("destroy a signing key: %w", err)
		}
		if gone == 0 { // another instance did
			return nil
		}
		return audit.Append(ctx, tx, audit.Event{Action: "signing_key.destroy", ObjectID: id})
	})
}

func place(id string) seal.Place {
	return seal.Place{Table: signingkey.Table, Column: signingkey.FieldPrivateKeySealed, RowID: id}
}
