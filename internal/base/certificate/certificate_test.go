package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/certificate"
	"github.com/chaveiro/chaveiro/internal/base/must"
)

// newPair returns a certificate of a name and its key, as PEM.
func newPair(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must.Do(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().
		Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must.Do(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	must.Do(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

// files are the files of a certificate, on a disk whose clock a test moves.
type files struct {
	cert, key string
	now       time.Time
}

func newFiles(t *testing.T) *files {
	dir := t.TempDir()
	return &files{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"),
		time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
}

func (f *files) write(t *testing.T, file string, content []byte) {
	t.Helper()
	must.Do(t, os.WriteFile(file, content, 0o600))
	must.Do(t, os.Chtimes(file, f.now, f.now))
}

// served returns the name of the certificate that is served a while later.
func (f *files) served(t *testing.T, p *certificate.Pair) string {
	t.Helper()
	f.now = f.now.Add(time.Minute)
	got, err := p.Get(nil)
	must.Do(t, err)
	return got.Leaf.Subject.CommonName
}

func TestANewCertificateIsServedWithoutARestart(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	cert, key := newPair(t, "first")
	f.write(t, f.cert, cert)
	f.write(t, f.key, key)
	p, err := certificate.Load(f.cert, f.key, func() time.Time { return f.now },
		slog.New(slog.NewTextHandler(io.Discard, nil)))
	must.Do(t, err)
	if got := f.served(t, p); got != "first" {
		t.Errorf("at first %s is served", got)
	}

	cert, key = newPair(t, "second")
	f.write(t, f.cert, cert)
	if got := f.served(t, p); got != "first" {
		t.Errorf("in the middle of the change %s is served", got)
	}
	f.write(t, f.key, key)
	if got := f.served(t, p); got != "second" {
		t.Errorf("after the change %s is served", got)
	}

	must.Do(t, os.Remove(f.cert))
	if got := f.served(t, p); got != "second" {
		t.Errorf("without a file %s is served", got)
	}
}

func TestFilesThatAreNoPairAreRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	cert, key := newPair(t, "first")
	_, other := newPair(t, "second")
	for name, test := range map[string]struct{ cert, key []byte }{
		"another's key": {cert, other},
		"no key":        {cert, nil},
		"no PEM":        {[]byte("cert"), key},
	} {
		f.write(t, f.cert, test.cert)
		f.write(t, f.key, test.key)
		if _, err := certificate.Load(f.cert, f.key, time.Now, slog.Default()); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if _, err := certificate.Load(f.cert+".missing", f.key, time.Now, slog.Default()); err == nil {
		t.Error("a missing file is taken")
	}
}
