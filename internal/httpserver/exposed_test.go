package httpserver_test

import (
	"slices"
	"strings"
	"testing"
)

// Proves: 5.5
func TestAKeyThatOthersCanReadIsRefusedAndFlagged(t *testing.T) {
	t.Parallel()
	auth := []string{"Authorization", "Bearer " + goodJWT}
	for name, test := range map[string]struct {
		request request
		flagged string
	}{
		"in the URL":                {get("/graphql?query=%7Ba%7D&key="+goodKey, auth...), goodKey + " in URL"},
		"in the URL, of a stranger": {get("/graphql?key=" + goodKey), goodKey + " in URL"},
		"in the URL, escaped":       {get("/graphql?key=%63hv_live_" + goodKey[len("chv_live_"):]), goodKey + " in URL"},
		"in the URL of a POST": {func() request { r := post(query, auth...); r.url += "?key=" + goodKey; return r }(),
			goodKey + " in URL"},
		"beside a bad session": {get("/graphql?key="+goodKey, "Authorization", "Bearer "+badJWT),
			goodKey + " in URL"},
		"in a cookie": {post(query, "Cookie", "a=b; key="+goodKey), goodKey + " in cookie"},
		"in a cookie, escaped": {post(query, "Cookie", "key=%63hv_live_"+goodKey[len("chv_live_"):]),
			goodKey + " in cookie"},
		"in the body, of an operator": {post(`{"query":"{a(search:\"`+goodKey+`\")}"}`, auth...), goodKey + " in body"},
		"in the body, in a variable": {post(`{"query":"{a}","variables":{"a":"`+goodKey+`"}}`, auth...),
			goodKey + " in body"},
		"in the body, beside itself": {
			post(`{"query":"{a}","variables":{"a":"`+goodKey+`"}}`, "Authorization", "Bearer "+goodKey), goodKey + " in body"},
		"in the body, of a stranger": {post(`{"query":"{a(k:\"` + goodKey + `\")}"}`), goodKey + " in body"},
		"one that cannot be flagged": {get("/graphql?key=" + badKey), badKey + " in URL"},
		"a service token":            {get("/graphql?key=" + goodServiceToken), goodServiceToken + " in URL"},
		"a service token, in a body": {post(`{"query":"{a(k:\"`+goodServiceToken+`\")}"}`, auth...),
			goodServiceToken + " in body"},
		"a service token, in a cookie": {post(query, "Cookie", "key="+goodServiceToken), goodServiceToken + " in cookie"},
		"two": {get("/graphql?key=" + badKey + "&key=" + goodKey),
			goodKey + " in URL, " + badKey + " in URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(t)
			scenario{request: test.request, status: 400, has: []string{`"code":"BAD_USER_INPUT"`, "revogue"},
				hasNot: []string{reached, goodKey, badKey, goodServiceToken}}.run(t, p)
			if got := strings.Join(p.keys.exposed, ", "); got != test.flagged {
				t.Errorf("flagged: %q, want %q", got, test.flagged)
			}
			if len(p.keys.used) > 0 && !slices.Contains([]string{"in the body, beside itself"}, name) {
				t.Errorf("the key counts as used: %v", p.keys.used)
			}
			failed := strings.Contains(p.log.String(), "flag an exposed key")
			if failed != strings.Contains(test.flagged, badKey) {
				t.Errorf("the log has %s", p.log)
			}
		})
	}
}

func TestAKeyInItsHeaderIsNotFlagged(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.send(t, post(query, "Authorization", "Bearer "+goodKey))
	// A request with only the visible part of a key is not flagged.
	p.send(t, post(`{"query":"{a}","variables":{"a":"`+goodKey[:21]+`"}}`, "Authorization", "Bearer "+goodJWT))
	if len(p.keys.exposed) > 0 {
		t.Errorf("flagged: %v", p.keys.exposed)
	}
}
