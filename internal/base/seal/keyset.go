// Package seal keeps the secrets of the store: it seals each to the place where
// it is stored and opens it only there, with a keyset that is itself encrypted
// by a master key from a file outside the store.
//
//	master key (file) -> keyset (store, encrypted) -> secrets (store, sealed)
package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/core/cryptofmt"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// What can be wrong with a keyset or a sealed value; test with errors.Is.
var (
	// ErrWrongMasterKey is a keyset that another master key has encrypted.
	ErrWrongMasterKey = errors.New("the keyset was encrypted by another master key")
	// ErrKeysetDamaged is an encrypted keyset that is cut short or altered.
	ErrKeysetDamaged = errors.New("the encrypted keyset is damaged")
	// ErrNotOpened is a sealed value that is altered, was sealed to another place,
	// or by a key that the keyset does not have. Which of them cannot be told.
	ErrNotOpened = errors.New("the sealed value does not open at this place")
)

// Place is where a sealed value is stored, and for whom. It is bound into the value:
// copied to another table, column, row, client, host or version, the value does not open.
type Place struct {
	Table, Column, RowID string

	// ClientID is the client whose secret it is, "" for one of the house's own (a
	// signing key, an operator's second factor).
	ClientID string

	// Host is the host that a secret may be sent to, "" for one that is sent nowhere.
	Host string

	// Version is which of the values that the place had one after the other it is, ""
	// where they are not told apart: an older one does not open in the place of a newer.
	Version string
}

// associatedData names the place. Each part is preceded by its length, so that
// no two places have the same name.
func (p Place) associatedData() ([]byte, error) {
	if p.Table == "" || p.Column == "" || p.RowID == "" {
		return nil, fmt.Errorf("place %+v lacks its table, column or row id", p)
	}
	name := joinParts("chaveiro/v1", p.Table, p.Column, p.RowID, p.ClientID)
	if p.Host != "" {
		name = append(name, joinParts("host", p.Host)...)
	}
	if p.Version != "" {
		name = append(name, joinParts("version", p.Version)...)
	}
	return name, nil
}

// joinParts writes each part behind its length in bytes (32 bits, big endian).
func joinParts(parts ...string) []byte {
	var b []byte
	for _, part := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part))) // #nosec G115 -- parts are names and ids
		b = append(b, part...)
	}
	return b
}

// Keyset holds the keys that seal and open: AES-256-GCM keys, of which the
// primary seals and all open, and one key for keyed hashes, which no rotation
// changes. It is safe for concurrent use, and changes only by Use.
type Keyset struct {
	data    atomic.Pointer[dataKeys]
	hashKey Secret // 32 random bytes
	version int    // of its encrypted form
	source  atomic.Pointer[source]
	// macs has a *sync.Pool of keyed hashes for each purpose that MAC was called for.
	macs sync.Map
}

// dataKeys are the keys that seal and open.
type dataKeys struct {
	handle *keyset.Handle
	aead   tink.AEAD
}

// NewKeyset returns a keyset of fresh keys.
func NewKeyset() (*Keyset, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a data key: %w", err)
	}
	hashKey := make([]byte, sha256.Size)
	rand.Read(hashKey) // never fails
	return newKeyset(handle, NewSecret(string(hashKey)), keysetVersion)
}

func newKeyset(handle *keyset.Handle, hashKey Secret, version int) (*Keyset, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use the data keys: %w", err)
	}
	k := &Keyset{hashKey: hashKey, version: version}
	k.data.Store(&dataKeys{handle: handle, aead: primitive})
	return k, nil
}

func (k *Keyset) handle() *keyset.Handle { return k.data.Load().handle }

// Use makes the keyset seal and open with the data keys of a newer form of
// itself, for all who hold it. Returns an error if that is another keyset.
func (k *Keyset) Use(newer *Keyset) error {
	if !hmac.Equal(k.MAC("same keyset", nil), newer.MAC("same keyset", nil)) {
		return errors.New("the newer keyset is not of this installation")
	}
	k.data.Store(newer.data.Load())
	return nil
}

