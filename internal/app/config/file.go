package config

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

// A settings file has the variables of the environment, a line each, as systemd and compose write them. The environment
// goes first. A portal that serves reads the file again when it is told to.

const (
	fileFlag     = "--settings-file"
	fileVariable = "CHAVEIRO_SETTINGS_FILE"
)

var fileLine = regexp.MustCompile(`^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$`)

// fromFile has the variables of the environment that the settings file set at the last Parse.
var (
	fromFileMu sync.Mutex
	fromFile   []string
)

// readFile puts the variables of the settings file into the environment, in place of those of an earlier call. A
// variable that the environment has by itself stays as it is.
func readFile(parser *kong.Kong, args []string) error {
	fromFileMu.Lock()
	defer fromFileMu.Unlock()
	for _, name := range fromFile {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	fromFile = nil
	path := fileOf(args)
	if path == "" {
		return nil
	}
	content, err := os.ReadFile(path) // #nosec G703 -- the person who starts the program names it
	if err != nil {
		return fmt.Errorf("%s (%s): %w", fileFlag, fileVariable, err)
	}
	variables, err := parseFile(content, knownVariables(parser))
	if err != nil {
		return fmt.Errorf("%s (%s): %s: %w", fileFlag, fileVariable, path, err)
	}
	for _, v := range variables {
		if os.Getenv(v.name) != "" {
			continue
		}
		if err := os.Setenv(v.name, v.value); err != nil {
			return err
		}
		fromFile = append(fromFile, v.name)
	}
	return nil
}

// fileOf returns the settings file that the command line or the environment names; "" for none.
func fileOf(args []string) string {
	for i, arg := range args {
		if value, given := strings.CutPrefix(arg, fileFlag+"="); given {
			return value
		}
		if arg == fileFlag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return os.Getenv(fileVariable)
}

type variable struct{ name, value string }

// parseFile returns the variables of a settings file. Its errors name the line and show no value, which may be a
// secret.
func parseFile(content []byte, known []string) (variables []variable, err error) {
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := fileLine.FindStringSubmatch(line)
		if parts == nil {
			return nil, fmt.Errorf("line %d is no NAME=value", n)
		}
		name, value := parts[1], parts[2]
		switch {
		case name == fileVariable || !slices.Contains(known, name):
			return nil, fmt.Errorf("line %d sets %s, which is no setting that the file can have", n, name)
		case slices.ContainsFunc(variables, func(v variable) bool { return v.name == name }):
			return nil, fmt.Errorf("line %d sets %s again", n, name)
		}
		if quote := value[:min(1, len(value))]; quote == `"` || quote == `'` {
			if len(value) < 2 || !strings.HasSuffix(value, quote) {
				return nil, fmt.Errorf("line %d has a quotation mark without its other", n)
			}
			value = value[1 : len(value)-1]
		}
		variables = append(variables, variable{name, value})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return variables, nil
}

// knownVariables returns the variables that set something: of the program, and of the providers.
func knownVariables(parser *kong.Kong) (known []string) {
	_ = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error { // this function returns no error
		if flag, ok := node.(*kong.Flag); ok {
			known = append(known, flag.Envs...)
		}
		return next(nil)
	})
	for _, p := range providers.All() {
		for _, setting := range p.Settings() {
			if setting.Env != "" {
				known = append(known, setting.Env)
			}
		}
	}
	return known
}
