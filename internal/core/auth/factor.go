package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/passkey"
	"github.com/chaveiro/chaveiro/ent/recoverycode"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Method is a way to prove a second factor.
type Method string

// The methods.
const (
	TOTP         Method = "TOTP"
	RecoveryCode Method = "RECOVERY_CODE"
	Passkey      Method = "PASSKEY"
)

// How a session was proved, as the claim amr says it (RFC 8176).
const (
	byPassword = "pwd"
	byCode     = "otp"
	byPasskey  = "pop" // proof of possession of a key
)

// Proof is one proof of a second factor: one of its fields is set.
type Proof struct {
	Code         *string
	RecoveryCode *string
	Passkey      *string
}

// SecondFactorRequest is what a log-in needs after the password.
type SecondFactorRequest struct {
	Ticket         string
	Methods        []Method
	PasskeyOptions *string
	// PasskeysMadeAt is the address that passkeys of the operator were made at which can never work here; nil for none.
	PasskeysMadeAt *string
}

// TOTPRequest is what an app is to be set up with.
type TOTPRequest struct {
	Ticket  string
	Seed    string
	Address string
	Picture string
}

// totpForm is what all the apps can: RFC 6238 with SHA-1, 6 digits and 30 seconds.
var totpForm = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

const (
	totpPeriod = 30
	// totpSkew is how many steps a clock may be off.
	totpSkew    = 1
	totpPicture = 240 // pixels
)

// newTOTP makes a seed of an app for an operator, with all that an app is set up with but the ticket.
func (s *Service) newTOTP(who *ent.Operator) (TOTPRequest, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.listedAs, AccountName: who.Email, Period: totpPeriod, SecretSize: 20})
	if err != nil {
		return TOTPRequest{}, fmt.Errorf("make the seed of an app: %w", err)
	}
	picture, err := key.Image(totpPicture, totpPicture)
	if err != nil {
		return TOTPRequest{}, fmt.Errorf("draw the seed of an app: %w", err)
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		return TOTPRequest{}, fmt.Errorf("draw the seed of an app: %w", err)
	}
	return TOTPRequest{
		Seed:    key.Secret(),
		Address: key.URL(),
		Picture: "data:image/png;base64," + base64.StdEncoding.EncodeToString(encoded.Bytes()),
	}, nil
}

