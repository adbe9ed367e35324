package model

import (
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/instant"
)

// MarshalID writes an id.
func MarshalID(id string) graphql.Marshaler { return graphql.MarshalID(id) }

// UnmarshalID reads an id. PostgreSQL cannot be asked for a text with a NUL in it: another character stands in for
// that, which is in no id either, so that the id is just one that does not exist.
func UnmarshalID(v any) (string, error) {
	id, err := graphql.UnmarshalID(v)
	return strings.ReplaceAll(id, "\x00", "\uFFFD"), err
}

// MarshalTime writes an instant as RFC 3339 with three fraction digits; none is null.
func MarshalTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.MarshalString(instant.Text(t))
}

// UnmarshalTime reads an instant, which must have a time zone. It comes in as the databases keep it, in UTC and to the
// microsecond: SQLite compares instants as texts, which only one zone makes right. It returns a fault.BadRequest for
// anything else.
func UnmarshalTime(v any) (time.Time, error) {
	text, _ := v.(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fault.BadRequest{Detail: fault.TimeForm}
	}
	return t.UTC().Truncate(time.Microsecond), nil
}
