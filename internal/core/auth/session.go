package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/refreshtoken"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/password"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Browser is what a log-in came from.
type Browser struct {
	// Address is the network address.
	Address string
	// UserAgent is the browser's own name; it is kept as a hash.
	UserAgent string
	// Device is the cookie of an earlier log-in in it; empty when there is none.
	Device string
}

// Session is a log-in as its browser holds it.
type Session struct {
	// Operator is who is logged in.
	Operator *ent.Operator
	// AccessToken is a JWT, good until AccessExpiresAt.
	AccessToken     string
	AccessExpiresAt time.Time
	// RefreshToken is good for one exchange, until RefreshExpiresAt; empty when the browser keeps the one it has.
	RefreshToken     string
	RefreshExpiresAt time.Time
	// Device is the cookie that the browser is known by until DeviceExpiresAt; empty when it keeps the one it has.
	Device          string
	DeviceExpiresAt time.Time
	// SecondFactor says what the log-in still needs; nothing else is set then.
	SecondFactor *SecondFactorRequest
}

// Login begins a session, or says which second factor it needs. It returns the fault.List of INVALID_CREDENTIALS, and
// never says more, for an unknown e-mail address, a wrong password and a disabled operator, all after the same work;
// fault.Throttled after too many failures; fault.Busy when too many log in at once.
func (s *Service) Login(ctx context.Context, email, pass string, from Browser) (begun Session, err error) {
	defer func() { s.measureLogin(begun, err) }()
	ctx = principal.AsSystem(ctx, "log-in")
	email = emailAddress(email)
	found, err := s.byEmail(ctx, email)
	if err != nil {
		return Session{}, err
	}
	if found != nil && !store.Vouches(ctx, s.store, found) {
		found.PasswordHash = "" // nobody logs in by it
	}
	where, err := s.originFor(ctx, found, from)
	if err != nil {
		return Session{}, err
	}
	if err := s.attempt(ctx, email, where); err != nil {
		return Session{}, err
	}
	if where.known {
		ctx = password.Known(ctx)
	}
	if found == nil || found.PasswordHash == "" {
		if err := s.hasher.VerifyDummy(ctx, pass); err != nil {
			return Session{}, s.notLookedAt(ctx, email, where, err)
		}
		return Session{}, s.refuseLogin(ctx, email, found)
	}
	right, rehash, err := s.hasher.Verify(ctx, pass, found.PasswordHash)
	if err != nil {
		return Session{}, s.notLookedAt(ctx, email, where, err)
	}
	if !right || found.DisabledAt != nil {
		return Session{}, s.refuseLogin(ctx, email, found)
	}
	hash := found.PasswordHash
	if rehash {
		if hash, err = s.hasher.Hash(ctx, pass); err != nil {
			return Session{}, busy(err)
		}
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		// Read again: hashing takes its time, in which the password may have been changed because somebody knew it.
		who, err := s.lockOperator(ctx, tx, found.ID)
		if err != nil {
			return err
		}
		if who.PasswordHash != found.PasswordHash || who.DisabledAt != nil {
			return fault.New(fault.InvalidCredentials)
		}
		if hash != found.PasswordHash {
			if err := tx.Operator.UpdateOneID(who.ID).SetPasswordHash(hash).Exec(ctx); err != nil {
				return fmt.Errorf("store the new password hash: %w", err)
			}
		}
		begun, err = s.proceed(ctx, tx, who, from, where)
		return err
	})
	if fault.Is(err, fault.InvalidCredentials) {
		return Session{}, s.refuseLogin(ctx, email, found)
	}
	return begun, err
}

// lockOperator reads an operator whose row nobody changes until the transaction ends. It returns the fault.List of
// INVALID_CREDENTIALS when the row was changed behind the program.
func (s *Service) lockOperator(ctx context.Context, tx *ent.Tx, id string) (*ent.Operator, error) {
	who, err := tx.Operator.Query().Where(operator.ID(id), store.ForUpdate).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the operator: %w", err)
	}
	if !store.Vouches(ctx, s.store, who) {
		return nil, fault.New(fault.InvalidCredentials)
	}
	return who, nil
}

