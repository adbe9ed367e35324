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
	Header http.Header
	Body   []byte
}

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
	body       bytes.Buffer
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

// Send sends a request and checks the answer, whose body is good until the next.
func (c *Connection) Send(request Request) (Answer, error) {
	if err := c.connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return Answer{}, err
	}
	if _, err := c.connection.Write(request.Text); err != nil {
		return Answer{}, err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return Answer{}, err
	}
	c.body.Reset()
	if _, err := io.Copy(&c.body, response.Body); err != nil {
		return Answer{}, err
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: c.body.Bytes()}
	if err := request.Check(answer); err != nil {
		return answer, fmt.Errorf("%w: status %d, %.500s", err, answer.Status, answer.Body)
	}
	return answer, nil
}
