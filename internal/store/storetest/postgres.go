package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"

	"github.com/chaveiro/chaveiro/ent/migrate"
	"github.com/chaveiro/chaveiro/internal/store"
)

const clusterVariable = "CHAVEIRO_TEST_POSTGRES_URL"

func needPostgres(t testing.TB) {
	t.Helper()
	if os.Getenv(clusterVariable) != "" {
		return
	}
	const message = clusterVariable + " is not set: run the tests under scripts/with-postgres"
	if os.Getenv("CI") != "" || os.Getenv("CHAVEIRO_TEST_REQUIRE_POSTGRES") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
}

func createPostgres(t testing.TB, template string, options ...string) string {
	t.Helper()
	databaseURL, drop, err := CreatePostgres(t.Context(), template, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return databaseURL
}

// CreatePostgres makes a database on the cluster of CHAVEIRO_TEST_POSTGRES_URL, empty or as a copy of template, with
// further options of CREATE DATABASE. It returns the database's URL and a function that drops it. It returns an error
// if the variable is not set.
func CreatePostgres(
	ctx context.Context, template string, options ...string,
) (databaseURL string, drop func() error, err error) {
	name := "test_" + strings.ToLower(rand.Text())
	if template == "" {
		template = "template0" // it has no connections, which would block a copy
	}
	err = onCluster(ctx, func(admin *pgx.Conn) error {
		create := "CREATE DATABASE " + name + " TEMPLATE " + template + " " + strings.Join(options, " ")
		if admin.PgConn().ParameterStatus("server_version") >= "15" {
			if len(options) > 0 {
				create += " LOCALE_PROVIDER libc" // ICU, which the cluster may have, does not know every encoding
			}
			create += " STRATEGY FILE_COPY" // as 14 does; through the log, the default from 15 on, it takes twice as long
		}
		_, err := admin.Exec(ctx, create)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("create a test database: %w", err)
	}
	databaseURL, err = clusterURL(name)
	return databaseURL, func() error {
		// The context of a test is over when it cleans up.
		ctx := context.WithoutCancel(ctx)
		return onCluster(ctx, func(admin *pgx.Conn) error {
			_, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
			return err
		})
	}, err
}

// postgresTemplate returns the name of a migrated, empty database to copy. The first process that needs it makes it,
// for all others with the same migrations.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	hash, err := hashMigrations()
	if err != nil {
		return "", err
	}
	name := "template_" + hash
	return name, onCluster(ctx, func(admin *pgx.Conn) error {
		// The lock is released when the connection closes.
		if _, err := admin.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
			return err
		}
		var exists bool
		err := admin.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
		if err != nil || exists {
			return err
		}
		// The name is set last: a database with that name is complete.
		unfinished := name + "_unfinished"
		if _, err := admin.Exec(ctx, "DROP DATABASE IF EXISTS "+unfinished); err != nil {
			return err
		}
		if _, err := admin.Exec(ctx, "CREATE DATABASE "+unfinished+" TEMPLATE template0"); err != nil {
			return err
		}
		databaseURL, err := clusterURL(unfinished)
		if err != nil {
			return err
		}
		if err := store.Migrate(ctx, databaseURL, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
		_, err = admin.Exec(ctx, "ALTER DATABASE "+unfinished+" RENAME TO "+name)
		return err
	})
})

func hashMigrations() (string, error) {
	files, err := migrate.Files(dialect.Postgres)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(content), content)
		return err
	})
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), err
}

// onCluster calls fn with a connection to the database that CHAVEIRO_TEST_POSTGRES_URL names.
func onCluster(ctx context.Context, fn func(admin *pgx.Conn) error) error {
	cluster := os.Getenv(clusterVariable)
	if cluster == "" {
		return errors.New(clusterVariable + " is not set")
	}
	admin, err := pgx.Connect(ctx, cluster)
	if err != nil {
		return err
	}
	return errors.Join(fn(admin), admin.Close(ctx))
}

// clusterURL returns the URL of a database of the cluster.
func clusterURL(database string) (string, error) {
	u, err := url.Parse(os.Getenv(clusterVariable))
	if err != nil {
		return "", fmt.Errorf("%s: %w", clusterVariable, err)
	}
	u.Path = "/" + database
	return u.String(), nil
}
