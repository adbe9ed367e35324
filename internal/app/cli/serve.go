package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// serve runs the portal until ctx ends. It waits for a database that is not there yet.
func (i *invocation) serve(ctx context.Context, command config.Serve) error {
	var p *portal.Portal
	there, err := waitForDatabase(ctx, i.log, func() (err error) {
		p, err = i.openToServe(store.WithoutDeadline(ctx), command)
		return err
	})
	if !there {
		return err
	}
	defer p.Close()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	var reloading sync.WaitGroup
	defer reloading.Wait()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	reloading.Go(func() { i.reloadAtHangups(serving, p) })
	return p.Serve(ctx, i.stdout, func() error { return nil })
}

// reloadAtHangups reads the settings again at each hangup, until ctx ends.
func (i *invocation) reloadAtHangups(ctx context.Context, p *portal.Portal) {
	for {
		select {
		case <-i.hangups:
			i.reload(p)
		case <-ctx.Done():
			return
		}
	}
}

// reload reads the settings again, and takes over those that need no restart. Settings that cannot be read change
// nothing.
func (i *invocation) reload(p *portal.Portal) {
	settings, _, err := config.Parse(i.args, io.Discard, io.Discard)
	if err != nil {
		i.log.Error("could not read the settings again: they stay as they are", "err", err)
		return
	}
	i.level.Set(settings.LogLevel)
	atRestart := p.Adjust(settings)
	i.log.Info("read the settings again", "log_level", settings.LogLevel, "key_rate", settings.KeyRate,
		"operator_rate", settings.OperatorRate, "stranger_rate", settings.StrangerRate,
		"trusted_proxies", settings.TrustedProxies)
	if len(atRestart) > 0 {
		i.log.Warn("other settings have changed too, and are taken over at the next start", "settings", atRestart)
	}
}

// gcPercent is how much the heap grows between two collections. What lives in it is small, so collecting seldom costs
// little memory: at 300 in place of 100 a list costs a quarter less processor time. At 200 lists and reads cost as much
// as at 300, within what is measured, and take up to a third less memory. GOGC in the environment goes first.
const gcPercent = 200

// openToServe opens the portal, after a recovery if the command asks for one. A second call after one that failed half
// way does no harm.
func (i *invocation) openToServe(ctx context.Context, command config.Serve) (*portal.Portal, error) {
	if command.Recover {
		if err := portal.RecoverKeyset(ctx, i.settings, command.Again, i.log); err != nil {
			return nil, err
		}
	}
	p, err := portal.Open(ctx, i.portalOptions())
	if err != nil {
		return nil, err
	}
	if command.Recover { // also when an earlier recovery was interrupted here
		err = p.ForgetLost(ctx)
	}
	if err == nil {
		err = p.Prepare(ctx)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// The pause before the next attempt to open the database doubles from the first to the last.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 10 * time.Second
)

// waitForDatabase calls open until it succeeds, with growing pauses while the database is unavailable. It returns false
// with an error that waiting does not mend, and with none when ctx ends first.
func waitForDatabase(ctx context.Context, log *slog.Logger, open func() error) (bool, error) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := open()
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil:
			return false, nil
		case !store.IsUnavailable(err):
			return false, err
		}
		log.Warn("the database is not there: waiting for it", "err", err, "pause", pause)
		select {
		case <-ctx.Done():
			return false, nil
		case <-time.After(pause):
		}
	}
}
