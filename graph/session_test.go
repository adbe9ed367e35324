package graph_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

const cookieName = "__Host-chaveiro_rt"

// browser sends requests as the portal's page does, and stores the refresh cookie.
type browser struct {
	portal *portal
	agent  string
	cookie string
}

func (b *browser) post(t *testing.T, document string, variables vars, headers ...string) response {
	t.Helper()
	all := []string{"X-Chaveiro-CSRF", "1", "Sec-Fetch-Site", "same-origin", "Origin", publicURL, "User-Agent", b.agent}
	if b.cookie != "" {
		all = append(all, "Cookie", cookieName+"="+b.cookie)
	}
	answer := b.portal.post(t, stranger{}, document, variables, append(all, headers...)...)
	for _, cookie := range (&http.Response{Header: answer.header}).Cookies() {
		if cookie.Name == cookieName {
			b.cookie = cookie.Value
		}
	}
	return answer
}

const loginFields = "accessToken expiresAt operator { id email role }"

func (b *browser) login(t *testing.T, email, password string) response {
	t.Helper()
	return b.post(t, mutation("login", loginFields), vars{"input": vars{"email": email, "password": password}})
}

const refresh = `mutation { refreshSession { accessToken expiresAt operator { id } userErrors { code } } }`

func (b *browser) refresh(t *testing.T) response {
	t.Helper()
	return b.post(t, refresh, nil)
}

// known reports whether the portal accepts an access token.
func (p *portal) known(t *testing.T, token string) bool {
	t.Helper()
	return p.post(t, bearer(token), `{ viewer { id } }`, nil).status == http.StatusOK
}

func TestALogInOpensThePortal(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Firefox"}
		answer := b.login(t, " ANA.Admin@Example.com ", goodPassword)

		if answer.get("login.operator.id") != p.admin.id || answer.get("login.operator.role") != "ADMIN" {
			t.Errorf("%s", answer.body)
		}
		token := answer.text(t, "login.accessToken")
		ends, err := time.Parse(time.RFC3339Nano, answer.text(t, "login.expiresAt"))
		if left := ends.Sub(p.clock.Now()); err != nil || left <= 4*time.Minute || left > 5*time.Minute {
			t.Errorf("the access token lives %v more", left)
		}
		viewer := p.must(t, bearer(token), `{ viewer { id email name role createdAt } setupRequired }`, nil)
		if viewer.get("viewer.email") != p.admin.email || viewer.get("setupRequired") != false {
			t.Errorf("%s", viewer.body)
		}
		if b.cookie == "" || strings.Contains(answer.body, b.cookie) {
			t.Error("the refresh token is not in the cookie, or in the answer too")
		}
		set := answer.header.Get("Set-Cookie")
		for _, attribute := range []string{"HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age="} {
			if !strings.Contains(set, attribute) {
				t.Errorf("cookie %q lacks %s", set, attribute)
			}
		}
	})
}

// Proves: 2.6
func TestALogInThatFailsNeverSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		disabled := p.hire(t, "Dora Demitida", principal.Editor)
		must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
			return tx.Operator.UpdateOneID(disabled.id).SetDisabledAt(p.clock.Now()).Exec(ctx)
		}))
		var first string
		for _, attempt := range []struct{ email, password string }{
			{p.admin.email, "wrong horse battery staple"},
			{p.admin.email, ""},
			{p.admin.email, strings.Repeat("x", 600)},
			{"nobody@example.com", goodPassword},
			{"", goodPassword},
			{"no address", goodPassword},
			{disabled.email, goodPassword},
			{disabled.email, "wrong horse battery staple"},
			{p.admin.email + "\x00", goodPassword},
		} {
			b := &browser{portal: p}
			p.clock.advance(time.Minute) // tries within a minute are one event
			events := p.auditCount(t)
			answer := b.login(t, attempt.email, attempt.password)
			answer.wants(t, "INVALID_CREDENTIALS")
			if first == "" {
				first = answer.withoutRequestID()
			}
			if answer.withoutRequestID() != first || answer.status != http.StatusOK {
				t.Errorf("%v is answered with %d %s, the first with %s", attempt, answer.status, answer.body, first)
			}
			if b.cookie != "" || answer.header.Get("Set-Cookie") != "" {
				t.Errorf("%v got a cookie", attempt)
			}
			written := p.audited(t, events)
			if len(written) != 1 || written[0].action != "session.login_failed" ||
				strings.Contains(written[0].changes, "nobody") {
				t.Errorf("%v: audit events %+v", attempt, written)
			}
		}
	})
}

