package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
)

var place = seal.Place{
	Table: "marketplaces", Column: "secrets", RowID: "mkt_1", ClientID: "cli_1", Host: "api.example", Version: "7",
}

func TestASealedValueOpensAtItsPlace(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	for _, plaintext := range []string{text, "", "\x00\xff"} {
		sealed := mustSeal(t, keys, place, plaintext)
		if got, err := keys.Open(place, sealed); err != nil || string(got) != plaintext {
			t.Errorf("Open = %q, %v; want %q", got, err, plaintext)
		}
	}
}

// Proves: 6.1
func TestASealedValueOpensAtNoOtherPlace(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	sealed := mustSeal(t, keys, place, text)
	for name, other := range map[string]seal.Place{
		"host":            {place.Table, place.Column, place.RowID, place.ClientID, "other.example", place.Version},
		"version":         {place.Table, place.Column, place.RowID, place.ClientID, place.Host, "6"},
		"no version":      {place.Table, place.Column, place.RowID, place.ClientID, place.Host, ""},
		"no host":         {place.Table, place.Column, place.RowID, place.ClientID, "", place.Version},
		"table":           {"webhooks", place.Column, place.RowID, place.ClientID, place.Host, place.Version},
		"column":          {place.Table, "token", place.RowID, place.ClientID, place.Host, place.Version},
		"row":             {place.Table, place.Column, "mkt_2", place.ClientID, place.Host, place.Version},
		"client":          {place.Table, place.Column, place.RowID, "cli_2", place.Host, place.Version},
		"no client":       {place.Table, place.Column, place.RowID, "", place.Host, place.Version},
		"shifted letters": {place.Table, place.Column, "mkt_1c", "li_1", place.Host, place.Version},
	} {
		if got, err := keys.Open(other, sealed); !errors.Is(err, seal.ErrNotOpened) {
			t.Errorf("at another place (%s): Open = %q, %v; want %v", name, got, err, seal.ErrNotOpened)
		}
	}
}

func TestAPlaceWithoutARowSealsNothing(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	for _, p := range []seal.Place{{}, {Table: "t", Column: "c"}, {Table: "t", RowID: "1"}, {Column: "c", RowID: "1"}} {
		if _, err := keys.Seal(p, []byte(text)); err == nil {
			t.Errorf("Seal at %+v succeeded", p)
		}
		if _, err := keys.Open(p, []byte(text)); err == nil {
			t.Errorf("Open at %+v succeeded", p)
		}
	}
	if _, err := keys.Seal(seal.Place{Table: "signing_keys", Column: "key", RowID: "1"}, []byte(text)); err != nil {
		t.Errorf("a secret of the house needs no client: %v", err)
	}
}

func TestAnAlteredValueDoesNotOpen(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	sealed := mustSeal(t, keys, place, text)
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := keys.Open(place, altered); !errors.Is(err, seal.ErrNotOpened) {
			t.Errorf("byte %d altered: %v; want %v", i, err, seal.ErrNotOpened)
		}
		if _, err := keys.Open(place, sealed[:i]); !errors.Is(err, seal.ErrNotOpened) {
			t.Errorf("cut at byte %d: %v; want %v", i, err, seal.ErrNotOpened)
		}
	}
}

func TestSealingTwiceGivesDifferentValues(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	if bytes.Equal(mustSeal(t, keys, place, text), mustSeal(t, keys, place, text)) {
		t.Error("equal secrets can be told by their sealed values")
	}
}

func TestAnotherKeysetOpensNothing(t *testing.T) {
	t.Parallel()
	sealed := mustSeal(t, newKeyset(t), place, text)
	if _, err := newKeyset(t).Open(place, sealed); !errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("Open: %v; want %v", err, seal.ErrNotOpened)
	}
}

func TestAnEncryptedKeysetOpensWithItsMasterKey(t *testing.T) {
	t.Parallel()
	keys, master := newKeyset(t), newMasterKey(t)
	sealed := mustSeal(t, keys, place, text)

	opened, err := seal.OpenKeyset(encrypt(t, keys, master), master)
	if err != nil {
		t.Fatalf("OpenKeyset: %v", err)
	}
	if got, err := opened.Open(place, sealed); err != nil || string(got) != text {
		t.Errorf("the opened keyset opens %q, %v; want %q", got, err, text)
	}
	if got, want := opened.Fingerprint(text), keys.Fingerprint(text); got != want {
		t.Errorf("the opened keyset's fingerprint is %s; want %s", got, want)
	}
}

