package graph

import (
	"context"
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
)

// tables are the rows that lists have many of: of these only the columns are read that an operation asks for.
var tables = map[string]struct {
	valid func(column string) bool
	// always are the columns that the loaders need.
	always []string
	// fields has the columns of the fields that are not simply the column of their name.
	fields map[string][]string
	// beside has the columns that fields of other types need, by their names as in Client.history.
	beside map[string][]string
}{
	"Client": {clientrecord.ValidColumn, nil, map[string][]string{
		"documentFormatted": {clientrecord.FieldDocument},
		"documentKind":      {clientrecord.FieldDocument},
		"products":          {},
		"history":           {},
		"tags":              {},
		"contacts":          {},
	}, nil},
	"ClientProduct": {clientproduct.ValidColumn, []string{clientproduct.FieldClientID, clientproduct.FieldProductID},
		map[string][]string{
			"client": {}, "product": {}, "marketplaces": {}, "accessKeys": {}, "nextStep": {}, "steps": {},
			"backOfficeLastCallAt": {},
		}, nil},
	"Marketplace": {marketplace.ValidColumn, []string{marketplace.FieldClientProductID, marketplace.FieldClientID},
		map[string][]string{
			"clientProduct": {}, "installLink": {},
			"account": {marketplace.FieldExternalAccount, marketplace.FieldAccountName, marketplace.FieldAccountDocument},
			"health": {marketplace.FieldHealthState, marketplace.FieldHealthReason, marketplace.FieldHealthSince,
				marketplace.FieldCredentialsExpireAt, marketplace.FieldRenewAt, marketplace.FieldLastCheckedAt,
				marketplace.FieldNextCheckAt},
			"history": ofHistory,
		}, map[string][]string{"Client.history": ofHistory, "ClientProduct.steps": ofHistory}},
}

// ofHistory are the columns that the history of a connection needs.
var ofHistory = []string{
	marketplace.FieldHealthState, marketplace.FieldHealthReason, marketplace.FieldHealthSince,
	marketplace.FieldHealthReasonSince, marketplace.FieldCredentialsExpireAt, marketplace.FieldRenewAt,
}

// columns returns the columns of a type's rows that the operation of the context asks for, or nil, which is all of
// them.
func columns(ctx context.Context, object string) []string {
	return columnsOf(object, graphql.GetOperationContext(ctx).Operation)
}

// columnsOf returns the columns of a type's rows that an operation asks for, or nil, which is all of them, when it asks
// for a field that tables does not know.
func columnsOf(object string, operation *ast.OperationDefinition) []string {
	table := tables[object]
	columns := append([]string{"id"}, table.always...)
	for field := range fieldsOf(object, operation.SelectionSet, map[string]bool{}) {
		known, ok := table.fields[field]
		switch column := snake(field); {
		case ok:
			columns = append(columns, known...)
		case table.valid(column):
			columns = append(columns, column)
		default:
			return nil
		}
	}
	for field, more := range table.beside {
		other, name, _ := strings.Cut(field, ".")
		if fieldsOf(other, operation.SelectionSet, map[string]bool{})[name] {
			columns = append(columns, more...)
		}
	}
	return columns
}

// fieldsOf collects the fields of a type, anywhere in a selection, in found.
func fieldsOf(object string, selections ast.SelectionSet, found map[string]bool) map[string]bool {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if selection.ObjectDefinition.Name == object && selection.Name != "__typename" {
				found[selection.Name] = true
			}
			fieldsOf(object, selection.SelectionSet, found)
		case *ast.InlineFragment:
			fieldsOf(object, selection.SelectionSet, found)
		case *ast.FragmentSpread:
			fieldsOf(object, selection.Definition.SelectionSet, found)
		}
	}
	return found
}

// snake returns the name of a field as columns are written.
func snake(field string) string {
	var b strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
