// Chaveiro is a self-hosted portal where a software house keeps its clients' marketplace credentials, and where their
// back-offices get them. This file reads the command line, puts the parts together and runs them.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/frontend"
	"github.com/chaveiro/chaveiro/graph"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/demo"
	"github.com/chaveiro/chaveiro/internal/app/doctor"
	"github.com/chaveiro/chaveiro/internal/app/metrics"
	"github.com/chaveiro/chaveiro/internal/base/certificate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/logging"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/due"
	"github.com/chaveiro/chaveiro/internal/core/engine"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/core/retention"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// version is set when a release is built.
var version = "dev"

// exitConfig is the exit status of a start that was refused: EX_CONFIG of sysexits.h, which tells a service manager
// that starting again will not help.
const exitConfig = 78

// flushUses is how often the last uses of access keys and service tokens are saved.
const flushUses = 2 * time.Second

func main() {
	syscall.Umask(0o077) // what is made is for this user alone, also what a library makes
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "chaveiro:", err)
		os.Exit(exitStatus(err))
	}
}

// stopSignals are the signals that end the program in order. A terminal that closes sends SIGHUP; who started the program
// to go on without one (nohup) has it ignored, and so it stays.
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// exitStatus returns the exit status for an error of run.
func exitStatus(err error) int {
	var refused *keyring.ConfigError
	var setting *settingError
	if errors.As(err, &refused) || errors.As(err, &setting) || store.IsMisfit(err) {
		return exitConfig
	}
	return 1
}

// settingError is why the command line or the environment cannot be used.
type settingError struct{ error }

// run does what the command line says. Its errors are sentences for the person who started the program.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	settings, command, err := config.Parse(args, stdout, stderr)
	if err != nil {
		return &settingError{err}
	}
	log := logging.New(stderr, settings.LogFormat, settings.LogLevel)
	switch command := command.(type) {
	case config.Serve:
		return serve(ctx, settings, command, log)
	case config.Demo:
		return demonstrate(ctx, settings, command, stdout, log)
	}
	return runOnce(store.Unhurried(ctx), settings, command, stdin, stdout, log)
}

// runOnce runs a command that ends by itself.
func runOnce(
	ctx context.Context, settings config.Settings, command config.Command, stdin io.Reader, stdout io.Writer, log *slog.Logger,
) error {
	switch command := command.(type) {
	case config.AdminCreate:
		return createAdmin(ctx, settings, command, stdin, stdout, log)
	case config.Migrate:
		return migrate(ctx, settings, log)
	case config.AuditVerify:
		return verifyAudit(ctx, settings, command, stdout, log)
	case config.KeysetRotate:
		return rotateKeyset(ctx, settings, command, stdout, log)
	case config.KeysetVerify:
		return verifyKeyset(ctx, settings, stdout, log)
	case config.SigningKeyRotate:
		return rotateSigningKey(ctx, settings, stdout, log)
	case config.Backup:
		return writeBackup(ctx, settings, command, stdout, log)
	case config.Restore:
		return restoreBackup(ctx, settings, command, stdout, log)
	case config.Doctor:
		return examine(ctx, settings, stdout, log)
	case config.Hosts:
		return hosts(ctx, settings, command, stdout, log)
	case config.Grants:
		return grants(ctx, settings, command, stdout, log)
	case config.Answers:
		return showAnswers(ctx, settings, command, stdout, log)
	case config.Version:
		_, err := fmt.Fprintln(stdout, "chaveiro", version, revision())
		return err
	default:
		return nil
	}
}

// serve runs the portal until ctx ends. It waits for a database that is not there yet.
func serve(ctx context.Context, settings config.Settings, command config.Serve, log *slog.Logger) error {
	var opened *portal
	there, err := waitForDatabase(ctx, log, func() (err error) {
		opened, err = openToServe(store.Unhurried(ctx), settings, command, log)
		return err
	})
	if !there {
		return err
	}
	defer opened.close()
	return opened.serve(ctx, settings, func() error { return nil })
}

// openToServe opens the portal, after a recovery if the command asks for one. Doing it again after it has failed half
// way does no harm.
func openToServe(ctx context.Context, settings config.Settings, command config.Serve, log *slog.Logger) (*portal, error) {
	if command.Recover {
		if err := recoverKeyset(ctx, settings, command.Again, log); err != nil {
			return nil, err
		}
	}
	portal, err := open(ctx, settings, nil, log)
	if err != nil {
		return nil, err
	}
	if command.Recover { // also when an earlier recovery was interrupted here
		if err := portal.engine.Settings.ForgetLost(ctx); err != nil {
			portal.close()
			return nil, err
		}
		n, err := portal.engine.Connections.ForgetLost(ctx)
		if err != nil {
			portal.close()
			return nil, err
		}
		log.Warn("connections whose secrets are to be entered again", "marketplaces", n)
	}
	if err := portal.prepare(ctx); err != nil {
		portal.close()
		return nil, err
	}
	return portal, nil
}