func TestAnEncryptedKeysetSaysWhyItDoesNotOpen(t *testing.T) {
	t.Parallel()
	master := newMasterKey(t)
	encrypted := encrypt(t, newKeyset(t), master)

	if _, err := seal.OpenKeyset(encrypted, newMasterKey(t)); !errors.Is(err, seal.ErrWrongMasterKey) {
		t.Errorf("wrong master key: %v; want %v", err, seal.ErrWrongMasterKey)
	}
	if _, err := seal.OpenKeyset(encrypted, seal.MasterKey{}); err == nil {
		t.Error("it opened without a master key")
	}
	for i := range encrypted {
		if _, err := seal.OpenKeyset(encrypted[:i], master); !errors.Is(err, seal.ErrKeysetDamaged) {
			t.Errorf("cut at byte %d: %v; want %v", i, err, seal.ErrKeysetDamaged)
		}
	}
	for name, damaged := range map[string][]byte{
		"of a later version": bytes.Replace(encrypted, []byte(`"version":4`), []byte(`"version":5`), 1),
		"of none":            bytes.Replace(encrypted, []byte(`"version":4`), []byte(`"version":0`), 1),
		"made an older one":  bytes.Replace(encrypted, []byte(`"version":4`), []byte(`"version":3`), 1),
		"altered":            alterField(t, encrypted, "dataKeys"),
		"altered key id":     alterField(t, encrypted, "masterKeyId"),
		"altered hash key":   alterField(t, encrypted, "hashKey"),
		"with parts swapped": swapFields(encrypted, "dataKeys", "hashKey"),
		"not a keyset":       []byte("{}"),
	} {
		if _, err := seal.OpenKeyset(damaged, master); !errors.Is(err, seal.ErrKeysetDamaged) {
			t.Errorf("%s: %v; want %v", name, err, seal.ErrKeysetDamaged)
		}
	}
}

// The files were written by versions of the program before any rows had MACs, and before the rows that name an owner
// had them.
func TestAKeysetOfAnOlderVersionOpensAndCoversAllRowsAfterCoverGrants(t *testing.T) {
	for version := 1; version < 4; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) { coversAllRows(t, version) })
	}
}

func coversAllRows(t *testing.T, version int) {
	t.Parallel()
	encrypted, err := os.ReadFile(fmt.Sprintf("testdata/keyset-v%d.json", version))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile("testdata/master-v1.key")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "master.key") // nobody else may read it
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	master, err := seal.LoadMasterKey(path, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	old, err := seal.OpenKeyset(encrypted, master)
	if err != nil || old.CoversGrants() || old.Version() != version {
		t.Fatalf("opened %v, covering the rows: %t", err, old.CoversGrants())
	}
	if rotated, err := old.Extend(); err != nil || rotated.CoversGrants() {
		t.Errorf("a rotation covers the rows: %v", err)
	}
	covering, err := old.CoverGrants()
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.OpenKeyset(encrypt(t, covering, master), master)
	if err != nil || !again.CoversGrants() {
		t.Errorf("it does not cover the rows: %v", err)
	}
	if got, err := again.Open(place, mustSeal(t, old, place, text)); err != nil || string(got) != text {
		t.Errorf("it opens %q, %v", got, err)
	}
	if !bytes.Equal(old.MAC("x", nil), again.MAC("x", nil)) {
		t.Error("its MACs are others")
	}
}

func TestWithoutAMasterKeyNothingIsEncrypted(t *testing.T) {
	t.Parallel()
	if got, err := newKeyset(t).Encrypt(seal.MasterKey{}); err == nil {
		t.Errorf("encrypted to %q", got)
	}
}

