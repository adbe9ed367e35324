package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/chaveiro/chaveiro/internal/app/doctor"
)

// Serve serves the portal until ctx ends. It writes the link for the first administrator to terminal, if that is one,
// and calls welcome when the portal is about to answer.
func (p *Portal) Serve(ctx context.Context, terminal io.Writer, welcome func() error) error {
	settings := p.options.Settings
	server, err := p.NewServer()
	if err != nil {
		return err
	}
	if err := doctor.NoteMisread(settings.DataDir, ""); err != nil { // the note of an earlier start
		return err
	}
	metrics, err := p.listenForMetrics()
	if err != nil {
		return err
	}
	defer metrics.close()
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if err := p.announce(ctx, terminal, welcome); err != nil {
		return errors.Join(err, listener.Close())
	}

	jobs := startJobs(ctx, p.jobs(metrics), p.log)
	err = server.Serve(ctx, listener)
	p.Spool.Drain() // the jobs still follow the database meanwhile
	p.log.Info("stopping: saving what was noted")
	jobs.end() // after the last request, so that the jobs save its use of a key too
	p.log.Info("stopped")
	return err
}

// announce tells the person who started the portal that it is about to answer, and how to make the first administrator.
func (p *Portal) announce(ctx context.Context, terminal io.Writer, welcome func() error) error {
	settings := p.options.Settings
	token, err := p.Operators.CreateSetupToken(ctx)
	if err != nil {
		return err
	}
	if err := announceSetup(terminal, settings.DataDir, settings.PublicURL.String(), token, p.log); err != nil {
		return err
	}
	if err := welcome(); err != nil {
		return err
	}
	p.log.Info("the portal is ready", "url", settings.PublicURL.String(), "version", p.options.Version,
		"instance", p.Keeper.Instance())
	return nil
}
