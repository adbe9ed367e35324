package i18n_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/i18n/i18ntest"
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

func TestBothCataloguesHaveTheSameKeysAndArguments(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile(`%(?:\[\d+\])?[a-z]`)
	taken := func(text string) []string {
		all := verbs.FindAllString(text, -1)
		if strings.Contains(text, "%[") { // by their numbers, so in any order and as often as the language wants
			slices.Sort(all)
			all = slices.Compact(all)
		}
		return all
	}
	var first map[string]string
	for _, lang := range i18n.Langs {
		catalogue := catalogueOf(t, lang)
		if first == nil {
			first = catalogue
		}
		if got, want := slices.Sorted(maps.Keys(catalogue)), slices.Sorted(maps.Keys(first)); !slices.Equal(got, want) {
			t.Errorf("%s has the keys %v, want %v", lang, got, want)
		}
		for key, text := range catalogue {
			if got, want := taken(text), taken(first[key]); !slices.Equal(got, want) {
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

// constants returns the values of the constants of a type of package fault.
func constants(t *testing.T, of string) []string {
	t.Helper()
	files, err := filepath.Glob("../fault/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of package fault: %v", err)
	}
	var values []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			is, named := spec.Type.(*ast.Ident)
			value, literal := spec.Values[0].(*ast.BasicLit)
			if named && literal && is.Name == of {
				text, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, text)
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("package fault has no constants of the type %s", of)
	}
	return values
}

func TestEveryFaultHasASentence(t *testing.T) {
	t.Parallel()
	for kind, prefix := range map[string]string{"Code": "error.", "Detail": "bad.", "Reason": "unauthenticated.",
		"Refusal": "graphql."} {
		for _, code := range constants(t, kind) {
			if !i18n.Has(prefix + code) {
				t.Errorf("there is no sentence %s%s", prefix, code)
			}
		}
	}
}

func TestNoSentenceIsHalfInAnotherLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs {
		for key, text := range catalogueOf(t, lang) {
			if word := i18ntest.Foreign(lang, text); word != "" {
				t.Errorf("%s in %s has %q: %s", key, lang, word, text)
			}
		}
		ctx := i18n.With(t.Context(), lang)
		for _, detail := range constants(t, "Detail") {
			text := i18n.BadRequest(ctx, fault.BadRequest{Detail: fault.Detail(detail), About: 7})
			if word := i18ntest.Foreign(lang, text); word != "" {
				t.Errorf("%s in %s has %q: %s", detail, lang, word, text)
			}
		}
	}
}

func TestOnlyAWholeWordCountsAsOfAnotherLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Use POST ou GET":      "ou",
		"Use POST,ou GET":      "ou",
		"X7JFYKZ6EE5K3VC6OU3T": "", // the number of a request
		"a4_de-5":              "",
	} {
		if got := i18ntest.Foreign(i18n.English, text); got != want {
			t.Errorf("of %q %q is foreign, want %q", text, got, want)
		}
	}
}

// A program has no page to reload, and its user is not the operator of the portal.
func TestWhatIsSaidToProgramsSpeaksOfNoPage(t *testing.T) {
	t.Parallel()
	page := regexp.MustCompile(`(?i)\b(here|reload|page|aqui|recarregue|página|Configurações|Settings)\b`)
	for _, lang := range i18n.Langs {
		catalogue := catalogueOf(t, lang)
		for key, text := range catalogue {
			erp := "health.erp." + strings.TrimPrefix(key, "health.")
			switch {
			case strings.HasPrefix(key, "health.") && catalogue[erp] != "": // the operator's; a program is told the other
			case strings.HasPrefix(key, "bad."), strings.HasPrefix(key, "unauthenticated."), strings.HasPrefix(key, "health."),
				key == "error.NOT_FOUND", key == "error.OUT_OF_RANGE":
				if word := page.FindString(text); word != "" {
					t.Errorf("%s in %s speaks of %q: %s", key, lang, word, text)
				}
			}
		}
	}
}

func catalogueOf(t *testing.T, lang i18n.Lang) map[string]string {
	t.Helper()
	data, err := os.ReadFile(string(lang) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var catalogue map[string]string
	if err := json.Unmarshal(data, &catalogue); err != nil {
		t.Fatal(err)
	}
	return catalogue
}
