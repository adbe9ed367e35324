package i18n_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/chaveiro/chaveiro/internal/i18n"
)

func TestTheLanguageFollowsAcceptLanguage(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]i18n.Lang{
		"":                                 i18n.Portuguese,
		"pt-BR":                            i18n.Portuguese,
		"pt":                               i18n.Portuguese,
		"pt-PT,en;q=0.5":                   i18n.Portuguese,
		"en":                               i18n.English,
		"en-GB,en;q=0.9":                   i18n.English,
		"en;q=0.4, pt;q=0.6":               i18n.Portuguese,
		"fr, en;q=0.8, pt;q=0.2":           i18n.English,
		"ja":                               i18n.Portuguese,
		"*":                                i18n.Portuguese,
		"this is no header; q=x, \x00":     i18n.Portuguese,
		string(make([]byte, 1<<10)) + "en": i18n.Portuguese,
	} {
		if got := i18n.Match(header); got != want {
			t.Errorf("%q gives %s, want %s", header, got, want)
		}
	}
}

func TestBothCataloguesSayTheSameThings(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile(`%[a-z]`)
	var first map[string]string
	for _, lang := range i18n.Langs {
		data, err := os.ReadFile(string(lang) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var catalogue map[string]string
		if err := json.Unmarshal(data, &catalogue); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = catalogue
		}
		if got, want := slices.Sorted(maps.Keys(catalogue)), slices.Sorted(maps.Keys(first)); !slices.Equal(got, want) {
			t.Errorf("%s has the keys %v, want %v", lang, got, want)
		}
		for key, text := range catalogue {
			if got, want := verbs.FindAllString(text, -1), verbs.FindAllString(first[key], -1); !slices.Equal(got, want) {
				t.Errorf("%s in %s takes %v, want %v", key, lang, got, want)
			}
		}
	}
}

func TestATextIsInTheLanguageOfTheContext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang i18n.Lang
		want string
	}{{i18n.Portuguese, "No máximo 5 caracteres."}, {i18n.English, "At most 5 characters."}} {
		if got := i18n.Text(i18n.With(t.Context(), c.lang), "error.TOO_LONG", 5); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := i18n.Text(t.Context(), "error.TOO_LONG", 5); got != "No máximo 5 caracteres." {
		t.Errorf("without a language: %q", got)
	}
}
