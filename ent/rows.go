package ent

import (
	"database/sql"
	"fmt"
)

// ScanMarketplaces reads the rows of a statement that ent does not generate, and closes them. The statement returns
// these columns of marketplaces in this order, and behind them what beside points to, which is the same in each row.
func ScanMarketplaces(rows *sql.Rows, columns []string, beside ...any) (found []*Marketplace, err error) {
	defer rows.Close()
	values, err := (*Marketplace)(nil).scanValues(columns)
	if err != nil {
		return nil, err
	}
	values = append(values, beside...)
	for rows.Next() {
		m := &Marketplace{}
		if err := rows.Scan(values...); err != nil {
			return nil, fmt.Errorf("scan a marketplace: %w", err)
		}
		if err := m.assignValues(columns, values); err != nil {
			return nil, fmt.Errorf("read the columns of a marketplace: %w", err)
		}
		found = append(found, m)
	}
	return found, rows.Err()
}