// Format implements fmt.Formatter: a keyset says [redacted].
func (*Keyset) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// encryptedKeyset is the stored form of a keyset. Both parts are encrypted by
// the master key, each under its own name so that they cannot change places.
type encryptedKeyset struct {
	Version     int    `json:"version"`
	MasterKeyID []byte `json:"masterKeyId"` // tells a wrong master key from damage
	DataKeys    []byte `json:"dataKeys"`    // a tink keyset
	HashKey     []byte `json:"hashKey"`
}

// The version of a stored keyset says which rows carry MACs by its hash key; in the first version no rows do. The
// version is part of what the master key authenticates: without that key, a newer keyset cannot be turned into an older
// one.
const (
	firstVersion = 1
	// CoversDoors is the first version in which the rows that let a caller in carry MACs: keys, tokens, operators,
	// sessions.
	CoversDoors = 2
	// CoversOwners is the first version in which the rows that name an owner carry MACs too: client products,
	// marketplaces.
	CoversOwners = 3
	// CoversShops is the first version in which a shop's identity does too: a client's document, and that of a
	// marketplace's shop.
	CoversShops   = 4
	keysetVersion = CoversShops
)

// The parts of a stored keyset.
const (
	dataKeysPart = "data keys"
	hashKeyPart  = "hash key"
)

// nameOf returns the name under which the master key encrypts a part of a keyset.
func nameOf(version int, part string) []byte {
	return joinParts(fmt.Sprintf("chaveiro/v%d", version), "keyset", part)
}

// Version returns the version of the stored keyset, which says which rows carry MACs of it.
func (k *Keyset) Version() int { return k.version }

// CoversGrants reports whether all rows that grant carry MACs. It is false until this program has started once over a
// database of an older one.
func (k *Keyset) CoversGrants() bool { return k.version == keysetVersion }

// CoverGrants returns the same keys in the newest version, for a database in which all rows that grant carry MACs.
func (k *Keyset) CoverGrants() (*Keyset, error) {
	return newKeyset(k.handle(), k.hashKey, keysetVersion)
}

// Encrypt returns the keyset encrypted by the master key, to be stored. It is
// JSON, and text.
func (k *Keyset) Encrypt(master MasterKey) ([]byte, error) {
	wrap, err := master.aead()
	if err != nil {
		return nil, err
	}
	var wrapped bytes.Buffer
	if err := k.handle().
		WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), wrap, nameOf(k.version, dataKeysPart)); err != nil {
		return nil, fmt.Errorf("encrypt the data keys: %w", err)
	}
	hashKey, err := wrap.Encrypt([]byte(k.hashKey.Reveal()), nameOf(k.version, hashKeyPart))
	if err != nil {
		return nil, fmt.Errorf("encrypt the hash key: %w", err)
	}
	return json.Marshal(encryptedKeyset{
		Version:     k.version,
		MasterKeyID: master.id(),
		DataKeys:    wrapped.Bytes(),
		HashKey:     hashKey,
	})
}

