// Package documentlimit measures a parsed GraphQL document before any other code walks it, and refuses a document that
// costs too much for its length. Each fragment is measured once, however often it is spread, so that measuring is cheap
// where validation and execution would not be.
package documentlimit

import (
	"context"
	"fmt"
	"math"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// Limits are the most that a document may have.
type Limits struct {
	// Depth is how many levels of fields may be nested. Introspection is how many from __schema or __type on, these
	// included.
	Depth, Introspection int
	// Aliases, RootFields and MutationFields are counted for each operation with its fragments expanded.
	Aliases, RootFields, MutationFields int
	// SameField is how often one name of an answer may be asked for in one selection set with its fragments expanded.
	SameField int
	// Directives is how many there may be in the document, and NodeDirectives at one place of it.
	Directives, NodeDirectives int
	// Fragments is how many fragments may be defined.
	Fragments int
	// Complexity is how many fields may be answered: those below a list count once for each of its expected members.
	Complexity int
	// Text is how many bytes a text may have, in the document or in the variables.
	Text int
	// Once is the field of a mutation that may stand only once in the whole document, whatever operations it has.
	Once string
}

// Exceeded is the error of a document that goes beyond a limit.
type Exceeded struct {
	// Code is the stable name of the limit.
	Code fault.Refusal
	// Limit is the most that is allowed, and Found how much there is; Found is 0 where it was not counted.
	Limit, Found int
}

// Error names the limit; people read the sentence of its code in package i18n.
func (e Exceeded) Error() string { return fmt.Sprintf("%s: %d of %d", e.Code, e.Found, e.Limit) }

// Check returns the complexity of the most expensive operation of a document. It returns Exceeded for a document over a
// limit, and the error of the context when that ends first. A field that the schema does not know costs as a plain
// field: validation reports it.
func (l Limits) Check(
	ctx context.Context, schema *ast.Schema, document *ast.QueryDocument, variables map[string]any,
) (complexity int, err error) {
	if err := l.checkWritten(document, variables); err != nil {
		return 0, err
	}
	once := 0
	for _, operation := range document.Operations {
		w := walker{ctx: ctx, limits: l, schema: schema, document: document, given: variables,
			declared:  operation.VariableDefinitions,
			fragments: map[*ast.FragmentDefinition]*measure{}}
		m, err := w.set(rootOf(schema, operation.Operation), operation.SelectionSet)
		if err != nil {
			return 0, err
		}
		if operation.Operation == ast.Mutation {
			if once = add(once, m.once); once > 1 {
				return 0, Exceeded{fault.LimitLogin, 1, once}
			}
			if m.roots > l.MutationFields {
				return 0, Exceeded{fault.LimitRootFields, l.MutationFields, m.roots}
			}
		}
		if m.roots > l.RootFields {
			return 0, Exceeded{fault.LimitRootFields, l.RootFields, m.roots}
		}
		if err := w.within(m); err != nil {
			return 0, err
		}
		if err := w.unused(); err != nil {
			return 0, err
		}
		complexity = max(complexity, m.complexity)
	}
	return complexity, nil
}

// measure is the size of a selection set with its fragments expanded.
type measure struct {
	depth         int // levels of fields
	introspection int // levels of fields from __schema or __type on
	aliases       int
	complexity    int
	roots         int            // fields of the set itself, __typename not counted
	once          int            // how many of them are the field Once
	names         map[string]int // how often the set asks for each name of the answer
}

// nothing is the measure of no selections; nobody changes it.
var nothing = &measure{}

// walker measures one operation.
type walker struct {
	ctx       context.Context
	limits    Limits
	schema    *ast.Schema
	document  *ast.QueryDocument
	given     map[string]any // the variables of the request
	declared  ast.VariableDefinitionList
	fragments map[*ast.FragmentDefinition]*measure // nil while it is being measured
}

// within refuses a measure over a limit. It is called for an operation, and for a fragment that no operation spreads:
// validation walks that too.
func (w *walker) within(m *measure) error {
	l := w.limits
	switch {
	case m.depth > l.Depth:
		return Exceeded{fault.LimitDepth, l.Depth, m.depth}
	case m.introspection > l.Introspection:
		return Exceeded{fault.LimitDepth, l.Introspection, m.introspection}
	case m.aliases > l.Aliases:
		return Exceeded{fault.LimitAliases, l.Aliases, m.aliases}
	case m.complexity > l.Complexity:
		return Exceeded{fault.LimitComplexity, l.Complexity, m.complexity}
	}
	return nil
}

// unused measures the fragments that the operation does not spread.
func (w *walker) unused() error {
	for _, fragment := range w.document.Fragments {
		m, err := w.fragment(fragment)
		if err != nil {
			return err
		}
		if introspects(fragment.TypeCondition) {
			m = &measure{introspection: m.depth, aliases: m.aliases, complexity: m.complexity}
		}
		if err := w.within(m); err != nil {
			return err
		}
	}
	return nil
}

// set measures a selection set on a type; parent is nil where the schema has none.
func (w *walker) set(parent *ast.Definition, set ast.SelectionSet) (*measure, error) {
	if len(set) == 0 { // as below most fields
		return nothing, nil
	}
	m := &measure{names: map[string]int{}}
	if err := w.collect(m, parent, set); err != nil {
		return nil, err
	}
	for _, n := range m.names {
		if n > w.limits.SameField {
			return nil, Exceeded{fault.LimitSameField, w.limits.SameField, n}
		}
	}
	return m, nil
}

// collect adds the selections of a set to a measure.
func (w *walker) collect(m *measure, parent *ast.Definition, set ast.SelectionSet) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if err := w.field(m, parent, selection); err != nil {
				return err
			}
		case *ast.InlineFragment:
			on := parent
			if selection.TypeCondition != "" {
				on = w.schema.Types[selection.TypeCondition]
			}
			if err := w.collect(m, on, selection.SelectionSet); err != nil {
				return err
			}
		case *ast.FragmentSpread:
			fragment := w.document.Fragments.ForName(selection.Name)
			if fragment == nil {
				continue
			}
			inside, err := w.fragment(fragment)
			if err != nil {
				return err
			}
			m.include(inside)
		}
	}
	return nil
}

