package program

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/chaveiro/chaveiro/internal/base/brdoc"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// newSmallPlace is newPlace with a data folder on a small disk of its own.
func newSmallPlace(t *testing.T) *place {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	at := newPlace(t)
	must.Do(t, os.Mkdir(at.path("data"), 0o700))
	if err := syscall.Mount("tmpfs", at.path("data"), "tmpfs", 0, "size=12m,mode=0700"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(at.path("data"), syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return at
}

// fill leaves no room on the disk of the data folder, and returns what makes room again.
func (at *place) fill() (empty func()) {
	at.t.Helper()
	file, err := os.Create(at.path("data/something else"))
	must.Do(at.t, err)
	for size := 1 << 20; size > 0; size /= 2 {
		for err = error(nil); err == nil; {
			_, err = file.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			at.t.Fatal(err)
		}
	}
	must.Do(at.t, file.Close())
	return func() { must.Do(at.t, os.Remove(file.Name())) }
}

func TestABackupToAnotherDiskIsMadeWhileTheDataDiskIsFull(t *testing.T) {
	t.Parallel()
	at := newSmallPlace(t)
	at.env = append(at.env, "CHAVEIRO_OPERATOR_RATE=200")
	p := at.start()
	session := p.setUp()
	p.createClient(session, "Padaria São João", "12.ABC.345/01DE-35")
	empty := at.fill()

	answer := ""
	for i := range 2000 { // until what SQLite had room for is full too
		document, err := brdoc.CompleteCNPJ(fmt.Sprintf("11222333%04d", i))
		must.Do(t, err)
		answer, err = p.Post(session, `mutation($name: String!, $document: String!) {
			createClient(input: {name: $name, document: $document}) { client { id } } }`,
			vars{"name": strings.Repeat("Loja ", 30), "document": document.String()})
		must.Do(t, err)
		if strings.Contains(answer, `"errors"`) && !strings.Contains(answer, "RATE_LIMITED") {
			break
		}
	}
	if !strings.Contains(answer, `"code":"BUSY"`) || !strings.Contains(answer, "não consegue gravar agora") {
		t.Errorf("on a full disk: %s", answer)
	}
	if got := p.mustPost(session, `{ clients { totalCount } }`, nil); !strings.Contains(got, "totalCount") {
		t.Errorf("nothing can be read: %s", got)
	}
	output := at.mustRun(nil, "backup", at.path("running.backup"))
	if !strings.Contains(output, "the audit trail gets no event of this backup") || !strings.Contains(output, "wrote ") {
		t.Errorf("the backup says %s", output)
	}
	empty()
	p.createClient(session, "Mercado", "11.444.777/0001-61")
	p.stop()

	restored := newPlace(t)
	restored.env = append(restored.env, "CHAVEIRO_MASTER_KEY_FILE="+at.path("data.master.key"))
	restored.mustRun(nil, "restore", at.path("running.backup"))
}
