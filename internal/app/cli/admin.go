package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/store"
)

// createAdmin makes an operator from the command line. Where there is no installation yet, it makes one.
func (i *invocation) createAdmin(ctx context.Context, command config.AdminCreate) error {
	isNew, err := store.IsEmpty(ctx, i.settings.OwnDatabaseURL())
	if err != nil {
		return err
	}
	options := i.portalOptions()
	options.AsIs = !isNew
	p, err := portal.Open(ctx, options)
	if err != nil {
		return err
	}
	defer p.Close()
	secret, err := readPassword(i.stdin, i.stdout)
	if err != nil {
		return err
	}
	made, err := p.Operators.Create(principal.AsSystem(ctx, "command line"), operator.Input{
		Name: command.Name, Email: command.Email, Password: secret, Role: command.Role,
	})
	var wrong fault.List
	if errors.As(err, &wrong) {
		english := i18n.With(ctx, i18n.English)
		text := i18n.Text(english, "error."+string(wrong[0].Code), wrong[0].Args...)
		return fmt.Errorf("%s: %s", strings.Join(wrong[0].Field, "."), text)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(i.stdout, "made %s %s\n", made.Role, made.Email)
	return err
}

// readPassword asks for a password at a terminal, or reads one line of standard input.
func readPassword(stdin io.Reader, stdout io.Writer) (string, error) {
	if file, ok := stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		_, _ = fmt.Fprint(stdout, "Password: ")
		secret, err := term.ReadPassword(int(file.Fd()))
		_, _ = fmt.Fprintln(stdout)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return string(secret), nil
	}
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
