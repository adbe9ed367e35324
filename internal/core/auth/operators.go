package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Status says whether an operator can log in.
type Status string

// The states.
const (
	Invited  Status = "INVITED"
	Active   Status = "ACTIVE"
	Disabled Status = "DISABLED"
)

// StatusOf returns the state of an operator.
func StatusOf(who *ent.Operator) Status {
	switch {
	case who.DisabledAt != nil:
		return Disabled
	case who.PasswordHash == "":
		return Invited
	default:
		return Active
	}
}

// ListOperators returns a page of operators in the order in which they were made. It returns a fault.BadRequest when the
// arguments make no sense.
func (s *Service) ListOperators(ctx context.Context, args page.Args) (*page.Connection[*ent.Operator], error) {
	window, err := args.Window(page.Order{})
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Reader().Operator.Query().Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list operators: %w", err)
	}
	return page.New(window, rows,
		func(o *ent.Operator) (string, string) { return "", o.ID },
		func(ctx context.Context) (int, error) { return s.store.Reader().Operator.Query().Count(ctx) },
	), nil
}

// administer changes operators on behalf of the administrator of the context, in one transaction in which change has the
// program's rights.
func (s *Service) administer(ctx context.Context, change func(ctx context.Context, tx *ent.Tx, by principal.Operator) (audit.Event, error)) error {
	by, ok := principal.From(ctx).(principal.Operator)
	if !ok || by.IsService() || by.Role != principal.Admin {
		return fault.Forbidden
	}
	return s.store.Write(principal.AsSystem(ctx, "operators"), func(ctx context.Context, tx *ent.Tx) error {
		event, err := change(ctx, tx, by)
		if err != nil || event.Action == "" {
			return err
		}
		return audit.Append(principal.With(ctx, by), tx, event)
	})
}

// administerOne is administer of one operator; it returns the operator after the change.
func (s *Service) administerOne(ctx context.Context, id string, change func(ctx context.Context, tx *ent.Tx, who *ent.Operator, by principal.Operator) (audit.Event, error)) (*ent.Operator, error) {
	var after *ent.Operator
	err := s.administer(ctx, func(ctx context.Context, tx *ent.Tx, by principal.Operator) (audit.Event, error) {
		who, err := tx.Operator.Query().Where(operator.ID(id), store.ForUpdate).Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the operator: %w", err)
		}
		event, err := change(ctx, tx, who, by)
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
	var (
		made *ent.Operator
		link Link
	)
	err := s.administer(ctx, func(ctx context.Context, tx *ent.Tx, _ principal.Operator) (audit.Event, error) {
		var err error
		if made, err = insert(ctx, tx, checked{name: name, email: email, role: role}); err != nil {
			return audit.Event{}, err
		}
		link, err = s.newLink(ctx, tx, made)
		return creation(made), err
	})
	return made, link, err
}

// CreatePasswordLink makes a new link for an operator to set the password.
func (s *Service) CreatePasswordLink(ctx context.Context, id string) (*ent.Operator, Link, error) {
	var link Link
	who, err := s.administerOne(ctx, id, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, _ principal.Operator) (audit.Event, error) {
		if who.DisabledAt != nil {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		var err error
		link, err = s.newLink(ctx, tx, who)
		return audit.Event{Action: "operator.link", Changes: []audit.Change{{Field: "purpose", New: link.Purpose}}}, err
	})
	return who, link, err
}

// UpdateOperator changes an operator's name and role. A new role ends the operator's sessions and the service tokens that
// the operator made; who only reads from now on ends no install.
func (s *Service) UpdateOperator(ctx context.Context, id, name string, role principal.Role) (*ent.Operator, error) {
	var bad fault.List
	name = bad.Line(name, maxName, "name")
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.administerOne(ctx, id, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, by principal.Operator) (audit.Event, error) {
		changes := append(changed("name", who.Name, name), changed("role", who.Role, role)...)
		if len(changes) == 0 {
			return audit.Event{}, nil
		}
		if who.Role != role {
			if who.ID == by.ID {
				return audit.Event{}, fault.New(fault.OwnAccount, "role")
			}
			if err := s.keepAnAdministrator(ctx, tx, who, "role"); err != nil {
				return audit.Event{}, err
			}
			if err := s.endSessions(ctx, tx, id, "", "role changed"); err != nil {
				return audit.Event{}, err
			}
			ended, err := s.endTokensOf(ctx, tx, id)
			if err != nil {
				return audit.Event{}, err
			}
			changes = append(changes, changed("serviceTokens", ended, 0)...)
			if role == principal.Viewer {
				if err := s.endInstallsOf(ctx, tx, id); err != nil {
					return audit.Event{}, err
				}
			}
		}
		if err := tx.Operator.UpdateOne(who).SetName(name).SetRole(role).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("store the operator: %w", err)
		}
		return audit.Event{Action: "operator.update", Changes: changes}, nil
	})
}

