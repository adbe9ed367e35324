// Package i18n holds the sentences of the server for people, in Portuguese and English, and finds which of the two a
// request asks for. The page has its own texts; these come with an answer of the API.
package i18n

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/text/language"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Lang is a language of the portal.
type Lang string

// The languages. A caller that asks for neither gets Portuguese.
const (
	Portuguese Lang = "pt-BR"
	English    Lang = "en"
)

// Langs are all languages, each with a complete catalogue.
var Langs = []Lang{Portuguese, English}

//go:embed pt-BR.json en.json
var files embed.FS

var (
	catalogues = load()
	matcher    = language.NewMatcher([]language.Tag{language.BrazilianPortuguese, language.English})
)

func load() map[Lang]map[string]string {
	all := make(map[Lang]map[string]string, len(Langs))
	for _, lang := range Langs {
		data, err := files.ReadFile(string(lang) + ".json")
		if err != nil {
			panic(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(data, &texts); err != nil {
			panic(fmt.Sprintf("%s.json: %v", lang, err))
		}
		all[lang] = texts
	}
	return all
}

// Match returns the language that an Accept-Language header asks for.
func Match(acceptLanguage string) Lang {
	_, i := language.MatchStrings(matcher, acceptLanguage)
	return Langs[i]
}

type contextKey struct{}

// With returns a context whose answers are in lang.
func With(ctx context.Context, lang Lang) context.Context {
	return context.WithValue(ctx, contextKey{}, lang)
}

// From returns the language of the context's answers, Portuguese when none was set.
func From(ctx context.Context) Lang {
	if lang, ok := ctx.Value(contextKey{}).(Lang); ok {
		return lang
	}
	return Portuguese
}

// Text returns the sentence of a key in the language of the context, formatted with args as fmt does. It returns a key
// without a sentence unchanged; a test makes sure that there is none.
func Text(ctx context.Context, key string, args ...any) string {
	text, ok := catalogues[From(ctx)][key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Has reports whether a key has a sentence.
func Has(key string) bool {
	_, ok := catalogues[Portuguese][key]
	return ok
}

// BadRequest returns the sentence of an error that is a fault.BadRequest.
func BadRequest(ctx context.Context, err error) string {
	var bad fault.BadRequest
	if !errors.As(err, &bad) {
		bad.Detail = fault.BodyUnreadable
	}
	return Text(ctx, "graphql.BAD_USER_INPUT", Text(ctx, "bad."+string(bad.Detail), bad.Args()...))
}
