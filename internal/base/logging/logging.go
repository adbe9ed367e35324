// Package logging sets up the program's log: coloured lines for a person at a terminal, JSON otherwise. Code of the
// portal logs no secrets; the redaction here is a safety net.
package logging

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// Format is how log lines look.
type Format string

// The formats. Auto is Text on a terminal and JSON otherwise.
const (
	Auto Format = "auto"
	Text Format = "text"
	JSON Format = "json"
)

// New returns a logger that writes to w what is of level or above.
func New(w io.Writer, format Format, level slog.Leveler) *slog.Logger {
	terminal := isTerminal(w)
	if format == Text || format == Auto && terminal {
		return slog.New(text(w, terminal, level))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redactForJSON}))
}

func text(w io.Writer, coloured bool, level slog.Leveler) slog.Handler {
	return tint.NewTextHandler(w, &tint.Options{
		Level:       level,
		TimeFormat:  time.TimeOnly,
		NoColor:     !coloured,
		ReplaceAttr: printable,
	})
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

const redacted = "[redacted]"

var (
	// secretName matches the names of attributes that hold a secret, or text that may contain many.
	secretName = regexp.MustCompile(
		`(?i)authorization|cookie|passw|token|secret|credential|api_?key|private_?key|master_?key|totp|recovery_?code|variables`)

	// secretForm matches a text that is a secret by its form alone: an access key, in the form that package accesskey
	// publishes, or a signed JWT.
	secretForm = regexp.MustCompile(`chv_(live|test|serv)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}` +
		`|eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+`)
)

// redact removes secrets from an attribute: the whole value when its name or the name of a group around it matches, and
// otherwise every part of its text that has the form of one.
func redact(groups []string, attr slog.Attr) slog.Attr {
	if names.areSecret(attr.Key) || slices.ContainsFunc(groups, names.areSecret) {
		return slog.String(attr.Key, redacted)
	}
	switch attr.Value.Kind() {
	case slog.KindString:
		if text := attr.Value.String(); mayHaveSecret(text) {
			attr.Value = slog.StringValue(secretForm.ReplaceAllString(text, redacted))
		}
	case slog.KindAny:
		if _, isLevel := attr.Value.Any().(slog.Level); isLevel {
			break
		}
		if text := textOf(attr.Value.Any()); isError(attr.Value) || mayHaveSecret(text) && secretForm.MatchString(text) {
			attr.Value = slog.StringValue(secretForm.ReplaceAllString(text, redacted))
		}
	}
	return attr
}

// redactForJSON is redact with a duration as a text, which has its unit where a number would be of nanoseconds, and
// with the level as a text, which a handler writes without an allocation.
func redactForJSON(groups []string, attr slog.Attr) slog.Attr {
	attr = redact(groups, attr)
	switch attr.Value.Kind() {
	case slog.KindDuration:
		attr.Value = slog.StringValue(attr.Value.Duration().String())
	case slog.KindAny:
		if level, is := attr.Value.Any().(slog.Level); is {
			attr.Value = slog.StringValue(level.String())
		}
	}
	return attr
}

// mayHaveSecret reports whether a text has the beginning of a match of secretForm. It costs a hundredth of that.
func mayHaveSecret(text string) bool {
	return strings.Contains(text, "chv_") || strings.Contains(text, "eyJ")
}

// maxVerdicts caps how many names have a remembered verdict.
const maxVerdicts = 1000

// verdicts remembers which names match secretName: nearly all names are constants of the program.
type verdicts struct {
	known sync.Map // name to bool
	count atomic.Int64
}

var names verdicts

// areSecret reports whether a name matches secretName.
func (v *verdicts) areSecret(name string) bool {
	if is, found := v.known.Load(name); found {
		return is.(bool)
	}
	is := secretName.MatchString(name)
	if v.count.Load() < maxVerdicts {
		if _, found := v.known.LoadOrStore(strings.Clone(name), is); !found {
			v.count.Add(1)
		}
	}
	return is
}

// printable is redact for the text form. It also makes the control characters of a text visible, as a terminal would
// obey them. It leaves none for tint, which does not escape the escape character.
func printable(groups []string, attr slog.Attr) slog.Attr {
	attr = redact(groups, attr)
	switch attr.Value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(escape(attr.Value.String()))
	case slog.KindAny:
		if _, isLevel := attr.Value.Any().(slog.Level); !isLevel { // which tint colours
			attr.Value = slog.StringValue(escape(textOf(attr.Value.Any())))
		}
	}
	return attr
}

// escape writes each character that is not printable as its number. The digits are upper case, also in existing escape
// sequences, because tint turns \x1b back into the character.
func escape(text string) string {
	var escaped strings.Builder
	for _, r := range strings.ReplaceAll(text, `\x1b`, `\x1B`) {
		switch {
		case r == '\n':
			escaped.WriteString(`\n`)
		case unicode.IsPrint(r):
			escaped.WriteRune(r)
		default:
			fmt.Fprintf(&escaped, `\u%04X`, r)
		}
	}
	return escaped.String()
}

func textOf(value any) string {
	if bytes, ok := value.([]byte); ok {
		return string(bytes)
	}
	return fmt.Sprintf("%+v", value)
}

func isError(value slog.Value) bool {
	_, ok := value.Any().(error)
	return ok
}
