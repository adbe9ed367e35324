package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
)

// endsSoon is how long before its end a certificate is reported: a renewal that failed once is tried again by then.
const endsSoon = 14 * 24 * time.Hour

// ownCertificate checks the certificate that the portal itself serves with.
func ownCertificate(certFile, keyFile string, now time.Time) Finding {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return fail("certificate", "%v: name a certificate and its key with --tls-cert and --tls-key", err)
	}
	switch ends := pair.Leaf.NotAfter; {
	case now.Before(pair.Leaf.NotBefore):
		return fail("certificate", "%s is valid only from %s: is the clock right?", certFile,
			pair.Leaf.NotBefore.Format(time.RFC3339))
	case now.After(ends):
		return fail("certificate", "%s ended at %s: renew it", certFile, ends.Format(time.RFC3339))
	case ends.Sub(now) < endsSoon:
		return warn("certificate", "%s ends at %s: renew it", certFile, ends.Format(time.RFC3339))
	default:
		return ok("certificate", "%s is good until %s", certFile, ends.Format(time.RFC3339))
	}
}

// authorities checks whether this machine knows the public authorities, without which no provider can be called.
func authorities(pool *x509.CertPool, err error) Finding {
	switch {
	case err != nil:
		return fail("authorities", "%v", err)
	case pool.Equal(x509.NewCertPool()):
		return fail("authorities", "this machine knows no certificate authority, so that no provider can be called: "+
			"install the package ca-certificates")
	default:
		return ok("authorities", "this machine knows certificate authorities")
	}
}

// server tells whether the portal runs.
func server(databaseURL string) []Finding {
	by, err := store.ServedBy(databaseURL)
	switch {
	case err != nil:
		return []Finding{warn("server", "%v", err)}
	case by == "": // or it cannot be known, as with PostgreSQL
		return nil
	default:
		return []Finding{ok("server", "the database is served %s", by)}
	}
}

// dumpTool checks whether a backup of PostgreSQL can be made here.
func dumpTool(ctx context.Context, s *store.Store) []Finding {
	says, err := s.CheckDumpTool(ctx)
	switch {
	case err != nil:
		return []Finding{fail("pg_dump", "%v", err)}
	case says == "":
		return nil
	default:
		return []Finding{ok("pg_dump", "%s", says)}
	}
}

// secrets opens every sealed value.
func secrets(ctx context.Context, s *store.Store, keys *seal.Keyset) Finding {
	opened, err := keyring.OpenAll(ctx, s, keys)
	if err != nil {
		return fail("secrets", "%v", err)
	}
	values, damaged := 0, ""
	for _, of := range opened {
		values += of.Values
		if of.Failed > 0 {
			damaged += fmt.Sprintf(", %d of %s", of.Failed, of.Sealed)
		}
	}
	if damaged != "" {
		return fail("secrets", "some do not open%s: they were changed in the database, or were sealed by other keys: "+
			"restore a backup, or type them in again", damaged)
	}
	return ok("secrets", "all %d open", values)
}
