// Package config reads the command and the settings of the program from the command line and the environment.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/alecthomas/kong"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/chaveiro/chaveiro/internal/base/contact"
	"github.com/chaveiro/chaveiro/internal/base/logging"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// Settings are the settings of the portal on this machine. After Parse they are complete: unset ones have their
// defaults, and paths are absolute.
type Settings struct {
	SettingsFile     string            `env:"CHAVEIRO_SETTINGS_FILE" placeholder:"FILE" help:"File with settings, a line NAME=value for each variable; the environment goes first. A portal that gets SIGHUP reads it again (none)."`
	Listen           string            `env:"CHAVEIRO_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on, plain HTTP without --tls-cert (${default})."`
	PublicURL        *url.URL          `env:"CHAVEIRO_PUBLIC_URL" placeholder:"URL" help:"Where people and programs reach the portal, without a path (http://127.0.0.1 with the port of --listen)."`
	DatabaseURL      string            `env:"CHAVEIRO_DATABASE_URL" placeholder:"URL" help:"sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME (sqlite:chaveiro.db in the data folder)."`
	DatabaseConns    int               `name:"database-connections" env:"CHAVEIRO_DATABASE_CONNECTIONS" default:"0" placeholder:"N" help:"Connections to the database at most: with PostgreSQL of each instance (16), with SQLite for reads (two a core). 0 chooses (${default})."`
	DatabaseDirect   string            `name:"database-direct-url" env:"CHAVEIRO_DATABASE_DIRECT_URL" placeholder:"URL" help:"Where --database-url leads to a pooler, such as PgBouncer in transaction mode: the address of PostgreSQL itself (none)."`
	DataDir          string            `env:"CHAVEIRO_DATA_DIR" default:"./data" placeholder:"DIR" help:"Folder for what the portal stores (${default})."`
	AuditAnchorFile  string            `env:"CHAVEIRO_AUDIT_ANCHOR_FILE" placeholder:"FILE" help:"File that knows how far the audit trail has come, where the database does not reach (beside the master key file: its name with .anchor)."`
	MasterKeyFile    string            `env:"CHAVEIRO_MASTER_KEY_FILE" placeholder:"FILE" help:"File with the key that opens the stored secrets, outside the data folder (beside it: ./data.master.key)."`
	LogFormat        logging.Format    `env:"CHAVEIRO_LOG_FORMAT" enum:"auto,text,json" default:"auto" placeholder:"FORMAT" help:"text, json, or auto: text on a terminal (${default})."`
	LogLevel         slog.Level        `env:"CHAVEIRO_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error (${default})."`
	BehindProxy      bool              `env:"CHAVEIRO_BEHIND_PROXY" help:"A reverse proxy in front speaks HTTPS, so that plain HTTP may be served beyond this machine."`
	TLSCert          string            `name:"tls-cert" env:"CHAVEIRO_TLS_CERT" placeholder:"FILE" help:"Certificate (PEM, with its chain) to serve HTTPS with, read again when it changes (none: plain HTTP)."`
	TLSKey           string            `name:"tls-key" env:"CHAVEIRO_TLS_KEY" placeholder:"FILE" help:"Private key (PEM) of the certificate (none)."`
	TrustedProxies   []netip.Prefix    `env:"CHAVEIRO_TRUSTED_PROXIES" placeholder:"CIDR" help:"Networks of the proxies whose X-Forwarded-For is believed (none)."`
	KeyRate          int               `env:"CHAVEIRO_KEY_RATE" default:"10" placeholder:"N" help:"Requests a second that an access key may send (${default})."`
	OperatorRate     int               `env:"CHAVEIRO_OPERATOR_RATE" default:"20" placeholder:"N" help:"Requests a second that an operator may send (${default})."`
	StrangerRate     int               `env:"CHAVEIRO_STRANGER_RATE" default:"5" placeholder:"N" help:"Requests a second from one address that nobody vouches for (${default})."`
	KeyShops         int               `env:"CHAVEIRO_KEY_SHOPS" default:"10" placeholder:"N" help:"For how many shops one operator or service token may make access keys within 10 minutes (${default})."`
	ReadShops        int               `env:"CHAVEIRO_READ_SHOPS" default:"100" placeholder:"N" help:"How many shops that it never read before one address may read within 10 minutes, keys that are bound to their addresses not counted (${default})."`
	KeyNetworks      int               `env:"CHAVEIRO_KEY_NETWORKS" default:"20" placeholder:"N" help:"From how many networks one access key is used within 10 minutes before administrators are told, keys that are bound to their addresses not counted (${default})."`
	CORSOrigins      []string          `name:"cors-origins" env:"CHAVEIRO_CORS_ORIGINS" placeholder:"ORIGIN" help:"Origins, such as https://erp.example.com, whose pages may call the API with an access key (none)."`
	AdminOrigins     []string          `name:"admin-origins" env:"CHAVEIRO_ADMIN_ORIGINS" placeholder:"ORIGIN" help:"Origins of the admin page where it is hosted apart from the portal, on the same site, such as https://admin.example.com (none: only the copy in this program)."`
	NoSchema         bool              `name:"no-introspection" env:"CHAVEIRO_NO_INTROSPECTION" help:"Do not tell callers of the API what its schema is; GraphiQL then knows no names."`
	AllowPrivate     []string          `name:"allow-private-hosts" env:"CHAVEIRO_ALLOW_PRIVATE_HOSTS" placeholder:"HOST:PORT" help:"With --dev: private hosts that may be called as providers, in plain HTTP too (none)."`
	CheckEvery       time.Duration     `env:"CHAVEIRO_CHECK_EVERY" default:"1h" placeholder:"TIME" help:"How often a connection that works is checked with its provider (${default})."`
	CallsAtOnce      int               `env:"CHAVEIRO_CALLS_AT_ONCE" default:"4" placeholder:"N" help:"How many calls this process makes to one provider at a time, from 1 to 64 (${default})."`
	StopDelay        time.Duration     `env:"CHAVEIRO_STOP_DELAY" default:"1s" placeholder:"TIME" help:"How long a portal that is told to stop still serves while /readyz says no, up to 30s: a load balancer sends no more then (${default})."`
	KeepTrail        int               `env:"CHAVEIRO_KEEP_TRAIL" default:"1825" placeholder:"DAYS" help:"For how many days the audit trail is kept, at least 365 (${default})."`
	KeepReads        int               `env:"CHAVEIRO_KEEP_READS" default:"400" placeholder:"DAYS" help:"For how many days it is kept which access key read which credentials, at least 60 (${default})."`
	SecondFactor     session.Demand    `name:"mfa" env:"CHAVEIRO_MFA" enum:"optional,admins,all" default:"optional" placeholder:"WHO" help:"Of whom a second factor is demanded: optional (nobody), admins or all (${default})."`
	Organization     string            `env:"CHAVEIRO_ORGANIZATION" placeholder:"NAME" help:"Name of the software house: not allowed in passwords, and shown to operators and to merchants (none)."`
	Contact          []contact.Contact `env:"CHAVEIRO_CONTACT" placeholder:"CONTACT" help:"How merchants reach the software house, shown where an install link leads: e-mail addresses, telephone numbers, whatsapp:NUMBER and https addresses (none)."`
	MetricsListen    string            `env:"CHAVEIRO_METRICS_LISTEN" placeholder:"HOST:PORT" help:"Address for metrics (Prometheus) and profiles, on this machine alone unless there is a token (none)."`
	MetricsTokenFile string            `env:"CHAVEIRO_METRICS_TOKEN_FILE" placeholder:"FILE" help:"File with the token that callers of --metrics-listen must send (none)."`
	TracesTo         *url.URL          `env:"CHAVEIRO_TRACES_TO" placeholder:"URL" help:"Collector that gets the traces of the portal, by OTLP over HTTP, such as http://127.0.0.1:4318: https, or http on this machine; without a path /v1/traces (none: there are no traces)."`
	TraceShare       float64           `env:"CHAVEIRO_TRACE_SHARE" default:"1" placeholder:"SHARE" help:"Share of the requests that have a trace, from 0 to 1; for a request that belongs to a caller's trace, the caller decides (${default})."`
	Dev              bool              `env:"CHAVEIRO_DEV" help:"For development: access keys are test keys, and some precautions are off."`
}

