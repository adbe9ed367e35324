package provider

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// SettingKind is what text a setting takes, a value of the GraphQL enum ProviderSettingKind.
type SettingKind string

// The kinds of settings; the GraphQL schema says what each takes.
const (
	URL        SettingKind = "URL"
	Text       SettingKind = "TEXT"
	Number     SettingKind = "NUMBER"
	SecretText SettingKind = "SECRET"
	Choice     SettingKind = "CHOICE"
	Date       SettingKind = "DATE"
)

// Setting is something that an administrator sets of a provider for the whole installation.
type Setting struct {
	Name string
	Kind SettingKind
	// Env is the environment variable that sets it, over what is stored. That of a secret ends in _FILE and names a file.
	Env     string
	Default string
	// Choices are the texts of a Choice. Those of a URL are the vendor's own addresses, of which the page may set one: any
	// other address comes from the environment alone.
	Choices []string
	// Receives are the owners of the secrets that go to a URL; 0 for none.
	Receives Owner
	// Min and Max bound a Number.
	Min, Max int
	// Form says what is wrong with a text that fits the Kind, empty when nothing is; nil asks for no more than the Kind.
	Form func(text string) fault.Code
	// Required is whether the provider can do nothing without it.
	Required bool
}

// Owner is whose a secret is.
type Owner uint

// The owners.
const (
	// OfConnection are the secrets of the connections.
	OfConnection Owner = 1 << iota
	// OfHouse are the software house's own, which are settings.
	OfHouse
)

// Host returns the host, with a port that is not 443, that receives the secrets of an owner; empty where none does.
func Host(settings []Setting, values Values, of Owner) string {
	for _, setting := range settings {
		if setting.Receives&of == 0 {
			continue
		}
		u, err := url.Parse(values[setting.Name])
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(strings.ToLower(u.Host), ":443")
	}
	return ""
}

// MayBeStored reports whether the page may set this text: where secrets go is chosen there among the vendor's own
// addresses alone.
func (s Setting) MayBeStored(text string) bool {
	return s.Kind != URL || slices.Contains(s.Choices, text)
}

// Values are the settings of a provider in force, by name. What is not set has its default, or no entry.
type Values map[string]string

// At returns an address below a setting of kind URL.
func (v Values) At(name, path string) string { return strings.TrimRight(v[name], "/") + path }

// Int returns a setting of kind Number.
func (v Values) Int(name string) int {
	n, _ := strconv.Atoi(v[name]) // it was checked when it was set
	return n
}

// Check says what is wrong with a text for this setting; the code is empty when nothing is.
func (s Setting) Check(text string, allows func(*url.URL) bool) (code fault.Code, args []any) {
	code, args = s.checkKind(text, allows)
	if code == "" && s.Form != nil {
		code = s.Form(text)
	}
	return code, args
}

// TokenForm is the Form of a secret that a program made.
func TokenForm(text string) fault.Code {
	var bad fault.List
	if bad.Token(text); len(bad) > 0 {
		return bad[0].Code
	}
	return ""
}

func (s Setting) checkKind(text string, allows func(*url.URL) bool) (code fault.Code, args []any) {
	var bad fault.List
	switch s.Kind {
	case SecretText:
		bad.Secret(text)
	default:
		bad.OptionalLine(text, 200)
	}
	if len(bad) > 0 {
		return bad[0].Code, bad[0].Args
	}
	switch s.Kind {
	case URL:
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !allows(u) {
			return fault.SettingURL, nil
		}
	case Number:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fault.SettingNumber, nil
		}
		if n < s.Min || n > s.Max {
			return fault.OutOfRange, []any{s.Min, s.Max}
		}
	case Choice:
		if !slices.Contains(s.Choices, text) {
			return fault.SettingChoice, nil
		}
	case Date:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return fault.SettingDate, nil
		}
	}
	return "", nil
}