func TestRotationKeepsOldValuesUntilTheyAreRetired(t *testing.T) {
	t.Parallel()
	before := newKeyset(t)
	old := mustSeal(t, before, place, text)
	extended, err := before.Extend()
	if err != nil {
		t.Fatalf("Extend: %v", err)
	}
	if !extended.IsCurrent(old) || !extended.IsCurrent(mustSeal(t, extended, place, text)) {
		t.Error("a key that was only added seals")
	}
	during, err := extended.Promote()
	if err != nil {
		t.Fatalf("Promote: %v", err)
	}
	fresh := mustSeal(t, during, place, text)

	if _, err := extended.Open(place, fresh); err != nil {
		t.Errorf("a value of the new key does not open before the key seals: %v", err)
	}
	if _, err := during.Open(place, old); err != nil {
		t.Errorf("an old value does not open during the rotation: %v", err)
	}
	if during.IsCurrent(old) || !during.IsCurrent(fresh) || during.IsCurrent(nil) {
		t.Error("the values to seal again cannot be told")
	}
	after, err := during.Retire()
	if err != nil {
		t.Fatalf("Retire: %v", err)
	}
	if _, err := after.Open(place, fresh); err != nil {
		t.Errorf("a fresh value does not open after the rotation: %v", err)
	}
	if _, err := after.Open(place, old); !errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("an old value opens after the rotation: %v", err)
	}
	if _, err := before.Open(place, fresh); !errors.Is(err, seal.ErrNotOpened) {
		t.Errorf("rotation changed the keyset it started from: %v", err)
	}

	master := newMasterKey(t)
	stored, err := seal.OpenKeyset(encrypt(t, after, master), master)
	if err != nil {
		t.Fatalf("OpenKeyset: %v", err)
	}
	if got, want := stored.Fingerprint(text), before.Fingerprint(text); got != want {
		t.Errorf("rotation changed a fingerprint from %s to %s", want, got)
	}
}

func TestFingerprintComparesSecrets(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	got := keys.Fingerprint(text)
	if !regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{8}$`).MatchString(got) {
		t.Errorf("fingerprint %q is not 8 readable characters", got)
	}
	if again := keys.Fingerprint(text); again != got {
		t.Errorf("the same secret has fingerprints %s and %s", got, again)
	}
	if other := keys.Fingerprint(text + " "); other == got {
		t.Error("another secret has the same fingerprint")
	}
	if other := newKeyset(t).Fingerprint(text); other == got {
		t.Error("a fingerprint does not depend on the keyset")
	}
}

// Proves: 6.6
func TestAFingerprintComparesWhatIsPutIntoOneField(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	at := seal.Place{Table: "t", Column: "c", RowID: "r", ClientID: "k"}
	got := keys.FingerprintAt(at, "password", text)
	if !regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{8}$`).MatchString(got) {
		t.Errorf("fingerprint %q is not 8 readable characters", got)
	}
	if again := keys.FingerprintAt(at, "password", text); again != got {
		t.Errorf("the same secret has fingerprints %s and %s", got, again)
	}
	if bound := keys.BindFingerprint(at, "password", keys.Fingerprint(text)); bound != got {
		t.Errorf("bound later it is %s, not %s", bound, got)
	}
	for what, other := range map[string]string{
		"another secret": keys.FingerprintAt(at, "password", text+" "),
		"another field":  keys.FingerprintAt(at, "token", text),
		"another table": keys.FingerprintAt(seal.Place{Table: "u", Column: "c", RowID: "r", ClientID: "k"},
			"password", text),
		"another column": keys.FingerprintAt(seal.Place{Table: "t", Column: "d", RowID: "r", ClientID: "k"},
			"password", text),
		"another row": keys.FingerprintAt(seal.Place{Table: "t", Column: "c", RowID: "s", ClientID: "k"},
			"password", text),
		"another client": keys.FingerprintAt(seal.Place{Table: "t", Column: "c", RowID: "r", ClientID: "l"},
			"password", text),
		"no place at all": keys.Fingerprint(text),
		"another keyset":  newKeyset(t).FingerprintAt(at, "password", text),
	} {
		if other == got {
			t.Errorf("%s has the same fingerprint", what)
		}
	}
}

func TestMACsOfTwoPurposesHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	audit := keys.MAC("audit", []byte(text))
	if len(audit) != 32 || !bytes.Equal(audit, keys.MAC("audit", []byte(text))) {
		t.Errorf("MAC = %x; want 32 bytes, the same each time", audit)
	}
	if bytes.Equal(audit, keys.MAC("tombstone", []byte(text))) {
		t.Error("the MAC does not depend on its purpose")
	}
}

func TestAPrintedKeysetShowsNoKey(t *testing.T) {
	t.Parallel()
	keys, master := newKeyset(t), newMasterKey(t)
	for _, verb := range verbs {
		if got := fmt.Sprintf(verb, master); leaks(got, master.Reveal()) {
			t.Errorf("a master key with %s prints %s", verb, got)
		}
	}
	if got := fmt.Sprintf("%v %+v %#v", master, struct{ K seal.MasterKey }{master},
		keys); got != "[redacted] {K:[redacted]} [redacted]" {
		t.Errorf("a master key and a keyset print %s", got)
	}
}