// SettingError says why a setting is invalid, in a sentence that names its flag and variable and contains no secret.
type SettingError struct{ Err error }

func (e *SettingError) Error() string { return e.Err.Error() }

// Command is the command to run: one of the commands below, or nil after printed help.
type Command interface{ command() }

// Serve runs the portal.
type Serve struct {
	Recover bool `help:"Go on without the lost master key: makes a new keyset, and what the old one sealed is to be typed in again."`
	Again   bool `help:"With --recover: also where there was a recovery before, whose master key is lost too; what was entered since is lost."`
}

// Demo runs the portal with sample clients and simulated providers, reachable from this machine only. Its settings have
// Dev set. AllowPrivate lacks the providers, whose addresses are known only once they listen.
type Demo struct {
	ProvidersPort int `env:"CHAVEIRO_PROVIDERS_PORT" default:"9100" placeholder:"PORT" help:"The simulated providers get the ports after this one; 0: any that are free (${default})."`
}

// AdminCreate creates an operator.
type AdminCreate struct {
	Email string         `required:"" placeholder:"ADDRESS" help:"E-mail address, which is the name for logging in."`
	Name  string         `required:"" placeholder:"NAME" help:"Full name."`
	Role  principal.Role `enum:"admin,operator,viewer" default:"admin" placeholder:"ROLE" help:"admin, operator or viewer (${default})."`
}

