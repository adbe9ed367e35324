// Package cli does what the command line says: one file a command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/logging"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// exitConfig is the exit status of a start that was refused: EX_CONFIG of sysexits.h, which tells a service manager
// that another start will not help.
const exitConfig = 78

// Main does what the command line says for a program of this version, until it is done or a signal ends it. It returns
// the exit status.
func Main(version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	syscall.Umask(0o077) // each file is for this user alone, also a file that a library makes
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangups := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(hangups, syscall.SIGHUP)
	}
	if err := run(ctx, hangups, version, args, stdin, stdout, stderr); err != nil {
		_, _ = fmt.Fprintln(stderr, "chaveiro:", err)
		return exitStatus(err)
	}
	return 0
}

// untilHangup returns a context that ends at a hangup too: a terminal that closes ends what was started in it. A portal
// that serves reads its settings again instead.
func untilHangup(ctx context.Context, hangups <-chan os.Signal) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		select {
		case <-hangups:
			stop()
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}

// exitStatus returns the exit status for an error of run.
func exitStatus(err error) int {
	var refused *keyring.ConfigError
	var setting *config.SettingError
	if errors.As(err, &refused) || errors.As(err, &setting) || store.IsMisfit(err) {
		return exitConfig
	}
	return 1
}

// invocation is one run of the program: its settings, and where its input and output are.
type invocation struct {
	version  string
	args     []string
	settings config.Settings
	level    *slog.LevelVar // of the log
	hangups  <-chan os.Signal
	stdin    io.Reader
	stdout   io.Writer
	log      *slog.Logger
}

// run reads the command line, and does what it says. Its errors are sentences for the person who started the program.
func run(
	ctx context.Context, hangups <-chan os.Signal, version string, args []string,
	stdin io.Reader, stdout, stderr io.Writer,
) error {
	settings, command, err := config.Parse(args, stdout, stderr)
	if err != nil {
		return &config.SettingError{Err: err}
	}
	level := &slog.LevelVar{}
	level.Set(settings.LogLevel)
	log, flush := logging.NewBuffered(stderr, settings.LogFormat, level)
	defer flush() // also on a panic
	i := &invocation{
		version: version, args: args, settings: settings, level: level, hangups: hangups, stdin: stdin, stdout: stdout,
		log: log,
	}
	if command, serves := command.(config.Serve); serves {
		return i.serve(ctx, command)
	}
	ctx, stop := untilHangup(ctx, hangups)
	defer stop()
	switch command := command.(type) {
	case config.Demo:
		return i.demonstrate(ctx, command)
	default:
		return i.runOnce(store.WithoutDeadline(ctx), command)
	}
}

// runOnce runs a command that ends by itself; nil is no command.
func (i *invocation) runOnce(ctx context.Context, command config.Command) error {
	switch command := command.(type) {
	case config.AdminCreate:
		return i.createAdmin(ctx, command)
	case config.Migrate:
		return i.migrate(ctx)
	case config.AuditVerify:
		return i.verifyAudit(ctx, command)
	case config.KeysetRotate:
		return i.rotateKeyset(ctx, command)
	case config.KeysetVerify:
		return i.verifyKeyset(ctx)
	case config.SigningKeyRotate:
		return i.rotateSigningKey(ctx)
	case config.Backup:
		return i.writeBackup(ctx, command)
	case config.Restore:
		return i.restoreBackup(ctx, command)
	case config.Move:
		return i.moveDatabase(ctx, command)
	case config.Doctor:
		return i.examineInstallation(ctx)
	case config.Hosts:
		return i.showHosts(ctx, command)
	case config.Grants:
		return i.showGrants(ctx, command)
	case config.Answers:
		return i.showAnswers(ctx, command)
	case config.Version:
		return i.printVersion()
	default:
		return nil
	}
}

// say prints a line of what a command has to tell.
func (i *invocation) say(format string, args ...any) {
	_, _ = fmt.Fprintf(i.stdout, format+"\n", args...)
}

// openPortal opens the portal of the settings for a command beside the server, which migrates nothing. The caller
// closes it.
func (i *invocation) openPortal(ctx context.Context) (*portal.Portal, error) {
	options := i.portalOptions()
	options.AsIs = true
	return portal.Open(ctx, options)
}

func (i *invocation) portalOptions() portal.Options {
	return portal.Options{Settings: i.settings, Version: i.version, Revision: buildSetting("vcs.revision"), Log: i.log}
}

// withStore calls fn with the opened database and keyset. It migrates nothing.
func (i *invocation) withStore(ctx context.Context, fn func(*store.Store, *seal.Keyset) error) error {
	s, keys, err := portal.OpenStoreAsIs(ctx, i.settings, i.log)
	if err != nil {
		return err
	}
	return errors.Join(fn(s, keys), s.Close())
}

// withStoreToRead is withStore for a command that only looks: it migrates, makes and begins nothing.
func (i *invocation) withStoreToRead(ctx context.Context, fn func(*store.Store, *seal.Keyset) error) error {
	s, keys, err := portal.OpenStoreToRead(ctx, i.settings, i.log)
	if err != nil {
		return err
	}
	return errors.Join(fn(s, keys), s.Close())
}

// makeConnections returns the connections of a database that a command has opened.
func (i *invocation) makeConnections(s *store.Store, keys *seal.Keyset) *connection.Service {
	return connection.New(connection.Options{
		Store: s, Keys: keys, Providers: providers.All(), Now: schema.Now, Live: live.New(s, i.log),
	})
}
