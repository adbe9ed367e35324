package program

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/e2e/programtest"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// strangerHost is the name of the stranger's portal.
const strangerHost = "portal.loja.example"

// TestAStrangerInstallsFromTheArchiveAlone makes a release, unpacks it in a Debian that has nothing else, and runs
// there the command lines of its documents: install, reverse proxy, upgrade, and the way back. The Debian has processes
// and a network of its own. systemd is played there by a script.
func TestAStrangerInstallsFromTheArchiveAlone(t *testing.T) {
	if root := os.Getenv("CHAVEIRO_STRANGER"); root != "" { // in the network and among the processes of the root
		(&stranger{t: t, root: root, host: strangerHost}).follow()
		return
	}
	if os.Getenv("CHAVEIRO_SOAK") != "whole" {
		t.Skip("make soak runs it: it makes a release and a Debian")
	}
	began := time.Now()
	needNamespaces(t)
	version, archive := release(t)
	root := newDebian(t)
	handOver(t, archive, filepath.Join(root, "root"))
	next := filepath.Join(t.TempDir(), strings.Replace(filepath.Base(archive), version, nextVersion, 1))
	repack(t, archive, next, version)
	must.Do(t, os.Mkdir(filepath.Join(root, "root/next"), 0o700))
	handOver(t, next, filepath.Join(root, "root/next"))

	inside := exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
		`mount -t proc proc "$0/proc" && chroot "$0" /usr/sbin/ip link set lo up && "$@"; exit $?`, root,
		os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	inside.Dir, inside.Env = "e2e/program", append(os.Environ(), "CHAVEIRO_STRANGER="+root)
	output, code := combined(t, inside)
	t.Log(output)
	if code != 0 {
		t.Fatalf("the stranger ended with %d", code)
	}
	soakRow(t, fmt.Sprintf("version %s from its archive in a new Debian: installed behind nginx, upgraded, and back; %s",
		version, time.Since(began).Round(time.Second)))
}

// soakRow adds a row to the table of `make soak`.
func soakRow(t *testing.T, result string) {
	t.Helper()
	row := fmt.Sprintf("| %s | %s |\n", strings.TrimPrefix(t.Name(), "Test"), result)
	t.Log(row)
	path := os.Getenv("CHAVEIRO_SOAK_REPORT")
	if path == "" || t.Failed() {
		return
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must.Do(t, err)
	_, err = file.WriteString(row)
	must.Do(t, errors.Join(err, file.Close()))
}

// skipAloud skips the test, and says why in the table of `make soak` too.
func skipAloud(t *testing.T, why string) {
	t.Helper()
	soakRow(t, "SKIPPED: "+why)
	t.Skip(why)
}

// needNamespaces skips the test where no root can be made.
func needNamespaces(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		skipAloud(t, "only root on Linux can make a root")
	}
	if out, err := exec.Command("unshare", "--net", "--mount", "--pid", "--fork", "true").CombinedOutput(); err != nil {
		skipAloud(t, fmt.Sprintf("this machine gives no namespaces: %s", out))
	}
	if out, err := exec.Command("scripts/installed", "debootstrap", "debootstrap").CombinedOutput(); err != nil {
		skipAloud(t, fmt.Sprintf("debootstrap is missing: %s", out))
	}
}