// Migrate brings the database up to date.
type Migrate struct{}

// AuditVerify verifies the audit chain.
type AuditVerify struct {
	Anchor string `placeholder:"SEQ:HASH" help:"An event and its hash that were noted before, from the log or an earlier run."`
	Since  string `placeholder:"SEQ:HASH" help:"Walk only what came after the event that an earlier run ended with."`
}

// KeysetRotate replaces the keys that seal the stored secrets, or the master key.
type KeysetRotate struct {
	MasterKey string        `placeholder:"FILE" help:"Change the master key instead: encrypt the keyset by the one in FILE, which is made if it is not there."`
	Settle    time.Duration `default:"30s" placeholder:"TIME" help:"How long each step waits for the running instances (${default})."`
}

// KeysetVerify opens every stored secret.
type KeysetVerify struct{}

// SigningKeyRotate replaces the key that signs the access tokens of operators.
type SigningKeyRotate struct{}

// Backup writes a backup, or checks one.
type Backup struct {
	File      string          `arg:"" help:"File to write, which must not exist."`
	Check     bool            `help:"Check the backup in FILE instead: that a restore would succeed."`
	EncryptTo []age.Recipient `env:"CHAVEIRO_BACKUP_ENCRYPT_TO" placeholder:"RECIPIENT" help:"Encrypt the file to an age recipient, age1..., whose identity opens it; given again, to several (none)."`
	Identity  string          `env:"CHAVEIRO_BACKUP_IDENTITY" placeholder:"FILE" help:"With --check: file with the age identity that opens an encrypted backup (none)."`
}

// Restore recreates the database from a backup.
type Restore struct {
	File     string `arg:"" help:"File that backup wrote."`
	Identity string `env:"CHAVEIRO_BACKUP_IDENTITY" placeholder:"FILE" help:"File with the age identity that opens an encrypted backup (none)."`
}

// Move moves the database to one of the other kind.
type Move struct {
	To string `required:"" env:"CHAVEIRO_MOVE_TO" placeholder:"URL" help:"Database to move to, which has no data: postgres://USER:PASSWORD@HOST/NAME, its own address and not a pooler's, or sqlite:PATH."`
}

// Doctor checks the installation.
type Doctor struct{}

// Answers lists the stored provider answers that could not be read.
type Answers struct {
	Show string `placeholder:"ID" help:"Print the answer that is kept for the marketplace ID, secrets and all, and record that in the audit trail."`
}

// Hosts lists the hosts that secrets are bound to, or binds them to another host.
type Hosts struct {
	Move string  `placeholder:"PROVIDER" help:"Let the secrets of PROVIDER that were entered for the host --from go to the host in force, as its address was changed in the environment."`
	From *string `placeholder:"HOST" help:"With --move: the host that the secrets were entered for; empty for those that were entered while there was none."`
}

// Grants lists rows that grant access and were changed outside the portal, or adopts one.
type Grants struct {
	Adopt string `placeholder:"ID" help:"Take the row ID as it is now: whoever gives the command has looked at it."`
}

// Version prints the version.
type Version struct{}

func (Serve) command()            {}
func (Demo) command()             {}
func (AdminCreate) command()      {}
func (Migrate) command()          {}
func (AuditVerify) command()      {}
func (KeysetRotate) command()     {}
func (KeysetVerify) command()     {}
func (SigningKeyRotate) command() {}
func (Backup) command()           {}
func (Restore) command()          {}
func (Move) command()             {}
func (Doctor) command()           {}
func (Answers) command()          {}
func (Hosts) command()            {}
func (Grants) command()           {}
func (Version) command()          {}

// maxCallsAtOnce caps the setting for concurrent calls to one provider.
const maxCallsAtOnce = 64

// Floors of what is kept, in days.
const (
	minKeepTrail = 365
	minKeepReads = 60
	maxKeep      = 36500
)

// MaxStopDelay caps the setting. The service managers in deploy/ wait for it.
const MaxStopDelay = 30 * time.Second

// maxBrake caps the settings of the brakes on unusual use.
const maxBrake = 10_000

// maxOrganization caps the characters of the software house's name.
const maxOrganization = 100

// minSettle is the least time that a rotation of the keyset waits for other instances; package keyring says why.
const minSettle = 20 * time.Second

