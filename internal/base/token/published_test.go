package token_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/token"
)

// The form that is published for scanners is the one that the program makes.
func TestThePublishedFormOfAKeyIsTheOneThatIsMade(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"SECURITY.md", "deploy/gitleaks.toml", "docs/integration.md"} {
		text, err := os.ReadFile(filepath.Join("../../..", file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), token.Pattern) {
			t.Errorf("%s does not have %s", file, token.Pattern)
		}
	}
	form := regexp.MustCompile("^" + token.Pattern + "$")
	for _, env := range []token.Environment{token.Live, token.Test, token.Script} {
		made, err := token.New(env)
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(made.Reveal()) {
			t.Errorf("a key of %s does not have the published form", env)
		}
	}
}

// A key whose check is right was made by a program; the examples in the documents and the tests are wrong on purpose.
// Proves: 5.1, 14
func TestNoRealKeyIsInTheRepository(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "git", "-C", "../../..", "ls-files", "-z").Output()
	if err != nil {
		t.Skip("this is no clone of the repository")
	}
	form := regexp.MustCompile(token.Pattern)
	looked := 0
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		if strings.HasPrefix(name, "internal/base/token/testdata/fuzz/") {
			continue // inputs of the parser, which were never issued
		}
		text, err := os.ReadFile(filepath.Join("../../..", name))
		if err != nil {
			continue // removed, and not yet committed
		}
		looked++
		for _, found := range form.FindAllString(string(text), -1) {
			if _, err := token.Parse(found); err == nil {
				t.Errorf("%s holds a key", name)
			}
		}
	}
	if looked < 100 {
		t.Errorf("only %d files were looked at", looked)
	}
}
