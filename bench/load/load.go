// Package load sends requests over connections that are kept alive, as fast as they are answered or at a rate, and
// checks each answer: the first that is wrong ends the run.
package load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long an answer may take.
const patience = 60 * time.Second

// Request is what is sent and what its answer must be.
type Request struct {
	// Text is the whole request, as HTTP/1.1 has it on the wire.
	Text []byte
	// Check says what is wrong with the answer.
	Check func(Answer) error
}

// Answer is what came back.
type Answer struct {
	Status int
	Body   []byte
	// head is the lines of its header, good until the next answer.
	head []byte
}

// Header returns the value of a header, or nothing.
func (a Answer) Header(name string) string { return string(headerValue(a.head, name)) }

// Lane is a kind of requests that runs beside others.
type Lane struct {
	Connections int
	// Every is how long a connection waits from one request to the next; 0 sends the next when the last is answered.
	Every time.Duration
	// Next returns the request of this number, counted over the connections of the lane; false ends the lane.
	Next func(number int) (Request, bool)
}

// Measured is what a lane took.
type Measured struct {
	// Took are the times of all answers.
	Took    []time.Duration
	Elapsed time.Duration
}

// Throughput is how many answers came in a second.
func (m Measured) Throughput() float64 { return float64(len(m.Took)) / m.Elapsed.Seconds() }

// Percentile returns the time that p of a hundred answers took at most.
func Percentile(took []time.Duration, p float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[max(int(math.Ceil(float64(len(sorted))*p/100)), 1)-1]
}

// Run runs lanes against an address for a time, and returns what each took.
func Run(ctx context.Context, address string, atMost time.Duration, lanes ...Lane) ([]Measured, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	measured := make([]Measured, len(lanes))
	var all sync.WaitGroup
	began := time.Now()
	for i, lane := range lanes {
		var (
			numbers atomic.Int64
			mu      sync.Mutex
			of      sync.WaitGroup
		)
		for range lane.Connections {
			of.Go(func() {
				took, err := lane.run(ctx, address, began.Add(atMost), &numbers)
				if err != nil {
					cancel(err)
				}
				mu.Lock()
				defer mu.Unlock()
				measured[i].Took = append(measured[i].Took, took...)
			})
		}
		all.Go(func() {
			of.Wait()
			measured[i].Elapsed = time.Since(began)
		})
	}
	all.Wait()
	return measured, context.Cause(ctx)
}

// run sends requests over one connection until the end, and at least one.
func (l Lane) run(ctx context.Context, address string, end time.Time, numbers *atomic.Int64) ([]time.Duration, error) {
	c, err := Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var took []time.Duration
	for ctx.Err() == nil && (len(took) == 0 || time.Now().Before(end)) {
		request, ok := l.Next(int(numbers.Add(1) - 1))
		if !ok {
			break
		}
		began := time.Now()
		if _, err := c.Send(request); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
		if l.Every > 0 {
			time.Sleep(time.Until(began.Add(l.Every)))
		}
	}
	return took, nil
}

// Connection is a connection that is kept alive.
type Connection struct {
	connection net.Conn
	reader     *bufio.Reader
	head, body bytes.Buffer
	// until is when the connection gives up what it waits for.
	until time.Time
}

// Dial opens a connection. The caller closes it.
func Dial(ctx context.Context, address string) (*Connection, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Connection{connection: connection, reader: bufio.NewReaderSize(connection, 16<<10)}, nil
}

// Close closes the connection.
func (c *Connection) Close() { _ = c.connection.Close() } // what was answered has been read

// Send sends a request and checks the answer, which is good until the next.
func (c *Connection) Send(request Request) (Answer, error) {
	if now := time.Now(); c.until.Sub(now) < patience/2 {
		c.until = now.Add(patience)
		if err := c.connection.SetDeadline(c.until); err != nil {
			return Answer{}, err
		}
	}
	if _, err := c.connection.Write(request.Text); err != nil {
		return Answer{}, err
	}
	answer, err := c.receive()
	if err != nil {
		return Answer{}, err
	}
	if err := request.Check(answer); err != nil {
		return answer, fmt.Errorf("%w: status %d, %.500s", err, answer.Status, answer.Body)
	}
	return answer, nil
}

// receive reads an answer. What the load costs is missing to the servers, which run on the same cores: so an answer
// that says how long it is, as nearly all do, is read without net/http, which took a third of the load's time.
func (c *Connection) receive() (Answer, error) {
	c.head.Reset()
	c.body.Reset()
	for {
		line, err := c.reader.ReadSlice('\n')
		c.head.Write(line)
		if err != nil {
			return Answer{}, fmt.Errorf("read the header of an answer: %w", err)
		}
		if len(line) <= len("\r\n") {
			break
		}
	}
	answer := Answer{head: c.head.Bytes()}
	var err error
	if answer.Status, err = statusOf(answer.head); err != nil {
		return Answer{}, err
	}
	if answer.Status == http.StatusNotModified {
		return answer, nil // it never has a body
	}
	length := headerValue(answer.head, "Content-Length")
	if length == nil {
		err = c.receiveBody(&answer)
		return answer, err
	}
	size, err := strconv.Atoi(string(length))
	if err != nil || size < 0 {
		return Answer{}, fmt.Errorf("an answer of %q bytes", length)
	}
	c.body.Grow(size)
	answer.Body = c.body.AvailableBuffer()[:size]
	_, err = io.ReadFull(c.reader, answer.Body)
	return answer, err
}

// receiveBody reads the body of an answer that does not say how long it is.
func (c *Connection) receiveBody(answer *Answer) error {
	all := bufio.NewReader(io.MultiReader(bytes.NewReader(answer.head), unbuffered{c.reader}))
	response, err := http.ReadResponse(all, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(&c.body, response.Body)
	answer.Body = c.body.Bytes()
	return err
}

// unbuffered reads byte by byte, so that a reader above it takes nothing of the next answer.
type unbuffered struct{ from *bufio.Reader }

func (u unbuffered) Read(into []byte) (int, error) { return u.from.Read(into[:min(len(into), 1)]) }

// statusOf returns the status of the header of an answer, whose first line is "HTTP/1.1 200 OK".
func statusOf(head []byte) (int, error) {
	_, rest, _ := bytes.Cut(head, []byte(" "))
	status, err := strconv.Atoi(string(rest[:min(len(rest), 3)]))
	if err != nil || !bytes.HasPrefix(head, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("an answer that begins %.40q", head)
	}
	return status, nil
}

// headerValue returns the value of a line of a header, or nil.
func headerValue(head []byte, name string) []byte {
	for line := range bytes.Lines(head) {
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			return bytes.TrimSpace(line[len(name)+1:])
		}
	}
	return nil
}