// commandLine defines the flags and commands.
type commandLine struct {
	Settings `embed:""`

	Serve Serve `cmd:"" default:"1" help:"Run the portal; this is also done without a command."`
	Demo  Demo  `cmd:"" help:"Run the portal with sample clients and simulated providers, without any account; its own data folder, ./data-demo, is begun anew each time."`
	Admin struct {
		Create AdminCreate `cmd:"" help:"Make an operator; the password is read from the standard input, or asked for at a terminal."`
	} `cmd:"" help:"Operators, from the command line."`
	Migrate Migrate `cmd:"" help:"Bring the database up to date."`
	Backup  Backup  `cmd:"" help:"Write a backup of the database while the portal serves. Secrets stay sealed, and the master key file is not in it."`
	Restore Restore `cmd:"" help:"Make the database anew from a backup, where there is none."`
	Move    Move    `cmd:"" help:"Move the database from SQLite to PostgreSQL, or back, while the portal is stopped."`
	Doctor  Doctor  `cmd:"" help:"Look over the installation, and say what to mend."`
	Answers Answers `cmd:"" help:"List the answers of providers that the portal could not read and keeps for a day, sealed, as they may hold new credentials."`
	Hosts   Hosts   `cmd:"" help:"List the hosts of providers that the stored secrets were entered for, and are sent to alone."`
	Grants  Grants  `cmd:"" help:"List the keys, tokens, operators and sessions that were changed in the database behind the portal: they let nobody in."`
	Audit   struct {
		Verify AuditVerify `cmd:"" help:"Verify the audit trail, and print its end, to be noted elsewhere."`
	} `cmd:"" help:"The audit trail."`
	Keyset struct {
		Rotate KeysetRotate `cmd:"" help:"Change the keys that seal the stored secrets, while the portal serves. Go on with a rotation that was interrupted by the same command."`
		Verify KeysetVerify `cmd:"" help:"Open every stored secret, and count those that do not open."`
	} `cmd:"" help:"The keys that seal the stored secrets."`
	SigningKey struct {
		Rotate SigningKeyRotate `cmd:"" help:"Change the key that signs the access tokens of operators. Nobody is logged out."`
	} `cmd:"" help:"The key that signs the access tokens of operators."`
	Version Version `cmd:"" help:"Print the version."`
}

