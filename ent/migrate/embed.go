package migrate

import (
	"embed"
	"fmt"
	"io/fs"

	"entgo.io/ent/dialect"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// Files returns the migrations of a dialect (dialect.SQLite or dialect.Postgres of ent), in goose's format. A name
// begins with the UTC time it was made, which is the order they are applied in. They are only ever added to: an
// edited one would never reach the databases that have it. Returns an error for any other dialect.
func Files(name string) (fs.FS, error) {
	switch name {
	case dialect.SQLite:
		return fs.Sub(files, "sqlite")
	case dialect.Postgres:
		return fs.Sub(files, "postgres")
	default:
		return nil, fmt.Errorf("no migrations for the dialect %q", name)
	}
}
