package backup

import (
	"context"
	"errors"
	"io"
	"os"

	"entgo.io/ent/dialect"
	"filippo.io/age"

	"github.com/chaveiro/chaveiro/internal/store"
)

// dump is a snapshot of the database in a file without a name.
type dump struct {
	file *os.File
	// key encrypts the file, and is in memory only. It is nil for SQLite, which writes its snapshot itself.
	key *age.X25519Identity
}

// dump makes a snapshot of the database in a work folder beside the backup. SQLite's, which is in clear, is for an
// encrypted backup made in a folder beside the database: there its rows are in clear anyway.
func (i Installation) dump(ctx context.Context, work *workFolder) (_ *dump, err error) {
	ofDialect, err := store.DialectOf(i.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if ofDialect == dialect.Postgres {
		return i.dumpPostgres(ctx, work)
	}
	if len(i.EncryptTo) > 0 {
		if work, err = openWorkFolder(i.besideDatabase(), i.Log); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, work.close()) }()
	}
	file, err := work.newFile(databaseName)
	if err != nil {
		return nil, err
	}
	if err := store.DumpSQLite(ctx, i.DatabaseURL, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &dump{file: file}, nil
}

func (i Installation) dumpPostgres(ctx context.Context, work *workFolder) (_ *dump, err error) {
	file, err := work.newFile(databaseName)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	if err := os.Remove(file.Name()); err != nil {
		return nil, err
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	to, err := age.Encrypt(file, key.Recipient())
	if err != nil {
		return nil, err
	}
	if err := errors.Join(store.DumpPostgres(ctx, i.DatabaseURL, to), to.Close()); err != nil {
		return nil, err
	}
	return &dump{file, key}, nil
}

// read returns the snapshot from its beginning. It must not be called again before the first is read.
func (d *dump) read() (io.Reader, error) {
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if d.key == nil {
		return d.file, nil
	}
	return age.Decrypt(d.file, d.key)
}

func (d *dump) close() { _ = d.file.Close() } // it was read, or is of no use
