package portal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/term"
)

// setupName is the file in the data folder that has the link for the first administrator.
const setupName = "setup-link"

// announceSetup prints the link for the first administrator, if out is a terminal. Another output may be kept and read
// by others, as a journal is: then the link goes into a file for this user alone, and the log names the file. token is
// empty when there is an administrator: then announceSetup only removes the file of an earlier start.
func announceSetup(out io.Writer, dataDir, url, token string, log *slog.Logger) error {
	path := filepath.Join(dataDir, setupName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the set-up link of an earlier start: %w", err)
	}
	if token == "" {
		return nil
	}
	link := url + "/setup#token=" + token
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		_, err := fmt.Fprintf(out, "\n  First start: make the first administrator with this link, within 30 minutes.\n"+
			"  Primeiro início: crie o primeiro administrador com este link, em até 30 minutos.\n\n  %s\n\n", link)
		return err
	}
	if err := writeNew(path, link+"\n"); err != nil {
		return fmt.Errorf("write the set-up link: %w", err)
	}
	log.Warn("there is no administrator: make the first with the link in the file, within 30 minutes", "file", path)
	return nil
}

// writeNew writes a file that this user alone may read. It refuses one that exists, also when that is a link.
func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
