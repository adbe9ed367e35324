package cli

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/internal/app/doctor"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// examineInstallation looks over the installation, and prints a line for each finding.
func (i *invocation) examineInstallation(ctx context.Context) error {
	caller, err := portal.NewCaller(i.settings, i.version)
	if err != nil {
		return err
	}
	defer caller.CloseIdle()
	fixed, err := portal.ReadFixed(caller)
	if err != nil {
		return err
	}
	failures := 0
	settings := i.settings
	for _, finding := range doctor.Examine(ctx, doctor.Patient{
		DatabaseURL: settings.DatabaseURL, DirectURL: settings.DatabaseDirect, Connections: settings.DatabaseConns,
		DataDir: settings.DataDir, MasterKeyFile: settings.MasterKeyFile, AuditAnchorFile: settings.AuditAnchorFile,
		PublicURL: settings.PublicURL, BehindProxy: settings.BehindProxy, TrustedProxies: settings.TrustedProxies,
		TLSCert: settings.TLSCert, TLSKey: settings.TLSKey, MetricsTokenFile: settings.MetricsTokenFile,
		Providers: providers.All(), Fixed: fixed, Log: i.log,
	}) {
		i.say("%s", finding)
		if finding.Level == doctor.Fail {
			failures++
		}
	}
	if failures > 0 {
		return fmt.Errorf("%d findings are to be mended", failures)
	}
	return nil
}
