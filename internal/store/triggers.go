package store

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"

	"github.com/chaveiro/chaveiro/ent/migrate"
)

// Trigger is a trigger of a table.
type Trigger struct{ Table, Name string }

// String names the trigger and its table.
func (t Trigger) String() string { return t.Name + " of " + t.Table }

// LostTriggers returns the triggers that the migrations of this database have made and that do not work: missing are
// not there, off are turned off. Both are in the order in which they were made.
func (s *Store) LostTriggers(ctx context.Context) (missing, off []Trigger, err error) {
	has, _, err := compareVersions(ctx, s.readDB, s.dialect)
	if err != nil {
		return nil, nil, err
	}
	made, err := triggersOf(s.dialect, has)
	if err != nil {
		return nil, nil, err
	}
	works, err := s.triggers(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range made {
		if on, there := works[t]; !there {
			missing = append(missing, t)
		} else if !on {
			off = append(off, t)
		}
	}
	return missing, off, nil
}

// triggers returns the triggers that are there, and whether each works.
func (s *Store) triggers(ctx context.Context) (works map[Trigger]bool, err error) {
	query := "SELECT tbl_name, name, true FROM sqlite_master WHERE type = 'trigger'"
	if s.dialect == dialect.Postgres {
		query = "SELECT c.relname, t.tgname, t.tgenabled = 'A' OR " +
			"t.tgenabled = CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END " +
			"FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace " +
			"WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
	}
	rows, err := s.readDB.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("look for the triggers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	works = map[Trigger]bool{}
	for rows.Next() {
		var t Trigger
		var on bool
		if err := rows.Scan(&t.Table, &t.Name, &on); err != nil {
			return nil, fmt.Errorf("look for the triggers: %w", err)
		}
		works[t] = on
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for the triggers: %w", err)
	}
	return works, nil
}

// ofTriggers finds the statements of a migration that make or drop a trigger, or drop a table with its triggers.
var ofTriggers = regexp.MustCompile(
	"CREATE TRIGGER [\"`](?P<made>\\w+)[\"`](?s:.*?)\\sON [\"`](?P<on>\\w+)[\"`]" +
		"|DROP TRIGGER [\"`](?P<dropped>\\w+)[\"`](?: ON [\"`](?P<from>\\w+)[\"`])?" +
		"|DROP TABLE [\"`](?P<table>\\w+)[\"`]")

// triggersOf returns the triggers that the migrations of a dialect make, up to and including a version.
func triggersOf(dialect string, version int64) (made []Trigger, err error) {
	files, err := migrate.Files(dialect)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.sql") // in the order of their versions
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if is, err := goose.NumericComponent(name); err != nil || is > version {
			return made, err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		for _, m := range ofTriggers.FindAllStringSubmatch(string(text), -1) {
			named := func(group string) string { return m[ofTriggers.SubexpIndex(group)] }
			if created := named("made"); created != "" {
				made = append(made, Trigger{named("on"), created})
				continue
			}
			made = slices.DeleteFunc(made, func(t Trigger) bool {
				return t.Table == named("table") ||
					t.Name == named("dropped") && (named("from") == "" || t.Table == named("from"))
			})
		}
	}
	return made, nil
}
