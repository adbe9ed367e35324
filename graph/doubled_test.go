package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// both sends the same request twice at the same time and returns the answers.
func both(send func() response) []response {
	answers := make(chan response, 2)
	for range 2 {
		go func() { answers <- send() }()
	}
	return []response{<-answers, <-answers}
}

// Proves: 2.7
func TestASecondFactorThatIsSentTwiceLogsInOnceAndSaysSo(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		used := p.setUpApp(t, p.login(t, p.operator.email, goodPassword))
		for name, proof := range map[string]vars{
			"a code": {"code": used.code(t, p, 0)}, "a recovery code": {"recoveryCode": used.codes[0]},
		} {
			events, ticket := p.auditCount(t), p.halfLogin(t, p.operator.email, goodPassword)
			done := 0
			for _, answer := range both(func() response { return p.complete(t, ticket, proof) }) {
				if answer.get("completeLogin.accessToken") != nil {
					done++
					p.must(t, in(answer, "completeLogin"), `{ viewer { id } }`, nil)
				} else {
					answer.wants(t, "TICKET_USED at ticket")
				}
			}
			p.complete(t, ticket, proof).wants(t, "TICKET_USED at ticket") // a retry after a cut answer gets the same
			if done != 1 {
				t.Errorf("%s: %d log-ins", name, done)
			}
			for _, row := range p.audited(t, events) {
				if row.action == "session.second_factor_failed" {
					t.Errorf("%s: the second is a failed log-in", name)
				}
			}
		}
	})
}

// Proves: 2.7
func TestTwoLogInsInTwoTabsBothSucceed(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		used := p.setUpApp(t, p.login(t, p.operator.email, goodPassword))
		first, second := p.halfLogin(t, p.operator.email, goodPassword), p.halfLogin(t, p.operator.email, goodPassword)
		code := used.code(t, p, 0)
		inFirst := p.complete(t, first, vars{"code": code})
		p.must(t, in(inFirst, "completeLogin"), `{ viewer { id } }`, nil)
		// The answer says to wait, and does not use the ticket up.
		p.complete(t, second, vars{"code": code}).wants(t, "CODE_USED at code")
		p.clock.advance(30 * time.Second)
		inSecond := p.complete(t, second, vars{"code": used.code(t, p, 0)})
		for _, as := range []bearer{in(inFirst, "completeLogin"), in(inSecond, "completeLogin")} {
			p.must(t, as, `{ viewer { id } }`, nil)
		}
	})
}

// Proves: 2.7
func TestTwoPasskeysAreRegisteredInTwoTabs(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		me := p.login(t, p.operator.email, goodPassword)
		type begun struct {
			ticket, options string
			key             *key
		}
		var tabs []begun
		for range 2 {
			asked := p.must(t, p.present(t, me, goodPassword), `mutation { beginPasskeyRegistration { ticket options } }`, nil)
			tabs = append(tabs, begun{
				asked.text(t, "beginPasskeyRegistration.ticket"), asked.text(t, "beginPasskeyRegistration.options"),
				newPasskey(p.operator.id),
			})
		}
		slices.Reverse(tabs) // the registration that started last is completed first
		for i, tab := range tabs {
			answer := vars{"ticket": tab.ticket, "response": tab.key.register(t, tab.options)}
			name := fmt.Sprintf("Celular %d", i)
			p.mustCall(t, me, "addPasskey", "recoveryCodes", vars{"name": name, "answer": answer})
			p.call(t, me, "addPasskey", "recoveryCodes", vars{"name": name, "answer": answer}).wants(t, "TICKET_USED at ticket")
		}
		account := p.must(t, me, `{ account { passkeys { name } recoveryCodesLeft } }`, nil)
		if got := account.texts(t, "account.passkeys", "name"); !slices.Equal(got, []string{"Celular 0", "Celular 1"}) {
			t.Errorf("the passkeys are %v", got)
		}
		if left := fmt.Sprint(account.get("account.recoveryCodesLeft")); left != "10" {
			t.Errorf("%s recovery codes", left)
		}
	})
}