// release makes a release of what is committed, in a clone, checks what it says of itself, and returns its version and
// its archive.
func release(t *testing.T) (version, archive string) {
	t.Helper()
	clone, key := filepath.Join(t.TempDir(), "clone"), filepath.Join(t.TempDir(), "key")
	inClone := func(args ...string) string {
		t.Helper()
		command := exec.Command(args[0], args[1:]...)
		command.Dir = clone
		command.Env = append(os.Environ(), "GOFLAGS=", "MAKEFLAGS=", // make sets its own
			"GIT_AUTHOR_NAME=Ana", "GIT_AUTHOR_EMAIL=ana@example.com",
			"GIT_COMMITTER_NAME=Ana", "GIT_COMMITTER_EMAIL=ana@example.com")
		output, code := combined(t, command)
		if code != 0 {
			t.Fatalf("%s: exit %d\n%s", args, code, output)
		}
		return output
	}
	output, code := combined(t, exec.Command("git", "clone", "--quiet", ".", clone))
	if code != 0 {
		t.Fatal(output)
	}
	version = theVersion(t)
	if released, isNot := strings.CutSuffix(version, "-dev"); isNot { // as it will be
		inClone("sed", "-i", "s/^"+regexp.QuoteMeta("## "+version)+"$/## "+released+"/; s/^"+version+"$/"+released+"/",
			"VERSION", "CHANGELOG.md")
		inClone("cp", "-r", "e2e/program/testdata/upgrade", "e2e/program/testdata/released/"+released)
		inClone("git", "add", "--all")
		inClone("git", "commit", "--quiet", "--message", "a release")
		version = released
	}
	givePage(t, clone)
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	inClone("make", "release", "SIGNING_KEY="+key)
	if tag := inClone("git", "describe", "--exact-match"); strings.TrimSpace(tag) != "v"+version {
		t.Errorf("the commit has the tag %s", tag)
	}
	folder := filepath.Join(clone, "release")
	verifyRelease(t, folder, key+".pub")
	name := fmt.Sprintf("chaveiro_%s_%s_%s", version, runtime.GOOS, runtime.GOARCH)
	for _, list := range []string{"go", "page"} {
		wantParts(t, filepath.Join(folder, name+"."+list+".cdx.json"), version)
	}
	first, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS"))
	must.Do(t, err)
	inClone("make", "release", "SIGNING_KEY="+key)
	if again, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS")); err != nil || string(again) != string(first) {
		t.Errorf("the same commit has made another release: %s and %s (%v)", first, again, err)
	}
	return version, filepath.Join(folder, name+".tar.gz")
}

// givePage puts the page that is built here into a clone, so that it asks no registry for what builds it.
func givePage(t *testing.T, clone string) {
	t.Helper()
	must.Do(t, os.Mkdir(filepath.Join(clone, "frontend/node_modules"), 0o755))
	must.Do(t, os.WriteFile(filepath.Join(clone, "frontend/node_modules/.package-lock.json"), nil, 0o600))
	if _, err := os.Stat("frontend/dist/index.html"); err != nil {
		t.Log("the page is not built here (make build): the release of this test has none")
	}
	must.Do(t, os.RemoveAll(filepath.Join(clone, "frontend/dist")))
	must.Do(t, os.CopyFS(filepath.Join(clone, "frontend/dist"), os.DirFS("frontend/dist")))
	index, err := os.OpenFile(filepath.Join(clone, "frontend/dist/index.html"), os.O_CREATE|os.O_APPEND, 0o600)
	must.Do(t, err)
	must.Do(t, index.Close())
	must.Do(t, os.Chtimes(index.Name(), time.Now(), time.Now())) // newer than what it is built from
}

// verifyRelease verifies a release by the command lines of SECURITY.md.
func verifyRelease(t *testing.T, folder, key string) {
	t.Helper()
	public, err := os.ReadFile(key)
	must.Do(t, err)
	script := strings.ReplaceAll(blocksOf(t, "SECURITY.md", "## A release is what we made"), "ssh-ed25519 AAAA...",
		strings.TrimSpace(string(public)))
	command := exec.Command("bash", "-euc", script)
	command.Dir = folder
	if output, code := combined(t, command); code != 0 {
		t.Errorf("the release does not verify: %s", output)
	}
	must.Do(t, os.Remove(filepath.Join(folder, "signers")))
}

// wantParts checks that a list of parts is of a version.
func wantParts(t *testing.T, path, version string) {
	t.Helper()
	text, err := os.ReadFile(path)
	must.Do(t, err)
	var list struct {
		Metadata struct {
			Component struct{ Version string }
		}
		Components []json.RawMessage
	}
	must.Do(t, json.Unmarshal(text, &list))
	if of := strings.TrimPrefix(list.Metadata.Component.Version, "v"); of != version || len(list.Components) < 10 {
		t.Errorf("%s is of version %q and has %d parts", filepath.Base(path), of, len(list.Components))
	}
}

