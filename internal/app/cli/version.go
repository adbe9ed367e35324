package cli

import (
	"fmt"
	"runtime/debug"
)

// printVersion prints the version, and the commit where the build knew it.
func (i *invocation) printVersion() error {
	_, err := fmt.Fprintln(i.stdout, "chaveiro", i.version, readRevision())
	return err
}

// readRevision returns the commit that the program was built from, empty where the build did not know it.
func readRevision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
