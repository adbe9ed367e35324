package instant

import (
	"time"
	_ "time/tzdata" // not each machine has the zones

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Zone returns the zone with a name of the IANA database, such as America/Sao_Paulo. It returns a fault.BadRequest when
// there is none.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || zone == time.Local {
		return nil, fault.BadRequest{Detail: fault.ZoneUnknown}
	}
	return zone, nil
}
