package search_test

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/chaveiro/chaveiro/internal/store/search"
)

func TestFoldDropsWhatASearchIsNotAbout(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "",
		"Padaria":                       "padaria",
		"AÇAÍ  da\tVovó\n":              "acai da vovo",
		"Jose\u0301":                    "jose",
		"Straße":                        "strasse",
		"ΣΊΣΥΦΟΣ":                       "σισυφοσ",
		"Bøe Đurić Æsir Łódź":           "boe duric aesir lodz",
		"Iğdır":                         "igdir",
		"İstanbul":                      "istanbul",
		"ﬁlé nº 1ª":                     "file no 1a",
		"Ｆｕｌｌ１２":                        "full12",
		"한국":                            "한국",
		"a\u00a0b\u200bc\ufeffd\u00ade": "a bcde",
		"a\x00b\x7fc":                   "a b c",
		"\xff":                          "\ufffd",
		"50% _ \\ \"":                   "50% _ \\ \"",
	} {
		if got := search.Fold(text); got != want {
			t.Errorf("Fold(%q) is %q, want %q", text, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothingMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := search.Fold(rapid.OneOf(rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text"))
		if !utf8.ValidString(once) {
			t.Errorf("%q is no UTF-8", once)
		}
		if twice := search.Fold(once); twice != once {
			t.Errorf("%q becomes %q", once, twice)
		}
	})
}
