// Package policy holds the second layer of authorization: the privacy policies that the ent schema attaches to its
// types. Each ends in Deny, so that a query or a change without a rule is refused, even if the first layer (the access
// directive of the GraphQL schema) let it through.
package policy

import (
	"context"
	"slices"

	"entgo.io/ent"

	gen "github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/accesskey"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/clientnote"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/privacy"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// Policy is the policy of a type that operators work with. Operators of every role read it, Admin and Editor change it,
// and only Admin deletes rows. An access key reads what keyRule allows. A script changes it with one of scopes; with
// Write when none is named.
func Policy(keyRule privacy.QueryRule, scopes ...principal.Scope) ent.Policy {
	if len(scopes) == 0 {
		scopes = []principal.Scope{principal.Write}
	}
	return privacy.Policy{
		Query: privacy.QueryPolicy{
			allowSystem(),
			allowRoles(principal.Admin, principal.Editor, principal.Viewer),
			keyRule,
			privacy.AlwaysDenyRule(),
		},
		Mutation: privacy.MutationPolicy{
			allowSystem(),
			denyScriptsWithout(scopes...),
			allowRoles(principal.Admin),
			privacy.DenyMutationOperationRule(ent.OpDelete | ent.OpDeleteOne),
			allowRoles(principal.Editor),
			privacy.AlwaysDenyRule(),
		},
	}
}

// OperatorsKeep is the policy of what operators write down beside a client. Operators of every role read it, and Admin
// and Editor change it and delete it.
func OperatorsKeep() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{allowSystem(), allowRoles(principal.Admin, principal.Editor, principal.Viewer),
			privacy.AlwaysDenyRule()},
		Mutation: privacy.MutationPolicy{allowSystem(), denyScriptsWithout(principal.Write),
			allowRoles(principal.Admin, principal.Editor), privacy.AlwaysDenyRule()},
	}
}

// OwnNotes is OperatorsKeep for notes: an operator of role Editor changes and deletes only the operator's own.
func OwnNotes() ent.Policy {
	return privacy.Policy{
		Query: OperatorsKeep().(privacy.Policy).Query,
		Mutation: privacy.MutationPolicy{allowSystem(), denyScriptsWithout(principal.Write), allowRoles(principal.Admin),
			privacy.ClientNoteMutationRuleFunc(func(ctx context.Context, m *gen.ClientNoteMutation) error {
				p, ok := principal.From(ctx).(principal.Operator)
				if !ok || p.Role != principal.Editor {
					return privacy.Skip
				}
				if !m.Op().Is(ent.OpCreate) {
					m.Where(clientnote.AuthorID(p.ID))
				}
				return privacy.Allow
			}),
			privacy.AlwaysDenyRule()},
	}
}

// AdminWrites is the policy of a type that every operator reads and only administrators change.
func AdminWrites() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{allowSystem(), allowRoles(principal.Admin, principal.Editor, principal.Viewer),
			privacy.AlwaysDenyRule()},
		Mutation: privacy.MutationPolicy{allowSystem(), denyScriptsWithout(principal.Write), allowRoles(principal.Admin),
			privacy.AlwaysDenyRule()},
	}
}

// AdminOnly is the policy of a type that only administrators, and the program itself, read and change: no script
// changes it.
func AdminOnly() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{allowSystem(), allowRoles(principal.Admin), privacy.AlwaysDenyRule()},
		Mutation: privacy.MutationPolicy{allowSystem(), denyScriptsWithout(), allowRoles(principal.Admin),
			privacy.AlwaysDenyRule()},
	}
}

// OperatorsRead is the policy of a type that every operator reads and only the program itself changes, after the checks
// of the deciding package.
func OperatorsRead() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{allowSystem(), allowRoles(principal.Admin, principal.Editor, principal.Viewer),
			privacy.AlwaysDenyRule()},
		Mutation: privacy.MutationPolicy{allowSystem(), privacy.AlwaysDenyRule()},
	}
}

// SelfReads is the policy of operators. Administrators read all, and other operators only themselves. Only the program
// itself changes them, after the checks of log-in and operator management.
func SelfReads() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{
			allowSystem(),
			allowRoles(principal.Admin),
			privacy.OperatorQueryRuleFunc(func(ctx context.Context, q *gen.OperatorQuery) error {
				if p, ok := principal.From(ctx).(principal.Operator); ok {
					q.Where(operator.ID(p.ID))
					return privacy.Allow
				}
				return privacy.Skip
			}),
			privacy.AlwaysDenyRule(),
		},
		Mutation: privacy.MutationPolicy{allowSystem(), privacy.AlwaysDenyRule()},
	}
}

