// Package providersettings keeps what an administrator sets of a provider for the whole installation, and returns the
// settings in force. The environment overrides what is stored.
package providersettings

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Service reads and changes the settings of the providers.
type Service struct {
	store       *store.Store
	keys        *seal.Keyset
	providers   provider.Registry
	now         func() time.Time
	connections *connection.Service
	fixed       Fixed
	allows      func(*url.URL) bool
	portal      string

	mu        sync.Mutex
	inForce   map[provider.Code]provider.Values // as read at inForceAt; the values are never modified
	inForceAt time.Time
	// inForceAsOf is a version of the settings that was read before inForce was.
	inForceAsOf int64
	// refused are the providers that refused the house log-in, as read at inForceAt. refusedHere are those that refused it
	// in this process.
	refused, refusedHere map[provider.Code]bool
}

// Options are what a Service is made of.
type Options struct {
	Store     *store.Store
	Keys      *seal.Keyset
	Providers provider.Registry
	// Now is the clock.
	Now func() time.Time
	// Connections plans checks when a change makes them possible.
	Connections *connection.Service
	// Fixed are the settings from the environment.
	Fixed Fixed
	// Allows reports whether an address may be called.
	Allows func(*url.URL) bool
	// Portal is the public address of the portal, without a slash at its end.
	Portal string
}

// New returns the service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, keys: o.Keys, providers: o.Providers, now: o.Now, connections: o.Connections, fixed: o.Fixed,
		allows: o.Allows, portal: o.Portal, refusedHere: map[provider.Code]bool{},
	}
}

// Fixed are settings from the environment, by provider.
type Fixed map[provider.Code]provider.Values