// notLookedAt returns the error of a hasher. When that had no free turn, nobody has looked at the password, and the try
// does not count: who floods the portal with log-ins does not make everybody else wait.
func (s *Service) notLookedAt(ctx context.Context, email string, where origin, err error) error {
	if !errors.Is(err, password.ErrBusy) {
		return err
	}
	if err := s.takeBack(ctx, email, where); err != nil {
		return err
	}
	return fault.Busy
}

// proceed goes on after the password was right: to the second factor when there is one, or to the session.
func (s *Service) proceed(ctx context.Context, tx *ent.Tx, who *ent.Operator, from Browser, where origin) (Session, error) {
	methods, err := methodsOf(ctx, tx, who)
	if err != nil {
		return Session{}, err
	}
	if !who.SecondFactor {
		if err := s.forgive(ctx, tx, who.Email, where); err != nil {
			return Session{}, err
		}
		return s.begin(ctx, tx, who, from, byPassword)
	}
	needed := &SecondFactorRequest{Methods: methods}
	if slices.Contains(methods, Passkey) {
		madeAt, anyWorks, err := s.movedPasskeys(ctx, tx, who)
		if err != nil {
			return Session{}, err
		}
		if madeAt != "" {
			needed.PasskeysMadeAt = &madeAt
		}
		if !anyWorks {
			needed.Methods = slices.DeleteFunc(methods, func(m Method) bool { return m == Passkey })
		}
	}
	if slices.Contains(needed.Methods, Passkey) {
		asked, err := s.askPasskey(ctx, tx, secondHalf, who)
		if err != nil {
			return Session{}, err
		}
		needed.Ticket, needed.PasskeyOptions = asked.Ticket, &asked.Options
	} else if needed.Ticket, err = s.newTicket(ctx, tx, secondHalf, who.ID, nil, ticketLife); err != nil {
		return Session{}, err
	}
	return Session{SecondFactor: needed}, nil
}

// CompleteLogin ends a log-in that needs a second factor, or one with a passkey alone. It returns the fault.List of
// TICKET_INVALID when the log-in is unknown, too old, or has no try left, and of SECOND_FACTOR_INVALID when the proof is
// not right.
func (s *Service) CompleteLogin(ctx context.Context, text string, proof Proof, from Browser) (complete Session, err error) {
	defer func() { s.measureLogin(complete, err) }()
	ctx = principal.AsSystem(ctx, "log-in")
	ticket, err := s.try(ctx, text, secondHalf, passkeyLogin)
	if err != nil {
		return Session{}, err
	}
	what, err := s.open(ticket)
	if err != nil {
		return Session{}, err
	}
	where, err := s.originOf(ctx, idOf(ticket.OperatorID), from)
	if err != nil {
		return Session{}, err
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := s.use(ctx, tx, ticket); err != nil {
			return err
		}
		who, methods, err := s.complete(ctx, tx, ticket, proof, what)
		if err != nil {
			return err
		}
		if who.DisabledAt != nil {
			return fault.New(fault.TicketInvalid, "ticket")
		}
		if err := s.forgive(ctx, tx, who.Email, where); err != nil {
			return err
		}
		complete, err = s.begin(ctx, tx, who, from, methods)
		return err
	})
	if !isRefused(err) {
		return complete, err
	}
	if ticket.OperatorID == nil { // nobody has proved anything yet
		if broken := s.strangers.Tried(ctx, audit.Event{Action: audit.PasskeyFailed}); broken != nil {
			return Session{}, broken
		}
		return Session{}, err
	}
	return Session{}, s.recordRefusal(ctx, err, audit.Event{Action: "session.second_factor_failed", ObjectID: *ticket.OperatorID})
}

// complete checks the proof of a log-in and returns whose it is, and how the whole of it was proved.
func (s *Service) complete(ctx context.Context, tx *ent.Tx, ticket *ent.OneTimeToken, proof Proof, what begun) (*ent.Operator, string, error) {
	if purpose(ticket.Purpose) == passkeyLogin {
		if proof.Passkey == nil {
			return nil, "", refused()
		}
		who, err := s.whosePasskey(ctx, tx, *proof.Passkey, what)
		return who, byPasskey, err
	}
	who, err := s.lockOperator(ctx, tx, *ticket.OperatorID)
	if err != nil {
		return nil, "", err
	}
	method, err := s.prove(ctx, tx, who, proof, what)
	return who, byPassword + " " + method, err
}