// fragment measures a fragment, once.
func (w *walker) fragment(fragment *ast.FragmentDefinition) (*measure, error) {
	m, begun := w.fragments[fragment]
	switch {
	case begun && m == nil:
		return nil, Exceeded{Code: fault.LimitFragmentCycle}
	case begun:
		return m, nil
	}
	w.fragments[fragment] = nil
	m, err := w.set(w.schema.Types[fragment.TypeCondition], fragment.SelectionSet)
	w.fragments[fragment] = m
	return m, err
}

// field adds a field and what is below it to the measure of its set.
func (w *walker) field(m *measure, parent *ast.Definition, field *ast.Field) error {
	definition, below := w.definitions(parent, field)
	inside, err := w.set(below, field.SelectionSet)
	if err != nil {
		return err
	}
	if field.Name == "__schema" || field.Name == "__type" {
		m.introspection = max(m.introspection, 1+inside.depth)
	} else {
		m.depth = max(m.depth, add(1, inside.depth))
		m.introspection = max(m.introspection, inside.introspection)
	}
	m.aliases = add(m.aliases, inside.aliases)
	if field.Alias != field.Name {
		m.aliases = add(m.aliases, 1)
	}
	if field.Name != "__typename" {
		m.roots = add(m.roots, 1)
	}
	if field.Name == w.limits.Once {
		m.once = add(m.once, 1)
	}
	m.names[field.Alias] = add(m.names[field.Alias], 1)
	m.complexity = add(m.complexity, add(1, multiply(w.members(parent, definition, field), inside.complexity)))
	return nil
}

// include adds a fragment at the place where it is spread.
func (m *measure) include(inside *measure) {
	m.depth = max(m.depth, inside.depth)
	m.introspection = max(m.introspection, inside.introspection)
	m.aliases = add(m.aliases, inside.aliases)
	m.complexity = add(m.complexity, inside.complexity)
	m.roots = add(m.roots, inside.roots)
	m.once = add(m.once, inside.once)
	for name, n := range inside.names {
		m.names[name] = add(m.names[name], n)
	}
}

// definitions returns the definitions of a field and of its type; nil for those that the schema does not have.
func (w *walker) definitions(parent *ast.Definition, field *ast.Field) (*ast.FieldDefinition, *ast.Definition) {
	switch {
	case field.Name == "__schema":
		return nil, w.schema.Types["__Schema"]
	case field.Name == "__type":
		return nil, w.schema.Types["__Type"]
	case parent == nil:
		return nil, nil
	}
	definition := parent.Fields.ForName(field.Name)
	if definition == nil {
		return nil, nil
	}
	return definition, w.schema.Types[definition.Type.Name()]
}

func rootOf(schema *ast.Schema, operation ast.Operation) *ast.Definition {
	switch operation {
	case ast.Mutation:
		return schema.Mutation
	case ast.Subscription:
		return schema.Subscription
	default:
		return schema.Query
	}
}

// add and multiply are the sum and the product of two numbers that are not negative. On overflow they return
// math.MaxInt.
func add(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func multiply(a, b int) int {
	if b != 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}
