package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestASettingsFileHasALineForEachVariable(t *testing.T) {
	t.Parallel()
	known := []string{"CHAVEIRO_A", "CHAVEIRO_B", fileVariable}
	for name, c := range map[string]struct{ content, want string }{
		"empty":                      {"", "[]"},
		"comments and empty lines":   {"# a\n\n  # b\n", "[]"},
		"values":                     {"CHAVEIRO_A=1\nCHAVEIRO_B = two words ", "[{CHAVEIRO_A 1} {CHAVEIRO_B two words}]"},
		"no value":                   {"CHAVEIRO_A=", "[{CHAVEIRO_A }]"},
		"quotation marks":            {`CHAVEIRO_A=" a "` + "\nCHAVEIRO_B='b'", "[{CHAVEIRO_A  a } {CHAVEIRO_B b}]"},
		"signs in a value":           {"CHAVEIRO_A=postgres://u:p=#%@h/d", "[{CHAVEIRO_A postgres://u:p=#%@h/d}]"},
		"lines of Windows":           {"CHAVEIRO_A=1\r\nCHAVEIRO_B=2\r\n", "[{CHAVEIRO_A 1} {CHAVEIRO_B 2}]"},
		"no name":                    {"=geheim", "line 1 is no NAME=value"},
		"no sign":                    {"\nCHAVEIRO_A geheim", "line 2 is no NAME=value"},
		"export":                     {"export CHAVEIRO_A=geheim", "line 1 is no NAME=value"},
		"an unknown name":            {"CHAVEIRO_C=geheim", "line 1 sets CHAVEIRO_C, which is no setting that"},
		"itself":                     {fileVariable + "=geheim", "which is no setting that the file can have"},
		"a name twice":               {"CHAVEIRO_A=1\nCHAVEIRO_A=geheim", "line 2 sets CHAVEIRO_A again"},
		"one quotation mark":         {`CHAVEIRO_A="geheim`, "line 1 has a quotation mark without its other"},
		"a quotation mark alone":     {`CHAVEIRO_A="`, "line 1 has a quotation mark without its other"},
		"another mark at the end":    {`CHAVEIRO_A="geheim'`, "line 1 has a quotation mark without its other"},
		"a line longer than a value": {"CHAVEIRO_A=" + strings.Repeat("x", 1<<17), "too long"},
	} {
		variables, err := parseFile([]byte(c.content), known)
		got := fmt.Sprint(variables)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || strings.Contains(got, "geheim") {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func FuzzASettingsFile(f *testing.F) {
	f.Add([]byte("CHAVEIRO_A=1\n# b\nCHAVEIRO_B='2'\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		variables, err := parseFile(content, []string{"CHAVEIRO_A", "CHAVEIRO_B"})
		if err != nil && len(variables) > 0 {
			t.Errorf("a file with an error (%v) sets %v", err, variables)
		}
		if len(variables) > 2 {
			t.Errorf("two settings are set as %v", variables)
		}
	})
}
