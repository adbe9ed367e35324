package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/etag"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/store/storetest"
)

// proxyExample is an example from the folder deploy, and how the test runs it: without certificates, on this machine,
// with compressed answers.
type proxyExample struct {
	file              string
	replace           []string // pairs of a text in the example and its replacement; PORT is where callers connect
	around            string   // the whole configuration; EXAMPLE is the example, DIR a folder for what the proxy writes
	program, packages string
	args              []string // CONFIG is the file
}

var proxyExamples = map[string]proxyExample{
	"nginx": {
		file: "portal.nginx.conf",
		replace: []string{
			"listen 443 ssl http2;", "listen 127.0.0.1:PORT;",
			"ssl_certificate /etc/ssl/certs/portal.pem;", "", "ssl_certificate_key /etc/ssl/private/portal.key;", "",
		},
		around: "daemon off;\npid DIR/pid;\nerror_log DIR/log;\nevents {}\nhttp {\naccess_log off;\ngzip on;\ngzip_types " +
			"application/json;\ngzip_proxied any;\n" +
			"client_body_temp_path DIR;\nproxy_temp_path DIR;\nfastcgi_temp_path DIR;\nuwsgi_temp_path DIR;\nscgi_temp_path " +
			"DIR;\nEXAMPLE\n}\n",
		program: "nginx", packages: "nginx",
		args: []string{"-c", "CONFIG", "-e", "DIR/log"},
	},
	"Apache": {
		file: "portal.apache.conf",
		replace: []string{
			"<VirtualHost *:443>", "<VirtualHost 127.0.0.1:PORT>", "Protocols h2 http/1.1", "SetOutputFilter DEFLATE",
			"SSLEngine on", "",
			"SSLCertificateFile /etc/ssl/certs/portal.pem", "", "SSLCertificateKeyFile /etc/ssl/private/portal.key", "",
		},
		around: "ServerRoot DIR\nServerName localhost\nPidFile DIR/pid\nErrorLog DIR/log\nListen 127.0.0.1:PORT\nMutex " +
			"file:DIR default\nDefaultRuntimeDir DIR\n" +
			"<IfModule !mpm_event_module>\nLoadModule mpm_event_module MODULES/mod_mpm_event.so\n</IfModule>\n" +
			"LoadModule authz_core_module MODULES/mod_authz_core.so\nLoadModule headers_module MODULES/mod_headers.so\n" +
			"LoadModule filter_module MODULES/mod_filter.so\nLoadModule deflate_module MODULES/mod_deflate.so\n" +
			"LoadModule proxy_module MODULES/mod_proxy.so\nLoadModule proxy_http_module MODULES/mod_proxy_http.so\n" +
			"User www-data\nGroup www-data\nEXAMPLE\n",
		program: "apache2", packages: "apache2",
		args: []string{"-f", "CONFIG", "-DFOREGROUND"},
	},
	"HAProxy": {
		file: "portal.haproxy.cfg",
		replace: []string{"bind :443 ssl crt /etc/haproxy/portal.pem alpn h2,http/1.1",
			"bind 127.0.0.1:PORT\n\tcompression algo gzip\n\tcompression type application/json"},
		around: "EXAMPLE", program: "haproxy", packages: "haproxy", args: []string{"-db", "-f", "CONFIG"},
	},
	"Caddy": {
		file:    "Caddyfile",
		replace: []string{"portal.example.com {", "http://portal.example.com:PORT {\n\tbind 127.0.0.1\n\tencode gzip"},
		around:  "{\n\tadmin off\n\tauto_https off\n\tstorage file_system DIR\n}\nEXAMPLE",
		program: "caddy", packages: "caddy", args: []string{"run", "--config", "CONFIG", "--adapter", "caddyfile"},
	},
}

