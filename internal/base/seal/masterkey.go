package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/chaveiro/chaveiro/internal/base/secretfile"
)

// masterKeySize is the length of a master key in bytes (AES-256).
const masterKeySize = 32

// encodedKeySize is its length in the file, in characters of base64.
var encodedKeySize = base64.StdEncoding.EncodedLen(masterKeySize)

// MasterKey is the 256-bit key that encrypts the keyset. It is a Secret: printed
// or logged it says [redacted]. The zero value encrypts and opens nothing.
type MasterKey struct {
	secret // 32 bytes, not their base64
}

// secret embeds a Secret whose methods are seen and whose field is not, so that
// there is no master key but a made or a loaded one.
type secret = Secret

// id returns 8 bytes that tell this master key from any other. Nothing about the
// key follows from them.
func (m MasterKey) id() []byte {
	return sum([]byte(m.Reveal()), joinParts("chaveiro/v1", "master key id"))[:8]
}

// aead returns the cipher that encrypts keysets, or an error if the master key
// is the zero value.
func (m MasterKey) aead() (tink.AEAD, error) {
	if len(m.Reveal()) != masterKeySize {
		return nil, errors.New("no master key was loaded")
	}
	wrap, err := subtle.NewAESGCM([]byte(m.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("use the master key: %w", err)
	}
	return wrap, nil
}

// LoadMasterKey reads the master key from a file of one line, base64 of 32 bytes.
// It refuses a file that is a link or no regular file, belongs to another user
// than the process's, has a mode other than 0600 or 0400, or lies in dataDir (a
// backup of the data would hold the key to it); "" says that there is no dataDir.
// Each error says what is wrong and how to mend it, never what the file holds.
// Returns an error that wraps fs.ErrNotExist if there is no file.
func LoadMasterKey(path, dataDir string) (MasterKey, error) {
	if inside, err := secretfile.IsInside(path, dataDir); err != nil {
		return MasterKey{}, fmt.Errorf("master key file %s: %w", path, err)
	} else if inside {
		return MasterKey{}, fmt.Errorf("master key file %s is in the data folder %s, whose backups would then hold the key: "+
			"move it out and give its new path", path, dataDir)
	}
	file, err := secretfile.Open("master key file", path)
	if errors.Is(err, fs.ErrNotExist) {
		return MasterKey{},
			fmt.Errorf("master key file %s is missing: restore it from its own backup: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return MasterKey{}, err
	}
	defer file.Close()
	return readMasterKey(file)
}

func readMasterKey(file *os.File) (MasterKey, error) {
	// One byte more than the longest right content shows that there is too much.
	content, err := io.ReadAll(io.LimitReader(file, int64(encodedKeySize)+2))
	if err != nil {
		return MasterKey{}, fmt.Errorf("read the master key file: %w", err)
	}
	line := strings.TrimSuffix(string(content), "\n")
	key, err := base64.StdEncoding.Strict().DecodeString(line)
	// The length of the line counts too: the decoder skips line breaks.
	if err != nil || len(key) != masterKeySize || len(line) != encodedKeySize {
		// The decoder's error quotes the content and is dropped.
		return MasterKey{}, fmt.Errorf("master key file %s does not hold one line of base64 of %d bytes: "+
			"restore it from its own backup", file.Name(), masterKeySize)
	}
	return MasterKey{NewSecret(string(key))}, nil
}

// CreateMasterKey makes a new master key and writes it to a new file of mode
// 0600; file and folder are on the disk when it returns. It replaces nothing:
// returns an error that wraps fs.ErrExist if there is anything at path, and one
// that wraps fs.ErrNotExist if its folder is missing.
func CreateMasterKey(path string) (MasterKey, error) {
	key := make([]byte, masterKeySize)
	rand.Read(key) // never fails

	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return MasterKey{}, fmt.Errorf("create the master key file: %w", err)
	}
	_, err = fmt.Fprintln(file, base64.StdEncoding.EncodeToString(key))
	if err := errors.Join(err, file.Sync(), file.Close(), syncFolder(filepath.Dir(path))); err != nil {
		// Half a key would stop the next start, so none is better.
		return MasterKey{}, fmt.Errorf("write the master key file: %w", errors.Join(err, os.Remove(path)))
	}
	return MasterKey{NewSecret(string(key))}, nil
}

// syncFolder makes the names in a folder outlive a crash.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
