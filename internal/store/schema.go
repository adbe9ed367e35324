package store

import (
	"context"
	"database/sql"
	"strings"

	"entgo.io/ent/dialect"
)

// checkSchema returns a MisfitError unless there is a schema for the portal's tables, and the role may create the
// missing ones in it. Since PostgreSQL 15 a role may create nothing in the schema public of a database that another
// role owns. A role that only reads and writes is enough where another has migrated.
func checkSchema(ctx context.Context, db *sql.DB) error {
	var role, path, database string
	var schema sql.NullString
	var mayCreate bool
	err := db.QueryRowContext(ctx,
		"SELECT current_user, current_setting('search_path'), current_database(), current_schema(), "+
			"COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)").
		Scan(&role, &path, &database, &schema, &mayCreate)
	if err != nil {
		return err
	}
	if !schema.Valid {
		return misfit("its search_path, %s, has no schema that there is, or none that the role %s may use: "+
			"make one, or run ALTER ROLE %s SET search_path = public", path, role, quoteName(role))
	}
	if strings.HasPrefix(schema.String, "pg_") || schema.String == "information_schema" {
		return misfit("its search_path, %s, begins with a schema of PostgreSQL's own, which is in no backup: "+
			"run ALTER ROLE %s SET search_path = public", path, quoteName(role))
	}
	if mayCreate {
		return nil
	}
	current, err := isMigrated(ctx, db)
	if err != nil || current {
		return err
	}
	return misfit(
		"the role %s may make no tables in its schema %s: run GRANT CREATE ON SCHEMA %s TO %s as the schema's owner, "+
			"or make the database anew with CREATE DATABASE %s OWNER %s",
		role, schema.String, quoteName(schema.String), quoteName(role), quoteName(database), quoteName(role))
}

// isMigrated reports whether a database of PostgreSQL has every migration that this binary knows.
func isMigrated(ctx context.Context, db *sql.DB) (bool, error) {
	if there, err := hasTable(ctx, db, dialect.Postgres, versionTable); err != nil || !there {
		return false, err
	}
	has, known, err := compareVersions(ctx, db, dialect.Postgres)
	if err != nil {
		return false, err
	}
	return has >= known[len(known)-1], nil
}

// hasTable reports whether a database of the dialect has a table.
func hasTable(ctx context.Context, db *sql.DB, of, name string) (has bool, err error) {
	query := "SELECT COUNT(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = $1"
	if of == dialect.Postgres {
		query = "SELECT to_regclass($1) IS NOT NULL"
	}
	err = db.QueryRowContext(ctx, query, name).Scan(&has)
	return has, err
}

// quoteName quotes a name for a statement.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