// OpenKeyset decrypts what Encrypt returned. Returns ErrWrongMasterKey if another
// master key encrypted it, ErrKeysetDamaged if it is cut short or altered.
func OpenKeyset(encrypted []byte, master MasterKey) (*Keyset, error) {
	wrap, err := master.aead()
	if err != nil {
		return nil, err
	}
	var stored encryptedKeyset
	if err := json.Unmarshal(encrypted, &stored); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeysetDamaged, err)
	}
	if stored.Version < firstVersion || stored.Version > keysetVersion {
		return nil, fmt.Errorf("%w: version %d is unknown", ErrKeysetDamaged, stored.Version)
	}
	if !hmac.Equal(stored.MasterKeyID, master.id()) {
		if _, err := wrap.Decrypt(stored.HashKey, nameOf(stored.Version, hashKeyPart)); err == nil {
			return nil, fmt.Errorf("%w: the id of its master key is altered", ErrKeysetDamaged)
		}
		return nil, ErrWrongMasterKey
	}
	handle, err := keyset.ReadWithAssociatedData(
		keyset.NewBinaryReader(bytes.NewReader(stored.DataKeys)), wrap, nameOf(stored.Version, dataKeysPart))
	if err != nil {
		return nil, fmt.Errorf("%w: data keys: %w", ErrKeysetDamaged, err)
	}
	hashKey, err := wrap.Decrypt(stored.HashKey, nameOf(stored.Version, hashKeyPart))
	if err != nil {
		return nil, fmt.Errorf("%w: hash key: %w", ErrKeysetDamaged, err)
	}
	return newKeyset(handle, NewSecret(string(hashKey)), stored.Version)
}

// Seal encrypts plaintext for one place. Sealing the same twice gives different
// values. Returns an error if the place lacks its table, column or row id, or if
// the keyset is followed (see Follow) and cannot be confirmed.
func (k *Keyset) Seal(p Place, plaintext []byte) ([]byte, error) {
	data, err := p.associatedData()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if err := k.requireConfirmation(); err != nil {
		return nil, fmt.Errorf("seal %s.%s of row %s: %w", p.Table, p.Column, p.RowID, err)
	}
	return k.encrypt(p, plaintext, data)
}

// SealUnconfirmed is Seal with the newest keys that this process knows, although
// nobody can say now whether they are the newest there are: for what would be lost
// otherwise, and is sealed again as soon as the database is back.
func (k *Keyset) SealUnconfirmed(p Place, plaintext []byte) ([]byte, error) {
	data, err := p.associatedData()
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return k.encrypt(p, plaintext, data)
}

func (k *Keyset) encrypt(p Place, plaintext, data []byte) ([]byte, error) {
	sealed, err := k.data.Load().aead.Encrypt(plaintext, data)
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s of row %s: %w", p.Table, p.Column, p.RowID, err)
	}
	return sealed, nil
}

// Open decrypts a value that was sealed for this place. Returns ErrNotOpened if
// it was altered, comes from another place, or was sealed by a key that the
// keyset does not have.
func (k *Keyset) Open(p Place, sealed []byte) ([]byte, error) {
	data, err := p.associatedData()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	plaintext, err := k.data.Load().aead.Decrypt(sealed, data)
	if err != nil && !k.Knows(sealed) && k.confirm() == nil { // sealed by a key that came since
		plaintext, err = k.data.Load().aead.Decrypt(sealed, data)
	}
	if err != nil {
		// tink's own error says no more and is dropped.
		return nil, fmt.Errorf("open %s.%s of row %s: %w", p.Table, p.Column, p.RowID, ErrNotOpened)
	}
	return plaintext, nil
}

// Extend returns the keyset with one more data key, which opens and does not seal
// yet. It is the first step of a rotation: whoever opens gets the key before the
// first value is sealed by it.
func (k *Keyset) Extend() (*Keyset, error) {
	manager := keyset.NewManagerFromHandle(k.handle())
	if _, err := manager.Add(aead.AES256GCMKeyTemplate()); err != nil {
		return nil, fmt.Errorf("add a data key: %w", err)
	}
	return k.with(manager)
}

// Promote returns the keyset with its newest data key as the one that seals. What
// the others sealed still opens, and fingerprints stay as they are.
func (k *Keyset) Promote() (*Keyset, error) {
	keys := k.handle().KeysetInfo().GetKeyInfo()
	manager := keyset.NewManagerFromHandle(k.handle())
	if err := manager.SetPrimary(keys[len(keys)-1].GetKeyId()); err != nil {
		return nil, fmt.Errorf("make the new data key primary: %w", err)
	}
	return k.with(manager)
}

