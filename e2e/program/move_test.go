package program

import (
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// other returns the same installation with an empty database of the other kind, and the URL of that.
func (at *place) other() (to *place, url string) {
	at.t.Helper()
	to = &place{t: at.t, dir: at.dir, env: at.env, publicURL: at.publicURL, program: at.program}
	if at.postgres == "" {
		to.postgres = storetest.EmptyPostgres(at.t)
		return to, to.postgres
	}
	url = "sqlite:" + at.path("data/moved.db")
	to.env = append(to.env[:len(to.env):len(to.env)], "CHAVEIRO_DATABASE_URL="+url)
	return to, url
}

// moves runs `chaveiro move --to` and checks how it ends and what it says.
func (at *place) moves(to string, code int, says string) {
	at.t.Helper()
	output, is := at.run(nil, "move", "--to", to)
	if is != code || !strings.Contains(output, says) {
		at.t.Errorf("a move to %s: exit %d and %q, want %d and %q", to, is, output, code, says)
	}
}

func TestAHouseMovesItsDatabaseAndServesFromTheOtherOneAlone(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			at.publicURL = "https://portal.example.com" // access tokens are for it
			to, url := at.other()
			p := at.start()
			session := p.setUp()
			key := p.walk(session)
			at.moves(url, exitConfig, "stop ")
			if body := p.mustPost(key, readPassword, nil); !strings.Contains(body, `"senha `) {
				t.Errorf("after a move that was refused: %s", body)
			}
			p.stop()

			at.moves(url, 0, "moved: ")
			if output, code := at.run(nil, "serve"); code != exitConfig || !strings.Contains(output, "was moved to another") {
				t.Errorf("the old database is served: exit %d, %s", code, output)
			}
			again := to.start()
			if again.setupToken != "" {
				t.Error("the moved portal wants to be set up")
			}
			if body := again.mustPost(key, readPassword, nil); !strings.Contains(body, `"senha `) {
				t.Errorf("%s", body)
			}
			again.mustPost(session, `{ products { edges { node { id } } } }`, nil) // nobody is logged out
			again.logIn()
			for _, command := range []string{"audit verify", "grants", "keyset verify"} {
				to.mustRun(nil, strings.Fields(command)...)
			}
			again.stop()
			at.moves(url, exitConfig, "there is data")
		})
	}
}

func TestAMoveNamesTheSettingThatIsWrongAndNoPassword(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	at.start().stop()
	for _, to := range []string{"mysql://u:secretpassword@h/d", "sqlite:", "postgres://u:secretpassword@h:x/d"} {
		output, code := at.run([]string{"CHAVEIRO_MOVE_TO=" + to}, "move")
		if code != exitConfig || strings.Contains(output, "secretpassword") {
			t.Errorf("%s: exit %d, %s", to, code, output)
		}
	}
	at.moves("postgres://postgres@/nothing?host="+at.path("nowhere"), 1, "nowhere")
	at.start().stop()
}
