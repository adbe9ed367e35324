package seal

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is all that a Secret says of itself.
const redacted = "[redacted]"

// Secret carries a text that must reach no log, error, answer or test failure by
// accident: however it is printed, encoded or logged it says [redacted]. Only
// Reveal opens it, so a search for Reveal finds every place where that happens.
//
// Secrets are not comparable with ==. The zero value is an empty one.
type Secret struct {
	// A pointer, because fmt reaches into the unexported fields of a struct
	// without calling their methods: there it then prints an address.
	text *string
}

// NewSecret returns text as a Secret.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text itself, "" for the zero value.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no text, or an empty one.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb or flag shows more.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON implements json.Marshaler.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
