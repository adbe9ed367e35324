// Package idempotency lets a create mutation be repeated without making a second object: when the answer to the first
// request was lost, the caller sends the same again.
package idempotency

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/idempotentrequest"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
)

// Request names a create mutation that may be repeated.
type Request struct {
	// Key is the caller's key, of 1 to 100 characters; nil for a request that is not to be recognised again.
	Key *string
	// Operation is the name of the mutation.
	Operation string
	// Input is the input of the mutation; it is stored as a hash. Secrets in it must be keyed hashes already.
	Input any
}

// Reserve claims the request's key for the object newID, in the transaction that makes the object. It returns newID
// when the object is to be made, and the id of the earlier object when the request is a repetition. A key that was used
// with another input of the same operation is a fault.IdempotencyMismatch. The same key with another operation is
// another request.
func Reserve(ctx context.Context, tx *ent.Tx, request Request, newID string) (id string, err error) {
	if request.Key == nil {
		return newID, nil
	}
	k, err := claimOf(ctx, request)
	if err != nil {
		return "", err
	}
	err = tx.IdempotentRequest.Create().
		SetOperatorID(k.operatorID).
		SetKey(k.key).
		SetOperation(request.Operation).
		SetInputFingerprint(k.fingerprint).
		SetObjectID(newID).
		OnConflict(entsql.ConflictColumns(idempotentrequest.FieldOperatorID, idempotentrequest.FieldOperation,
			idempotentrequest.FieldKey), entsql.DoNothing()).
		Exec(principal.AsSystem(ctx, "idempotency"))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reserve an idempotency key: %w", err)
	}
	return k.find(ctx, tx)
}

// Made returns the id of the object that a request with the same key has made already; empty when there is none. It
// reserves nothing. It serves mutations that must ask a provider before they make the object, and must not ask twice.
func Made(ctx context.Context, tx *ent.Tx, request Request) (id string, err error) {
	if request.Key == nil {
		return "", nil
	}
	k, err := claimOf(ctx, request)
	if err != nil {
		return "", err
	}
	id, err = k.find(ctx, tx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	return id, err
}

// claim is the stored form of a request.
type claim struct{ operatorID, key, operation, fingerprint string }

func claimOf(ctx context.Context, request Request) (claim, error) {
	var bad fault.List
	key := bad.Line(*request.Key, 100, "idempotencyKey")
	if err := bad.Err(); err != nil {
		return claim{}, err
	}
	operator, ok := principal.From(ctx).(principal.Operator)
	if !ok {
		return claim{}, fault.Forbidden
	}
	input, err := json.Marshal(request.Input)
	if err != nil {
		return claim{}, fmt.Errorf("encode the input of %s: %w", request.Operation, err)
	}
	sum := sha256.Sum256(input)
	return claim{operator.ID, key, request.Operation, hex.EncodeToString(sum[:8])}, nil
}

// find returns the id of the object that the key was reserved for. It returns an ent.NotFoundError when the key was not
// reserved.
func (k claim) find(ctx context.Context, tx *ent.Tx) (string, error) {
	found, err := tx.IdempotentRequest.Query().
		Where(idempotentrequest.OperatorID(k.operatorID), idempotentrequest.Operation(k.operation),
			idempotentrequest.Key(k.key)).
		Only(principal.AsSystem(ctx, "idempotency"))
	if err != nil {
		return "", fmt.Errorf("find an idempotency key: %w", err)
	}
	if found.InputFingerprint != k.fingerprint {
		return "", fault.New(fault.IdempotencyMismatch, "idempotencyKey")
	}
	return found.ObjectID, nil
}
