package seal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/seal"
)

const text = "correct-horse"

// leaks returns the forms in which a printed text could reveal a secret.
func leaks(printed, secret string) bool {
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret),
		fmt.Sprint([]byte(secret))} {
		if strings.Contains(printed, form) {
			return true
		}
	}
	return false
}

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%20s", "%t", "%U", "%c", "%e", "%p", "%T", "%!"}

func TestASecretIsOpenedOnlyByReveal(t *testing.T) {
	t.Parallel()
	if got := seal.NewSecret(text).Reveal(); got != text {
		t.Errorf("Reveal() = %q; want %q", got, text)
	}
}

func TestAnEmptySecretIsZero(t *testing.T) {
	t.Parallel()
	var zero seal.Secret
	if !zero.IsZero() || zero.Reveal() != "" || !seal.NewSecret("").IsZero() {
		t.Error("an empty secret is not zero")
	}
	if seal.NewSecret(text).IsZero() {
		t.Error("a secret with a text is zero")
	}
}

// Proves: 6.5
func TestAPrintedSecretSaysRedacted(t *testing.T) {
	t.Parallel()
	secret := seal.NewSecret(text)
	for _, verb := range verbs {
		got := fmt.Sprintf(verb, secret)
		// %p and %T never ask the value: an address and a type.
		if leaks(got, text) || got != "[redacted]" && verb != "%p" && verb != "%T" && verb != "%!" {
			t.Errorf("%s prints %s", verb, got)
		}
		if got := fmt.Sprintf(verb, &secret); leaks(got, text) {
			t.Errorf("%s of a pointer prints %s", verb, got)
		}
	}
	for name, got := range map[string]string{
		"String":   secret.String(),
		"GoString": secret.GoString(),
		"Sprint":   fmt.Sprint(secret),
		"LogValue": secret.LogValue().String(),
	} {
		if got != "[redacted]" {
			t.Errorf("%s says %s", name, got)
		}
	}
}

func TestASecretInsideAnotherValueIsNotShown(t *testing.T) {
	t.Parallel()
	secret := seal.NewSecret(text)
	type credentials struct {
		User     string
		Password seal.Secret
		hidden   seal.Secret // fmt cannot call the methods of an unexported field
		pointer  *seal.Secret
	}
	values := map[string]any{
		"struct":         credentials{"shop", secret, secret, &secret},
		"pointer":        &credentials{"shop", secret, secret, &secret},
		"slice":          []seal.Secret{secret},
		"map":            map[string]seal.Secret{"password": secret},
		"key of a map":   map[seal.Secret]bool{secret: true},
		"anonymous":      struct{ seal.Secret }{secret},
		"hidden pointer": struct{ p *credentials }{&credentials{hidden: secret}},
		"error":          fmt.Errorf("login with %v: refused", secret),
	}
	for name, value := range values {
		for _, verb := range verbs {
			if got := fmt.Sprintf(verb, value); leaks(got, text) {
				t.Errorf("%s with %s prints %s", name, verb, got)
			}
		}
	}
}

func TestAnEncodedSecretSaysRedacted(t *testing.T) {
	t.Parallel()
	secret := seal.NewSecret(text)
	got, err := json.Marshal(map[string]any{
		"value":   secret,
		"pointer": &secret,
		"struct":  struct{ Password seal.Secret }{secret},
		"key":     map[seal.Secret]int{secret: 1},
	})
	want := `{"key":{"[redacted]":1},"pointer":"[redacted]","struct":{"Password":"[redacted]"},"value":"[redacted]"}`
	if err != nil || string(got) != want {
		t.Errorf("json: %s, %v; want %s", got, err, want)
	}
	if got, err := secret.MarshalText(); err != nil || string(got) != "[redacted]" {
		t.Errorf("text: %s, %v", got, err)
	}
}

// Proves: 6.5
func TestALoggedSecretSaysRedacted(t *testing.T) {
	t.Parallel()
	secret := seal.NewSecret(text)
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		log.Reset()
		slog.New(handler).With("with", secret).Info("msg",
			"value", secret,
			"pointer", &secret,
			"struct", struct{ Password, hidden seal.Secret }{secret, secret},
			slog.Group("group", "inside", secret),
		)
		if got := log.String(); leaks(got, text) || strings.Count(got, "[redacted]") < 5 {
			t.Errorf("%T logs %s", handler, got)
		}
	}
}
