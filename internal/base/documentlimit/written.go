package documentlimit

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// checkWritten checks the limits that are counted in the document as it is written, with no fragment expanded.
func (l Limits) checkWritten(document *ast.QueryDocument, variables map[string]any) error {
	if n := len(document.Fragments); n > l.Fragments {
		return Exceeded{fault.LimitFragments, l.Fragments, n}
	}
	w := written{limits: l}
	for _, operation := range document.Operations {
		w.directives(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			w.directives(variable.Directives)
			w.value(variable.DefaultValue)
		}
		w.set(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		w.directives(fragment.Directives)
		w.set(fragment.SelectionSet)
	}
	if w.worst > l.NodeDirectives {
		return Exceeded{fault.LimitDirectives, l.NodeDirectives, w.worst}
	}
	if w.all > l.Directives {
		return Exceeded{fault.LimitDirectives, l.Directives, w.all}
	}
	if n := max(w.text, longestText(variables)); n > l.Text {
		return Exceeded{fault.LimitText, l.Text, n}
	}
	return nil
}

// written counts the parts of a document as it is written.
type written struct {
	limits Limits
	all    int // directives
	worst  int // directives at one place
	text   int // bytes of the longest text
}

func (w *written) set(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			w.directives(selection.Directives)
			w.arguments(selection.Arguments)
			w.set(selection.SelectionSet)
		case *ast.InlineFragment:
			w.directives(selection.Directives)
			w.set(selection.SelectionSet)
		case *ast.FragmentSpread:
			w.directives(selection.Directives)
		}
	}
}

func (w *written) directives(list ast.DirectiveList) {
	w.all += len(list)
	w.worst = max(w.worst, len(list))
	for _, directive := range list {
		w.arguments(directive.Arguments)
	}
}

func (w *written) arguments(list ast.ArgumentList) {
	for _, argument := range list {
		w.value(argument.Value)
	}
}

func (w *written) value(value *ast.Value) {
	if value == nil {
		return
	}
	if value.Kind == ast.StringValue || value.Kind == ast.BlockValue {
		w.text = max(w.text, len(value.Raw))
	}
	for _, child := range value.Children {
		w.value(child.Value)
	}
}

// longestText returns how many bytes the longest text in a decoded JSON value has.
func longestText(value any) int {
	longest := 0
	switch value := value.(type) {
	case string:
		longest = len(value)
	case []any:
		for _, member := range value {
			longest = max(longest, longestText(member))
		}
	case map[string]any:
		for _, member := range value {
			longest = max(longest, longestText(member))
		}
	}
	return longest
}
