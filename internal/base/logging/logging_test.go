package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chaveiro/chaveiro/internal/base/logging"
	"github.com/chaveiro/chaveiro/internal/base/token"
)

const (
	key = "chv_live_0aB1cD2eF3gH_0123456789012345678901234567890123456789012345678"
	jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJvcHIifQ.c2lnbmF0dXJl_-x"
)

// both runs a test on each format, buffered and not. Each gets a logger and a function that returns what was written.
func both(t *testing.T, test func(t *testing.T, log *slog.Logger, written func() string)) {
	for _, format := range []logging.Format{logging.Text, logging.JSON} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			test(t, logging.New(&out, format, slog.LevelInfo), out.String)
		})
		t.Run(string(format)+", buffered", func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log, flush := logging.NewBuffered(&out, format, slog.LevelInfo)
			test(t, log, func() string {
				flush()
				return out.String()
			})
		})
	}
}

// Proves: 9.2
func TestASecretIsNotWritten(t *testing.T) {
	t.Parallel()
	const planted = "planted-5ecret"
	tests := map[string]func(*slog.Logger){
		"under a name that says so": func(log *slog.Logger) {
			log.Info("x", "Authorization", "Basic "+planted, "cookie", planted, "Set-Cookie", planted, "password", planted,
				"credentials", planted, "private_key", planted, "MasterKey", planted, "totp", planted, "recovery_code", planted,
				"accessToken", planted, "refresh_token", planted, "client_secret", planted, "apiKey", planted,
				"variables", map[string]any{"a": planted})
		},
		"in a group that says so": func(log *slog.Logger) {
			log.WithGroup("secrets").Info("x", "nuvemshop", planted)
		},
		"given once for all lines": func(log *slog.Logger) { log.With("token", planted).Info("x") },
		"a key in the message":     func(log *slog.Logger) { log.Info("no such key " + key) },
		"a key in a text":          func(log *slog.Logger) { log.Info("x", "path", "/"+key+"/end") },
		"a key in an error": func(log *slog.Logger) {
			log.Info("x", "err", fmt.Errorf("find: %w", errors.New(key)))
		},
		"a key in bytes":    func(log *slog.Logger) { log.Info("x", "body", []byte("a "+key)) },
		"a key in a struct": func(log *slog.Logger) { log.Info("x", "input", struct{ A []string }{[]string{key}}) },
		"a JWT in a text":   func(log *slog.Logger) { log.Info("x", "header", "Bearer "+jwt) },
		"a JWT in an error": func(log *slog.Logger) { log.Info("x", "err", errors.New("parse "+jwt)) },
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both(t, func(t *testing.T, log *slog.Logger, written func() string) {
				write(log)
				line := written()
				for _, secret := range []string{planted, key, jwt} {
					if strings.Contains(line, secret) {
						t.Errorf("the log has a secret: %s", line)
					}
				}
				if !strings.Contains(line, "[redacted]") {
					t.Errorf("the log does not show that something was taken out: %s", line)
				}
			})
		})
	}
}

func TestAnIssuedKeyIsRemovedFromTheLog(t *testing.T) {
	t.Parallel()
	for _, environment := range []token.Environment{token.Live, token.Test} {
		issued, err := token.New(environment)
		if err != nil {
			t.Fatal(err)
		}
		both(t, func(t *testing.T, log *slog.Logger, written func() string) {
			log.Info("x", "value", issued.Reveal())
			if strings.Contains(written(), issued.Reveal()) {
				t.Error("the log has the key")
			}
		})
	}
}

func TestWhatIsNoSecretIsWritten(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, log *slog.Logger, written func() string) {
		log.With("key", "key_01").Info("saved the client", "client", "Padaria Açaí", "count", 3, "took", 2*time.Second,
			"err", errors.New("disk full"), "from", netip.MustParseAddr("192.0.2.1"), "visible", key[:21])
		for _, want := range []string{"saved the client", "key_01", "Padaria Açaí", "3", "disk full", "192.0.2.1", key[:21]} {
			if line := written(); !strings.Contains(line, want) {
				t.Errorf("the log lacks %q: %s", want, line)
			}
		}
	})
}

func TestControlCharactersDoNotReachTheTerminal(t *testing.T) {
	t.Parallel()
	for name, evil := range map[string]string{
		"escape":             "\x1b[2Jcleared",
		"escape, written":    `a \x1b[2J b`,
		"line feed":          "a\nINF forged line",
		"carriage return":    "a\rforged",
		"one-character CSI":  "\u009b2Jcleared",
		"right-to-left mark": "abc\u202edef",
		"broken UTF-8":       "a\xff\x1bb",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			logging.New(&out, logging.Text, slog.LevelInfo).
				Info(evil, "value", evil, "err", errors.New(evil), "any", []string{evil})
			line := strings.TrimSuffix(out.String(), "\n")
			if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("the line has a character that is not for printing: %q", line)
			}
		})
	}
}

// On a terminal tint turns a written \x1b back into the character, which must not happen to what we escaped.
func TestATerminalLineHasNoEscapeSequencesButColours(t *testing.T) {
	t.Parallel()
	colours := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, evil := range []string{"\x1b[2J cleared", `a \x1b[2J b`, `a \\x1b[2J b`} {
		var out bytes.Buffer
		logging.NewText(&out, true, slog.LevelInfo).Info(evil, "value", evil, "err", errors.New(evil))
		if line := colours.ReplaceAllString(out.String(), ""); strings.Contains(line, "\x1b") {
			t.Errorf("the line has an escape character beside the colours: %q", line)
		}
	}
}

func TestJSONIsOneObjectALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := logging.New(&out, logging.JSON, slog.LevelInfo)
	log.Info("a\nb", "n", 1)
	log.Error("c")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("2 records made %d lines", len(lines))
	}
	var record struct {
		Msg string
		N   int
	}
	if err := json.Unmarshal([]byte(lines[0]), &record); err != nil || record.Msg != "a\nb" || record.N != 1 {
		t.Errorf("the first line reads as %+v, %v", record, err)
	}
}

func TestAutoIsJSONWhereThereIsNoTerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logging.New(&out, logging.Auto, slog.LevelInfo).Info("x")
	if !json.Valid(out.Bytes()) {
		t.Errorf("not JSON: %s", out.String())
	}
}

func TestWhatIsBelowTheLevelIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, format := range []logging.Format{logging.Text, logging.JSON} {
		var out bytes.Buffer
		log := logging.New(&out, format, slog.LevelWarn)
		log.Info("quiet")
		log.Log(context.Background(), slog.LevelWarn, "loud")
		if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, "loud") {
			t.Errorf("%s: the log has: %s", format, got)
		}
	}
}
