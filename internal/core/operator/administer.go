package operator

import (
	"context"
	"fmt"
	"slices"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// task is what the program does where it changes an operator for an administrator.
const task = "operators"

// parties are the operator that is changed, whose row is locked, and the administrator who acts.
type parties struct {
	person *ent.Operator
	actor  principal.Operator
}

// isSelf reports whether the administrator who acts is the operator that is changed.
func (p parties) isSelf() bool { return p.person.ID == p.actor.ID }

// change changes an operator on behalf of an administrator. It returns the event that records it.
type change func(ctx context.Context, tx *ent.Tx, of parties) (audit.Event, error)

// administer changes one operator on behalf of the administrator who acts, in one transaction in which the change has
// the program's rights. It returns the operator after the change.
func (s *Service) administer(ctx context.Context, id string, do change) (*ent.Operator, error) {
	actor, err := principal.Administrator(ctx)
	if err != nil {
		return nil, err
	}
	var after *ent.Operator
	err = audit.WriteAs(ctx, s.store, actor, task, func(ctx context.Context, tx *ent.Tx) (audit.Event, error) {
		person, err := tx.Operator.Query().Where(operator.ID(id), store.ForUpdate).Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the operator: %w", err)
		}
		event, err := do(ctx, tx, parties{person, actor})
		if err != nil {
			return audit.Event{}, err
		}
		event.ObjectID = id
		after, err = tx.Operator.Get(ctx, id)
		return event, err
	})
	return after, err
}

// Invite makes an operator without a password, and the link to set one.
func (s *Service) Invite(ctx context.Context, name, email string, role principal.Role) (*ent.Operator, Link, error) {
	var bad fault.List
	name, email = checkIdentity(&bad, name, email)
	if err := bad.Err(); err != nil {
		return nil, Link{}, err
	}
	actor, err := principal.Administrator(ctx)
	if err != nil {
		return nil, Link{}, err
	}
	var (
		person *ent.Operator
		link   Link
	)
	err = audit.WriteAs(ctx, s.store, actor, task, func(ctx context.Context, tx *ent.Tx) (audit.Event, error) {
		var err error
		if person, err = insert(ctx, tx, draft{name: name, email: email, role: role}); err != nil {
			return audit.Event{}, err
		}
		link, err = s.createLink(ctx, tx, person)
		return creation(person), err
	})
	return person, link, err
}

// CreatePasswordLink makes a new link for an operator to set the password.
func (s *Service) CreatePasswordLink(ctx context.Context, id string) (*ent.Operator, Link, error) {
	var link Link
	create := func(ctx context.Context, tx *ent.Tx, of parties) (audit.Event, error) {
		if of.person.DisabledAt != nil {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		var err error
		link, err = s.createLink(ctx, tx, of.person)
		return audit.Event{Action: "operator.link", Changes: []audit.Change{{Field: "purpose", New: link.Purpose}}}, err
	}
	person, err := s.administer(ctx, id, create)
	return person, link, err
}

// edits are the actions that raise the version of an operator.
var edits = []string{"operator.update", "operator.disable", "operator.enable", "account.update"}

// checkVersion returns an edit.Conflict when the caller has seen another version of an operator that tx has locked.
func checkVersion(ctx context.Context, tx *ent.Tx, person *ent.Operator, seen *int) error {
	return edit.Check(ctx, tx, edit.Object{ID: person.ID, Seen: seen, Version: person.Version, Actions: edits})
}

// UpdateInput is what an administrator changes of an operator.
type UpdateInput struct {
	ID, Name string
	Role     principal.Role
	// Version is that of the operator as the caller has seen it; nil when the caller does not say.
	Version *int
}

// Update changes an operator's name and role. A new role ends the operator's sessions and the service tokens that the
// operator made. The role of a viewer ends the operator's installs too. It returns an edit.Conflict when somebody else
// has saved the operator since the version that the caller has seen.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Operator, error) {
	var bad fault.List
	name, role := bad.Line(in.Name, maxName, "name"), in.Role
	if err := bad.Err(); err != nil {
		return nil, err
	}
	update := func(ctx context.Context, tx *ent.Tx, of parties) (audit.Event, error) {
		person := of.person
		changes := append(audit.Difference("name", person.Name, name), audit.Difference("role", person.Role, role)...)
		if len(changes) == 0 {
			return audit.Event{}, nil
		}
		if err := checkVersion(ctx, tx, person, in.Version); err != nil {
			return audit.Event{}, err
		}
		if person.Role != role {
			if of.isSelf() {
				return audit.Event{}, fault.New(fault.OwnAccount, "role")
			}
			ended, err := s.leaveRole(ctx, tx, person, role)
			if err != nil {
				return audit.Event{}, err
			}
			changes = append(changes, audit.Difference("serviceTokens", ended, 0)...)
		}
		if err := tx.Operator.UpdateOne(person).AddVersion(1).SetName(name).SetRole(role).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("store the operator: %w", err)
		}
		return audit.Event{Action: "operator.update", Changes: changes},
			edit.Tell(ctx, tx, s.live, live.Event{ObjectID: person.ID})
	}
	return s.administer(ctx, in.ID, update)
}

