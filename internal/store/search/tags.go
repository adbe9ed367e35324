package search

import (
	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent/clienttag"
)

// OfTag selects the ids of the clients that have a tag, however its letters are written: for a condition on a column
// that has the id of a client.
func OfTag(dialect, tag string) *sql.Selector {
	t := sql.Table(clienttag.Table)
	return sql.Dialect(dialect).Select(t.C(clienttag.FieldClientID)).From(t).
		Where(sql.EQ(t.C(clienttag.FieldTagKey), Fold(tag)))
}