// Proves: 2.7
func TestOfTwoAppsThatAreSetUpInTwoTabsTheFirstStays(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.clock.stop()
		me := p.login(t, p.operator.email, goodPassword)
		var seeds, tickets []string
		for range 2 {
			begun := p.must(t, p.present(t, me, goodPassword), `mutation { beginTotp { ticket seed } }`, nil)
			seeds, tickets = append(seeds, begun.text(t, "beginTotp.seed")), append(tickets, begun.text(t, "beginTotp.ticket"))
		}
		confirm := func(tab int) response {
			code := app{seed: seeds[tab]}.code(t, p, 0)
			return p.call(t, me, "confirmTotp", "recoveryCodes", vars{"ticket": tickets[tab], "code": code})
		}
		confirm(0).wants(t)
		confirm(0).wants(t, "TICKET_USED at ticket")
		confirm(1).wants(t, "TICKET_USED at ticket")
		p.clock.advance(time.Minute)
		ticket := p.halfLogin(t, p.operator.email, goodPassword)
		p.complete(t, ticket, vars{"code": app{seed: seeds[0]}.code(t, p, 0)}).text(t, "completeLogin.accessToken")
	})
}

// Proves: 2.4
func TestALinkThatIsUsedTwiceSetsOnePasswordAndSaysSo(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		invited := p.mustCall(t, p.admin, "inviteOperator", "link",
			vars{"name": "Nina", "email": "nina@example.com", "role": "OPERATOR"})
		link := linkOf(t, invited.text(t, "inviteOperator.link"))
		set := func(password string) response {
			return p.call(t, stranger{}, "setPassword", sessionFields, vars{"link": link, "password": password})
		}
		done := 0
		var first bearer
		for _, answer := range both(func() response { return set(otherPassword) }) {
			if answer.get("setPassword.accessToken") != nil {
				done, first = done+1, in(answer, "setPassword")
			} else {
				answer.wants(t, "LINK_USED at link")
			}
		}
		set("a password that came too late").wants(t, "LINK_USED at link")
		if done != 1 {
			t.Errorf("%d passwords were set", done)
		}
		p.must(t, first, `{ viewer { id } }`, nil) // the second use has not ended the session
		p.login(t, "nina@example.com", otherPassword)

		again := p.mustCall(t, p.admin, "createPasswordLink", "link", vars{"id": p.operator.id})
		replaced := linkOf(t, again.text(t, "createPasswordLink.link"))
		p.mustCall(t, p.admin, "createPasswordLink", "link", vars{"id": p.operator.id})
		p.call(t, stranger{}, "setPassword", sessionFields, vars{"link": replaced, "password": otherPassword}).
			wants(t, "LINK_INVALID at link")
	})
}

// Proves: 2.7
func TestAChangeOfAnAccountThatIsSentTwiceIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, p *portal) {
		p.setUpApp(t, p.login(t, p.operator.email, goodPassword))
		me := p.login(t, p.viewer.email, goodPassword)
		moved := vars{"name": "Vera", "email": "vera@new.example", "emailConfirmation": "vera@new.example"}
		present := p.present(t, me, goodPassword)
		for range 2 { // the second call finds nothing to change
			p.mustCall(t, present, "updateAccount", "account { operator { email } }", moved)
		}

		p.setUpApp(t, me)
		present = p.present(t, me, goodPassword)
		codes := p.must(t, present, `mutation { createRecoveryCodes { recoveryCodes } }`, nil)
		if again := p.post(t, present, `mutation { createRecoveryCodes { recoveryCodes } }`,
			nil); again.code(t) != "PRESENCE_REQUIRED" {
			t.Errorf("new codes by the same proof: %s", again.body)
		}
		first := fmt.Sprint(codes.get("createRecoveryCodes.recoveryCodes.0"))
		p.complete(t, p.halfLogin(t, "vera@new.example", goodPassword), vars{"recoveryCode": first}).
			text(t, "completeLogin.accessToken")
	})
}
