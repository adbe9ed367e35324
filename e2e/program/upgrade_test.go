package program

import (
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// In testdata/upgrade is a database of the version before the hosts of secrets were bound and the rows that grant had
// MACs, with its master key, made by that program: an administrator, an invitation, and a shop with a ShowKase
// connection and two keys, the second of which is taken from 203.0.113.0/24 alone.
const (
	keyOfBefore      = "chv_" + "test_QCCt0OklLcZA_XpS1d615eRySHSypk95K4OnAUWb8UGl95uy6YSBKX882F5OaO"
	boundKeyOfBefore = "chv_" + "test_AG91oRXrrasN_zMflpsr3ocbWuOtZqM0Kgewmog0ZQJLiYMQu8IOJVpJ2CWsFG"
)

// before puts the database of the version before in a place.
func (at *place) before() {
	at.t.Helper()
	must.Do(at.t, os.Mkdir(at.path("data"), 0o700))
	packed, err := os.Open("e2e/program/testdata/upgrade/chaveiro.db.gz")
	must.Do(at.t, err)
	defer func() { _ = packed.Close() }()
	unpacked, err := gzip.NewReader(packed)
	must.Do(at.t, err)
	content, err := io.ReadAll(unpacked)
	must.Do(at.t, err)
	must.Do(at.t, os.WriteFile(at.path("data/chaveiro.db"), content, 0o600))
	master, err := os.ReadFile("e2e/program/testdata/upgrade/master.key")
	must.Do(at.t, err)
	must.Do(at.t, os.WriteFile(at.path("data.master.key"), master, 0o600))
}

// Proves: 6.9
func TestAnInstallationOfTheEarlierVersionStillWorksAndIsAuthenticatedOnce(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	at.before()
	const read = `{ integration { marketplaces { credentials { ... on ShowKaseCredentials { token } } } } }`
	opens := func(p *process, key string) bool {
		body, err := p.Post(key, read, nil)
		must.Do(t, err)
		return strings.Contains(body, "planted-token-4")
	}

	keyset, canary := at.text(`SELECT CAST(encrypted AS TEXT) FROM keysets`), at.text(`SELECT hex(canary) FROM keysets`)
	p := at.start("--dev")
	if !opens(p, keyOfBefore) {
		t.Error("the key does not open")
	}
	if body, err := p.Post(boundKeyOfBefore, read, nil); err != nil || !strings.Contains(body, "ADDRESS_NOT_ALLOWED") {
		t.Errorf("the bound key: %s, %v", body, err)
	}
	body, err := p.Post("",
		`mutation($password: String!) { login(input: {email: "ana@example.com", password: $password}) `+sessionFields+` }`,
		vars{"password": "correct horse battery staple"})
	must.Do(t, err)
	accessToken(t, body)
	if !strings.Contains(p.Output(), "authenticated the rows") {
		t.Error("the log does not say that the rows were authenticated")
	}
	const adopted = `SELECT COUNT(*) FROM audit_events WHERE action = 'portal.adopt'`
	at.query(adopted, 1)
	at.query(`SELECT COUNT(*) FROM keysets WHERE CAST(encrypted AS TEXT) LIKE '%"version":4%'`, 1)
	p.stop()
	if output := at.mustRun(nil, "grants"); !strings.Contains(output, "as the portal wrote it") {
		t.Errorf("grants: %s", output)
	}
	if output := at.mustRun(nil, "audit", "verify"); !strings.Contains(output, "whole") {
		t.Errorf("the trail: %s", output)
	}

	// The next start must not adopt a later change, whatever else was removed with it.
	at.exec(`UPDATE access_keys SET addresses = NULL, mac = NULL WHERE addresses IS NOT NULL`)
	p = at.start("--dev")
	for _, key := range []string{keyOfBefore, boundKeyOfBefore} {
		if opens(p, key) == (key == boundKeyOfBefore) {
			t.Errorf("%.20s… opens: %t", key, opens(p, key))
		}
	}
	p.stop()
	at.query(adopted, 1)

	// Nor when an attacker puts an older copy of the keyset back.
	at.exec("UPDATE keysets SET encrypted = CAST('" + keyset + "' AS BLOB), canary = x'" + canary + "'")
	if output, code := at.run(nil, "serve", "--dev"); code != 78 || !strings.Contains(output, "older than the rows") {
		t.Errorf("with the keyset of before: exit %d, %s", code, output)
	}
	at.query(adopted, 1)
}

// besides returns the commands beside the server that open the database, each with its arguments.
func besides(at *place) [][]string {
	return [][]string{
		{"admin", "create", "--email=rui@example.com", "--name=Rui"}, {"answers"}, {"audit", "verify"},
		{"backup", at.path("out.backup")}, {"grants"}, {"grants", "--adopt=key_1"}, {"hosts"},
		{"hosts", "--move=NUVEMSHOP", "--from=api.example.com"},
		{"keyset", "rotate", "--settle=20s"}, {"keyset", "verify"}, {"signing-key", "rotate"},
	}
}

func TestOnlyTheServerAndMigrateMigrate(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	at.before()
	const version = `SELECT CAST(MAX(version_id) AS TEXT) FROM schema_migrations`
	was := at.text(version)
	for _, command := range besides(at) {
		output, code := at.run(nil, command...)
		if code != 78 || !strings.Contains(output, "migrations behind this program") {
			t.Errorf("%q: exit %d: %s", command, code, output)
		}
		if is := at.text(version); is != was {
			t.Fatalf("%q has migrated the database from %s to %s", command, was, is)
		}
	}
	at.mustRun(nil, "migrate")
	if is := at.text(version); is == was {
		t.Error("migrate has migrated nothing")
	}
	at.mustRun(nil, "backup", at.path("out.backup"))
}

// The first administrator may be made before the first start.
func TestNoCommandButTheFirstAdministratorMakesAnInstallation(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	for _, command := range besides(at) {
		if command[0] == "admin" {
			continue
		}
		output, code := at.run(nil, command...)
		if code != 78 || !strings.Contains(output, "nothing in the database") {
			t.Errorf("%q: exit %d: %s", command, code, output)
		}
		if _, err := os.Stat(at.path("data")); !os.IsNotExist(err) {
			t.Fatalf("%q has made the data folder: %v", command, err)
		}
	}
}

// An attacker with the database alone cannot turn the keyset into one of the earlier version, so that the next start
// would adopt forged rows.
// Proves: 6.9
func TestAKeysetForgedAsOneOfTheEarlierVersionIsRefused(t *testing.T) {
	t.Parallel()
	at := newPlace(t)
	at.start().stop()
	at.exec(`UPDATE keysets SET encrypted = CAST(REPLACE(CAST(encrypted AS TEXT), '"version":4', '"version":3') AS BLOB)`)
	if output, code := at.run(nil, "serve"); code != 78 || !strings.Contains(output, "damaged") {
		t.Errorf("exit %d: %s", code, output)
	}
}

// Proves: 6.9
func TestARowChangedOutsideThePortalIsListedAndAdoptedOnlyByItsID(t *testing.T) {
	t.Parallel()
	for name, newPlace := range places(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			p := at.start()
			p.setUp()
			at.exec(`UPDATE operators SET email = 'eva@example.com'`)
			body, err := p.Post("", `mutation($password: String!) { login(input: {email: "eva@example.com", password: $password})
				`+sessionFields+` }`,
				vars{"password": goodPassword})
			if err != nil || !strings.Contains(body, "INVALID_CREDENTIALS") {
				t.Errorf("a log-in is answered %s, %v", body, err)
			}
			id := at.text(`SELECT id FROM operators`)
			p.says(id)
			p.stop()
			if output, code := at.run(nil, "grants"); code != 1 || !strings.Contains(output, "operators "+id) {
				t.Errorf("grants: exit %d, %s", code, output)
			}
			if output, code := at.run(nil, "doctor"); code != 1 || !strings.Contains(output, id) {
				t.Errorf("doctor: exit %d, %s", code, output)
			}
			if output, code := at.run(nil, "grants", "--adopt=opr_nobody"); code == 0 ||
				!strings.Contains(output, "opr_nobody") {
				t.Errorf("of nobody: exit %d, %s", code, output)
			}
			at.mustRun(nil, "grants", "--adopt="+id)
			at.query(`SELECT COUNT(*) FROM audit_events WHERE action = 'portal.adopt' AND object_id = '`+id+`'`, 1)
			if output := at.mustRun(nil, "grants"); !strings.Contains(output, "as the portal wrote it") {
				t.Errorf("afterwards: %s", output)
			}
		})
	}
}

// text returns a text from the database.
func (at *place) text(statement string) (found string) {
	at.t.Helper()
	db := at.db()
	defer func() { _ = db.Close() }()
	must.Do(at.t, db.QueryRow(statement).Scan(&found))
	return found
}
