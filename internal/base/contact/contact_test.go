package contact_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/contact"
)

func TestAContactLeadsWhereItsTextSays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]contact.Contact{
		"suporte@casa.example":        {Text: "suporte@casa.example", URL: "mailto:suporte@casa.example"},
		" (83) 3333-4444 ":            {Text: "(83) 3333-4444", URL: "tel:+558333334444"},
		"+351 210 000 000":            {Text: "+351 210 000 000", URL: "tel:+351210000000"},
		"0800 123 4567":               {Text: "0800 123 4567", URL: "tel:08001234567"},
		"4004-1234":                   {Text: "4004-1234", URL: "tel:40041234"},
		"whatsapp:(83) 99999-0000":    {Text: "WhatsApp (83) 99999-0000", URL: "https://wa.me/5583999990000"},
		"WhatsApp: +1 202 555 0100":   {Text: "WhatsApp +1 202 555 0100", URL: "https://wa.me/12025550100"},
		"https://casa.example/ajuda/": {Text: "casa.example/ajuda", URL: "https://casa.example/ajuda/"},
	} {
		if got, err := contact.Parse(text); err != nil || got != want {
			t.Errorf("%q is %+v (%v), want %+v", text, got, err, want)
		}
	}
}

func TestWhatIsNoContactIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "Suporte", "123", "1234567890123456", "a@b@c", "Casa <suporte@casa.example>", "javascript:alert(1)",
		"http://casa.example", "https://", "https://a:b@casa.example", "whatsapp:", "whatsapp:4004-1234", "83 9999x9999",
		"a\x07b@casa.example", strings.Repeat("a", 90) + "@casa.example",
	} {
		if got, err := contact.Parse(text); !errors.Is(err, contact.ErrForm) {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}
