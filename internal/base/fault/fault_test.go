package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

func TestATextOfOneLineIsTidied(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, out, err string }{
		"as it is":             {"Loja", "Loja", ""},
		"blanks around it":     {" \t Loja\n", "Loja", ""},
		"blanks in it":         {"a  b", "a  b", ""},
		"a letter in parts":    {"Sa\u0303o", "São", ""},
		"as many as may be":    {strings.Repeat("ã", 5), strings.Repeat("ã", 5), ""},
		"one too many":         {strings.Repeat("ã", 6), strings.Repeat("ã", 6), "TOO_LONG at f"},
		"parts count as one":   {strings.Repeat("a\u0303", 5), strings.Repeat("ã", 5), ""},
		"nothing":              {"", "", "REQUIRED at f"},
		"only blanks":          {" \u00a0\u3000", "", "REQUIRED at f"},
		"two lines":            {"a\nb", "a\nb", "INVALID_CHARACTERS at f"},
		"a NUL":                {"a\x00b", "a\x00b", "INVALID_CHARACTERS at f"},
		"a C1 control":         {"a\u0085b", "a\u0085b", "INVALID_CHARACTERS at f"},
		"what is no UTF-8":     {"a\xffb", "a\xffb", "INVALID_CHARACTERS at f"},
		"an emoji of 1 letter": {"🙂", "🙂", ""},
		"an emoji of 3":        {"👩\u200d🍳", "👩\u200d🍳", ""},
		"hidden around it":     {"\ufeffLoja\u200b", "Loja", ""},
		"hidden in it":         {"Lo\u200bja", "Lo\u200bja", "HIDDEN_CHARACTERS at f"},
		"another direction":    {"\u202eajoL", "ajoL", ""},
		"another inside":       {"L\u202eajo", "L\u202eajo", "HIDDEN_CHARACTERS at f"},
		"nothing to be seen":   {"\u200b", "", "REQUIRED at f"},
		"a filler":             {"\u3164", "", "REQUIRED at f"},
		"an accent alone":      {"\u0301", "", "REQUIRED at f"},
	} {
		var bad fault.List
		if got := bad.Line(c.in, 5, "f"); got != c.out || bad.Error() != c.err {
			t.Errorf("%s: %q with %q, want %q with %q", name, got, bad.Error(), c.out, c.err)
		}
	}
}

func TestAParagraphMayHaveLines(t *testing.T) {
	t.Parallel()
	var bad fault.List
	if got := bad.Paragraph(nil, 5, "f"); got != "" || bad.Err() != nil {
		t.Errorf("nothing: %q, %v", got, bad)
	}
	text := " a\r\n\tb "
	if got := bad.Paragraph(&text, 5, "f"); got != "a\r\n\tb" || bad.Err() != nil {
		t.Errorf("two lines: %q, %v", got, bad)
	}
	text = "a\ab"
	if bad.Paragraph(&text, 5, "f"); bad.Error() != "INVALID_CHARACTERS at f" {
		t.Errorf("a bell: %v", bad)
	}
}

func TestASecretStaysAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ secret, err string }{
		"blanks of a password": {"  a b ", ""},
		"only blanks":          {"  ", ""},
		"not composed":         {"a\u0303", ""},
		"nothing":              {"", "REQUIRED at f"},
		"a line break":         {"a\n", "INVALID_CHARACTERS at f"},
		"as long as may be":    {strings.Repeat("é", 4096), ""},
		"too long":             {strings.Repeat("é", 4097), "TOO_LONG at f"},
	} {
		var bad fault.List
		if got := bad.Secret(c.secret, "f"); got != c.secret || bad.Error() != c.err {
			t.Errorf("%s: %.20q with %q, want %q", name, got, bad.Error(), c.err)
		}
	}
}

func TestAPasteMistakeInATokenIsReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, out, err string }{
		"as it is":                    {"t0k-._~+/=", "t0k-._~+/=", ""},
		"blanks around it":            {" \r\n t \u00a0\n", "t", ""},
		"quotes of JSON around it":    {"\"t\"", "t", ""},
		"what nobody sees around it":  {"\ufefft\u200b", "t", ""},
		"only blanks":                 {" \n\u200b", "", "REQUIRED at f"},
		"a blank in it":               {"a b", "a b", "TOKEN_BLANKS at f"},
		"a line break in it":          {"a\r\nb", "a\r\nb", "TOKEN_BLANKS at f"},
		"what nobody sees in it":      {"a\u200bb", "a\u200bb", "TOKEN_BLANKS at f"},
		"the word of the header":      {"Bearer abc", "Bearer abc", "TOKEN_BEARER at f"},
		"the word in another case":    {" bearer  abc", "bearer  abc", "TOKEN_BEARER at f"},
		"a token that begins like it": {"Bearerabc", "Bearerabc", ""},
		"dots of a text that was cut": {"abc…", "abc…", "INVALID_CHARACTERS at f"},
		"a control character":         {"a\x00b", "a\x00b", "INVALID_CHARACTERS at f"},
		"what is no UTF-8":            {"a\xffb", "a\xffb", "INVALID_CHARACTERS at f"},
		"too long":                    {strings.Repeat("a", 4097), strings.Repeat("a", 4097), "TOO_LONG at f"},
	} {
		var bad fault.List
		if got := bad.Token(c.in, "f"); got != c.out || bad.Error() != c.err {
			t.Errorf("%s: %.20q with %q, want %.20q with %q", name, got, bad.Error(), c.out, c.err)
		}
	}
}

func TestAListJoinsTheEntriesOfAnotherUnderItsPath(t *testing.T) {
	t.Parallel()
	var bad fault.List
	bad.Add(fault.Required, nil, "description")
	inner := fault.List{{Code: fault.Required, Field: []string{"token"}, Args: []any{1}, RelatedID: "x"}}
	if err := bad.Merge(fmt.Errorf("draft: %w", inner), "config", "showKase"); err != nil {
		t.Fatal(err)
	}
	if bad.Error() != "REQUIRED at description, REQUIRED at config.showKase.token" || bad[1].RelatedID != "x" ||
		len(bad[1].Args) != 1 {
		t.Errorf("%+v", bad)
	}
	if inner.Error() != "REQUIRED at token" {
		t.Errorf("the other list has changed: %v", inner)
	}
	if err := bad.Merge(nil); err != nil || len(bad) != 2 {
		t.Errorf("nothing: %v, %v", err, bad)
	}
	other := errors.New("disk full")
	if err := bad.Merge(other); err != other || len(bad) != 2 {
		t.Errorf("no list: %v, %v", err, bad)
	}
}

func TestIsFindsACodeInAWrappedList(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("add: %w", fault.List{{Code: fault.Required}, {Code: fault.TooLong}})
	if !fault.Is(err, fault.TooLong) || fault.Is(err, fault.NotFound) || fault.Is(nil, fault.TooLong) ||
		fault.Is(fault.Busy, fault.TooLong) {
		t.Error("it does not")
	}
	if (fault.List{}).Err() != nil {
		t.Error("an empty list is an error")
	}
}
