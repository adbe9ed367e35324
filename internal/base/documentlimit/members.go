package documentlimit

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// How many members a list is expected to have.
const (
	// pageSize is the size of a connection without first and last. largestPage caps any size: code that reads first and
	// last refuses more.
	pageSize    = 25
	largestPage = 100
	// shortList is the size of a list without pages, such as the products of a client: most have one or two.
	shortList = 2
)

// members returns how often the fields below a field are answered.
func (w *walker) members(parent *ast.Definition, definition *ast.FieldDefinition, field *ast.Field) int {
	switch {
	case definition == nil:
		return 1
	case definition.Arguments.ForName("first") != nil || definition.Arguments.ForName("last") != nil:
		return w.page(field)
	case field.Arguments.ForName("ids") != nil:
		return between(1, w.length(field.Arguments.ForName("ids").Value), largestPage)
	case definition.Type.Elem == nil, isEdges(parent, field):
		return 1
	default:
		return shortList
	}
}

// isEdges reports whether a list is the edges of a connection, whose members are counted at the connection.
func isEdges(parent *ast.Definition, field *ast.Field) bool {
	return field.Name == "edges" && strings.HasSuffix(parent.Name, "Connection")
}

func introspects(typeName string) bool { return strings.HasPrefix(typeName, "__") }

// page returns how many members the arguments first and last ask for.
func (w *walker) page(field *ast.Field) int {
	size := 0
	for _, name := range []string{"first", "last"} {
		if argument := field.Arguments.ForName(name); argument != nil {
			size = max(size, w.number(argument.Value))
		}
	}
	if size == 0 {
		return pageSize
	}
	return min(size, largestPage)
}

// number returns a whole number of the document or of the variables; 0 for any other value, which is refused later.
func (w *walker) number(value *ast.Value) int {
	if value == nil {
		return 0
	}
	switch value.Kind {
	case ast.IntValue:
		return wholeNumber(value.Raw)
	case ast.Variable:
		if given, ok := w.given[value.Raw]; ok {
			switch given := given.(type) {
			case json.Number:
				return wholeNumber(given.String())
			case int:
				return max(0, given)
			case float64:
				return int(between(0, given, float64(largestPage)))
			}
			return 0
		}
		if declared := w.declared.ForName(value.Raw); declared != nil && declared.DefaultValue != nil &&
			declared.DefaultValue.Kind == ast.IntValue {
			return wholeNumber(declared.DefaultValue.Raw)
		}
	}
	return 0
}

// wholeNumber reads a number; one that is no whole number of an int counts as the largest page.
func wholeNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return largestPage
	}
	return max(0, n)
}

// length returns how many members a list of the document or of the variables has.
func (w *walker) length(value *ast.Value) int {
	switch {
	case value == nil:
		return 0
	case value.Kind == ast.ListValue:
		return len(value.Children)
	case value.Kind == ast.Variable:
		if list, ok := w.given[value.Raw].([]any); ok {
			return len(list)
		}
		if declared := w.declared.ForName(value.Raw); declared != nil && declared.DefaultValue != nil {
			return len(declared.DefaultValue.Children)
		}
	}
	return 1
}

func between[N int | float64](least, n, most N) N { return min(max(least, n), most) }