// Parse reads the command line, without the program's name, the environment, and the settings file that one of them
// names. It prints help to stdout. If a setting
// is invalid, it returns an error of one sentence that may be printed: it names the flag or variable and contains no
// secret.
func Parse(args []string, stdout, stderr io.Writer) (Settings, Command, error) {
	var line commandLine
	helped := false
	// kong exits only after help.
	parser, err := newParser(&line, kong.Writers(stdout, stderr), kong.Exit(func(int) { helped = true }))
	if err != nil {
		return Settings{}, nil, fmt.Errorf("set up the command line: %w", err)
	}
	if err := readFile(parser, args); err != nil {
		return Settings{}, nil, err
	}
	if err := kong.Visit(parser.Model, ignoreEmptyVariables); err != nil {
		return Settings{}, nil, fmt.Errorf("set up the command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	if helped {
		return Settings{}, nil, nil
	}
	if err != nil {
		return Settings{}, nil, asSentence(parser, err)
	}

	switch parsed.Command() {
	case "version":
		return Settings{}, line.Version, nil // whatever the settings are
	case "admin create":
		line.Admin.Create.Role = principal.Role(strings.ToUpper(string(line.Admin.Create.Role)))
	case "demo":
		if err := line.demonstrate(isSet(parsed, "data-dir")); err != nil {
			return Settings{}, nil, err
		}
	}
	if err := line.complete(); err != nil {
		return Settings{}, nil, err
	}
	switch parsed.Command() {
	case "admin create":
		return line.Settings, line.Admin.Create, nil
	case "demo":
		return line.Settings, line.Demo, nil
	case "serve":
		if line.Serve.Again && !line.Serve.Recover {
			return Settings{}, nil, errors.New("--again is only for --recover")
		}
	case "backup <file>":
		if err := checkRecipients(line.Backup.EncryptTo); err != nil {
			return Settings{}, nil, err
		}
	case "move":
		if err := checkDatabaseURL("--to (CHAVEIRO_MOVE_TO)", line.Move.To); err != nil {
			return Settings{}, nil, err
		}
	case "keyset rotate":
		if line.Keyset.Rotate.Settle < minSettle && !line.Dev {
			return Settings{}, nil,
				fmt.Errorf("--settle must be at least %s, which is how long an instance may go on with the old keys", minSettle)
		}
	}
	return line.Settings, parsed.Selected().Target.Interface().(Command), nil
}

func newParser(line *commandLine, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(line, append([]kong.Option{
		kong.Name("chaveiro"),
		kong.Description("Keeps the marketplace credentials of shops, and hands them to their back-offices."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.TypeMapper(reflect.TypeFor[netip.Prefix](), kong.MapperFunc(readNetwork)),
		kong.TypeMapper(reflect.TypeFor[contact.Contact](), kong.MapperFunc(readContact)),
		kong.TypeMapper(reflect.TypeFor[age.Recipient](), kong.MapperFunc(readRecipient)),
	}, more...)...)
}

// ignoreEmptyVariables treats an empty environment variable as unset, because compose files and systemd units write
// them so.
func ignoreEmptyVariables(node kong.Visitable, next kong.Next) error {
	if flag, ok := node.(*kong.Flag); ok {
		flag.Tag.Envs = slices.DeleteFunc(slices.Clone(flag.Tag.Envs), func(name string) bool {
			value, set := os.LookupEnv(name)
			return set && value == "" // the help names the other values
		})
	}
	return next(nil)
}

// readNetwork reads one network of a list, which may have blanks around it.
func readNetwork(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("network", &text); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	network, err := netip.ParsePrefix(text)
	if err != nil {
		const wrong = "must be a list of networks, such as 10.0.0.0/8"
		if address, err := netip.ParseAddr(text); err == nil {
			return fmt.Errorf("%s: %s is an address, which alone is written %s/%d", wrong, address, address, address.BitLen())
		}
		return fmt.Errorf("%s: %q is none", wrong, text)
	}
	target.Set(reflect.ValueOf(network))
	return nil
}

// readContact reads one contact of a list, which may have blanks around it.
func readContact(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("contact", &text); err != nil {
		return err
	}
	entry, err := contact.Parse(text)
	if err != nil {
		return err
	}
	target.Set(reflect.ValueOf(entry))
	return nil
}

// readRecipient reads one age recipient of a list, which may have blanks around it.
func readRecipient(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("recipient", &text); err != nil {
		return err
	}
	recipient, err := backup.ParseRecipient(strings.TrimSpace(text))
	if err != nil {
		return err
	}
	target.Set(reflect.ValueOf(recipient))
	return nil
}

// checkRecipients returns an error if age encrypts to no such list: all of its recipients are of one kind.
func checkRecipients(recipients []age.Recipient) error {
	if len(recipients) == 0 {
		return nil
	}
	if _, err := age.Encrypt(io.Discard, recipients...); err != nil {
		return fmt.Errorf("--encrypt-to (CHAVEIRO_BACKUP_ENCRYPT_TO): these recipients do not go together: %w", err)
	}
	return nil
}

// tidy returns the entries of a list without blanks around them and without empty ones.
func tidy(list []string) []string {
	var entries []string
	for _, entry := range list {
		if entry = strings.TrimSpace(entry); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}

// isSet reports whether the command line or a variable of the environment sets a flag.
func isSet(parsed *kong.Context, name string) bool {
	for _, flag := range parsed.Flags() {
		if flag.Name != name {
			continue
		}
		for _, variable := range flag.Envs {
			if os.Getenv(variable) != "" {
				return true
			}
		}
		return slices.ContainsFunc(parsed.Path, func(p *kong.Path) bool { return p.Flag == flag })
	}
	return false
}

// demonstrate sets what the demonstration implies, and refuses settings that could reach real providers or data.
func (line *commandLine) demonstrate(ownDataDir bool) error {
	line.Dev = true
	if !ownDataDir {
		line.DataDir = "./data-demo"
	}
	port := line.Demo.ProvidersPort
	if port < 0 || port > 65535-len(providers.All()) {
		return errors.New("--providers-port (CHAVEIRO_PROVIDERS_PORT) must be a port " +
			"with one for each provider after it, such as 9100, or 0")
	}
	if line.DatabaseURL != "" {
		return errors.New(
			"--database-url (CHAVEIRO_DATABASE_URL) must not be set for demo, which deletes its database at each start")
	}
	if host, _, err := net.SplitHostPort(line.Listen); err == nil && !isLoopback(host) {
		return errors.New(
			"--listen (CHAVEIRO_LISTEN) must be an address of this machine alone for demo, whose password everybody knows")
	}
	return nil
}

// complete validates the settings against each other, and fills in the derived defaults.
func (s *Settings) complete() error {
	s.CORSOrigins, s.AdminOrigins, s.AllowPrivate = tidy(s.CORSOrigins), tidy(s.AdminOrigins), tidy(s.AllowPrivate)
	s.Organization = strings.TrimSpace(s.Organization)
	for _, check := range []func() error{
		s.completePublicURL, s.checkOrganization, s.checkRates, s.checkOrigins, s.checkCalls, s.checkStop, s.checkKeep,
		s.checkMetrics, s.completeTraces, s.completePaths, s.completeDatabase,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// completePublicURL validates the listen address and fills in the public URL that follows from it.
func (s *Settings) completePublicURL() error {
	host, port, err := splitAddress(s.Listen)
	if err != nil {
		return errors.New("--listen (CHAVEIRO_LISTEN) must be an address and a port from 1 to 65535, " +
			"such as 127.0.0.1:8080")
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return errors.New("--tls-cert (CHAVEIRO_TLS_CERT) and --tls-key (CHAVEIRO_TLS_KEY) are set only together")
	}
	if !isLoopback(host) && !s.BehindProxy && s.TLSCert == "" {
		return errors.New("--listen (CHAVEIRO_LISTEN) is reachable from other machines over plain HTTP, " +
			"where credentials can be read on the way: put a reverse proxy with HTTPS in front and set --behind-proxy, " +
			"set --tls-cert and --tls-key, or listen on 127.0.0.1")
	}
	if s.PublicURL == nil {
		scheme := map[bool]string{true: "http", false: "https"}[s.TLSCert == ""]
		s.PublicURL = &url.URL{Scheme: scheme, Host: net.JoinHostPort("127.0.0.1", port)}
	}
	if s.PublicURL, err = origin(s.PublicURL); err != nil {
		return err
	}
	if s.PublicURL.Scheme == "http" && s.TLSCert != "" {
		return errors.New("--public-url (CHAVEIRO_PUBLIC_URL) must be https with --tls-cert")
	}
	if s.PublicURL.Scheme == "http" && !isLoopback(s.PublicURL.Hostname()) && !s.Dev {
		return errors.New("--public-url (CHAVEIRO_PUBLIC_URL) must be https unless its host is this machine's own, " +
			"such as 127.0.0.1")
	}
	return nil
}

// checkOrganization checks the name of the software house, which the pages show on one line.
func (s *Settings) checkOrganization() error {
	unprintable := strings.ContainsFunc(s.Organization, func(r rune) bool { return !unicode.IsPrint(r) })
	if unprintable || utf8.RuneCountInString(s.Organization) > maxOrganization {
		return fmt.Errorf("--organization (CHAVEIRO_ORGANIZATION) must be a name on one line, of at most %d characters",
			maxOrganization)
	}
	return nil
}

// checkCalls validates which hosts the portal calls, how often, and how many calls run at once.
func (s *Settings) checkCalls() error {
	if len(s.AllowPrivate) > 0 && !s.Dev {
		return errors.New("--allow-private-hosts (CHAVEIRO_ALLOW_PRIVATE_HOSTS) is for development: it needs --dev")
	}
	if s.CheckEvery < time.Minute && !s.Dev || s.CheckEvery <= 0 {
		return errors.New("--check-every (CHAVEIRO_CHECK_EVERY) must be a minute or more, such as 1h")
	}
	if s.CallsAtOnce < 1 || s.CallsAtOnce > maxCallsAtOnce {
		return fmt.Errorf("--calls-at-once (CHAVEIRO_CALLS_AT_ONCE) must be from 1 to %d", maxCallsAtOnce)
	}
	return nil
}

// checkStop validates how long the portal still serves when it is told to stop.
func (s *Settings) checkStop() error {
	if s.StopDelay < 0 || s.StopDelay > MaxStopDelay {
		return fmt.Errorf("--stop-delay (CHAVEIRO_STOP_DELAY) must be from 0s to %v", MaxStopDelay)
	}
	return nil
}

// checkKeep validates for how long what grows is kept.
func (s *Settings) checkKeep() error {
	if s.KeepTrail < minKeepTrail || s.KeepTrail > maxKeep {
		return fmt.Errorf("--keep-trail (CHAVEIRO_KEEP_TRAIL) must be from %d to %d days", minKeepTrail, maxKeep)
	}
	if s.KeepReads < minKeepReads || s.KeepReads > maxKeep {
		return fmt.Errorf("--keep-reads (CHAVEIRO_KEEP_READS) must be from %d to %d days", minKeepReads, maxKeep)
	}
	return nil
}

// completePaths makes the paths absolute, and fills in those that default to the data folder.
func (s *Settings) completePaths() error {
	if s.DataDir == "" {
		return errors.New("--data-dir (CHAVEIRO_DATA_DIR) must name a folder")
	}
	var err error
	if s.DataDir, err = filepath.Abs(s.DataDir); err != nil {
		return fmt.Errorf("--data-dir (CHAVEIRO_DATA_DIR): %w", err)
	}
	s.MasterKeyFile = cmp.Or(s.MasterKeyFile, s.DataDir+".master.key")
	if s.MasterKeyFile, err = filepath.Abs(s.MasterKeyFile); err != nil {
		return fmt.Errorf("--master-key-file (CHAVEIRO_MASTER_KEY_FILE): %w", err)
	}
	s.AuditAnchorFile = cmp.Or(s.AuditAnchorFile, s.MasterKeyFile+".anchor")
	if s.AuditAnchorFile, err = filepath.Abs(s.AuditAnchorFile); err != nil {
		return fmt.Errorf("--audit-anchor-file (CHAVEIRO_AUDIT_ANCHOR_FILE): %w", err)
	}
	if inside, err := filepath.Rel(s.DataDir, s.MasterKeyFile); err == nil && filepath.IsLocal(inside) {
		return errors.New("--master-key-file (CHAVEIRO_MASTER_KEY_FILE) must be outside the data folder, " +
			"or a copy of the folder would hold both the secrets and their key")
	}
	return nil
}

// completeDatabase fills in the default database, and validates the settings of its connections.
func (s *Settings) completeDatabase() error {
	s.DatabaseURL = cmp.Or(s.DatabaseURL, "sqlite:"+filepath.Join(s.DataDir, "chaveiro.db"))
	if s.DatabaseConns != 0 && (s.DatabaseConns < minConnections || s.DatabaseConns > maxConnections) {
		return fmt.Errorf("--database-connections (CHAVEIRO_DATABASE_CONNECTIONS) must be from %d to %d, or 0",
			minConnections, maxConnections)
	}
	if s.DatabaseDirect != "" && (!isPostgresURL(s.DatabaseURL) || !isPostgresURL(s.DatabaseDirect)) {
		return errors.New("--database-direct-url (CHAVEIRO_DATABASE_DIRECT_URL) must be a postgres:// URL, " +
			"beside a postgres:// URL of a pooler in --database-url")
	}
	return checkDatabaseURL("--database-url (CHAVEIRO_DATABASE_URL)", s.DatabaseURL)
}

// Limits of the setting for database connections. With fewer than four, transactions that also read outside themselves
// would wait for each other.
const (
	minConnections = 4
	maxConnections = 1000
)

// OwnDatabaseURL returns the database URL for work that needs its own session: never a pooler's.
func (s *Settings) OwnDatabaseURL() string {
	return cmp.Or(s.DatabaseDirect, s.DatabaseURL)
}

func isPostgresURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql")
}

// checkDatabaseURL returns the fault of a database URL, which a setting has, without quoting it, because it may contain
// a password.
func checkDatabaseURL(setting, text string) error {
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok {
		if path == "" || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "?#\x00") {
			return errors.New(setting + " must name a file after sqlite:, as in sqlite:/var/lib/chaveiro/chaveiro.db, " +
				"without parameters")
		}
		return nil
	}
	if !isPostgresURL(text) {
		return errors.New(setting + " must begin with sqlite: or be a postgres:// URL, with special characters in the " +
			"password percent-encoded")
	}
	return nil
}

// origin returns a URL in the form of a browser's Origin header: scheme, host in lower case, and the port unless it is
// the default.
func origin(u *url.URL) (*url.URL, error) {
	port, implied := u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]
	bare := url.URL{Scheme: u.Scheme, Host: u.Host}
	if implied == "" || u.Hostname() == "" || strings.TrimSuffix(u.String(), "/") != bare.String() {
		return nil, errors.New("--public-url (CHAVEIRO_PUBLIC_URL) must be http:// or https:// with a host and perhaps a " +
			"port, and nothing after it")
	}
	ascii, err := asciiHost(u.Host)
	if err != nil {
		return nil, errors.New("--public-url (CHAVEIRO_PUBLIC_URL) has a host that is no name of the internet")
	}
	host := strings.ToLower(ascii)
	if port == implied {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

// asciiHost returns a host, with its port if any, as browsers send it: a name with non-ASCII letters in its DNS form.
func asciiHost(host string) (string, error) {
	if !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return host, nil
	}
	name, port, hasPort := strings.Cut(host, ":") // an IP address has no such letters
	name, err := idna.Lookup.ToASCII(name)
	if err != nil || !hasPort {
		return name, err
	}
	return name + ":" + port, nil
}

// checkMetrics refuses settings that would show metrics and profiles to unauthenticated callers on the network.
func (s *Settings) checkMetrics() error {
	if s.MetricsListen == "" {
		if s.MetricsTokenFile != "" {
			return errors.New("--metrics-token-file (CHAVEIRO_METRICS_TOKEN_FILE) is set only with --metrics-listen")
		}
		return nil
	}
	host, _, err := splitAddress(s.MetricsListen)
	if err != nil {
		return errors.New(
			"--metrics-listen (CHAVEIRO_METRICS_LISTEN) must be an address and a port from 1 to 65535, such as 127.0.0.1:9464")
	}
	if !isLoopback(host) && s.MetricsTokenFile == "" {
		return errors.New("--metrics-listen (CHAVEIRO_METRICS_LISTEN) is reachable from other machines, where anybody " +
			"could read metrics and profiles: " +
			"set --metrics-token-file, or listen on 127.0.0.1")
	}
	return nil
}

// tracesPath is where OTLP has the traces.
const tracesPath = "/v1/traces"

// completeTraces validates where traces go, and which. What goes there has no secret, and yet says who asks for what.
func (s *Settings) completeTraces() error {
	if !(s.TraceShare >= 0 && s.TraceShare <= 1) { // also refuses NaN
		return errors.New("--trace-share (CHAVEIRO_TRACE_SHARE) must be from 0 to 1, such as 0.1")
	}
	if s.TracesTo == nil {
		return nil
	}
	const flag = "--traces-to (CHAVEIRO_TRACES_TO)"
	to := s.TracesTo
	bare := url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}
	if to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" || to.String() != bare.String() {
		return errors.New(flag + " must be http:// or https:// with a host, and perhaps a port and a path, " +
			"such as http://127.0.0.1:4318")
	}
	if to.Scheme == "http" && !isLoopback(to.Hostname()) && !s.Dev {
		return errors.New(flag + " must be https unless its host is this machine's own, such as 127.0.0.1: " +
			"let a collector on this machine pass the traces on")
	}
	if strings.Trim(bare.Path, "/") == "" {
		bare.Path = tracesPath
	}
	s.TracesTo = &bare
	return nil
}

// splitAddress returns host and port of a listen address, or an error.
func splitAddress(address string) (host, port string, err error) {
	if host, port, err = net.SplitHostPort(address); err != nil {
		return "", "", err
	}
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
		return "", "", errors.New("not a port")
	}
	return host, port, nil
}

