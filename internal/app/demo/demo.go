// Package demo is what `chaveiro demo` adds to the portal: simulated providers on this machine, and sample clients in
// every state that are connected to them. All shops, people, passwords and tokens in it are made up.
package demo

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The administrator of the demonstration. The password is not a secret: only this machine can reach the portal, and its
// data is made up.
const (
	Email        = "demo@example.com"
	Password     = "quatro lojas e dez clientes"
	operatorName = "Dina Demonstração"
)

// marker is the file that marks a folder as made by the demonstration.
const marker = "made-by-chaveiro-demo"

// Prepare creates the data folder of the demonstration. In the folder of an earlier demonstration it deletes the
// database, because the simulated providers no longer know its tokens. For any other folder it returns an error of one
// sentence, and changes nothing.
func Prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	_, err = os.Lstat(filepath.Join(dir, marker))
	switch {
	case len(entries) == 0:
		text := "chaveiro demo made this folder, and deletes the database in it at each start.\n"
		if err := os.WriteFile(filepath.Join(dir, marker), []byte(text), 0o600); err != nil {
			return fmt.Errorf("--data-dir: %w", err)
		}
		return nil
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf(
			"--data-dir: %s was not made by chaveiro demo, which begins with an empty database: name another folder", dir)
	case err != nil:
		return fmt.Errorf("--data-dir: %w", err)
	}
	for _, end := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		if err := os.Remove(filepath.Join(dir, "chaveiro.db"+end)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("delete the old database: %w", err)
		}
	}
	return nil
}

// Welcome prints the addresses and what to try, in Portuguese and in English. It writes to the terminal, not to the
// log.
func (p *Providers) Welcome(w io.Writer, portal string) error {
	var panels strings.Builder
	for i, twin := range p.Twins() {
		_, _ = fmt.Fprintf(&panels, "    %-15s %s\n", twin.Name(), p.address(i))
	}
	_, err := fmt.Fprintf(w, `
  Demonstração do Chaveiro: as lojas, as senhas e os provedores são de mentira, e cada início começa do zero.
  Demonstration of Chaveiro: shops, passwords and providers are made up, and each start begins anew.

  Portal            %[1]s
  E-mail            %[2]s
  Senha/password    %[3]s

  Painéis dos provedores simulados / control panels of the simulated providers
%[4]s
  Experimente:
    1. Abra o cliente %[5]s e conecte a Nuvemshop: a página de consentimento pede o aceite do lojista.
    2. No painel do Plug4Market clique em "Recusar o token" da loja %[6]s (%[7]s) e teste a conexão no
       portal: ele busca um par novo sozinho, com o acesso da software house, uma vez por hora. Gere novos tokens
       e teste de novo: agora ela pede atenção. Cole o par no portal.
    3. Corrija a senha da Meu Carrinho do cliente %[8]s: a certa está no painel da Meu Carrinho.

  Try:
    1. Open the client %[5]s and connect Nuvemshop: the consent page asks for the merchant's yes.
    2. In Plug4Market's panel press "Recusar o token" for the shop %[6]s (%[7]s) and test the connection in
       the portal: it gets a new pair by itself, with the software house's log-in, once an hour. Make new tokens
       and test again: now it needs attention. Paste the pair into the portal.
    3. Mend the Meu Carrinho password of the client %[8]s: the right one is in Meu Carrinho's panel.

  Ctrl+C encerra / ends it.

`, portal, Email, Password, &panels, florDeLis.name, boaSafra.document, boaSafra.name, vidaLeve.name)
	return err
}
