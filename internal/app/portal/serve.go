package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/doctor"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// schemaEvery is how often the portal looks whether a newer program has migrated its database.
const schemaEvery = 5 * time.Second

// Serve serves the portal until ctx ends, or until a newer program has migrated the database: then it ends in the same
// order, and returns why. It writes the link for the first administrator to terminal, if that is one, and calls welcome
// when the portal is about to answer.
func (p *Portal) Serve(ctx context.Context, terminal io.Writer, welcome func() error) error {
	settings := p.options.Settings
	release, err := store.Serve(settings.DatabaseURL)
	if err != nil {
		return err
	}
	defer release()
	server, err := p.NewServer()
	if err != nil {
		return err
	}
	p.server.Store(server)
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

	serving, stop := context.WithCancel(ctx)
	defer stop()
	jobs := startJobs(serving, p.jobs(metrics), p.log)
	outdated := make(chan error, 1)
	go func() {
		defer stop()
		outdated <- p.watchSchema(serving)
	}()
	err = server.Serve(serving, listener)
	stop()
	err = errors.Join(err, <-outdated)
	p.Spool.Drain() // the jobs still follow the database meanwhile
	p.log.Info("stopping: saving what was noted")
	jobs.end() // after the last request, so that the jobs save its use of a key too
	p.Traces.Close()
	p.log.Info("stopped")
	return err
}

// watchSchema waits until ctx ends, or this program is outdated, and returns why that is.
func (p *Portal) watchSchema(ctx context.Context) error {
	why := p.Store.WatchSchema(ctx, schemaEvery)
	if why != nil {
		p.log.Error("stopping: a newer program has migrated the database", "err", why)
	}
	return why
}

// Adjust takes over those settings of next that can change while the portal serves: the rates and the trusted proxies.
// It returns the names of other settings that are not as they were, which a restart takes over.
func (p *Portal) Adjust(next config.Settings) (atRestart []string) {
	if server := p.server.Load(); server != nil {
		server.Adjust(ratelimit.For(next.KeyRate, next.OperatorRate, next.StrangerRate), next.TrustedProxies)
	}
	was, is := reflect.ValueOf(p.options.Settings), reflect.ValueOf(next)
	for field, value := range was.Fields() {
		next := is.FieldByName(field.Name)
		if !slices.Contains(adjustable, field.Name) && !reflect.DeepEqual(value.Interface(), next.Interface()) {
			atRestart = append(atRestart, field.Name)
		}
	}
	return atRestart
}

// adjustable are the settings that need no restart. The log's level is the command's own.
var adjustable = []string{"KeyRate", "OperatorRate", "StrangerRate", "TrustedProxies", "LogLevel"}

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
