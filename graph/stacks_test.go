package graph_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// stacks is the folder of the programs that call the portal in these tests.
const stacks = "testdata/stacks"

// onNetwork serves the portal over plain HTTP on this machine, and returns the address of its API. Only the Host header
// is replaced by the portal's; the rest of a request is as the client wrote it.
func (p *portal) onNetwork(t *testing.T) string {
	t.Helper()
	public, err := url.Parse(publicURL)
	must.Do(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = public.Host
		p.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/graphql"
}

// output runs a program and returns what it writes.
func output(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = dir
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
	return string(said)
}

// installNodeClients installs the packages of the clients for Node, once, in their folder.
var installNodeClients = sync.OnceValue(func() error {
	dir := filepath.Join(stacks, "node")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
		return nil
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if said, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, said)
	}
	return nil
})

// nodeClients returns the folder of the clients for Node.
func nodeClients(t *testing.T) string {
	t.Helper()
	storetest.Installed(t, "node", "nodejs")
	storetest.Installed(t, "npm", "npm")
	if err := installNodeClients(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return filepath.Join(stacks, "node")
}

// Each client is used as its documentation shows, without a setting for this portal.
// Proves: 4.2
func TestRealClientsGetIn(t *testing.T) {
	t.Parallel()
	clients := map[string]func(t *testing.T, api, key string) string{
		"curl, which offers HTTP/2": func(t *testing.T, api, key string) string {
			return output(t, "", storetest.Installed(t, "curl", "curl"), "--http2", "--silent", "--show-error", api,
				"--header", "Authorization: Bearer "+key, "--json", `{"query": "{ integration { client { name } } }"}`)
		},
		"curl with a user": func(t *testing.T, api, key string) string {
			return output(t, "", storetest.Installed(t, "curl", "curl"), "--silent", "--show-error", "--user", "erp:"+key,
				"--get", api,
				"--data-urlencode", "query={ integration { client { name } } }")
		},
		"Java": func(t *testing.T, api, key string) string {
			return output(t, "", storetest.Installed(t, "java", "default-jdk-headless"),
				filepath.Join(stacks, "Client.java"), api, key)
		},
		"PHP": func(t *testing.T, api, key string) string {
			return output(t, "", storetest.Installed(t, "php", "php-cli"), filepath.Join(stacks, "client.php"), api, key)
		},
		"Free Pascal": func(t *testing.T, api, key string) string {
			compiler := storetest.Installed(t, "fpc", "fp-compiler", "fp-units-fcl", "fp-units-net")
			program := filepath.Join(t.TempDir(), "client")
			output(t, "", compiler, "-v0", "-o"+program, "-FU"+t.TempDir(), filepath.Join(stacks, "client.pas"))
			return output(t, "", program, api, key)
		},
		"Python": func(t *testing.T, api, key string) string {
			return output(t, "", storetest.Installed(t, "python3", "python3"), filepath.Join(stacks, "client.py"), api, key)
		},
		"Apollo": func(t *testing.T, api, key string) string {
			return output(t, nodeClients(t), "node", "apollo.js", api, key)
		},
		"urql": func(t *testing.T, api, key string) string {
			return output(t, nodeClients(t), "node", "urql.js", api, key)
		},
		"graphql-sse": func(t *testing.T, api, key string) string {
			return output(t, nodeClients(t), "node", "sse.js", api, key)
		},
		"Go": func(t *testing.T, api, key string) string {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api,
				strings.NewReader(`{"query": "{ integration { client { name } } }"}`))
			must.Do(t, err)
			request.Header.Set("Authorization", "Bearer "+key)
			request.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(request)
			must.Do(t, err)
			defer func() { _ = answer.Body.Close() }()
			body, err := io.ReadAll(answer.Body)
			must.Do(t, err)
			return string(body)
		},
	}
	for name, call := range clients {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, p *portal) {
				shop := p.newShop(t, "Loja da esquina")
				if said := call(t, p.onNetwork(t), string(shop.key)); !strings.Contains(said, `"name":"Loja da esquina"`) {
					t.Errorf("it says %s", said)
				}
			})
		})
	}
}
