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
	"github.com/chaveiro/chaveiro/internal/base/recent"
	"github.com/chaveiro/chaveiro/internal/base/remember"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// Keys authenticates access keys.
type Keys interface {
	// Authenticate returns the owner of a key that was sent from a network address. Returns a fault.Unproven if the key is
	// malformed, unknown, no longer in force or not allowed from that address.
	Authenticate(ctx context.Context, key, address string) (principal.Key, error)
	// NoteUse records that a key was used from a network address. It must not block.
	NoteUse(key principal.Key, address string)
	// HandOutAgain notes that the access key of the context gets these credentials again. It returns an error, and notes
	// nothing, when the ordinary way would not give them now.
	HandOutAgain(ctx context.Context, again []remember.Read) error
	// ShopVersion returns the version of all that the answers to a client's product can depend on.
	ShopVersion(ctx context.Context, clientProductID string) (principal.Version, error)
	// FlagExposed records that a key or service token was sent where others can read it, such as in a URL. It ignores
	// other texts.
	FlagExposed(ctx context.Context, key, where string) error
}

// Sessions verifies the access tokens of operators who are logged in.
type Sessions interface {
	// Verify returns the operator of an access token (JWT). Returns fault.Unauthenticated if the token is not the portal's
	// or has expired, or its session has ended.
	Verify(ctx context.Context, accessToken string) (principal.Operator, error)
}

// ServiceTokens verifies the tokens of scripts that act as an operator.
type ServiceTokens interface {
	// Verify returns the operator that a service token acts as, and records its use from a network address. Returns a
	// fault.Unproven if the token is malformed, unknown or no longer in force.
	Verify(ctx context.Context, serviceToken, address string) (principal.Operator, error)
}

// identifier returns the principal of a request's only Authorization header. It does not record a use of a key. Returns
// a fault.Unproven if the header is invalid.
type identifier func(ctx context.Context, r *http.Request) (principal.Principal, error)

func newIdentifier(o Options) identifier {
	return func(ctx context.Context, r *http.Request) (principal.Principal, error) {
		token, kind, why := credential(r)
		switch kind {
		case accessKey:
			if o.GiveWay != nil {
				o.GiveWay(ctx)
			}
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

// reasonOfToken returns why a bearer token that is not a key is refused: it has the form of an access token, or none of
// the portal's forms.
func reasonOfToken(token string) fault.Reason {
	if strings.Count(token, ".") == 2 {
		return fault.SessionEnded
	}
	return fault.NotAKey
}

// doorkeeper authenticates the caller of each request, and counts the request.
type doorkeeper struct {
	identify identifier
	keys     Keys
	limiter  *ratelimit.Limiter
	// knownCredentials caches the principal of each credential at its last look-up, by the hash of the credential and its
	// network. The network counts because a key may be allowed from one network and not from another.
	knownCredentials *lru.Cache[[sha256.Size]byte, principal.Principal]
	log              *slog.Logger
}

// maxKnown caps the credentials in the cache.
const maxKnown = 100_000

func newDoorkeeper(o Options, limiter *ratelimit.Limiter) doorkeeper {
	known := recent.New[[sha256.Size]byte, principal.Principal](maxKnown)
	return doorkeeper{identify: newIdentifier(o), keys: o.Keys, limiter: limiter, knownCredentials: known, log: o.Log}
}

// caller returns the principal of the Authorization header and how the request was counted: for its principal or, if
// the header is invalid, for its address.
//
// A credential whose check reads the database is counted before the look-up. A known one is counted for its principal,
// so that a shop still works while another caller at its address tries made-up keys. Any other is counted for the
// address, which gets the look-up back if the credential is good. An access token needs no look-up: its signature
// proves it.
func (d doorkeeper) caller(ctx context.Context, r *http.Request) (principal.Principal, ratelimit.Answer, error) {
	address := audit.OriginFrom(ctx).Address
	text, kind, _ := credential(r)
	if kind != accessKey && kind != serviceToken {
		p, err := inTime(ctx, r, d.identify)
		return p, d.limiter.Request(p, address), err
	}
	hash := sha256.Sum256([]byte(text + " " + ratelimit.Network(address)))
	if known, ok := d.knownCredentials.Get(hash); ok {
		answer := d.limiter.Request(known, address)
		if !answer.OK {
			return nil, answer, nil
		}
		p, err := inTime(ctx, r, d.identify)
		if errors.Is(err, fault.Unauthenticated) {
			d.knownCredentials.Remove(hash)
		}
		return p, answer, err
	}
	if answer := d.limiter.LookUp(address); !answer.OK {
		return nil, answer, nil
	}
	p, err := inTime(ctx, r, d.identify)
	if err == nil {
		d.limiter.Found(address)
		d.knownCredentials.Add(hash, p)
	}
	return p, d.limiter.Request(p, address), err
}

// authenticate puts the principal of the Authorization header into the context. A request without the header goes on
// without a principal. A request with an invalid header is refused, so that its caller notices the mistake. Requests
// over the rate are refused.
func (d doorkeeper) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var (
			ctx     = ratelimit.With(r.Context(), d.limiter)
			address = audit.OriginFrom(ctx).Address
			p       principal.Principal // nil for an unauthenticated caller
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
		case err == nil && !takeConnection(w, r, idOf(p)): // takeConnection has answered
		case err == nil:
			if key, ok := p.(principal.Key); ok {
				d.keys.NoteUse(key, address)
			}
			exchangeFrom(ctx).principal = p
			next.ServeHTTP(w, r.WithContext(principal.With(ctx, p)))
		case errors.Is(err, fault.Unauthenticated):
			writeUnproven(w, r, err)
		case r.Context().Err() != nil: // the caller has disconnected
			writeRefusal(w, r, http.StatusServiceUnavailable, fault.Busy)
		case isBusy(err):
			writeBusy(w, r, d.log, "authenticate a caller", err)
		default:
			d.log.ErrorContext(ctx, "authenticate a caller", "request_id", audit.OriginFrom(ctx).RequestID, "err", err)
			writeInternal(w, r)
		}
	})
}

// identifyTime limits the authentication of a caller.
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

// credential returns the content of the Authorization header and its kind, or the reason why it cannot be looked up. A
// key or service token may be a bearer token. It may also be the password of Basic with any user, because many old HTTP
// libraries offer only that.
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
		return "", unknown, fault.Malformed // another text precedes the key
	default:
		return token, kindOf(token), ""
	}
}

// keyPrefix starts every access key and service token.
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
