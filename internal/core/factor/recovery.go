package factor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/recoverycode"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/store"
)

// recoveryCodes is how many codes an operator gets at once.
const recoveryCodes = 10

// alphabet has no letters that are taken for digits (Crockford's base 32).
var alphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// misreadings replaces characters that a recovery code does not have by those that were meant.
var misreadings = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1")

func recoveryHash(operatorID, code string) []byte {
	sum := sha256.Sum256([]byte(operatorID + " " + misreadings.Replace(strings.ToLower(code))))
	return sum[:]
}

// replaceRecoveryCodes replaces an operator's recovery codes and returns them: 120 random bits each, in six groups of
// four.
func replaceRecoveryCodes(ctx context.Context, tx *ent.Tx, operatorID string) ([]string, error) {
	if _, err := tx.RecoveryCode.Delete().Where(recoverycode.OperatorID(operatorID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("end the old recovery codes: %w", err)
	}
	codes := make([]string, recoveryCodes)
	rows := make([]*ent.RecoveryCodeCreate, recoveryCodes)
	for i := range codes {
		random := make([]byte, 15)
		_, _ = rand.Read(random) // it never fails: it ends the program instead
		text := alphabet.EncodeToString(random)
		codes[i] = strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
		rows[i] = tx.RecoveryCode.Create().SetOperatorID(operatorID).SetHash(recoveryHash(operatorID, codes[i]))
	}
	if err := tx.RecoveryCode.CreateBulk(rows...).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store the recovery codes: %w", err)
	}
	return codes, nil
}

// CreateRecoveryCodes makes new recovery codes of the acting operator; the old ones end. It returns a fault.BadRequest
// when the operator has no second factor, and fault.PresenceRequired without a proof of presence.
func (s *Service) CreateRecoveryCodes(ctx context.Context) ([]string, error) {
	var codes []string
	create := func(ctx context.Context, tx *ent.Tx, account session.Account) (audit.Event, error) {
		if !account.Operator.SecondFactor {
			return audit.Event{}, fault.BadRequest{Detail: fault.OperatorNoFactor}
		}
		var err error
		codes, err = replaceRecoveryCodes(ctx, tx, account.Actor.ID)
		return audit.Event{Action: "account.recovery_codes", Changes: []audit.Change{{Field: "recoveryCodes"}}}, err
	}
	err := s.sessions.ChangeAccountInPresence(ctx, create)
	return codes, err
}

// proveRecoveryCode checks a recovery code of an operator and uses it up.
func (s *Service) proveRecoveryCode(ctx context.Context, tx *ent.Tx, person *ent.Operator, code string) error {
	found, err := tx.RecoveryCode.Query().
		Where(
			recoverycode.OperatorID(person.ID), recoverycode.Hash(recoveryHash(person.ID, code)), store.ForUpdate,
		).
		Only(ctx)
	if ent.IsNotFound(err) {
		return refuse("recoveryCode")
	}
	if err != nil {
		return fmt.Errorf("find the recovery code: %w", err)
	}
	if found.UsedAt != nil || !store.Vouches(ctx, s.store, found) {
		return refuse("recoveryCode")
	}
	if err := tx.RecoveryCode.UpdateOne(found).SetUsedAt(s.now()).Exec(ctx); err != nil {
		return fmt.Errorf("use up the recovery code: %w", err)
	}
	return nil
}