// prepare makes what the portal needs in its database before it serves.
func (portal *portal) prepare(ctx context.Context) error {
	if err := portal.staff.Signing.Load(ctx); err != nil {
		return err
	}
	if err := portal.engine.Upgrade(ctx); err != nil {
		return err
	}
	if err := keyring.BindFingerprints(ctx, portal.store, portal.keyset); err != nil {
		return err
	}
	return portal.products.Seed(ctx)
}

// The pause before another attempt to open the database doubles from the first to the last.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 10 * time.Second
)

// waitForDatabase calls open until it succeeds, with growing pauses while the database is unavailable. It returns false
// with the error that waiting does not mend, and with none when ctx ends first.
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
		log.Warn("the database is not there: waiting for it", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
			return false, nil
		case <-time.After(pause):
		}
	}
}

// demonstrate runs the portal with sample clients and simulated providers until ctx ends.
func demonstrate(ctx context.Context, settings config.Settings, command config.Demo, stdout io.Writer, log *slog.Logger) error {
	sims, err := demo.Listen(ctx, command.ProvidersPort, settings.PublicURL.String())
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	background, stop := context.WithCancel(context.WithoutCancel(ctx)) // they end after the portal, which calls them
	go func() { ended <- sims.Run(background) }()
	err = demonstrateWith(ctx, settings, sims, stdout, log)
	stop()
	return errors.Join(err, <-ended)
}

func demonstrateWith(ctx context.Context, settings config.Settings, sims *demo.Providers, stdout io.Writer, log *slog.Logger) error {
	if err := demo.Prepare(settings.DataDir); err != nil {
		return err
	}
	settings.AllowPrivate = append(settings.AllowPrivate, sims.Hosts()...)
	portal, err := open(ctx, settings, sims.Settings(), log)
	if err != nil {
		return err
	}
	defer portal.close()
	if err := portal.prepare(ctx); err != nil {
		return err
	}
	if err := sims.Seed(ctx, demo.Portal{
		Store: portal.store, Operators: portal.staff.Operators, Clients: portal.clients, Products: portal.products,
		Engine: portal.engine, Keys: portal.keys,
	}); err != nil {
		return err
	}
	return portal.serve(ctx, settings, func() error { return sims.Welcome(stdout, settings.PublicURL.String()) })
}

// noteMisread returns what is told of each address from a proxy that cannot be read: count counts it, unless that is nil,
// and the first is left for the doctor.
func noteMisread(dataDir string, count func(string), log *slog.Logger) func(string) {
	var first sync.Once
	return func(shape string) {
		if count != nil {
			count(shape)
		}
		first.Do(func() {
			if err := doctor.NoteMisread(dataDir, shape); err != nil {
				log.Error("an address that cannot be read was not noted", "error", err)
			}
		})
	}
}