// leaveRole ends what an operator has by the present role, before the operator gets another. It returns how many
// service tokens it revoked, and a fault.List for the last administrator.
func (s *Service) leaveRole(
	ctx context.Context, tx *ent.Tx, person *ent.Operator, next principal.Role,
) (serviceTokens int, err error) {
	if err := s.requireOtherAdministrator(ctx, tx, person, "role"); err != nil {
		return 0, err
	}
	if err := s.sessions.EndAll(ctx, tx, person.ID, "role changed"); err != nil {
		return 0, err
	}
	if serviceTokens, err = s.serviceTokens.EndOfMaker(ctx, tx, person.ID); err != nil {
		return 0, err
	}
	if next == principal.Viewer {
		return serviceTokens, install.EndOfMakers(ctx, tx, s.now(), person.ID)
	}
	return serviceTokens, nil
}

// requireOtherAdministrator returns a fault.List at field when an operator who is about to lose the role or the account
// is the only administrator who can log in.
func (s *Service) requireOtherAdministrator(ctx context.Context, tx *ent.Tx, person *ent.Operator, field string) error {
	if person.Role != principal.Admin {
		return nil
	}
	// All are locked, so that two of them do not remove each other at the same time.
	administrators, err := tx.Operator.Query().
		Where(
			operator.RoleEQ(principal.Admin), operator.DisabledAtIsNil(), operator.PasswordHashNEQ(""), store.ForUpdate,
		).
		Order(operator.ByID()).
		All(ctx)
	if err != nil {
		return fmt.Errorf("count the administrators: %w", err)
	}
	isOther := func(o *ent.Operator) bool { return o.ID != person.ID && store.Vouches(ctx, s.store, o) }
	if !slices.ContainsFunc(administrators, isOther) {
		return fault.New(fault.LastAdministrator, field)
	}
	return nil
}

// Disable keeps an operator from logging in. It ends the sessions, the service tokens and install links that the
// operator made, the installs that the operator began, and those access keys of the operator's making that are named.
// It returns a fault.List when there is no such operator, or a key is none that the operator made.
func (s *Service) Disable(ctx context.Context, id string, accessKeyIDs []string) (*ent.Operator, error) {
	disable := func(ctx context.Context, tx *ent.Tx, of parties) (audit.Event, error) {
		if of.isSelf() {
			return audit.Event{}, fault.New(fault.OwnAccount, "id")
		}
		asActor := principal.With(ctx, of.actor)
		if err := accesskey.RevokeMade(asActor, tx, s.live, id, accessKeyIDs, s.now()); err != nil {
			return audit.Event{}, err
		}
		if of.person.DisabledAt != nil {
			return audit.Event{}, nil
		}
		if err := s.requireOtherAdministrator(ctx, tx, of.person, "id"); err != nil {
			return audit.Event{}, err
		}
		if err := tx.Operator.UpdateOne(of.person).AddVersion(1).SetDisabledAt(s.now()).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("disable the operator: %w", err)
		}
		if err := edit.Tell(ctx, tx, s.live, live.Event{ObjectID: id}); err != nil {
			return audit.Event{}, err
		}
		if err := endLinks(ctx, tx, id); err != nil {
			return audit.Event{}, err
		}
		if err := install.EndOfMakers(ctx, tx, s.now(), id); err != nil {
			return audit.Event{}, err
		}
		ended, err := s.serviceTokens.EndOfMaker(ctx, tx, id)
		if err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "operator.disable", Changes: audit.Difference("serviceTokens", ended, 0)},
			s.sessions.EndAll(ctx, tx, id, "operator disabled")
	}
	return s.administer(ctx, id, disable)
}

// Enable lets a disabled operator log in again.
func (s *Service) Enable(ctx context.Context, id string) (*ent.Operator, error) {
	enable := func(ctx context.Context, tx *ent.Tx, of parties) (audit.Event, error) {
		if of.person.DisabledAt == nil {
			return audit.Event{}, nil
		}
		if err := tx.Operator.UpdateOne(of.person).AddVersion(1).ClearDisabledAt().Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("enable the operator: %w", err)
		}
		return audit.Event{Action: "operator.enable"}, edit.Tell(ctx, tx, s.live, live.Event{ObjectID: id})
	}
	return s.administer(ctx, id, enable)
}

// EndSessions ends all sessions of an operator.
func (s *Service) EndSessions(ctx context.Context, id string) (*ent.Operator, error) {
	end := func(ctx context.Context, tx *ent.Tx, _ parties) (audit.Event, error) {
		return audit.Event{Action: "operator.end_sessions"}, s.sessions.EndAll(ctx, tx, id, "ended by an administrator")
	}
	return s.administer(ctx, id, end)
}

// RemoveSecondFactor removes the second factor of an operator who has lost it, and ends the sessions.
func (s *Service) RemoveSecondFactor(ctx context.Context, id string) (*ent.Operator, error) {
	remove := func(ctx context.Context, tx *ent.Tx, of parties) (audit.Event, error) {
		if of.isSelf() {
			return audit.Event{}, fault.New(fault.OwnAccount, "id")
		}
		if err := s.factors.RemoveAll(ctx, tx, of.person); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{
			Action: "operator.second_factor_removed", Changes: []audit.Change{{Field: "secondFactor"}},
		}, s.sessions.EndAll(ctx, tx, id, "second factor removed")
	}
	return s.administer(ctx, id, remove)
}