// blocksOf returns the shell blocks of a section of a document, one after the other.
func blocksOf(t *testing.T, path, heading string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must.Do(t, err)
	_, section, found := strings.Cut(string(text), "\n"+heading+"\n")
	if section, _, _ = strings.Cut(section, "\n## "); !found {
		t.Fatalf("%s has no section %q", path, heading)
	}
	var script strings.Builder
	for _, block := range fence.FindAllStringSubmatch(section, -1) {
		if block[1] == "sh" {
			script.WriteString(block[2])
		}
	}
	return script.String()
}

// newDebian makes a root with Debian's essential packages, and what the stranger has besides.
func newDebian(t *testing.T) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "debian")
	codename, err := exec.Command("sh", "-c", `. /etc/os-release; printf %s "${VERSION_CODENAME:-stable}"`).Output()
	must.Do(t, err)
	command := exec.Command("unshare", "--mount", "debootstrap", "--variant=minbase",
		"--include=ca-certificates,iproute2,nginx-light", string(codename), root)
	command.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if output, code := combined(t, command); code != 0 {
		skipAloud(t, "debootstrap makes no root here: "+output[max(0, len(output)-300):])
	}
	for _, name := range []string{"systemctl", "systemd-run"} {
		copyFile(t, "e2e/program/testdata/stranger/systemd", filepath.Join(root, "usr/local/sbin", name))
		must.Do(t, os.Chmod(filepath.Join(root, "usr/local/sbin", name), 0o755))
	}
	writeCertificate(t, root)
	return root
}

// writeCertificate puts the certificate of the stranger's host where the example of nginx looks for it.
func writeCertificate(t *testing.T, root string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must.Do(t, err)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: strangerHost}, DNSNames: []string{strangerHost},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	must.Do(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must.Do(t, err)
	for path, block := range map[string]*pem.Block{
		"etc/ssl/certs/portal.pem":   {Type: "CERTIFICATE", Bytes: certificate},
		"etc/ssl/private/portal.key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		must.Do(t, os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o700))
		must.Do(t, os.WriteFile(filepath.Join(root, path), pem.EncodeToMemory(block), 0o600))
	}
}

// handOver copies a file into a folder.
func handOver(t *testing.T, file, folder string) {
	t.Helper()
	copyFile(t, file, filepath.Join(folder, filepath.Base(file)))
}

// repack writes the archive of the next version, whose program has one more migration.
func repack(t *testing.T, archive, next, version string) {
	t.Helper()
	program, err := os.ReadFile(buildNewer(t, "CREATE TABLE later (id varchar PRIMARY KEY);"))
	must.Do(t, err)
	from, err := os.Open(archive)
	must.Do(t, err)
	defer func() { _ = from.Close() }()
	unpacked, err := gzip.NewReader(from)
	must.Do(t, err)
	to, err := os.Create(next)
	must.Do(t, err)
	packed := gzip.NewWriter(to)
	source, target := tar.NewReader(unpacked), tar.NewWriter(packed)
	for {
		header, err := source.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must.Do(t, err)
		content, err := io.ReadAll(source)
		must.Do(t, err)
		if strings.HasSuffix(header.Name, "/bin/chaveiro") {
			content = program
		}
		header.Name, header.Size = strings.Replace(header.Name, version, nextVersion, 1), int64(len(content))
		must.Do(t, target.WriteHeader(header))
		_, err = target.Write(content)
		must.Do(t, err)
	}
	must.Do(t, errors.Join(target.Close(), packed.Close(), to.Close()))
}

// stranger has the archive of a release in a root, and nothing else of the project.
type stranger struct {
	t          *testing.T
	root, host string
	folder     string // of the unpacked archive, in the root
}

