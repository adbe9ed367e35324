package instant_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/instant"
)

func TestAnInstantHasThreeFractionDigitsAlways(t *testing.T) {
	t.Parallel()
	brasilia := time.FixedZone("", -3*60*60)
	for want, at := range map[string]time.Time{
		"2026-11-24T09:30:00.000Z": time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC),
		"2026-11-24T09:30:00.120Z": time.Date(2026, 11, 24, 6, 30, 0, 120_999_999, brasilia),
		"2026-11-24T09:30:00.123Z": time.Date(2026, 11, 24, 9, 30, 0, 123_456_000, time.UTC),
	} {
		if got := instant.Text(at); got != want {
			t.Errorf("Text is %s, want %s", got, want)
		}
		text, err := json.Marshal([]any{instant.Time(at), (*instant.Time)(nil), instant.Value(at), instant.Value(&at),
			instant.Value((*time.Time)(nil)), instant.Value("x")})
		if want := `["` + want + `",null,"` + want + `","` + want + `",null,"x"]`; err != nil || string(text) != want {
			t.Errorf("in JSON it is %s, %v, want %s", text, err, want)
		}
	}
}

func TestAZoneIsKnownByItsNameAloneWhateverTheMachineHas(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"America/Sao_Paulo": true, "UTC": true, "": true, "Local": false, "America/Campina": false, "../../etc/passwd": false,
		"/etc/localtime": false,
	} {
		zone, err := instant.Zone(name)
		if (err == nil) != good || (zone != nil) != good {
			t.Errorf("%q is %v, %v", name, zone, err)
		}
	}
}