// totpStep returns the time step that a code of a seed is of, 0 when it is of none near now.
func totpStep(seed, code string, now time.Time) (int64, error) {
	code = strings.Join(strings.Fields(code), "")
	var found int64
	for skew := int64(-totpSkew); skew <= totpSkew; skew++ {
		step := now.Unix()/totpPeriod + skew
		right, err := totp.GenerateCodeCustom(seed, time.Unix(step*totpPeriod, 0), totpForm)
		if err != nil {
			return 0, fmt.Errorf("calculate the code of an app: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(right), []byte(code)) == 1 {
			found = step
		}
	}
	return found, nil
}

func totpPlace(operatorID string) seal.Place {
	return seal.Place{Table: operator.Table, Column: operator.FieldTotpSealed, RowID: operatorID}
}

// recoveryCodes is how many an operator gets at once.
const recoveryCodes = 10

// readable has no letters that are taken for digits (Crockford's base 32).
var readable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newRecoveryCodes replaces an operator's recovery codes and returns them: 120 random bits each, in six groups of four.
func newRecoveryCodes(ctx context.Context, tx *ent.Tx, operatorID string) ([]string, error) {
	if _, err := tx.RecoveryCode.Delete().Where(recoverycode.OperatorID(operatorID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("end the old recovery codes: %w", err)
	}
	codes := make([]string, recoveryCodes)
	rows := make([]*ent.RecoveryCodeCreate, recoveryCodes)
	for i := range codes {
		random := make([]byte, 15)
		_, _ = rand.Read(random) // it never fails: it ends the program instead
		text := readable.EncodeToString(random)
		codes[i] = strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
		rows[i] = tx.RecoveryCode.Create().SetOperatorID(operatorID).SetHash(recoveryHash(operatorID, codes[i]))
	}
	if err := tx.RecoveryCode.CreateBulk(rows...).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store the recovery codes: %w", err)
	}
	return codes, nil
}

// misread are the characters that a recovery code does not have, as what was meant.
var misread = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1")

func recoveryHash(operatorID, code string) []byte {
	sum := sha256.Sum256([]byte(operatorID + " " + misread.Replace(strings.ToLower(code))))
	return sum[:]
}

// refused is a proof that is not right; field is where it stands in the input.
func refused(field ...string) error { return fault.New(fault.SecondFactorInvalid, field...) }

// isRefused reports whether an error is of a proof that was not taken.
func isRefused(err error) bool {
	return fault.Is(err, fault.SecondFactorInvalid) || fault.Is(err, fault.CodeUsed)
}

// prove checks a proof of who, asked as what says, and uses it up. It returns how the proof was given, or a fault.List of
// SECOND_FACTOR_INVALID, or CODE_USED for a code that was taken before.
func (s *Service) prove(ctx context.Context, tx *ent.Tx, who *ent.Operator, proof Proof, what begun) (string, error) {
	switch {
	case proof.Code != nil:
		return byCode, s.proveCode(ctx, tx, who, *proof.Code)
	case proof.RecoveryCode != nil:
		return byCode, s.proveRecoveryCode(ctx, tx, who, *proof.RecoveryCode)
	case proof.Passkey != nil:
		return byPasskey, s.provePasskey(ctx, tx, who, *proof.Passkey, what)
	default:
		return "", refused()
	}
}

// proveCode checks a code of the operator's app. Each time step is taken once, so that a code that was looked at over a
// shoulder is worth nothing.
func (s *Service) proveCode(ctx context.Context, tx *ent.Tx, who *ent.Operator, code string) error {
	if who.TotpSince == nil || len(who.TotpSealed) == 0 { // a recovery without the master key takes the seed, and not the factor
		return refused("code")
	}
	seed, err := s.keys.Open(totpPlace(who.ID), who.TotpSealed)
	if err != nil {
		return fmt.Errorf("open the seed of the app: %w", err)
	}
	step, err := totpStep(string(seed), code, s.now())
	if err != nil {
		return err
	}
	taken, err := tx.Operator.Update().Where(operator.ID(who.ID), operator.TotpStepLT(step)).SetTotpStep(step).Save(ctx)
	if err != nil {
		return fmt.Errorf("use up the code of the app: %w", err)
	}
	switch {
	case taken > 0:
		return nil
	case step > 0 && step == who.TotpStep:
		return fault.New(fault.CodeUsed, "code")
	default:
		return refused("code")
	}
}

func (s *Service) proveRecoveryCode(ctx context.Context, tx *ent.Tx, who *ent.Operator, code string) error {
	found, err := tx.RecoveryCode.Query().
		Where(recoverycode.OperatorID(who.ID), recoverycode.Hash(recoveryHash(who.ID, code)), store.ForUpdate).
		Only(ctx)
	if ent.IsNotFound(err) {
		return refused("recoveryCode")
	}
	if err != nil {
		return fmt.Errorf("find the recovery code: %w", err)
	}
	if found.UsedAt != nil || !store.Vouches(ctx, s.store, found) {
		return refused("recoveryCode")
	}
	if err := tx.RecoveryCode.UpdateOne(found).SetUsedAt(s.now()).Exec(ctx); err != nil {
		return fmt.Errorf("use up the recovery code: %w", err)
	}
	return nil
}

// methodsOf returns what an operator can prove a second factor with; nothing when there is none.
func methodsOf(ctx context.Context, tx *ent.Tx, who *ent.Operator) ([]Method, error) {
	if !who.SecondFactor {
		return nil, nil
	}
	var methods []Method
	if who.TotpSince != nil {
		methods = append(methods, TOTP)
	}
	passkeys, err := tx.Passkey.Query().Where(passkey.OperatorID(who.ID)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for passkeys: %w", err)
	}
	if passkeys {
		methods = append(methods, Passkey)
	}
	codes, err := tx.RecoveryCode.Query().Where(recoverycode.OperatorID(who.ID), recoverycode.UsedAtIsNil()).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for recovery codes: %w", err)
	}
	if codes {
		methods = append(methods, RecoveryCode)
	}
	return methods, nil
}