// shell runs a script of the documents in the root, as its superuser.
func (s *stranger) shell(folder, script string) (string, int) {
	s.t.Helper()
	command := exec.Command("chroot", s.root, "/usr/bin/env", "-i", "HOME=/root", "LANG=C.UTF-8",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"bash", "-euxc", "cd "+folder+"\n"+strings.NewReplacer("YOUR.HOST", s.host, "NEXT", nextVersion).Replace(script))
	return combined(s.t, command)
}

func (s *stranger) mustShell(folder, script string) string {
	s.t.Helper()
	output, code := s.shell(folder, script)
	if code != 0 {
		log, _ := os.ReadFile(filepath.Join(s.root, "var/log/chaveiro.log"))
		s.t.Fatalf("exit %d of\n%s\n%s\n%s", code, script, output, log)
	}
	return output
}

// document returns the shell blocks of a section of the archive's docs/operations.md.
func (s *stranger) document(heading string) string {
	s.t.Helper()
	return blocksOf(s.t, filepath.Join(s.root, s.folder, "docs/operations.md"), heading)
}

// program returns the function `chaveiro` of the documents, for the stranger's host.
func (s *stranger) program() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.root, s.folder, "docs/operations.md"))
	must.Do(s.t, err)
	for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(block[2], "chaveiro() {") {
			return strings.ReplaceAll(block[2], "portal.example.com", s.host)
		}
	}
	s.t.Fatal("docs/operations.md defines no chaveiro()")
	return ""
}

