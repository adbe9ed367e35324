package internal_test

import (
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxColumns is the limit of a line of Go; a tab counts as one column.
const maxColumns = 120

var (
	generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	// unbreakable matches lines that cannot be broken: a directive belongs to its line, and gqlgen writes the signature of
	// a resolver on one line.
	unbreakable = regexp.MustCompile(`^//go:generate |// #nosec |^func \(r \*\w+Resolver\) `)
)

func TestNoLineOfGoIsOver120Columns(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	list, err := exec.Command("git", "-C", root, "ls-files", "*.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(list))
	if len(files) < 300 {
		t.Fatalf("git knows %d files of Go", len(files))
	}
	for _, name := range files {
		source, err := os.ReadFile(filepath.Join(root, name)) // #nosec G304 -- a file of the repository
		if os.IsNotExist(err) || generated.Match(source) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		inText := linesOfRawStrings(source)
		for i, line := range strings.Split(string(source), "\n") {
			if utf8.RuneCountInString(line) > maxColumns && !inText[i+1] && !unbreakable.MatchString(line) {
				t.Errorf("%s:%d has %d columns", name, i+1, utf8.RuneCountInString(line))
			}
		}
	}
}

// linesOfRawStrings returns the lines inside raw strings, where a line break would change the text.
func linesOfRawStrings(source []byte) map[int]bool {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, 0)
	lines := map[int]bool{}
	for {
		at, kind, text := s.Scan()
		if kind == token.EOF {
			return lines
		}
		if kind == token.STRING && text[0] == '`' {
			first := file.Line(at)
			for i := range strings.Count(text, "\n") + 1 {
				lines[first+i] = true
			}
		}
	}
}
