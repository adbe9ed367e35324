package marketplace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/seal"
)

// Fixed are settings from the environment, by provider.
type Fixed map[provider.Code]provider.Values

// FixedSettings reads the settings of these providers from the environment. It returns an error of one sentence, which
// names the variable and holds no secret, if one is wrong.
func FixedSettings(providers provider.Registry, lookup func(string) (string, bool), allows func(*url.URL) bool) (Fixed, error) {
	fixed := Fixed{}
	for code, p := range providers {
		fixed[code] = provider.Values{}
		for _, setting := range p.Settings() {
			text, ok := lookup(setting.Env)
			if !ok || text == "" {
				continue
			}
			if setting.Kind == provider.SecretText {
				data, err := os.ReadFile(text)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", setting.Env, err)
				}
				text = strings.TrimSpace(string(data))
			}
			if wrong, _ := setting.Check(text, allows); wrong != "" {
				return nil, fmt.Errorf("%s is not what it should be (%s)", setting.Env, wrong)
			}
			fixed[code][setting.Name] = text
		}
	}
	return fixed, nil
}

// Status is a provider as this installation has it: the GraphQL type ProviderStatus.
type Status struct {
	Provider    provider.Code
	Configured  bool
	Installable bool
	Testable    bool
	Addresses   []Address
	Settings    []SettingStatus
}

// Address is an address of the portal to type into the provider's partner panel.
type Address struct{ Topic, URL string }

// SettingSource is where the value of a setting comes from, a value of the GraphQL enum ProviderSettingSource.
type SettingSource string

// The sources.
const (
	FromDefault     SettingSource = "DEFAULT"
	FromStore       SettingSource = "STORED"
	FromEnvironment SettingSource = "ENVIRONMENT"
)

// SettingStatus is a setting with what is known of its value, never a secret.
type SettingStatus struct {
	provider.Setting
	Value  *string
	Source SettingSource
	Secret *secretstate.State
}

