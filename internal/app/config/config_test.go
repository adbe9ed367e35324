package config_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/contact"
	"github.com/chaveiro/chaveiro/internal/base/logging"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/session"
)

func parse(t *testing.T, args ...string) (config.Settings, config.Command) {
	t.Helper()
	settings, command, err := config.Parse(args, io.Discard, io.Discard)
	if err != nil {
		t.Fatalf("Parse(%q): %v", args, err)
	}
	return settings, command
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutAnySettingThePortalServesThisMachine(t *testing.T) {
	t.Parallel()
	settings, command := parse(t)
	want := config.Settings{
		Listen:        "127.0.0.1:8080",
		PublicURL:     &url.URL{Scheme: "http", Host: "127.0.0.1:8080"},
		DatabaseURL:   "sqlite:" + absolute(t, "data/chaveiro.db"),
		DataDir:       absolute(t, "data"),
		MasterKeyFile: absolute(t, "data.master.key"), AuditAnchorFile: absolute(t, "data.master.key.anchor"),
		LogFormat:    logging.Auto,
		LogLevel:     slog.LevelInfo,
		CheckEvery:   time.Hour,
		CallsAtOnce:  4,
		StopDelay:    time.Second,
		TraceShare:   1,
		KeepTrail:    1825,
		KeepReads:    400,
		SecondFactor: session.FromNobody,
		KeyRate:      10,
		OperatorRate: 20,
		StrangerRate: 5,
		KeyShops:     10,
		ReadShops:    100,
		KeyNetworks:  20,
	}
	if !reflect.DeepEqual(settings, want) {
		t.Errorf("settings %+v\nwant     %+v", settings, want)
	}
	if command != (config.Serve{}) {
		t.Errorf("command %#v, want Serve", command)
	}
}

func TestEachSettingHasAFlagAndAVariable(t *testing.T) {
	want := config.Settings{
		SettingsFile:     os.DevNull,
		Listen:           "0.0.0.0:9000",
		PublicURL:        &url.URL{Scheme: "https", Host: "portal.example"},
		DatabaseURL:      "postgres://chaveiro:pw@db/chaveiro",
		DatabaseConns:    40,
		DatabaseDirect:   "postgres://chaveiro:pw@db:5433/chaveiro",
		DataDir:          "/var/lib/chaveiro",
		MasterKeyFile:    "/etc/chaveiro/master.key",
		AuditAnchorFile:  "/var/lib/chaveiro/audit.anchor",
		LogFormat:        logging.JSON,
		LogLevel:         slog.LevelDebug,
		BehindProxy:      true,
		TrustedProxies:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		TLSCert:          "/etc/chaveiro/tls.crt",
		TLSKey:           "/etc/chaveiro/tls.key",
		CORSOrigins:      []string{"https://erp.example", "http://127.0.0.1:5173"},
		AdminOrigins:     []string{"https://portal.example:8443", "https://admin.portal.example"},
		NoSchema:         true,
		KeyRate:          1000,
		OperatorRate:     2000,
		StrangerRate:     3000,
		KeyShops:         40,
		ReadShops:        500,
		KeyNetworks:      60,
		AllowPrivate:     []string{"127.0.0.1:9001", "localhost:9002"},
		CheckEvery:       30 * time.Minute,
		CallsAtOnce:      12,
		StopDelay:        5 * time.Second,
		KeepTrail:        3650,
		KeepReads:        800,
		SecondFactor:     session.FromAdmins,
		Organization:     "Casa de Software",
		Contact:          []contact.Contact{{Text: "suporte@casa.example", URL: "mailto:suporte@casa.example"}},
		MetricsListen:    "0.0.0.0:9464",
		MetricsTokenFile: "/etc/chaveiro/metrics.token",
		TracesTo:         &url.URL{Scheme: "https", Host: "collector.example:4318", Path: "/otlp/v1/traces"},
		TraceShare:       0.25,
		Dev:              true,
	}
	for field, value := range reflect.ValueOf(want).Fields() {
		if value.IsZero() {
			t.Errorf("%s is not among what is set here", field.Name)
		}
	}
	flags := []string{
		"--listen=0.0.0.0:9000", "--public-url=https://portal.example", "--database-url=postgres://chaveiro:pw@db/chaveiro",
		"--audit-anchor-file=/var/lib/chaveiro/audit.anchor", "--database-connections=40",
		"--database-direct-url=postgres://chaveiro:pw@db:5433/chaveiro",
		"--data-dir=/var/lib/chaveiro", "--master-key-file=/etc/chaveiro/master.key", "--log-format=json",
		"--log-level=debug",
		"--allow-private-hosts=127.0.0.1:9001,localhost:9002", "--check-every=30m", "--calls-at-once=12", "--mfa=admins",
		"--stop-delay=5s", "--keep-trail=3650", "--keep-reads=800", "--settings-file=" + os.DevNull,
		"--organization=Casa de Software", "--contact=suporte@casa.example",
		"--tls-cert=/etc/chaveiro/tls.crt", "--tls-key=/etc/chaveiro/tls.key",
		"--cors-origins=https://erp.example,http://127.0.0.1:5173", "--no-introspection",
		"--metrics-listen=0.0.0.0:9464", "--metrics-token-file=/etc/chaveiro/metrics.token",
		"--traces-to=https://collector.example:4318/otlp/v1/traces", "--trace-share=0.25",
		"--admin-origins=https://portal.example:8443,https://admin.portal.example",
		"--key-rate=1000", "--operator-rate=2000", "--stranger-rate=3000", "--key-shops=40", "--read-shops=500",
		"--key-networks=60",
		"--behind-proxy", "--trusted-proxies=10.0.0.0/8,::1/128", "--dev",
	}
	if got, _ := parse(t, flags...); !reflect.DeepEqual(got, want) {
		t.Errorf("by flag:     %+v\nwant         %+v", got, want)
	}

	for _, flag := range flags {
		name, value, given := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		if !given {
			value = "true"
		}
		t.Setenv("CHAVEIRO_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")), value)
	}
	if got, _ := parse(t); !reflect.DeepEqual(got, want) {
		t.Errorf("by variable: %+v\nwant         %+v", got, want)
	}
	if got, _ := parse(t, "--listen=127.0.0.1:7000"); got.Listen != "127.0.0.1:7000" {
		t.Errorf("a flag does not win over its variable: %s", got.Listen)
	}
}

