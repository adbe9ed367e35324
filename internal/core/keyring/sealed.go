package keyring

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/ent/refreshtoken"
	"github.com/chaveiro/chaveiro/ent/signingkey"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Sealed is a column of sealed values. Its fields say how to derive the place of a value from its row.
type Sealed struct {
	Table, Column string
	// Client is the column of the same table with the client that a value belongs to; empty when it is the house's own.
	Client string
	// Host is the column of the same table with the host that a value is sealed to; empty where there is none.
	Host string
	// Version is the column of the same table with the version that a value is bound to once it is bound to a host; empty
	// where there is none.
	Version string
	// Optional is set where a row may be without a value.
	Optional bool
}

// SealedColumns are all columns of sealed values. A new column is added here, or a rotation would lose its values. A
// test finds the columns by their names, which end in _sealed.
var SealedColumns = []Sealed{
	{Table: keyset.Table, Column: keyset.FieldCanary},
	{Table: signingkey.Table, Column: signingkey.FieldPrivateKeySealed},
	{Table: refreshtoken.Table, Column: refreshtoken.FieldSuccessorSealed, Optional: true},
	{Table: operator.Table, Column: operator.FieldTotpSealed, Optional: true},
	{Table: onetimetoken.Table, Column: onetimetoken.FieldDataSealed, Optional: true},
	{
		Table: marketplace.Table, Column: marketplace.FieldSecretsSealed, Client: marketplace.FieldClientID,
		Host: marketplace.FieldSecretsHost, Version: marketplace.FieldCredentialVersion, Optional: true,
	},
	{
		Table: marketplace.Table, Column: marketplace.FieldPreviousSealed, Client: marketplace.FieldClientID,
		Host: marketplace.FieldSecretsHost, Version: marketplace.FieldCredentialVersion, Optional: true,
	},
	{Table: marketplace.Table, Column: marketplace.FieldUnreadSealed, Client: marketplace.FieldClientID, Optional: true},
	{
		Table: providersetting.Table, Column: providersetting.FieldSecretsSealed, Host: providersetting.FieldSecretsHost,
		Optional: true,
	},
	{
		Table: unclaimedinstallation.Table, Column: unclaimedinstallation.FieldSecretsSealed,
		Host: unclaimedinstallation.FieldSecretsHost,
	},
}

// String names the column.
func (c Sealed) String() string { return c.Table + "." + c.Column }

// sealedValue is a value with its place.
type sealedValue struct {
	place  seal.Place
	sealed []byte
}

// sealedBatch is how many values one batch reads, and seals again.
const sealedBatch = 200

// readValuesAfter returns the values of the next rows after an id, at most sealedBatch.
func (c Sealed) readValuesAfter(ctx context.Context, s *store.Store, id string) ([]sealedValue, error) {
	client, host, version := "''", "''", "''"
	if c.Client != "" {
		client = c.Client
	}
	if c.Host != "" {
		host = "COALESCE(" + c.Host + ", '')"
	}
	if c.Version != "" {
		version = fmt.Sprintf("CASE WHEN %s IS NULL THEN '' ELSE CAST(%s AS TEXT) END", c.Host, c.Version)
	}
	rows, err := s.DB().QueryContext(ctx, fmt.Sprintf(
		"SELECT id, %s, %s, %s, %s FROM %s WHERE %[4]s IS NOT NULL AND id > $1 ORDER BY id LIMIT %[6]d",
		client, host, version, c.Column, c.Table, sealedBatch), id)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", c, err)
	}
	defer func() { _ = rows.Close() }()
	var values []sealedValue
	for rows.Next() {
		v := sealedValue{place: seal.Place{Table: c.Table, Column: c.Column}}
		if err := rows.Scan(&v.place.RowID, &v.place.ClientID, &v.place.Host, &v.place.Version, &v.sealed); err != nil {
			return nil, fmt.Errorf("read %s: %w", c, err)
		}
		values = append(values, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", c, err)
	}
	return values, nil
}

// each calls fn with the values of the column, in batches.
func (c Sealed) each(ctx context.Context, s *store.Store, fn func([]sealedValue) error) error {
	for last := ""; ; {
		values, err := c.readValuesAfter(ctx, s, last)
		if err != nil || len(values) == 0 {
			return err
		}
		if err := fn(values); err != nil {
			return err
		}
		last = values[len(values)-1].place.RowID
	}
}

// Opened counts the values of a column and those that do not open.
type Opened struct {
	Sealed
	Values, Failed int
}

// OpenAll opens every sealed value, and returns for each column how many there are and how many do not open.
func OpenAll(ctx context.Context, s *store.Store, keys *seal.Keyset) ([]Opened, error) {
	var counts []Opened
	for _, column := range SealedColumns {
		count := Opened{Sealed: column}
		err := column.each(ctx, s, func(values []sealedValue) error {
			for _, v := range values {
				count.Values++
				if _, err := keys.Open(v.place, v.sealed); err != nil {
					count.Failed++
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		counts = append(counts, count)
	}
	return counts, nil
}

// anySealed reports whether there is a sealed value in any column but the canary.
func anySealed(ctx context.Context, s *store.Store) (bool, error) {
	for _, column := range SealedColumns {
		if column.Table == keyset.Table {
			continue
		}
		values, err := column.readValuesAfter(ctx, s, "")
		if err != nil || len(values) > 0 {
			return len(values) > 0, err
		}
	}
	return false, nil
}