func idOf(id *string) string {
	if id == nil {
		return ""
	}
	return *id
}

// recordRefusal records a proof that failed, in a transaction of its own, and returns the refusal.
func (s *Service) recordRefusal(ctx context.Context, refusal error, event audit.Event) error {
	event.Refused = true
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return audit.Append(ctx, tx, event) })
	if err != nil {
		return err
	}
	return refusal
}

// refuseLogin takes note of a log-in that failed and returns the refusal. The e-mail address of nobody is kept as a hash.
func (s *Service) refuseLogin(ctx context.Context, email string, found *ent.Operator) error {
	event := audit.Event{Action: audit.LoginFailed}
	if found != nil {
		event.ObjectID = found.ID
	} else {
		event.Changes = []audit.Change{{Field: "unknownEmail", New: s.keys.Fingerprint(email)}}
	}
	if err := s.strangers.Tried(ctx, event); err != nil {
		return err
	}
	return fault.New(fault.InvalidCredentials)
}

// begin makes a session, proved by methods, and its first pair of tokens, and ends the operator's oldest sessions over the
// limit.
func (s *Service) begin(ctx context.Context, tx *ent.Tx, who *ent.Operator, from Browser, methods string) (Session, error) {
	now, before := s.now(), who.LastLoginAt
	if device, ok := s.deviceOf(who.ID, from); ok && (before == nil || device.since.Before(*before)) {
		before = &device.since // in this browser it was not told since
	}
	// The update waits for whoever changes the operator, and so sees that one was disabled meanwhile.
	who, err := tx.Operator.UpdateOneID(who.ID).SetLastLoginAt(now).Save(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("note the log-in: %w", err)
	}
	if who.DisabledAt != nil {
		return Session{}, fault.New(fault.InvalidCredentials)
	}
	older, err := tx.Session.Query().
		Where(session.OperatorID(who.ID), session.EndedAtIsNil(), session.ExpiresAtGT(now)).
		Order(ent.Desc(session.FieldID)).
		Offset(maxSessions - 1).
		IDs(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("list the operator's sessions: %w", err)
	}
	if len(older) > 0 {
		err := tx.Session.Update().Where(session.IDIn(older...)).SetEndedAt(now).SetEndReason("too many sessions").Exec(ctx)
		if err != nil {
			return Session{}, fmt.Errorf("end older sessions: %w", err)
		}
	}
	row, err := tx.Session.Create().
		SetID(ident.New(ident.Session)).
		SetOperatorID(who.ID).
		SetAuthenticatedAt(now).
		SetLastUsedAt(now).
		SetExpiresAt(now.Add(absoluteLife)).
		SetUserAgentHash(agentHash(from)).
		SetBrowser(from.label()).
		SetMethods(methods).
		SetAddress(from.Address).
		SetNillableChangesSince(before).
		Save(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("insert the session: %w", err)
	}
	refresh, hash := newToken()
	if err := tx.RefreshToken.Create().SetSessionID(row.ID).SetHash(hash).Exec(ctx); err != nil {
		return Session{}, fmt.Errorf("insert the refresh token: %w", err)
	}
	event := audit.Event{Action: "session.login", ObjectID: who.ID, Changes: []audit.Change{{Field: "methods", New: methods}}}
	if err := audit.Append(principal.With(ctx, s.principalOf(row, who)), tx, event); err != nil {
		return Session{}, err
	}
	made, err := s.issue(ctx, row, who, refresh, "")
	made.Device, made.DeviceExpiresAt = s.newDevice(who.ID), now.Add(knownFor)
	return made, err
}

// issue signs an access token for a session, with a proof of presence or "", and joins it with a refresh token.
func (s *Service) issue(ctx context.Context, row *ent.Session, who *ent.Operator, refresh, presence string) (Session, error) {
	if !s.vouches(ctx, row, who) { // what is signed is believed afterwards
		return Session{}, fault.Unauthenticated
	}
	token, expiresAt, err := s.sign(row, who, presence)
	if err != nil {
		return Session{}, err
	}
	return Session{
		Operator:         who,
		AccessToken:      token,
		AccessExpiresAt:  expiresAt,
		RefreshToken:     refresh,
		RefreshExpiresAt: row.ExpiresAt,
	}, nil
}