// run starts the proxy in front of a portal at an address, and returns the address for callers.
func (e proxyExample) run(t *testing.T, portal string) (address string) {
	t.Helper()
	program := storetest.Installed(t, e.program, e.packages)
	example, err := os.ReadFile(filepath.Join("../../deploy", e.file))
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = free.Close()
	dir, err := os.MkdirTemp("", "chaveiro-proxy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { // #nosec G302 -- the proxy writes there as another user
		t.Fatal(err)
	}
	text := string(example)
	for i := 0; i < len(e.replace); i += 2 {
		if !strings.Contains(text, e.replace[i]) {
			t.Fatalf("%s has no line %q", e.file, e.replace[i])
		}
		text = strings.ReplaceAll(text, e.replace[i], e.replace[i+1])
	}
	names := strings.NewReplacer("EXAMPLE", text)
	values := strings.NewReplacer("PORT", port, "DIR", dir, "MODULES", "/usr/lib/apache2/modules", "127.0.0.1:8080",
		portal, "portal.example.com", "portal.example")
	config := filepath.Join(dir, "config")
	if err := os.WriteFile(config, []byte(values.Replace(names.Replace(e.around))), 0o644); err != nil { // #nosec G306 -- as above
		t.Fatal(err)
	}
	args := make([]string, len(e.args))
	for i, arg := range e.args {
		args[i] = strings.NewReplacer("CONFIG", config, "DIR", dir).Replace(arg)
	}
	command := exec.Command(program, args...) // #nosec G204 -- Installed found it
	command.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	var said logBuffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Signal(os.Interrupt); _ = command.Wait() })
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return address
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Fatalf("%s does not begin: %v\n%s\n%s", program, err, said.String(), log)
		}
	}
}

// behindProxy answers with the origin's address, sets an ETag, and streams an event.
func behindProxy(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "event: next\ndata: {}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	answer := etag.From(r.Context())
	answer.Set("v1-x_y")
	if answer.Matches("v1-x_y") {
		answer.NotModified()
	}
	_, _ = fmt.Fprintf(w, `{"address":%q,"filler":%q}`, audit.OriginFrom(r.Context()).Address,
		strings.Repeat("compress me ", 200))
}

// Proves: 12.1
func TestTheExamplesOfProxiesPassOnWhatThePortalNeeds(t *testing.T) {
	t.Parallel()
	for name, example := range proxyExamples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, func(o *httpserver.Options) {
				o.GraphQL = http.HandlerFunc(behindProxy)
				o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
			})
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
			var serving sync.WaitGroup
			serving.Go(func() { _ = p.Serve(ctx, listener) })
			t.Cleanup(func() { stop(); serving.Wait() })
			proxy := example.run(t, listener.Addr().String())

			// The caller has another address than the proxy.
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
			client := http.Client{Timeout: time.Minute,
				Transport: &http.Transport{DialContext: dialer.DialContext, DisableCompression: true}}
			t.Cleanup(client.CloseIdleConnections)
			send := func(method, path string, headers ...string) *http.Response {
				t.Helper()
				r, err := http.NewRequestWithContext(t.Context(), method, "http://"+proxy+path,
					strings.NewReader(map[string]string{"POST": query}[method]))
				if err != nil {
					t.Fatal(err)
				}
				r.Host = "portal.example"
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+goodKey)
				for i := 0; i < len(headers); i += 2 {
					r.Header.Set(headers[i], headers[i+1])
				}
				answer, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = answer.Body.Close() })
				return answer
			}

			answer := send("POST", "/graphql", "X-Forwarded-For", "203.0.113.66", "Forwarded", "for=203.0.113.66")
			body, err := io.ReadAll(answer.Body)
			if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), `"address":"127.0.0.2"`) {
				t.Errorf("the address: %d %.200s %v", answer.StatusCode, body, err)
			}

			const poll = "/graphql?query=%7Bintegration%7Brevision%7D%7D"
			first := send("GET", poll, "Accept-Encoding", "gzip")
			_, _ = io.Copy(io.Discard, first.Body)
			tag := first.Header.Get("ETag")
			if again := send("GET", poll, "Accept-Encoding", "gzip", "If-None-Match", tag); tag == "" ||
				again.StatusCode != http.StatusNotModified {
				t.Errorf("with the tag %s (Content-Encoding %q) the answer is %d", tag, first.Header.Get("Content-Encoding"),
					again.StatusCode)
			}

			event, err := bufio.NewReader(send("POST", "/graphql", "Accept", "text/event-stream").Body).ReadString('\n')
			if err != nil || event != "event: next\n" {
				t.Errorf("the first event is %q, %v", event, err)
			}
		})
	}
}
