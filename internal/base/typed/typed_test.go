package typed_test

import (
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/typed"
)

func TestWhatAPasteBringsAlongIsDroppedAround(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ trimmed, unquoted string }{
		"a b":                   {"a b", "a b"},
		"\ufeff\u00a0a\u200b\n": {"a", "a"},
		"\u202a\u2009a\u202c":   {"a", "a"},
		`"a"`:                   {`"a"`, "a"},
		" “a’s”\u00a0":          {"“a’s”", "a’s"},
		"«‹`'´„a":               {"«‹`'´„a", "a"},
		"a\u200bb":              {"a\u200bb", "a\u200bb"},
		"\u3164\u2800":          {"", ""},
		"":                      {"", ""},
	} {
		if trimmed, unquoted := typed.Trim(text), typed.Unquote(text); trimmed != want.trimmed || unquoted != want.unquoted {
			t.Errorf("%q becomes %q and %q, want %q and %q", text, trimmed, unquoted, want.trimmed, want.unquoted)
		}
	}
}

func TestANameIsSeenAndHidesNothing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ seen, hides bool }{
		"Padaria São José":    {true, false},
		"Sa\u0303o":           {true, false},
		"東京":                  {true, false},
		"!":                   {true, false},
		"🛒":                   {true, false},
		"👩\u200d🍳":            {true, false},
		"👩🏽\u200d🍳":           {true, false},
		"❤\ufe0f\u200d🔥":      {true, false},
		"👩\u200d❤\ufe0f":      {true, false},
		"a\u200db":            {true, true},
		"👩\u200da":            {true, true},
		"\u200d🍳":             {true, true},
		"Pada\u200bria":       {true, true},
		"\u202eairadaP":       {true, true},
		"Pada\u00adria":       {true, true},
		"Padaria\U000e0041":   {true, true},
		"Padaria\u3164":       {true, true},
		"\u200b":              {false, true},
		"\u2800\u3164":        {false, true},
		"\u0301":              {false, false},
		"\u00b4":              {false, false}, // a blank with an accent: nothing that a list could be sorted by
		" \u00a0\t":           {false, false},
		"":                    {false, false},
		"\ufe0f\u200d\ufe0f ": {false, true},
	} {
		if seen, hides := typed.IsSeen(text), typed.Hides(text); seen != want.seen || hides != want.hides {
			t.Errorf("%q is seen: %t, hides something: %t; want %+v", text, seen, hides, want)
		}
	}
}

func TestLettersOfSeveralScriptsLookLikeOthers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"marina@softhouse.com.br":      false,
		"josé.çã+7@softhouse.com.br":   false,
		"jose\u0301@softhouse.com.br":  false,
		"админ@почта.рф":               false,
		"m\u0430rina@softhouse.com.br": true, // the Cyrillic a
		"marina@s\u03bffthouse.com":    true, // the Greek o
		"админ@softhouse.com":          true,
		"ｍarina@softhouse.com":         true,
		"marina@ﬁrma.com":              true,
	} {
		if got := typed.LooksLikeAnother(text); got != want {
			t.Errorf("%q looks like another: %t", text, got)
		}
	}
}

func TestAnEmailAddressIsBareAndInLowerCase(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" Ana@Example.com\u200b": "ana@example.com",
		"ana":                    "",
		"Ana <ana@example.com>":  "",
		"":                       "",
		"a@b, c@d":               "",
	} {
		if got := typed.Email(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
