package load_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/bench/load"
)

// serve answers rightly but for one time, and counts the connections.
func serve(t *testing.T) (address string, connections *atomic.Int64) {
	t.Helper()
	var answered atomic.Int64
	connections = &atomic.Int64{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answered.Add(1) == 50 {
			_, _ = w.Write([]byte("wrong"))
			return
		}
		_, _ = w.Write([]byte("right"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), connections
}

var errWrong = errors.New("the answer is wrong")

// sendOnce sends n requests, whose answers must be right.
func sendOnce(n int) func(int) (load.Request, bool) {
	return func(i int) (load.Request, bool) {
		return load.Request{
			Text: []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
			Check: func(a load.Answer) error {
				if string(a.Body) != "right" {
					return errWrong
				}
				return nil
			},
		}, i < n
	}
}

func TestARunSendsEachRequestOnceOverConnectionsThatAreKept(t *testing.T) {
	t.Parallel()
	address, connections := serve(t)
	measured, err := load.Run(t.Context(), address, time.Minute, load.Lane{Connections: 3, Next: sendOnce(49)})
	if err != nil {
		t.Fatal(err)
	}
	if len(measured[0].Took) != 49 || measured[0].Throughput() <= 0 || connections.Load() != 3 {
		t.Errorf("%d answers over %d connections", len(measured[0].Took), connections.Load())
	}
}

func TestOneWrongAnswerEndsARun(t *testing.T) {
	t.Parallel()
	address, _ := serve(t)
	_, err := load.Run(t.Context(), address, time.Minute, load.Lane{Connections: 3, Next: sendOnce(1_000_000)})
	if !errors.Is(err, errWrong) || !strings.Contains(err.Error(), "status 200, wrong") {
		t.Errorf("it says %v", err)
	}
}

func TestAnswersOfEachLengthAreReadOneAfterTheOther(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", r.URL.Path)
		switch r.URL.Path {
		case "/unchanged":
			w.WriteHeader(http.StatusNotModified)
		case "/chunked":
			for part := range strings.SplitSeq(long, " ") {
				_, _ = w.Write([]byte(part))
			}
			w.(http.Flusher).Flush()
		case "/long":
			w.Header().Set("Content-Length", strconv.Itoa(len(long)))
			_, _ = w.Write([]byte(long))
		}
	}))
	t.Cleanup(server.Close)
	connection, err := load.Dial(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	want := map[string]string{
		"/none": "", "/unchanged": "", "/long": long, "/chunked": strings.ReplaceAll(long, " ", ""),
	}
	for range 2 {
		for path, body := range want {
			_, err := connection.Send(load.Request{
				Text: []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
				Check: func(a load.Answer) error {
					if string(a.Body) != body || a.Header("ETag") != path {
						return errWrong
					}
					return nil
				},
			})
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestAPercentileIsWhatSoManyAnswersTookAtMost(t *testing.T) {
	t.Parallel()
	took := make([]time.Duration, 100)
	for i := range took {
		took[99-i] = time.Duration(i + 1)
	}
	if p50, p99 := load.Percentile(took, 50), load.Percentile(took, 99); p50 != 50 || p99 != 99 {
		t.Errorf("of 1 to 100 half are said to be at most %d, and 99 at most %d", p50, p99)
	}
}
