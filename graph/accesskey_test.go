package graph_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/base/must"
	"github.com/chaveiro/chaveiro/internal/base/token"
)

// works reports whether a key opens the integration. Any other answer must be a 401.
func (p *portal) works(t *testing.T, key bearer, headers ...string) bool {
	t.Helper()
	return p.refusal(t, key, headers...) == ""
}

// refusal returns the reason why a key does not open the integration; "" when it does.
func (p *portal) refusal(t *testing.T, key bearer, headers ...string) string {
	t.Helper()
	answer := p.post(t, key, `{ integration { accessKey { id } } }`, nil, headers...)
	switch answer.status {
	case http.StatusOK:
		answer.text(t, "integration.accessKey.id")
		return ""
	case http.StatusUnauthorized:
		why := answer.errors[0].Extensions.Reason
		if answer.code(t) != "UNAUTHENTICATED" || why == "" || strings.Contains(answer.body, string(key)) {
			t.Errorf("a refused key is answered with %s", answer.body)
		}
		return why
	default:
		t.Errorf("status %d: %s", answer.status, answer.body)
		return "none"
	}
}

// miscopied returns a key with a changed last character.
func miscopied(key bearer) bearer {
	last := "x"
	if strings.HasSuffix(string(key), last) {
		last = "y"
	}
	return key[:len(key)-1] + bearer(last)
}

// rotate replaces a key, and returns the successor's id and token.
func (p *portal) rotate(t *testing.T, input vars) (id string, token bearer, rotated response) {
	t.Helper()
	rotated = p.mustCall(t, p.operator, "rotateAccessKey",
		"accessKey { id name status expiresAt } token replacedAccessKey { id status overlapEndsAt replacedBy { id } }", input)
	return rotated.text(t, "rotateAccessKey.accessKey.id"), bearer(rotated.text(t, "rotateAccessKey.token")), rotated
}

// Proves: 5.3
func TestAKeyIsShownOnceAndLaterOnlyInPart(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		node := p.must(t, p.viewer,
			`query($id: ID!) { node(id: $id) { ... on AccessKey { name visiblePart last4 status createdBy createdAt expiresAt
				overlapEndsAt revokedAt lastUsedAt replacedBy { id } clientProduct { id } } } }`, vars{"id": s.keyID})
		for field, want := range map[string]any{
			"name": "Caixa 1", "status": "ACTIVE", "createdBy": "Otto Operador", "expiresAt": nil, "overlapEndsAt": nil,
			"revokedAt":  nil,
			"lastUsedAt": nil, "replacedBy": nil, "visiblePart": string(s.key[:21]), "last4": string(s.key[len(s.key)-4:]),
		} {
			if got := node.get("node." + field); got != want {
				t.Errorf("%s is %v, want %v", field, got, want)
			}
		}
		if strings.Contains(node.body, string(s.key)) {
			t.Error("the key is told again")
		}
	})
}

// Proves: 5.5
func TestAKeyIsTakenAsBearerAndAsBasic(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		basic := func(user, password string) string {
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
		}
		wrong := string(miscopied(s.key))
		foreign, err := token.New(token.Live)
		must.Do(t, err)
		forTests, err := token.New(token.Test)
		must.Do(t, err)
		for header, status := range map[string]int{
			"Bearer " + string(s.key):          http.StatusOK,
			"bearer " + string(s.key):          http.StatusOK,
			basic("anybody", string(s.key)):    http.StatusOK,
			basic("", string(s.key)):           http.StatusOK,
			basic(string(s.key), ""):           http.StatusUnauthorized,
			basic("anybody", wrong):            http.StatusUnauthorized,
			"Bearer " + wrong:                  http.StatusUnauthorized,
			"Bearer " + foreign.Reveal():       http.StatusUnauthorized,
			"Bearer " + forTests.Reveal():      http.StatusUnauthorized,
			"Bearer " + string(s.key[:21]):     http.StatusUnauthorized,
			"Token " + string(s.key):           http.StatusUnauthorized,
			string(s.key):                      http.StatusUnauthorized,
			"Bearer  ":                         http.StatusUnauthorized,
			"Bearer " + s.keyID:                http.StatusUnauthorized,
			"Bearer " + string(s.key) + "\x00": http.StatusUnauthorized,
		} {
			if answer := p.post(t, stranger{}, `{ integration { revision } }`, nil, "Authorization",
				header); answer.status != status {
				t.Errorf("%.20s...: status %d, want %d: %s", header, answer.status, status, answer.body)
			}
		}
	})
}