// errReuse is a refresh token that came a second time: whoever sends it, or whoever sent it before, stole it.
var errReuse = errors.New("refresh token used again")

// ErrForeign is the fault.Unauthenticated of a refresh token that this portal never gave, or gave so long ago that it has
// forgotten it: another portal may have given it to the browser.
var ErrForeign = fmt.Errorf("the refresh token is none of ours: %w", fault.Unauthenticated)

// Refresh exchanges a refresh token for a new pair. The same token from the same browser within 10 seconds gets the
// same successor once more, as two tabs may ask at the same time; any other second use ends the session. It returns
// fault.Unauthenticated when the session has ended or there is none.
func (s *Service) Refresh(ctx context.Context, refresh string, from Browser) (Session, error) {
	ctx = principal.AsSystem(ctx, "refresh")
	var renewed Session
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := tx.RefreshToken.Query().
			Where(refreshtoken.Hash(hashToken(refresh))).
			WithSession(func(q *ent.SessionQuery) { q.WithOperator() }).
			Only(ctx)
		if ent.IsNotFound(err) {
			return ErrForeign
		}
		if err != nil {
			return fmt.Errorf("find the refresh token: %w", err)
		}
		row, who := old.Edges.Session, old.Edges.Session.Edges.Operator
		if !s.alive(row) || who.DisabledAt != nil || !s.vouches(ctx, row, who) || !store.Vouches(ctx, s.store, old) {
			return fault.Unauthenticated
		}
		successor, err := s.exchange(ctx, tx, old, from)
		if err != nil {
			return err
		}
		if row, err = s.noteUse(ctx, tx, row, who, from); err != nil {
			return err
		}
		renewed, err = s.issue(ctx, row, who, successor, "")
		return err
	})
	if errors.Is(err, errReuse) {
		if err := s.endReused(ctx, refresh); err != nil {
			return Session{}, err
		}
		return Session{}, fault.Unauthenticated
	}
	return renewed, err
}

// noteUse notes which browser goes on with a session, and from where. When that is another browser in another network than
// before, the session waits until the operator has proved to be there: its refresh token may have been stolen.
func (s *Service) noteUse(ctx context.Context, tx *ent.Tx, row *ent.Session, who *ent.Operator, from Browser) (*ent.Session, error) {
	before := lastBrowser(row)
	update := tx.Session.UpdateOneID(row.ID).
		SetLastUsedAt(s.now()).
		SetLastBrowser(from.label()).
		SetLastAddress(from.Address).
		SetLastAgentHash(agentHash(from))
	moved := !bytes.Equal(before.agentHash, agentHash(from)) && ratelimit.Network(before.address) != ratelimit.Network(from.Address)
	if moved {
		update.SetMovedAt(s.now())
		store.AfterCommit(ctx, func() { s.known.Remove(row.ID) })
		changes := append(changed("address", before.address, from.Address), changed("browser", before.label, from.label())...)
		event := audit.Event{Action: "session.moved", ObjectID: who.ID, Changes: changes}
		if err := audit.Append(principal.With(ctx, s.principalOf(row, who)), tx, event); err != nil {
			return nil, err
		}
	}
	after, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("note the use of the session: %w", err)
	}
	return after, nil
}

// usedBy is the browser that last went on with a session.
type usedBy struct {
	agentHash      []byte
	address, label string
}

func lastBrowser(row *ent.Session) usedBy {
	if row.LastAddress == nil {
		return usedBy{row.UserAgentHash, row.Address, row.Browser}
	}
	by := usedBy{agentHash: row.LastAgentHash, address: *row.LastAddress}
	if row.LastBrowser != nil {
		by.label = *row.LastBrowser
	}
	return by
}

