package program

import (
	"net"
	"strings"
	"testing"

	"github.com/chaveiro/chaveiro/internal/app/traces/tracestest"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// Proves: 9.4
func TestTracesAreOffUntilACollectorIsNamed(t *testing.T) {
	t.Parallel()
	collector := tracestest.New(t)
	at := newPlace(t)
	at.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + collector.URL.Host, "OTEL_TRACES_EXPORTER=otlp"}
	p := at.start()
	p.mustPost(p.walk(p.setUp()), readPassword, nil)
	p.stop()
	if raw := collector.Raw(); raw != "" || strings.Contains(p.Output(), "traces") {
		t.Errorf("%d bytes came, and the log says:\n%s", len(raw), p.Output())
	}
}

// Proves: 9.4
func TestTracesReachTheirCollectorByTheStopAndTellNoSecret(t *testing.T) {
	t.Parallel()
	collector := tracestest.New(t)
	at := newPlace(t)
	at.env = []string{"CHAVEIRO_TRACES_TO=http://" + collector.URL.Host}
	p := at.start()
	session := p.setUp()
	key := p.walk(session)
	p.mustPost(key, readPassword, nil)
	p.mustPost(key, readPassword, nil)
	p.mustPost(session, `query plantedName($s: String!) { clients(search: $s) { totalCount } }`, vars{"s": "planted search"})
	p.stop()
	if len(collector.Spans("POST /graphql")) < 4 || len(collector.Spans("answer operation")) < 4 {
		t.Errorf("only %d spans came", len(collector.Spans()))
	}
	raw := collector.Raw()
	for _, secret := range []string{
		session, key, goodPassword, "senha da loja", "Padaria", "ana@example.com", "12ABC34501DE35", "planted", "127.0.0.1",
		"marketplaces",
	} {
		if strings.Contains(raw, secret) {
			t.Errorf("the traces tell %q", secret)
		}
	}
}

func TestACollectorThatIsAwayOrSilentHoldsUpNoRequestAndNoStop(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and never answers
	must.Do(t, err)
	defer func() { _ = silent.Close() }()
	away, err := net.Listen("tcp", "127.0.0.1:0")
	must.Do(t, err)
	must.Do(t, away.Close())
	for name, address := range map[string]string{"away": away.Addr().String(), "silent": silent.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := newPlace(t)
			at.env = []string{"CHAVEIRO_TRACES_TO=http://" + address, "CHAVEIRO_KEY_RATE=100"}
			p := at.start()
			key := p.walk(p.setUp())
			for range 50 {
				if body := p.mustPost(key, readPassword, nil); !strings.Contains(body, "senha da loja") {
					t.Fatalf("a read is answered %s", body)
				}
			}
			p.stop()
			if n := strings.Count(p.Output(), "could not be sent"); n < 1 || n > 2 {
				t.Errorf("the log says %d times that traces are lost:\n%s", n, p.Output())
			}
		})
	}
}