// Proves: 5.2
func TestAMalformedKeyIsRefusedWithoutAStatement(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		if n := p.statements(t, func() { p.works(t, miscopied(s.key)) }); n != 0 {
			t.Errorf("%d statements", n)
		}
		p.works(t, s.key)
		p.works(t, s.key)
		if n := p.statements(t, func() { p.post(t, s.key, `{ __typename }`, nil) }); n != 1 {
			t.Errorf("a key that was good before costs %d statements, want that for the version of its shop", n)
		}
	})
}

// Proves: 5.4
func TestARotatedKeyWorksUntilTheOverlapEnds(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		next, nextKey, rotated := p.rotate(t, vars{"id": s.keyID})
		for path, want := range map[string]any{
			"accessKey.name": "Caixa 1", "accessKey.status": "ACTIVE", "accessKey.expiresAt": nil,
			"replacedAccessKey.id": s.keyID, "replacedAccessKey.status": "OVERLAPPING", "replacedAccessKey.replacedBy.id": next,
		} {
			if got := rotated.get("rotateAccessKey." + path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		seen := p.must(t, s.key, `{ integration { accessKey { id overlapEndsAt } } }`, nil)
		if seen.get("integration.accessKey.id") != s.keyID || seen.get("integration.accessKey.overlapEndsAt") == nil {
			t.Errorf("the old key does not tell that it ends: %s", seen.body)
		}
		p.call(t, p.operator, "rotateAccessKey", "token", vars{"id": s.keyID}).wants(t, "KEY_NOT_ACTIVE at id")

		for _, step := range []struct {
			wait     time.Duration
			old, new bool
		}{{0, true, true}, {23*time.Hour + 59*time.Minute, true, true}, {2 * time.Minute, false, true}} {
			p.clock.advance(step.wait)
			if got := p.works(t, s.key); got != step.old {
				t.Errorf("after %v more the old key works: %t", step.wait, got)
			}
			if got := p.works(t, nextKey); got != step.new {
				t.Errorf("after %v more the new key works: %t", step.wait, got)
			}
		}
	})
}

// Proves: 5.4
func TestAnOverlapIsNeverLongerThanTheKeysOwnLife(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newShop(t, "Loja").clientProductID
		expires := p.clock.Now().Add(time.Hour).Truncate(time.Second)
		short := p.mustCall(t, p.operator, "createAccessKey", "accessKey { id } token",
			vars{"clientProductId": owner, "name": "x", "expiresAt": expires.Format(time.RFC3339)})
		id, key := short.text(t, "createAccessKey.accessKey.id"), bearer(short.text(t, "createAccessKey.token"))

		_, next, rotated := p.rotate(t, vars{"id": id, "overlapHours": 720})

		if got := rotated.get("rotateAccessKey.replacedAccessKey.overlapEndsAt"); got != instant.Text(expires) {
			t.Errorf("the overlap ends at %v, want the key's own end %v", got, expires)
		}
		p.clock.advance(time.Hour + time.Second)
		if p.works(t, key) || p.works(t, next) {
			t.Error("a key outlived the end that both have")
		}
	})
}

// Proves: 5.4
func TestARotationKeepsTheExpiryUnlessTheInputChangesIt(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		owner := p.newShop(t, "Loja").clientProductID
		end := instant.Text(p.clock.Now().Add(48 * time.Hour))
		later := instant.Text(p.clock.Now().Add(96 * time.Hour))
		for name, sc := range map[string]struct {
			first any // the end of the key that is rotated
			input vars
			want  any
		}{
			"nothing is said of it":        {end, vars{}, end},
			"nothing is said of none":      {nil, vars{}, nil},
			"null says never, on purpose":  {end, vars{"expiresAt": nil}, nil},
			"another is given":             {end, vars{"expiresAt": later}, later},
			"one is given where none was":  {nil, vars{"expiresAt": later}, later},
			"null where there was none":    {nil, vars{"expiresAt": nil}, nil},
			"nothing, at the end of a day": {later, vars{"overlapHours": 0}, later},
		} {
			made := p.mustCall(t, p.operator, "createAccessKey", "accessKey { id }",
				vars{"clientProductId": owner, "name": name, "expiresAt": sc.first})
			sc.input["id"] = made.text(t, "createAccessKey.accessKey.id")
			successor, _, rotated := p.rotate(t, sc.input)
			if got := rotated.get("rotateAccessKey.accessKey.expiresAt"); got != sc.want {
				t.Errorf("%s: the new key ends at %v, want %v", name, got, sc.want)
			}
			p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": successor})
		}
	})
}

