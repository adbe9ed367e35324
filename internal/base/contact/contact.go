// Package contact reads how people reach the software house: an e-mail address, a telephone or WhatsApp number, or a
// page.
package contact

import (
	"errors"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Contact is one way to reach somebody.
type Contact struct {
	// Text is what people read.
	Text string
	// URL leads there: mailto, tel or https.
	URL string
}

// ErrForm is why a text is no contact.
var ErrForm = errors.New("must be an e-mail address, a telephone number, whatsapp:NUMBER or an https address")

const (
	maxLength = 100
	whatsApp  = "whatsapp:"
	// brazil is the country of a number that names none.
	brazil = "55"
)

// Parse reads a contact as an administrator writes it. It returns ErrForm for a text that is none.
func Parse(text string) (Contact, error) {
	text = strings.TrimSpace(text)
	unprintable := strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
	if text == "" || unprintable || utf8.RuneCountInString(text) > maxLength {
		return Contact{}, ErrForm
	}
	switch {
	case strings.HasPrefix(text, "https://"):
		page, err := url.Parse(text)
		if err != nil || page.Host == "" || page.User != nil {
			return Contact{}, ErrForm
		}
		return Contact{Text: strings.TrimSuffix(page.Host+page.Path, "/"), URL: page.String()}, nil
	case len(text) > len(whatsApp) && strings.EqualFold(text[:len(whatsApp)], whatsApp):
		number := strings.TrimSpace(text[len(whatsApp):])
		digits, national := digitsOf(number)
		if digits == "" || national {
			return Contact{}, ErrForm
		}
		return Contact{Text: "WhatsApp " + number, URL: "https://wa.me/" + digits}, nil
	case strings.Contains(text, "@"):
		address, err := mail.ParseAddress(text)
		if err != nil || address.Address != text {
			return Contact{}, ErrForm
		}
		return Contact{Text: text, URL: (&url.URL{Scheme: "mailto", Opaque: text}).String()}, nil
	}
	digits, national := digitsOf(text)
	if digits == "" {
		return Contact{}, ErrForm
	}
	if !national {
		digits = "+" + digits
	}
	return Contact{Text: text, URL: "tel:" + digits}, nil
}

// digitsOf returns the digits of a telephone number with the code of its country, or "" for what is no number. national
// is true for a number that works in its country only, such as 0800 and 4004 ones.
func digitsOf(number string) (digits string, national bool) {
	for _, r := range number {
		switch {
		case '0' <= r && r <= '9':
			digits += string(r)
		case !strings.ContainsRune("+ ()-.", r):
			return "", false
		}
	}
	switch abroad := strings.HasPrefix(number, "+"); {
	case len(digits) < 8 || len(digits) > 15:
		return "", false
	case abroad:
		return digits, false
	case len(digits) < 10 || digits[0] == '0':
		return digits, true
	case len(digits) <= 11:
		return brazil + digits, false
	}
	return digits, false
}
