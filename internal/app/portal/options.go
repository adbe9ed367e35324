package portal

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/frontend"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// Options are what a portal is made of. Settings, Version, Revision and Log describe every portal. The demonstration
// and the tests replace the others; each of those has a default for production.
type Options struct {
	Settings config.Settings
	// Version and Revision are those of the program.
	Version, Revision string
	Log               *slog.Logger
	// AsIs opens the database as it is: it must have the schema of this program, and is not migrated.
	AsIs bool

	// Now is the clock; nil is that of the machine.
	Now func() time.Time
	// Hasher hashes passwords; nil is one of production's costs.
	Hasher *password.Hasher
	// Providers are the marketplaces; nil is all.
	Providers provider.Registry
	// HTTP calls the providers; nil is a client that reaches the internet and the private hosts of Settings.
	HTTP *outbound.Client
	// Fixed are the settings of providers that the page cannot change; nil is those of the environment.
	Fixed providersettings.Fixed
	// Denials records the root fields that callers are denied; nil is the audit trail.
	Denials graph.Denials
	// MakeAPI makes the GraphQL handler; nil is graph.NewHandler.
	MakeAPI func(*graph.Resolver, graph.Refuse, *slog.Logger) (http.Handler, error)
	// Page has the files of the admin page; nil is the copy in the program.
	Page fs.FS
}

// complete fills in the defaults. It changes nothing that is set.
func (o *Options) complete() error {
	if o.Now == nil {
		o.Now = schema.Now
	}
	if o.Providers == nil {
		o.Providers = providers.All()
	}
	if o.MakeAPI == nil {
		o.MakeAPI = graph.NewHandler
	}
	var err error
	if o.HTTP == nil {
		if o.HTTP, err = NewCaller(o.Settings, o.Version); err != nil {
			return err
		}
	}
	if o.Fixed == nil {
		if o.Fixed, err = ReadFixed(o.HTTP); err != nil {
			return err
		}
	}
	if o.Hasher == nil {
		if o.Hasher, err = password.NewHasher(password.Default); err != nil {
			return err
		}
	}
	if o.Page == nil {
		if o.Page, err = fs.Sub(frontend.Dist, "dist"); err != nil {
			return err
		}
	}
	return nil
}

// NewCaller returns the client that calls the providers. Returns a *config.SettingError for hosts that it cannot allow.
func NewCaller(settings config.Settings, version string) (*outbound.Client, error) {
	caller, err := outbound.New(outbound.Options{
		AllowPrivate: settings.AllowPrivate, UserAgent: "Chaveiro/" + version,
	})
	if err != nil {
		const flag = "--allow-private-hosts (CHAVEIRO_ALLOW_PRIVATE_HOSTS)"
		return nil, &config.SettingError{Err: fmt.Errorf("%s: %w", flag, err)}
	}
	return caller, nil
}

// ReadFixed returns the settings of providers that the environment fixes. Returns a *config.SettingError for a wrong
// one.
func ReadFixed(caller *outbound.Client) (providersettings.Fixed, error) {
	fixed, err := providersettings.ReadFixed(providers.All(), os.LookupEnv, caller.Allows)
	if err != nil {
		return nil, &config.SettingError{Err: err}
	}
	return fixed, nil
}
