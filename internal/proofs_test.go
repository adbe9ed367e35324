package internal_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write docs/security-proofs.md")

const listOfProofs = "docs/security-proofs.md"

// proof is a test, or a whole file of the page's tests, that fails when a promise of docs/security.md is broken.
type proof struct{ promise, test, file string }

var (
	// promiseRow is a row of the tables in docs/security.md.
	promiseRow = regexp.MustCompile(`(?m)^\| (\d[\d.]*) \| .+ \|$`)
	// proofMark says which promises a test proves. In Go it is the last line above the function.
	proofMark = regexp.MustCompile(`(?m)^// Proves: (.*)\n(?:func ((?:Test|Fuzz)\w+)\()?`)
)

// docs/security-proofs.md is made from the marks of the tests. `make generate` writes it.
func TestEachPromiseHasAProofAndEachProofAPromise(t *testing.T) {
	t.Parallel()
	root := os.DirFS("..")
	document, err := fs.ReadFile(root, "docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	var promises []string
	for _, row := range promiseRow.FindAllStringSubmatch(string(document), -1) {
		promises = append(promises, row[1])
	}
	proofs := findProofs(t, root)
	for _, p := range proofs {
		if !slices.Contains(promises, p.promise) {
			t.Errorf("%s in %s proves %s, which docs/security.md does not promise", p.test, p.file, p.promise)
		}
	}
	for i, promise := range promises {
		if slices.Contains(promises[:i], promise) {
			t.Errorf("docs/security.md has two promises %s", promise)
		}
		if !slices.ContainsFunc(proofs, func(p proof) bool { return p.promise == promise }) {
			t.Errorf("no test proves %s", promise)
		}
	}

	before, err := os.ReadFile("../" + listOfProofs)
	if err != nil {
		t.Fatal(err)
	}
	list := tableOfProofs(proofs)
	if bytes.Equal(before, list) {
		return
	}
	if !*write {
		t.Fatal(listOfProofs + " is old: run `make generate`")
	}
	if err := os.WriteFile("../"+listOfProofs, list, 0o644); err != nil { // #nosec G306 -- a document
		t.Fatal(err)
	}
}

// findProofs reads the marks of all tests, sorted by promise, file and test.
func findProofs(t *testing.T, root fs.FS) (proofs []proof) {
	t.Helper()
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || file != "." && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		isGo := strings.HasSuffix(file, "_test.go")
		isPage := strings.HasPrefix(file, "frontend/") && (path.Ext(file) == ".ts" || path.Ext(file) == ".tsx")
		if !isGo && !isPage {
			return nil
		}
		source, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		for _, mark := range proofMark.FindAllStringSubmatch(string(source), -1) {
			test := mark[2]
			if isPage {
				test = path.Base(file)
			}
			if test == "" {
				t.Errorf("in %s, %q does not stand right above a test", file, mark[0])
			}
			for promise := range strings.SplitSeq(mark[1], ", ") {
				proofs = append(proofs, proof{promise, test, file})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(proofs, func(a, b proof) int {
		return cmp.Or(slices.Compare(numbersOf(a.promise), numbersOf(b.promise)),
			cmp.Compare(a.file, b.file), cmp.Compare(a.test, b.test))
	})
	return proofs
}

// numbersOf returns the numbers of "6.10", so that it sorts after "6.9".
func numbersOf(promise string) (numbers []int) {
	for part := range strings.SplitSeq(promise, ".") {
		number, _ := strconv.Atoi(part) // an invalid number is an unknown promise, which the test reports
		numbers = append(numbers, number)
	}
	return numbers
}

func tableOfProofs(proofs []proof) []byte {
	var table bytes.Buffer
	table.WriteString("# The tests that prove what the portal promises\n\n" +
		"`make generate` writes this from the lines `// Proves:` of the tests. [security.md](security.md) says what each " +
		"number promises.\n\n" +
		"| promise | test | file |\n|---|---|---|\n")
	for _, p := range proofs {
		fmt.Fprintf(&table, "| %s | %s | [%s](../%s) |\n", p.promise, p.test, path.Base(p.file), p.file)
	}
	return table.Bytes()
}
