package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Installed returns the path of a program of Debian packages. If it is missing, Installed installs it for root on
// Debian; for others it skips the test, or fails it in CI.
func Installed(t testing.TB, program string, packages ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(root(t), "scripts/installed"), append([]string{program}, packages...)...) // #nosec G204 -- tests name them
	var said strings.Builder
	command.Stderr = &said
	path, err := command.Output()
	switch {
	case err == nil:
		return strings.TrimSpace(string(path))
	case os.Getenv("CI") != "":
		t.Fatalf("%s: %v: %s", program, err, said.String())
	default:
		t.Skipf("%s: %s", program, said.String())
	}
	return ""
}

// root returns the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("this test does not run in the module")
		}
	}
}

// PgBouncer runs PgBouncer in front of the database at databaseURL, in pool mode "transaction" or "session", and
// returns the URL that leads through it. It has two sessions of the server for all its clients. It ends with the test.
func PgBouncer(t testing.TB, databaseURL, mode string) string {
	t.Helper()
	program := Installed(t, "pgbouncer", "pgbouncer")
	config, err := pgconn.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "chaveiro-pgb") // the path of a Unix socket has about 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	settings := fmt.Sprintf(
		"[databases]\n* = host=%s port=%d\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = %s\n"+
			"auth_type = trust\nauth_file = %[3]s/users\npool_mode = %s\ndefault_pool_size = 2\nmax_client_conn = 100\n",
		config.Host, config.Port, dir, mode)
	for name, content := range map[string]string{"pgbouncer.ini": settings, "users": strconv.Quote(config.User) + ` ""`} {
		err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644) // #nosec G306 -- the server's user reads it
		if err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(program, filepath.Join(dir, "pgbouncer.ini")) // #nosec G204 -- Installed found it
	command.SysProcAttr = asServer(t, config.Host, dir)
	var said strings.Builder
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })

	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"host": {dir}, "port": {"6432"}, "default_query_exec_mode": {"exec"}}.Encode()
	for range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		conn, err := pgx.Connect(ctx, u.String())
		cancel()
		if err == nil {
			_ = conn.Close(t.Context())
			u.RawQuery = url.Values{"host": {dir}, "port": {"6432"}}.Encode()
			return u.String()
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("PgBouncer does not answer: %s", said.String())
	return ""
}

// asServer makes root run PgBouncer, which refuses to run as root, as the user of the server, whose socket is closed to
// others. It gives that user a folder.
func asServer(t testing.TB, socket, folder string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if err := os.Chown(folder, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
}