// exchange uses up a refresh token and returns its successor.
func (s *Service) exchange(ctx context.Context, tx *ent.Tx, old *ent.RefreshToken, from Browser) (string, error) {
	now := s.now()
	successor, hash := newToken()
	sealed, err := s.keys.Seal(successorPlace(old.ID), []byte(successor))
	if err != nil {
		return "", fmt.Errorf("seal the successor: %w", err)
	}
	// One conditional update decides: of two uses at the same time one finds the token unused.
	first, err := tx.RefreshToken.Update().
		Where(refreshtoken.ID(old.ID), refreshtoken.UsedAtIsNil()).
		SetUsedAt(now).
		SetSuccessorSealed(sealed).
		Save(ctx)
	if err != nil {
		return "", fmt.Errorf("use up the refresh token: %w", err)
	}
	if first == 1 {
		if err := tx.RefreshToken.Create().SetSessionID(old.SessionID).SetHash(hash).Exec(ctx); err != nil {
			return "", fmt.Errorf("insert the successor: %w", err)
		}
		return successor, nil
	}
	used, err := tx.RefreshToken.Get(ctx, old.ID) // again: it was used after it was read
	if err != nil {
		return "", fmt.Errorf("read the used refresh token: %w", err)
	}
	same := subtle.ConstantTimeCompare(lastBrowser(old.Edges.Session).agentHash, agentHash(from)) == 1
	if !same || used.UsedAt == nil || len(used.SuccessorSealed) == 0 || now.Sub(*used.UsedAt) > grace {
		return "", errReuse
	}
	second, err := tx.RefreshToken.Update().
		Where(refreshtoken.ID(old.ID), refreshtoken.GraceUsed(false)).
		SetGraceUsed(true).
		ClearSuccessorSealed().
		Save(ctx)
	if err != nil {
		return "", fmt.Errorf("use up the grace of the refresh token: %w", err)
	}
	if second == 0 {
		return "", errReuse
	}
	plain, err := s.keys.Open(successorPlace(old.ID), used.SuccessorSealed)
	if err != nil {
		return "", fmt.Errorf("open the successor: %w", err)
	}
	return string(plain), nil
}

func successorPlace(id string) seal.Place {
	return seal.Place{Table: refreshtoken.Table, Column: refreshtoken.FieldSuccessorSealed, RowID: id}
}

// endReused ends the session of a refresh token that was used twice.
func (s *Service) endReused(ctx context.Context, refresh string) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := tx.Session.Query().
			Where(session.HasRefreshTokensWith(refreshtoken.Hash(hashToken(refresh)))).
			Only(ctx)
		if err != nil {
			return fmt.Errorf("find the session: %w", err)
		}
		if err := s.end(ctx, tx, row, "reuse of a refresh token"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "session.reuse_detected", ObjectID: row.OperatorID})
	})
}

// Logout ends the session of a refresh token. A token of no session is no error.
func (s *Service) Logout(ctx context.Context, refresh string) error {
	ctx = principal.AsSystem(ctx, "log-out")
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := tx.Session.Query().
			Where(session.EndedAtIsNil(), session.HasRefreshTokensWith(refreshtoken.Hash(hashToken(refresh)))).
			Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the session: %w", err)
		}
		if err := s.end(ctx, tx, row, "logged out"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "session.logout", ObjectID: row.OperatorID})
	})
}

