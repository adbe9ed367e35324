package doctor

import (
	"fmt"
	"strings"

	"github.com/chaveiro/chaveiro/internal/store"
)

// encoding checks whether the database stores and sorts any text as it should.
func encoding(err, collation error) Finding {
	switch {
	case err != nil:
		return fail("encoding", "%v", err)
	case collation != nil:
		return warn("encoding", "%v", collation)
	}
	return ok("encoding", "every text can be stored")
}

// pooler checks whether what stands before PostgreSQL leaves transactions whole.
func pooler(err error, direct bool) Finding {
	switch {
	case err != nil && direct:
		return fail("pooler", "%v: let the pooler of --database-url work in transaction mode (PgBouncer: pool_mode = "+
			"transaction)", err)
	case err != nil:
		return fail("pooler", "%v", err)
	case direct:
		return ok("pooler", "transactions are whole, and --database-direct-url goes around any pooler")
	}
	return ok("pooler", "none gives the portal other sessions than the database's own")
}

// triggers finds triggers of the database that are gone or turned off.
func triggers(missing, off []store.Trigger, err error) Finding {
	if err != nil {
		return fail("triggers", "%v", err)
	}
	var wrong []string
	if len(missing) > 0 {
		wrong = append(wrong, "missing are "+list(missing))
	}
	if len(off) > 0 {
		wrong = append(wrong, "turned off are "+list(off))
	}
	if len(wrong) > 0 {
		return fail("triggers", "what they keep, such as the search and the versions that back-offices ask for, goes wrong: "+
			"%s: find out who did it, and put them back or restore a backup (docs/operations.md)", strings.Join(wrong, "; "))
	}
	return ok("triggers", "all are there")
}

// maxTriggers caps the triggers that are named.
const maxTriggers = 10

func list(some []store.Trigger) string {
	var names []string
	for _, t := range some[:min(len(some), maxTriggers)] {
		names = append(names, t.String())
	}
	text := strings.Join(names, ", ")
	if more := len(some) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// age finds a database that is older than the portal left it.
func age(older bool, err error, anchorFile string) []Finding {
	switch {
	case err != nil:
		return []Finding{fail("database", "%v", err)}
	case older:
		return []Finding{fail("database", "it is older than the portal left it, as when a -wal was lost or an older copy "+
			"put in its place: its audit trail lacks what %s knows. Stop the portal, and put back the files that belong "+
			"together, or restore the last backup (docs/operations.md)", anchorFile)}
	}
	return nil
}
