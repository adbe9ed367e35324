package httpserver

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/graphqlhttp"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// Limits on the size of a request to the API, in bytes.
const (
	maxQueryString   = 8 << 10
	maxBody          = 256 << 10
	maxBodyAnonymous = 16 << 10
)

var operationForm = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]{0,99}$`)

// checkURL refuses a request before its caller is authenticated: for a method other than GET and POST, and for a query
// string that is too long, malformed or holds an access key.
func (e exposure) checkURL(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			w.Header().Set("Allow", "GET, POST")
			writeBadRequest(w, r, http.StatusMethodNotAllowed, fault.BadRequest{Detail: fault.VerbUnknown})
			return
		}
		if !acceptsAnswer(r.Header.Values("Accept")) {
			writeBadRequest(w, r, http.StatusNotAcceptable, fault.BadRequest{Detail: fault.AcceptWithoutJSON})
			return
		}
		if len(r.URL.RawQuery) > maxQueryString {
			writeBadRequest(w, r, http.StatusRequestURITooLong, fault.BadRequest{Detail: fault.QueryTooLong})
			return
		}
		if known, ok := e.queries.Get(r.URL.RawQuery); ok && r.Method == http.MethodGet {
			next.ServeHTTP(w, withRequest(r, known))
			return
		}
		params, err := url.ParseQuery(r.URL.RawQuery)
		if e.refuses(w, r, inURL, append(textsOf(params), r.URL.RawQuery)...) {
			return
		}
		if err != nil {
			writeBadRequest(w, r, http.StatusBadRequest, fault.BadRequest{Detail: fault.QueryBroken})
			return
		}
		if r.Method == http.MethodGet {
			request, err := graphqlhttp.ReadQuery(params)
			if err != nil {
				writeBadRequest(w, r, http.StatusBadRequest, err)
				return
			}
			if request.Variables == nil && request.Extensions == nil { // those may be changed by who has them
				e.queries.Add(r.URL.RawQuery, request)
			}
			r = withRequest(r, request)
		}
		next.ServeHTTP(w, r)
	})
}

// acceptsAnswer reports whether a caller accepts a media type of GraphQL. Without an Accept header it accepts any.
func acceptsAnswer(accept []string) bool {
	all := strings.ToLower(strings.Join(accept, ","))
	return all == "" || strings.Contains(all, "json") || strings.Contains(all, "*/*") ||
		strings.Contains(all, "application/*") ||
		strings.Contains(all, "text/event-stream")
}

// textsOf returns the names and values of a query string.
func textsOf(params url.Values) []string {
	var texts []string
	for name, values := range params {
		texts = append(append(texts, name), values...)
	}
	return texts
}

// readBody reads the body of a POST and refuses anything but one JSON object within the limits. The GraphQL engine
// would quote a broken body, and any password in it, in its error; the error here never quotes it.
func (e exposure) readBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		if !isJSON(r.Header.Get("Content-Type")) {
			writeBadRequest(w, r, http.StatusUnsupportedMediaType, fault.BadRequest{Detail: fault.ContentTypeUnknown})
			return
		}
		if !isPlain(r.Header.Get("Content-Encoding")) {
			writeBadRequest(w, r, http.StatusUnsupportedMediaType, fault.BadRequest{Detail: fault.ContentEncoded})
			return
		}

		limit := int64(maxBody)
		if principal.From(r.Context()) == nil {
			limit = maxBodyAnonymous
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			writeBadRequest(w, r, http.StatusRequestEntityTooLarge,
				fault.BadRequest{Detail: fault.BodyTooLarge, About: limit >> 10})
			return
		}
		if err != nil {
			writeBadRequest(w, r, http.StatusBadRequest, fault.BadRequest{Detail: fault.BodyIncomplete})
			return
		}
		if e.refuses(w, r, inBody, string(body)) {
			return
		}
		request, err := graphqlhttp.ReadBody(withoutMark(body))
		if err != nil {
			writeBadRequest(w, r, http.StatusBadRequest, err)
			return
		}
		next.ServeHTTP(w, withRequest(r, request))
	})
}

// withRequest puts the GraphQL request into the context, and its operation into the access log.
func withRequest(r *http.Request, request graphqlhttp.Request) *http.Request {
	noteOperation(r, request.OperationName)
	return r.WithContext(graphqlhttp.With(r.Context(), request))
}

// isJSON reports whether a Content-Type is application/json in the only encoding that JSON has.
func isJSON(contentType string) bool {
	mediaType, params, err := mime.ParseMediaType(contentType)
	charset, given := params["charset"]
	return err == nil && mediaType == "application/json" && (!given || isUTF8(charset))
}

// noteOperation gives the access log the name of the operation, if the text has the form of a name.
func noteOperation(r *http.Request, name string) {
	if operationForm.MatchString(name) {
		exchangeFrom(r.Context()).operation = name
	}
}
