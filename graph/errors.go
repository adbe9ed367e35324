package graph

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/chaveiro/chaveiro/ent/privacy"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/i18n"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/edit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// These codes belong to errors that package fault has as types: internal faults, fault.BadRequest and fault.Throttled.
const (
	internalError fault.Refusal = "INTERNAL"
	badUserInput  fault.Refusal = "BAD_USER_INPUT"
	throttled     fault.Refusal = "THROTTLED"

	invalidDocument fault.Refusal = "GRAPHQL_VALIDATION_FAILED" // the engine's own code
)

// retryAfter is the extension of an error that says how many seconds to wait.
const retryAfter = "retryAfter"

// mend splits the error of a service. User errors go into the payload, in the caller's language; every other error is
// returned.
func mend(ctx context.Context, err error) ([]*model.UserError, error) {
	var list fault.List
	if err != nil && !errors.As(err, &list) {
		return nil, err
	}
	var conflict edit.Conflict
	errors.As(err, &conflict)
	userErrors := make([]*model.UserError, len(list))
	for i, e := range list {
		field := e.Field
		if field == nil {
			field = []string{}
		}
		userErrors[i] = &model.UserError{Code: e.Code, Field: field,
			Message: i18n.Text(ctx, "error."+string(e.Code), e.Args...)}
		if e.RelatedID != "" {
			userErrors[i].RelatedID = &e.RelatedID
		}
		userErrors[i].Edits = []*edit.Edit{}
		if e.Code == fault.Conflict {
			tellConflict(ctx, userErrors[i], conflict)
		}
	}
	return userErrors, nil
}

// tellConflict says in an error who saved what since the version that the caller has seen, as far as it is known.
func tellConflict(ctx context.Context, told *model.UserError, conflict edit.Conflict) {
	for i := range conflict.Edits {
		told.Edits = append(told.Edits, &conflict.Edits[i])
	}
	if len(told.Edits) > 0 {
		told.Message = i18n.Text(ctx, "conflict.by", told.Edits[0].By)
	}
}

// presenter turns every error into one that may reach the caller. Of an internal fault the caller gets only the
// request's id; the log gets the rest.
func presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		refusal := refusalOf(err)
		var ours *gqlerror.Error
		if refusal == internalError && errors.As(err, &ours) && ours.Err == nil {
			if principal.From(ctx) == nil {
				// The full list of validation errors would reveal the schema to an unauthenticated caller.
				return refuse(ctx, invalidDocument, i18n.Text(ctx, "graphql."+string(invalidDocument)))
			}
			return ofEngine(ctx, ours)
		}
		message := i18n.Text(ctx, "graphql."+string(refusal))
		if store.CannotSave(err) {
			message = i18n.Text(ctx, "graphql.CANNOT_SAVE")
		}
		if refusal == badUserInput {
			message = i18n.BadRequest(ctx, err)
		}
		answer := refuse(ctx, refusal, message)
		answer.Path = graphql.GetPath(ctx)
		var wait fault.Throttled
		if errors.As(err, &wait) {
			answer.Extensions[retryAfter] = wait.Seconds()
		}
		switch refusal {
		case fault.Busy:
			log.WarnContext(ctx, "a field was refused as BUSY",
				"path", answer.Path.String(), "err", err, "request_id", audit.OriginFrom(ctx).RequestID)
		case internalError:
			log.ErrorContext(ctx, "a field failed", "path", answer.Path.String(), "err", err, "request_id",
				audit.OriginFrom(ctx).RequestID)
		}
		return answer
	}
}

// ofEngine returns an error of the GraphQL engine about the request. It cuts off values that the engine quotes from the
// request, because one may be a secret.
func ofEngine(ctx context.Context, err *gqlerror.Error) *gqlerror.Error {
	code, _ := err.Extensions["code"].(string)
	noteError(ctx, fault.Refusal(cmp.Or(code, string(badUserInput))))
	answer := *err
	answer.Extensions = maps.Clone(err.Extensions)
	switch {
	case err.Rule == "ValuesOfCorrectType":
		answer.Message, _, _ = strings.Cut(answer.Message, ", found ")
		answer.Message, _, _ = strings.Cut(answer.Message, " value: ")
	case err.Extensions["code"] == errcode.ParseFailed:
		answer.Message = tokenText.ReplaceAllString(answer.Message, "$1")
	}
	withRequestID(ctx, &answer)
	return &answer
}

// tokenText matches the text of a token in an error of the parser.
var tokenText = regexp.MustCompile(`(?s)\b(String|BlockString|Name|Int|Float|Comment) ".*`)

func refusalOf(err error) fault.Refusal {
	var (
		refusal fault.Refusal
		bad     fault.BadRequest
		wait    fault.Throttled
	)
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.As(err, &bad):
		return badUserInput
	case errors.As(err, &wait):
		return throttled
	case errors.Is(err, privacy.Deny):
		return fault.Forbidden
	case errors.Is(err, context.DeadlineExceeded), store.IsUnavailable(err):
		return fault.Busy
	default:
		return internalError
	}
}

// refuse returns an error with a code and the id of the request.
func refuse(ctx context.Context, code fault.Refusal, message string) *gqlerror.Error {
	noteError(ctx, code)
	answer := &gqlerror.Error{Message: message}
	errcode.Set(answer, string(code))
	withRequestID(ctx, answer)
	return answer
}

func withRequestID(ctx context.Context, answer *gqlerror.Error) {
	if id := audit.OriginFrom(ctx).RequestID; id != "" {
		if answer.Extensions == nil {
			answer.Extensions = map[string]any{}
		}
		answer.Extensions["requestId"] = id
	}
}

// recoverer turns a panic of a resolver into an internal fault, and logs its stack once.
func recoverer(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, cause any) error {
		log.ErrorContext(ctx, "a resolver panicked", "panic", cause, "stack", string(debug.Stack()), "request_id",
			audit.OriginFrom(ctx).RequestID)
		return internalError
	}
}
