package cli

import (
	"context"
	"errors"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/demo"
	"github.com/chaveiro/chaveiro/internal/app/portal"
)

// demonstrate runs the portal with sample clients and simulated providers until ctx ends.
func (i *invocation) demonstrate(ctx context.Context, command config.Demo) error {
	sims, err := demo.Listen(ctx, command.ProvidersPort, i.settings.PublicURL.String())
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	// The providers end after the portal, which calls them.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	go func() { ended <- sims.Run(background) }()
	err = i.demonstrateWith(ctx, sims)
	stop()
	return errors.Join(err, <-ended)
}

// demonstrateWith runs the portal over simulated providers that run.
func (i *invocation) demonstrateWith(ctx context.Context, sims *demo.Providers) error {
	if err := demo.Prepare(i.settings.DataDir); err != nil {
		return err
	}
	options := i.portalOptions()
	options.Settings.AllowPrivate = append(options.Settings.AllowPrivate, sims.Hosts()...)
	options.Fixed = sims.Settings()
	p, err := portal.Open(ctx, options)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.Prepare(ctx); err != nil {
		return err
	}
	if err := sims.Seed(ctx, p); err != nil {
		return err
	}
	return p.Serve(ctx, i.stdout, func() error { return sims.Welcome(i.stdout, i.settings.PublicURL.String()) })
}
