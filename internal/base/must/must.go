// Package must ends a test at the first step that fails.
package must

import "testing"

// Do ends the test when a step that is not its subject failed.
func Do(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