// keepAnAdministrator returns a fault.List when there is no administrator who can log in but who, who is about to be none.
func (s *Service) keepAnAdministrator(ctx context.Context, tx *ent.Tx, who *ent.Operator, field string) error {
	if who.Role != principal.Admin {
		return nil
	}
	// All are locked, so that two of them do not remove each other at the same time.
	admins, err := tx.Operator.Query().
		Where(operator.RoleEQ(principal.Admin), operator.DisabledAtIsNil(), operator.PasswordHashNEQ(""), store.ForUpdate).
		Order(operator.ByID()).
		All(ctx)
	if err != nil {
		return fmt.Errorf("count the administrators: %w", err)
	}
	if !slices.ContainsFunc(admins, func(a *ent.Operator) bool { return a.ID != who.ID && store.Vouches(ctx, s.store, a) }) {
		return fault.New(fault.LastAdministrator, field)
	}
	return nil
}

// DisableOperator keeps an operator from logging in, and ends the sessions, the service tokens and install links that the
// operator made, the installs that the operator began, and those access keys of the operator's making that are named. It
// returns a fault.List when there is no such operator, or a key is none that the operator made.
func (s *Service) DisableOperator(ctx context.Context, id string, accessKeyIDs []string) (*ent.Operator, error) {
	return s.administerOne(ctx, id, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, by principal.Operator) (audit.Event, error) {
		if who.ID == by.ID {
			return audit.Event{}, fault.New(fault.OwnAccount, "id")
		}
		if err := accesskey.RevokeMade(principal.With(ctx, by), tx, s.live, id, accessKeyIDs, s.now()); err != nil {
			return audit.Event{}, err
		}
		if who.DisabledAt != nil {
			return audit.Event{}, nil
		}
		if err := s.keepAnAdministrator(ctx, tx, who, "id"); err != nil {
			return audit.Event{}, err
		}
		if err := tx.Operator.UpdateOne(who).SetDisabledAt(s.now()).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("disable the operator: %w", err)
		}
		if err := endLinks(ctx, tx, id); err != nil {
			return audit.Event{}, err
		}
		if err := s.endInstallsOf(ctx, tx, id); err != nil {
			return audit.Event{}, err
		}
		ended, err := s.endTokensOf(ctx, tx, id)
		if err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "operator.disable", Changes: changed("serviceTokens", ended, 0)},
			s.endSessions(ctx, tx, id, "", "operator disabled")
	})
}

// EnableOperator lets a disabled operator log in again.
func (s *Service) EnableOperator(ctx context.Context, id string) (*ent.Operator, error) {
	return s.administerOne(ctx, id, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, _ principal.Operator) (audit.Event, error) {
		if who.DisabledAt == nil {
			return audit.Event{}, nil
		}
		if err := tx.Operator.UpdateOne(who).ClearDisabledAt().Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("enable the operator: %w", err)
		}
		return audit.Event{Action: "operator.enable"}, nil
	})
}

// EndOperatorSessions ends all sessions of an operator.
func (s *Service) EndOperatorSessions(ctx context.Context, id string) (*ent.Operator, error) {
	return s.administerOne(ctx, id, func(ctx context.Context, tx *ent.Tx, _ *ent.Operator, _ principal.Operator) (audit.Event, error) {
		return audit.Event{Action: "operator.end_sessions"}, s.endSessions(ctx, tx, id, "", "ended by an administrator")
	})
}

// RemoveSecondFactor removes the second factor of an operator who has lost it, and ends the sessions.
func (s *Service) RemoveSecondFactor(ctx context.Context, id string) (*ent.Operator, error) {
	return s.administerOne(ctx, id, func(ctx context.Context, tx *ent.Tx, who *ent.Operator, by principal.Operator) (audit.Event, error) {
		if who.ID == by.ID {
			return audit.Event{}, fault.New(fault.OwnAccount, "id")
		}
		if err := forgetApp(ctx, tx, who); err != nil {
			return audit.Event{}, err
		}
		if _, err := tx.Passkey.Delete().Where(passkey.OperatorID(id)).Exec(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("remove the passkeys: %w", err)
		}
		if err := s.withoutFactor(ctx, tx, id); err != nil {
			return audit.Event{}, err
		}
		return audit.Event{Action: "operator.second_factor_removed", Changes: []audit.Change{{Field: "secondFactor"}}},
			s.endSessions(ctx, tx, id, "", "second factor removed")
	})
}
