package providersettings

import (
	"context"
	"fmt"
	"maps"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// UnusedAddresses returns the settings whose stored address is not used: the page may not set it, and the environment
// does not. An earlier version let the page set it.
func UnusedAddresses(settings []provider.Setting, row *ent.ProviderSetting, fixed provider.Values) []provider.Setting {
	var unused []provider.Setting
	for _, setting := range settings {
		stored, ok := row.Values[setting.Name]
		if _, set := fixed[setting.Name]; ok && !set && !setting.MayBeStored(stored) {
			unused = append(unused, setting)
		}
	}
	return unused
}

// HostsBefore returns, by provider, the host to which a version without bound hosts sent the secrets of connections.
// That version used every stored address, so its secrets were entered for this host.
func (s *Service) HostsBefore(ctx context.Context) (map[provider.Code]string, error) {
	stored, err := s.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	hosts := map[provider.Code]string{}
	for code, p := range s.providers {
		hosts[code] = provider.Host(p.Settings(), s.valuesBefore(p, stored[code]), provider.OfConnection)
	}
	return hosts, nil
}

// valuesBefore returns the settings in force by the rules of a version without bound hosts.
func (s *Service) valuesBefore(p provider.Provider, row *ent.ProviderSetting) provider.Values {
	values := Plain(p.Settings(), nil, nil)
	if row != nil {
		maps.Copy(values, row.Values)
	}
	maps.Copy(values, s.fixed[p.Code()])
	return values
}

// BindHosts binds the stored secrets that a version without hosts sealed to the host that they were entered for.
func (s *Service) BindHosts(ctx context.Context) error {
	return s.rebind(ctx, func(row *ent.ProviderSetting, p provider.Provider) (string, bool) {
		return provider.Host(p.Settings(), s.valuesBefore(p, row), provider.OfHouse), row.SecretsHost == nil
	})
}

// MoveHost binds the stored secrets of a provider for one host to the host in force. It records how many connections
// were moved with them. It is for the person who runs the server.
func (s *Service) MoveHost(ctx context.Context, code provider.Code, from, to string, connections int) error {
	err := s.rebind(ctx, func(row *ent.ProviderSetting, p provider.Provider) (string, bool) {
		values := Plain(p.Settings(), row, s.fixed[code])
		return provider.Host(p.Settings(), values, provider.OfHouse), p.Code() == code && text(row.SecretsHost) == from
	})
	if err != nil {
		return err
	}
	return s.store.Write(principal.AsSystem(ctx, "command line"), func(ctx context.Context, tx *ent.Tx) error {
		return audit.Append(ctx, tx, audit.Event{Action: "provider.move_host", Changes: []audit.Change{
			{Field: "provider", New: code}, {Field: "host", Old: from, New: to}, {Field: "connections", New: connections},
		}})
	})
}

// rebind seals stored secrets again, bound to the host that to returns, for the rows for which to returns true. Secrets
// that do not open stay as they are.
func (s *Service) rebind(ctx context.Context, to func(*ent.ProviderSetting, provider.Provider) (string, bool)) error {
	return s.store.Write(principal.AsSystem(ctx, "binding secrets to hosts"), func(ctx context.Context, tx *ent.Tx) error {
		rows, err := tx.ProviderSetting.Query().Where(providersetting.SecretsSealedNotNil(), store.ForUpdate).All(ctx)
		if err != nil {
			return fmt.Errorf("read the settings of providers: %w", err)
		}
		for _, row := range rows {
			p, known := s.providers[provider.Code(row.Provider)]
			if !known {
				continue
			}
			host, due := to(row, p)
			if !due {
				continue
			}
			plain, err := s.keys.Open(settingPlace(row.ID, text(row.SecretsHost)), row.SecretsSealed)
			if err != nil {
				continue // its secrets are lost: keyset verify counts them
			}
			sealed, err := s.keys.Seal(settingPlace(row.ID, host), plain)
			if err != nil {
				return fmt.Errorf("seal the secrets of the settings of %s: %w", row.Provider, err)
			}
			if err := row.Update().SetSecretsSealed(sealed).SetSecretsHost(host).Exec(ctx); err != nil {
				return fmt.Errorf("bind the secrets of the settings of %s: %w", row.Provider, err)
			}
		}
		return nil
	})
}
