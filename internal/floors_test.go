package internal_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/chaveiro/chaveiro"

// floors are the layers of the house, from the bottom. A package imports only packages of its own floor and below. A
// folder belongs to the floor that names it or, if none does, to its parent's floor.
var floors = [][]string{
	0: {"internal/base"},
	1: {"internal/provider"},
	2: {"ent", "internal/policy", "internal/store"},
	3: {"internal/core"},
	4: {"frontend", "graph", "internal/httpserver"},
	5: {"", "bench", "e2e", "internal/app"},
}

// core are the packages of the third floor. Each imports only those before it.
var core = []string{
	"audit", "edit", "keyring", "backup", "activity", "retention", "products", "connection", "history",
	"providersettings", "keeper", "install", "accesskey", "due", "clients", "notes", "servicetoken", "signing",
	"throttle", "ticket", "session", "factor", "login", "operator", "staff", "finder",
}

// onlyFrom lists packages that only certain places may import, whatever the floors allow. "" is the root package.
var onlyFrom = map[string][]string{
	"ent/tables":                  {"ent/migrate/gen"}, // it links ent's tooling for migrations
	"graph":                       {"internal/app/portal"},
	"internal/app":                {"", "internal/app", "bench"},
	"internal/app/cli":            {""},
	"internal/httpserver":         {"internal/app"},
	"internal/provider/providers": {"internal/app", "bench"},
	"internal/provider/simulated": {"internal/app"},
}

func TestNoPackageImportsOneOfAFloorAboveItsOwn(t *testing.T) {
	t.Parallel()
	packages := 0
	for from, imports := range importsOfPackages(t) {
		packages++
		if strings.HasSuffix(from, "test") { // only for tests, which may stand on any floor
			continue
		}
		for _, to := range imports {
			if floorOf(t, from) < floorOf(t, to) {
				t.Errorf("floor %d imports floor %d: %s -> %s", floorOf(t, from), floorOf(t, to), from, to)
			}
			if place(t, from) > -1 && place(t, to) > place(t, from) {
				t.Errorf("in core, %s stands before %s and imports it", from, to)
			}
			for room, allowed := range onlyFrom {
				if isIn(to, room) && !isIn(from, room) &&
					!slices.ContainsFunc(allowed, func(a string) bool { return isIn(from, a) }) {
					t.Errorf("%s is not imported from here: %s -> %s", room, from, to)
				}
			}
		}
	}
	if packages < 50 {
		t.Errorf("%d packages were looked at", packages)
	}
}

func TestEachPackageIsInTheTableOfTheArchitecture(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range importsOfPackages(t) {
		parent, _, _ := strings.Cut(strings.TrimPrefix(name, "internal/"), "/")
		if inside := name != "internal/"+parent; inside && parent == "provider" || strings.HasSuffix(name, "test") {
			continue // a provider belongs to its folder's floor, and test packages are listed separately
		}
		if strings.HasPrefix(name, "internal/app/metrics/") || isIn(name, "ent") || isIn(name, "graph") ||
			name == "internal" {
			continue
		}
		row := fmt.Sprintf("| %d | ", floorOf(t, name))
		named := "`" + cmp.Or(name, "server.go") + "`"
		if !slices.ContainsFunc(strings.Split(string(table), "\n"), func(line string) bool {
			return strings.HasPrefix(line, row) && strings.Contains(line, named)
		}) {
			t.Errorf("docs/architecture.md has no row of floor %d with %s", floorOf(t, name), named)
		}
	}
}

// A statement that ent does not generate bypasses the privacy policies.
func TestTheArchitectureNamesEachFileOfCoreWithAStatementOfItsOwn(t *testing.T) {
	t.Parallel()
	decisions, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("core/*/*.go")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		own := slices.ContainsFunc([]string{"store.Exec(", "store.Query(", ".DB().Query"}, func(call string) bool {
			return strings.Contains(string(source), call)
		})
		named := strings.Contains(string(decisions), "`"+strings.TrimPrefix(file, "core/")+"`")
		if !strings.HasSuffix(file, "_test.go") && own && !named {
			t.Errorf("docs/architecture.md does not name %s, which has a statement of its own", file)
		}
	}
}

// importsOfPackages returns the imports of each package within the module, by folder.
func importsOfPackages(t *testing.T) map[string][]string {
	t.Helper()
	imports, err := listImports()
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// listImports asks the go command, once for all tests.
var listImports = sync.OnceValues(func() (map[string][]string, error) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		paths := strings.Fields(line)
		from := folder(paths[0])
		imports[from] = nil
		for _, path := range paths[1:] {
			if path == module || strings.HasPrefix(path, module+"/") {
				imports[from] = append(imports[from], folder(path))
			}
		}
	}
	return imports, nil
})

func folder(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// isIn reports whether a folder equals another or lies in it. Only the root itself is in the root.
func isIn(folder, other string) bool {
	return folder == other || other != "" && strings.HasPrefix(folder, other+"/")
}

func floorOf(t *testing.T, folder string) int {
	t.Helper()
	for floor, rooms := range floors {
		if slices.ContainsFunc(rooms, func(room string) bool { return isIn(folder, room) }) {
			return floor
		}
	}
	t.Fatalf("%q stands on no floor", folder)
	return 0
}

// place returns the position of a package in core; -1 when it is on another floor.
func place(t *testing.T, folder string) int {
	t.Helper()
	noun, isCore := strings.CutPrefix(folder, "internal/core/")
	if !isCore {
		return -1
	}
	i := slices.Index(core, strings.Split(noun, "/")[0])
	if i < 0 {
		t.Fatalf("%s has no place in core", folder)
	}
	return i
}