func TestAnEmptyVariableIsAnAbsentOne(t *testing.T) {
	want, command := parse(t)
	names := 0
	for field := range reflect.TypeFor[config.Settings]().Fields() {
		if name := field.Tag.Get("env"); name != "" {
			t.Setenv(name, "")
			names++
		}
	}
	t.Setenv("CHAVEIRO_PROVIDERS_PORT", "")
	if got, same := parse(t); names < 20 || !reflect.DeepEqual(got, want) || same != command {
		t.Errorf("with %d empty variables %+v\nwithout       %+v", names, got, want)
	}
	if _, demo := parse(t, "demo"); demo != (config.Demo{ProvidersPort: 9100}) {
		t.Errorf("demo is %+v", demo)
	}
}

func TestAListMayHaveBlanks(t *testing.T) {
	t.Setenv("CHAVEIRO_TRUSTED_PROXIES", " 10.0.0.0/8 , ::1/128 ")
	t.Setenv("CHAVEIRO_CORS_ORIGINS", "https://erp.example, https://erp2.example , ")
	t.Setenv("CHAVEIRO_ALLOW_PRIVATE_HOSTS", " 127.0.0.1:9001 ,\tlocalhost:9002")
	got, _ := parse(t, "--dev")
	if want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}; !reflect.DeepEqual(
		got.TrustedProxies, want) {
		t.Errorf("networks %v", got.TrustedProxies)
	}
	if want := []string{"https://erp.example", "https://erp2.example"}; !reflect.DeepEqual(got.CORSOrigins, want) {
		t.Errorf("origins %q", got.CORSOrigins)
	}
	if want := []string{"127.0.0.1:9001", "localhost:9002"}; !reflect.DeepEqual(got.AllowPrivate, want) {
		t.Errorf("hosts %q", got.AllowPrivate)
	}
}

