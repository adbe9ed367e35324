package config

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// sentences replace errors of the parser by our own, matched by form. They repeat a value only where it cannot be a
// secret: numbers, and names of flags and commands.
var sentences = []struct {
	form     *regexp.Regexp
	sentence string
}{
	{regexp.MustCompile(`^unknown flag (\S+?)(?:, did you mean .*)?$`), `there is no flag $1: chaveiro --help lists all`},
	{regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean .*)?$`),
		`there is no command $1: chaveiro --help lists all`},
	{regexp.MustCompile(`^unexpected flag argument "[^"]*".*$`),
		`a flag has a value that it does not take: chaveiro --help says which do`},
	{regexp.MustCompile(`^missing flags?: (.*)$`), `$1 must be given`},
	{regexp.MustCompile(`^expected one of (.*)$`), `one of the commands $1 must follow`},
	{regexp.MustCompile(`^expected (.*)$`), `$1 must follow`},
	{regexp.MustCompile(`^(--\S+): expected .* value but got "EOL".*$`), `$1 must have a value after it`},
	{regexp.MustCompile(`^(--\S+): missing value.*$`), `$1 must have a value after it`},
	{regexp.MustCompile(`^(--\S+): expected (?:a valid \d+ bit u?int|int|uint) but got "?(.*?)"?$`),
		`$1 must be a whole number, such as 10: "$2" is none`},
	{regexp.MustCompile(`^(--\S+): expected a float but got "?(.*?)"?(?: \(.*\))?$`),
		`$1 must be a number, such as 0.1: "$2" is none`},
	{regexp.MustCompile(`^(--\S+): expected duration but got "(.*?)".*$`),
		`$1 must be a time with its unit, such as 90s, 5m or 1h: "$2" is none`},
	{regexp.MustCompile(`^(--\S+): (?:bool value must be|expected bool) .*$`), `$1 must be true or false`},
	{regexp.MustCompile(`^(--\S+): slog: level string ("[^"]*").*$`), `$1 must be debug, info, warn or error: $2 is none`},
	{regexp.MustCompile(`^(--\S+): parse ".*$`), `$1 must be a URL, such as https://portal.example.com`},
	{regexp.MustCompile(`^(--\S+) must be one of (.*) but got ("[^"]*")$`), `$1 must be one of $2: $3 is none`},
	{regexp.MustCompile(`^(--\S+): (.*)$`), `$1 $2`},
}

// fromVariable is the parser's note that a value comes from the environment.
var fromVariable = regexp.MustCompile(`(?s) \(from envar .*\)$`)

// asSentence returns an error of the parser in the form of all errors of settings: one sentence that names the flag and
// its variable.
func asSentence(parser *kong.Kong, err error) error {
	text := fromVariable.ReplaceAllString(strings.ReplaceAll(err.Error(), "\n", " "), "")
	for _, s := range sentences {
		if s.form.MatchString(text) {
			text = s.form.ReplaceAllString(text, s.sentence)
			break
		}
	}
	if flag, rest, found := strings.Cut(text, " "); found && strings.HasPrefix(flag, "--") {
		if variable := variableOf(parser, strings.TrimPrefix(flag, "--")); variable != "" {
			text = flag + " (" + variable + ") " + rest
		}
	}
	return errors.New(text)
}

// variableOf returns the environment variable of a flag; "" for none.
func variableOf(parser *kong.Kong, name string) (variable string) {
	_ = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error { // fails only if this function fails
		if flag, ok := node.(*kong.Flag); ok && flag.Name == name && len(flag.Tag.Envs) > 0 {
			variable = flag.Tag.Envs[0]
		}
		return next(nil)
	})
	return variable
}
