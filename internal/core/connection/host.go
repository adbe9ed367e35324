package connection

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// rebindBatch is how many connections one transaction binds.
const rebindBatch = 100

// BindHosts binds the secrets that a version without hosts sealed to the host of their provider that they were entered
// for. Secrets that do not open stay as they are.
func (s *Service) BindHosts(ctx context.Context, hosts map[provider.Code]string) error {
	_, err := s.rebind(ctx, marketplace.SecretsHostIsNil(), hosts)
	return err
}

// MoveHost binds the secrets of a provider's connections from one host to another, and plans a check of each. It
// returns how many there were.
func (s *Service) MoveHost(ctx context.Context, code provider.Code, from, to string) (int, error) {
	return s.rebind(ctx, marketplace.And(marketplace.Provider(string(code)), marketplace.SecretsHost(from)),
		map[provider.Code]string{code: to})
}

func (s *Service) rebind(
	ctx context.Context, which predicate.Marketplace, hosts map[provider.Code]string,
) (bound int, err error) {
	ctx = principal.AsSystem(ctx, "binding secrets to hosts")
	which = marketplace.And(which, marketplace.SecretsSealedNotNil())
	for last := ""; ; {
		ids, err := s.store.Reader().Marketplace.Query().Where(which, marketplace.IDGT(last)).
			Order(marketplace.ByID()).Limit(rebindBatch).IDs(ctx)
		if err != nil {
			return bound, fmt.Errorf("read the marketplaces to bind: %w", err)
		}
		if len(ids) == 0 {
			return bound, nil
		}
		n := 0
		err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			n = 0
			rows, err := tx.Marketplace.Query().Where(which, marketplace.IDIn(ids...), store.ForUpdate).All(ctx)
			if err != nil {
				return err
			}
			for _, m := range rows {
				done, err := s.bindTo(ctx, m, hosts[provider.Code(m.Provider)])
				if err != nil {
					return err
				}
				if done {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return bound, fmt.Errorf("bind secrets to hosts: %w", err)
		}
		bound, last = bound+n, ids[len(ids)-1]
	}
}

// bindTo seals the secrets of a locked row again, bound to host. It returns false when they do not open.
func (s *Service) bindTo(ctx context.Context, m *ent.Marketplace, host string) (bool, error) {
	to := *m
	to.SecretsHost = &host
	secrets, err := s.sealAgain(boundPlace(m), m.SecretsSealed, boundPlace(&to))
	if err != nil || secrets == nil {
		return false, err
	}
	update := m.Update().SetSecretsSealed(secrets).SetSecretsHost(host)
	if m.SecretsHost != nil {
		update.SetNextCheckAt(s.now())
	}
	if len(m.PreviousSealed) > 0 {
		previous, err := s.sealAgain(previousPlace(m), m.PreviousSealed, previousPlace(&to))
		if err != nil {
			return false, err
		}
		if previous == nil {
			update.ClearPreviousSealed().ClearPreviousUntil()
		} else {
			update.SetPreviousSealed(previous)
		}
	}
	return true, update.Exec(ctx)
}

// sealAgain opens a value at one place and seals it for another; nil when it does not open.
func (s *Service) sealAgain(from seal.Place, sealed []byte, to seal.Place) ([]byte, error) {
	plain, err := s.keys.Open(from, sealed)
	if err != nil {
		return nil, nil //nolint:nilerr // it is lost, which keyset verify counts and a recovery forgets
	}
	return s.keys.Seal(to, plain)
}

// HostCount is how many connections of a provider have secrets for one host.
type HostCount struct {
	Provider    provider.Code `json:"provider"`
	Host        string        `json:"secrets_host"`
	Connections int           `json:"count"`
}

// CountHosts counts the connections by the host that their secrets are for.
func (s *Service) CountHosts(ctx context.Context) ([]HostCount, error) {
	var counts []HostCount
	err := s.store.Reader().Marketplace.Query().
		Where(marketplace.SecretsSealedNotNil(), marketplace.SecretsHostNotNil()).
		Order(marketplace.ByProvider(), marketplace.BySecretsHost()).
		GroupBy(marketplace.FieldProvider, marketplace.FieldSecretsHost).
		Aggregate(ent.Count()).
		Scan(principal.AsSystem(ctx, "command line"), &counts)
	if err != nil {
		return nil, fmt.Errorf("count the hosts of secrets: %w", err)
	}
	return counts, nil
}
