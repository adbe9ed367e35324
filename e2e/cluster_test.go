package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// cluster is a PostgreSQL server of one test, which the test stops and starts. It listens on a Unix socket in its
// folder and nowhere else. It keeps what it has answered when it is killed, and not when the machine loses its power.
type cluster struct {
	t        *testing.T
	bin, dir string
	as       *syscall.Credential // whom it runs as; nil is the user of the test
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, bin: postgresFolder()}
	if c.bin == "" {
		const why = "PostgreSQL's server programs are missing"
		if os.Getenv("CI") != "" || os.Getenv("CHAVEIRO_TEST_REQUIRE_POSTGRES") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	dir, err := os.MkdirTemp("/tmp", "chaveiro-pg-") // directly there: the path of a Unix socket has about 100 bytes
	must.Do(t, err)
	c.dir = dir
	t.Cleanup(func() {
		_ = c.command("pg_ctl", "--pgdata=data", "--mode=immediate", "--silent", "stop").Run()
		_ = os.RemoveAll(dir)
	})
	if os.Getuid() == 0 { // it refuses to run as root
		c.as = credential(t, "postgres", "nobody")
		must.Do(t, os.Chown(dir, int(c.as.Uid), int(c.as.Gid)))
	}
	c.run("initdb", "--pgdata=data", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
		"--no-sync")
	settings := "listen_addresses = ''\nmax_connections = 100\nfsync = off\n" +
		fmt.Sprintf("unix_socket_directories = '%s'\n", dir)
	path := filepath.Join(dir, "data", "postgresql.conf")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must.Do(t, err)
	_, err = file.WriteString(settings)
	must.Do(t, err)
	must.Do(t, file.Close())
	c.start()
	return c
}

// postgresFolder returns the folder of PostgreSQL's programs, the newest if there are several; empty when there is
// none.
func postgresFolder() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is a good one
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return filepath.Dir(path)
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // another name counts as the oldest
	return n
}

// credential returns the first of some users that there is.
func credential(t *testing.T, names ...string) *syscall.Credential {
	t.Helper()
	for _, name := range names {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		must.Do(t, err)
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		must.Do(t, err)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Fatalf("there is none of the users %v", names)
	return nil
}

func (c *cluster) url() string { return "postgres://postgres@/postgres?host=" + c.dir }

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(c.bin, program), args...)
	command.Dir = c.dir
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.dir}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setsid: true}
	return command
}

func (c *cluster) run(program string, args ...string) {
	c.t.Helper()
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "server.log")) // there may be none yet
		c.t.Fatalf("%s: %v\n%s%s", program, err, out, log)
	}
}

func (c *cluster) start() {
	c.t.Helper()
	c.run("pg_ctl", "--pgdata=data", "--log="+filepath.Join(c.dir, "server.log"), "--silent", "--wait", "start")
}

// stop ends the server: fast, in order, or immediate, as a crash does.
func (c *cluster) stop(mode string) {
	c.t.Helper()
	c.run("pg_ctl", "--pgdata=data", "--mode="+mode, "--silent", "--wait", "stop")
}
