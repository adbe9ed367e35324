package program

import (
	"os"
	"strings"
	"testing"
)

func TestSecretsFollowAnAddressOfTheEnvironmentOnlyWhenTheServersCommandSaysSo(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			p := at.start()
			p.walk(p.setUp())
			p.stop()
			const bound = `MEU_CARRINHO: 1 connections for "192.0.2.1"`
			if output := at.mustRun(nil, "hosts"); !strings.Contains(output, bound) || strings.Contains(output, "not sent") {
				t.Errorf("before: %s", output)
			}
			moved := []string{"CHAVEIRO_MEU_CARRINHO_URL=https://192.0.2.2"}
			if output := at.mustRun(moved, "hosts"); !strings.Contains(output,
				bound+`; not sent, as the host in force is "192.0.2.2"`) {
				t.Errorf("with another address: %s", output)
			}
			for _, args := range [][]string{{"--move=MEU_CARRINHO"}, {"--from=192.0.2.1"}} {
				if output, code := at.run(moved, append([]string{"hosts"}, args...)...); code != 1 ||
					!strings.Contains(output, "together") {
					t.Errorf("%q: exit %d, %s", args, code, output)
				}
			}
			if output, code := at.run(moved, "hosts", "--move=NOBODY", "--from=192.0.2.1"); code != 1 ||
				!strings.Contains(output, "--move") {
				t.Errorf("of no provider: exit %d, %s", code, output)
			}
			at.query(`SELECT COUNT(*) FROM audit_events WHERE action = 'provider.move_host'`, 0)

			at.mustRun(moved, "hosts", "--move=MEU_CARRINHO", "--from=192.0.2.1")
			at.query(`SELECT COUNT(*) FROM audit_events WHERE action = 'provider.move_host'`, 1)
			output := at.mustRun(moved, "hosts")
			if !strings.Contains(output, `MEU_CARRINHO: 1 connections for "192.0.2.2"`) || strings.Contains(output, "not sent") {
				t.Errorf("afterwards: %s", output)
			}
			if output := at.mustRun(moved, "keyset", "verify"); !strings.Contains(output, "0 do not open") {
				t.Errorf("the keyset: %s", output)
			}
		})
	}
}

func TestAWrongSettingOfAProviderIsSaidBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	for _, command := range []string{"serve", "hosts"} {
		output, code := at.run([]string{"CHAVEIRO_NUVEMSHOP_URL=:::"}, command)
		if code != 78 || !strings.Contains(output, "CHAVEIRO_NUVEMSHOP_URL: Enter an https address") {
			t.Errorf("%s: exit %d, %s", command, code, output)
		}
	}
	if made, err := os.ReadDir(at.dir); err != nil || len(made) > 0 {
		t.Errorf("made are %v, %v", made, err)
	}
}
