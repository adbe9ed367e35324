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
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
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
	return sum([]byte(m.Reveal()), joined("chaveiro/v1", "master key id"))[:8]
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
	if inside, err := isInside(path, dataDir); err != nil {
		return MasterKey{}, fmt.Errorf("master key file %s: %w", path, err)
	} else if inside {
		return MasterKey{}, fmt.Errorf("master key file %s is in the data folder %s, whose backups would then hold the key: "+
			"move it out and give its new path", path, dataDir)
	}
	// Opened before it is looked at, so that what was checked is what is read. A
	// link is not followed, and a pipe does not hold us up.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return MasterKey{}, fmt.Errorf("master key file %s is a link: give the path of the file itself", path)
	case errors.Is(err, fs.ErrNotExist):
		return MasterKey{}, fmt.Errorf("master key file %s is missing: restore it from its own backup: %w", path, err)
	case errors.Is(err, fs.ErrPermission):
		return MasterKey{}, fmt.Errorf("master key file %s may not be read: run chown %d %[1]s: %[3]w", path, os.Geteuid(), err)
	case err != nil:
		return MasterKey{}, fmt.Errorf("open the master key file: %w", err)
	}
	defer file.Close()
	if err := checkFile(file); err != nil {
		return MasterKey{}, err
	}
	return readMasterKey(file)
}

// checkFile says why an open file may not hold the master key, nil if it may.
func checkFile(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at the master key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("master key file %s is not a regular file: give the path of one", file.Name())
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && isCredential(file.Name()) {
		return checkCredential(file.Name(), stat.Uid, info.Mode().Perm())
	}
	if !ok || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("master key file %s belongs to another user: run chown %d %[1]s", file.Name(), os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode != 0o600 && mode != 0o400 {
		return fmt.Errorf("master key file %s has mode %04o, which must be 0600 or 0400: run chmod 600 %[1]s", file.Name(), mode)
	}
	return nil
}

// isCredential reports whether a file is one that systemd hands to the service (LoadCredential=), in a folder that only
// the service can look into.
func isCredential(path string) bool {
	folder := os.Getenv("CREDENTIALS_DIRECTORY")
	if folder == "" {
		return false
	}
	inside, err := isInside(path, folder)
	return err == nil && inside
}

// checkCredential is checkFile for a credential: systemd leaves it to root and lets the service's user read it by an ACL,
// which shows as the right of the group to read.
func checkCredential(path string, owner uint32, mode fs.FileMode) error {
	if owner != 0 && int(owner) != os.Geteuid() {
		return fmt.Errorf("master key file %s is a credential of another user", path)
	}
	if mode&0o337 != 0 {
		return fmt.Errorf("master key file %s is a credential of mode %04o, which must be 0400 or 0440", path, mode)
	}
	return nil
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

// isInside reports whether the file at path lies in folder or below, links on the
// way to it followed. Neither need exist.
func isInside(path, folder string) (bool, error) {
	if folder == "" {
		return false, nil
	}
	dir, err := resolve(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	if folder, err = resolve(folder); err != nil {
		return false, err
	}
	rel, err := filepath.Rel(folder, dir)
	if err != nil {
		return false, err
	}
	return filepath.IsLocal(rel), nil
}

// resolve returns the absolute path with links followed as far as it exists.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if parent := filepath.Dir(path); errors.Is(err, fs.ErrNotExist) && parent != path {
		if parent, err = resolve(parent); err != nil {
			return "", err
		}
		return filepath.Join(parent, filepath.Base(path)), nil
	}
	return real, err
}
