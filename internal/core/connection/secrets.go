package connection

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Credentials opens what a back-office calls the marketplace with. It returns nil while there is nothing to give, and
// while the shop is another's that no operator has confirmed. settings are the provider's settings in force. It is the
// only way out for a secret, open only to an access key of the same client product: any other caller gets
// fault.Forbidden. What it hands out is recorded.
func (s *Service) Credentials(
	ctx context.Context, m *ent.Marketplace, settings provider.Values,
) (provider.Credentials, error) {
	key, ok := principal.From(ctx).(principal.Key)
	if !ok || key.ClientProductID != m.ClientProductID || key.ClientID != m.ClientID || s.noteRead == nil {
		return nil, fault.Forbidden
	}
	if provider.Reason(m.HealthReason) == provider.WrongShop {
		return nil, nil
	}
	p, err := s.providers.Get(provider.Code(m.Provider))
	if err != nil {
		return nil, err
	}
	secrets, err := s.Open(ctx, m)
	if err != nil {
		return nil, err
	}
	if secrets == nil {
		return nil, nil
	}
	opened, err := p.Credentials(Record(m), secrets, settings)
	if err == nil && opened != nil {
		s.noteRead(ctx, m)
	}
	return opened, err
}

// Open opens the secrets of a marketplace; nil when there are none. It returns seal.ErrNotOpened also when the row was
// given to another client or account outside the program.
func (s *Service) Open(ctx context.Context, m *ent.Marketplace) (provider.Secrets, error) {
	if len(m.SecretsSealed) == 0 {
		return nil, nil
	}
	if !store.Vouches(ctx, s.store, m) {
		return nil, fmt.Errorf("marketplace %s was altered: %w", m.ID, seal.ErrNotOpened)
	}
	plain, err := s.keys.Open(boundPlace(m), m.SecretsSealed)
	if err != nil {
		return nil, fmt.Errorf("open the secrets of marketplace %s: %w", m.ID, err)
	}
	return provider.DecodeSecrets(plain)
}

// IsFor reports whether the secrets of a marketplace were entered for this host of its provider, the only one that they
// are sent to. It is true for a marketplace without secrets.
func IsFor(m *Row, host string) bool {
	return len(m.SecretsSealed) == 0 || m.SecretsHost != nil && *m.SecretsHost == host
}

// hostOf returns the host that the secrets of a marketplace are sealed to; empty where they are bound to no host.
func hostOf(m *Row) string {
	if m.SecretsHost == nil {
		return ""
	}
	return *m.SecretsHost
}

// Seal seals all secrets of the row with this id, bound to a host of its provider, and returns the public state of
// each. A secret that is the same as before keeps who set it and when. Bind binds the secrets to the version of the
// credentials, when the row is stored.
func (s *Service) Seal(
	id, clientID, host string, secrets provider.Secrets, expireAt map[string]time.Time, by string,
	before map[string]secretstate.State,
) (*Sealing, error) {
	states := make(map[string]secretstate.State, len(secrets))
	for name, secret := range secrets {
		print := s.keys.FingerprintAt(place(id, clientID, host), name, secret.Reveal())
		state := secretstate.State{SetAt: s.now(), SetBy: by, Fingerprint: print}
		if end, ok := expireAt[name]; ok {
			state.ExpiresAt = &end
		}
		if old, ok := before[name]; ok && old.Fingerprint == state.Fingerprint {
			state.SetAt, state.SetBy = old.SetAt, old.SetBy
		}
		states[name] = state
	}
	encoded, err := provider.EncodeSecrets(secrets)
	if err != nil {
		return nil, err
	}
	sealed, err := s.keys.Seal(place(id, clientID, host), encoded)
	if err != nil {
		return nil, fmt.Errorf("seal the secrets of marketplace %s: %w", id, err)
	}
	return &Sealing{Sealed: sealed, States: states, Host: host}, nil
}

// place returns the place of a marketplace's secrets, with the host that they may be sent to: they open for no other.
func place(id, clientID, host string) seal.Place {
	return seal.Place{
		Table: marketplace.Table, Column: marketplace.FieldSecretsSealed, RowID: id, ClientID: clientID, Host: host,
	}
}

