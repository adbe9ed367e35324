package program

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// fieldNames finds the names of changed fields that a package writes into audit events.
type fieldNames struct {
	constants map[string]string // of the package
	found     map[string]bool
	unknown   []string // fields whose names are made while the program runs
}

// text returns the text of a literal or of a constant of the package.
func (f *fieldNames) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		text, ok := f.constants[e.Name]
		return text, ok
	}
	return "", false
}

func (f *fieldNames) add(e ast.Expr, file string) {
	if text, ok := f.text(e); ok {
		f.found[text] = true
		return
	}
	f.unknown = append(f.unknown, file)
}

// isNamed reports whether an expression is a name, or the name of a package and a name behind it.
func isNamed(e ast.Expr, name string) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == name
	case *ast.SelectorExpr:
		return e.Sel.Name == name
	}
	return false
}

// visit looks at one node of a file: a Change, a list of them, a call of audit.Difference, which makes one, the secrets
// of a connection, whose names are told, and the settings of a connection, whose members are.
func (f *fieldNames) visit(n ast.Node, file string) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		list, isList := n.Type.(*ast.ArrayType)
		for _, element := range n.Elts {
			pair, isPair := element.(*ast.KeyValueExpr)
			switch {
			case isPair && isNamed(n.Type, "Change") && isNamed(pair.Key, "Field"):
				f.add(pair.Value, file)
			case isPair && isNamed(n.Type, "Secrets"):
				f.add(pair.Key, file)
			case isList && isNamed(list.Elt, "Change"):
				if change, ok := element.(*ast.CompositeLit); ok && change.Type == nil {
					change.Type = list.Elt // which the language leaves out
				}
			}
		}
	case *ast.CallExpr:
		if isNamed(n.Fun, "Difference") && len(n.Args) == 3 {
			f.add(n.Args[0], file)
		}
	case *ast.TypeSpec:
		settings, ok := n.Type.(*ast.StructType)
		if !ok || n.Name.Name != "settings" {
			return
		}
		for _, field := range settings.Fields.List {
			if field.Tag != nil {
				name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
				f.found[name] = true
			}
		}
	}
}

// collect reads the Go files of a folder that are no tests.
func (f *fieldNames) collect(t *testing.T, folder string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	must.Do(t, err)
	f.constants = map[string]string{}
	files := map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		must.Do(t, err)
		files[path] = file
		ast.Inspect(file, func(n ast.Node) bool {
			if value, ok := n.(*ast.ValueSpec); ok && len(value.Names) == len(value.Values) {
				for i, name := range value.Names {
					if literal, ok := value.Values[i].(*ast.BasicLit); ok && literal.Kind == token.STRING {
						f.constants[name.Name], _ = strconv.Unquote(literal.Value)
					}
				}
			}
			return true
		})
	}
	for path, file := range files {
		ast.Inspect(file, func(n ast.Node) bool { f.visit(n, path); return true })
	}
}

func TestEveryChangedFieldOfTheAuditTrailHasItsWords(t *testing.T) {
	t.Parallel()
	names := &fieldNames{found: map[string]bool{}}
	must.Do(t, filepath.WalkDir("internal", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			names.collect(t, path)
		}
		return err
	}))
	// Names that are made while the program runs are covered otherwise: by the calls of audit.Difference, by the names of
	// secrets, and by those of settings: the page finds those in the texts of the provider's folder. Those of a contact:
	for _, name := range []string{"name", "position", "phone", "email", "note"} {
		names.found[name] = true
	}
	slices.Sort(names.unknown)
	known := []string{
		"internal/core/audit/write.go", "internal/core/connection/secrets.go", "internal/core/notes/contacts.go",
		"internal/core/providersettings/providersettings.go", "internal/core/providersettings/providersettings.go",
	}
	if !slices.Equal(names.unknown, known) {
		t.Errorf("fields are named in a way that this test does not know: in %q", names.unknown)
	}
	if len(names.found) < 60 {
		t.Errorf("only %d fields are found: %q", len(names.found), slices.Sorted(maps.Keys(names.found)))
	}
	for _, language := range []string{"pt-BR", "en"} {
		content, err := os.ReadFile("frontend/src/i18n/" + language + ".json")
		must.Do(t, err)
		var texts struct {
			Audit struct{ Field map[string]string }
		}
		must.Do(t, json.Unmarshal(content, &texts))
		for _, name := range slices.Sorted(maps.Keys(names.found)) {
			if texts.Audit.Field[name] == "" {
				t.Errorf("%s: the field %q of audit events has no words", language, name)
			}
		}
	}
}
