package provider

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider/simulated"
)

func TestAnAnswerIsReadWhateverItsContentTypeAndCharset(t *testing.T) {
	t.Parallel()
	for _, wrapping := range simulated.Wrappings() {
		s := simulated.Shape{Status: 200, ContentType: "application/json", Body: []byte(`{"token":"a"}`)}
		wrapping.Change(&s)
		a := outbound.Response{Status: s.Status, Header: http.Header{"Content-Type": {s.ContentType}}, Body: s.Body}
		var body struct{ Token, Message string }
		if !Decode(a, &body) || body.Token != "a" || body.Message != "" && body.Message != "Renovação" || !IsSuccess(a) {
			t.Errorf("%s: it reads %+v", wrapping.Name, body)
		}
	}
	for _, body := range []string{"", "{", `{"token":"a`, "a page", "\xef\xbb\xbf", "\xff\xfe", "\xff\xfe{", "\x00",
		`{"token":5}`, `{"token":"a"}{"token":"b"}`} {
		var into struct{ Token string }
		if Decode(outbound.Response{Body: []byte(body)}, &into) {
			t.Errorf("%q is read as %+v", body, into)
		}
	}
}

func TestATokenMayBe64KiBLong(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]bool{0: false, 1: true, 4097: true, 64 << 10: true, 64<<10 + 1: false} {
		if got := UsableToken(strings.Repeat("x", length)); got != want {
			t.Errorf("one of %d bytes is usable: %t", length, got)
		}
	}
}

func TestAnUnreadAnswerIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"": "", "\xff\x00{": "\xff\x00{", strings.Repeat("x", MaxUnread+1): strings.Repeat("x", MaxUnread),
	} {
		if got := KeepUnread(outbound.Response{Body: []byte(body)}); got.Reveal() != want || got.IsZero() != (want == "") {
			t.Errorf("of %d bytes %d are kept", len(body), len(got.Reveal()))
		}
	}
}

func TestAGatewaysErrorIsKnownByItsMembers(t *testing.T) {
	t.Parallel()
	for _, said := range simulated.WayAnswers() {
		a := outbound.Response{Status: said.Status, Header: http.Header{"Content-Type": {said.ContentType}},
			Body: []byte(said.Body)}
		if !FromGateway(a) {
			t.Errorf("%s is taken for the provider's own: %s", said.Name, said.Body)
		}
	}
	for _, own := range []string{
		`{"error_status":401,"error_messages":[{"message":"Token expirado"}]}`,
		`{"code":401,"message":"Unauthorized","description":"Invalid access token"}`,
		`{"type":"about:blank","title":"Unauthorized","status":401,"traceId":"00-1"}`,
		`{"authenticated":false,"message":"Senha inválida"}`,
		`{"codigo":"TOKEN_INVALIDO","message":"Token inválido"}`,
	} {
		if FromGateway(
			outbound.Response{Status: 401, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(own)}) {
			t.Errorf("it is taken for a gateway's: %s", own)
		}
	}
}

// Proves: 10.6
func FuzzDecode(f *testing.F) {
	for _, wrapping := range simulated.Wrappings() {
		s := simulated.Shape{Body: []byte(`{"token":"a"}`)}
		wrapping.Change(&s)
		f.Add(s.Body)
	}
	for _, said := range simulated.WayAnswers()[:24] {
		f.Add([]byte(said.Body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := outbound.Response{Status: 401, Body: body}
		if read := text(body); !utf8.Valid(read) {
			t.Errorf("it reads %q", read)
		}
		var members map[string]json.RawMessage
		if read := Decode(a, &members); !FromGateway(a) && (!read || len(members) == 0) {
			t.Errorf("%q is the provider's own, and nothing of it can be read", body)
		}
	})
}