// serve serves the portal until ctx ends. ready is called when it is about to answer.
func (portal *portal) serve(ctx context.Context, settings config.Settings, ready func() error) error {
	log := portal.log
	trail := audit.NewTrail(portal.store)
	api, err := graph.NewHandler(&graph.Resolver{
		Store:      portal.store,
		Staff:      portal.staff,
		Clients:    portal.clients,
		Products:   portal.products,
		Engine:     portal.engine,
		Keys:       portal.keys,
		Due:        due.New(portal.store, portal.engine.Settings, schema.Now),
		Trail:      trail,
		Live:       portal.live,
		Denials:    audit.NewDenials(portal.store, schema.Now, log),
		HideSchema: settings.NoSchema,
		Measure:    portal.hooks.Operation,
		Now:        schema.Now,
	}, httpserver.WriteError, log)
	if err != nil {
		return err
	}
	page, err := fs.Sub(frontend.Dist, "dist")
	if err != nil {
		return err
	}
	certificate, err := certificateOf(settings, log)
	if err != nil {
		return err
	}
	if err := doctor.NoteMisread(settings.DataDir, ""); err != nil {
		return err
	}
	options := httpserver.Options{
		PublicURL:      settings.PublicURL,
		GraphQL:        api,
		Frontend:       page,
		Organization:   settings.Organization,
		Keys:           portal.keys,
		Sessions:       portal.staff.Sessions,
		ServiceTokens:  portal.staff.ServiceTokens,
		Installs:       portal.engine.Installs,
		Trail:          trail,
		Ready:          portal.store.Ping,
		Live:           portal.live,
		TrustedProxies: settings.TrustedProxies,
		Misread:        noteMisread(settings.DataDir, portal.hooks.Misread, log),
		CORSOrigins:    settings.CORSOrigins,
		AdminOrigins:   settings.AdminOrigins,
		Rates:          ratelimit.For(settings.KeyRate, settings.OperatorRate, settings.StrangerRate),
		Certificate:    certificate,
		Measure:        portal.hooks.Request,
		Log:            log,
	}
	if portal.metrics != nil {
		options.Keys, options.Sessions = portal.metrics.Keys(options.Keys), portal.metrics.Sessions(options.Sessions)
		options.ServiceTokens = portal.metrics.ServiceTokens(options.ServiceTokens)
	}
	server := httpserver.New(options)
	watched, err := portal.listenForMetrics(settings, server.Streams)
	if err != nil {
		return err
	}
	defer watched.close()
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	setup, err := portal.staff.Operators.CreateSetupToken(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := announceSetup(os.Stdout, settings.DataDir, settings.PublicURL.String(), setup, log); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := ready(); err != nil {
		return errors.Join(err, listener.Close())
	}
	log.Info("the portal is ready", "url", settings.PublicURL.String(), "version", version,
		"instance", portal.engine.Keeper.Instance())

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() {
		portal.keys.Run(background, flushUses, func(err error) { log.Error("the last uses of access keys were not saved", "error", err) })
	})
	running.Go(func() {
		portal.staff.ServiceTokens.Run(background, flushUses, func(err error) { log.Error("the last uses of service tokens were not saved", "error", err) })
	})
	running.Go(func() {
		portal.strangers.Run(background, flushUses, func(err error) { log.Error("the tries of strangers were not recorded", "error", err) })
	})
	running.Go(func() { portal.live.Run(background) })
	running.Go(func() { portal.follower.Run(background) })
	running.Go(func() {
		portal.staff.Signing.Run(background, func(err error) { log.Error("the signing keys were not looked after", "error", err) })
	})
	running.Go(func() { witness(portal.store, portal.keyset, settings).Watch(background, log) })
	running.Go(func() {
		retention.New(portal.store, portal.keyset, schema.Now).Run(background, retention.Every, func(err error) { log.Error("what is past its time was not removed", "error", err) })
	})
	running.Go(func() { portal.engine.Installs.Run(background) })
	running.Go(func() { portal.engine.Keeper.Run(ctx) }) // it takes up nothing new once ctx ends
	running.Go(func() { watched.run(background) })
	defer running.Wait()
	defer stop()                      // after the last request: its use of a key is saved too
	defer portal.engine.Spool.Drain() // the database is still followed meanwhile
	return server.Serve(ctx, listener)
}

// certificateOf returns the certificate to serve HTTPS with, nil for plain HTTP.
func certificateOf(settings config.Settings, log *slog.Logger) (func(*tls.ClientHelloInfo) (*tls.Certificate, error), error) {
	if settings.TLSCert == "" {
		return nil, nil
	}
	pair, err := certificate.Load(settings.TLSCert, settings.TLSKey, schema.Now, log)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return pair.Get, nil
}

// createAdmin makes an operator from the command line.
func createAdmin(ctx context.Context, settings config.Settings, command config.AdminCreate, stdin io.Reader, stdout io.Writer, log *slog.Logger) error {
	portal, err := open(ctx, settings, nil, log)
	if err != nil {
		return err
	}
	defer portal.close()
	secret, err := readPassword(stdin, stdout)
	if err != nil {
		return err
	}
	made, err := portal.staff.Operators.Create(principal.AsSystem(ctx, "command line"), operator.Input{
		Name: command.Name, Email: command.Email, Password: secret, Role: command.Role,
	})
	var bad fault.List
	if errors.As(err, &bad) {
		english := i18n.With(ctx, i18n.English)
		return fmt.Errorf("%s: %s", strings.Join(bad[0].Field, "."), i18n.Text(english, "error."+string(bad[0].Code), bad[0].Args...))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "made %s %s\n", made.Role, made.Email)
	return err
}

// readPassword asks for a password at a terminal, or reads one line of standard input.
func readPassword(stdin io.Reader, stdout io.Writer) (string, error) {
	if file, ok := stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		_, _ = fmt.Fprint(stdout, "Password: ")
		secret, err := term.ReadPassword(int(file.Fd()))
		_, _ = fmt.Fprintln(stdout)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return string(secret), nil
	}
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// migrate brings the database up to date.
func migrate(ctx context.Context, settings config.Settings, log *slog.Logger) error {
	if err := makeDataDir(settings.DataDir); err != nil {
		return err
	}
	return store.Migrate(ctx, settings.OwnDatabaseURL(), log)
}