// endSessions ends all sessions of an operator but one, "" for all, and the log-ins that still need a second factor.
func (s *Service) endSessions(ctx context.Context, tx *ent.Tx, operatorID, except, reason string) error {
	if err := endTickets(ctx, tx, operatorID, secondHalf); err != nil {
		return err
	}
	ids, err := tx.Session.Query().
		Where(session.OperatorID(operatorID), session.EndedAtIsNil(), session.IDNEQ(except)).
		IDs(ctx)
	if err != nil {
		return fmt.Errorf("list the operator's sessions: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	if err := tx.Session.Update().Where(session.IDIn(ids...)).SetEndedAt(s.now()).SetEndReason(reason).Exec(ctx); err != nil {
		return fmt.Errorf("end the operator's sessions: %w", err)
	}
	store.AfterCommit(ctx, func() {
		for _, id := range ids {
			s.known.Remove(id)
		}
	})
	return s.narrowed(ctx, tx, operatorID)
}

// end ends one session.
func (s *Service) end(ctx context.Context, tx *ent.Tx, row *ent.Session, reason string) error {
	if err := tx.Session.UpdateOneID(row.ID).SetEndedAt(s.now()).SetEndReason(reason).Exec(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	store.AfterCommit(ctx, func() { s.known.Remove(row.ID) })
	return s.narrowed(ctx, tx, row.OperatorID)
}

// Verify returns the operator that an access token stands for. An ended session and a changed role show within 5
// seconds. It returns fault.Unauthenticated, and never says why, for a token that is not good.
func (s *Service) Verify(ctx context.Context, accessToken string) (principal.Operator, error) {
	said, err := s.parse(ctx, accessToken)
	if err != nil {
		return principal.Operator{}, err
	}
	found, err := s.inSession(ctx, said.SessionID, said.Subject)
	// Of this very token: the session's own may be newer than what another instance remembers.
	found.AuthenticatedAt, found.Presence = time.Unix(said.AuthenticatedAt, 0), said.Presence
	return found, err
}

// inSession returns the operator of a session that lives.
func (s *Service) inSession(ctx context.Context, sessionID, operatorID string) (principal.Operator, error) {
	if last, ok := s.known.Get(sessionID); ok && last.operator.ID == operatorID && s.now().Sub(last.readAt) < cacheLife {
		return last.operator, nil
	}
	readAt := s.now()
	ctx = principal.AsSystem(ctx, "verify an access token")
	row, err := s.store.Reader().Session.Query().Where(session.ID(sessionID)).WithOperator().Only(ctx)
	if ent.IsNotFound(err) {
		return principal.Operator{}, fault.Unauthenticated
	}
	if err != nil {
		return principal.Operator{}, fmt.Errorf("read the session: %w", err)
	}
	who := row.Edges.Operator
	if !s.alive(row) || who.DisabledAt != nil || who.ID != operatorID || !s.vouches(ctx, row, who) {
		return principal.Operator{}, fault.Unauthenticated
	}
	found := s.principalOf(row, who)
	s.known.Add(sessionID, known{operator: found, readAt: readAt})
	return found, nil
}

// vouches reports whether the program itself wrote a session and its operator.
func (s *Service) vouches(ctx context.Context, row *ent.Session, who *ent.Operator) bool {
	return store.Vouches(ctx, s.store, row) && store.Vouches(ctx, s.store, who)
}

func (s *Service) principalOf(row *ent.Session, who *ent.Operator) principal.Operator {
	return principal.Operator{
		ID: who.ID, Name: who.Name, Role: who.Role, SessionID: row.ID,
		AuthenticatedAt:   row.AuthenticatedAt,
		LacksSecondFactor: !who.SecondFactor && s.demands(who),
		MustProve:         row.MovedAt != nil,
	}
}

// demands reports whether this portal demands a second factor of an operator.
func (s *Service) demands(who *ent.Operator) bool {
	return s.demand == FromAll || s.demand == FromAdmins && who.Role == principal.Admin
}

func (s *Service) alive(row *ent.Session) bool {
	now := s.now()
	return row.EndedAt == nil && now.Before(row.ExpiresAt) && now.Sub(row.LastUsedAt) < idleLife
}

func agentHash(from Browser) []byte {
	sum := sha256.Sum256([]byte(from.UserAgent))
	return sum[:]
}

// label names a browser and its system as a person would; empty when it is none that is known.
func (b Browser) label() string {
	browser := firstOf(b.UserAgent, "Edg/=Edge", "OPR/=Opera", "Firefox/=Firefox", "Chrome/=Chrome", "Safari/=Safari")
	system := firstOf(b.UserAgent, "iPhone=iPhone", "iPad=iPad", "Android=Android", "Windows=Windows", "Mac OS X=macOS", "Linux=Linux")
	return strings.Trim(browser+", "+system, ", ")
}

// firstOf returns the name of the first mark that text has; marks are written MARK=NAME.
func firstOf(text string, marks ...string) string {
	for _, entry := range marks {
		if mark, name, _ := strings.Cut(entry, "="); strings.Contains(text, mark) {
			return name
		}
	}
	return ""
}