// checkRates refuses rates so high that they limit nothing.
func (s *Settings) checkRates() error {
	const most = 10 // times the default
	for _, r := range []struct {
		name        string
		rate, usual int
	}{
		{"--key-rate (CHAVEIRO_KEY_RATE)", s.KeyRate, ratelimit.DefaultKey},
		{"--operator-rate (CHAVEIRO_OPERATOR_RATE)", s.OperatorRate, ratelimit.DefaultOperator},
		{"--stranger-rate (CHAVEIRO_STRANGER_RATE)", s.StrangerRate, ratelimit.DefaultStranger},
	} {
		if r.rate < 1 || r.rate > most*r.usual && !s.Dev || r.rate > 1_000_000 {
			return fmt.Errorf("%s must be from 1 to %d requests a second", r.name, most*r.usual)
		}
	}
	for _, b := range []struct {
		name   string
		number int
		of     string
	}{
		{"--key-shops (CHAVEIRO_KEY_SHOPS)", s.KeyShops, "shops"},
		{"--read-shops (CHAVEIRO_READ_SHOPS)", s.ReadShops, "shops"},
		{"--key-networks (CHAVEIRO_KEY_NETWORKS)", s.KeyNetworks, "networks"},
	} {
		if b.number < 1 || b.number > maxBrake {
			return fmt.Errorf("%s must be from 1 to %d %s", b.name, maxBrake, b.of)
		}
	}
	return nil
}

