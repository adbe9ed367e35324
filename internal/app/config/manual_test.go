package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
)

var write = flag.Bool("write", false, "write the tables of docs/settings.md")

const manual = "../../../docs/settings.md"

// The tables of docs/settings.md come from the program: the help of its flags, and the texts of a provider's settings
// on the page Configurações. `make generate` writes them.
func TestTheManualOfSettingsSaysWhatTheProgramSays(t *testing.T) {
	before, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	text := string(before)
	for name, table := range map[string]string{"flags": tableOfFlags(t), "providers": tableOfProviders(t)} {
		text = replaceTable(t, text, name, table)
	}
	if text == string(before) {
		return
	}
	if !*write {
		t.Fatal("docs/settings.md is old: run `make generate`")
	}
	if err := os.WriteFile(manual, []byte(text), 0o644); err != nil { // #nosec G306 -- a document
		t.Fatal(err)
	}
}

// replaceTable replaces the table between the two comments with its name.
func replaceTable(t *testing.T, text, name, table string) string {
	t.Helper()
	start, end := "<!-- table of "+name+" -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(text, start)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("docs/settings.md has no place for the table of %s", name)
	}
	return before + start + "\n" + table + "\n" + end + after
}

// defaultInHelp matches the default at the end of a flag's help.
var defaultInHelp = regexp.MustCompile(`^(.*) \((.*)\)\.$`)

func tableOfFlags(t *testing.T) string {
	t.Helper()
	parser, err := newParser(&commandLine{})
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| flag | variable | default | what it is |\n|---|---|---|---|\n")
	for _, setting := range parser.Model.Flags {
		if len(setting.Tag.Envs) == 0 {
			continue // --help
		}
		help, unset := setting.Help, "no"
		if parts := defaultInHelp.FindStringSubmatch(help); parts != nil {
			help, unset = parts[1]+".", parts[2]
		} else if !setting.IsBool() {
			unset = "none"
		}
		fmt.Fprintf(&table, "| `--%s` | `%s` | %s | %s |\n", setting.Name, setting.Tag.Envs[0], unset, help)
	}
	return table.String()
}

// textsOfSettings returns the page's texts of a provider's settings, in English.
func textsOfSettings(t *testing.T, code provider.Code) map[string]struct{ Label, Help string } {
	t.Helper()
	folder := strings.ReplaceAll(strings.ToLower(string(code)), "_", "-")
	data, err := os.ReadFile("../../../frontend/src/providers/" + folder + "/texts.json")
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		English struct {
			Settings map[string]struct{ Label, Help string }
		} `json:"en"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	return page.English.Settings
}

func tableOfProviders(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| variable | default | what it is |\n|---|---|---|\n")
	all := providers.All()
	for _, code := range slices.Sorted(maps.Keys(all)) {
		p := all[code]
		texts := textsOfSettings(t, code)
		for _, setting := range p.Settings() {
			unset := "none"
			if setting.Default != "" {
				unset = "`" + setting.Default + "`"
			}
			text := texts[setting.Name]
			if len(setting.Choices) > 1 {
				text.Help += " One of `" + strings.Join(setting.Choices, "`, `") + "`."
			}
			if setting.Max > 0 && setting.Max < 1_000_000 { // larger limits are not worth showing
				text.Help += fmt.Sprintf(" From %d to %d.", setting.Min, setting.Max)
			}
			fmt.Fprintf(&table, "| `%s` | %s | %s. %s |\n", setting.Env, unset, text.Label, text.Help)
		}
	}
	return table.String()
}