// portal is the opened installation: what every command but migrate works with.
type portal struct {
	store     *store.Store
	staff     *staff.Staff
	clients   *clients.Service
	products  *products.Service
	engine    *engine.Engine
	keys      *accesskey.Service
	live      *live.Bus
	keyset    *seal.Keyset
	strangers *audit.Strangers
	follower  *keyring.Follower
	metrics   *metrics.Metrics // nil unless somebody asks for them
	hooks     metrics.Hooks
	log       *slog.Logger
}

// open migrates and opens the database and the keyset, and makes the services over them. simulated are the settings of
// simulated providers, in place of what the environment says of real ones; nil for those.
func open(ctx context.Context, settings config.Settings, simulated providersettings.Fixed, log *slog.Logger) (*portal, error) {
	caller, fixed, err := callsOut(settings, simulated) // first: a setting that is wrong is said before anything is made
	if err != nil {
		return nil, err
	}
	s, keys, err := openStore(ctx, settings, log)
	if err != nil {
		return nil, err
	}
	follower, err := keyring.Follow(s, keys, settings.MasterKeyFile, settings.DataDir, log)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	hasher, err := password.NewHasher(password.Default)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	environment := token.Live
	if settings.Dev {
		environment = token.Test
	}
	measures, hooks := newMetrics(settings, s, log)
	bus := live.New(s, log)
	strangers := audit.NewStrangers(s, schema.Now, hooks.Stranger)
	people, err := staff.New(staff.Options{
		Store: s, Keys: keys, Hasher: hasher, PublicURL: settings.PublicURL, AdminOrigins: settings.AdminOrigins,
		SecondFactor: settings.SecondFactor, Organization: settings.Organization, Measure: hooks.Login,
		Strangers: strangers, Live: bus, Now: schema.Now,
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	rooms, err := engine.New(engine.Options{
		Store: s, Keys: keys, Providers: providers.All(), Now: schema.Now,
		HTTP: caller, Live: bus, Fixed: fixed,
		Portal:      settings.PublicURL.String(),
		Reachable:   settings.PublicURL.Scheme == "https" || settings.Dev,
		CheckEvery:  settings.CheckEvery,
		CallsAtOnce: settings.CallsAtOnce,
		DataDir:     settings.DataDir,
		Meter:       hooks.Providers,
		Strangers:   strangers,
		Log:         log,
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &portal{
		store:     s,
		clients:   clients.New(s, keys, bus, schema.Now),
		staff:     people,
		products:  products.New(s, bus, schema.Now),
		engine:    rooms,
		keys:      accesskey.New(s, environment, bus, schema.Now, accesskey.Brakes{Issued: settings.KeyShops, Read: settings.ReadShops, Networks: settings.KeyNetworks}),
		live:      bus,
		keyset:    keys,
		strangers: strangers,
		follower:  follower,
		metrics:   measures,
		hooks:     hooks,
		log:       log,
	}, nil
}

// openStore makes the data folder and opens the installation, which is all that some commands need.
func openStore(ctx context.Context, settings config.Settings, log *slog.Logger) (*store.Store, *seal.Keyset, error) {
	if err := makeDataDir(settings.DataDir); err != nil {
		return nil, nil, err
	}
	return keyring.Open(ctx, placesOf(settings), log)
}

func placesOf(settings config.Settings) keyring.Places {
	return keyring.Places{
		DatabaseURL: settings.DatabaseURL, DirectURL: settings.OwnDatabaseURL(), DataDir: settings.DataDir,
		MasterKeyFile: settings.MasterKeyFile, Options: storeOptions(settings),
	}
}

// storeOptions are how the database is opened.
func storeOptions(settings config.Settings) []store.Option {
	return []store.Option{store.Connections(settings.DatabaseConns), store.Direct(settings.DatabaseDirect)}
}

// callsOut returns who calls the providers, and what is fixed of them: by the environment unless they are simulated.
func callsOut(settings config.Settings, simulated providersettings.Fixed) (*outbound.Client, providersettings.Fixed, error) {
	caller, err := outbound.New(outbound.Options{AllowPrivate: settings.AllowPrivate, UserAgent: "Chaveiro/" + version})
	if err != nil {
		return nil, nil, &settingError{fmt.Errorf("--allow-private-hosts (CHAVEIRO_ALLOW_PRIVATE_HOSTS): %w", err)}
	}
	if simulated != nil {
		return caller, simulated, nil
	}
	fixed, err := providersettings.ReadFixed(providers.All(), os.LookupEnv, caller.Allows)
	if err != nil {
		return nil, nil, &settingError{err}
	}
	return caller, fixed, nil
}

func (p *portal) close() {
	p.engine.Keeper.Close()
	if err := p.store.Close(); err != nil {
		p.log.Error("the database did not close well", "error", err)
	}
}

// makeDataDir makes the data folder, readable by its owner only.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	return nil
}

// revision returns the commit that the program was built from, where the build knew it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