func TestARepeatedRotationWithAnotherEndIsAnotherRequest(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		first := p.mustCall(t, p.operator, "rotateAccessKey", "accessKey { id }",
			vars{"id": s.keyID, "idempotencyKey": "one"})
		again := p.mustCall(t, p.operator, "rotateAccessKey", "accessKey { id }",
			vars{"id": s.keyID, "idempotencyKey": "one"})
		if id := first.text(t, "rotateAccessKey.accessKey.id"); again.text(t, "rotateAccessKey.accessKey.id") != id {
			t.Error("a repetition made another key")
		}
		p.call(t, p.operator, "rotateAccessKey", "accessKey { id }",
			vars{"id": s.keyID, "idempotencyKey": "one", "expiresAt": nil}).
			wants(t, "IDEMPOTENCY_MISMATCH at idempotencyKey")
	})
}

func TestAnOverlapOfNoHoursEndsTheOldKeyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		_, next, _ := p.rotate(t, vars{"id": s.keyID, "overlapHours": 0})
		if p.works(t, s.key) || !p.works(t, next) {
			t.Error("the old key works, or the new one does not")
		}
	})
}

// Proves: 5.2
func TestAKeyIsRefusedAsSoonAsItMayNotOpen(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		cases := map[string]struct {
			end  func(t *testing.T, s shop)
			undo func(t *testing.T, s shop) // nil when it cannot be undone
			why  string
		}{
			"revoked": {why: "REVOKED", end: func(t *testing.T, s shop) {
				p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": s.keyID})
			}},
			"client archived": {
				why: "CLIENT_ARCHIVED",
				end: func(t *testing.T, s shop) {
					p.mustCall(t, p.operator, "archiveClient", "client { id }", vars{"id": s.clientID})
				},
				undo: func(t *testing.T, s shop) {
					p.mustCall(t, p.operator, "restoreClient", "client { id }", vars{"id": s.clientID})
				},
			},
			"product suspended": {
				why: "PRODUCT_SUSPENDED",
				end: func(t *testing.T, s shop) {
					p.mustCall(t, p.operator, "suspendClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
				},
				undo: func(t *testing.T, s shop) {
					p.mustCall(t, p.operator, "resumeClientProduct", "clientProduct { id }", vars{"id": s.clientProductID})
				},
			},
		}
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				s, other := p.newShop(t, "Loja"), p.newShop(t, "Outra")
				if !p.works(t, s.key) {
					t.Fatal("the key does not work from the first")
				}
				c.end(t, s)
				if why := p.refusal(t, s.key); why != c.why {
					t.Errorf("it is refused for %q, want %q", why, c.why)
				}
				if why := p.refusal(t, s.key[:22]+other.key[22:]); why != "WRONG_CHECKSUM" {
					t.Errorf("to who has half of it is said %q", why)
				}
				if !p.works(t, other.key) {
					t.Error("another client's key was refused too")
				}
				if c.undo != nil {
					c.undo(t, s)
					if !p.works(t, s.key) {
						t.Error("the key does not work again")
					}
				}
			})
		}
		t.Run("expired", func(t *testing.T) {
			s := p.newShop(t, "Loja")
			made := p.mustCall(t, p.operator, "createAccessKey", "token",
				vars{"clientProductId": s.clientProductID, "name": "x", "expiresAt": p.clock.Now().Add(time.Minute).
					Format(time.RFC3339Nano)})
			key := bearer(made.text(t, "createAccessKey.token"))
			if !p.works(t, key) {
				t.Error("it does not work before its end")
			}
			p.clock.advance(time.Minute)
			if why := p.refusal(t, key); why != "EXPIRED" {
				t.Errorf("after its end it is refused for %q", why)
			}
		})
	})
}

// Proves: 5.4
func TestARevokedKeyStaysRevoked(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		first := p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { status revokedAt }", vars{"id": s.keyID})
		before := p.snapshot(t)
		again := p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { status revokedAt }", vars{"id": s.keyID})
		if first.body != again.body || first.get("revokeAccessKey.accessKey.status") != "REVOKED" {
			t.Errorf("first %s, then %s", first.body, again.body)
		}
		p.call(t, p.operator, "rotateAccessKey", "token", vars{"id": s.keyID}).wants(t, "KEY_NOT_ACTIVE at id")
		p.unchanged(t, before)
	})
}

