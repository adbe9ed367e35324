package activity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// Every is how often Run saves: charts need no more.
	Every = time.Minute
	// sampleEvery is how often Run counts what there is.
	sampleEvery = 10 * time.Minute
)

// Run saves what was counted at each interval until ctx ends, and once more then; now and then it takes a sample. It
// passes an error to report. What was not saved is saved with the next counts.
func (t *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, t.step, t.Flush, report)
}

func (t *Service) step(ctx context.Context) error {
	err := t.Flush(ctx)
	if t.now().Sub(t.sampled).Abs() < sampleEvery {
		return err
	}
	t.sampled = t.now()
	return errors.Join(err, t.TakeSample(ctx))
}

// Flush saves what was counted, in the hour that it is now.
func (t *Service) Flush(ctx context.Context) error {
	hour := t.now().UTC().Truncate(time.Hour)
	var counts []count
	for key, counter := range t.counts {
		if n := counter.Swap(0); n > 0 {
			counts = append(counts, count{hour, key, n})
		}
	}
	if err := t.save(ctx, adding, counts); err != nil {
		for _, c := range counts {
			t.counts[c.key].Add(c.n)
		}
		return fmt.Errorf("save the counts of the hour: %w", err)
	}
	return nil
}

// TakeSample counts what there is, and saves it for the hour that it is now.
func (t *Service) TakeSample(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "counts by the hour")
	samples, err := t.sample(ctx)
	if err != nil {
		return fmt.Errorf("take the sample of the hour: %w", err)
	}
	hour := t.now().UTC().Truncate(time.Hour)
	counts := make([]count, len(samples))
	for i, s := range samples {
		counts[i] = count{hour, key{s.Kind, s.Provider}, s.N}
	}
	if err := t.save(ctx, replacing, counts); err != nil {
		return fmt.Errorf("save the sample of the hour: %w", err)
	}
	return nil
}

// The statements of a save, which bypass the privacy policies: the program itself counts. Each takes an array of arrays
// as JSON, so that its text is the same for any number of counts. They are written for PostgreSQL.
const (
	insertion = "INSERT INTO hourly_counts (id, n) SELECT e.value->>0, (e.value->>1)::bigint " +
		"FROM jsonb_array_elements($1::jsonb) AS e WHERE true ON CONFLICT (id) DO UPDATE SET n = "
	adding    = insertion + "hourly_counts.n + excluded.n"
	replacing = insertion + "excluded.n"
)

// save adds counts to those of their hours, or replaces these.
func (t *Service) save(ctx context.Context, statement string, counts []count) error {
	if len(counts) == 0 {
		return nil
	}
	rows := make([][]any, len(counts))
	for i, c := range inOrder(counts) {
		rows[i] = []any{c.id(), c.n}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	if t.store.Dialect() == dialect.SQLite {
		statement = forSQLite.Replace(statement)
	}
	ctx = store.InBackground(principal.AsSystem(ctx, "counts by the hour"))
	return t.store.Write(ctx, func(ctx context.Context, _ *ent.Tx) error {
		_, err := store.Exec(ctx, statement, string(text))
		return err
	})
}

// forSQLite turns a statement for PostgreSQL into one for SQLite.
var forSQLite = strings.NewReplacer("jsonb_array_elements($1::jsonb)", "json_each($1)", "::bigint", "")