// ReadFixed reads the settings of these providers from the environment. When one is wrong, it returns an error of one
// sentence, which names the variable and holds no secret.
func ReadFixed(
	providers provider.Registry, lookup func(string) (string, bool), allows func(*url.URL) bool,
) (Fixed, error) {
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
			if wrong, args := setting.Check(text, allows); wrong != "" {
				english := i18n.With(context.Background(), i18n.English) // as the errors of the other settings
				return nil, fmt.Errorf("%s: %s", setting.Env, i18n.Text(english, "error."+string(wrong), args...))
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
	// Mintable is whether the house's own log-in can get new credentials now.
	Mintable bool
	// OtherHost is the host that the stored secrets were entered for, when another one is in force: they are then not
	// used.
	OtherHost string
	// PanelURL is the provider's page where people log in; nil when it is not known.
	PanelURL *string
	// ChangedAt, ChangedBy and ChangedByID say when and by which administrator a setting was last changed; nil and empty
	// when none was.
	ChangedAt              *time.Time
	ChangedBy, ChangedByID string
	// HouseRefusedAt is since when the provider refuses that log-in; nil when it does not.
	HouseRefusedAt *time.Time
	Addresses      []Address
	Settings       []SettingStatus
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

// List returns the status of every provider, by name.
func (s *Service) List(ctx context.Context) ([]*Status, error) {
	stored, err := s.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Status
	for _, code := range slices.Sorted(maps.Keys(s.providers)) {
		status, err := s.status(code, stored[code])
		if err != nil {
			return nil, err
		}
		all = append(all, &status)
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
	if panel := values[provider.PanelURL]; panel != "" {
		status.PanelURL = &panel
	}
	for _, setting := range p.Settings() {
		one := SettingStatus{Setting: setting, Source: FromDefault}
		if value, ok := values[setting.Name]; ok && setting.Kind != provider.SecretText {
			one.Value = &value
		}
		if row != nil {
			if stored, ok := row.Values[setting.Name]; ok && setting.MayBeStored(stored) {
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
		status.Addresses = append(status.Addresses, Address{"REDIRECT", s.portal + provider.CallbackPath(code)})
	}
	if receiver, ok := p.(provider.WebhookReceiver); ok {
		for _, topic := range receiver.Topics() {
			status.Addresses = append(status.Addresses, Address{topic, s.portal + provider.WebhookPath(code) + "/" + topic})
		}
	}
	if tester, ok := p.(provider.Tester); ok {
		status.Testable = tester.CanTest(values)
	}
	if row != nil {
		status.HouseRefusedAt, status.ChangedAt = row.HouseRefusedAt, row.ChangedAt
		status.ChangedBy, status.ChangedByID = text(row.ChangedBy), text(row.ChangedByID)
		if len(row.SecretStates) > 0 && !isFor(row, provider.Host(p.Settings(), values, provider.OfHouse)) {
			status.OtherHost = text(row.SecretsHost)
		}
	}
	if minter, ok := p.(provider.Minter); ok {
		status.Mintable = minter.CanMint(values) && status.HouseRefusedAt == nil
	}
	return status, nil
}

// settingsAge is the maximum age of the settings in memory. For that long another instance may use the settings from
// before a change.
const settingsAge = 10 * time.Second

// InForce returns the values in force of a provider. They must not be modified. For an access key they are at least as
// new as the version that the key was found good with.
func (s *Service) InForce(ctx context.Context, code provider.Code) (provider.Values, error) {
	now := s.now()
	asOf := int64(0)
	if key, ok := principal.From(ctx).(principal.Key); ok {
		asOf = key.AsOf.Settings
	}
	s.mu.Lock()
	values, ok := s.inForce[code]
	age := now.Sub(s.inForceAt) // below 0 once the clock was put back
	ok = ok && 0 <= age && age < settingsAge && s.inForceAsOf >= asOf
	asOf = max(asOf, s.inForceAsOf)
	s.mu.Unlock()
	if ok {
		return values, nil
	}
	all, err := s.readSettings(ctx)
	if err != nil {
		return nil, err
	}
	inForce, refused := map[provider.Code]provider.Values{}, map[provider.Code]bool{}
	for code := range s.providers {
		if row := all[code]; row != nil {
			refused[code] = row.HouseRefusedAt != nil
		}
		if inForce[code], err = s.values(code, all[code]); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.inForce, s.inForceAt, s.inForceAsOf, s.refused = inForce, now, asOf, refused
	s.mu.Unlock()
	return inForce[code], nil
}

// HouseRefused reports whether the provider has refused the house's own log-in, as far as this process knows. It makes
// no query: InForce reads what other processes stored.
func (s *Service) HouseRefused(code provider.Code) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused[code] || s.refusedHere[code]
}

// RefuseHouse stores that the provider refused the house's log-in. It is not sent again until an administrator saves
// the settings of the provider.
func (s *Service) RefuseHouse(ctx context.Context, code provider.Code) error {
	s.mu.Lock()
	s.refusedHere[code] = true
	s.mu.Unlock()
	ctx = principal.AsSystem(ctx, "house log-in")
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := s.row(ctx, tx, code)
		if err != nil || row.HouseRefusedAt != nil {
			return err
		}
		if err := row.Update().SetHouseRefusedAt(s.now()).Exec(ctx); err != nil {
			return fmt.Errorf("say that the house log-in of %s was refused: %w", code, err)
		}
		return audit.Append(ctx, tx, audit.Event{
			Action: "provider.house_refused", ObjectID: row.ID, Changes: []audit.Change{{Field: "provider", New: code}},
		})
	})
}

// row returns the stored settings of a provider, and makes them where there are none.
func (s *Service) row(ctx context.Context, tx *ent.Tx, code provider.Code) (*ent.ProviderSetting, error) {
	row, err := tx.ProviderSetting.Query().Where(providersetting.Provider(string(code)), store.ForUpdate).Only(ctx)
	if ent.IsNotFound(err) {
		row, err = tx.ProviderSetting.Create().SetProvider(string(code)).SetValues(map[string]string{}).Save(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("find the settings of %s: %w", code, err)
	}
	return row, nil
}

func (s *Service) readSettings(ctx context.Context) (map[provider.Code]*ent.ProviderSetting, error) {
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

// values returns the values in force. They include the stored secrets only while the host that these were entered for
// is in force.
func (s *Service) values(code provider.Code, row *ent.ProviderSetting) (provider.Values, error) {
	settings := s.providers[code].Settings()
	values := Plain(settings, row, s.fixed[code])
	if row == nil || !isFor(row, provider.Host(settings, values, provider.OfHouse)) {
		return values, nil
	}
	secrets, err := s.settingSecrets(row)
	if err != nil {
		return nil, err
	}
	for name, secret := range secrets {
		if _, fixed := s.fixed[code][name]; !fixed {
			values[name] = secret.Reveal()
		}
	}
	return values, nil
}

// Plain returns the settings in force of a provider without its stored secrets; row is nil where nothing is stored. A
// stored address that the page may not set is not in force.
func Plain(settings []provider.Setting, row *ent.ProviderSetting, fixed provider.Values) provider.Values {
	values := provider.Values{}
	for _, setting := range settings {
		if setting.Default != "" {
			values[setting.Name] = setting.Default
		}
		if row == nil {
			continue
		}
		if stored, ok := row.Values[setting.Name]; ok && setting.MayBeStored(stored) {
			values[setting.Name] = stored
		}
	}
	maps.Copy(values, fixed)
	return values
}

// Host returns the host in force that the secrets of a provider's connections go to; empty where there is none.
func (s *Service) Host(ctx context.Context, code provider.Code) (string, error) {
	p, err := s.providers.Get(code)
	if err != nil {
		return "", err
	}
	values, err := s.InForce(ctx, code)
	if err != nil {
		return "", err
	}
	return provider.Host(p.Settings(), values, provider.OfConnection), nil
}

// isFor reports whether the stored secrets were entered for this host: they are sent to no other.
func isFor(row *ent.ProviderSetting, host string) bool {
	return row.SecretsHost != nil && *row.SecretsHost == host
}

func text(t *string) string {
	if t == nil {
		return ""
	}
	return *t
}

func (s *Service) settingSecrets(row *ent.ProviderSetting) (provider.Secrets, error) {
	if len(row.SecretsSealed) == 0 {
		return provider.Secrets{}, nil
	}
	plain, err := s.keys.Open(settingPlace(row.ID, text(row.SecretsHost)), row.SecretsSealed)
	if err != nil {
		return nil, fmt.Errorf("open the secrets of the settings of %s: %w", row.Provider, err)
	}
	return provider.DecodeSecrets(plain)
}

// settingPlace returns the place of the secrets of settings, with the host that they may be sent to.
func settingPlace(id, host string) seal.Place {
	return seal.Place{Table: providersetting.Table, Column: providersetting.FieldSecretsSealed, RowID: id, Host: host}
}

// Change is the new value of a setting; empty removes it.
type Change struct{ Name, Value string }

// Set changes settings of a provider for the whole installation. It returns a fault.List when the input can be
// mended.
func (s *Service) Set(ctx context.Context, code provider.Code, changes []Change) (Status, error) {
	operator, err := principal.Only(ctx, principal.Admin)
	if err == nil && operator.IsService() { // only a person decides where secrets are sent
		err = fault.Forbidden
	}
	if err != nil {
		return Status{}, err
	}
	p, err := s.providers.Get(code)
	if err != nil {
		return Status{}, err
	}
	chosen, err := s.check(p, changes)
	if err != nil {
		return Status{}, err
	}
	var status Status
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := s.row(ctx, tx, code)
		if err != nil {
			return err
		}
		secrets, err := s.settingSecrets(row)
		if err != nil {
			return err
		}
		after := contents{
			values: maps.Clone(row.Values), secrets: secrets, states: maps.Clone(row.SecretStates), host: text(row.SecretsHost),
		}
		told := s.apply(&after, p, row.ID, changes, chosen, operator.Name)
		if row, err = s.save(ctx, row, after, told, operator); err != nil {
			return err
		}
		if status, err = s.status(code, row); err != nil {
			return err
		}
		if len(told) == 0 {
			return nil
		}
		if err := s.connections.CheckUntestable(ctx, tx, code); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "provider.set", ObjectID: row.ID,
			Changes: append([]audit.Change{{Field: "provider", New: code}}, told...)})
	})
	if err == nil {
		s.mu.Lock()
		s.inForce = nil
		delete(s.refusedHere, code)
		s.mu.Unlock()
		s.connections.Wake()
	}
	return status, err
}

// check returns the changed settings, by name, and trims their new values. It returns a fault.List with what can be
// mended.
func (s *Service) check(p provider.Provider, changes []Change) (map[string]provider.Setting, error) {
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
		if _, fixed := s.fixed[p.Code()][change.Name]; fixed {
			bad.Add(fault.SettingFixed, nil, at...)
		} else if changes[i].Value != "" {
			if wrong, args := setting.Check(changes[i].Value, s.allows); wrong != "" {
				bad.Add(wrong, args, at...)
			} else if !setting.MayBeStored(changes[i].Value) {
				bad.Add(fault.SettingHost, []any{setting.Env}, at...)
			}
		}
		chosen[change.Name] = setting
	}
	return chosen, bad.Err()
}