func TestTheErrorOfAMalformedNetworkShowsTheRightForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.1":            "10.0.0.1 is an address, which alone is written 10.0.0.1/32",
		"10.0.0.0/8, fe80::1": "fe80::1 is an address, which alone is written fe80::1/128",
		"proxy.example":       `"proxy.example" is none`,
	} {
		_, _, err := config.Parse([]string{"--trusted-proxies=" + text}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--trusted-proxies") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDefaultsFollowFromOtherSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		got  func(config.Settings) string
		want string
	}{
		"the public URL has the port": {[]string{"--listen=[::1]:9001"},
			func(s config.Settings) string { return s.PublicURL.String() }, "http://127.0.0.1:9001"},
		"HTTPS, with a certificate": {[]string{"--listen=0.0.0.0:9001", "--tls-cert=a", "--tls-key=b"},
			func(s config.Settings) string { return s.PublicURL.String() }, "https://127.0.0.1:9001"},
		"port 80 is not spelled out": {[]string{"--listen=127.0.0.1:80"},
			func(s config.Settings) string { return s.PublicURL.String() }, "http://127.0.0.1"},
		"a name of other letters": {[]string{"--public-url=https://Chaves.Açaí.example:8443"},
			func(s config.Settings) string { return s.PublicURL.String() }, "https://chaves.xn--aa-4iaz.example:8443"},
		"a public URL is an origin": {[]string{"--public-url=https://Portal.EXAMPLE:443/"},
			func(s config.Settings) string { return s.PublicURL.String() }, "https://portal.example"},
		"traces go where OTLP has them": {[]string{"--traces-to=http://127.0.0.1:4318"},
			func(s config.Settings) string { return s.TracesTo.String() }, "http://127.0.0.1:4318/v1/traces"},
		"traces go to a path as it is": {[]string{"--traces-to=https://c.example/otlp"},
			func(s config.Settings) string { return s.TracesTo.String() }, "https://c.example/otlp"},
		"another port stays": {[]string{"--public-url=https://portal.example:8443"},
			func(s config.Settings) string { return s.PublicURL.String() }, "https://portal.example:8443"},
		"the database is in the folder": {[]string{"--data-dir=/srv/c"},
			func(s config.Settings) string { return s.DatabaseURL }, "sqlite:/srv/c/chaveiro.db"},
		"the key is beside the folder": {[]string{"--data-dir=/srv/c/"},
			func(s config.Settings) string { return s.MasterKeyFile }, "/srv/c.master.key"},
		"also beside the folder called dot": {[]string{"--data-dir=."},
			func(s config.Settings) string { return s.MasterKeyFile }, absolute(t, ".") + ".master.key"},
		"a key file beside is outside": {[]string{"--data-dir=/srv/c", "--master-key-file=/srv/c2/key"},
			func(s config.Settings) string { return s.MasterKeyFile }, "/srv/c2/key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings, _ := parse(t, test.args...)
			if got := test.got(settings); got != test.want {
				t.Errorf("%q gives %s, want %s", test.args, got, test.want)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]config.Command{
		"":              config.Serve{},
		"serve":         config.Serve{},
		"serve --dev":   config.Serve{},
		"--dev":         config.Serve{},
		"migrate":       config.Migrate{},
		"demo":          config.Demo{ProvidersPort: 9100},
		"version":       config.Version{},
		"--dev version": config.Version{},
		"admin create --email=ana@example.com --name=Ana": config.AdminCreate{Email: "ana@example.com",
			Name: "Ana", Role: principal.Admin},
		"admin create --email=ana@example.com --name=Ana --role=operator": config.AdminCreate{Email: "ana@example.com",
			Name: "Ana", Role: principal.Editor},
		"admin create --role viewer --email ana@example.com --name Ana": config.AdminCreate{Email: "ana@example.com",
			Name: "Ana", Role: principal.Viewer},
	} {
		if _, command := parse(t, strings.Fields(line)...); command != want {
			t.Errorf("%q is %#v, want %#v", line, command, want)
		}
	}
}

func TestTheDemonstrationHasSettingsOfItsOwn(t *testing.T) {
	settings, command := parse(t, "demo", "--providers-port=0")
	if command != (config.Demo{}) {
		t.Errorf("command %#v", command)
	}
	if dir := absolute(t, "data-demo"); !settings.Dev || settings.DataDir != dir ||
		settings.MasterKeyFile != dir+".master.key" ||
		settings.DatabaseURL != "sqlite:"+filepath.Join(dir, "chaveiro.db") {
		t.Errorf("settings %+v", settings)
	}
	if settings, _ := parse(t, "demo", "--data-dir=./data"); settings.DataDir != absolute(t, "data") {
		t.Errorf("the folder that was asked for became %s", settings.DataDir)
	}
	t.Setenv("CHAVEIRO_DATA_DIR", "/srv/c")
	if settings, _ := parse(t, "demo"); settings.DataDir != "/srv/c" {
		t.Errorf("the folder of the variable became %s", settings.DataDir)
	}
}

func TestTheVersionIsPrintedWhateverTheSettingsAre(t *testing.T) {
	t.Parallel()
	if _, command := parse(t, "version", "--listen=:8080"); command != (config.Version{}) {
		t.Errorf("command %#v, want Version", command)
	}
}

func TestHelpIsPrintedAndNoCommandRuns(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"--help", "admin create --help"} {
		var stdout, stderr bytes.Buffer
		_, command, err := config.Parse(strings.Fields(line), &stdout, &stderr)
		if command != nil || err != nil || stderr.Len() > 0 {
			t.Errorf("%s: %#v, %v, %s", line, command, err, &stderr)
		}
		if !strings.Contains(stdout.String(), "CHAVEIRO_LISTEN") {
			t.Errorf("%s prints %s", line, &stdout)
		}
	}
}

// Proves: 4.3, 9.3, 10.2
func TestABadValueIsNamedInOneSentence(t *testing.T) {
	t.Parallel()
	const password = "planted-5ecret"
	for line, want := range map[string][]string{
		"--listen=8080":            {"--listen", "CHAVEIRO_LISTEN"},
		"--listen=127.0.0.1:http":  {"--listen"},
		"--listen=127.0.0.1:0":     {"--listen"},
		"--listen=127.0.0.1:65536": {"--listen"},
		"--listen=:8080":           {"--listen", "--behind-proxy"},
		"--listen=0.0.0.0:8080":    {"--listen", "--behind-proxy"},
		"--listen=10.0.0.7:8080":   {"--listen", "--behind-proxy"},
		"--listen=portal:8080":     {"--listen", "--behind-proxy"},

		"--public-url=portal.example":                  {"--public-url"},
		"--public-url=ftp://portal.example":            {"--public-url", "CHAVEIRO_PUBLIC_URL"},
		"--public-url=https://portal.example/chaveiro": {"--public-url"},
		"--public-url=https://portal.example?a=b":      {"--public-url"},
		"--public-url=https://ana@portal.example":      {"--public-url"},
		"--public-url=https://":                        {"--public-url"},
		"--public-url=http://portal.example":           {"--public-url", "https"},

		"--database-url=mysql://root:" + password + "@db/x":      {"--database-url", "CHAVEIRO_DATABASE_URL"},
		"--database-url=postgres://c:" + password + "%zz@db/x":   {"--database-url"},
		"--database-url=postgres://c:" + password + "@db:port/x": {"--database-url"},
		"--database-url=sqlite:":                                 {"--database-url"},
		"--database-url=sqlite://data/x.db":                      {"--database-url"},
		"--database-url=sqlite:x.db?_synchronous=OFF":            {"--database-url"},

		"--data-dir=": {"--data-dir"},
		"--data-dir=/srv/c --master-key-file=/srv/c/key":    {"--master-key-file", "CHAVEIRO_MASTER_KEY_FILE"},
		"--data-dir=/srv/c --master-key-file=/srv/x/../c/k": {"--master-key-file"},
		"--data-dir=/srv/c --master-key-file=/srv/c":        {"--master-key-file"},
		"--organization=" + strings.Repeat("á", 101):        {"--organization", "CHAVEIRO_ORGANIZATION", "100"},
		"--organization=a\x07b":                             {"--organization"},
		"--contact=suporte":                                 {"--contact", "e-mail address"},
		"serve --again":                                     {"--again", "--recover"},
		"--log-format=xml":                                  {"--log-format", "xml"},
		"--log-level=loud":                                  {"--log-level", "loud"},
		"--trusted-proxies=10.0.0.1":                        {"--trusted-proxies", "10.0.0.1"},

		"--tls-cert=a": {"--tls-cert", "--tls-key", "CHAVEIRO_TLS_KEY"},
		"--tls-key=a":  {"--tls-cert", "--tls-key"},
		"--tls-cert=a --tls-key=b --public-url=http://127.0.0.1:8080": {"--public-url", "https"},

		"--key-rate=0":        {"--key-rate", "CHAVEIRO_KEY_RATE"},
		"--key-rate=101":      {"--key-rate", "100"},
		"--operator-rate=201": {"--operator-rate"},
		"--stranger-rate=-1":  {"--stranger-rate"},
		"--stranger-rate=51":  {"--stranger-rate"},

		"--metrics-listen=9464":                 {"--metrics-listen", "CHAVEIRO_METRICS_LISTEN"},
		"--metrics-listen=127.0.0.1:0":          {"--metrics-listen"},
		"--metrics-listen=:9464":                {"--metrics-listen", "--metrics-token-file"},
		"--metrics-listen=0.0.0.0:9464":         {"--metrics-listen", "--metrics-token-file"},
		"--metrics-listen=[::]:9464 --dev":      {"--metrics-listen", "--metrics-token-file"},
		"--metrics-listen=10.0.0.7:9464":        {"--metrics-listen", "--metrics-token-file"},
		"--metrics-listen=portal.internal:9464": {"--metrics-listen", "--metrics-token-file"},
		"--metrics-token-file=a":                {"--metrics-token-file", "CHAVEIRO_METRICS_TOKEN_FILE", "--metrics-listen"},

		"--traces-to=127.0.0.1:4318":                   {"--traces-to", "CHAVEIRO_TRACES_TO"},
		"--traces-to=grpc://127.0.0.1:4317":            {"--traces-to", "http"},
		"--traces-to=http://":                          {"--traces-to"},
		"--traces-to=http://collector.example:4318":    {"--traces-to", "https"},
		"--traces-to=https://a:" + password + "@c.net": {"--traces-to"},
		"--traces-to=https://c.net/?key=" + password:   {"--traces-to"},
		"--traces-to=https://c.net/v1#" + password:     {"--traces-to"},
		"--trace-share=1.5":                            {"--trace-share", "CHAVEIRO_TRACE_SHARE", "0 to 1"},
		"--trace-share=-0.1":                           {"--trace-share"},
		"--trace-share=NaN":                            {"--trace-share"},

		"--cors-origins=*":                           {"--cors-origins", "CHAVEIRO_CORS_ORIGINS"},
		"--cors-origins=null":                        {"--cors-origins"},
		"--cors-origins=https://*.example.com":       {"--cors-origins"},
		"--cors-origins=erp.example.com":             {"--cors-origins"},
		"--cors-origins=https://erp.example.com/":    {"--cors-origins"},
		"--cors-origins=https://erp.example.com:443": {"--cors-origins"},
		"--cors-origins=https://ERP.example.com":     {"--cors-origins"},
		"--cors-origins=http://erp.example.com":      {"--cors-origins", "https"},

		"--admin-origins=*": {"--admin-origins",
			"CHAVEIRO_ADMIN_ORIGINS"},
		"--admin-origins=null":                        {"--admin-origins"},
		"--admin-origins=127.0.0.1:9000":              {"--admin-origins"},
		"--admin-origins=http://127.0.0.1:9000/":      {"--admin-origins"},
		"--admin-origins=http://127.0.0.1:9000/admin": {"--admin-origins"},
		"--admin-origins=http://127.0.0.1:80":         {"--admin-origins"},
		"--admin-origins=http://127.0.0.1:8080": {"--admin-origins",
			"public URL itself"},
		"--admin-origins=https://127.0.0.1:9000": {"--admin-origins",
			"site", "http://127.0.0.1:8080"},
		"--admin-origins=http://127.0.0.2:9000": {
			"--admin-origins", "site"},
		"--admin-origins=http://localhost:9000": {
			"--admin-origins", "site"},
		"--admin-origins=http://[::1]:9000": {
			"--admin-origins", "site"},
		"--admin-origins=http://127.0.0.1:9000,http://b.example": {"--admin-origins",
			"http://b.example"},
		"--public-url=http://localhost:8080 --admin-origins=http://admin.localhost:8080": {
			"--admin-origins", "site"},
		"--public-url=https://10.0.0.7 --admin-origins=https://10.1.0.7": {
			"--admin-origins", "site"},
		"--public-url=https://portal.example.com --admin-origins=http://admin.example.com": {
			"--admin-origins", "scheme"},
		"--public-url=https://portal.example.com --admin-origins=https://*.example.com":         {"--admin-origins"},
		"--public-url=https://portal.example.com --admin-origins=https://Admin.example.com":     {"--admin-origins"},
		"--public-url=https://portal.example.com --admin-origins=https://admin.example.com:443": {"--admin-origins"},
		"--public-url=https://portal.example.com --admin-origins=https://admin.example.org": {"--admin-origins",
			"registered domain"},
		"--public-url=https://portal.example.com --admin-origins=https://myexample.com": {"--admin-origins",
			"registered domain"},
		"--public-url=https://casa.com.br --admin-origins=https://loja.com.br": {"--admin-origins",
			"registered domain"},
		"--public-url=https://casa.github.io --admin-origins=https://loja.github.io": {"--admin-origins",
			"registered domain"},
		"--public-url=https://portal --admin-origins=https://admin": {"--admin-origins",
			"registered domain"},
		"--public-url=https://p.a.br --cors-origins=https://x.a.br --admin-origins=https://x.a.br": {"--admin-origins",
			"--cors-origins"},

		"demo --database-url=postgres://c:" + password + "@db/x": {"--database-url", "demo"},
		"demo --listen=:8080 --behind-proxy":                     {"--listen", "demo"},
		"demo --providers-port=65532":                            {"--providers-port", "CHAVEIRO_PROVIDERS_PORT"},
		"demo --providers-port=-1":                               {"--providers-port"},
		"--providers-port=9200":                                  {"--providers-port"},

		"keyset rotate --settle=1s": {"--settle"},
		"backup":                    {"file"},
		"backup --encrypt-to=ana x": {"--encrypt-to", "CHAVEIRO_BACKUP_ENCRYPT_TO", "age1"},
		"backup --encrypt-to=AGE-SECRET-KEY-1" + password + " x": {"--encrypt-to", "secret"},

		"serv":                                 {"serv"},
		"admin":                                {"create"},
		"--port":                               {"--port"},
		"admin create --email=ana@example.com": {"--name"},
		"admin create --email=a@example.com --name=A --role=x": {"--role"},
	} {
		_, command, err := config.Parse(strings.Fields(line), io.Discard, io.Discard)
		if err == nil || command != nil {
			t.Errorf("%q is accepted as %#v", line, command)
			continue
		}
		sentence := err.Error()
		for _, part := range want {
			if !strings.Contains(sentence, part) {
				t.Errorf("%q: the sentence lacks %q: %s", line, part, sentence)
			}
		}
		if strings.Contains(sentence, "\n") || strings.Contains(sentence, ". ") || strings.Contains(sentence, password) {
			t.Errorf("%q: not one sentence, or one with a password: %s", line, sentence)
		}
	}
}

// Proves: 4.3
func TestTheAdminPageMayBeHostedElsewhereOnTheSameSite(t *testing.T) {
	t.Parallel()
	for public, origins := range map[string]string{
		"https://portal.example.com": "https://admin.example.com,https://portal.example.com:8443," +
			"https://example.com,https://a.b.example.com",
		"https://portal.casa.com.br:8443": "https://portal.casa.com.br,https://admin.casa.com.br",
		"https://a.casa.github.io":        "https://casa.github.io",
		"https://10.0.0.7":                "https://10.0.0.7:8443",
		"https://[fd00::7]":               "https://[fd00::7]:8443",
		"https://portal":                  "https://portal:8443",
		"http://127.0.0.1:8080":           "http://127.0.0.1:5173,http://127.0.0.1",
		"http://localhost:8080":           "http://localhost:5173",
	} {
		settings, _ := parse(t, "--public-url="+public, "--admin-origins="+origins)
		if got := strings.Join(settings.AdminOrigins, ","); got != origins {
			t.Errorf("%s: the admin origins are %s", public, got)
		}
	}
}

func TestABadVariableIsNamed(t *testing.T) {
	t.Setenv("CHAVEIRO_TRUSTED_PROXIES", "everybody")
	_, _, err := config.Parse(nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "CHAVEIRO_TRUSTED_PROXIES") {
		t.Errorf("Parse: %v, want the name of the variable", err)
	}
}

func TestErrorsOfTheParserHaveTheFormOfTheOtherErrorsOfSettings(t *testing.T) {
	t.Parallel()
	const planted = "planted-5ecret"
	for line, want := range map[string]string{
		"--key-rate=x":                    `--key-rate (CHAVEIRO_KEY_RATE) must be a whole number, such as 10: "x" is none`,
		"--key-rate=99999999999999999999": `--key-rate (CHAVEIRO_KEY_RATE) must be a whole number, such as 10: "99999999999999999999" is none`,
		"--keep-trail=364":                "--keep-trail (CHAVEIRO_KEEP_TRAIL) must be from 365 to 36500 days",
		"--keep-trail=36501":              "--keep-trail (CHAVEIRO_KEEP_TRAIL) must be from 365 to 36500 days",
		"--keep-reads=59":                 "--keep-reads (CHAVEIRO_KEEP_READS) must be from 60 to 36500 days",
		"--settings-file=/no":             "--settings-file (CHAVEIRO_SETTINGS_FILE): open /no: no such file or directory",
		"--stop-delay=31s":                "--stop-delay (CHAVEIRO_STOP_DELAY) must be from 0s to 30s",
		"--stop-delay=-1s":                "--stop-delay (CHAVEIRO_STOP_DELAY) must be from 0s to 30s",
		"--calls-at-once=1.5":             `--calls-at-once (CHAVEIRO_CALLS_AT_ONCE) must be a whole number, such as 10: "1.5" is none`,
		"--key-rate":                      `--key-rate (CHAVEIRO_KEY_RATE) must have a value after it`,
		"--check-every=soon":              `--check-every (CHAVEIRO_CHECK_EVERY) must be a time with its unit, such as 90s, 5m or 1h: "soon" is none`,
		"keyset rotate --settle=5":        `--settle must be a time with its unit, such as 90s, 5m or 1h: "5" is none`,
		"--trace-share=half":              `--trace-share (CHAVEIRO_TRACE_SHARE) must be a number, such as 0.1: "half" is none`,
		"--dev=maybe":                     `--dev (CHAVEIRO_DEV) must be true or false`,
		"--log-level=loud":                `--log-level (CHAVEIRO_LOG_LEVEL) must be debug, info, warn or error: "loud" is none`,
		"--log-format=xml":                `--log-format (CHAVEIRO_LOG_FORMAT) must be one of "auto","text","json": "xml" is none`,
		"--public-url=:::":                `--public-url (CHAVEIRO_PUBLIC_URL) must be a URL, such as https://portal.example.com`,
		"--public-url=https://a:" +
			planted: `--public-url (CHAVEIRO_PUBLIC_URL) must be a URL, such as https://portal.example.com`,
		"--trusted-proxies=a":   `--trusted-proxies (CHAVEIRO_TRUSTED_PROXIES) must be a list of networks, such as 10.0.0.0/8: "a" is none`,
		"--nonsense=" + planted: `there is no flag --nonsense: chaveiro --help lists all`,
		"--key-rates=5":         `there is no flag --key-rates: chaveiro --help lists all`,
		"frob":                  `there is no command frob: chaveiro --help lists all`,
		"serve extra":           `there is no command extra: chaveiro --help lists all`,
		"admin create":          `--email=ADDRESS, --name=NAME must be given`,
		"audit":                 `"verify" must follow`,
		"backup":                `"<file>" must follow`,
		"keyset":                `one of the commands "rotate", "verify" must follow`,
		"admin create --email=a --name=b --role=x": `--role must be one of "admin","operator","viewer": "x" is none`,
	} {
		_, _, err := config.Parse(strings.Fields(line), io.Discard, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", line, err, want)
		}
	}
}

func TestABadVariableHasTheSameErrorAsABadFlag(t *testing.T) {
	t.Setenv("CHAVEIRO_CHECK_EVERY", "soon")
	_, _, err := config.Parse(nil, io.Discard, io.Discard)
	if want := `--check-every (CHAVEIRO_CHECK_EVERY) must be a time with its unit, such as 90s, 5m or 1h: "soon" is none`; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// Proves: 12.1
func TestBehindAProxyEveryAddressMayBeServed(t *testing.T) {
	t.Parallel()
	if settings, _ := parse(t, "--listen=:8080",
		"--behind-proxy"); settings.PublicURL.String() != "http://127.0.0.1:8080" {
		t.Errorf("the public URL is %s", settings.PublicURL)
	}
}

// newRecipient returns an age recipient of a new identity.
func newRecipient(t *testing.T) *age.X25519Recipient {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return identity.Recipient()
}

func TestEachCommandIsRead(t *testing.T) {
	t.Parallel()
	one, other := newRecipient(t), newRecipient(t)
	for line, want := range map[string]config.Command{
		"serve":                           config.Serve{},
		"serve --recover":                 config.Serve{Recover: true},
		"serve --recover --again":         config.Serve{Recover: true, Again: true},
		"migrate":                         config.Migrate{},
		"audit verify":                    config.AuditVerify{},
		"audit verify --anchor=1:ab":      config.AuditVerify{Anchor: "1:ab"},
		"keyset rotate":                   config.KeysetRotate{Settle: 30 * time.Second},
		"keyset rotate --settle=1s --dev": config.KeysetRotate{Settle: time.Second},
		"keyset rotate --master-key=k":    config.KeysetRotate{Settle: 30 * time.Second, MasterKey: "k"},
		"keyset verify":                   config.KeysetVerify{},
		"signing-key rotate":              config.SigningKeyRotate{},
		"backup x":                        config.Backup{File: "x"},
		"backup --check --identity=i x":   config.Backup{File: "x", Check: true, Identity: "i"},
		"backup --encrypt-to=" + one.String() + " --encrypt-to=" + other.String() + " x": config.Backup{File: "x",
			EncryptTo: []age.Recipient{one, other}},
		"restore x":              config.Restore{File: "x"},
		"restore --identity=i x": config.Restore{File: "x", Identity: "i"},
		"doctor":                 config.Doctor{},
		"answers":                config.Answers{},
		"answers --show=mkp_1":   config.Answers{Show: "mkp_1"},
		"hosts":                  config.Hosts{},
		"grants":                 config.Grants{},
		"grants --adopt=key_1":   config.Grants{Adopt: "key_1"},
	} {
		if _, command := parse(t, strings.Fields(line)...); !reflect.DeepEqual(command, want) {
			t.Errorf("%s is read as %#v, want %#v", line, command, want)
		}
	}
}

func TestTheRecipientsOfBackupsAreAListInTheirVariable(t *testing.T) {
	one, other := newRecipient(t), newRecipient(t)
	t.Setenv("CHAVEIRO_BACKUP_ENCRYPT_TO", " "+one.String()+" , "+other.String())
	want := config.Backup{File: "x", EncryptTo: []age.Recipient{one, other}}
	if _, command := parse(t, "backup", "x"); !reflect.DeepEqual(command, want) {
		t.Errorf("it is read as %#v, want %#v", command, want)
	}
	t.Setenv("CHAVEIRO_BACKUP_ENCRYPT_TO", "")
	if _, command := parse(t, "backup", "x"); !reflect.DeepEqual(command, config.Backup{File: "x"}) {
		t.Errorf("an empty one is read as %#v", command)
	}
}

func TestRecipientsThatAgeDoesNotTakeTogetherAreRefused(t *testing.T) {
	t.Parallel()
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = config.Parse([]string{"backup", "--encrypt-to=" + newRecipient(t).String(),
		"--encrypt-to=" + hybrid.Recipient().String(), "x"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "--encrypt-to (CHAVEIRO_BACKUP_ENCRYPT_TO)") {
		t.Errorf("%v", err)
	}
}
