package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/chaveiro/chaveiro/internal/store"
)

// printVersion prints the version, the commit and its time where the build knew them, and the schema of the database.
func (i *invocation) printVersion() error {
	schema, err := store.NewestVersion()
	if err != nil {
		return err
	}
	line := "chaveiro " + i.version
	if commit := buildSetting("vcs.revision"); commit != "" {
		line += ", commit " + commit + " of " + buildSetting("vcs.time")
	}
	_, err = fmt.Fprintf(i.stdout, "%s, schema %d\n", line, schema)
	return err
}

// buildSetting returns what the build noted of itself, empty where it did not.
func buildSetting(key string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == key {
			return setting.Value
		}
	}
	return ""
}