// boundPlace returns the place of a stored row's secrets. Those that a version without hosts sealed are bound to no
// host and no version.
func boundPlace(m *Row) seal.Place {
	at := place(m.ID, m.ClientID, hostOf(m))
	at.Version = versionOf(m)
	return at
}

// versionOf returns the version of the credentials that a row's sealed values are bound to. So older secrets that are
// put back into the database do not open.
func versionOf(m *Row) string {
	if m.SecretsHost == nil {
		return ""
	}
	return strconv.FormatInt(m.CredentialVersion, 10)
}

// Bind returns row as it is to be stored in place of old, which is nil for a new row. It binds the sealed values to the
// version of the credentials. Values that do not open stay as they are.
func (s *Service) Bind(old, row *Row) (*Row, error) {
	if old == nil {
		old = &Row{}
	}
	bound := begin(row)
	for _, value := range []struct {
		is       *[]byte
		was      []byte
		from, at seal.Place
	}{
		{&bound.SecretsSealed, old.SecretsSealed, boundPlace(old), boundPlace(row)},
		{&bound.PreviousSealed, old.PreviousSealed, previousPlace(old), previousPlace(row)},
	} {
		from := value.from
		if !bytes.Equal(*value.is, value.was) { // sealed anew by Seal, without a version
			from = value.at
			from.Version = ""
		}
		if len(*value.is) == 0 || from == value.at {
			continue
		}
		sealed, err := s.sealAgain(from, *value.is, value.at)
		if err != nil {
			return nil, fmt.Errorf("bind the secrets of marketplace %s: %w", row.ID, err)
		}
		if sealed != nil {
			*value.is = sealed
		}
	}
	return bound.end(), nil
}

func (s *Service) fingerprints(secrets provider.Secrets) map[string]string {
	prints := make(map[string]string, len(secrets))
	for name, secret := range secrets {
		prints[name] = s.keys.Fingerprint(secret.Reveal())
	}
	return prints
}

// SecretChanges returns the names of the secrets that were set, without their values.
func SecretChanges(secrets provider.Secrets) []audit.Change {
	changes := make([]audit.Change, 0, len(secrets))
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		changes = append(changes, audit.Change{Field: name})
	}
	return changes
}

// SealPrevious seals the secrets from before a renewal, bound to the column that keeps them and to the same host.
func (s *Service) SealPrevious(m *ent.Marketplace, secrets provider.Secrets) ([]byte, error) {
	plain, err := provider.EncodeSecrets(secrets)
	if err != nil {
		return nil, err
	}
	at := previousPlace(m)
	at.Version = "" // as Seal does
	sealed, err := s.keys.Seal(at, plain)
	if err != nil {
		return nil, fmt.Errorf("seal the previous secrets of marketplace %s: %w", m.ID, err)
	}
	return sealed, nil
}

// OpenPrevious opens the secrets from before the last renewal; nil when they are no longer kept.
func (s *Service) OpenPrevious(m *ent.Marketplace) (provider.Secrets, error) {
	if len(m.PreviousSealed) == 0 || m.PreviousUntil == nil || !s.now().Before(*m.PreviousUntil) {
		return nil, nil
	}
	plain, err := s.keys.Open(previousPlace(m), m.PreviousSealed)
	if err != nil {
		return nil, fmt.Errorf("open the previous secrets of marketplace %s: %w", m.ID, err)
	}
	return provider.DecodeSecrets(plain)
}

func previousPlace(m *ent.Marketplace) seal.Place {
	return seal.Place{
		Table: marketplace.Table, Column: marketplace.FieldPreviousSealed, RowID: m.ID, ClientID: m.ClientID, Host: hostOf(m),
		Version: versionOf(m),
	}
}

// SealUnread seals an unreadable answer, bound to the column that keeps it.
func (s *Service) SealUnread(m *ent.Marketplace, answer seal.Secret) ([]byte, error) {
	sealed, err := s.keys.Seal(unreadPlace(m), []byte(answer.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("seal the unread answer for marketplace %s: %w", m.ID, err)
	}
	return sealed, nil
}

func unreadPlace(m *ent.Marketplace) seal.Place {
	return seal.Place{Table: marketplace.Table, Column: marketplace.FieldUnreadSealed, RowID: m.ID, ClientID: m.ClientID}
}
