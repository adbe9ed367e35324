// Package must ends a test at the first step that fails.
package must

import (
	"testing"
	"time"
)

// Do ends the test when a step that is not its subject failed.
func Do(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// WaitFor ends the test when a condition does not hold within most; what says which.
func WaitFor(t testing.TB, most time.Duration, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("waited %s in vain: %s", most, what)
}
