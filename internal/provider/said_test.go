package provider_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chaveiro/chaveiro/internal/provider"
)

// echoes are the forms in which a provider may repeat a secret.
var echoes = map[string]func(secret string) string{
	"as it is": func(secret string) string { return secret },
	"as JSON": func(secret string) string {
		text, _ := json.Marshal(secret)
		return string(text)
	},
	"as JSON of PHP": func(secret string) string {
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(secret)
		return strings.ReplaceAll(text.String(), "/", `\/`)
	},
	"as JSON of ASCII": func(secret string) string {
		text, _ := json.Marshal(secret)
		return strings.NewReplacer("ã", `\u00e3`, "é", `\u00E9`, "🔑", `\ud83d\udd11`).Replace(string(text))
	},
	"as a query": url.QueryEscape,
	"as a path":  url.PathEscape,
	"as a query, in lower case": func(secret string) string {
		var text strings.Builder
		for _, b := range []byte(secret) {
			text.WriteString("%" + hex.EncodeToString([]byte{b}))
		}
		return text.String()
	},
	"as HTML": html.EscapeString,
	"as HTML of names and numbers": func(secret string) string {
		return strings.NewReplacer("&", "&amp;", "<", "&#x3C;", ">", "&#62;", `"`, "&quot;", "'", "&apos;", "ã", "&atilde;",
			"é", "&#233;").Replace(secret)
	},
	"in hexadecimal digits":     func(secret string) string { return hex.EncodeToString([]byte(secret)) },
	"in large hexadecimal ones": func(secret string) string { return strings.ToUpper(hex.EncodeToString([]byte(secret))) },
	"in base64":                 func(secret string) string { return base64.StdEncoding.EncodeToString([]byte(secret)) },
	"in base64 of URLs": func(secret string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(secret))
	},
	"in Basic credentials": func(secret string) string {
		return base64.StdEncoding.EncodeToString([]byte("ana:" + secret))
	},
	"in others": func(secret string) string {
		return base64.StdEncoding.EncodeToString([]byte("maria:" + secret + "\n"))
	},
	"in third ones": func(secret string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"a":"` + secret + `"}`))
	},
}

// Proves: 10.6
func TestAnEchoedSecretIsHiddenInEachFormThatItMayHave(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"s3nh", `p@ss "1"/<é>&'x'`, "coração é 🔑", "abc+def/ghi==", "100%25", `a\nb\\c`,
		"eyJhbGciOi.J9-_x"} {
		for form, write := range echoes {
			written := write(secret)
			got := provider.Said("a senha "+written+" não serve, nem "+written+".", secret)
			if strings.Contains(got, written) || strings.Contains(got, secret) {
				t.Errorf("%s is told %s: %s", secret, form, got)
			}
			if !strings.HasPrefix(got, "a senha ") || !strings.HasSuffix(got, ".") || strings.Count(got, "[…]") != 2 ||
				!strings.Contains(got, " não serve, nem ") {
				t.Errorf("with %s %s more is gone than the secret: %s", secret, form, got)
			}
		}
	}
}

func TestTextThatIsNotASecretStays(t *testing.T) {
	t.Parallel()
	const text = `50% de desconto & "aspas" \ &nbsp; %zz + C:\dados \u00zz aGVsbG8gd29ybGQ= 68656c6c6f`
	if got := provider.Said(text, "senha-da-loja", "s3nh"); got != text {
		t.Errorf("said %q", got)
	}
}

// Proves: 10.6
func TestNoEchoOfAnySecretRemains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[ -~ãé]{6,40}`).Draw(t, "secret")
		form := rapid.SampledFrom([]string{"as it is", "as JSON", "as a query", "as a path", "as HTML",
			"in hexadecimal digits", "in base64", "in others"}).Draw(t, "form")
		around := rapid.StringMatching(`[ -~]{0,20}`)
		written := echoes[form](secret)
		got := provider.Said(around.Draw(t, "before")+"\n"+written+"\n"+around.Draw(t, "after"), secret)
		if strings.Contains(got, written) {
			t.Fatalf("%q is told %s: %q", secret, form, got)
		}
	})
}
