// Package outbound is the one way by which the portal calls another system over
// HTTP: providers' APIs, and whatever else an operator gives an address of.
//
// It reaches public addresses only, over https on port 443, whatever a name
// resolves to and however often it changes. It follows no redirect, uses no proxy,
// keeps no cookies, and sends no request twice that could do harm twice. What
// comes back is bounded in time and in size.
package outbound

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"code.dny.dev/ssrf"
)

const (
	defaultTimeout = 10 * time.Second
	connectTimeout = 3 * time.Second // to resolve and dial, and the same again for TLS
	idleTimeout    = 30 * time.Second
	maxHead        = 64 << 10
	maxBody        = 1 << 20
)

// Options are how a Client is set up.
type Options struct {
	// AllowPrivate lists, as host:port, what may be called over plain http, on any
	// port and at any address. The host is compared as it stands in a URL: a name
	// on the list may resolve to this machine, its address written out may not.
	AllowPrivate []string
	// UserAgent says who calls, unless a request says so itself; Chaveiro by default.
	UserAgent string
}

// Client makes the calls. It is safe for concurrent use.
type Client struct {
	userAgent string
	private   map[string]bool // by place
	pooled    *http.Transport // for what may be asked twice: GET and HEAD
	fresh     *http.Transport // for everything else
	observe   Observer        // nil tells nobody
}

// Observer is told how a call ended and how long it took: with the status of the
// answer, or with an error. It gets the context and the method of the call.
type Observer func(ctx context.Context, method string, status int, err error, took time.Duration)

// New returns a Client. Returns an error if an entry of AllowPrivate is no
// host:port, or if the UserAgent cannot be a header's value.
func New(o Options) (*Client, error) {
	c := &Client{userAgent: o.UserAgent, private: make(map[string]bool)}
	if c.userAgent == "" {
		c.userAgent = "Chaveiro"
	}
	if strings.ContainsFunc(c.userAgent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, errors.New("user agent must be printable ASCII characters")
	}
	for _, entry := range o.AllowPrivate {
		host, port, err := net.SplitHostPort(entry)
		number, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || host == "" || number == 0 {
			return nil, fmt.Errorf("%q is no host:port, such as localhost:8081", entry)
		}
		c.private[place(host, port)] = true
	}

	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	c.pooled = &http.Transport{
		Proxy:                  nil, // not even the environment's
		DialContext:            c.dialer(),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHead,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        idleTimeout,
	}
	// A connection kept alive may be closed by the provider in the moment in which
	// it is used again. A GET is then sent once more by net/http; a POST could only
	// fail, with nobody knowing whether it was done. So a POST has its own.
	c.fresh = c.pooled.Clone()
	c.fresh.DisableKeepAlives = true
	return c, nil
}

// dialer returns a function that connects to a place on the list wherever it is,
// and to any other only at a public address: what is checked is the address
// dialled, after the name has been resolved.
func (c *Client) dialer() func(ctx context.Context, network, address string) (net.Conn, error) {
	anywhere := &net.Dialer{Timeout: connectTimeout}
	publicly := &net.Dialer{Timeout: connectTimeout, Control: ssrf.New(ssrf.WithPorts(443)).Safe}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if c.private[strings.ToLower(address)] {
			return anywhere.DialContext(ctx, network, address)
		}
		return publicly.DialContext(ctx, network, address)
	}
}

// Allows reports whether calls may go to the scheme, host and port of a URL: https
// on port 443, or http and https where AllowPrivate has the host and port. It
// resolves no name, so that a call may still be refused for the address behind it.
func (c *Client) Allows(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	switch {
	case u.User != nil, u.Opaque != "", u.Hostname() == "":
		return false
	case u.Scheme == "https" && port == "443":
		return true
	default:
		return (u.Scheme == "http" || u.Scheme == "https") && c.private[place(u.Hostname(), port)]
	}
}

// place returns a host and port as the list is searched by.
func place(host, port string) string {
	return strings.ToLower(net.JoinHostPort(host, port))
}

// CloseIdle closes the connections that no call is using.
func (c *Client) CloseIdle() {
	c.pooled.CloseIdleConnections()
}

// Request is a call to make. None of it but the method, the host and the first
// part of the path is ever in an error.
type Request struct {
	Method  string // GET if empty
	URL     string
	Header  http.Header
	Body    []byte
	Timeout time.Duration // for the whole call, with its answer; 0 is 10 s
}

// WithObserver returns a client that makes the same calls over the same connections,
// and tells observe of each.
func (c *Client) WithObserver(observe Observer) *Client {
	observed := *c
	observed.observe = observe
	return &observed
}

// Do makes a call. Every error it returns is an *Error, which says whether the
// provider may have got the request. With an answer that was cut off or is too
// large comes what of it has arrived, at most 1 MiB of the body: it may hold what
// the provider gives only once.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	if c.observe == nil {
		return c.do(ctx, r)
	}
	began := time.Now()
	response, err := c.do(ctx, r)
	status := response.Status
	if err != nil {
		status = 0
	}
	c.observe(ctx, cmp.Or(r.Method, http.MethodGet), status, err, time.Since(began))
	return response, err
}

func (c *Client) do(ctx context.Context, r Request) (Response, error) {
	r.Method = cmp.Or(r.Method, http.MethodGet)
	u, err := url.Parse(r.URL)
	if err != nil {
		return Response{}, &Error{Kind: Refused, Cause: AddressNotAllowed, err: errors.New("not a URL")}
	}
	if !c.Allows(u) {
		return Response{}, &Error{
			Kind: Refused, Cause: AddressNotAllowed, call: describe(r.Method, u), err: errors.New("not https on port 443"),
		}
	}
	timeout := r.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	// Once there is a connection, part of the request may go out at any time.
	var valid, connected atomic.Bool
	fail := func(err error) (Response, error) {
		failure := newError(ctx, err, valid.Load(), connected.Load())
		failure.call = describe(r.Method, u)
		return Response{}, failure
	}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { valid.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	request, err := http.NewRequestWithContext(traced, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return fail(err)
	}
	if r.Header != nil {
		request.Header = r.Header.Clone()
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", c.userAgent)
	}

	// A transport and not an http.Client: it knows of no redirects and no cookies.
	transport := c.fresh
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		transport = c.pooled
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fail(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errTooLarge
	}
	answer := Response{Status: response.StatusCode, Header: response.Header, Body: body[:min(len(body), maxBody)]}
	if err != nil {
		_, err = fail(err)
	}
	return answer, err
}

// describe returns what errors say of a call: a path's later parts, and the query,
// may hold what is not for a log.
func describe(method string, u *url.URL) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	return fmt.Sprintf("%.10s %s://%s/%.40s", method, u.Scheme, u.Host, first)
}
