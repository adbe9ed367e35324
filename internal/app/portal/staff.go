package portal

import "github.com/chaveiro/chaveiro/internal/core/staff"

// addStaff makes the rooms of operators, their sessions, and service tokens.
func (p *Portal) addStaff() (err error) {
	settings := p.options.Settings
	p.Staff, err = staff.New(staff.Options{
		Store: p.Store, Keys: p.Keyset, Hasher: p.options.Hasher,
		PublicURL: settings.PublicURL, AdminOrigins: settings.AdminOrigins,
		SecondFactor: settings.SecondFactor, Organization: settings.Organization,
		Measure: p.hooks.Login, Strangers: p.Strangers, Live: p.Live, Now: p.options.Now,
	})
	return err
}
