package backup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"filippo.io/age"

	"github.com/chaveiro/chaveiro/internal/base/secretfile"
)

// ageHeader is how a file begins that is encrypted with age.
const ageHeader = "age-encryption.org/"

// ParseRecipient reads an age recipient, such as age1... Its error does not repeat the text, which may be an identity
// by mistake.
func ParseRecipient(text string) (age.Recipient, error) {
	if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return nil, errors.New("must be an age recipient, age1..., and is an age identity, which is secret: make another " +
			"identity, and give what age-keygen -y prints of it")
	}
	recipients, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(recipients) != 1 {
		return nil, errors.New("must be an age recipient, age1..., as age-keygen prints it")
	}
	return recipients[0], nil
}

// encrypt returns what encrypts to the recipients of backups, and passes everything on if there are none.
func (i Installation) encrypt(to io.Writer) (io.WriteCloser, error) {
	if len(i.EncryptTo) == 0 {
		return inClear{to}, nil
	}
	return age.Encrypt(to, i.EncryptTo...)
}

type inClear struct{ io.Writer }

func (inClear) Close() error { return nil }

// decrypt returns the archive in the backup at path, whose content is from.
func (i Installation) decrypt(path string, from io.Reader) (io.Reader, error) {
	file := bufio.NewReader(from)
	if begin, _ := file.Peek(len(ageHeader)); string(begin) != ageHeader { // a file too short is found to be so later
		return file, nil
	}
	if i.IdentityFile == "" {
		return nil, fmt.Errorf("%s is encrypted: name the file with the age identity that opens it, with --identity "+
			"(CHAVEIRO_BACKUP_IDENTITY)", path)
	}
	identities, err := readIdentities(i.IdentityFile)
	if err != nil {
		return nil, err
	}
	archive, err := age.Decrypt(file, identities...)
	if wrong := (*age.NoIdentityMatchError)(nil); errors.As(err, &wrong) {
		return nil, fmt.Errorf("the identity in %s is not one that %s is encrypted to: name another with --identity",
			i.IdentityFile, path)
	}
	if err != nil {
		return nil, cut(err)
	}
	return archive, nil
}

// readIdentities reads a file with age identities, as age-keygen writes it. Its errors do not repeat its text.
func readIdentities(path string) ([]age.Identity, error) {
	file, err := secretfile.Open("identity file", path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("identity file %s is missing: name its place with --identity: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return nil, fmt.Errorf("identity file %s does not hold an age identity: name the file that age-keygen wrote", path)
	}
	return identities, nil
}