// with returns the keyset with other data keys.
func (k *Keyset) with(manager *keyset.Manager) (*Keyset, error) {
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("use the changed data keys: %w", err)
	}
	return newKeyset(handle, k.hashKey, k.version)
}

// Retire returns the keyset with no data key but the primary: what the others
// sealed opens no more. It is the last step of a rotation, after every value
// IsCurrent.
func (k *Keyset) Retire() (*Keyset, error) {
	primary := k.primaryID()
	manager := keyset.NewManagerFromHandle(k.handle())
	for _, info := range k.handle().KeysetInfo().GetKeyInfo() {
		if id := info.GetKeyId(); id != primary {
			if err := manager.Delete(id); err != nil {
				return nil, fmt.Errorf("delete data key %d: %w", id, err)
			}
		}
	}
	return k.with(manager)
}

// IsCurrent reports whether the primary key sealed the value, judged by the key
// id before the ciphertext, without opening it. If not, a rotation has still to
// seal it again.
func (k *Keyset) IsCurrent(sealed []byte) bool {
	return sealedBy(sealed, k.primaryID())
}

// Knows reports whether a key of the keyset sealed the value, judged like
// IsCurrent. A value of no known key is lost, or sealed by a key still to come.
func (k *Keyset) Knows(sealed []byte) bool {
	for _, info := range k.handle().KeysetInfo().GetKeyInfo() {
		if sealedBy(sealed, info.GetKeyId()) {
			return true
		}
	}
	return false
}

func sealedBy(sealed []byte, id uint32) bool {
	return bytes.HasPrefix(sealed, binary.BigEndian.AppendUint32([]byte{cryptofmt.TinkStartByte}, id))
}

func (k *Keyset) primaryID() uint32 { return k.handle().KeysetInfo().GetPrimaryKeyId() }

// Fingerprint returns 8 characters of a keyed hash of the secret, to compare two
// without keeping either. They say nothing about the secret to whoever lacks the
// keyset, not even whether a guess is right. The same secret has the same
// fingerprint for as long as the keyset lives, whatever is rotated; two different
// ones share theirs once in 2^40. It is not for showing beside a stored secret:
// whoever may store guesses would look for one with the same. FingerprintAt is.
func (k *Keyset) Fingerprint(secret string) string {
	return readable.EncodeToString(k.MAC("fingerprint", []byte(secret))[:5])
}

// FingerprintAt returns the fingerprint of a secret as one field of what is sealed
// at a place: it compares what is put into that field, and nothing else.
func (k *Keyset) FingerprintAt(p Place, field, secret string) string {
	return k.BindFingerprint(p, field, k.Fingerprint(secret))
}

// BindFingerprint returns what FingerprintAt does, of the secret with this
// Fingerprint.
func (k *Keyset) BindFingerprint(p Place, field, fingerprint string) string {
	bound := k.MAC("fingerprint at a place", joinParts(p.Table, p.Column, p.RowID, p.ClientID, field, fingerprint))
	return readable.EncodeToString(bound[:5])
}

// readable has no letters that are taken for digits when read out aloud or typed
// (Crockford's base 32).
var readable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// MAC returns the HMAC-SHA-256 (32 bytes) of data by a key of its own for each
// purpose, derived from the keyset's hash key. It is the same for as long as the
// keyset lives. There are few purposes: each costs memory for good.
func (k *Keyset) MAC(purpose string, data []byte) []byte {
	pool, ok := k.macs.Load(purpose)
	if !ok {
		key := sum([]byte(k.hashKey.Reveal()), joinParts("chaveiro/v1", purpose))
		pool, _ = k.macs.LoadOrStore(purpose, &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }})
	}
	mac := pool.(*sync.Pool).Get().(hash.Hash)
	defer pool.(*sync.Pool).Put(mac)
	mac.Reset()
	mac.Write(data)
	return mac.Sum(nil)
}

func sum(key, data []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(data)
	return mac.Sum(nil)
}
