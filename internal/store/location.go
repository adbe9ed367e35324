package store

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
)

// location says where a database is.
type location struct {
	dialect string
	path    string          // SQLite: absolute
	config  *pgx.ConnConfig // PostgreSQL
}

// String names the database without its password.
func (l location) String() string {
	if l.dialect == dialect.SQLite {
		return "sqlite:" + l.path
	}
	return fmt.Sprintf("postgres://%s@%s:%d/%s", l.config.User, l.config.Host, l.config.Port, l.config.Database)
}

// isExposed reports whether others can read or change what goes to the database: a PostgreSQL on another machine,
// without TLS that verifies the server.
func (l location) isExposed() bool {
	if l.config == nil {
		return false
	}
	exposed := isFar(l.config.Host) && !isProven(l.config.TLSConfig)
	for _, other := range l.config.Fallbacks {
		exposed = exposed || isFar(other.Host) && !isProven(other.TLSConfig)
	}
	return exposed
}

func isProven(t *tls.Config) bool { return t != nil && !t.InsecureSkipVerify }

// isFar reports whether a host is another machine than this: neither a socket nor a loopback address.
func isFar(host string) bool {
	address, err := netip.ParseAddr(host)
	return !strings.HasPrefix(host, "/") && host != "localhost" && (err != nil || !address.IsLoopback())
}

// parseURL reads a database URL. No error repeats a part of the URL that may hold a password. That is all of a URL that
// cannot be split with certainty.
func parseURL(databaseURL string) (location, error) {
	scheme, rest, _ := strings.Cut(databaseURL, ":")
	switch scheme {
	case "sqlite":
		if rest == "" {
			return location{}, misfit("the database URL sqlite: has no path: write sqlite:/var/lib/chaveiro/chaveiro.db")
		}
		path, err := filepath.Abs(rest)
		if err != nil {
			return location{}, fmt.Errorf("the path of the database URL %q: %w", databaseURL, err)
		}
		return location{dialect: dialect.SQLite, path: path}, nil
	case "postgres", "postgresql":
		config, err := parsePostgresURL(databaseURL)
		if err != nil {
			return location{}, err
		}
		return location{dialect: dialect.Postgres, config: config}, nil
	default:
		return location{},
			misfit("the database URL %q is neither sqlite:PATH nor postgres://USER@HOST/NAME", hidePassword(databaseURL))
	}
}

func parsePostgresURL(databaseURL string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Opaque != "" || strings.Count(databaseURL, "@") > 1 ||
		strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") {
		return nil, misfit("the database URL %q cannot be read: is it postgres://USER:PASSWORD@HOST/NAME, "+
			"with each of / ? # @ : in the password written as %%2F %%3F %%23 %%40 %%3A?", hidePassword(databaseURL))
	}
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		// The text of pgx's own error repeats the URL.
		return nil, misfit("the database URL %q cannot be read: %v", hidePassword(databaseURL), errors.Unwrap(err))
	}
	boundSilence(config)
	return config, nil
}

// hidePassword returns the part of a URL that is safe to show: its scheme, or all of a text that is no URL.
func hidePassword(databaseURL string) string {
	scheme, _, isURL := strings.Cut(databaseURL, ":")
	switch {
	case strings.ContainsAny(scheme, "@?= "):
		return "..."
	case isURL:
		return scheme + ":..."
	default:
		return databaseURL
	}
}