// Proves: 5.4
func TestAClientProductHasAtMostFiveKeysInForce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		create := func() response {
			return p.call(t, p.operator, "createAccessKey", "accessKey { id } token",
				vars{"clientProductId": s.clientProductID, "name": "x"})
		}
		for range 4 {
			create().wants(t)
		}
		create().wants(t, "LIMIT_REACHED at clientProductId")
		p.rotate(t, vars{"id": s.keyID}) // the successor replaces it in the count
		create().wants(t, "LIMIT_REACHED at clientProductId")
		last := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on ClientProduct { accessKeys { id status } } } }`,
			vars{"id": s.clientProductID})
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": last.text(t, "node.accessKeys.0.id")})
		create().wants(t)
		create().wants(t, "LIMIT_REACHED at clientProductId")
	})
}

func TestAnAccessKeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		past := p.clock.Now().Add(-time.Second).Format(time.RFC3339)
		p.refuses(t, p.operator, "createAccessKey", []refusal{
			{"no name", vars{"clientProductId": s.clientProductID, "name": ""}, []string{"REQUIRED at name"}},
			{"a name too long", vars{"clientProductId": s.clientProductID, "name": strings.Repeat("x", 201)},
				[]string{"TOO_LONG at name"}},
			{"a name with a tab", vars{"clientProductId": s.clientProductID, "name": "a\tb"},
				[]string{"INVALID_CHARACTERS at name"}},
			{"an end in the past", vars{"clientProductId": s.clientProductID, "name": "x", "expiresAt": past},
				[]string{"EXPIRY_PAST at expiresAt"}},
			{"both", vars{"clientProductId": s.clientProductID, "name": "", "expiresAt": past},
				[]string{"REQUIRED at name", "EXPIRY_PAST at expiresAt"}},
		})
		p.refuses(t, p.operator, "rotateAccessKey", []refusal{
			{"a negative overlap", vars{"id": s.keyID, "overlapHours": -1}, []string{"OUT_OF_RANGE at overlapHours"}},
			{"an overlap over 30 days", vars{"id": s.keyID, "overlapHours": 721}, []string{"OUT_OF_RANGE at overlapHours"}},
			{"an end in the past", vars{"id": s.keyID, "expiresAt": past}, []string{"EXPIRY_PAST at expiresAt"}},
		})
		english := p.call(t, p.operator, "rotateAccessKey", "token", vars{"id": s.keyID, "overlapHours": 721},
			"Accept-Language", "en")
		if got := english.userErrors(t)[0].Message; got != "Choose a number from 0 to 720." {
			t.Errorf("the sentence is %q", got)
		}
	})
}

func TestTheLastUseOfAKeyIsSavedLater(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		used := func() string {
			t.Helper()
			node := p.must(t, p.viewer, `query($id: ID!) { node(id: $id) { ... on AccessKey { lastUsedAt lastUsedAddress } } }`,
				vars{"id": s.keyID})
			return fmt.Sprint(node.get("node.lastUsedAt"), " from ", node.get("node.lastUsedAddress"))
		}
		before := p.snapshot(t)
		from := p.clock.Now()
		p.works(t, s.key)
		p.works(t, s.key)
		p.unchanged(t, before) // a read never writes
		must.Do(t, p.keys.Flush(t.Context()))
		at, address, _ := strings.Cut(used(), " from ")
		if when, err := time.Parse(time.RFC3339Nano, at); err != nil || when.Before(from) || when.After(p.clock.Now()) ||
			address != "192.0.2.1" {
			t.Errorf("last used at %s from %s", at, address)
		}

		before = p.snapshot(t)
		must.Do(t, p.keys.Flush(t.Context())) // nothing new to save
		p.unchanged(t, before)
		p.clock.advance(time.Minute)
		p.works(t, s.key)
		must.Do(t, p.keys.Flush(t.Context()))
		if later := used(); later <= at {
			t.Errorf("the second use at %s is not after the first at %s", later, at)
		}
		if p.auditCount(t) != len(before["audit_events"]) {
			t.Error("a use is an audit event")
		}
	})
}

func TestTheListOfKeysIsSearchedAndNarrowed(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		first, second := p.newShop(t, "Alfa"), p.newShop(t, "Beta")
		_, _, _ = p.rotate(t, vars{"id": second.keyID, "overlapHours": 1})
		zoned := p.mustCall(t, p.operator, "createAccessKey", "accessKey { id } token",
			vars{"clientProductId": first.clientProductID, "name": "Zoned",
				// One hour from now, written with the offset of Brasília.
				"expiresAt": p.clock.Now().Add(time.Hour).In(time.FixedZone("BRT", -3*60*60)).Format(time.RFC3339)})
		zonedID := zoned.text(t, "createAccessKey.accessKey.id")
		gone, _ := p.newKey(t, first.clientProductID)
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": gone})
		p.works(t, first.key)
		must.Do(t, p.keys.Flush(t.Context()))
		list := func(variables vars) []string {
			t.Helper()
			answer := p.must(t, p.viewer, `query($search: String, $filter: AccessKeyFilter, $order: AccessKeyOrder) {
				accessKeys(search: $search, filter: $filter, orderBy: $order) { totalCount
					edges { node { id status } } } }`, variables)
			ids := answer.texts(t, "accessKeys.edges", "node.id")
			if answer.get("accessKeys.totalCount") != float64(len(ids)) {
				t.Errorf("totalCount %v of %d", answer.get("accessKeys.totalCount"), len(ids))
			}
			return ids
		}

		all := list(nil)
		if len(all) != 5 || all[0] != gone || all[4] != first.keyID {
			t.Errorf("newest first: %v", all)
		}
		if got := list(vars{"order": vars{"field": "CREATED_AT", "direction": "ASC"}}); !slices.Equal(got,
			[]string{first.keyID, second.keyID, all[2], zonedID, gone}) {
			t.Errorf("oldest first: %v", got)
		}
		for name, c := range map[string]struct {
			variables vars
			want      []string
		}{
			"of a client": {vars{"filter": vars{"clientId": first.clientID}}, []string{gone, zonedID, first.keyID}},
			"of a client's product": {vars{"filter": vars{"clientProductId": second.clientProductID}},
				[]string{all[2], second.keyID}},
			"of nobody": {vars{"filter": vars{"clientId": "cli_x\x00"}}, []string{}},
			"in force": {vars{"filter": vars{"inForce": true}},
				[]string{zonedID, all[2], second.keyID, first.keyID}},
			"not in force": {vars{"filter": vars{"inForce": false}}, []string{gone}},
			"used":         {vars{"filter": vars{"neverUsed": false}}, []string{first.keyID}},
			"never used and in force": {vars{"filter": vars{"neverUsed": true, "inForce": true}},
				[]string{zonedID, all[2], second.keyID}},
			"by the visible part": {vars{"search": string(first.key[:21])}, []string{first.keyID}},
			"by its beginning":    {vars{"search": " " + string(first.key[:15])}, []string{first.keyID}},
			"by a paste of it":    {vars{"search": "\u200b“" + string(first.key[:21]) + "”\u00a0"}, []string{first.keyID}},
			"by the secret":       {vars{"search": string(first.key[22:40])}, []string{}},
			"by a wildcard":       {vars{"search": "chv_live%"}, []string{}},
		} {
			if got := list(c.variables); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		p.clock.advance(61 * time.Minute)
		if got := list(vars{"filter": vars{"inForce": true}}); !slices.Equal(got, []string{all[2], first.keyID}) {
			t.Errorf("in force an hour later: %v", got)
		}
	})
}

func TestAClientsProductShowsItsKeysInForceFirst(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		s := p.newShop(t, "Loja")
		second, _ := p.newKey(t, s.clientProductID)
		third, _ := p.newKey(t, s.clientProductID)
		p.mustCall(t, p.operator, "revokeAccessKey", "accessKey { id }", vars{"id": third})
		query := `query($id: ID!, $first: Int!) {
			node(id: $id) { ... on ClientProduct { accessKeys(first: $first) { id } } } }`
		if got := p.must(t, p.viewer, query, vars{"id": s.clientProductID, "first": 100}).
			texts(t, "node.accessKeys", "id"); !slices.Equal(got, []string{second, s.keyID, third}) {
			t.Errorf("%v", got)
		}
		if got := p.must(t, p.viewer, query, vars{"id": s.clientProductID, "first": 1}).
			texts(t, "node.accessKeys", "id"); !slices.Equal(got, []string{second}) {
			t.Errorf("the first: %v", got)
		}
		for _, first := range []int{0, 101} {
			p.post(t, p.viewer, query, vars{"id": s.clientProductID, "first": first}).refused(t, "BAD_USER_INPUT")
		}
	})
}