func TestARefreshGivesANewPair(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Firefox"}
		b.login(t, p.operator.email, goodPassword)
		for range 3 {
			old := b.cookie
			p.clock.advance(4 * time.Minute)
			answer := b.refresh(t)
			if b.cookie == old || b.cookie == "" || answer.get("refreshSession.operator.id") != p.operator.id {
				t.Fatalf("no new pair: %s", answer.body)
			}
			if !p.known(t, answer.text(t, "refreshSession.accessToken")) {
				t.Error("the new access token is not taken")
			}
			p.clock.advance(11 * time.Second) // past the grace of the earlier token
		}
	})
}

// Proves: 4.1
func TestARefreshIsOnlyForThePortalsOwnPage(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p}
		b.login(t, p.operator.email, goodPassword)
		before := p.snapshot(t)
		for name, headers := range map[string][]string{
			"without the header":   {"X-Chaveiro-CSRF", ""},
			"from another site":    {"Sec-Fetch-Site", "cross-site"},
			"from the same domain": {"Sec-Fetch-Site", "same-site"},
			"from another origin":  {"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
			"from no origin":       {"Sec-Fetch-Site", "", "Origin", "null"},
		} {
			for _, document := range []string{refresh, `mutation { logout { userErrors { code } } }`} {
				if answer := b.post(t, document, nil, headers...); answer.code(t) != "CSRF" {
					t.Errorf("%s: %s", name, answer.body)
				}
			}
		}
		p.unchanged(t, before)
	})
}

// Proves: 4.1
func TestTheAdminPageOnAnotherHostHasTheSessionToo(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p}
		from := func(origin string) []string { return []string{"Sec-Fetch-Site", "same-site", "Origin", origin} }
		b.post(t, mutation("login", loginFields), vars{"input": vars{"email": p.operator.email, "password": goodPassword}},
			from(adminOrigin)...).text(t, "login.accessToken")
		first := b.cookie
		answer := b.post(t, refresh, nil, from(adminOrigin)...)
		if first == "" || b.cookie == first || !p.known(t, answer.text(t, "refreshSession.accessToken")) {
			t.Errorf("no new pair: %s", answer.body)
		}
		const logout = `mutation { logout { userErrors { code } } }`
		for _, neighbour := range []string{"https://other.example", adminOrigin + ":8443"} {
			if answer := b.post(t, logout, nil, from(neighbour)...); answer.code(t) != "CSRF" ||
				answer.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %s", neighbour, answer.body)
			}
		}
		b.post(t, logout, nil, from(adminOrigin)...)
		if b.cookie != "" {
			t.Error("the cookie outlived the log-out")
		}
	})
}

// Proves: 3.3
func TestTwoTabsThatRefreshAtOnceGetTheSameSession(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		one := &browser{portal: p, agent: "Firefox"}
		one.login(t, p.operator.email, goodPassword)
		two := &browser{portal: p, agent: "Firefox", cookie: one.cookie}
		three := &browser{portal: p, agent: "Firefox", cookie: one.cookie}
		one.refresh(t)
		p.clock.advance(9 * time.Second)
		if answer := two.refresh(t); two.cookie != one.cookie || !p.known(t, answer.text(t, "refreshSession.accessToken")) {
			t.Errorf("the second tab: %s", answer.body)
		}
		if answer := three.refresh(t); answer.code(t) != "UNAUTHENTICATED" {
			t.Errorf("a third one: %s", answer.body)
		}
		if answer := one.refresh(t); answer.code(t) != "UNAUTHENTICATED" {
			t.Errorf("the first after the theft was seen: %s", answer.body)
		}
	})
}

// Proves: 3.3
func TestAReusedRefreshTokenEndsTheSession(t *testing.T) {
	for name, c := range map[string]struct {
		agent string
		wait  time.Duration
	}{"after the grace": {"Firefox", 11 * time.Second}, "from another browser": {"curl", 0}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, p *portal) {
				mine := &browser{portal: p, agent: "Firefox"}
				access := mine.login(t, p.operator.email, goodPassword).text(t, "login.accessToken")
				other := &browser{portal: p, agent: "Firefox"}
				other.login(t, p.operator.email, goodPassword)
				thief := &browser{portal: p, agent: c.agent, cookie: mine.cookie}
				mine.refresh(t)
				p.clock.advance(c.wait)
				events := p.auditCount(t)

				if answer := thief.refresh(t); answer.code(t) != "UNAUTHENTICATED" || answer.get("refreshSession") != nil {
					t.Errorf("the thief: %s", answer.body)
				}

				written := p.audited(t, events)
				if len(written) != 1 || written[0].action != "session.reuse_detected" || written[0].object != p.operator.id {
					t.Errorf("audit events %+v", written)
				}
				if answer := mine.refresh(t); answer.code(t) != "UNAUTHENTICATED" || mine.cookie != "" {
					t.Errorf("the family goes on: %s", answer.body)
				}
				if p.known(t, access) {
					t.Error("its access token is still taken")
				}
				if answer := other.refresh(t); answer.code(t) != "" {
					t.Errorf("another session of the operator ended too: %s", answer.body)
				}
			})
		})
	}
}

