package program

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The table of promises has every number, and names tests that exist.
func TestEveryPromiseOfTheSecurityDocumentNamesItsTests(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("docs/security.md")
	check(t, err)
	rows := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([0-9.]+) \|.*\| ([^|]+) \|$`).FindAllStringSubmatch(string(document), -1) {
		rows[row[1]] = row[2]
	}
	for section, last := range map[int]int{2: 9, 3: 6, 4: 7, 5: 8, 6: 9, 7: 4, 8: 5, 9: 3, 10: 6, 11: 4, 12: 4, 13: 2} {
		for i := 1; i <= last; i++ {
			if number := fmt.Sprintf("%d.%d", section, i); rows[number] == "" {
				t.Errorf("there is no promise %s", number)
			}
		}
	}
	if rows["14"] == "" {
		t.Error("there is no promise 14")
	}

	list, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "*_test.go", "frontend/**").Output()
	if err != nil {
		t.Skip("this is no clone of the repository")
	}
	known := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for file := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		known[file[strings.LastIndex(file, "/")+1:]] = true
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			continue // removed, and not yet committed
		}
		for _, found := range function.FindAllStringSubmatch(string(source), -1) {
			known[found[1]] = true
		}
	}
	for number, tests := range rows {
		for test := range strings.FieldsSeq(tests) {
			if !known[test] {
				t.Errorf("promise %s names %s, which does not exist", number, test)
			}
		}
	}
}
