package cli

import (
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent/migrate"
)

// printVersion prints the version, the commit and its time where the build knew them, and the schema of the database.
func (i *invocation) printVersion() error {
	schema, err := newestMigration()
	if err != nil {
		return err
	}
	line := "chaveiro " + i.version
	if commit := buildSetting("vcs.revision"); commit != "" {
		line += ", commit " + commit + " of " + buildSetting("vcs.time")
	}
	_, err = fmt.Fprintln(i.stdout, line+", schema "+schema)
	return err
}

// newestMigration returns the number of the last migration, the same for both databases.
func newestMigration() (string, error) {
	files, err := migrate.Files(dialect.SQLite)
	if err != nil {
		return "", err
	}
	names, err := fs.Glob(files, "*.sql") // in their order
	if err != nil {
		return "", err
	}
	number, _, _ := strings.Cut(names[len(names)-1], "_")
	return number, nil
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
