package logging_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/logging"
)

// text is what a log wrote, for a test to read while a timer writes.
type text struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (x *text) Write(line []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.Write(line)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.String()
}

func TestLinesAreWrittenTogetherWithinATenthOfASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out text
		log, flush := logging.NewBuffered(&out, logging.JSON, slog.LevelInfo)
		defer flush()
		for range 3 {
			log.Info("a")
		}
		if out.String() != "" {
			t.Errorf("written at once: %s", out.String())
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := strings.Count(out.String(), "\n"); n != 3 {
			t.Errorf("%d lines after a tenth of a second, want 3", n)
		}
	})
}

func TestWarningsAndErrorsAreWrittenAtOnceBehindWhatWaited(t *testing.T) {
	t.Parallel()
	for _, level := range []slog.Level{slog.LevelWarn, slog.LevelError} {
		synctest.Test(t, func(t *testing.T) { // no time passes in it
			var out text
			log, _ := logging.NewBuffered(&out, logging.JSON, slog.LevelInfo)
			log.Info("first")
			log.With("a", 1).WithGroup("g").Log(context.Background(), level, "second")
			first, second, _ := strings.Cut(out.String(), "\n")
			if !strings.Contains(first, `"first"`) || !strings.Contains(second, `"second"`) {
				t.Errorf("%s: the log has %s", level, out.String())
			}
		})
	}
}

// pieces fails the test when a write is not of whole lines.
type pieces struct {
	t   *testing.T
	all bytes.Buffer
}

func (p *pieces) Write(piece []byte) (int, error) {
	if !bytes.HasSuffix(piece, []byte("}\n")) {
		p.t.Errorf("a write ends in the middle of a line: %q", piece)
	}
	return p.all.Write(piece)
}

func TestEveryLineOfManyWritersIsWrittenWholeAndThoseOfOneInOrder(t *testing.T) {
	t.Parallel()
	out := pieces{t: t}
	log, flush := logging.NewBuffered(&out, logging.JSON, slog.LevelInfo)
	const writers, each = 8, 2000
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				level := slog.LevelInfo
				if i%500 == 0 {
					level = slog.LevelWarn
				}
				log.Log(t.Context(), level, "x", "of", fmt.Sprintf("%d-%06d", w, i), "long", strings.Repeat("y", i%700))
			}
		})
	}
	writing.Wait()
	flush()
	lines := strings.Split(strings.TrimSuffix(out.all.String(), "\n"), "\n")
	if len(lines) != writers*each {
		t.Fatalf("%d lines, want %d", len(lines), writers*each)
	}
	last := map[string]string{}
	for _, line := range lines {
		_, of, _ := strings.Cut(line, `"of":"`)
		writer, number, _ := strings.Cut(of[:8], "-")
		if number <= last[writer] {
			t.Fatalf("line %s of writer %s comes after %s", number, writer, last[writer])
		}
		last[writer] = number
	}
}

func TestALineLongerThanTheBufferIsWrittenWhole(t *testing.T) {
	t.Parallel()
	out := pieces{t: t}
	log, flush := logging.NewBuffered(&out, logging.JSON, slog.LevelInfo)
	long := strings.Repeat("z", 300_000)
	for range 3 {
		log.Info(long)
	}
	flush()
	if n := strings.Count(out.all.String(), long); n != 3 {
		t.Errorf("%d lines are whole, want 3", n)
	}
}

// request is a line as the HTTP server logs one.
var request = []slog.Attr{
	slog.String("method", "POST"), slog.String("path", "/graphql"), slog.Int("status", 200), slog.Int("bytes", 1234),
	slog.String("duration", "1.5ms"), slog.String("address", "2001:db8::1"),
	slog.String("request_id", "06h20anfp5r93c5he5q69onmu8"), slog.String("principal", "access_key"),
	slog.String("principal_id", "key_06h20anfp5r93c5he5q69onmu8"), slog.String("operation", "Integration"),
}

func TestALineIsToTheByteThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 3, 4, 5, 678_900_000, time.FixedZone("BRT", -3*60*60))
	for name, attrs := range map[string][]slog.Attr{
		"of a request": request,
		"with quotes":  {slog.String("path", "/\"<é>\x01\u2028\xff\\"), slog.String("empty", "")},
		"of all kinds": {
			slog.Bool("b", true), slog.Float64("f", 1e21), slog.Uint64("u", 1<<63), slog.Time("t", at), slog.Any("nil", nil),
			slog.Any("list", []string{"a", "<"}), slog.Any("bytes", []byte("x")),
			slog.Group("g", slog.Int("n", 1), slog.Group("h", slog.String("s", "x"))), {},
		},
	} {
		for _, level := range []slog.Level{slog.LevelInfo, slog.LevelError, slog.LevelInfo + 1} {
			write := func(handler slog.Handler) {
				record := slog.NewRecord(at, level, "done: "+name, 0)
				record.AddAttrs(attrs...)
				handler = handler.WithAttrs([]slog.Attr{slog.String("given", "once")}).WithGroup("inner")
				if err := handler.Handle(t.Context(), record); err != nil {
					t.Error(err)
				}
			}
			var got, want bytes.Buffer
			log, flush := logging.NewBuffered(&got, logging.JSON, slog.LevelInfo)
			write(log.Handler())
			flush()
			write(slog.NewJSONHandler(&want, nil))
			if got.String() != want.String() {
				t.Errorf("%s, %s:\n%swant\n%s", name, level, got.String(), want.String())
			}
		}
	}
}

func TestADurationHasItsUnit(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]logging.Format{"text": logging.Text, "JSON": logging.JSON} {
		var out, buffered text
		logging.New(&out, format, slog.LevelInfo).Info("waited", "pause", 1500*time.Millisecond)
		log, flush := logging.NewBuffered(&buffered, format, slog.LevelInfo)
		log.Info("waited", "pause", 1500*time.Millisecond)
		flush()
		for _, line := range []string{out.String(), buffered.String()} {
			if !strings.Contains(line, "1.5s") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

func TestALineOfARequestCostsNoMoreAllocationsThanTheStandardLibrarys(t *testing.T) {
	allocations := func(log *slog.Logger) float64 {
		return testing.AllocsPerRun(1000, func() {
			log.LogAttrs(context.Background(), slog.LevelInfo, "request", request...)
		})
	}
	log, flush := logging.NewBuffered(io.Discard, logging.JSON, slog.LevelInfo)
	defer flush()
	plain := allocations(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	if got := allocations(log); got > plain+1 { // the race detector makes pools lose some of their buffers
		t.Errorf("%v allocations, want at most %v", got, plain)
	}
}

// Proves: 9.2
func TestASecretIsRedactedAlsoUnderTheTenThousandthName(t *testing.T) {
	t.Parallel()
	var out text
	log, flush := logging.NewBuffered(&out, logging.JSON, slog.LevelInfo)
	for i := range 10_000 {
		log.Info("x", fmt.Sprintf("secret_%d", i), "planted", fmt.Sprintf("plain_%d", i), "shown")
	}
	flush()
	if text := out.String(); strings.Contains(text, "planted") || strings.Count(text, "shown") != 10_000 {
		t.Error("the log has a secret, or lacks what is none")
	}
	if n := logging.Verdicts(); n > 1000 {
		t.Errorf("%d names are remembered", n)
	}
}
