package program

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// vitrine has the new files of a made-up provider, laid out as they are in the repository.
const vitrine = "e2e/program/testdata/vitrine"

// changes are the edits of existing files that add Vitrine: each text is replaced by the other.
var changes = []struct{ file, from, to string }{
	{"internal/provider/providers/providers.go", `provider/showkase"`, "provider/showkase\"\n\t" +
		`"github.com/chaveiro/chaveiro/internal/provider/vitrine"`},
	{"internal/provider/providers/providers.go", "showkase.Provider{},", "showkase.Provider{},\n\t\tvitrine.Provider{},"},
	{"internal/provider/providers/providers.go", "showkase.ConfigInput{},", "showkase.ConfigInput{},\n\t\t" +
		"vitrine.ConfigInput{},"},
	{"internal/provider/providers/providers.go", "= showkase.Credentials", "= showkase.Credentials\n\n" +
		"\tVitrineConfig            = vitrine.Config\n" +
		"\tVitrineConfigInput       = vitrine.ConfigInput\n" +
		"\tVitrineConfigUpdateInput = vitrine.ConfigUpdateInput\n" +
		"\tVitrineCredentials       = vitrine.Credentials"},
	{"internal/provider/simulated/simulated.go", "*ShowKase\n}", "*ShowKase\n\tVitrine     *Vitrine\n}"},
	{"internal/provider/simulated/simulated.go", "newShowKase(now)}", "newShowKase(now), newVitrine(now)}"},
	{"internal/provider/simulated/simulated.go", "p.ShowKase}", "p.ShowKase, p.Vitrine}"},
}

// The test follows docs/adding-a-provider.md in a copy of the repository. The files of its table alone must make a
// provider that passes the contract's tests.
func TestAProviderIsAddedByTheFilesOfItsGuideAlone(t *testing.T) {
	t.Parallel()
	at := copyRepository(t)
	made := addVitrine(t, at)
	guide, err := os.ReadFile("docs/adding-a-provider.md")
	must.Do(t, err)
	if named := filesOfTable(string(guide), "vitrine"); !slices.Equal(named, made) {
		t.Errorf("docs/adding-a-provider.md names\n%q\na provider is made by\n%q", named, made)
	}
	if len(made) > 8 {
		t.Errorf("a provider takes %d files", len(made))
	}

	do(t, at, "go", "run", "./graph/internal/gen")
	do(t, at, "go", "test", "./internal/provider/providers", "-args", "-write")
	do(t, at, "go", "test", "./internal/provider/vitrine")
	do(t, at, "go", "build", "-o", os.DevNull, "-ldflags=-w", ".")

	t.Run("and its page", func(t *testing.T) {
		modules, err := filepath.Abs("frontend/node_modules")
		must.Do(t, err)
		if _, err := os.Stat(modules); err != nil {
			t.Skip("no frontend/node_modules: make test-frontend installs them")
		}
		page := filepath.Join(at, "frontend")
		must.Do(t, os.Symlink(modules, filepath.Join(page, "node_modules")))
		do(t, page, "node_modules/.bin/graphql-codegen", "--config", "codegen.ts")
		// The providers alone: the whole page takes five times as long, and make test-frontend checks it.
		config := `{"extends": "./tsconfig.json", "include": ["src/env.d.ts", "src/i18n/part.d.ts",
			"src/providers/*.ts", "src/providers/*/*.ts"]}`
		must.Do(t, os.WriteFile(filepath.Join(page, "tsconfig.providers.json"), []byte(config), 0o600))
		do(t, page, "node_modules/.bin/tsc", "--noEmit", "--project", "tsconfig.providers.json")
		do(t, page, "node_modules/.bin/vitest", "run", "src/providers")
	})
}

// copyRepository copies what builds the program and the page, and returns where it is.
func copyRepository(t *testing.T) string {
	t.Helper()
	at := t.TempDir()
	for _, name := range []string{
		"ent", "examples", "graph", "internal", "frontend/src", "frontend/build", "frontend/dist",
	} {
		must.Do(t, os.CopyFS(filepath.Join(at, name), os.DirFS(name)))
	}
	for _, pattern := range []string{
		"VERSION", "go.*", "*.go", "gqlgen.yml", "frontend/*.go", "frontend/*.ts", "frontend/*.json",
	} {
		files, err := filepath.Glob(pattern)
		must.Do(t, err)
		for _, file := range files {
			copyFile(t, file, filepath.Join(at, file))
		}
	}
	return at
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	must.Do(t, err)
	must.Do(t, os.MkdirAll(filepath.Dir(to), 0o750))
	must.Do(t, os.WriteFile(to, content, 0o600))
}

// addVitrine adds the made-up provider to a copy of the repository, and returns which files it made or changed.
func addVitrine(t *testing.T, at string) []string {
	t.Helper()
	made := map[string]bool{}
	must.Do(t, filepath.WalkDir(vitrine, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name := strings.TrimPrefix(path, vitrine+"/")
			copyFile(t, path, filepath.Join(at, name))
			made[name] = true
		}
		return err
	}))
	for _, change := range changes {
		path := filepath.Join(at, change.file)
		content, err := os.ReadFile(path)
		must.Do(t, err)
		if strings.Count(string(content), change.from) != 1 {
			t.Fatalf("%s has %q not once", change.file, change.from)
		}
		must.Do(t, os.WriteFile(path, []byte(strings.Replace(string(content), change.from, change.to, 1)), 0o600))
		made[change.file] = true
	}
	return slices.Sorted(maps.Keys(made))
}

// rowOfFile is a row of the guide's table, which begins with the number of the step and the file.
var rowOfFile = regexp.MustCompile(`(?m)^\| \d+ \| (.*?) \|`)

// filesOfTable returns the files that the guide's table names, for a provider of this name.
func filesOfTable(guide, name string) []string {
	var files []string
	for _, row := range rowOfFile.FindAllStringSubmatch(guide, -1) {
		for _, file := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			files = append(files, strings.ReplaceAll(file[1], "NAME", name))
		}
	}
	slices.Sort(files)
	return files
}

// do runs a command in a folder. Go builds with the flags of the whole run, so that it finds what is built already.
func do(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" "+os.Getenv("CHAVEIRO_TEST_BUILD"))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	state := command.ProcessState
	t.Logf("%s %s: %v of CPU", name, strings.Join(args, " "), state.UserTime()+state.SystemTime())
}
