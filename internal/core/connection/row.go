package connection

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Row is a connection as it is stored.
type Row = ent.Marketplace

// fields has the index in Row of each column, by its name, except the MAC: the store sets it.
var fields = fieldsOfRow()

func fieldsOfRow() map[string]int {
	found := maps.Clone(store.FieldsOf(reflect.TypeFor[Row]()))
	maps.DeleteFunc(found, func(column string, _ int) bool {
		return !slices.Contains(marketplace.Columns, column) || column == marketplace.FieldMAC
	})
	return found
}

// value returns the content of a column, nil when it is empty.
func value(row *Row, column string) any {
	v := reflect.ValueOf(row).Elem().Field(fields[column])
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return v.Elem().Interface()
	case reflect.Slice, reflect.Map:
		if v.Len() == 0 {
			return nil
		}
	}
	return v.Interface()
}

func equalValues(a, b any) bool {
	if at, ok := a.(time.Time); ok {
		bt, ok := b.(time.Time)
		return ok && at.Equal(bt)
	}
	return reflect.DeepEqual(a, b)
}

// mutation is what ent's builders for one row have in common.
type mutation interface {
	SetField(name string, value ent.Value) error
	ClearField(name string) error
}

// put writes the value of a column into a mutation.
func put(m mutation, column string, v any) error {
	if v == nil {
		return m.ClearField(column)
	}
	return m.SetField(column, v)
}

// columns are those that a mutation can set, in a stable order.
var columns = slices.DeleteFunc(slices.Sorted(maps.Keys(fields)),
	func(name string) bool { return name == marketplace.FieldID })

// insert stores a new row.
func insert(ctx context.Context, tx *ent.Tx, row *Row) (*Row, error) {
	create := tx.Marketplace.Create().SetID(row.ID)
	for _, column := range columns {
		v := value(row, column)
		if v == nil || column == marketplace.FieldCreatedAt {
			continue
		}
		if err := put(create.Mutation(), column, v); err != nil {
			return nil, fmt.Errorf("insert the marketplace: %w", err)
		}
	}
	made, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("insert the marketplace: %w", err)
	}
	return made, nil
}

// Update stores the columns that a move changed, and the interval of the health that it ended. A move that changes
// secrets or their version goes through Service.Move. old is the row as it is in the database, locked by tx.
func Update(ctx context.Context, tx *ent.Tx, old, moved *Row) (*Row, error) {
	update := tx.Marketplace.UpdateOneID(old.ID)
	changed := false
	for _, column := range columns {
		v := value(moved, column)
		if equalValues(value(old, column), v) {
			continue
		}
		changed = true
		if err := put(update.Mutation(), column, v); err != nil {
			return nil, fmt.Errorf("update the marketplace: %w", err)
		}
	}
	if !changed {
		return old, nil
	}
	stored, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("update the marketplace: %w", err)
	}
	return stored, storeInterval(ctx, tx, old, moved)
}