// portal waits until the portal is ready behind its proxy, and returns it.
func (s *stranger) portal() *process {
	s.t.Helper()
	authority, err := os.ReadFile(filepath.Join(s.root, "etc/ssl/certs/portal.pem"))
	must.Do(s.t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:443")
		},
	}, Timeout: patience}
	p := &process{Process: &programtest.Process{URL: "https://" + s.host, Client: client}, t: s.t}
	defer func() {
		if s.t.Failed() {
			log, _ := os.ReadFile(filepath.Join(s.root, "var/log/chaveiro.log"))
			s.t.Logf("the log: %s", log)
		}
	}()
	must.WaitFor(s.t, time.Minute, "the portal is ready behind nginx", func() bool {
		answer, err := client.Get(p.URL + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return p
}

// wantKey checks that the back-office's key reads what was stored.
func (s *stranger) wantKey(p *process, key string) {
	s.t.Helper()
	if body := p.mustPost(key, readPassword, nil); !strings.Contains(body, `"senha da loja"`) {
		s.t.Errorf("the key reads %s", body)
	}
}

// wantWhole checks the installation by its log and its own commands; program defines chaveiro().
func (s *stranger) wantWhole(program, version string) {
	s.t.Helper()
	for command, says := range map[string]string{
		"version": "chaveiro " + version + ",", "audit verify": "whole", "keyset verify": "0 do not open",
		"grants": "as the portal wrote it",
	} {
		if output := s.mustShell("/root", program+"chaveiro "+command); !strings.Contains(output, says) {
			s.t.Errorf("chaveiro %s: %s", command, output)
		}
	}
	if output, _ := s.shell("/root", program+"chaveiro doctor"); strings.Contains(output, "\nfail") ||
		!strings.Contains(output, "\nok") {
		s.t.Errorf("the doctor finds: %s", output)
	}
	for line := range strings.Lines(mustRead(s.t, filepath.Join(s.root, "var/log/chaveiro.log"))) {
		if strings.Contains(line, `"level":"ERROR"`) {
			s.t.Errorf("the log says %s", line)
		}
	}
}

// follow follows the documents of the archive.
func (s *stranger) follow() {
	s.t.Helper()
	s.mustShell("/root", "tar -xzf chaveiro_*.tar.gz")
	folders, err := filepath.Glob(filepath.Join(s.root, "root/chaveiro_*_*[^z]")) // and not the archive
	must.Do(s.t, err)
	if len(folders) != 1 {
		s.t.Fatalf("the archive has %q", folders)
	}
	s.folder = strings.TrimPrefix(folders[0], s.root)
	s.wantLinks()
	version := strings.TrimSpace(mustRead(s.t, filepath.Join(s.root, s.folder, "VERSION")))

	s.mustShell("/root", s.document("## Install"))
	p := s.portal()
	link := s.mustShell("/root", "cat /var/lib/chaveiro/data/setup-link")
	_, token, found := strings.Cut(strings.TrimSpace(link), "https://"+s.host+"/setup#token=")
	if !found {
		s.t.Fatalf("the link of the first administrator is %s", link)
	}
	p.setupToken = strings.Fields(token)[0]
	p.setUp()
	key := p.walk(p.logIn())
	s.wantKey(p, key)
	s.wantWhole(s.program(), version)
	output := s.mustShell("/root", "systemctl start chaveiro-backup.service; ls /var/backups/chaveiro")
	if !strings.Contains(output, "\n"+time.Now().UTC().Format(time.DateOnly)) {
		s.t.Errorf("the backup of the night: %s", output)
	}

	s.maintain()
	p = s.portal()
	s.wantKey(p, key)
	s.wantWhole(s.program(), version)

	upgrade, back, _ := strings.Cut(s.document("## Upgrade"), "systemctl stop chaveiro\nmv ")
	s.mustShell("/root/next", s.program()+upgrade)
	p = s.portal()
	s.wantWhole(s.program(), nextVersion)
	s.wantKey(p, key)
	p.createClient(p.logIn(), "Depois", cpf(1))

	s.mustShell("/root/next", s.program()+"systemctl stop chaveiro\nmv "+back)
	p = s.portal()
	s.wantWhole(s.program(), version)
	s.wantKey(p, key)
	session := p.logIn()
	if body := p.mustPost(session, `{ clients { totalCount } }`, nil); !strings.Contains(body, `"totalCount":1`) {
		s.t.Errorf("what was done since the backup is still there: %s", body)
	}

	s.moves(key, version)
}

// maintain runs, as the user of the unit, what the documents have for a portal that serves.
func (s *stranger) maintain() {
	s.t.Helper()
	for _, command := range []string{"keyset rotate --settle=20s", "signing-key rotate", "answers", "hosts", "migrate"} {
		s.mustShell("/root", s.program()+"chaveiro "+command)
	}
	_, unit, _ := strings.Cut(s.document("## Changing the master key"), "--master-key /etc/chaveiro/new.key\n")
	s.mustShell("/root", s.program()+unit)
}

// moves restores the backup in another folder, and serves from there.
func (s *stranger) moves(key, version string) {
	s.t.Helper()
	elsewhere := func(script string) string {
		return strings.ReplaceAll(script, "/var/lib/chaveiro/data", "/var/lib/chaveiro/elsewhere")
	}
	s.mustShell("/root", "systemctl stop chaveiro\n"+elsewhere(s.program())+
		"chaveiro restore /var/backups/chaveiro/before-NEXT.backup\n"+
		"sed -i s,/var/lib/chaveiro/data,/var/lib/chaveiro/elsewhere, /etc/systemd/system/chaveiro.service\n"+
		"systemctl daemon-reload\nsystemctl start chaveiro")
	p := s.portal()
	s.wantKey(p, key)
	p.logIn()
	s.wantWhole(elsewhere(s.program()), version)
}

// wantLinks checks that what the archive's documents lead to is in the archive, but for the sources.
func (s *stranger) wantLinks() {
	s.t.Helper()
	at := filepath.Join(s.root, s.folder)
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(at, pattern))
		must.Do(s.t, err)
		for _, path := range paths {
			for _, link := range aLink.FindAllStringSubmatch(mustRead(s.t, path), -1) {
				name, err := filepath.Rel(at, filepath.Join(filepath.Dir(path), link[1]))
				must.Do(s.t, err)
				_, err = os.Stat(filepath.Join(at, name))
				source := regexp.MustCompile(`^(internal|graph|ent|e2e|bench|frontend|scripts)/|\.go$|^Makefile$`)
				if err != nil && !source.MatchString(name) {
					s.t.Errorf("%s leads to %s, which is not in the archive", filepath.Base(path), name)
				}
			}
		}
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must.Do(t, err)
	return string(text)
}