// contents are the stored settings of a provider.
type contents struct {
	values  map[string]string
	secrets provider.Secrets
	states  map[string]secretstate.State
	// host is the host that the secrets are sealed to.
	host string
}

// apply makes changes to the settings of a row, for the operator by, and returns the changes for the audit trail.
// Secrets are for the host that is in force after the changes. Those for another host stay unused, and are removed when
// a new secret is entered.
func (s *Service) apply(
	to *contents, p provider.Provider, rowID string, changes []Change, chosen map[string]provider.Setting, by string,
) (told []audit.Change) {
	if to.states == nil {
		to.states = map[string]secretstate.State{}
	}
	var entered []Change
	for _, change := range changes {
		if chosen[change.Name].Kind == provider.SecretText {
			entered = append(entered, change)
			continue
		}
		if to.values[change.Name] == change.Value {
			continue
		}
		told = append(told, audit.Change{Field: change.Name, Old: to.values[change.Name], New: change.Value})
		if to.values[change.Name] = change.Value; change.Value == "" {
			delete(to.values, change.Name)
		}
	}
	if len(entered) == 0 {
		return told
	}
	values := Plain(p.Settings(), &ent.ProviderSetting{Values: to.values}, s.fixed[p.Code()])
	if host := provider.Host(p.Settings(), values, provider.OfHouse); host != to.host {
		to.host = host
		clear(to.secrets)
		clear(to.states)
	}
	for _, change := range entered {
		delete(to.secrets, change.Name)
		delete(to.states, change.Name)
		if change.Value != "" {
			to.secrets[change.Name] = seal.NewSecret(change.Value)
			to.states[change.Name] = secretstate.State{
				SetAt: s.now(), SetBy: by,
				Fingerprint: s.keys.FingerprintAt(settingPlace(rowID, to.host), change.Name, change.Value),
			}
		}
		told = append(told, audit.Change{Field: change.Name})
	}
	return told
}

