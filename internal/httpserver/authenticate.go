package httpserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// Keys knows the access keys.
type Keys interface {
	// Authenticate returns whose key it is that came from a network address. Returns a fault.Unproven if the key is
	// malformed, unknown, no longer in force or not taken from there.
	Authenticate(ctx context.Context, key, address string) (principal.Key, error)
	// NoteUse takes note that a key was used from a network address. It must not wait for anything.
	NoteUse(key principal.Key, address string)
	// FlagExposed takes note that a key or service token came where others can read it, such as in a URL. A text that is
	// neither is none of its business.
	FlagExposed(ctx context.Context, key, where string) error
}

// Sessions knows the operators who are logged in.
type Sessions interface {
	// Verify returns whose access token (JWT) it is. Returns fault.Unauthenticated if the token is not ours, has
	// expired, or its session has ended.
	Verify(ctx context.Context, accessToken string) (principal.Operator, error)
}

// ServiceTokens knows the scripts that act as an operator.
type ServiceTokens interface {
	// Verify returns whose service token it is, and takes note that it was used from a network address. Returns a
	// fault.Unproven if the token is malformed, unknown or no longer in force.
	Verify(ctx context.Context, serviceToken, address string) (principal.Operator, error)
}

// identifier returns whom the one Authorization header of a request stands for. It counts as no use of a key. Returns
// a fault.Unproven if the header proves nothing.
type identifier func(ctx context.Context, r *http.Request) (principal.Principal, error)

func newIdentifier(o Options) identifier {
	return func(ctx context.Context, r *http.Request) (principal.Principal, error) {
		token, kind, why := credential(r)
		switch kind {
		case accessKey:
			key, err := o.Keys.Authenticate(ctx, token, audit.OriginFrom(ctx).Address)
			if err != nil {
				return nil, err
			}
			return key, nil
		case serviceToken:
			script, err := o.ServiceTokens.Verify(ctx, token, audit.OriginFrom(ctx).Address)
			if err != nil {
				return nil, err
			}
			return script, nil
		case accessToken:
			operator, err := o.Sessions.Verify(ctx, token)
			if errors.Is(err, fault.Unauthenticated) {
				return nil, fault.Unproven{Reason: reasonOfToken(token)}
			}
			if err != nil {
				return nil, err
			}
			return operator, nil
		default:
			return nil, fault.Unproven{Reason: why}
		}
	}
}

// reasonOfToken returns why a bearer token that is no key is not taken: it is an access token by its form, or nothing
// of ours.
func reasonOfToken(token string) fault.Reason {
	if strings.Count(token, ".") == 2 {
		return fault.SessionEnded
	}
	return fault.NotAKey
}

// doorkeeper finds out who sends a request, and counts it.
type doorkeeper struct {
	identify identifier
	keys     Keys
	limiter  *ratelimit.Limiter
	// good has whom credentials stood for when they were last looked up, by the hash of the credential and its network: a
	// key is good at one address and not at another.
	good *lru.Cache[[sha256.Size]byte, principal.Principal]
	log  *slog.Logger
}

// maxGood is how many good credentials are remembered.
const maxGood = 100_000

func newDoorkeeper(o Options, limiter *ratelimit.Limiter) doorkeeper {
	good, err := lru.New[[sha256.Size]byte, principal.Principal](maxGood)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return doorkeeper{identify: newIdentifier(o), keys: o.Keys, limiter: limiter, good: good, log: o.Log}
}

// caller returns whom the Authorization header stands for and how the request was counted: for its principal or, when
// it proves nothing, for the address that it came from.
//
// A credential that has to be looked up in the database is counted before. One that was good is counted for its
// principal, so that a shop goes on while a stranger at its address makes keys up; all others are counted for the
// address, which gets it back when the credential is good. (An access token proves itself by its signature.)
func (d doorkeeper) caller(ctx context.Context, r *http.Request) (principal.Principal, ratelimit.Answer, error) {
	address := audit.OriginFrom(ctx).Address
	text, kind, _ := credential(r)
	if kind != accessKey && kind != serviceToken {
		p, err := inTime(ctx, r, d.identify)
		return p, d.limiter.Request(p, address), err
	}
	hash := sha256.Sum256([]byte(text + " " + ratelimit.Network(address)))
	if known, ok := d.good.Get(hash); ok {
		answer := d.limiter.Request(known, address)
		if !answer.OK {
			return nil, answer, nil
		}
		p, err := inTime(ctx, r, d.identify)
		if errors.Is(err, fault.Unauthenticated) {
			d.good.Remove(hash)
		}
		return p, answer, err
	}
	if answer := d.limiter.LookUp(address); !answer.OK {
		return nil, answer, nil
	}
	p, err := inTime(ctx, r, d.identify)
	if err == nil {
		d.limiter.Found(address)
		d.good.Add(hash, p)
	}
	return p, d.limiter.Request(p, address), err
}

