package httpserver

import (
	"bytes"
	"crypto/rand"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/i18n"
)

// The content security policies of the pages. Each answer replaces __CSP_NONCE__ by its own nonce, as in the HTML.
const (
	noncePlaceholder = "__CSP_NONCE__"

	appPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + noncePlaceholder + "'; " +
		"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; " +
		"object-src 'none'; " +
		"form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"

	// GraphiQL makes style elements without a nonce and sets its own HTML, which trusted types would block (its page would
	// stay empty). So it gets inline styles and no trusted types, but no more scripts than the app.
	graphiqlPolicy = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; " +
		"object-src 'none'; " +
		"form-action 'self'; frame-ancestors 'none'"
)

// notPages are first path segments that programs use: a missing file below them is answered 404, not with the admin
// page.
var notPages = []string{"assets", "auth", "export", "graphiql", "graphql", "healthz", "readyz"}

// pages serves the built frontend.
type pages struct {
	api               string // address of the API
	files             fs.FS
	appHTML, graphiQL []byte // nil before the first build
}

// organizationPlaceholder marks where the HTML shows the name of the software house.
const organizationPlaceholder = "__ORGANIZATION__"

func newPages(files fs.FS, organization string, publicURL *url.URL) pages {
	read := func(name string) []byte {
		text, _ := fs.ReadFile(files, name)
		return bytes.ReplaceAll(text, []byte(organizationPlaceholder), []byte(html.EscapeString(organization)))
	}
	return pages{publicURL.String() + apiPath, files, read("index.html"), read("graphiql.html")}
}

// app serves the files beside index.html, and the admin page for any other path: its router knows the paths. A program
// gets the address of the API instead, because it would take the page for an answer.
func (p pages) app(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimLeft(r.URL.Path, "/")
	first, _, _ := strings.Cut(name, "/")
	readable := wellFormed(name)
	switch {
	case readable && path.Ext(name) != ".html" && p.has(name):
		w.Header().Set("Cache-Control", "public, max-age=3600")
		p.file(w, r, name)
	case isProgram(r):
		p.nothing(w, r)
	case !readable || slices.Contains(notPages, first):
		http.NotFound(w, r)
	default:
		page(w, p.appHTML, appPolicy)
	}
}

// nothing answers 404 with the address of the API. It is for programs, and for methods that an address does not have.
func (p pages) nothing(w http.ResponseWriter, r *http.Request) {
	WriteError(w, r, http.StatusNotFound, notFound, i18n.Text(r.Context(), "graphql."+string(notFound), p.api))
}

// isProgram reports whether a GET comes from a program and not from a browser that loads a page. Without a credential
// the root is always a page, because monitors request it.
func isProgram(r *http.Request) bool {
	if r.Header.Get("Authorization") != "" {
		return true
	}
	return r.URL.Path != "/" &&
		!strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Accept"), ",")), "text/html")
}

// graphiql serves the page for trying the API.
func (p pages) graphiql(w http.ResponseWriter, _ *http.Request) { page(w, p.graphiQL, graphiqlPolicy) }

// asset serves the files under /assets. Their names change with their content, so caches may keep them for ever.
func (p pages) asset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if !wellFormed(name) || !p.has(name) {
		if isProgram(r) {
			p.nothing(w, r)
		} else {
			http.NotFound(w, r)
		}
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	p.file(w, r, name)
}

func (p pages) has(name string) bool {
	info, err := fs.Stat(p.files, name)
	return err == nil && info.Mode().IsRegular()
}

func (p pages) file(w http.ResponseWriter, r *http.Request, name string) {
	// A byte range would apply to the compressed file, not to the file that the caller means.
	r.Header.Del("Range")
	http.ServeFileFS(w, r, p.files, name) // #nosec G703 -- the files are those in the program
}

// page serves HTML under a policy, both with a fresh nonce.
func page(w http.ResponseWriter, content []byte, policy string) {
	if content == nil {
		http.Error(w, "The pages are not part of this binary: build it with `make build`.", http.StatusServiceUnavailable)
		return
	}
	nonce := rand.Text()
	w.Header().Set("Content-Security-Policy", strings.ReplaceAll(policy, noncePlaceholder, nonce))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	// It fails only when the caller has disconnected.
	_, _ = w.Write(bytes.ReplaceAll(content, []byte(noncePlaceholder), []byte(nonce)))
}

// wellFormed reports whether a path, decoded once, stays inside the folder and names nothing hidden: no dot files, no
// "..", and no second encoding.
func wellFormed(name string) bool {
	if strings.ContainsAny(name, "%\\\x00") {
		return false
	}
	for segment := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(segment, ".") {
			return false
		}
	}
	return true
}
