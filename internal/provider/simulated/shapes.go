package simulated

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Shape is an answer as it goes over the wire, for Reshaped to change.
type Shape struct {
	Status      int
	ContentType string
	Body        []byte
}

// Wrapping is a form in which a good answer may come all the same.
type Wrapping struct {
	Name   string
	Change func(*Shape)
}

// Wrappings are the forms in which a provider, or a gateway before it, may wrap a
// good answer: a portal that drops one of them loses what a refresh token was spent
// for.
func Wrappings() []Wrapping {
	as := func(contentType string) func(*Shape) {
		return func(s *Shape) { s.ContentType = contentType }
	}
	const utf8Mark, bigEndian, littleEndian = "\xef\xbb\xbf", true, false
	return []Wrapping{
		{"as it is", func(*Shape) {}},
		{"as a text", as("text/plain; charset=utf-8")},
		{"as a page", as("text/html")},
		{"as something", as("application/octet-stream")},
		{"as nothing at all", as("")},
		{"as a Content-Type that is none", as(";;;")},
		{"as JSON of another kind", as("application/vnd.api+json")},
		{"with status 201", func(s *Shape) { s.Status = http.StatusCreated }},
		{"with status 202", func(s *Shape) { s.Status = http.StatusAccepted }},
		{"with status 203", func(s *Shape) { s.Status = http.StatusNonAuthoritativeInfo }},
		{"after a byte order mark", func(s *Shape) { s.Body = append([]byte(utf8Mark), s.Body...) }},
		{"after blank lines", func(s *Shape) { s.Body = append([]byte("\r\n\r\n "), s.Body...) }},
		{"in UTF-16 with a mark, big endian", inUTF16(bigEndian, true)},
		{"in UTF-16 with a mark, little endian", inUTF16(littleEndian, true)},
		{"in UTF-16 without a mark, big endian", inUTF16(bigEndian, false)},
		{"in UTF-16 without a mark, little endian", inUTF16(littleEndian, false)},
		{"in ISO-8859-1", func(s *Shape) {
			s.ContentType = "application/json; charset=iso-8859-1"
			s.Body = WithMember(s.Body, "message", "Renova\xe7\xe3o")
		}},
	}
}

// WithMember adds a text to a JSON object, byte by byte as it is.
func WithMember(body []byte, name, text string) []byte {
	return append([]byte(`{"`+name+`":"`+text+`",`), bytes.TrimPrefix(bytes.TrimSpace(body), []byte("{"))...)
}

// WithoutMember takes a member out of a JSON object; what is none stays as it is.
func WithoutMember(body []byte, name string) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body
	}
	delete(members, name)
	text, err := json.Marshal(members)
	if err != nil {
		panic(err) // members that have just been read
	}
	return text
}

func inUTF16(bigEndian, mark bool) func(*Shape) {
	return func(s *Shape) {
		units := utf16.Encode([]rune(string(s.Body)))
		if mark {
			units = append([]uint16{0xfeff}, units...)
		}
		s.ContentType, s.Body = "application/json; charset=utf-16", make([]byte, 0, 2*len(units))
		for _, unit := range units {
			if bigEndian {
				s.Body = binary.BigEndian.AppendUint16(s.Body, unit)
			} else {
				s.Body = binary.LittleEndian.AppendUint16(s.Body, unit)
			}
		}
	}
}

// WayAnswer is an answer of a gateway between the portal and a provider. It says nothing about credentials, whatever
// its status is.
type WayAnswer struct {
	Name        string
	Status      int
	ContentType string
	Body        string
}

// Fault answers with this and nothing else. The call is not done.
func (a WayAnswer) Fault() Fault { return Answer(a.Status, a.ContentType, a.Body) }

// WayAnswers are what proxies, firewalls and API gateways answer with, as their
// documents and their code have it, in each of the statuses that might be taken for
// a provider's own word.
func WayAnswers() []WayAnswer {
	var answers []WayAnswer
	for _, status := range []int{400, 401, 402, 403, 404, 423, 429, 500, 503} {
		for _, b := range wayBodies {
			number := strconv.Itoa(status)
			body := strings.ReplaceAll(b.body, statusPlace, number)
			answers = append(answers, WayAnswer{b.name + " with status " + number, status, b.contentType, body})
		}
	}
	return answers
}

const wayPage = "<!DOCTYPE html><html><head><title>Attention required</title></head><body>Access denied</body></html>"

// statusPlace is the place of the answer's status in a body.
const statusPlace = "STATUS"

var wayBodies = []struct{ name, contentType, body string }{
	{"a page", "text/html; charset=utf-8", wayPage},
	{"a page that says that it is JSON", "application/json", wayPage},
	{"a text", "text/plain", "RBAC: access denied"},
	{"a text that says that it is JSON", "application/json", "Unauthorized"},
	{"nothing", "", ""},
	{"nothing that says that it is JSON", "application/json", ""},
	{"an empty object", "application/json", "{}"},
	{"a list", "application/json", "[]"},
	{"null", "application/json", "null"},
	{"AWS, forbidden", "application/json", `{"message":"Forbidden"}`},
	{"AWS, unauthorized", "application/json", `{"message":"Unauthorized"}`},
	{
		"AWS, a policy", "application/json",
		`{"Message":"User is not authorized to access this resource with an explicit deny"}`,
	},
	{
		"Azure API Management", "application/json",
		`{"statusCode":STATUS,"message":"Access denied due to invalid subscription key."}`,
	},
	{
		"Azure Front Door", "application/json",
		`{"error":{"code":"Forbidden","message":"The request is blocked."}}`,
	},
	{
		"Cloudflare's API", "application/json",
		`{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`,
	},
	{
		"Cloudflare, a problem", "application/problem+json",
		`{"type":"https://developers.cloudflare.com/error-1020/","title":"Error 1020: Access denied","status":STATUS,` +
			`"detail":"Blocked.","instance":"9d1","error_code":1020,"error_name":"access_denied","ray_id":"9d1",` +
			`"cloudflare_error":true,"traceId":"9d1"}`,
	},
	{
		"Kong, no key", "application/json",
		`{"message":"No API key found in request","request_id":"5b1c"}`,
	},
	{
		"Kong, a key", "application/json",
		`{"message":"Invalid authentication credentials"}`,
	},
	{"an error of one word", "application/json", `{"error":"Forbidden"}`},
	{
		"an error with a message", "application/json",
		`{"error":"Unauthorized","message":"Invalid token"}`,
	},
	{"Envoy for Google's API", "application/json", `{"code":STATUS,"message":"Jwt is expired"}`},
	{
		"Apigee", "application/json",
		`{"fault":{"faultstring":"Invalid access token","detail":{"errorcode":"oauth.v2.InvalidAccessToken"}}}`,
	},
	{
		"Spring", "application/json",
		`{"timestamp":"2026-11-24T12:00:00Z","status":STATUS,"error":"Unauthorized","path":"/"}`,
	},
	{
		"a problem without a word", "application/problem+json",
		`{"type":"about:blank","title":"Unauthorized","status":STATUS}`,
	},
}