// Providers returns the status of every provider, by name.
func (s *Service) Providers(ctx context.Context) ([]Status, error) {
	stored, err := s.stored(ctx)
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, code := range slices.Sorted(maps.Keys(s.providers)) {
		status, err := s.status(code, stored[code])
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

func (s *Service) status(code provider.Code, row *ent.ProviderSetting) (Status, error) {
	p := s.providers[code]
	values, err := s.values(code, row)
	if err != nil {
		return Status{}, err
	}
	status := Status{Provider: code, Configured: true}
	for _, setting := range p.Settings() {
		one := SettingStatus{Setting: setting, Source: FromDefault}
		if value, ok := values[setting.Name]; ok && setting.Kind != provider.SecretText {
			one.Value = &value
		}
		if row != nil {
			if _, ok := row.Values[setting.Name]; ok {
				one.Source = FromStore
			}
			if state, ok := row.SecretStates[setting.Name]; ok {
				one.Source, one.Secret = FromStore, &state
			}
		}
		if _, ok := s.fixed[code][setting.Name]; ok {
			one.Source, one.Secret = FromEnvironment, nil
		}
		if setting.Required && values[setting.Name] == "" {
			status.Configured = false
		}
		status.Settings = append(status.Settings, one)
	}
	if _, ok := p.(provider.Authorizer); ok {
		status.Installable = true
		status.Addresses = append(status.Addresses, Address{"REDIRECT", s.portal + callbackPath(code)})
	}
	if receiver, ok := p.(provider.WebhookReceiver); ok {
		for _, topic := range receiver.Topics() {
			status.Addresses = append(status.Addresses, Address{topic, s.portal + webhookPath(code) + "/" + topic})
		}
	}
	if tester, ok := p.(provider.Tester); ok {
		status.Testable = tester.CanTest(values)
	}
	return status, nil
}

// settingsAge is how old the settings in memory may be: so long another instance may go on with what an administrator
// has just changed.
const settingsAge = 10 * time.Second

// settings returns the values in force of a provider. They are not to be changed.
func (s *Service) settings(ctx context.Context, code provider.Code) (provider.Values, error) {
	now := s.now()
	s.mu.Lock()
	values, ok := s.inForce[code]
	ok = ok && now.Sub(s.inForceAt) < settingsAge
	s.mu.Unlock()
	if ok {
		return values, nil
	}
	all, err := s.stored(ctx)
	if err != nil {
		return nil, err
	}
	inForce := map[provider.Code]provider.Values{}
	for code := range s.providers {
		if inForce[code], err = s.values(code, all[code]); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.inForce, s.inForceAt = inForce, now
	s.mu.Unlock()
	return inForce[code], nil
}

func (s *Service) stored(ctx context.Context) (map[provider.Code]*ent.ProviderSetting, error) {
	rows, err := s.store.Reader().ProviderSetting.Query().All(principal.AsSystem(ctx, "provider settings"))
	if err != nil {
		return nil, fmt.Errorf("read the provider settings: %w", err)
	}
	stored := map[provider.Code]*ent.ProviderSetting{}
	for _, row := range rows {
		stored[provider.Code(row.Provider)] = row
	}
	return stored, nil
}

func (s *Service) values(code provider.Code, row *ent.ProviderSetting) (provider.Values, error) {
	values := provider.Values{}
	for _, setting := range s.providers[code].Settings() {
		if setting.Default != "" {
			values[setting.Name] = setting.Default
		}
	}
	if row != nil {
		maps.Copy(values, row.Values)
		secrets, err := s.settingSecrets(row)
		if err != nil {
			return nil, err
		}
		for name, secret := range secrets {
			values[name] = secret.Reveal()
		}
	}
	maps.Copy(values, s.fixed[code])
	return values, nil
}

func (s *Service) settingSecrets(row *ent.ProviderSetting) (provider.Secrets, error) {
	if len(row.SecretsSealed) == 0 {
		return provider.Secrets{}, nil
	}
	plain, err := s.keys.Open(settingPlace(row.ID), row.SecretsSealed)
	if err != nil {
		return nil, fmt.Errorf("open the secrets of the settings of %s: %w", row.Provider, err)
	}
	return decode(plain)
}

func settingPlace(id string) seal.Place {
	return seal.Place{Table: providersetting.Table, Column: providersetting.FieldSecretsSealed, RowID: id}
}

// SettingChange is the new value of a setting; empty takes it away.
type SettingChange struct{ Name, Value string }

// SetProvider changes settings of a provider for the whole installation. It returns a fault.List when the input can be
// mended.
func (s *Service) SetProvider(ctx context.Context, code provider.Code, changes []SettingChange) (Status, error) {
	operator, err := only(ctx, principal.Admin)
	if err != nil {
		return Status{}, err
	}
	p, err := s.provider(code)
	if err != nil {
		return Status{}, err
	}
	var bad fault.List
	if len(changes) > 20 {
		bad.Add(fault.LimitReached, []any{20}, "settings")
	}
	chosen := map[string]provider.Setting{}
	for i, change := range changes {
		at := []string{"settings", strconv.Itoa(i), "value"}
		place := slices.IndexFunc(p.Settings(), func(o provider.Setting) bool { return o.Name == change.Name })
		if place < 0 {
			bad.Add(fault.NotFound, nil, "settings", strconv.Itoa(i), "name")
			continue
		}
		setting := p.Settings()[place]
		changes[i].Value = strings.TrimSpace(change.Value)
		if _, fixed := s.fixed[code][change.Name]; fixed {
			bad.Add(fault.SettingFixed, nil, at...)
		} else if changes[i].Value != "" {
			if wrong, args := setting.Check(changes[i].Value, s.http.Allows); wrong != "" {
				bad.Add(wrong, args, at...)
			}
		}
		chosen[change.Name] = setting
	}
	if err := bad.Err(); err != nil {
		return Status{}, err
	}
	var status Status
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := tx.ProviderSetting.Query().Where(providersetting.Provider(string(code))).Only(ctx)
		if ent.IsNotFound(err) {
			row, err = tx.ProviderSetting.Create().SetProvider(string(code)).SetValues(map[string]string{}).Save(ctx)
		}
		if err != nil {
			return fmt.Errorf("find the settings of %s: %w", code, err)
		}
		secrets, err := s.settingSecrets(row)
		if err != nil {
			return err
		}
		values, states := maps.Clone(row.Values), map[string]secretstate.State{}
		maps.Copy(states, row.SecretStates)
		var told []audit.Change
		for _, change := range changes {
			if chosen[change.Name].Kind == provider.SecretText {
				delete(secrets, change.Name)
				delete(states, change.Name)
				if change.Value != "" {
					secrets[change.Name] = seal.NewSecret(change.Value)
					states[change.Name] = secretstate.State{SetAt: s.now(), SetBy: operator.Name, Fingerprint: s.keys.Fingerprint(change.Value)}
				}
				told = append(told, audit.Change{Field: change.Name})
				continue
			}
			if values[change.Name] == change.Value {
				continue
			}
			told = append(told, audit.Change{Field: change.Name, Old: values[change.Name], New: change.Value})
			if values[change.Name] = change.Value; change.Value == "" {
				delete(values, change.Name)
			}
		}
		update := row.Update().SetValues(values).SetSecretStates(states)
		encoded, err := encode(secrets)
		if err != nil {
			return err
		}
		sealed, err := s.keys.Seal(settingPlace(row.ID), encoded)
		if err != nil {
			return fmt.Errorf("seal the secrets of the settings of %s: %w", code, err)
		}
		if row, err = update.SetSecretsSealed(sealed).Save(ctx); err != nil {
			return fmt.Errorf("update the settings of %s: %w", code, err)
		}
		if status, err = s.status(code, row); err != nil {
			return err
		}
		if len(told) == 0 {
			return nil
		}
		if err := s.checkAll(ctx, tx, code); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "provider.set", ObjectID: row.ID, Changes: append([]audit.Change{{Field: "provider", New: code}}, told...)})
	})
	if err == nil {
		s.mu.Lock()
		s.inForce = nil
		s.mu.Unlock()
		s.wake()
	}
	return status, err
}

// checkAll plans a check of every connection of a provider that is not checked now for want of a way: with the new
// settings there may be one.
func (s *Service) checkAll(ctx context.Context, tx *ent.Tx, code provider.Code) error {
	err := tx.Marketplace.Update().
		Where(marketplace.Provider(string(code)), marketplace.HealthState(string(provider.NotTestable))).
		SetNextCheckAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("plan the checks of %s: %w", code, err)
	}
	return nil
}

// encode is the reverse of decode.
func encode(secrets provider.Secrets) ([]byte, error) {
	plain := make(map[string]string, len(secrets))
	for name, secret := range secrets {
		plain[name] = secret.Reveal()
	}
	encoded, err := json.Marshal(plain)
	if err != nil {
		return nil, errors.New("encode secrets") // the error itself might repeat one
	}
	return encoded, nil
}
