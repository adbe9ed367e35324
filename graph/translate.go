package graph

import (
	"context"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/cookie"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/login"
	"github.com/chaveiro/chaveiro/internal/core/operator"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// oneOf returns the one member of a oneOf input that is set (the only non-nil field, of kind T) and its name in the
// schema. The GraphQL engine enforces "exactly one" in literals but not in variables, so oneOf counts. at is the path
// of the input for the user error.
func oneOf[T any](input any, at ...string) (member T, name string, err error) {
	given := 0
	fields := reflect.ValueOf(input)
	for i := range fields.NumField() {
		if field := fields.Field(i); !field.IsNil() {
			given++
			member, _ = field.Interface().(T)
			name, _, _ = strings.Cut(fields.Type().Field(i).Tag.Get("json"), ",")
		}
	}
	if given != 1 {
		var none T
		return none, "", fault.New(fault.OneOf, at...)
	}
	return member, name, nil
}

// health returns the health of a connection at now. Credentials that have ended since the last check count as ended.
func health(ctx context.Context, m *ent.Marketplace, now time.Time) *model.MarketplaceHealth {
	is, since := connection.HealthAt(m, now)
	return &model.MarketplaceHealth{
		State:         is.State(),
		Reason:        is.Reason,
		Message:       sentenceOf(ctx, is.Reason, outbound.Cause(orEmpty(m.CallCause))),
		Since:         since,
		LastCheckedAt: m.LastCheckedAt,
		NextCheckAt:   m.NextCheckAt,
	}
}

// sentenceOf returns the sentence for a reason, and for the cause where the provider could not be reached. An access
// key gets its own sentence where there is one: a person at an ERP cannot act in the portal.
func sentenceOf(ctx context.Context, reason provider.Reason, cause outbound.Cause) string {
	if reason == provider.Unreachable && cause != "" {
		return i18n.Text(ctx, "cause."+string(cause)) + " " + i18n.Text(ctx, "cause.triesAgain")
	}
	if _, ok := principal.From(ctx).(principal.Key); ok && i18n.Has("health.erp."+string(reason)) {
		return i18n.Text(ctx, "health.erp."+string(reason))
	}
	return i18n.Text(ctx, "health."+string(reason))
}

// loginPayload returns the payload of a log-in, which may need a second factor first.
func loginPayload(ctx context.Context, result login.Result, err error) (*model.SessionPayload, error) {
	if err == nil && result.SecondFactor != nil {
		return &model.SessionPayload{SecondFactor: result.SecondFactor, UserErrors: []*model.UserError{}}, nil
	}
	return sessionPayload(ctx, result.Session, err)
}

// sessionPayload puts the refresh token into the cookie, and the rest into the payload.
func sessionPayload(ctx context.Context, result session.Session, err error) (*model.SessionPayload, error) {
	userErrors, err := mend(ctx, err)
	if err != nil || len(userErrors) > 0 {
		return &model.SessionPayload{UserErrors: userErrors}, err
	}
	if result.RefreshToken != "" {
		cookie.From(ctx).Set(result.RefreshToken, result.RefreshExpiresAt)
	}
	if result.Device != "" {
		cookie.From(ctx).SetDevice(result.Device, result.DeviceExpiresAt)
	}
	return &model.SessionPayload{
		AccessToken: &result.AccessToken,
		ExpiresAt:   &result.AccessExpiresAt,
		Operator:    result.Operator,
		UserErrors:  userErrors,
	}, nil
}

// account returns the payload with the account after a change that returned err.
func (r *Resolver) account(ctx context.Context, err error) (*model.AccountPayload, error) {
	userErrors, err := mend(ctx, err)
	if err != nil || len(userErrors) > 0 {
		return &model.AccountPayload{UserErrors: userErrors}, err
	}
	account, err := r.Operators.Account(ctx)
	return &model.AccountPayload{Account: account, UserErrors: userErrors}, err
}

// secondFactor returns the payload with the account after a change of its second factor that returned err.
func (r *Resolver) secondFactor(ctx context.Context, codes []string, err error) (*model.SecondFactorPayload, error) {
	after, err := r.account(ctx, err)
	return &model.SecondFactorPayload{Account: after.Account, RecoveryCodes: codes, UserErrors: after.UserErrors}, err
}

func operatorPayload(ctx context.Context, person *ent.Operator, err error) (*model.OperatorPayload, error) {
	userErrors, err := mend(ctx, err)
	return &model.OperatorPayload{Operator: person, UserErrors: userErrors}, err
}

func operatorLink(
	ctx context.Context, person *ent.Operator, link operator.Link, err error,
) (*model.OperatorLinkPayload, error) {
	userErrors, err := mend(ctx, err)
	if err != nil || len(userErrors) > 0 {
		return &model.OperatorLinkPayload{UserErrors: userErrors}, err
	}
	return &model.OperatorLinkPayload{
		Operator: person, Link: &link.URL, LinkExpiresAt: &link.ExpiresAt, UserErrors: userErrors,
	}, nil
}

func browser(ctx context.Context) session.Browser {
	jar := cookie.From(ctx)
	return session.Browser{Address: audit.OriginFrom(ctx).Address, UserAgent: jar.UserAgent(), Device: jar.Device()}
}

// reveal returns the text of a new key; nil when none was issued.
func reveal(issued accesskey.Issued) *string {
	if issued.Token == nil {
		return nil
	}
	text := issued.Token.Reveal()
	return &text
}

// texts returns networks in CIDR notation.
func texts(networks []netip.Prefix) []string {
	found := make([]string, len(networks))
	for i, network := range networks {
		found[i] = network.String()
	}
	return found
}

// searchText returns the search text of a list without NUL characters, which PostgreSQL rejects in text.
func searchText(text *string) string {
	return strings.ReplaceAll(orEmpty(text), "\x00", "")
}

// accountOf returns the shop behind a marketplace; nil when the provider has given no data of it.
func accountOf(
	ctx context.Context, m *ent.Marketplace, owner func() (*ent.ClientRecord, error),
) (*model.MarketplaceAccount, error) {
	if m.ExternalAccount == nil && m.AccountName == nil && m.AccountDocument == nil {
		return nil, nil
	}
	shop := &model.MarketplaceAccount{ID: m.ExternalAccount, Name: m.AccountName,
		Document: shownOf(ctx, m.AccountDocument)}
	if m.AccountDocument != nil {
		client, err := owner()
		if err != nil {
			return nil, err
		}
		compare(shop, client.Document, *m.AccountDocument)
	}
	return shop, nil
}

// compare sets how a shop's document compares to the client's.
func compare(shop *model.MarketplaceAccount, client, document string) {
	relation := connection.RelationOf(client, document)
	matches, branch := relation == connection.Same, relation == connection.Branch
	shop.MatchesClient, shop.IsBranch = &matches, &branch
}

// testOf returns the result of a test in the caller's language.
func testOf(ctx context.Context, t keeper.Tested) *model.MarketplaceTest {
	found := &model.MarketplaceTest{
		Outcome: t.Outcome, Message: i18n.Text(ctx, "test."+string(t.Outcome)),
		ProviderMessage: unlessEmpty(t.Result.Message), TechnicalDetail: forAdministrators(ctx, unlessEmpty(t.Result.Detail)),
	}
	switch {
	case t.Outcome == provider.OK, t.Outcome == provider.Untestable, t.Reason == "":
	case t.Reason == provider.Unreachable && t.Cause != "":
		found.Message = i18n.Text(ctx, "cause."+string(t.Cause)) // a test is not tried again by itself
	default:
		found.Message = sentenceOf(ctx, t.Reason, "")
	}
	if a := t.Account; a != (provider.Account{}) {
		found.Account = &model.MarketplaceAccount{ID: unlessEmpty(a.ID), Name: unlessEmpty(a.Name),
			Document: shownOf(ctx, unlessEmpty(a.Document))}
		if a.Document != "" {
			compare(found.Account, t.Document, a.Document)
		}
	}
	warning := ""
	switch {
	case t.TakenBy != "":
		warning = i18n.Text(ctx, "test.takenBy", t.TakenBy)
	case t.Relation() == connection.Other:
		warning = i18n.Text(ctx, "test.otherShop")
	case t.Relation() == connection.Branch:
		warning = i18n.Text(ctx, "test.branch")
	}
	found.IdentityWarning = unlessEmpty(warning)
	return found
}

func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// orEmpty returns a text, empty where there is none.
func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// removedFromClient returns the payload of a removal of what was kept beside a client.
func removedFromClient(ctx context.Context, clientID string, err error) (*model.RemoveFromClientPayload, error) {
	userErrors, err := mend(ctx, err)
	if err != nil || len(userErrors) > 0 {
		return &model.RemoveFromClientPayload{UserErrors: userErrors}, err
	}
	client, err := find(ctx, load(ctx).client, clientID)
	return &model.RemoveFromClientPayload{Client: client, UserErrors: userErrors}, err
}

// idUnless returns an id, or nil when there are user errors.
func idUnless(userErrors []*model.UserError, id string) *string {
	if len(userErrors) > 0 {
		return nil
	}
	return &id
}

// asksFor reports whether the selection of the field that is being resolved contains a field of this name.
func asksFor(ctx context.Context, name string) bool {
	return slices.ContainsFunc(graphql.CollectFieldsCtx(ctx, nil),
		func(f graphql.CollectedField) bool { return f.Name == name })
}

// follow returns the channel of a subscription: first, unless it is nil, then what become returns for each event. The
// channel is closed when ctx ends.
func follow[T any](ctx context.Context, events <-chan live.Event, first *T, become func(live.Event) *T) <-chan *T {
	out := make(chan *T)
	go func() {
		defer close(out)
		send := func(value *T) bool {
			select {
			case out <- value:
				return true
			case <-ctx.Done():
				return false
			}
		}
		if first != nil && !send(first) {
			return
		}
		for e := range events { // it is closed when ctx ends
			if !send(become(e)) {
				return
			}
		}
	}()
	return out
}
