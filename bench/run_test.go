package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/e2e/programtest"
)

// binary is the program that is measured.
var binary string

// TestMain builds the program, and lets the test's own program serve the limit, as bench does.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "limit" {
		main()
		return
	}
	os.Exit(programtest.Main(m, "..", func(built string) { binary = built }))
}

// It asserts no time: that both systems answer each request of each work alike and rightly is what Run checks.
func TestASmallRunAnswersAllWorksRightlyAndPrintsATable(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("the time of a processor is read from /proc")
	}
	command := runCommand{
		Portal: binary, Clients: 300, Rounds: 2, Round: 100 * time.Millisecond, Connections: 4,
		Works: []string{"cold", "again", "etag", "list", "write", "all"},
		Peers: true, Mercurius: t.TempDir(), PocketBase: "no program",
	}
	var out strings.Builder
	if err := command.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	const figures = ` \| \*\*\d+\.\d+\*\* \(\d+\.\d+-\d+\.\d+\) \| \d+, \d+ \|`
	for _, work := range allWorks {
		row := regexp.MustCompile(`(?m)^\| ` + work.title + figures)
		if !row.MatchString(out.String()) {
			t.Errorf("the table has no row of %s", work.title)
		}
	}
	for _, row := range []string{"W4 writes", "W4 log-ins above their hash", "memory", "start"} {
		if !strings.Contains(out.String(), "\n| "+row) {
			t.Errorf("the table has no row of %s", row)
		}
	}
	for _, line := range []string{"Mercurius is skipped", "PocketBase is skipped", "| W3 a write | portal | **"} {
		if !strings.Contains(out.String(), "\n"+line) {
			t.Errorf("the table of the peers, none of which is built, has no %q", line)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestAWorkThatIsUnknownIsRefused(t *testing.T) {
	t.Parallel()
	command := runCommand{Works: []string{"cold", "hot"}}
	if err := command.run(t.Context(), os.Stdout); err == nil || !strings.Contains(err.Error(), "[cold hot]") {
		t.Errorf("it says %v", err)
	}
}