// authenticate puts the principal of the Authorization header into the context. A request without the header goes on
// as nobody's; one whose header proves nothing is refused, so that a caller never wonders why it sees so little. All
// are refused when there are too many of them.
func (d doorkeeper) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var (
			ctx     = ratelimit.With(r.Context(), d.limiter)
			address = audit.OriginFrom(ctx).Address
			p       principal.Principal // nobody
			answer  ratelimit.Answer
			err     error
		)
		switch len(r.Header.Values("Authorization")) {
		case 0:
			answer = d.limiter.Request(nil, address)
		case 1:
			p, answer, err = d.caller(ctx, r)
		default:
			writeBadRequest(w, r, http.StatusBadRequest, fault.BadRequest{Detail: fault.AuthorizationTwice})
			return
		}
		answer.SetHeaders(w.Header())
		switch {
		case !answer.OK:
			WriteError(w, r, http.StatusTooManyRequests, fault.RateLimited,
				i18n.Text(ctx, "graphql."+string(fault.RateLimited), answer.RetryAfter))
		case err == nil && p == nil:
			next.ServeHTTP(w, r.WithContext(ctx))
		case err == nil && !takeConnection(w, r, idOf(p)): // it has answered
		case err == nil:
			if key, ok := p.(principal.Key); ok {
				d.keys.NoteUse(key, address)
			}
			exchangeFrom(ctx).principal = p
			next.ServeHTTP(w, r.WithContext(principal.With(ctx, p)))
		case errors.Is(err, fault.Unauthenticated):
			writeUnproven(w, r, err)
		case r.Context().Err() != nil: // nobody waits for the answer
			writeRefusal(w, r, http.StatusServiceUnavailable, fault.Busy)
		case isBusy(err):
			writeBusy(w, r, d.log, "authenticate a caller", err)
		default:
			d.log.ErrorContext(ctx, "authenticate a caller", "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
			writeInternal(w, r)
		}
	})
}

// identifyTime bounds how long it may take to find out who calls.
const identifyTime = 5 * time.Second

func inTime(ctx context.Context, r *http.Request, identify identifier) (principal.Principal, error) {
	ctx, cancel := context.WithTimeout(ctx, identifyTime)
	defer cancel()
	p, err := identify(ctx, r)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %w", fault.Busy, err)
	}
	return p, err
}

type credentialKind int

const (
	unknown credentialKind = iota
	accessKey
	serviceToken
	accessToken
)

// credential returns what the Authorization header holds, or why it is nothing that can be looked up. A key or service
// token may come as a bearer token or, since many an old HTTP library can do nothing else, as the password of a user of
// any name.
func credential(r *http.Request) (string, credentialKind, fault.Reason) {
	header := strings.TrimSpace(r.Header.Get("Authorization"))
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	user, password, isBasic := r.BasicAuth()
	switch {
	case header == "":
		return "", unknown, fault.NoCredentials
	case isBasic && kindOf(password) != accessToken:
		return password, kindOf(password), ""
	case isBasic && strings.Contains(user, keyPrefix):
		return "", unknown, fault.KeyAsUserName
	case isBasic && strings.Contains(password, keyPrefix):
		return "", unknown, fault.Malformed
	case isBasic:
		return "", unknown, fault.NotAKey
	case strings.EqualFold(scheme, "Basic"):
		return "", unknown, fault.Malformed
	case !strings.EqualFold(scheme, "Bearer"):
		return "", unknown, fault.WrongScheme
	case token == "":
		return "", unknown, fault.NoCredentials
	case strings.Contains(token, keyPrefix) && kindOf(token) == accessToken:
		return "", unknown, fault.Malformed // there is something before it
	default:
		return token, kindOf(token), ""
	}
}

// keyPrefix is how keys and service tokens begin.
const keyPrefix = "chv_"

func kindOf(text string) credentialKind {
	switch {
	case strings.HasPrefix(text, keyPrefix+string(token.Script)+"_"):
		return serviceToken
	case strings.HasPrefix(text, keyPrefix):
		return accessKey
	default:
		return accessToken
	}
}
