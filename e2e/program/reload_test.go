package program

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

func TestAHangupReadsTheSettingsFileAgainAndEndsNothing(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	file := at.path("settings")
	write := func(lines ...string) {
		must.Do(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	}
	write("# of a test", "CHAVEIRO_OPERATOR_RATE=200", `CHAVEIRO_ORGANIZATION="Casa de Software"`)
	at.env = append(at.env, "CHAVEIRO_SETTINGS_FILE="+file)
	p := at.start()
	session := p.setUp()
	hangup := func(says string) {
		t.Helper()
		before := len(p.Output())
		must.Do(t, p.Command.Process.Signal(syscall.SIGHUP))
		must.WaitFor(t, patience, "the log says "+says, func() bool { return strings.Contains(p.Output()[before:], says) })
	}
	refused := func() (n int) {
		for range 40 {
			body, err := p.Post(session, `{ viewer { email } }`, nil)
			must.Do(t, err)
			if strings.Contains(body, "RATE_LIMITED") {
				n++
			}
		}
		return n
	}
	if n := refused(); n > 0 {
		t.Errorf("at 200 a second %d of 40 requests are refused", n)
	}

	write("CHAVEIRO_OPERATOR_RATE=1", "CHAVEIRO_LOG_LEVEL=warn", "CHAVEIRO_ORGANIZATION=Outra Casa", "CHAVEIRO_MFA=all")
	hangup(`"settings":["SecondFactor","Organization"]`)
	if n := refused(); n < 20 {
		t.Errorf("at one a second %d of 40 requests are refused", n)
	}
	if strings.Contains(p.Output(), `"msg":"read the settings again"`) {
		t.Error("the log has a line of the level info although it is warn")
	}

	write("CHAVEIRO_OPERATOR_RATE=200", "CHAVEIRO_KEY_RATES=100")
	hangup("line 2 sets CHAVEIRO_KEY_RATES, which is no setting")
	if n := refused(); n < 20 {
		t.Error("half of a file that cannot be read was taken over")
	}
	write("CHAVEIRO_OPERATOR_RATE=200")
	hangup(`"msg":"read the settings again"`)
	if n := refused(); n > 0 {
		t.Errorf("at 200 a second again %d of 40 requests are refused", n)
	}
	p.stop()

	write("CHAVEIRO_OPERATOR_RATE=none")
	if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, "CHAVEIRO_OPERATOR_RATE") {
		t.Errorf("a start with a wrong file: exit %d, %s", code, output)
	}
	must.Do(t, os.Remove(file))
	if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, fmt.Sprint(file)) {
		t.Errorf("a start without its file: exit %d, %s", code, output)
	}
}