// SystemOnly is the policy of what only the program itself reads and writes.
func SystemOnly() ent.Policy {
	return privacy.Policy{
		Query:    privacy.QueryPolicy{allowSystem(), privacy.AlwaysDenyRule()},
		Mutation: privacy.MutationPolicy{allowSystem(), privacy.AlwaysDenyRule()},
	}
}

// Trail is the policy of the audit trail. The program itself writes it. Administrators read all of it, and an operator
// of role Editor only the operator's own actions.
func Trail() ent.Policy {
	return privacy.Policy{
		Query: privacy.QueryPolicy{
			allowSystem(),
			allowRoles(principal.Admin),
			privacy.AuditEventQueryRuleFunc(func(ctx context.Context, q *gen.AuditEventQuery) error {
				if p, ok := principal.From(ctx).(principal.Operator); ok && p.Role == principal.Editor {
					q.Where(auditevent.ActorID(p.ID))
					return privacy.Allow
				}
				return privacy.Skip
			}),
			privacy.AlwaysDenyRule(),
		},
		Mutation: privacy.MutationPolicy{allowSystem(), privacy.AlwaysDenyRule()},
	}
}

// OwnClient lets an access key read its own client.
func OwnClient() privacy.QueryRule {
	return privacy.ClientRecordQueryRuleFunc(func(ctx context.Context, q *gen.ClientRecordQuery) error {
		return narrowToKey(ctx, func(k principal.Key) { q.Where(clientrecord.ID(k.ClientID)) })
	})
}

// OwnClientProduct lets an access key read the client's product that it opens.
func OwnClientProduct() privacy.QueryRule {
	return privacy.ClientProductQueryRuleFunc(func(ctx context.Context, q *gen.ClientProductQuery) error {
		return narrowToKey(ctx, func(k principal.Key) { q.Where(clientproduct.ID(k.ClientProductID)) })
	})
}

// OwnMarketplaces lets an access key read the marketplaces of the client's product that it opens.
func OwnMarketplaces() privacy.QueryRule {
	return privacy.MarketplaceQueryRuleFunc(func(ctx context.Context, q *gen.MarketplaceQuery) error {
		return narrowToKey(ctx, func(k principal.Key) { q.Where(marketplace.ClientProductID(k.ClientProductID)) })
	})
}

// OwnAccessKey lets an access key read itself.
func OwnAccessKey() privacy.QueryRule {
	return privacy.AccessKeyQueryRuleFunc(func(ctx context.Context, q *gen.AccessKeyQuery) error {
		return narrowToKey(ctx, func(k principal.Key) { q.Where(accesskey.ID(k.ID)) })
	})
}

func narrowToKey(ctx context.Context, narrow func(principal.Key)) error {
	k, ok := principal.From(ctx).(principal.Key)
	if !ok {
		return privacy.Skip
	}
	narrow(k)
	return privacy.Allow
}

func allowSystem() privacy.QueryMutationRule {
	return privacy.ContextQueryMutationRule(func(ctx context.Context) error {
		if _, ok := principal.From(ctx).(principal.System); ok {
			return privacy.Allow
		}
		return privacy.Skip
	})
}

func allowRoles(roles ...principal.Role) privacy.QueryMutationRule {
	return privacy.ContextQueryMutationRule(func(ctx context.Context) error {
		p, ok := principal.From(ctx).(principal.Operator)
		if !ok {
			return privacy.Skip
		}
		for _, role := range roles {
			if p.Role == role {
				return privacy.Allow
			}
		}
		return privacy.Skip
	})
}

// denyScriptsWithout refuses every script that has none of these scopes; all scripts when there are none.
func denyScriptsWithout(scopes ...principal.Scope) privacy.QueryMutationRule {
	return privacy.ContextQueryMutationRule(func(ctx context.Context) error {
		p, ok := principal.From(ctx).(principal.Operator)
		if ok && p.IsService() && !slices.ContainsFunc(scopes, p.Scopes.Has) {
			return privacy.Denyf("a script without the scope for it")
		}
		return privacy.Skip
	})
}
