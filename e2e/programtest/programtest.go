// Package programtest builds the program and runs it as a process, for the tests beside it and above it.
package programtest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/must"
)

// Main builds the program in a folder, passes its path to built, and runs the tests of a package. The flags in
// CHAVEIRO_TEST_BUILD build it as it is shipped. Main returns the exit status.
func Main(m *testing.M, folder string, built func(binary string)) int {
	dir, err := os.MkdirTemp("", "chaveiro-test-*")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "chaveiro")
	build := append([]string{"build", "-o", binary}, strings.Fields(os.Getenv("CHAVEIRO_TEST_BUILD"))...)
	command := exec.Command("go", append(build, ".")...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	built(binary)
	return m.Run()
}

// Process is the running program.
type Process struct {
	URL     string
	Host    string       // of the public URL, when that is not where the program listens
	Client  *http.Client // sends what Post sends; nil is the default one
	Command *exec.Cmd
	Ended   <-chan struct{} // closed when the program has ended and all that it wrote is read

	t     *testing.T
	mu    sync.Mutex
	lines []string
}

// Launch starts the program, which must serve at address. The end of the test kills it.
func Launch(t *testing.T, command *exec.Cmd, address string) *Process {
	t.Helper()
	ended := make(chan struct{})
	p := &Process{URL: "http://" + address, Command: command, Ended: ended, t: t}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
	}()
	t.Cleanup(p.Kill)
	return p
}

// WaitReady waits until the program serves and has logged so.
func (p *Process) WaitReady() {
	p.t.Helper()
	must.WaitFor(p.t, time.Minute, "the program serves", func() bool {
		select {
		case <-p.Ended:
			p.t.Fatalf("the program ended:\n%s", p.Output())
		default:
		}
		answer, err := http.Get(p.URL + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK && strings.Contains(p.Output(), "the portal is ready")
	})
}

// Output returns what the program has written.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// stopTime exceeds the longest stop: the longest call that spends a token, and the wait for the database.
const stopTime = 90 * time.Second

// Stop ends the program with a signal, and checks that it exits without an error.
func (p *Process) Stop(by syscall.Signal) {
	p.t.Helper()
	if err := p.Command.Process.Signal(by); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.Ended:
	case <-time.After(stopTime):
		p.t.Fatalf("the program has not ended %s after %s\n%s", stopTime, by, p.Output())
	}
	if err := p.Command.Wait(); err != nil {
		p.t.Errorf("the program did not end well after %s: %v\n%s", by, err, p.Output())
	}
}

// Kill ends the program as a loss of the machine would.
func (p *Process) Kill() {
	_ = p.Command.Process.Kill()
	<-p.Ended
	_ = p.Command.Wait()
}

// Post sends a document with an access key or access token, if any, and returns the answer.
func (p *Process) Post(credential, query string, variables map[string]any) (string, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Host = p.Host
	request.Header.Set("Content-Type", "application/json")
	if credential != "" {
		request.Header.Set("Authorization", "Bearer "+credential)
	}
	answer, err := cmp.Or(p.Client, http.DefaultClient).Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	return string(data), err
}

// nextPort is below the system's ephemeral ports, so that no other process gets one of these by chance.
var nextPort = func() *atomic.Int32 {
	var first atomic.Int32
	first.Store(20_000 + rand.Int32N(10_000))
	return &first
}()

// FreeAddress returns an address of this machine without a listener.
func FreeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", nextPort.Add(1))
		if listener, err := net.Listen("tcp", address); err == nil {
			_ = listener.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}
