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

// The test has a repository of its own, which gets the tag.
func TestAReleaseIsTaggedOnceAndOnlyAsItIsCommitted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := func(args ...string) (string, error) {
		command := exec.Command(args[0], args[1:]...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_AUTHOR_NAME=Ana", "GIT_AUTHOR_EMAIL=ana@example.com",
			"GIT_COMMITTER_NAME=Ana", "GIT_COMMITTER_EMAIL=ana@example.com")
		out, err := command.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	mustRun := func(args ...string) string {
		t.Helper()
		out, err := run(args...)
		if err != nil {
			t.Fatalf("%s: %s", args, out)
		}
		return out
	}
	put := func(name, text string) {
		t.Helper()
		must.Do(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must.Do(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700))
	}
	commit := func() {
		t.Helper()
		mustRun("git", "add", "--all")
		mustRun("git", "commit", "--quiet", "--allow-empty", "--message", "next")
	}
	refused := func(says string) {
		t.Helper()
		if out, err := run("scripts/tag"); err == nil || !strings.Contains(out, says) {
			t.Errorf("it does not refuse with %q: %v, %s", says, err, out)
		}
	}
	script, err := os.ReadFile("scripts/tag")
	must.Do(t, err)
	mustRun("git", "init", "--quiet", ".")
	put("scripts/tag", string(script))
	put("VERSION", "1.2.0-dev\n")
	put("CHANGELOG.md", "# What changed\n\n## 1.1.0\n\n- Less.\n")
	commit()

	refused("which is no release")
	put("VERSION", "1.2.0\n")
	refused("commit these first")
	commit()
	refused("CHANGELOG.md does not begin with")
	put("CHANGELOG.md", "# What changed\n\n## 1.2.0\n\n## 1.1.0\n\n- Less.\n")
	commit()
	refused("CHANGELOG.md does not begin with")
	put("CHANGELOG.md", "# What changed\n\n## 1.2.0\n\n- More.\n\n## 1.1.0\n\n- Less.\n")
	commit()
	refused("make released")
	put(released+"/1.2.0/house.json", "{}\n")
	commit()
	if tags := mustRun("git", "tag"); tags != "" {
		t.Errorf("what was refused has tagged %s", tags)
	}

	mustRun("scripts/tag")
	if kind := mustRun("git", "cat-file", "-t", "v1.2.0"); kind != "tag" {
		t.Errorf("v1.2.0 is a %s, want an annotated tag", kind)
	}
	first := mustRun("git", "rev-parse", "v1.2.0")
	mustRun("scripts/tag")
	if again := mustRun("git", "rev-parse", "v1.2.0"); again != first {
		t.Errorf("a second run has made the tag anew: %s, and it was %s", again, first)
	}
	commit()
	refused("take another version")
	if still := mustRun("git", "rev-parse", "v1.2.0"); still != first {
		t.Errorf("the tag was moved to %s", still)
	}
}
