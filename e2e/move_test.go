package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// fill makes an installation with clients, as the measurements of the portal have it.
func (at *place) fill(clients int) {
	at.t.Helper()
	seed := exec.Command("go", "run", "./bench", "seed", "--clients="+strconv.Itoa(clients), "--data-dir="+at.path("data"),
		"--database-url="+at.databaseURL())
	seed.Dir = ".."
	if output, err := seed.CombinedOutput(); err != nil {
		at.t.Fatalf("%v\n%s", err, output)
	}
}

// moveTo returns the command that moves the database to another.
func (at *place) moveTo(other *place) *exec.Cmd {
	command := exec.Command(binary, "move")
	command.Dir = at.dir
	command.Env = append(os.Environ(), "CHAVEIRO_DATABASE_URL="+at.databaseURL(), "CHAVEIRO_MOVE_TO="+other.databaseURL())
	return command
}

// move moves the database of a portal that serves to another, and returns how long the portal was away.
func (at *place) move(p *process, other *place) (away time.Duration, serves *process) {
	at.t.Helper()
	began := time.Now()
	p.Stop(syscall.SIGTERM)
	if output, err := at.moveTo(other).CombinedOutput(); err != nil {
		at.t.Fatalf("%v\n%s", err, output)
	}
	serves = other.start()
	return time.Since(began), serves
}

func TestAMoveThatIsKilledIsGivenAgainAndMovesBack(t *testing.T) {
	t.Parallel()
	shops := size(500, 100_000)
	lite := newPlace(t)
	lite.fill(shops)
	pg := &place{t: t, dir: lite.dir, postgres: storetest.EmptyPostgres(t)}

	killed := lite.moveTo(pg)
	output, err := killed.StdoutPipe()
	must.Do(t, err)
	must.Do(t, killed.Start())
	for lines := bufio.NewScanner(output); lines.Scan() && !strings.HasPrefix(lines.Text(), "copied clients"); {
		t.Log(lines.Text())
	}
	must.Do(t, killed.Process.Kill())
	if err := killed.Wait(); err == nil {
		t.Fatal("the move was done before it was killed")
	}
	refused := exec.Command(binary)
	refused.Dir, refused.Env = pg.dir, append(os.Environ(), "CHAVEIRO_DATABASE_URL="+pg.databaseURL())
	if output, err := refused.CombinedOutput(); err == nil || !strings.Contains(string(output), "was interrupted") {
		t.Fatalf("what the killed move left is served: %v\n%s", err, output)
	}

	p := lite.start()
	there, p := lite.move(p, pg)
	back := newPlace(t)
	back.dir = t.TempDir()
	must.Do(t, os.Mkdir(back.path("data"), 0o700))
	back.env = []string{"CHAVEIRO_DATA_DIR=" + lite.path("data")}
	here, p := pg.move(p, back)
	p.Stop(syscall.SIGTERM)
	if n := back.count("SELECT COUNT(*) FROM clients"); n != shops {
		t.Errorf("%d clients came back of %d", n, shops)
	}
	const result = "%d clients with %d connections: away %s from SQLite to PostgreSQL, %s back; a killed move was refused"
	report(t, result, shops, 3*shops, there.Round(100*time.Millisecond), here.Round(100*time.Millisecond))
}