// Proves: 3.3
func TestConcurrentRefreshesOfOneTokenGiveOneSuccessor(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		first := &browser{portal: p, agent: "Firefox"}
		first.login(t, p.operator.email, goodPassword)
		const n = 2
		tabs := make(chan *browser, n)
		for range n {
			go func() {
				tab := &browser{portal: p, agent: "Firefox", cookie: first.cookie}
				tab.refresh(t)
				tabs <- tab
			}()
		}
		one, two := <-tabs, <-tabs
		if one.cookie == "" || one.cookie != two.cookie || one.cookie == first.cookie {
			t.Error("the two tabs do not hold the same successor")
		}
	})
}

// Proves: 4.1
func TestAForeignRefreshTokenIsNotClearedAndEndsNoSession(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Firefox"}
		access := b.login(t, p.operator.email, goodPassword).text(t, "login.accessToken")
		own, events := b.cookie, p.auditCount(t)
		b.cookie = "a token of another portal"
		answer := b.refresh(t)
		if answer.code(t) != "UNAUTHENTICATED" || b.cookie != "a token of another portal" ||
			answer.header.Get("Clear-Site-Data") != "" {
			t.Errorf("it is answered %s, headers %v", answer.body, answer.header)
		}
		b.post(t, `mutation { logout { userErrors { code } } }`, nil)
		if b.cookie = own; !p.known(t, access) || b.refresh(t).code(t) != "" || len(p.audited(t, events)) != 0 {
			t.Error("a foreign token ended a session")
		}
	})
}

// Proves: 3.4
func TestALogOutEndsTheSessionAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Firefox"}
		access := b.login(t, p.viewer.email, goodPassword).text(t, "login.accessToken")
		if !p.known(t, access) {
			t.Fatal("it is not taken from the first")
		}
		cookie, events := b.cookie, p.auditCount(t)
		const logout = `mutation { logout { userErrors { code } } }`
		answer := b.post(t, logout, nil)
		if b.cookie != "" || answer.header.Get("Clear-Site-Data") != `"cache", "storage"` {
			t.Errorf("headers %v", answer.header)
		}
		if p.known(t, access) {
			t.Error("the access token is still taken")
		}
		b.cookie = cookie
		if answer := b.refresh(t); answer.code(t) != "UNAUTHENTICATED" {
			t.Errorf("the refresh token is still taken: %s", answer.body)
		}
		if written := p.audited(t, events); len(written) != 1 || written[0].action != "session.logout" {
			t.Errorf("audit events %+v", written)
		}
		for _, cookie := range []string{"", "unknown", cookie} {
			again := &browser{portal: p, cookie: cookie}
			if answer := again.post(t, logout, nil); len(answer.errors) > 0 {
				t.Errorf("logging out of nothing: %s", answer.body)
			}
		}
	})
}

// Proves: 3.4
func TestASessionEndsIdleAndAtItsAbsoluteEnd(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		idle := &browser{portal: p, agent: "Firefox"}
		idle.login(t, p.operator.email, goodPassword)
		busy := &browser{portal: p, agent: "Firefox"}
		busy.login(t, p.operator.email, goodPassword)

		p.clock.advance(29 * time.Minute)
		if answer := busy.refresh(t); answer.code(t) != "" {
			t.Errorf("after 29 minutes: %s", answer.body)
		}
		p.clock.advance(time.Minute + time.Second)
		if answer := idle.refresh(t); answer.code(t) != "UNAUTHENTICATED" {
			t.Errorf("idle for 30 minutes: %s", answer.body)
		}
		for range 23 {
			p.clock.advance(29 * time.Minute)
			busy.refresh(t)
		}
		p.clock.advance(29 * time.Minute) // 12 hours or more in all
		if answer := busy.refresh(t); answer.code(t) != "UNAUTHENTICATED" {
			t.Errorf("after 12 hours: %s", answer.body)
		}
	})
}

// Proves: 3.4
func TestAnEleventhSessionEndsTheOldest(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		var sessions []*browser
		for range 11 {
			b := &browser{portal: p, agent: "Firefox"}
			b.login(t, p.operator.email, goodPassword)
			sessions = append(sessions, b)
		}
		for i, b := range sessions {
			want := ""
			if i == 0 {
				want = "UNAUTHENTICATED"
			}
			if got := b.refresh(t).code(t); got != want {
				t.Errorf("session %d: %q, want %q", i, got, want)
			}
		}
	})
}

