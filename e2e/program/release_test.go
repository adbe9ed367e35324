package program

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// The signature is verified as SECURITY.md says.
// Proves: 14
func TestTheChecksumsOfAReleaseAreSigned(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("scripts/installed", "ssh-keygen", "openssh-client").CombinedOutput(); err != nil {
		t.Skipf("%s", out)
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must.Do(t, os.WriteFile(at("SHA256SUMS"), []byte("0123  chaveiro.tar.gz\n"), 0o600))
	run := func(stdin string, args ...string) (string, error) {
		command := exec.Command(args[0], args[1:]...)
		command.Stdin = strings.NewReader(stdin)
		out, err := command.CombinedOutput()
		return string(out), err
	}

	if out, err := run("", "scripts/sign", at("SHA256SUMS"), ""); err != nil || !strings.Contains(out, "is not signed") {
		t.Errorf("without a key: %v, %s", err, out)
	}
	if out, err := run("", "scripts/sign", at("SHA256SUMS"), at("nowhere")); err == nil ||
		!strings.Contains(out, "no key at") {
		t.Errorf("without the key that is named: %v, %s", err, out)
	}
	if _, err := os.Stat(at("SHA256SUMS.sig")); err == nil {
		t.Error("there is a signature by no key")
	}

	signers := map[string]string{}
	for _, name := range []string{"ours", "theirs"} {
		if out, err := run("", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", at(name)); err != nil {
			t.Fatal(out)
		}
		public, err := os.ReadFile(at(name + ".pub"))
		must.Do(t, err)
		signers[name] = at("signers of " + name)
		must.Do(t, os.WriteFile(signers[name], append([]byte("release@chaveiro "), bytes.TrimSpace(public)...), 0o600))
	}
	for range 2 { // the second replaces the signature of the first
		if out, err := run("", "scripts/sign", at("SHA256SUMS"), at("ours")); err != nil {
			t.Fatal(out)
		}
	}
	verify := func(text, by string) error {
		_, err := run(text, "ssh-keygen", "-Y", "verify", "-f", signers[by], "-I", "release@chaveiro",
			"-n", "chaveiro-release", "-s", at("SHA256SUMS.sig"))
		return err
	}
	text, err := os.ReadFile(at("SHA256SUMS"))
	must.Do(t, err)
	if err := verify(string(text), "ours"); err != nil {
		t.Errorf("the signature does not verify: %v", err)
	}
	if verify(string(text)+"4567  more\n", "ours") == nil || verify(string(text), "theirs") == nil {
		t.Error("other checksums, or another's key, verify too")
	}
}