// checkOrigins validates the origins whose pages may call. A partner's page sends its own key. The admin page needs the
// operator's cookie, which browsers send only within one site.
func (s *Settings) checkOrigins() error {
	const partners, admins = "--cors-origins (CHAVEIRO_CORS_ORIGINS)", "--admin-origins (CHAVEIRO_ADMIN_ORIGINS)"
	for _, text := range s.CORSOrigins {
		u, err := originOf(text)
		if err != nil {
			return fmt.Errorf("%s %w", partners, err)
		}
		if u.Scheme == "http" && !isLoopback(u.Hostname()) {
			return fmt.Errorf("%s: %s must be https, or anybody on the way may call in its name", partners, text)
		}
	}
	for _, text := range s.AdminOrigins {
		u, err := originOf(text)
		switch {
		case err != nil:
			return fmt.Errorf("%s %w", admins, err)
		case text == s.PublicURL.String():
			return fmt.Errorf("%s: %s is the public URL itself, where the page is without being listed", admins, text)
		case slices.Contains(s.CORSOrigins, text):
			return fmt.Errorf("%s: %s is in --cors-origins (CHAVEIRO_CORS_ORIGINS) too, and a partner's page must not act as "+
				"an operator", admins, text)
		case !sameSite(u, s.PublicURL):
			return fmt.Errorf(
				"%s: %s is not on the site of the public URL, %s, so that browsers would keep the cookie from it: "+
					"it needs the same scheme and the same registered domain, or the same host with another port", admins, text,
				s.PublicURL)
		}
	}
	return nil
}

// originOf parses an origin, which is later compared to the letter with the browser's.
func originOf(text string) (*url.URL, error) {
	wrong := fmt.Errorf("must be a list of origins as browsers write them, such as https://erp.example.com, without a "+
		"path and without *: %q is none", text)
	u, err := url.Parse(text)
	if err != nil {
		return nil, wrong
	}
	written, err := origin(u)
	if err != nil || written.String() != text || strings.ContainsAny(text, "*,") {
		return nil, wrong
	}
	return written, nil
}

// sameSite reports whether browsers treat two origins as one site: same scheme, and same domain below a public suffix.
// A host without such a domain, such as an IP address or localhost, is a site of its own.
func sameSite(a, b *url.URL) bool {
	if a.Scheme != b.Scheme {
		return false
	}
	if a.Hostname() == b.Hostname() {
		return true
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(a.Hostname())
	other, otherErr := publicsuffix.EffectiveTLDPlusOne(b.Hostname())
	return err == nil && otherErr == nil && site == other
}

// isLoopback reports whether a host is reachable from this machine only.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
