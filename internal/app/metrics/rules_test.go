package metrics_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

func TestTheAlertsFireForWhatTheyAreForAndForNothingElse(t *testing.T) {
	t.Parallel()
	promtool := storetest.Installed(t, "promtool", "prometheus")
	for _, args := range [][]string{
		{"check", "rules", "prometheus-rules.yml"},
		{"test", "rules", "prometheus-rules.test.yml"},
		{"check", "config", "--syntax-only", "prometheus.yml"},
	} {
		command := exec.Command(promtool, args...)
		command.Dir = "../../../deploy"
		if said, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

func TestEachAlertIsTestedBothWays(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("../../../deploy/prometheus-rules.yml")
	must.Do(t, err)
	tests, err := os.ReadFile("../../../deploy/prometheus-rules.test.yml")
	must.Do(t, err)
	for _, alert := range matches(regexp.MustCompile(`(?m)- alert: (\w+)$`), string(rules)) {
		silent := strings.Count(string(tests), "alertname: "+alert+", exp_alerts: []")
		fires := strings.Count(string(tests), "alertname: "+alert+"\n")
		if silent == 0 || fires == 0 {
			t.Errorf("%s is tested %d times to be silent and %d times to fire", alert, silent, fires)
		}
	}
}