func TestARoleThatChangesCountsWithinFiveSeconds(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Firefox"}
		access := bearer(b.login(t, p.admin.email, goodPassword).text(t, "login.accessToken"))
		product := func() response {
			return p.call(t, access, "updateProduct", "product { id }",
				vars{"id": p.productID, "name": "Integration Marketplace"})
		}
		if code := product().code(t); code != "" {
			t.Fatalf("an administrator is refused: %s", code)
		}
		change := func(set func(*ent.OperatorUpdateOne)) {
			t.Helper()
			must.Do(t, p.store.Write(p.system(t), func(ctx context.Context, tx *ent.Tx) error {
				update := tx.Operator.UpdateOneID(p.admin.id)
				set(update)
				return update.Exec(ctx)
			}))
			p.clock.advance(5 * time.Second)
		}
		change(func(u *ent.OperatorUpdateOne) { u.SetRole(principal.Viewer) })
		product().refused(t, "FORBIDDEN")
		if !p.known(t, string(access)) {
			t.Error("a demotion ended the session")
		}
		change(func(u *ent.OperatorUpdateOne) { u.SetDisabledAt(p.clock.Now()) })
		if p.known(t, string(access)) {
			t.Error("a disabled operator is still known")
		}
		if answer := b.refresh(t); answer.code(t) != "UNAUTHENTICATED" {
			t.Errorf("a disabled operator refreshes: %s", answer.body)
		}
	})
}

// Proves: 3.1
func TestAnAccessTokenEndsAfterFiveMinutes(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		b := &browser{portal: p, agent: "Firefox"}
		access := b.login(t, p.operator.email, goodPassword).text(t, "login.accessToken")
		p.clock.advance(5 * time.Minute)
		if !p.known(t, access) {
			t.Error("clocks that differ by a little are not allowed for")
		}
		p.clock.advance(31 * time.Second)
		if p.known(t, access) {
			t.Error("it is still taken")
		}
	})
}

// Proves: 8.4
func TestNoErrorRevealsANameThatTheRequestLacks(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		for _, document := range []string{
			`{ client { totalCount } }`, `{ clients(firts: 1) { totalCount } }`, `query($x: Client0) { viewer { id } }`,
			`{ viewer }`, `{ clients(orderBy: {field: NAM, direction: ASC}) { totalCount } }`, `{ viewer { id @skp } }`,
			`mutation { createClient(input: {nam: "x"}) { userErrors { code } } }`,
		} {
			if answer := p.post(t, p.viewer, document, nil); len(answer.errors) == 0 ||
				strings.Contains(answer.body, "Did you mean") {
				t.Errorf("%s: %s", document, answer.body)
			}
		}
	})
}

// Proves: 8.4
func TestAStrangerLearnsNothingOfTheSchema(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		var first string
		for _, document := range []string{
			`{ viewer { id } }`, `{ __schema { types { name } } }`, `{ __type(name: "Client") { name } }`, `{ nothing }`,
			`{ setupRequired nothing }`,
			`{ `, ``, `{ setupRequired clients { totalCount } }`, `query { ...F } fragment F on Query { setupRequired }`,
			`{ ... on Query { setupRequired } }`,
			`subscription { x }`, strings.Repeat(`{ setupRequired `, 80), `query A { setupRequired } query B { viewer { id } }`,
		} {
			answer := p.post(t, stranger{}, document, nil)
			if first == "" {
				first = answer.withoutRequestID()
			}
			if answer.status != http.StatusUnauthorized || answer.withoutRequestID() != first ||
				answer.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%.40s: %d %s", document, answer.status, answer.body)
			}
		}
		first = ""
		for _, document := range []string{
			`{ setupRequired(first: 1) }`, `{ setupRequired { id } }`, `{ setupRequired @defer }`, `{ setupRequired @skip }`,
			`query($x: Clients) { setupRequired }`,
			`mutation { login }`, `mutation { login(inptu: {}) { userErrors { code } } }`,
			`mutation { login(input: {emial: "x"}) { nothing } }`,
			`mutation { login(input: 7) { userErrors { code } } }`,
			`mutation($i: LoginInput!) { login(input: $i) { userErrors { code } } }`,
			`mutation { login(input: {email: "x", password: "y"}) { userErrors { cod mesage } accessTokens } }`,
		} {
			answer := p.post(t, stranger{}, document, nil)
			if first == "" {
				first = answer.withoutRequestID()
			}
			if answer.withoutRequestID() != first || answer.errors[0].Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%.80s: %d %s", document, answer.status, answer.body)
			}
		}
		if answer := p.must(t, stranger{}, `{ __typename setupRequired }`, nil); answer.get("setupRequired") != false {
			t.Errorf("%s", answer.body)
		}
	})
}