// save stores the settings of a provider and who changed them. It also lets the house's log-in be tried again.
func (s *Service) save(
	ctx context.Context, row *ent.ProviderSetting, after contents, told []audit.Change, by principal.Operator,
) (*ent.ProviderSetting, error) {
	encoded, err := provider.EncodeSecrets(after.secrets)
	if err != nil {
		return nil, err
	}
	sealed, err := s.keys.Seal(settingPlace(row.ID, after.host), encoded)
	if err != nil {
		return nil, fmt.Errorf("seal the secrets of the settings of %s: %w", row.Provider, err)
	}
	update := row.Update().
		SetValues(after.values).SetSecretStates(after.states).SetSecretsSealed(sealed).SetSecretsHost(after.host).
		ClearHouseRefusedAt()
	if len(told) > 0 {
		update.SetChangedAt(s.now()).SetChangedBy(by.Name).SetChangedByID(by.ID)
	}
	row, err = update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("update the settings of a provider: %w", err)
	}
	return row, nil
}

// ForgetLost removes the secrets of settings that do not open because their keyset is lost.
func (s *Service) ForgetLost(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "recovery")
	rows, err := s.store.Reader().ProviderSetting.Query().Where(providersetting.SecretsSealedNotNil()).All(ctx)
	if err != nil {
		return fmt.Errorf("read the settings of providers: %w", err)
	}
	for _, row := range rows {
		if _, err := s.settingSecrets(row); err == nil {
			continue
		}
		err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			if err := tx.ProviderSetting.UpdateOneID(row.ID).ClearSecretsSealed().ClearSecretsHost().ClearSecretStates().
				Exec(ctx); err != nil {
				return fmt.Errorf("forget the lost secrets of the settings of %s: %w", row.Provider, err)
			}
			return audit.Append(ctx, tx, audit.Event{Action: "provider.secrets_lost", ObjectID: row.ID,
				Changes: []audit.Change{{Field: "provider", New: row.Provider}}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