func FuzzOpenKeyset(f *testing.F) {
	master := newMasterKey(f)
	encrypted := encrypt(f, newKeyset(f), master)
	f.Add(encrypted)
	f.Add(encrypted[:len(encrypted)/2])
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, encrypted []byte) {
		_, err := seal.OpenKeyset(encrypted, master)
		if err != nil && !errors.Is(err, seal.ErrKeysetDamaged) && !errors.Is(err, seal.ErrWrongMasterKey) {
			t.Errorf("OpenKeyset(%q): %v, which is neither damage nor a wrong key", encrypted, err)
		}
	})
}

func newKeyset(t testing.TB) *seal.Keyset {
	t.Helper()
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatalf("NewKeyset: %v", err)
	}
	return keys
}

func newMasterKey(t testing.TB) seal.MasterKey {
	t.Helper()
	master, err := seal.CreateMasterKey(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatalf("CreateMasterKey: %v", err)
	}
	return master
}

func encrypt(t testing.TB, keys *seal.Keyset, master seal.MasterKey) []byte {
	t.Helper()
	encrypted, err := keys.Encrypt(master)
	if err != nil {
		t.Fatalf("Encrypt: %v", err)
	}
	return encrypted
}

func mustSeal(t testing.TB, keys *seal.Keyset, p seal.Place, plaintext string) []byte {
	t.Helper()
	sealed, err := keys.Seal(p, []byte(plaintext))
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	if plaintext != "" && bytes.Contains(sealed, []byte(plaintext)) {
		t.Fatalf("Seal(%q) = %q", plaintext, sealed)
	}
	return sealed
}

// alterField changes one character in the middle of a field's base64.
func alterField(t testing.TB, encrypted []byte, field string) []byte {
	t.Helper()
	altered := bytes.Clone(encrypted)
	i := bytes.Index(altered, []byte(field)) + len(field) + 30
	if altered[i]++; altered[i] == '[' || altered[i] == '{' || altered[i] == ':' {
		altered[i] = 'A'
	}
	return altered
}

// swapFields exchanges the names of two fields.
func swapFields(encrypted []byte, a, b string) []byte {
	swapped := bytes.ReplaceAll(encrypted, []byte(a), []byte("~"))
	swapped = bytes.ReplaceAll(swapped, []byte(b), []byte(a))
	return bytes.ReplaceAll(swapped, []byte("~"), []byte(b))
}

func TestAKeysetThatIsFollowedSealsOnlyWhileItIsKnownToBeTheNewest(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	newer, err := keys.Extend()
	if err != nil {
		t.Fatal(err)
	}
	if newer, err = newer.Promote(); err != nil {
		t.Fatal(err)
	}
	var asked int
	gone := errors.New("the database is gone")
	answer := gone
	keys.Follow(func() error {
		asked++
		if answer != nil {
			return answer
		}
		keys.Confirmed(time.Now())
		return keys.Use(newer)
	}, time.Hour)
	if _, err := keys.Seal(place, []byte(text)); !errors.Is(err, gone) {
		t.Errorf("sealed without being confirmed: %v", err)
	}
	keys.Confirmed(time.Now().Add(-2 * time.Hour))
	if _, err := keys.Seal(place, []byte(text)); !errors.Is(err, gone) || asked != 2 {
		t.Errorf("sealed after the lease: %v, asked %d times", err, asked)
	}
	keys.Confirmed(time.Now())
	old := mustSeal(t, keys, place, text)
	if newer.IsCurrent(old) || asked != 2 {
		t.Errorf("within the lease it asked (%d times)", asked)
	}
	keys.Confirmed(time.Now().Add(-2 * time.Hour))
	answer = nil
	if fresh := mustSeal(t, keys, place, text); !newer.IsCurrent(fresh) {
		t.Error("sealed by the old key after it was refreshed")
	}
}

func TestAValueOfAKeyThatCameSinceIsOpenedAfterARefresh(t *testing.T) {
	t.Parallel()
	keys := newKeyset(t)
	extended, err := keys.Extend()
	if err != nil {
		t.Fatal(err)
	}
	newer, err := extended.Promote()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	keys.Follow(func() error { asked++; return keys.Use(newer) }, time.Hour)
	if plain, err := keys.Open(place, mustSeal(t, newer, place, text)); err != nil || string(plain) != text {
		t.Errorf("%q, %v", plain, err)
	}
	damaged := mustSeal(t, newer, place, text)
	damaged[len(damaged)-1] ^= 1
	if _, err := keys.Open(place, damaged); !errors.Is(err, seal.ErrNotOpened) || asked != 1 {
		t.Errorf("a damaged value of a known key: %v, asked %d times", err, asked)
	}
	if err := keys.Use(newKeyset(t)); err == nil {
		t.Error("it became another keyset")
	}
}
